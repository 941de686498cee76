import { AppError } from '#shared/errors.ts';
import {
  isReservedAccount,
  rootGroupsOf,
  type AccountFacts,
  type MachineAccount,
  type MachineGroup,
} from '#shared/machine-accounts.ts';
import type { FakeActions } from '../agent-fake.ts';

type Name = Extract<keyof FakeActions, `machine_accounts.${string}`>;
type Kept = MachineAccount & { keys: AccountFacts['keys'] };

const sampleKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPw5ClYKZTJVZgOOYyErcpDiglmQuJb5ElALH7ZVXVxN';

/** The part of the fake agent that knows users and groups of the machine. */
export function createFakeMachineAccounts(): Pick<FakeActions, Name> {
  const accounts = new Map<string, Kept>();
  const groups = new Map<string, { gid: number; members: Set<string> }>();
  const put = (name: string, uid: number, kind: MachineAccount['kind'], more: Partial<Kept> = {}): void => {
    const isPerson = kind === 'person';
    const signsIn = isPerson || kind === 'root';
    accounts.set(name, {
      name,
      uid,
      group: name,
      groups: [],
      fullName: '',
      home: kind === 'root' ? '/root' : isPerson ? `/home/${name}` : '/nonexistent',
      loginShell: signsIn ? '/bin/bash' : '/usr/sbin/nologin',
      kind,
      canSignIn: signsIn,
      isLocked: false,
      expiresOn: null,
      hasPassword: kind === 'root',
      canChange: isPerson,
      keys: [],
      ...more,
    });
    groups.set(name, { gid: uid, members: new Set() });
  };
  for (const [name, gid] of [
    ['sudo', 27],
    ['users', 100],
    ['docker', 990],
    ['developers', 1_100],
  ] as const)
    groups.set(name, { gid, members: new Set() });
  put('root', 0, 'root');
  put('debian', 1_000, 'person', { fullName: 'Debian', keys: [{ name: 'laptop', key: sampleKey }] });
  put('sara', 1_001, 'person', { fullName: 'سارة العلي', hasPassword: true, expiresOn: '2030-01-01' });
  put('aapanel', 997, 'panel');
  put('site-abcdefgh', 20_000, 'site');
  put('www-data', 33, 'system');
  put('mysql', 105, 'system');
  groups.get('sudo')?.members.add('debian');
  groups.get('users')?.members.add('debian');
  groups.get('developers')?.members.add('sara');

  const shown = (kept: Kept): MachineAccount => {
    const { keys: _, ...account } = kept;
    return {
      ...account,
      groups: [...groups].flatMap(([name, { members }]) => (members.has(account.name) ? [name] : [])).sort(),
      canSignIn: !account.loginShell.endsWith('nologin') && account.isLocked !== true,
    };
  };
  const groupOf = (name: string): MachineGroup => {
    const { gid, members } = getGroup(name);
    const primaryOf = accounts.has(name) ? [name] : [];
    const canChange = !isReservedAccount(name);
    return {
      name,
      gid,
      members: [...members].sort(),
      primaryOf,
      isRoot: rootGroupsOf([name]).length > 0,
      canChange,
      canDelete: canChange && gid >= 1_000 && primaryOf.length === 0,
    };
  };
  const getGroup = (name: string) => {
    const found = groups.get(name);
    if (found === undefined)
      throw new AppError('not_found', 'There is no such group.', { reason: 'group_unknown', params: { name } });
    return found;
  };
  const get = (name: string): Kept => {
    const found = accounts.get(name);
    if (found === undefined)
      throw new AppError('not_found', 'There is no such user.', { reason: 'account_unknown', params: { name } });
    return found;
  };
  const getOwn = (name: string): Kept => {
    const found = get(name);
    if (!found.canChange)
      throw new AppError('not_allowed', 'This user is not changed.', { reason: 'account_reserved', params: { name } });
    return found;
  };
  const join = (name: string, wanted: readonly string[], becomesRoot: boolean): void => {
    const mighty = rootGroupsOf(wanted).filter((group) => !getGroup(group).members.has(name));
    if (mighty.length > 0 && !becomesRoot)
      throw new AppError('invalid_request', 'Members of this group can become root.', {
        reason: 'group_gives_root',
        params: { names: mighty.join(', ') },
      });
    for (const each of wanted) getGroup(each);
    for (const [group, { members }] of groups) {
      if (wanted.includes(group)) members.add(name);
      else members.delete(name);
    }
  };
  const mustBeFree = (name: string): void => {
    if (accounts.has(name) || groups.has(name))
      throw new AppError('already_exists', 'This name is taken.', { reason: 'account_exists', params: { name } });
  };
  const freeId = (): number => Math.max(...[...groups.values()].map(({ gid }) => (gid < 20_000 ? gid : 0))) + 1;

  return {
    'machine_accounts.list': () =>
      Promise.resolve({
        items: [...accounts.values()].map(shown),
        groups: [...groups.keys()].sort().map(groupOf),
        shells: ['/bin/sh', '/bin/bash', '/usr/sbin/nologin'],
        tools: 'ready' as const,
      }),
    'machine_accounts.read'({ name }) {
      const found = get(name);
      const isBusy = name === 'debian';
      return Promise.resolve({
        account: shown(found),
        keys: found.keys,
        otherKeyLines: isBusy ? 1 : 0,
        home: {
          state: found.canChange ? ('folder' as const) : ('unknown' as const),
          sizeBytes: isBusy ? 7_340_032 : 16_384,
        },
        sessions: isBusy ? 1 : 0,
        processes: isBusy ? [{ pid: 790, name: 'bash' }] : [],
        processCount: isBusy ? 1 : 0,
        crontabLines: isBusy ? 2 : 0,
        jobs: [],
      });
    },
    'machine_accounts.create'({ name, fullName, loginShell, groups: wanted, keys, becomesRoot }) {
      mustBeFree(name);
      join(name, wanted, becomesRoot);
      put(name, freeId(), 'person', { fullName, loginShell, keys });
      return Promise.resolve(shown(get(name)));
    },
    'machine_accounts.change'({ name, fullName, loginShell, groups: wanted, expiresOn, isLocked, becomesRoot }) {
      const found = getOwn(name);
      const before = shown(found);
      if (wanted !== undefined) join(name, wanted, becomesRoot);
      if (fullName !== undefined) found.fullName = fullName;
      if (loginShell !== undefined) found.loginShell = loginShell;
      if (expiresOn !== undefined || isLocked !== undefined)
        found.expiresOn = isLocked === true ? null : (expiresOn ?? null);
      if (isLocked !== undefined) found.isLocked = isLocked;
      return Promise.resolve({ before, account: shown(found) });
    },
    'machine_accounts.set_keys'({ name, add, remove }) {
      const found = getOwn(name);
      const before = found.keys;
      const left = before.filter(({ key }) => !remove.includes(key));
      found.keys = [...left, ...add.filter(({ key }) => left.every((each) => each.key !== key))];
      return Promise.resolve({ before, keys: found.keys });
    },
    'machine_accounts.set_password'({ name }) {
      getOwn(name).hasPassword = true;
      return Promise.resolve({});
    },
    'machine_accounts.remove'({ name, endsProcesses }) {
      const before = shown(getOwn(name));
      if (name === 'debian' && !endsProcesses)
        throw new AppError('in_use', 'Programs run as this user.', {
          reason: 'account_has_processes',
          params: { name, count: 1 },
        });
      join(name, [], false);
      accounts.delete(name);
      groups.delete(name);
      return Promise.resolve({ before });
    },
    'machine_accounts.add_group'({ name }) {
      mustBeFree(name);
      groups.set(name, { gid: freeId(), members: new Set() });
      return Promise.resolve(groupOf(name));
    },
    'machine_accounts.set_members'({ name, add, remove, becomesRoot }) {
      const before = groupOf(name);
      if (before.isRoot && add.length > 0 && !becomesRoot)
        throw new AppError('invalid_request', 'Members of this group can become root.', {
          reason: 'group_gives_root',
          params: { names: name },
        });
      for (const user of add) getGroup(name).members.add(getOwn(user).name);
      for (const user of remove) getGroup(name).members.delete(user);
      return Promise.resolve({ before, group: groupOf(name) });
    },
    'machine_accounts.remove_group'({ name }) {
      const before = groupOf(name);
      if (!before.canDelete)
        throw new AppError('not_allowed', 'This group is not changed.', { reason: 'group_reserved', params: { name } });
      groups.delete(name);
      return Promise.resolve({ before });
    },
  };
}
