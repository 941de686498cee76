import type { FastifyReply, FastifyRequest } from 'fastify';
import { accountsApi, type Me } from '#shared/accounts.ts';
import type { Context } from '../../context.ts';
import type { AuditEntry } from '../../core/audit.ts';
import type { SignedIn } from '../../core/auth/sessions.ts';
import { clearedSessionCookie, readSessionToken, sessionCookie } from '../../core/cookies.ts';
import { route, type App } from '../../core/route.ts';
import { getPanelSettings } from '../settings/settings.logic.ts';
import {
  changePassword,
  checkPassword,
  createOwner,
  isFirstRun,
  normalName,
  openSession,
  setPreferences,
  toMe,
  useSignInLink,
  type Person,
} from './accounts.logic.ts';

export function accountsRoutes(app: App): void {
  const { ctx } = app;

  route(app, accountsApi.signInState, async ({ request }) => {
    const token = readSessionToken(ctx.config, request);
    const signedIn = token === undefined ? undefined : await ctx.sessions.find(token);
    return {
      isFirstRun: await isFirstRun(ctx),
      isSignedIn: signedIn !== undefined,
      version: ctx.config.version,
      panelName: (await getPanelSettings(ctx)).panelName,
    };
  });

  route(
    app,
    accountsApi.signIn,
    async ({ body, request, reply, audit }) => {
      audit.target = normalName(body.name);
      const person = await checkPassword(ctx, body);
      ctx.signInLimits.succeed(request.ip, person.name);
      return signIn(ctx, person, { request, reply, audit });
    },
    { before: ({ body, request }) => ctx.signInLimits.take(request.ip, normalName(body.name)) },
  );

  route(app, accountsApi.signOut, async ({ actor, reply }) => {
    await ctx.sessions.end(actor.sessionId);
    reply.removeHeader('set-cookie').header('set-cookie', clearedSessionCookie(ctx.config));
  });

  route(
    app,
    accountsApi.createOwner,
    async ({ body, request, reply, audit }) => {
      audit.target = body.name;
      const person = await createOwner(ctx, body);
      ctx.signInLimits.succeed(request.ip, person.name);
      return signIn(ctx, person, { request, reply, audit });
    },
    { before: ({ request }) => ctx.signInLimits.take(request.ip, null) },
  );

  route(
    app,
    accountsApi.signInWithLink,
    async ({ body, request, reply, audit }) => {
      const person = await useSignInLink(ctx, body.token);
      audit.target = person.name;
      ctx.signInLimits.succeed(request.ip, person.name);
      return signIn(ctx, person, { request, reply, audit });
    },
    { before: ({ request }) => ctx.signInLimits.take(request.ip, null) },
  );

  route(app, accountsApi.me, async ({ request }) => toMe(ctx, mustBeSignedIn(request)));

  route(app, accountsApi.setPreferences, async ({ body, request }) =>
    toMe(ctx, await setPreferences(ctx, mustBeSignedIn(request), body)),
  );

  route(
    app,
    accountsApi.changePassword,
    async ({ body, request, actor }) => {
      await changePassword(ctx, mustBeSignedIn(request), body);
      ctx.signInLimits.succeed(request.ip, actor.name);
    },
    { before: ({ request, actor }) => ctx.signInLimits.take(request.ip, actor.name) },
  );
}

async function signIn(
  ctx: Context,
  person: Person,
  { request, reply, audit }: { request: FastifyRequest; reply: FastifyReply; audit: AuditEntry },
): Promise<Me> {
  const { token, signedIn } = await openSession(ctx, person, {
    address: request.ip,
    userAgent: request.headers['user-agent'] ?? '',
    previousToken: readSessionToken(ctx.config, request),
  });
  audit.actor = signedIn.actor;
  reply.header('set-cookie', sessionCookie(ctx.config, token));
  return toMe(ctx, signedIn);
}

function mustBeSignedIn(request: FastifyRequest): SignedIn {
  if (request.signedIn === null) throw new Error('the route needs a session and its guard found none');
  return request.signedIn;
}
