import { doorsApi } from '#shared/doors.ts';
import { AppError } from '#shared/errors.ts';
import { route, type App } from '../../core/route.ts';
import { changeCertificate, changeDoors, getDoorsState } from './doors.logic.ts';

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

  route(app, doorsApi.confirm, async ({ body, request, reply }) => {
    try {
      await ctx.doors.confirm(body.id, request);
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

  route(
    app,
    doorsApi.setCertificate,
    async ({ body, request, audit }) => {
      audit.detail['before'] = { fingerprint: ctx.doors.certificate()?.fingerprint ?? null };
      await changeCertificate(ctx, request, body);
      audit.detail['after'] = { fingerprint: ctx.doors.certificate()?.fingerprint ?? null };
      return getDoorsState(ctx, request);
    },
    { isElevated: true, isAnswerSecret: true },
  );
}

/** The audit log is read by more people than the doors. */
function withoutSecret<T extends { readonly entryPath: string | null }>({ entryPath, ...rest }: T) {
  return { ...rest, hasEntryPath: entryPath !== null };
}
