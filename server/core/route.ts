import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { permissions, type RouteAccess } from '#shared/access.ts';
import { AppError } from '#shared/errors.ts';
import type { BodyOf, Operation, ParamsOf, QueryOf } from '#shared/http.ts';
import type { Context } from '../context.ts';
import type { Actor } from './actor.ts';
import { checkElevated } from './agent-tickets.ts';
import { actionLabel, type AuditEntry } from './audit.ts';
import { clearedElevationCookie } from './cookies.ts';
import { accessGuard, refuseForwardedStranger } from './guard.ts';
import { claimIdempotency } from './idempotency.ts';
import { requestParser } from './request-parser.ts';

export type { Actor } from './actor.ts';

/** What the `<feature>Routes(app)` functions get. */
export type App = {
  readonly ctx: Context;
  readonly server: FastifyInstance;
  /** Every operation registered so far. */
  readonly operations: Operation[];
};

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call. A route without it stops the start. */
    access?: RouteAccess;
    operationId?: string;
    /** Bodies of bytes are let through to it as they come. */
    takesBytes?: boolean;
    /** Kept out of the request log (probes). */
    isQuiet?: boolean;
  }
}

/** A body that is not read yet; exactly so long. */
export type GivenBytes = { readonly stream: Readable; readonly lengthBytes: number };

export type RouteArgs<O extends Operation> = {
  readonly ctx: Context;
  readonly actor: O['access'] extends 'public' ? undefined : Actor;
  readonly params: ParamsOf<O>;
  readonly query: QueryOf<O>;
  readonly body: BodyOf<O>;
  readonly bytes: O extends { readonly bytesMost: number } ? GivenBytes : undefined;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly requestId: string;
  /** The audit row of this request: add to `detail`, correct `target` or the actor. Only kept for mutations. */
  readonly audit: AuditEntry;
};

/** What a handler answers: the response before zod (which strips unlisted fields). Streams answer by themselves. */
export type RouteAnswer<O extends Operation> = O extends { readonly stream: true }
  ? void
  : z.input<O['response']> extends undefined
    ? void
    : O extends { readonly textType: string }
      ? string | z.input<O['response']>
      : z.input<O['response']>;

export type RouteHandler<O extends Operation> = (args: RouteArgs<O>) => Promise<RouteAnswer<O>>;

export type RouteOptions<O extends Operation> = {
  /** Runs after validation and before anything is written, even the audit row: for rate limits. Throws to refuse. */
  readonly before?: (args: RouteArgs<O>) => void | Promise<void>;
  /**
   * Needs a fresh factor although no agent action does: what is dangerous here lies in the web process itself. The
   * agent's own actions ask for theirs by themselves.
   */
  readonly isElevated?: boolean;
  /** Only for people, never with an API token. */
  readonly isForPeople?: boolean;
  /** May happen while the agent is away: its audit row waits. Signing in and out, and preferences. */
  readonly mayWaitForAudit?: boolean;
  /** The answer holds what is shown once: it is never kept for a repetition. */
  readonly isAnswerSecret?: boolean;
  /** The answer is a text of its own type (`content-type` is the handler's), not JSON. */
  readonly isFile?: boolean;
  /**
   * A piece of something whose beginning and use are written down: it has no audit row of its own, as there may be
   * thousands, and it is not kept for a repetition, as it may be sent again.
   */
  readonly isPiece?: boolean;
  /** A question that is too long, or too private, for an address: nothing is changed, so nothing is written down. */
  readonly isQuestion?: boolean;
  /** Sees every refusal, also those of the guard, before it is answered. */
  readonly onRefused?: (request: FastifyRequest, error: AppError) => Promise<void>;
  /** Nothing for the world outside: a stranger who comes through a proxy is not even asked to sign in. */
  readonly isInternal?: boolean;
};

/** Bodies of people who have not signed in: far below `config.bodyLimitBytes`. */
const publicBodyLimitBytes = 16 * 1024;

/**
 * Registers one operation: sign-in, CSRF and permission checks, zod validation, idempotency, audit, typed answer.
 * Throws when the operation declares no access, which stops the start.
 */
