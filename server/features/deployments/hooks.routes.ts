import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { idPattern } from '#shared/http.ts';
import type { Context } from '../../context.ts';
import { sendHidden } from '../../core/doors-gate.ts';
import { sendProblem } from '../../core/error-handler.ts';
import type { App } from '../../core/route.ts';
import { hookPath } from './deployments.logic.ts';
import { findHook } from './deployments.store.ts';
import { createHookLimits } from './hooks.limits.ts';
import { findSignedHook, noSuchHook, receivePush, watchWaiting } from './hooks.logic.ts';

/** A push tells of up to two thousand commits. */
const bodyLimitBytes = 5 * 1024 * 1024;

/**
 * The one way in that no person and no token opens: a push that was signed with the secret of a site. It is no operation of
 * the API: its body is read as it was sent, and every refusal is the answer of an address where nothing is.
 */
export function hooksRoutes({ ctx, server }: App): void {
  server.addHook('onReady', (done) => {
    ctx.health.onDrain(watchWaiting(ctx));
    done();
  });
  const limits = createHookLimits(ctx.clock);
  void server.register((scope: FastifyInstance, _options: object, done: () => void) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => parsed(null, body));
    scope.setErrorHandler((_error, _request, reply) => refuse(ctx, reply));
    scope.route({
      method: 'POST',
      url: hookPath(':hookId'),
      bodyLimit: bodyLimitBytes,
      config: { access: 'public', operationId: 'receivePush' },
      // Before a single byte of the body is read.
      onRequest: async (request, reply) => {
        const { hookId } = request.params as { hookId: string };
        const isKnown =
          idPattern.test(hookId) && limits.may(request.ip, hookId) && (await findHook(ctx.db, hookId)) !== undefined;
        if (isKnown) return;
        limits.noteRefusal(request.ip);
        refuse(ctx, reply);
      },
      handler: (request, reply) => receive(ctx, limits, request, reply),
    });
    done();
  });
}

async function receive(
  ctx: Context,
  limits: ReturnType<typeof createHookLimits>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { hookId } = request.params as { hookId: string };
  const sent = { headers: request.headers, body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0) };
  const row = await findSignedHook(ctx, hookId, sent);
  if (row === undefined) {
    limits.noteRefusal(request.ip);
    return refuse(ctx, reply);
  }
  const entry = {
    actor: null,
    action: 'receivePush',
    target: row.site_id,
    address: request.ip,
    requestId: request.id,
    detail: {},
  };
  const record = await ctx.audit.begin(entry);
  try {
    const outcome = await receivePush(ctx, row, sent);
    await record.finish('done', { outcome });
    return reply.code(202).type('application/json; charset=utf-8').send(JSON.stringify({ outcome }));
  } catch (error) {
    await record.finish('failed');
    ctx.log.warn({ err: error, siteId: row.site_id }, 'a push could not be taken up');
    // Whoever signs is told to come again.
    return reply
      .code(503)
      .type('application/json; charset=utf-8')
      .send(JSON.stringify({ outcome: 'failed' }));
  }
}

function refuse(ctx: Context, reply: FastifyReply): FastifyReply {
  if (ctx.doors.current().entryPath !== null) return sendHidden(ctx, reply.request, reply);
  return sendProblem(reply, noSuchHook());
}
