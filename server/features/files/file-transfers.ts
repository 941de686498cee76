import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { fileEtag, type ByteRange } from '#shared/file-transfers.ts';
import { filesApi } from '#shared/files.ts';
import { panelActor } from '../../core/agent-client.ts';
import type { Actor } from '../../core/actor.ts';
import { contentDisposition } from '../../core/content-disposition.ts';
import { newId } from '../../core/id.ts';
import { route, type App } from '../../core/route.ts';
import type { UploadWriter } from './upload-writer.ts';

export type SiteRef = (siteId: string, actor: Actor) => Promise<{ siteId: string; slug: string }>;

/** Bytes of files, to the browser and from it. Nothing here holds more of them than is just on its way. */
export function fileTransferRoutes(app: App, siteRef: SiteRef): void {
  const { ctx } = app;
  const tidy = tidyUploads(app);
  let loaded: Promise<UploadWriter> | undefined;
  /** Loaded with the first bytes. */
  const writer = async (): Promise<UploadWriter> =>
    await (loaded ??= import('./upload-writer.ts').then(({ createUploadWriter }) => createUploadWriter(ctx)));
  app.server.addHook('onClose', async () => (await loaded)?.close());

  route(
    app,
    filesApi.download,
    async ({ params, query: { path }, actor, requestId, request, reply }) => {
      const site = await siteRef(params.siteId, actor);
      const { result, bytes } = await ctx.agent.fetch(
        'files.download',
        { site, path, ...readWish(request.headers), withBytes: request.method === 'GET' },
        { actor, requestId },
      );
      return sendPart(reply, path, result, bytes) as unknown as string;
    },
    { isFile: true },
  );

  route(app, filesApi.beginUpload, async ({ params, body, actor, requestId, audit }) => {
    const site = await siteRef(params.siteId, actor);
    const uploadId = newId();
    Object.assign(audit.detail, { ...body, uploadId });
    tidy.note();
    return ctx.agent.call('files.upload_begin', { site, uploadId, ...body }, { actor, requestId });
  });

  route(app, filesApi.upload, async ({ params: { siteId, uploadId }, actor, requestId }) =>
    ctx.agent.call('files.upload_state', { site: await siteRef(siteId, actor), uploadId }, { actor, requestId }),
  );

  route(
    app,
    filesApi.writeUpload,
    async ({ params: { siteId, uploadId }, query: { offset }, bytes, actor, requestId }) => {
      const site = await siteRef(siteId, actor);
      return await (await writer()).write({ site, uploadId, offset, bytes }, { actor, requestId });
    },
    { isPiece: true },
  );

  route(app, filesApi.finishUpload, async ({ params: { siteId, uploadId }, body, actor, requestId, audit }) => {
    const site = await siteRef(siteId, actor);
    // What is left to compare.
    const own = await loaded;
    const sum = own === undefined ? body.sum : await own.finish({ site, uploadId }, body.sum);
    const { onConflict } = body;
    const done = await ctx.agent.call('files.upload_finish', { site, uploadId, sum, onConflict }, { actor, requestId });
    Object.assign(audit.detail, { path: done.path, onConflict: body.onConflict });
    return done;
  });

  route(app, filesApi.dropUpload, async ({ params: { siteId, uploadId }, actor, requestId }) => {
    const site = await siteRef(siteId, actor);
    await (await loaded)?.forget({ site, uploadId });
    await ctx.agent.call('files.upload_drop', { site, uploadId }, { actor, requestId });
  });
}

type PartFacts = ActionResult<AgentActions['files.download']>;

/** What of a file a browser asks for. */
export function readWish(headers: IncomingHttpHeaders): { range: ByteRange | null; ifRange: string | null } {
  const condition = headers['if-range'];
  const isTag = typeof condition === 'string' && fileEtag.safeParse(condition).success;
  // A date or a weak tag never holds: then all of the file is sent.
  return {
    range: condition === undefined || isTag ? readRange(headers.range) : null,
    ifRange: isTag ? condition : null,
  };
}

/** Sets status and headers for a file or a part of it, and answers what is to be sent. */
export function sendPart(
  reply: FastifyReply,
  path: string,
  { sizeBytes, etag, modifiedAt, part, isBeyond }: PartFacts,
  bytes: Readable | null,
): Readable {
  reply.headers({
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-store',
    etag,
    'last-modified': new Date(modifiedAt).toUTCString(),
  });
  if (isBeyond) {
    reply.code(416).headers({ 'content-range': `bytes */${sizeBytes}`, 'content-length': '0' });
    return Readable.from([]);
  }
  reply.code(part === null ? 200 : 206).headers({
    ...fileHeaders(path, part?.bytes ?? sizeBytes),
    ...(part === null ? {} : { 'content-range': `bytes ${part.from}-${part.from + part.bytes - 1}/${sizeBytes}` }),
  });
  return bytes ?? Readable.from([]);
}

/** Never shown on the panel's own address, whatever is in it. */
export function fileHeaders(path: string, sizeBytes: number): Record<string, string> {
  return {
    'content-type': 'application/octet-stream',
    'content-disposition': contentDisposition(path.slice(path.lastIndexOf('/') + 1)),
    'content-length': String(sizeBytes),
  };
}

/** One range; several, other units and what is none: the whole file, as RFC 9110 allows. */
export function readRange(header: string | undefined): ByteRange | null {
  const found = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  if (found === null) return null;
  const [, first = '', last = ''] = found;
  if (first === '') return last === '' ? null : { suffix: Number(last) };
  if (last !== '' && Number(last) < Number(first)) return null;
  return { first: Number(first), last: last === '' ? null : Number(last) };
}

const everyMs = 6 * 60 * 60 * 1_000;

/** What nobody went on with is deleted by the next upload of its site; this is for sites that get none any more. */
function tidyUploads({ ctx, server }: App): { note(): void } {
  let rounds = 4;
  const timer = setInterval(() => {
    if (rounds === 0) return;
    rounds--;
    const requestId = `tidy-${newId()}`;
    // The client has logged it; the next round comes.
    ctx.agent.call('files.tidy', {}, { actor: panelActor, requestId }).catch(() => undefined);
  }, everyMs);
  timer.unref();
  server.addHook('onClose', (_server, done) => {
    clearInterval(timer);
    done();
  });
  return {
    // So often that a day goes by after the last one.
    note: () => (rounds = 5),
  };
}
