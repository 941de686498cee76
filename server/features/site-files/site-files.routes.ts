import { AppError } from '#shared/errors.ts';
import { siteFilesApi } from '#shared/site-files.ts';
import type { Site } from '#shared/sites.ts';
import { can, type Actor } from '../../core/actor.ts';
import { newId } from '../../core/id.ts';
import { route, type App } from '../../core/route.ts';
import { checkScope } from '../certificates/certificates.logic.ts';
import { describeSite, getVisibleSite, previewFile, startFileImport } from '../sites/sites.logic.ts';
import type { ExportParams } from './export-run.ts';
import { openExport } from './site-file-download.ts';

const refOf = ({ id, slug }: Pick<Site, 'id' | 'slug'>): { siteId: string; slug: string } => ({ siteId: id, slug });

/** As for the key on the page of certificates. */
function checkMayTakeKeys(actor: Actor): void {
  checkScope(actor);
  if (!can(actor, 'certificates.write'))
    throw new AppError('not_allowed', 'Your role does not allow this.', {
      params: { permission: 'certificates.write' },
    });
}

export function siteFilesRoutes(app: App): void {
  const { ctx } = app;

  route(app, siteFilesApi.exports, async ({ params, actor, requestId }) => {
    const site = await getVisibleSite(ctx, params.siteId, actor);
    return ctx.agent.call('site_files.exports', { site: refOf(site) }, { actor, requestId });
  });

  // It starts here and not in the job: what is wrong with it is said to the person at once.
  route(app, siteFilesApi.start, async ({ params, body, actor, requestId, audit }) => {
    const { databaseIds, passphrase, withSecrets, withCertificate } = body;
    if (databaseIds.length > 0 && !can(actor, 'databases.manage'))
      throw new AppError('not_allowed', 'Your role does not allow this.', {
        params: { permission: 'databases.manage' },
      });
    if (withCertificate) checkMayTakeKeys(actor);
    const site = await getVisibleSite(ctx, params.siteId, actor);
    const exportId = newId();
    const given: ExportParams = { site: refOf(site), description: describeSite(site, withSecrets), databaseIds };
    const asked = { ...given, exportId, passphrase, withSecrets, withCertificate };
    await ctx.agent.call('site_files.export', asked, { actor, requestId });
    Object.assign(audit.detail, {
      jobId: exportId,
      databases: databaseIds.length,
      isSealed: passphrase !== null,
      withSecrets,
      withCertificate,
    });
    return ctx.jobs.enqueue({
      id: exportId,
      kind: 'sites.export',
      subject: { name: site.name, siteId: site.id },
      params: given,
      actor: { id: actor.id, name: actor.name },
    });
  });

  route(
    app,
    siteFilesApi.download,
    async ({ params, actor, requestId, request, reply }) => {
      const site = await getVisibleSite(ctx, params.siteId, actor);
      const wanted = { site: refOf(site), exportId: params.exportId };
      const { status, headers, stream } = await openExport(ctx, { actor, requestId }, wanted, request.headers.range);
      reply.code(status).headers(headers);
      return stream as unknown as string;
    },
    { isFile: true },
  );

  route(app, siteFilesApi.drop, async ({ params, actor, requestId }) => {
    const site = await getVisibleSite(ctx, params.siteId, actor);
    await ctx.agent.call('site_files.drop', { site: refOf(site), exportId: params.exportId }, { actor, requestId });
  });

  route(app, siteFilesApi.begin, ({ body, actor, requestId, audit }) => {
    const uploadId = newId();
    Object.assign(audit.detail, { uploadId, sizeBytes: body.sizeBytes });
    return ctx.agent.call('site_files.begin', { uploadId, ...body }, { actor, requestId });
  });

  route(
    app,
    siteFilesApi.write,
    ({ params, body, actor, requestId }) =>
      ctx.agent.call('site_files.write', { uploadId: params.uploadId, ...body }, { actor, requestId }),
    { isPiece: true },
  );

  route(app, siteFilesApi.discard, async ({ params, actor, requestId }) => {
    await ctx.agent.call('site_files.discard', { uploadId: params.uploadId }, { actor, requestId });
  });

  route(app, siteFilesApi.unlock, async ({ params, body, actor, requestId }) => {
    await ctx.agent.call('site_files.unlock', { uploadId: params.uploadId, ...body }, { actor, requestId });
  });

  route(app, siteFilesApi.preview, ({ params, body, actor, requestId }) =>
    previewFile(ctx, { actor, requestId }, params.uploadId, body),
  );

  route(app, siteFilesApi.import, async ({ params, body, actor, requestId, audit }) => {
    const job = await startFileImport(ctx, { actor, requestId }, params.uploadId, body);
    Object.assign(audit.detail, {
      jobId: job.id,
      withDirectives: body.withDirectives,
      withSecrets: body.withSecrets,
      withCertificate: body.withCertificate,
      databases: body.databases.map(({ name }) => name),
    });
    return job;
  });
}