export function route<O extends Operation>(
  app: App,
  operation: O,
  handler: RouteHandler<O>,
  options: RouteOptions<O> = {},
): void {
  if (!isAccess(operation.access)) throw new Error(`the route ${operation.id} declares no access`);
  const { ctx } = app;
  const isMutation = operation.method !== 'GET' && options.isQuestion !== true;
  const parse = requestParser(operation);
  const encodeKept = encoderOf(operation);
  app.operations.push(operation);
  app.server.route({
    method: operation.method,
    url: fastifyPath(operation.path),
    config: {
      access: operation.access,
      operationId: operation.id,
      ...(operation.bytesMost === undefined ? {} : { takesBytes: true }),
    },
    exposeHeadRoute: operation.method === 'GET' && operation.stream !== true,
    bodyLimit: operation.access === 'public' ? publicBodyLimitBytes : ctx.config.bodyLimitBytes,
    onRequest: [
      ...(options.isInternal === true ? [refuseForwardedStranger(ctx)] : []),
      accessGuard(ctx, operation, options),
    ],
    ...refusedHook(options),
    async handler(request, reply) {
      const args = {
        ctx,
        actor: request.signedIn?.actor,
        ...parse(request),
        bytes: operation.bytesMost === undefined ? undefined : givenBytes(request, operation.bytesMost),
        request,
        reply,
        requestId: request.id,
        audit: auditEntryOf(request, operation, options.mayWaitForAudit === true),
      } as RouteArgs<O>;
      await options.before?.(args);
      if (operation.stream === true) {
        await handler(args);
        return reply;
      }
      if (options.isPiece === true) {
        const { status, text } = encode(operation, await handler(args));
        return send(reply, status, text);
      }
      if (isMutation) return mutate(operation, handler, args, options);
      const result = await handler(args);
      return options.isFile === true ? reply.send(result) : sendReading(request, reply, encodeKept(result));
    },
  });
}

function refusedHook<O extends Operation>({ onRefused }: RouteOptions<O>) {
  if (onRefused === undefined) return {};
  return {
    onError: async (request: FastifyRequest, _reply: FastifyReply, error: Error) =>
      error instanceof AppError ? await onRefused(request, error) : undefined,
  };
}

/** Throws when there are none, more than allowed, or nobody says how many. */
function givenBytes({ body, headers }: FastifyRequest, most: number): GivenBytes {
  if (typeof body !== 'object' || body === null || !('pipe' in body))
    throw new AppError('invalid_request', 'The body must be bytes.', { reason: 'content_type' });
  const length = headers['content-length'];
  if (length === undefined || !/^\d{1,15}$/.test(length))
    throw new AppError('invalid_request', 'The length of the body must be announced.', { reason: 'length_required' });
  if (Number(length) > most)
    throw new AppError('too_large', 'The body is too large.', {
      reason: 'request_too_large',
      params: { maxBytes: most },
    });
  return { stream: body as Readable, lengthBytes: Number(length) };
}

/** True for `public`, `signedIn` and every known permission. */
export function isAccess(access: unknown): access is RouteAccess {
  return access === 'public' || access === 'signedIn' || permissions.some((permission) => permission === access);
}

/** `/sites/{siteId}` → `/sites/:siteId` */
export function fastifyPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

/** No audit record, no action: the row is written first, its outcome afterwards. */
async function mutate<O extends Operation>(
  operation: O,
  handler: RouteHandler<O>,
  args: RouteArgs<O>,
  options: RouteOptions<O>,
): Promise<FastifyReply> {
  const { ctx, reply } = args;
  const claim = await claimIdempotency(ctx, operation, args.request, args.actor, args);
  if (claim?.answer !== undefined) {
    reply.header('idempotency-replayed', 'true');
    return send(reply, claim.answer.status, claim.answer.text);
  }
  let result: RouteAnswer<O>;
  try {
    const record = await ctx.audit.begin(args.audit);
    try {
      if (options.isElevated === true) await mustBeElevated(operation, args);
      result = await handler(args);
    } catch (error) {
      await noteElevationOver(args, error);
      await record.finish(outcomeOf(error), { failure: failureOf(error) });
      throw error;
    }
    await record.finish('done');
  } catch (error) {
    await claim?.release();
    throw error;
  }
  const { status, text } = encode(operation, result);
  await claim?.keep({ status, text }, options.isAnswerSecret === true);
  return send(reply, status, text);
}

