import { TLSSocket } from 'node:tls';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { accountsApi, type SignInAnswer } from '#shared/accounts.ts';
import type { FactorKind } from '#shared/factors.ts';
import type { Context } from '../../context.ts';
import type { AuditEntry } from '../../core/audit.ts';
import { createSignInGate } from '../../core/auth/sign-in-gate.ts';
import type { TryKind } from '../../core/auth/sign-in-limits.ts';
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
  const enter = createSignInGate();

  /** What every stranger's try goes through: the limits, which cost nothing, then the gate. */
  async function admit(
    { request, reply }: { request: FastifyRequest; reply: FastifyReply },
    account: string | null,
    kind: TryKind,
  ): Promise<void> {
    ctx.signInLimits.take(request.ip, account, kind);
    await enter(reply);
  }

  /** `kind`: how the try was counted. It was right, so it does not count; one more factor is a try of its own. */
  async function answer(
    result: SignInResult,
    kind: TryKind,
    asked: { request: FastifyRequest; reply: FastifyReply; audit: AuditEntry },
  ): Promise<SignInAnswer> {
    asked.audit.target = result.person.name;
    if (result.state === 'in') {
      ctx.signInLimits.succeed(asked.request.ip, result.person.name, kind);
      return { state: 'signed_in', me: await openSession(ctx, result.person, result.used, asked) };
    }
    // The address was right so far; the account's own count waits for the second factor.
    ctx.signInLimits.succeed(asked.request.ip, null, kind);
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
      selfSignedFingerprint: selfSignedFingerprint(ctx, request),
    };
  });

  route(
    app,
    accountsApi.signIn,
    async ({ body, request, reply, audit, requestId }) => {
      audit.target = normalName(body.name);
      return answer(await signInWithPassword(ctx, body, requestId), 'sign_in', { request, reply, audit });
    },
    { ...waiting, before: (args) => admit(args, normalName(args.body.name), 'sign_in') },
  );

  route(
    app,
    accountsApi.signInSecond,
    async ({ body, request, reply, audit, requestId }) =>
      answer(await signInSecond(ctx, body, requestId), tryKindOf(body.proof.kind), { request, reply, audit }),
    {
      ...waiting,
      before: (args) => admit(args, null, tryKindOf(args.body.proof.kind)),
    },
  );

  route(
    app,
    accountsApi.passkeySignInOptions,
    async ({ body, request, requestId }) => passkeyChallenge(ctx, body.step, getRelyingParty(ctx, request), requestId),
    { ...waiting, before: (args) => admit(args, null, 'passkey') },
  );

  route(
    app,
    accountsApi.signInWithPasskey,
    async ({ body, request, reply, audit, requestId }) =>
      answer(await signInWithPasskey(ctx, body.assertion, requestId), 'passkey', { request, reply, audit }),
    { ...waiting, before: (args) => admit(args, null, 'passkey') },
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
      ctx.signInLimits.succeed(request.ip, person.name, 'link');
      return openSession(ctx, person, 'link', { request, reply, audit });
    },
    { before: (args) => admit(args, null, 'link') },
  );

  route(
    app,
    accountsApi.signInWithLink,
    async ({ body, request, reply, audit }) => {
      const person = await useSignInLink(ctx, body.token);
      audit.target = person.name;
      ctx.signInLimits.succeed(request.ip, person.name, 'link');
      return openSession(ctx, person, 'link', { request, reply, audit });
    },
    { ...waiting, before: (args) => admit(args, null, 'link') },
  );

  route(
    app,
    accountsApi.invitation,
    async ({ body, audit, request, requestId }) => {
      const person = await getInvited(ctx, body.token, requestId);
      audit.target = person.name;
      ctx.signInLimits.succeed(request.ip, null, 'link');
      const { panelName } = await getPanelSettings(ctx);
      return { name: person.name, displayName: person.display_name, panelName };
    },
    { ...waiting, before: (args) => admit(args, null, 'link') },
  );

  route(
    app,
    accountsApi.acceptInvitation,
    async ({ body, request, reply, audit, requestId }) =>
      answer(await acceptInvitation(ctx, body, requestId), 'link', { request, reply, audit }),
    { ...waiting, before: (args) => admit(args, null, 'link') },
  );

  myAccountRoutes(app);
}

/** A passkey cannot be guessed: nobody is kept from it by what others tried. */
function tryKindOf(kind: FactorKind): TryKind {
  return kind === 'passkey' ? 'passkey' : 'factor';
}

/** Behind a proxy the browser meets the certificate of that one. */
function selfSignedFingerprint({ doors }: Pick<Context, 'doors'>, { socket }: FastifyRequest): string | null {
  const certificate = doors.certificate();
  const isMet = socket instanceof TLSSocket && !doors.isTrustedProxy(socket.remoteAddress ?? '');
  return isMet && certificate?.isSelfSigned === true ? certificate.fingerprint : null;
}
