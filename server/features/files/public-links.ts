import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '#shared/errors.ts';
import { longestLinkPassword } from '#shared/file-links.ts';
import { acceptedLanguage } from '../../core/accepted-language.ts';
import { sendHidden } from '../../core/doors-gate.ts';
import type { App } from '../../core/route.ts';
import { apiPolicy } from '../../core/security-headers.ts';
import { readWish, sendPart } from './file-transfers.ts';
import { createLinkLimits, type LinkLimits } from './file-links.limits.ts';
import { findLivingLink, isLinkPassword, isUnlocked, linkToken, unlock, type LivingLink } from './file-links.logic.ts';
import type { LinkNotice, PageLanguage } from './file-links.page.ts';
import { countDownload } from './file-links.store.ts';

type Ctx = App['ctx'];
type Asked = { readonly ctx: Ctx; readonly limits: LinkLimits; readonly request: FastifyRequest; reply: FastifyReply };

/** A form of one field. */
const bodyLimitBytes = 4 * 1_024;
const cookieName = 'aapanel-file-link';
/** A download of which nothing more is taken in this time ends: others wait for its place. */
const stalledMs = 60_000;

/**
 * The page of a link and its file, for people who are not signed in: no operation of the API. Whatever is wrong with a link
 * has one answer, which is that of an address where nothing is.
 */
export function publicLinkRoutes({ ctx, server }: App): void {
  const limits = createLinkLimits();
  void server.register((scope: FastifyInstance, _options: object, done: () => void) => {
    scope.removeAllContentTypeParsers();
    const type = 'application/x-www-form-urlencoded';
    scope.addContentTypeParser(type, { parseAs: 'string' }, (_request, body, parsed) => parsed(null, body));
    scope.setErrorHandler((error, request, reply) => sendFailure(ctx, error, request, reply));
    scope.addHook('onRequest', async (request) => limits.ask(request.ip, ctx.clock.now()));
    const asked = (request: FastifyRequest, reply: FastifyReply): Asked => ({ ctx, limits, request, reply });
    scope.get('/s/:token', { config: { access: 'public', operationId: 'showFileLink' } }, (request, reply) =>
      showLink(asked(request, reply), false),
    );
    scope.post(
      '/s/:token',
      { bodyLimit: bodyLimitBytes, config: { access: 'public', operationId: 'unlockFileLink' } },
      (request, reply) => tryPassword(asked(request, reply)),
    );
    scope.get('/s/:token/file', { config: { access: 'public', operationId: 'downloadFileLink' } }, (request, reply) =>
      download(asked(request, reply)),
    );
    done();
  });
}

async function showLink(asked: Asked, isWrong: boolean): Promise<FastifyReply> {
  const { ctx, request, reply } = asked;
  const link = await findLivingLink(ctx, tokenOf(request));
  if (link === undefined) return await sendNotice(ctx, request, reply, 'gone');
  const { result } = await fetchFile(asked, link, false);
  const { renderLinkPage } = await import('./file-links.page.ts');
  const { row } = link;
  return sendPage(request, reply.code(isWrong ? 403 : 200), (language, nonce) =>
    renderLinkPage(
      {
        token: tokenOf(request),
        name: nameOf(row.path),
        sizeBytes: result.sizeBytes,
        expiresAt: row.expires_at,
        asksPassword: !isUnlocked(ctx, row, sealIn(request)),
        isWrong,
      },
      language,
      nonce,
    ),
  );
}

/** The password of a link: looked at behind the limits of signing in and one of its own, so that it cannot be tried out. */
async function tryPassword(asked: Asked): Promise<FastifyReply> {
  const { ctx, limits, request, reply } = asked;
  const token = tokenOf(request);
  const link = await findLivingLink(ctx, token);
  if (link === undefined) return await sendNotice(ctx, request, reply, 'gone');
  // One whose file is gone is gone, whatever is typed.
  await fetchFile(asked, link, false);
  const { row } = link;
  if (row.password_hash !== null) {
    const typed = new URLSearchParams(typeof request.body === 'string' ? request.body : '').get('password') ?? '';
    if (typed === '' || typed.length > longestLinkPassword) return await showLink(asked, true);
    ctx.signInLimits.take(request.ip, null, 'link');
    limits.tryPassword(row.id, ctx.clock.now());
    if (!(await isLinkPassword(row, typed))) {
      await ctx.audit.record({ ...auditOf(asked, link), mayWait: true }, 'refused');
      return await showLink(asked, true);
    }
    ctx.signInLimits.succeed(request.ip, null, 'link');
    const { seal, seconds } = unlock(ctx, row);
    const secure = ctx.config.cookie.isSecure ? 'Secure; ' : '';
    reply.header(
      'set-cookie',
      `${cookieName}=${seal}; Path=/s/${token}; ${secure}HttpOnly; SameSite=Strict; Max-Age=${seconds}`,
    );
  }
  return reply.code(303).header('location', `/s/${token}/file`).send();
}

