import type { FastifyRequest } from 'fastify';
import { accountsApi } from '#shared/accounts.ts';
import { AppError } from '#shared/errors.ts';
import type { SignedIn } from '../../core/auth/sessions.ts';
import {
  clearedElevationCookie,
  clearedSessionCookie,
  elevationCookie,
  sessionCookie,
  setCookies,
} from '../../core/cookies.ts';
import { route, type App } from '../../core/route.ts';
import { getPanelSettings } from '../settings/settings.logic.ts';
import { refuseCommon, setPreferences, toMe } from './accounts.logic.ts';
import {
  changeFactors,
  checkRegistration,
  elevate,
  myChallenge,
  myFactors,
  newTotpSecret,
  userHandleOf,
} from './my-factors.ts';
import { deleteNotice } from './notices.store.ts';
import { clientOf, noteRecoveryCode, readFactors } from './open-session.ts';
import { getRelyingParty, passkeyPlace } from './relying-party.ts';

/** None of these is for programs: a token that leaked must not be able to stay. */
const people = { isForPeople: true } as const;
const secret = { isForPeople: true, isAnswerSecret: true } as const;
const waiting = { isForPeople: true, mayWaitForAudit: true } as const;

export function myAccountRoutes(app: App): void {
  const { ctx } = app;

  route(app, accountsApi.me, async ({ request }) => toMe(ctx, mustBeSignedIn(request)));

  route(
    app,
    accountsApi.setPreferences,
    async ({ body, request }) => toMe(ctx, await setPreferences(ctx, mustBeSignedIn(request), body)),
    waiting,
  );

  route(
    app,
    accountsApi.dismissNotice,
    async ({ params, actor }) => deleteNotice(ctx.db, actor.id, params.noticeId),
    waiting,
  );

  elevationRoutes(app);
  factorRoutes(app);
  passkeyRoutes(app);
  sessionRoutes(app);
}

function elevationRoutes(app: App): void {
  const { ctx } = app;

  route(
    app,
    accountsApi.elevate,
    async ({ body, request, reply, actor, requestId, audit }) => {
      audit.detail['factor'] = body.proof.kind;
      const { token, elevation, until } = await elevate(ctx, { actor, requestId }, body.proof);
      ctx.signInLimits.succeed(request.ip, actor.name, body.proof.kind === 'passkey' ? 'passkey' : 'factor');
      if (body.proof.kind === 'recovery') {
        await noteRecoveryCode(ctx, actor.id, await readFactors(ctx, actor.id, requestId), clientOf(request));
      }
      const signedIn = await ctx.sessions.find(token);
      if (signedIn === undefined) throw new AppError('not_signed_in', 'Sign in first.');
      const seconds = Math.max(0, Math.floor((until - ctx.clock.now()) / 1000));
      setCookies(reply, [elevationCookie(ctx.config, elevation, seconds), sessionCookie(ctx.config, token)]);
      return toMe(ctx, {
        ...signedIn,
        actor: { ...signedIn.actor, elevation: () => Promise.resolve(elevation) },
      });
    },
    {
      ...people,
      before: ({ body, request, actor }) =>
        ctx.signInLimits.take(request.ip, actor.name, body.proof.kind === 'passkey' ? 'passkey' : 'factor'),
    },
  );

  route(
    app,
    accountsApi.endElevation,
    async ({ actor, reply }) => {
      await ctx.sessions.endElevations(actor.id);
      reply.header('set-cookie', clearedElevationCookie(ctx.config));
    },
    waiting,
  );

  route(
    app,
    accountsApi.elevationChallenge,
    async ({ request, actor, requestId }) => {
      const place = getRelyingParty(ctx, request);
      const asked = await myChallenge(ctx, { actor, requestId }, 'elevate', place);
      return { ...asked, rpId: place.id };
    },
    people,
  );
}

