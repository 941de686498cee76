import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { accountsApi } from '#shared/accounts.ts';
import { AppError } from '#shared/errors.ts';
import type { Context } from '../context.ts';
import { bannedError } from './auth/sign-in-limits.ts';
import { isLoopback } from './auth/sign-in-limits-network.ts';
import { readSessionToken } from './cookies.ts';
import { entryCookie, entryTarget, hasEntryCookie } from './doors-entry.ts';
import { isOfDomain } from './doors-rows.ts';
import { sendRefusal } from './doors-refusal.ts';
import { answerHeaders, hstsHeaders } from './security-headers.ts';

/*
 * The first thing that looks at a request: from an address that may, under a name of the panel, by the secret way in, and
 * not banned. Whoever has no business here learns nothing: one answer for every path, method and reason.
 */

type GateContext = Pick<Context, 'clock' | 'config' | 'doors' | 'bans' | 'sessions' | 'apiTokens' | 'log'>;

const hiddenBody = '404 Not Found\n';
const hiddenHeaders = { ...answerHeaders, 'content-type': 'text/plain; charset=utf-8' } as const;

/** What a banned address may still ask: nothing here takes a secret that could be guessed. */
const neverBanned: readonly string[] = [
  accountsApi.signInState.id,
  accountsApi.passkeySignInOptions.id,
  accountsApi.signInWithPasskey.id,
];

export function installDoorsGate(server: FastifyInstance, ctx: GateContext): void {
  server.addHook('onRequest', (request, reply, done) => {
    const passed = passDoors(ctx, request, reply);
    if (passed === true) done();
    else if (passed !== false) passed.then((may) => may && done(), done);
  });
}

/** True: go on. False: it is answered. A promise only where the database must be asked. */
export function passDoors(ctx: GateContext, request: FastifyRequest, reply: FastifyReply): boolean | Promise<boolean> {
  const doors = ctx.doors.current();
  const isLocal = isLoopback(request.socket.remoteAddress ?? '') && isLoopback(request.ip);
  if (!isLocal && !ctx.doors.isAllowed(request.ip)) {
    if (doors.entryPath !== null) return hide(ctx, request, reply);
    return refuse(ctx, request, reply, notFromHere());
  }
  if (!isNamed(request, doors.domains, isLocal)) return hide(ctx, request, reply);
  if (isLocal && isProbe(request)) return true;
  if (doors.entryPath !== null) {
    const target = request.method === 'GET' ? entryTarget(request.url, doors.entryPath) : undefined;
    if (target !== undefined) {
      reply
        .code(302)
        .headers({ ...answerHeaders, ...hstsHeaders(ctx, request), location: target })
        .header('set-cookie', entryCookie(ctx.config, doors.entryPath))
        .send();
      return false;
    }
    if (!isPush(request) && !isFileLink(request) && !hasEntryCookie(ctx.config, request, doors.entryPath)) {
      // Whoever is signed in may; a ban would not stop them either.
      return passIfLiving(ctx, request, () => hide(ctx, request, reply));
    }
  }
  const ban = isLocal || ctx.doors.isTrustedProxy(request.ip) ? undefined : ctx.bans.findAddress(request.ip);
  if (ban === undefined || (ban.reason !== 'by_hand' && isHarmless(request))) return true;
  return passIfLiving(ctx, request, () => refuse(ctx, request, reply, bannedError(ban.endsAt)));
}

