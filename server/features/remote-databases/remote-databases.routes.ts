import { AppError } from '#shared/errors.ts';
import { remoteDatabasesApi, type RemoteServer } from '#shared/remote-databases.ts';
import type { Actor } from '../../core/actor.ts';
import { newId } from '../../core/id.ts';
import { route, type App } from '../../core/route.ts';

/** A server is everybody's: whoever sees assigned sites only does not see it. */
function mustSeeAll(actor: Actor): void {
  if (actor.siteScope !== 'all') throw new AppError('not_found', 'There is no such database server.');
}

/** What the audit log keeps of how the panel comes in: never the password, nor the certificates. */
function shownWay(way: Pick<RemoteServer, 'authority' | 'engine' | 'host' | 'port' | 'tls' | 'user' | 'usersFrom'>) {
  const { engine, host, port, user, tls, usersFrom, authority } = way;
  return { engine, host, port, user, tls, usersFrom, hasAuthority: authority !== null };
}

/** Database servers on other machines and the databases on them. */
export function remoteDatabasesRoutes(app: App): void {
  const { ctx } = app;

  route(app, remoteDatabasesApi.listServers, async ({ actor, requestId }) => {
    mustSeeAll(actor);
    return ctx.agent.call('remote_databases.servers', {}, { actor, requestId });
  });

  route(app, remoteDatabasesApi.addServer, async ({ body, actor, requestId, audit }) => {
    mustSeeAll(actor);
    const { password = null, ...way } = body;
    audit.target = way.name;
    audit.detail['after'] = shownWay(way);
    const facts = { ...way, password, serverId: newId(), isNew: true, isTrial: false };
    const { server } = await ctx.agent.call('remote_databases.put_server', facts, { actor, requestId });
    return kept(server);
  });

  route(app, remoteDatabasesApi.tryServer, async ({ body, actor, requestId, audit }) => {
    mustSeeAll(actor);
    const { password = null, serverId, ...way } = body;
    audit.target = way.name;
    audit.detail['tried'] = shownWay(way);
    const isNew = serverId === undefined;
    const facts = { ...way, password, serverId: serverId ?? newId(), isNew, isTrial: true };
    const { found } = await ctx.agent.call('remote_databases.put_server', facts, { actor, requestId });
    return found;
  });

  route(app, remoteDatabasesApi.changeServer, async ({ params, body, actor, requestId, audit }) => {
    mustSeeAll(actor);
    const { password = null, ...way } = body;
    audit.target = way.name;
    const { items } = await ctx.agent.call('remote_databases.servers', {}, { actor, requestId });
    const before = items.find((each) => each.serverId === params.serverId);
    if (before !== undefined) audit.detail['before'] = { name: before.name, ...shownWay(before) };
    audit.detail['after'] = { ...shownWay(way), isPasswordNew: password !== null };
    const facts = { ...way, ...params, password, isNew: false, isTrial: false };
    const { server } = await ctx.agent.call('remote_databases.put_server', facts, { actor, requestId });
    return kept(server);
  });

  route(app, remoteDatabasesApi.removeServer, async ({ params, actor, requestId, audit }) => {
    mustSeeAll(actor);
    audit.target = params.serverId;
    const { name } = await ctx.agent.call('remote_databases.remove_server', params, { actor, requestId });
    audit.target = name;
  });

  route(app, remoteDatabasesApi.listDatabases, async ({ params, actor, requestId }) => {
    mustSeeAll(actor);
    return ctx.agent.call('remote_databases.list', params, { actor, requestId });
  });

  route(
    app,
    remoteDatabasesApi.createDatabase,
    async ({ params, body, actor, requestId, audit }) => {
      mustSeeAll(actor);
      const { name, user, password = null, charset = null, locale } = body;
      audit.target = name;
      audit.detail['after'] = { ...params, user, charset, locale };
      const given = { ...params, name, user, password, charset, locale, databaseId: newId() };
      return ctx.agent.call('remote_databases.create', given, { actor, requestId });
    },
    { isAnswerSecret: true },
  );

  route(
    app,
    remoteDatabasesApi.changePassword,
    async ({ params, body, actor, requestId, audit }) => {
      mustSeeAll(actor);
      audit.target = params.databaseId;
      audit.detail['serverId'] = params.serverId;
      const given = { ...params, password: body.password ?? null };
      return ctx.agent.call('remote_databases.change_password', given, { actor, requestId });
    },
    { isAnswerSecret: true },
  );

  route(app, remoteDatabasesApi.previewRemoval, async ({ params, actor, requestId }) => {
    mustSeeAll(actor);
    return ctx.agent.call('remote_databases.preview_removal', params, { actor, requestId });
  });

  route(app, remoteDatabasesApi.removeDatabase, async ({ params, body, actor, requestId, audit }) => {
    mustSeeAll(actor);
    audit.target = params.databaseId;
    audit.detail['serverId'] = params.serverId;
    const given = { ...params, ...body };
    const { name } = await ctx.agent.call('remote_databases.remove', given, { actor, requestId });
    audit.target = name;
  });
}

function kept(server: RemoteServer | null): RemoteServer {
  if (server === null) throw new Error('the agent answered a trial');
  return server;
}