function factorRoutes(app: App): void {
  const { ctx } = app;

  route(
    app,
    accountsApi.factors,
    async ({ request, actor, requestId }) => myFactors(ctx, { actor, requestId }, passkeyPlace(ctx, request)),
    people,
  );

  route(
    app,
    accountsApi.changePassword,
    async ({ body, actor, requestId, request, reply }) => {
      refuseCommon(body.next, actor.name, 'next');
      const change = { kind: 'set_password' as const, current: body.current.normalize('NFKC'), password: body.next };
      await changeFactors(ctx, { actor, requestId }, change);
      ctx.signInLimits.succeed(request.ip, actor.name, 'factor');
      reply.header('set-cookie', clearedElevationCookie(ctx.config));
    },
    { ...people, before: ({ request, actor }) => ctx.signInLimits.take(request.ip, actor.name, 'factor') },
  );

  route(
    app,
    accountsApi.newTotp,
    async ({ actor }) => {
      const { panelName } = await getPanelSettings(ctx);
      return newTotpSecret(panelName === '' ? 'aaPanel' : panelName, actor.name);
    },
    secret,
  );

  route(
    app,
    accountsApi.addTotp,
    async ({ body, actor, requestId, reply }) => {
      const recoveryCodes = await changeFactors(ctx, { actor, requestId }, { kind: 'add_totp', ...body });
      reply.header('set-cookie', clearedElevationCookie(ctx.config));
      return { recoveryCodes };
    },
    secret,
  );

  route(
    app,
    accountsApi.removeTotp,
    async ({ actor, requestId, reply }) => {
      await changeFactors(ctx, { actor, requestId }, { kind: 'remove_totp' });
      reply.header('set-cookie', clearedElevationCookie(ctx.config));
    },
    people,
  );

  route(
    app,
    accountsApi.newRecoveryCodes,
    async ({ actor, requestId, reply }) => {
      const recoveryCodes = await changeFactors(ctx, { actor, requestId }, { kind: 'new_recovery_codes' });
      reply.header('set-cookie', clearedElevationCookie(ctx.config));
      return { recoveryCodes: recoveryCodes ?? [] };
    },
    secret,
  );
}

function passkeyRoutes(app: App): void {
  const { ctx } = app;

  route(
    app,
    accountsApi.newPasskey,
    async ({ request, actor, requestId }) => {
      const place = getRelyingParty(ctx, request);
      const { challenge, passkeyIds } = await myChallenge(ctx, { actor, requestId }, 'register', place);
      const { panelName } = await getPanelSettings(ctx);
      const { person } = mustBeSignedIn(request);
      return {
        challenge,
        rpId: place.id,
        rpName: panelName === '' ? 'aaPanel' : panelName,
        userId: userHandleOf(actor.id),
        userName: actor.name,
        userDisplayName: person.displayName === '' ? actor.name : person.displayName,
        excludedIds: passkeyIds,
      };
    },
    people,
  );

  route(
    app,
    accountsApi.addPasskey,
    async ({ body, request, actor, requestId, audit, reply }) => {
      audit.detail['name'] = body.name;
      await checkRegistration(body.registration, getRelyingParty(ctx, request));
      const recoveryCodes = await changeFactors(ctx, { actor, requestId }, { kind: 'add_passkey', ...body });
      reply.header('set-cookie', clearedElevationCookie(ctx.config));
      return { recoveryCodes };
    },
    secret,
  );

  route(
    app,
    accountsApi.renamePasskey,
    async ({ params, body, actor, requestId, audit }) => {
      audit.detail['name'] = body.name;
      await changeFactors(ctx, { actor, requestId }, { kind: 'rename_passkey', ...params, ...body });
    },
    people,
  );

  route(
    app,
    accountsApi.removePasskey,
    async ({ params, actor, requestId, reply }) => {
      await changeFactors(ctx, { actor, requestId }, { kind: 'remove_passkey', ...params });
      reply.header('set-cookie', clearedElevationCookie(ctx.config));
    },
    people,
  );
}

function sessionRoutes(app: App): void {
  const { ctx } = app;

  route(
    app,
    accountsApi.sessions,
    async ({ actor }) => {
      const found = await ctx.sessions.list(actor.id);
      return {
        items: found.map((session) => ({
          id: session.id,
          isCurrent: session.id === actor.sessionId,
          createdAt: new Date(session.createdAt).toISOString(),
          lastUsedAt: new Date(session.lastUsedAt).toISOString(),
          expiresAt: new Date(session.expiresAt).toISOString(),
          address: session.address,
          userAgent: session.userAgent,
        })),
      };
    },
    people,
  );

  route(
    app,
    accountsApi.endSession,
    async ({ params, actor, reply }) => {
      const own = await ctx.sessions.list(actor.id);
      if (!own.some(({ id }) => id === params.sessionId)) throw new AppError('not_found', 'There is no such session.');
      await ctx.sessions.end(params.sessionId);
      if (params.sessionId !== actor.sessionId) return;
      setCookies(reply, [clearedElevationCookie(ctx.config), clearedSessionCookie(ctx.config)]);
    },
    waiting,
  );

  route(
    app,
    accountsApi.endOtherSessions,
    async ({ actor }) => ctx.sessions.endAllOf(actor.id, actor.sessionId),
    waiting,
  );
}

function mustBeSignedIn(request: FastifyRequest): SignedIn {
  if (request.signedIn === null) throw new Error('the route needs a session and its guard found none');
  return request.signedIn;
}
