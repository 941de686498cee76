import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import type { RouteAccess } from '#shared/access.ts';
import { AppError } from '#shared/errors.ts';
import type { Operation } from '#shared/http.ts';
import type { Context } from '../context.ts';
import type { SignedIn } from './auth/sessions.ts';
import { readCookie, readSessionToken, sessionCookie } from './cookies.ts';
import { checkSameOrigin, checkStreamOrigin } from './csrf.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the guard of a route that needs a session or a token. */
    signedIn: SignedIn | null;
  }
}

type Guarded = Pick<Operation, 'id' | 'method' | 'path' | 'access' | 'stream'>;

export type GuardOptions = {
  /** Only for people, never with an API token. */
  readonly isForPeople?: boolean;
};

/**
 * The checks before a body is read: session or token, same origin, permission. Everything that throws ends the request;
 * there is no way around.
 */
export function accessGuard(ctx: Context, operation: Guarded, options: GuardOptions = {}) {
  return (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    if (operation.access === 'public') {
      finish(done, () => checkOrigin(ctx, operation, request));
      return;
    }
    const bearer = bearerOf(request);
    if (bearer !== undefined) {
      findByToken(ctx, request, bearer)
        .then((signedIn) => admit(ctx, operation, options, request, signedIn))
        .then(() => done(), done);
      return;
    }
    const token = readSessionToken(ctx.config, request);
    const known = token === undefined ? undefined : ctx.sessions.peek(token);
    if (known !== undefined && refusalOf(operation, options, known) === undefined && !ctx.sessions.isTouchDue(known)) {
      finish(done, () => {
        checkOrigin(ctx, operation, request);
        request.signedIn = withElevation(ctx, request, known);
      });
      return;
    }
    findAndTouch(ctx, token, reply)
      .then((signedIn) => {
        checkOrigin(ctx, operation, request);
        return admit(ctx, operation, options, request, withElevation(ctx, request, signedIn));
      })
      .then(() => done(), done);
  };
}

/** Headers by which proxies say that they pass a request on. */
const forwardingHeaders = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'];

/**
 * For what belongs to this machine and its monitoring: whoever shows neither token nor session and came through a proxy
 * is refused. Believing the headers is safe here: they only take away.
 */
export function refuseForwardedStranger(ctx: Pick<Context, 'config'>) {
  return (request: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    const isForwarded = forwardingHeaders.some((name) => request.headers[name] !== undefined);
    const isStranger = bearerOf(request) === undefined && readSessionToken(ctx.config, request) === undefined;
    if (isForwarded && isStranger) done(new AppError('not_allowed', 'This is not open from outside.'));
    else done();
  };
}

/** The secret of an `Authorization: Bearer`; other schemes belong to a proxy in front of the panel. */
function bearerOf(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization;
  return header !== undefined && /^bearer /i.test(header) ? header.slice(7).trim() : undefined;
}

async function findByToken(ctx: Context, request: FastifyRequest, bearer: string): Promise<SignedIn> {
  // One of the two would speak for somebody else.
  if (readSessionToken(ctx.config, request) !== undefined) {
    throw new AppError('invalid_request', 'A request has a token or a session, not both.', {
      reason: 'malformed_request',
    });
  }
  const signedIn = await ctx.apiTokens.use(bearer, request.ip, request.id);
  if (signedIn !== undefined) return signedIn;
  ctx.signInLimits.take(request.ip, null, 'token');
  throw notSignedIn();
}

async function findAndTouch(ctx: Context, token: string | undefined, reply: FastifyReply): Promise<SignedIn> {
  const signedIn = token === undefined ? undefined : await ctx.sessions.find(token);
  if (signedIn === undefined || token === undefined) throw notSignedIn();
  if (await ctx.sessions.touch(signedIn)) reply.header('set-cookie', sessionCookie(ctx.config, token));
  return signedIn;
}

function withElevation(ctx: Context, request: FastifyRequest, signedIn: SignedIn): SignedIn {
  const elevation = readCookie(ctx.config, request, 'elevation');
  if (elevation === undefined) return signedIn;
  return { ...signedIn, actor: { ...signedIn.actor, elevation: () => Promise.resolve(elevation) } };
}

async function admit(
  ctx: Context,
  operation: Guarded,
  options: GuardOptions,
  request: FastifyRequest,
  signedIn: SignedIn,
): Promise<void> {
  request.signedIn = signedIn;
  const refusal = refusalOf(operation, options, signedIn);
  if (refusal === undefined) return;
  await recordRefusal(ctx, operation, request, signedIn, refusal);
  throw refusal;
}

function refusalOf(operation: Guarded, options: GuardOptions, { actor, person }: SignedIn): AppError | undefined {
  if (person.mustAddSecondFactor && !isOwnAccount(operation)) {
    return new AppError('not_allowed', 'Add a second factor first.', { reason: 'second_factor_needed' });
  }
  if (options.isForPeople === true && actor.tokenId !== undefined) {
    return new AppError('not_allowed', 'This cannot be done with a token.', { reason: 'not_with_token' });
  }
  if (isAllowed(operation.access, actor.permissions)) return undefined;
  return new AppError('not_allowed', 'Your role does not allow this.', { params: { permission: operation.access } });
}

/** What is left to a person who has to add a second factor. */
function isOwnAccount({ id, path }: Guarded): boolean {
  if (path.startsWith('/api/v1/me/tokens')) return false;
  return id === 'signOut' || path === '/api/v1/me' || path.startsWith('/api/v1/me/');
}

function isAllowed(access: RouteAccess, permissions: readonly RouteAccess[]): boolean {
  return access === 'public' || access === 'signedIn' || permissions.includes(access);
}

/** A change that a role forbids leaves a trace; a reading does not. */
async function recordRefusal(
  ctx: Context,
  operation: Guarded,
  request: FastifyRequest,
  { actor }: SignedIn,
  { code, reason }: AppError,
): Promise<void> {
  if (operation.method === 'GET') return;
  const target = Object.values((request.params ?? {}) as Record<string, string>).join('/');
  await ctx.audit.record(
    {
      actor,
      action: operation.id,
      target,
      address: request.ip,
      requestId: request.id,
      detail: { failure: { code, reason: reason ?? null } },
    },
    'refused',
  );
}

function checkOrigin(ctx: Context, operation: Guarded, request: FastifyRequest): void {
  if (operation.method !== 'GET') checkSameOrigin(ctx.config, request);
  else if (operation.stream === true) checkStreamOrigin(ctx.config, request);
}

function notSignedIn(): AppError {
  return new AppError('not_signed_in', 'Sign in first.');
}

function finish(done: HookHandlerDoneFunction, check: () => void): void {
  try {
    check();
    done();
  } catch (error) {
    done(error instanceof Error ? error : new Error(String(error)));
  }
}