/** Answers for what meets no hook: the parser could not read it, so that it has no path and no person. */
export function answerUnreadable(ctx: GateContext, error: Error & { code?: string }, socket: Socket): void {
  const isGone = socket.destroyed || error.code === 'ECONNRESET';
  if (isGone || !socket.writable || !ctx.doors.isAllowed(socket.remoteAddress ?? '')) {
    socket.destroy();
    return;
  }
  const isHidden = ctx.doors.current().entryPath !== null;
  const body = isHidden ? hiddenBody : '400 Bad Request\n';
  const lines = [
    `HTTP/1.1 ${isHidden ? '404 Not Found' : '400 Bad Request'}`,
    ...Object.entries({ ...hiddenHeaders, 'content-length': body.length, connection: 'close' }).map(
      ([name, value]) => `${name}: ${value}`,
    ),
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

/** Plain HTTP on a port that speaks TLS: to the same page over HTTPS, at the address of the settings and no other. */
export function redirectPlain(ctx: GateContext): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const from = request.socket.remoteAddress ?? '';
    if (!isLoopback(from) && !ctx.doors.isTrustedProxy(from) && !ctx.doors.isAllowed(from)) {
      request.socket.destroy();
      return;
    }
    const path = request.url?.startsWith('/') === true ? request.url : '/';
    const location = `${ctx.doors.origin().replace(/^http:/, 'https:')}${path}`;
    response.writeHead(308, { ...answerHeaders, location, connection: 'close', 'content-length': 0 }).end();
  };
}

function isNamed(request: FastifyRequest, domains: readonly string[], isLocal: boolean): boolean {
  if (domains.length === 0) return true;
  const host = request.hostname.toLowerCase();
  if (isLocal && (host === 'localhost' || isLoopback(host.replace(/^\[|\]$/g, '')))) return true;
  return domains.some((domain) => isOfDomain(host, domain));
}

function isProbe({ url }: FastifyRequest): boolean {
  const [path = ''] = url.split('?', 1);
  return path === '/health' || path.startsWith('/health/');
}

/** Servers of repositories bring no cookie: what they sign is looked at instead, and a refusal looks as if nothing were there. */
function isPush({ method, url }: FastifyRequest): boolean {
  return method === 'POST' && /^\/api\/v1\/hooks\/[a-z2-7]{16}$/.test(url);
}

/** Whoever was given a link to a file brings no cookie either; one that does not work looks as if nothing were there. */
function isFileLink({ method, url }: FastifyRequest): boolean {
  const found = /^\/s\/[A-Za-z0-9_-]{43}(\/file)?(?:\?lang=(?:ar|en))?$/.exec(url);
  return found !== null && (method === 'GET' || method === 'HEAD' || (method === 'POST' && found[1] === undefined));
}

/** Pages and files of the browser application, and the passkey: so that a ban never keeps the owner from theirs. */
function isHarmless(request: FastifyRequest): boolean {
  const { operationId, access } = request.routeOptions.config;
  if (operationId !== undefined) return neverBanned.includes(operationId);
  const isPage = access === undefined && (request.method === 'GET' || request.method === 'HEAD');
  return isPage && !request.url.startsWith('/api');
}

/** Memory is asked first: whoever works in the panel waits for nothing. */
function passIfLiving(ctx: GateContext, request: FastifyRequest, otherwise: () => false): boolean | Promise<boolean> {
  const bearer = /^bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
  const token = readSessionToken(ctx.config, request);
  if (token !== undefined && ctx.sessions.peek(token) !== undefined) return true;
  if (token === undefined && bearer === undefined) return otherwise();
  const asked = token === undefined ? ctx.apiTokens.knows(bearer ?? '') : ctx.sessions.find(token).then(Boolean);
  return asked.then(
    (isLiving) => isLiving || otherwise(),
    (error: unknown) => {
      ctx.log.warn({ err: error }, 'nobody could be recognised at the door');
      return otherwise();
    },
  );
}

function hide(ctx: Pick<Context, 'clock' | 'doors'>, request: FastifyRequest, reply: FastifyReply): false {
  sendHidden(ctx, request, reply);
  return false;
}

/** The one answer to whoever has no business here, for what was let in and turns out to have none. */
export function sendHidden(
  ctx: Pick<Context, 'clock' | 'doors'>,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  for (const name of Object.keys(reply.getHeaders())) reply.removeHeader(name);
  return reply
    .code(404)
    .headers({ ...hiddenHeaders, ...hstsHeaders(ctx, request) })
    .send(hiddenBody);
}

function refuse(ctx: GateContext, request: FastifyRequest, reply: FastifyReply, error: AppError): false {
  sendRefusal(ctx, request, reply, error);
  return false;
}

function notFromHere(): AppError {
  return new AppError('not_allowed', 'The panel may not be opened from this address.', {
    reason: 'address_not_allowed',
  });
}