async function mustBeElevated<O extends Operation>(operation: O, args: RouteArgs<O>): Promise<void> {
  const { actor, params, query, body, requestId, ctx } = args;
  if (actor === undefined) throw new Error(`the route ${operation.id} is elevated and public`);
  await checkElevated(ctx.agent, { actor, requestId }, operation.id, { params, query, body });
}

/** The agent no longer takes the elevation: the browser and the screens must not go on showing it. */
async function noteElevationOver<O extends Operation>(args: RouteArgs<O>, error: unknown): Promise<void> {
  const { ctx, actor, reply } = args;
  if (!(error instanceof AppError) || error.code !== 'elevation_required') return;
  if (actor?.elevation === undefined || actor.tokenId !== undefined) return;
  reply.header('set-cookie', clearedElevationCookie(ctx.config));
  await ctx.sessions.endElevations(actor.id);
}

/** Encodes the answers of a reading. One that is frozen never changes again: it is checked and written out once. */
function encoderOf(operation: Operation): (result: unknown) => string {
  const known = new WeakMap<object, string>();
  return (result) => {
    const isKept = typeof result === 'object' && result !== null && Object.isFrozen(result);
    const before = isKept ? known.get(result) : undefined;
    if (before !== undefined) return before;
    const text = JSON.stringify(operation.response.parse(result));
    if (isKept) known.set(result, text);
    return text;
  };
}

function encode<O extends Operation>(operation: O, result: RouteAnswer<O>): { status: number; text: string | null } {
  const status = operation.status ?? 200;
  if (status === 204) return { status, text: null };
  return { status, text: JSON.stringify(operation.response.parse(result)) };
}

function send(reply: FastifyReply, status: number, text: string | null): FastifyReply {
  reply.code(status);
  if (text === null) return reply.send();
  return reply.type('application/json; charset=utf-8').send(text);
}

/** Below this a compressed answer saves nothing that anybody would notice. */
const leastCompressed = 8 * 1024;
const compress = promisify(gzip);

/**
 * Answers with a text, long ones compressed. Nothing secret is ever read over the API, and cookies do not travel with
 * requests of other sites: lengths tell a stranger nothing (BREACH).
 */
function sendReading(request: FastifyRequest, reply: FastifyReply, text: string): FastifyReply | Promise<FastifyReply> {
  if (text.length < leastCompressed || !/\bgzip\b/.test(`${request.headers['accept-encoding'] ?? ''}`))
    return send(reply, 200, text);
  const vary = [reply.getHeader('vary'), 'accept-encoding'].filter((each) => each !== undefined).join(', ');
  reply.code(200).type('application/json; charset=utf-8').headers({ 'content-encoding': 'gzip', vary });
  return compress(text, { level: 4 }).then((bytes) => reply.send(bytes));
}

function auditEntryOf(request: FastifyRequest, operation: Operation, mayWait: boolean): AuditEntry {
  return {
    actor: request.signedIn?.actor ?? null,
    action: actionLabel(operation),
    target: Object.values(request.params as Record<string, string>).join('/'),
    address: request.ip,
    requestId: request.id,
    detail: request.signedIn?.actor.tokenId === undefined ? {} : { tokenId: request.signedIn.actor.tokenId },
    mayWait,
  };
}

function outcomeOf(error: unknown): 'refused' | 'failed' {
  return error instanceof AppError && error.status < 500 ? 'refused' : 'failed';
}

/** Only the stable code: messages may quote what a person typed. */
function failureOf(error: unknown): { code: string; reason: string | null } {
  if (!(error instanceof AppError)) return { code: 'internal', reason: null };
  return { code: error.code, reason: error.reason ?? null };
}
