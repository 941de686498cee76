import { databaseServersApi } from '#shared/database-servers.ts';
import { AppError } from '#shared/errors.ts';
import type { Actor } from '../../core/actor.ts';
import { newId } from '../../core/id.ts';
import { route, type App } from '../../core/route.ts';

/** A server is everybody's: whoever sees assigned sites only does not see it. */
function mustSeeAll(actor: Actor): void {
  if (actor.siteScope !== 'all') throw new AppError('not_found', 'There is no such database server.');
}

/** Database servers as a whole: who may come in and do what, and what they are doing. */
export function databaseServersRoutes(app: App): void {
  const { ctx } = app;

  route(app, databaseServersApi.readState, async ({ params, actor, requestId }) => {
    mustSeeAll(actor);
    return ctx.agent.call('database_servers.state', params, { actor, requestId });
  });

  route(app, databaseServersApi.endProcess, async ({ params, body, actor, requestId, audit }) => {
    mustSeeAll(actor);
    audit.target = params.engine;
    audit.detail['after'] = { processId: params.processId, ...body };
    await ctx.agent.call('database_servers.end_process', { ...params, ...body }, { actor, requestId });
  });

  route(app, databaseServersApi.readSettings, async ({ actor, requestId }) => {
    mustSeeAll(actor);
    return ctx.agent.call('database_servers.settings', {}, { actor, requestId });
  });

  route(app, databaseServersApi.putSettings, async ({ body, actor, requestId, audit }) => {
    mustSeeAll(actor);
    audit.target = 'mariadb';
    audit.detail['after'] = body.settings;
    return ctx.agent.call('database_servers.put_settings', { ...body, changeId: newId() }, { actor, requestId });
  });

  route(app, databaseServersApi.listSlowStatements, async ({ actor, requestId }) => {
    mustSeeAll(actor);
    return ctx.agent.call('database_servers.slow_statements', {}, { actor, requestId });
  });

  route(app, databaseServersApi.listAccounts, async ({ params, actor, requestId }) => {
    mustSeeAll(actor);
    return ctx.agent.call('database_servers.list_accounts', params, { actor, requestId });
  });

  route(app, databaseServersApi.readAccount, async ({ params, actor, requestId }) => {
    mustSeeAll(actor);
    return ctx.agent.call('database_servers.read_account', params, { actor, requestId });
  });

  route(
    app,
    databaseServersApi.createAccount,
    async ({ params, body, actor, requestId, audit }) => {
      mustSeeAll(actor);
      const { name, hosts, requiresTls, password = null } = body;
      audit.target = name;
      audit.detail['after'] = { ...params, name, hosts, requiresTls };
      const given = { ...params, name, hosts, requiresTls, password };
      return ctx.agent.call('database_servers.create_account', given, { actor, requestId });
    },
    { isAnswerSecret: true },
  );

  route(app, databaseServersApi.changeAccount, async ({ params, body, actor, requestId, audit }) => {
    mustSeeAll(actor);
    const { host = null, requiresTls, isLocked } = body;
    const given = { ...params, host, requiresTls, isLocked };
    const account = await ctx.agent.call('database_servers.change_account', given, { actor, requestId });
    audit.target = account.name;
    audit.detail['after'] = { engine: params.engine, host: account.host, requiresTls, isLocked };
    return account;
  });

  route(
    app,
    databaseServersApi.resetAccountPassword,
    async ({ params, body, actor, requestId, audit }) => {
      mustSeeAll(actor);
      audit.target = labelOf(params.accountId);
      audit.detail['engine'] = params.engine;
      const given = { ...params, password: body.password ?? null };
      return ctx.agent.call('database_servers.set_account_password', given, { actor, requestId });
    },
    { isAnswerSecret: true },
  );

  route(app, databaseServersApi.setGrant, async ({ params, body, actor, requestId, audit }) => {
    mustSeeAll(actor);
    audit.target = labelOf(params.accountId);
    audit.detail['after'] = { engine: params.engine, ...body };
    return ctx.agent.call('database_servers.set_grant', { ...params, ...body }, { actor, requestId });
  });

  route(app, databaseServersApi.dropAccount, async ({ params, actor, requestId, audit }) => {
    mustSeeAll(actor);
    audit.target = labelOf(params.accountId);
    audit.detail['engine'] = params.engine;
    await ctx.agent.call('database_servers.drop_account', params, { actor, requestId });
  });

  route(
    app,
    databaseServersApi.setRootPassword,
    async ({ params, body, actor, requestId, audit }) => {
      mustSeeAll(actor);
      audit.target = params.engine;
      const given = { ...params, password: body.password ?? null };
      return ctx.agent.call('database_servers.set_root_password', given, { actor, requestId });
    },
    { isAnswerSecret: true },
  );
}

/** For the audit only: what the id of an account says of its name. */
function labelOf(accountId: string): string {
  try {
    const said: unknown = JSON.parse(Buffer.from(accountId, 'base64url').toString('utf8'));
    const [name, host] = Array.isArray(said) ? (said as unknown[]) : [];
    if (typeof name === 'string') return (typeof host === 'string' ? `${name}@${host}` : name).slice(0, 100);
  } catch {
    // Whoever sent it made it up.
  }
  return accountId.slice(0, 100);
}
