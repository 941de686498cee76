import type { FastifyReply, FastifyRequest } from 'fastify';
import { accountsApi, type SignInAnswer } from '#shared/accounts.ts';
import type { AuditEntry } from '../../core/audit.ts';
import { clearedElevationCookie, clearedSessionCookie, readSessionToken, setCookies } from '../../core/cookies.ts';
import { route, type App } from '../../core/route.ts';
import { getPanelSettings } from '../settings/settings.logic.ts';
import { createOwner, isFirstRun, normalName, useSignInLink } from './accounts.logic.ts';
import { myAccountRoutes } from './my-account.ts';
import { openSession } from './open-session.ts';
import { getRelyingParty, passkeyPlace } from './relying-party.ts';
import {
  acceptInvitation,
  getInvited,
  passkeyChallenge,
  signInSecond,
  signInWithPassword,
  signInWithPasskey,
  type SignInResult,
} from './sign-in.ts';

/** Signing in asks the agent anyway; its own record may come a moment later. */
const waiting = { mayWaitForAudit: true } as const;

export function accountsRoutes(app: App): void {
  const { ctx } = app;

  async function answer(
    result: SignInResult,
    asked: { request: FastifyRequest; reply: FastifyReply; audit: AuditEntry },
  ): Promise<SignInAnswer> {
    asked.audit.target = result.person.name;
    if (result.state === 'in') {
      return { state: 'signed_in', me: await openSession(ctx, result.person, result.used, asked) };
    }
    asked.audit.detail['needs'] = result.kinds;
    return { state: 'second_factor', step: result.step, kinds: [...result.kinds] };
  }

  route(app, accountsApi.signInState, async ({ request }) => {
    const token = readSessionToken(ctx.config, request);
    const signedIn = token === undefined ? undefined : await ctx.sessions.find(token);
    const { panelName, defaultLanguage } = await getPanelSettings(ctx);
    return {
      isFirstRun: await isFirstRun(ctx),
      isSignedIn: signedIn !== undefined,
      version: ctx.config.version,
      panelName,
      defaultLanguage,
      canUsePasskey: passkeyPlace(ctx, request).isPossible,
    };
  });

  route(
    app,
    accountsApi.signIn,
    async ({ body, request, reply, audit, requestId }) => {
      audit.target = normalName(body.name);
      return answer(await signInWithPassword(ctx, body, requestId), { request, reply, audit });
    },
    { ...waiting, before: ({ body, request }) => ctx.signInLimits.take(request.ip, normalName(body.name)) },
  );

  route(
    app,
    accountsApi.signInSecond,
    async ({ body, request, reply, audit, requestId }) =>
      answer(await signInSecond(ctx, body, requestId), { request, reply, audit }),
    { ...waiting, before: ({ request }) => ctx.signInLimits.take(request.ip, null) },
  );

  route(
    app,
    accountsApi.passkeySignInOptions,
    async ({ body, request, requestId }) => passkeyChallenge(ctx, body.step, getRelyingParty(ctx, request), requestId),
    waiting,
  );

  route(
    app,
    accountsApi.signInWithPasskey,
    async ({ body, request, reply, audit, requestId }) =>
      answer(await signInWithPasskey(ctx, body.assertion, requestId), { request, reply, audit }),
    { ...waiting, before: ({ request }) => ctx.signInLimits.take(request.ip, null) },
  );

  route(
    app,
    accountsApi.signOut,
    async ({ actor, reply }) => {
      await ctx.sessions.end(actor.sessionId);
      setCookies(reply, [clearedElevationCookie(ctx.config), clearedSessionCookie(ctx.config)]);
    },
    { ...waiting, isForPeople: true },
  );

  route(
    app,
    accountsApi.createOwner,
    async ({ body, request, reply, audit, requestId }) => {
      audit.target = body.name;
      const person = await createOwner(ctx, body, requestId);
      return openSession(ctx, person, 'link', { request, reply, audit });
    },
    { before: ({ request }) => ctx.signInLimits.take(request.ip, null) },
  );

  route(
    app,
    accountsApi.signInWithLink,
    async ({ body, request, reply, audit }) => {
      const person = await useSignInLink(ctx, body.token);
      audit.target = person.name;
      return openSession(ctx, person, 'link', { request, reply, audit });
    },
    { ...waiting, before: ({ request }) => ctx.signInLimits.take(request.ip, null) },
  );

  route(
    app,
    accountsApi.invitation,
    async ({ body, audit, requestId }) => {
      const person = await getInvited(ctx, body.token, requestId);
      audit.target = person.name;
      const { panelName } = await getPanelSettings(ctx);
      return { name: person.name, displayName: person.display_name, panelName };
    },
    { ...waiting, before: ({ request }) => ctx.signInLimits.take(request.ip, null) },
  );

  route(
    app,
    accountsApi.acceptInvitation,
    async ({ body, request, reply, audit, requestId }) =>
      answer(await acceptInvitation(ctx, body, requestId), { request, reply, audit }),
    { ...waiting, before: ({ request }) => ctx.signInLimits.take(request.ip, null) },
  );

  myAccountRoutes(app);
}