async function download(asked: Asked): Promise<FastifyReply> {
  const { ctx, limits, request, reply } = asked;
  const token = tokenOf(request);
  const link = await findLivingLink(ctx, token);
  if (link === undefined) return await sendNotice(ctx, request, reply, 'gone');
  const { row } = link;
  if (!isUnlocked(ctx, row, sealIn(request))) return reply.code(303).header('location', `/s/${token}`).send();
  // Nothing in it is a page of this address, whatever a browser takes it for.
  reply.header('content-security-policy', `${apiPolicy}; sandbox`);
  if (request.method !== 'GET') {
    const { result } = await fetchFile(asked, link, false);
    return reply.send(sendPart(reply, row.path, result, null));
  }
  const end = limits.begin(link.site.id, request.ip);
  let bytes: Readable | null = null;
  try {
    const entry = auditOf(asked, link);
    const record = await ctx.audit.begin(entry);
    const opened = await fetchFile(asked, link, true).catch(async (error: unknown) => {
      await record.finish('failed');
      throw error;
    });
    ({ bytes } = opened);
    const { part, isBeyond } = opened.result;
    // The rest of what was begun is no download of its own. Where they are limited there are no parts.
    const isNew = !isBeyond && (part === null || part.from === 0);
    if (isNew && !(await countDownload(ctx.db, row.id, ctx.clock.now()))) {
      await record.finish('refused');
      throw gone();
    }
    await record.finish('done', part === null ? {} : { from: part.from, bytes: part.bytes });
    const given = sendPart(reply, row.path, opened.result, bytes);
    if (row.most_downloads !== null) reply.header('accept-ranges', 'none');
    given.once('close', end);
    reply.raw.once('close', end);
    endWhenStalled(request, given);
    return reply.send(given);
  } catch (error) {
    bytes?.destroy();
    end();
    throw error;
  }
}

/** By the agent, like a download of the maker's own: below the site's folder, as the site's user, by no link. */
async function fetchFile({ ctx, request }: Asked, { row, site, maker }: LivingLink, withBytes: boolean) {
  const wish = row.most_downloads === null ? readWish(request.headers) : { range: null, ifRange: null };
  return await ctx.agent.fetch(
    'files.download',
    { site: { siteId: site.id, slug: site.slug }, path: row.path, ...wish, withBytes },
    { actor: maker, requestId: request.id },
  );
}

function endWhenStalled({ raw: { socket } }: FastifyRequest, bytes: Readable): void {
  let before = -1;
  const timer = setInterval(() => {
    if (socket.bytesWritten === before) bytes.destroy();
    before = socket.bytesWritten;
  }, stalledMs);
  timer.unref();
  bytes.once('close', () => clearInterval(timer));
}

function auditOf({ request }: Asked, { row, site, maker }: LivingLink) {
  return {
    actor: null,
    action: 'downloadFileLink',
    target: `${site.id}/${row.id}`,
    address: request.ip,
    requestId: request.id,
    detail: { path: row.path, madeBy: maker.name },
  };
}

const gone = (): AppError => new AppError('not_found', 'There is nothing at this address.');

/** Whatever went wrong: what the maker could not have read now is gone, and the rest is nobody's business. */
async function sendFailure(
  ctx: Ctx,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  reply.removeHeader('set-cookie');
  const code = error instanceof AppError ? error.code : 'internal';
  const isTold = error instanceof AppError && error.reason === 'banned';
  if (code === 'rate_limited' || isTold) return await sendNotice(ctx, request, reply, 'tooMany');
  // A body that nobody asked for never reached a link.
  const status = error instanceof AppError ? error.status : ((error as { statusCode?: number }).statusCode ?? 500);
  if (status < 500 && code !== 'busy') return await sendNotice(ctx, request, reply, 'gone');
  if (code !== 'busy') ctx.log.warn({ err: error, requestId: request.id }, 'a file could not be given by its link');
  return await sendNotice(ctx, request, reply, 'unavailable');
}

const statuses = { gone: 404, unavailable: 503, tooMany: 429 } as const;

async function sendNotice(
  ctx: Ctx,
  request: FastifyRequest,
  reply: FastifyReply,
  notice: LinkNotice,
): Promise<FastifyReply> {
  // Whoever knows no secret way in sees nothing of a panel; `unavailable` is told of a link that lives.
  if (notice !== 'unavailable' && ctx.doors.current().entryPath !== null) return sendHidden(ctx, request, reply);
  const { renderLinkNotice } = await import('./file-links.page.ts');
  if (notice !== 'gone') reply.header('retry-after', '60');
  return sendPage(request, reply.code(statuses[notice]), (language, nonce) =>
    renderLinkNotice(notice, language, nonce),
  );
}

function sendPage(
  request: FastifyRequest,
  reply: FastifyReply,
  render: (language: PageLanguage, nonce: string) => string,
): FastifyReply {
  const nonce = randomBytes(16).toString('base64url');
  const language = languageOf(request);
  return reply
    .headers({
      'content-security-policy': `default-src 'none'; style-src 'nonce-${nonce}'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
      'content-language': language,
      vary: 'accept-language, cookie',
    })
    .type('text/html; charset=utf-8')
    .send(render(language, nonce));
}

/** What the address says, else the browser's first of ours, else Arabic. */
function languageOf({ query, headers }: FastifyRequest): PageLanguage {
  const { lang } = query as Record<string, unknown>;
  if (lang === 'ar' || lang === 'en') return lang;
  return acceptedLanguage(headers);
}

/** `` when it is none: then there is no such link either. */
function tokenOf({ params }: FastifyRequest): string {
  const { token } = params as { token: string };
  return linkToken.test(token) ? token : '';
}

/** undefined when there are two of the name: one of them is planted. */
function sealIn({ headers }: FastifyRequest): string | undefined {
  const found = (headers.cookie ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(`${cookieName}=`));
  return found.length === 1 ? found[0]?.slice(cookieName.length + 1) : undefined;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
