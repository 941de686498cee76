import { AppError } from '#shared/errors.ts';
import type { Call } from '../core/call.ts';
import type { Handlers } from '../core/handlers.ts';
import type { Machine } from '../core/machine.ts';

type Name = Extract<keyof Handlers, `machine_accounts.${string}`>;

/** One after another, and not while a site gets its user: each tool rewrites the same files. */
function oneByOne<T>(machine: Machine, call: Call, work: () => Promise<T>): Promise<T> {
  return machine.locks.hold('accounts', call.deadlineAt, work);
}

export const machineAccountsHandlers: Pick<Handlers, Name> = {
  'machine_accounts.add_group': (machine, { name }, call) =>
    oneByOne(machine, call, async () => (await import('./account-groups.ts')).addGroup(machine, name)),
  'machine_accounts.change': (machine, params, call) =>
    oneByOne(machine, call, async () => (await import('./change-account.ts')).changeAccount(machine, params)),
  'machine_accounts.create': (machine, params, call) =>
    oneByOne(machine, call, async () => (await import('./change-account.ts')).createAccount(machine, params)),
  'machine_accounts.list': async (machine) => (await import('./read-accounts.ts')).listMachineAccounts(machine),
  async 'machine_accounts.read'(machine, { name }) {
    const { items } = (await import('./read-accounts.ts')).listMachineAccounts(machine);
    const account = items.find((each) => each.name === name);
    if (account === undefined)
      throw new AppError('not_found', 'There is no such user.', { reason: 'account_unknown', params: { name } });
    return await (await import('./account-uses.ts')).readFacts(machine, account);
  },
  'machine_accounts.remove': (machine, params, call) =>
    oneByOne(machine, call, async () => {
      const { getAccount, nowOf } = await import('./checks.ts');
      const before = getAccount(nowOf(machine), params.name);
      await (await import('./remove-account.ts')).removeAccount(machine, before, params, call);
      return { before };
    }),
  'machine_accounts.remove_group': (machine, { name }, call) =>
    oneByOne(machine, call, async () => (await import('./account-groups.ts')).removeGroup(machine, name)),
  'machine_accounts.set_keys': (machine, { name, add, remove }, call) =>
    oneByOne(machine, call, async () => {
      const { getAccount, nowOf } = await import('./checks.ts');
      const { groupIdOf } = await import('./read-accounts.ts');
      const { uid, home: path } = getAccount(nowOf(machine), name);
      const place = { path, uid, gid: groupIdOf(machine.prefix, name) ?? 0 };
      return await (await import('./ask-home.ts')).askHome(machine, 'keys', { ...place, add, remove });
    }),
  'machine_accounts.set_members': (machine, params, call) =>
    oneByOne(machine, call, async () => (await import('./account-groups.ts')).setMembers(machine, params)),
  'machine_accounts.set_password': (machine, { name, password }, call) =>
    oneByOne(machine, call, async () => {
      const { getAccount, nowOf } = await import('./checks.ts');
      getAccount(nowOf(machine), name);
      await (await import('./account-tools.ts')).givePassword(machine, name, password);
      return {};
    }),
};
