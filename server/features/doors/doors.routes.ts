import { doorsApi } from '#shared/doors.ts';
import { AppError } from '#shared/errors.ts';
import { route, type App } from '../../core/route.ts';
import { changeCertificate, changeDoors, getDoorsState, resetCertificate } from './doors.logic.ts';
import { orderCertificate } from './order-certificate.ts';
import { followCertificate, listFitting, lookAtFollowed, startFollowing } from './followed-certificate.ts';

export function doorsRoutes(app: App): void {
  const { ctx } = app;

  route(app, doorsApi.get, async ({ request }) => getDoorsState(ctx, request));

  route(
    app,
    doorsApi.set,
    async ({ body, request, audit }) => {
      audit.detail['before'] = withoutSecret(ctx.doors.current());
      audit.detail['after'] = withoutSecret(body);
      audit.detail['isEntryChanged'] = body.entryPath !== ctx.doors.current().entryPath;
      await changeDoors(ctx, request, body);
      return getDoorsState(ctx, request);
    },
    { isElevated: true },
  );

  app.server.addHook('onReady', (done) => {
    ctx.health.onDrain(startFollowing(ctx));
    done();
  });

  route(app, doorsApi.fittingCertificates, async ({ request, actor, requestId }) =>
    listFitting(ctx, request, { actor, requestId }),
  );

  route(app, doorsApi.confirm, async ({ body, request, reply }) => {
    try {
      await ctx.doors.confirm(body.id, request);
      // The agent forgets what was chosen before; where it is away, the next look does it.
      void lookAtFollowed(ctx).catch((error: unknown) => ctx.log.debug({ err: error }, 'the agent keeps a choice'));
    } catch (error) {
      // The next try comes over a new connection.
      if (error instanceof AppError && error.reason === 'confirm_needs_new_connection')
        reply.header('connection', 'close');
      throw error;
    }
    return getDoorsState(ctx, request);
  });

  route(app, doorsApi.revert, async ({ body, request }) => {
    await ctx.doors.revert(body.id);
    return getDoorsState(ctx, request);
  });

  const fingerprint = () => ({ fingerprint: ctx.doors.certificate()?.fingerprint ?? null });

  route(
    app,
    doorsApi.setCertificate,
    async ({ body, request, audit }) => {
      audit.detail['before'] = fingerprint();
      await changeCertificate(ctx, request, body);
      audit.detail['after'] = fingerprint();
      return getDoorsState(ctx, request);
    },
    { isElevated: true, isAnswerSecret: true },
  );

  route(
    app,
    doorsApi.followCertificate,
    async ({ body, request, audit, actor, requestId }) => {
      audit.detail['certificateId'] = body.certificateId;
      audit.detail['before'] = fingerprint();
      await followCertificate(ctx, request, { actor, requestId }, body.certificateId);
      audit.detail['after'] = fingerprint();
      return getDoorsState(ctx, request);
    },
    { isElevated: true },
  );

  route(
    app,
    doorsApi.orderCertificate,
    async ({ body, request, audit, actor, requestId }) => {
      audit.detail['host'] = body.host;
      audit.detail['before'] = fingerprint();
      return orderCertificate(ctx, request, { actor, requestId }, body.host);
    },
    { isElevated: true },
  );

  route(
    app,
    doorsApi.resetCertificate,
    async ({ request, audit }) => {
      audit.detail['before'] = fingerprint();
      await resetCertificate(ctx);
      audit.detail['after'] = fingerprint();
      return getDoorsState(ctx, request);
    },
    { isElevated: true },
  );
}

/** The audit log is read by more people than the doors. */
function withoutSecret<T extends { readonly entryPath: string | null }>({ entryPath, ...rest }: T) {
  return { ...rest, hasEntryPath: entryPath !== null };
}
