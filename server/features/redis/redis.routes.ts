import { AppError } from '#shared/errors.ts';
import { redisApi } from '#shared/redis.ts';
import type { Actor } from '../../core/actor.ts';
import { route, type App } from '../../core/route.ts';

/** All sites may keep things in it: whoever sees assigned sites only does not see it. */
function mustSeeAll(actor: Actor): void {
  if (actor.siteScope !== 'all') throw new AppError('not_found', 'There is no Redis.');
}

/** Keys of Redis. Names of keys may be those of sessions: no log and no audit row has them, only how many there were. */
export function redisRoutes(app: App): void {
  const { ctx } = app;

  route(app, redisApi.readServer, async ({ actor, requestId }) => {
    mustSeeAll(actor);
    return ctx.agent.call('redis.server', {}, { actor, requestId });
  });

  // Both only read, although they are a POST: what they ask for does not belong into an address.
  route(
    app,
    redisApi.find,
    async ({ params, body, actor, requestId }) => {
      mustSeeAll(actor);
      return ctx.agent.call('redis.find', { ...params, ...body }, { actor, requestId });
    },
    { isPiece: true },
  );

  route(
    app,
    redisApi.read,
    async ({ params, body, actor, requestId }) => {
      mustSeeAll(actor);
      return ctx.agent.call('redis.read', { ...params, ...body }, { actor, requestId });
    },
    { isPiece: true },
  );

  route(app, redisApi.set, async ({ params, body, actor, requestId, audit }) => {
    mustSeeAll(actor);
    audit.target = targetOf(params.database);
    audit.detail['after'] = { isNew: body.revision === null, ttlSeconds: body.ttlSeconds };
    await ctx.agent.call('redis.set', { ...params, ...body }, { actor, requestId });
  });

  route(app, redisApi.changeElement, async ({ params, body, actor, requestId, audit }) => {
    mustSeeAll(actor);
    audit.target = targetOf(params.database);
    audit.detail['after'] = { kind: body.change.kind, type: body.change.type };
    await ctx.agent.call('redis.change_element', { ...params, ...body }, { actor, requestId });
  });

  route(app, redisApi.expire, async ({ params, body, actor, requestId, audit }) => {
    mustSeeAll(actor);
    audit.target = targetOf(params.database);
    audit.detail['after'] = { ttlSeconds: body.ttlSeconds };
    await ctx.agent.call('redis.expire', { ...params, ...body }, { actor, requestId });
  });

  route(app, redisApi.delete, async ({ params, body, actor, requestId, audit }) => {
    mustSeeAll(actor);
    audit.target = targetOf(params.database);
    const answer = await ctx.agent.call('redis.delete', { ...params, ...body }, { actor, requestId });
    audit.detail['after'] = answer;
    return answer;
  });

  route(app, redisApi.flush, async ({ params, actor, requestId, audit }) => {
    mustSeeAll(actor);
    audit.target = targetOf(params.database);
    const answer = await ctx.agent.call('redis.flush', params, { actor, requestId });
    audit.detail['after'] = answer;
    return answer;
  });
}

const targetOf = (database: number): string => `redis/${database}`;
