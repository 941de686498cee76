import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import { hasPermission, type RouteAccess } from '#shared/access.ts';
import { AppError } from '#shared/errors.ts';
import type { Operation } from '#shared/http.ts';
import type { Context } from '../context.ts';
import type { SignedIn } from './auth/sessions.ts';
import { readSessionToken, sessionCookie } from './cookies.ts';
import { checkSameOrigin, checkStreamOrigin } from './csrf.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the guard of a route that needs a session. */
    signedIn: SignedIn | null;
  }
}

type Guarded = Pick<Operation, 'id' | 'method' | 'access' | 'stream'>;

/**
 * The checks before a body is read: session, same origin, permission. Everything that throws ends the request; there
 * is no way around.
 */
export function accessGuard(ctx: Context, operation: Guarded) {
  return (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    if (operation.access === 'public') {
      finish(done, () => checkOrigin(ctx, operation, request));
      return;
    }
    const token = readSessionToken(ctx.config, request);
    const known = token === undefined ? undefined : ctx.sessions.peek(token);
    if (known !== undefined && isAllowed(operation.access, known) && !ctx.sessions.isTouchDue(known)) {
      finish(done, () => {
        checkOrigin(ctx, operation, request);
        request.signedIn = known;
      });
      return;
    }
    findAndTouch(ctx, token, reply)
      .then((signedIn) => admit(ctx, operation, request, signedIn))
      .then(() => done(), done);
  };
}

async function findAndTouch(ctx: Context, token: string | undefined, reply: FastifyReply): Promise<SignedIn> {
  const signedIn = token === undefined ? undefined : await ctx.sessions.find(token);
  if (signedIn === undefined || token === undefined) throw new AppError('not_signed_in', 'Sign in first.');
  if (await ctx.sessions.touch(signedIn)) reply.header('set-cookie', sessionCookie(ctx.config, token));
  return signedIn;
}

async function admit(ctx: Context, operation: Guarded, request: FastifyRequest, signedIn: SignedIn): Promise<void> {
  checkOrigin(ctx, operation, request);
  request.signedIn = signedIn;
  if (isAllowed(operation.access, signedIn)) return;
  await recordRefusal(ctx, operation, request, signedIn);
  throw new AppError('not_allowed', 'Your role does not allow this.', { params: { permission: operation.access } });
}

function isAllowed(access: RouteAccess, signedIn: SignedIn): boolean {
  if (access === 'public' || access === 'signedIn') return true;
  return hasPermission(signedIn.actor.role, access);
}

/** A change that a role forbids leaves a trace; a reading does not. */
async function recordRefusal(
  ctx: Context,
  operation: Guarded,
  request: FastifyRequest,
  { actor }: SignedIn,
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
      detail: { failure: { code: 'not_allowed', reason: null } },
    },
    'refused',
  );
}

function checkOrigin(ctx: Context, operation: Guarded, request: FastifyRequest): void {
  if (operation.method !== 'GET') checkSameOrigin(ctx.config, request);
  else if (operation.stream === true) checkStreamOrigin(ctx.config, request);
}

function finish(done: HookHandlerDoneFunction, check: () => void): void {
  try {
    check();
    done();
  } catch (error) {
    done(error instanceof Error ? error : new Error(String(error)));
  }
}
