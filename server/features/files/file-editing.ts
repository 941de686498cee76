import { createHmac } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FileCondition } from '#shared/file-editing.ts';
import { AppError } from '#shared/errors.ts';
import { fileEtag } from '#shared/file-transfers.ts';
import { filesApi } from '#shared/files.ts';
import { route, type App } from '../../core/route.ts';
import { fileHeaders, type SiteRef } from './file-transfers.ts';

/** Texts that were changed in an editor, and what they were before. */
export function fileEditingRoutes(app: App, siteRef: SiteRef): void {
  const { ctx } = app;

  route(app, filesApi.save, async ({ params, query: { path }, bytes, actor, requestId, request, audit, reply }) => {
    const site = await siteRef(params.siteId, actor);
    const condition = readCondition(request.headers);
    const { lengthBytes } = bytes;
    Object.assign(audit.detail, { path, sizeBytes: lengthBytes });
    const wish = { site, path, condition, lengthBytes };
    const { sha256, ...saved } = await ctx.agent.send('files.save', wish, bytes, { actor, requestId });
    Object.assign(audit.detail, { sha256 });
    reply.header('etag', saved.etag);
    return saved;
  });

  route(app, filesApi.versions, async ({ params, query, actor, requestId }) =>
    ctx.agent.call('files.versions', { site: await siteRef(params.siteId, actor), ...query }, { actor, requestId }),
  );

  route(
    app,
    filesApi.version,
    async ({ params: { siteId, versionId }, query: { path }, actor, requestId, reply }) => {
      const site = await siteRef(siteId, actor);
      const { result, bytes } = await ctx.agent.fetch('files.version', { site, path, versionId }, { actor, requestId });
      reply.headers(fileHeaders(path, result.sizeBytes));
      return (bytes ?? Readable.from([])) as unknown as string;
    },
    { isFile: true },
  );

  // Nothing is kept for it: another secret of the panel makes old drafts unreadable, and that is all.
  route(
    app,
    filesApi.draftKey,
    async ({ actor }) => ({
      key: createHmac('sha256', ctx.config.sessionKey).update(`drafts of ${actor.id}`).digest('base64url'),
    }),
    { isForPeople: true },
  );
}

/** Whoever writes says what they take the file for: `If-Match` with its tag, or `*`; `If-None-Match: *` for a new one. */
function readCondition(headers: Readonly<Record<string, string | string[] | undefined>>): FileCondition {
  const seen = headers['if-match'];
  if (seen === undefined && headers['if-none-match'] === '*') return 'absent';
  if (seen === '*') return 'present';
  const tag = fileEtag.safeParse(seen);
  if (tag.success) return tag.data;
  throw new AppError('invalid_request', 'If-Match must hold the tag of the file that was read.', {
    reason: 'file_condition_missing',
  });
}
