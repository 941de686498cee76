import { machineAccountsApi, rootGroupsOf, type MachineAccount } from '#shared/machine-accounts.ts';
import { route, type App } from '../../core/route.ts';

/** Before anything is begun; the agent asks for a ticket of its own. As with a shell of root's, no token does it. */
const elevated = { isElevated: true, isForPeople: true } as const;

/** What the audit log keeps of a user: nothing of it is secret. */
function facts({ fullName, loginShell, groups, expiresOn, isLocked }: MachineAccount): object {
  return { fullName, loginShell, groups, expiresOn, isLocked };
}

/** Says in the log which groups gave somebody the power of root. */
function powers(groups: readonly string[]): object {
  const rootGroups = rootGroupsOf(groups);
  return rootGroups.length === 0 ? {} : { rootGroups };
}

const namesOf = (keys: readonly { readonly name: string; readonly key: string }[]): string[] =>
  keys.map(({ name, key }) => `${name} …${key.slice(-16)}`);

export function machineAccountsRoutes(app: App): void {
  const { ctx } = app;

  route(app, machineAccountsApi.list, async ({ actor, requestId }) =>
    ctx.agent.call('machine_accounts.list', {}, { actor, requestId }),
  );

  route(
    app,
    machineAccountsApi.create,
    async ({ body, actor, requestId, audit }) => {
      audit.target = body.name;
      const { fullName, loginShell, groups, keys } = body;
      audit.detail['after'] = { fullName, loginShell, groups, keys: namesOf(keys) };
      Object.assign(audit.detail, powers(groups));
      return ctx.agent.call('machine_accounts.create', body, { actor, requestId });
    },
    elevated,
  );

  route(app, machineAccountsApi.get, async ({ params, actor, requestId }) =>
    ctx.agent.call('machine_accounts.read', params, { actor, requestId }),
  );

  route(
    app,
    machineAccountsApi.change,
    async ({ params, body, actor, requestId, audit }) => {
      audit.target = params.name;
      const { becomesRoot: _, ...wanted } = body;
      audit.detail['after'] = wanted;
      Object.assign(audit.detail, powers(body.groups ?? []));
      const answer = await ctx.agent.call('machine_accounts.change', { ...params, ...body }, { actor, requestId });
      audit.detail['before'] = facts(answer.before);
      audit.detail['after'] = facts(answer.account);
      return answer.account;
    },
    elevated,
  );

  route(
    app,
    machineAccountsApi.setKeys,
    async ({ params, body, actor, requestId, audit }) => {
      audit.target = params.name;
      audit.detail['wanted'] = { add: namesOf(body.add), removed: body.remove.length };
      const answer = await ctx.agent.call('machine_accounts.set_keys', { ...params, ...body }, { actor, requestId });
      audit.detail['before'] = { keys: namesOf(answer.before) };
      audit.detail['after'] = { keys: namesOf(answer.keys) };
      return { keys: answer.keys };
    },
    elevated,
  );

  route(
    app,
    machineAccountsApi.setPassword,
    async ({ params, body, actor, requestId, audit }) => {
      audit.target = params.name;
      await ctx.agent.call('machine_accounts.set_password', { ...params, ...body }, { actor, requestId });
    },
    elevated,
  );

  route(
    app,
    machineAccountsApi.remove,
    async ({ params, body, actor, requestId, audit }) => {
      audit.target = params.name;
      audit.detail['endsProcesses'] = body.endsProcesses;
      const { before } = await ctx.agent.call('machine_accounts.remove', { ...params, ...body }, { actor, requestId });
      audit.detail['before'] = { ...facts(before), uid: before.uid, home: before.home };
    },
    elevated,
  );

  route(
    app,
    machineAccountsApi.createGroup,
    async ({ body, actor, requestId, audit }) => {
      audit.target = body.name;
      return ctx.agent.call('machine_accounts.add_group', body, { actor, requestId });
    },
    elevated,
  );

  route(
    app,
    machineAccountsApi.setMembers,
    async ({ params, body, actor, requestId, audit }) => {
      audit.target = params.name;
      audit.detail['wanted'] = { add: body.add, remove: body.remove };
      if (body.add.length > 0) Object.assign(audit.detail, powers([params.name]));
      const answer = await ctx.agent.call('machine_accounts.set_members', { ...params, ...body }, { actor, requestId });
      audit.detail['before'] = { members: answer.before.members };
      audit.detail['after'] = { members: answer.group.members };
      return answer.group;
    },
    elevated,
  );

  route(
    app,
    machineAccountsApi.removeGroup,
    async ({ params, actor, requestId, audit }) => {
      audit.target = params.name;
      const { before } = await ctx.agent.call('machine_accounts.remove_group', params, { actor, requestId });
      audit.detail['before'] = { gid: before.gid, members: before.members };
    },
    elevated,
  );
}
