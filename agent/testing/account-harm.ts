/** For tests: what a web process that was taken over would do to the users of the machine, and on other machines. */
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPw5ClYKZTJVZgOOYyErcpDiglmQuJb5ElALH7ZVXVxN';
const harmTo = (what: object) => () => Promise.resolve(what);

const accountHarm: Readonly<Record<string, () => Promise<object>>> = {
  'machine_accounts.add_group': harmTo({ name: 'mallory' }),
  'machine_accounts.change': harmTo({ name: 'omar', groups: ['sudo'], becomesRoot: true }),
  'machine_accounts.create': harmTo({ name: 'mallory', loginShell: '/bin/sh', groups: ['sudo'], becomesRoot: true }),
  'machine_accounts.remove': harmTo({ name: 'omar', endsProcesses: true }),
  'machine_accounts.remove_group': harmTo({ name: 'developers' }),
  'machine_accounts.set_keys': harmTo({ name: 'omar', add: [{ name: 'mallory', key }] }),
  'machine_accounts.set_members': harmTo({ name: 'sudo', add: ['omar'], becomesRoot: true }),
  'machine_accounts.set_password': harmTo({ name: 'omar', password: 'known to mallory' }),
};

const [serverId, databaseId] = ['aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbb'];
/** Nobody listens there, and nothing is kept: what matters is that nothing of it is tried without a fresh factor. */
const wayToMallory = {
  serverId,
  isNew: true,
  isTrial: false,
  engine: 'mariadb',
  name: 'mallory',
  host: '127.0.0.1',
  port: 1,
  user: 'mallory',
  password: 'known to mallory',
  tls: 'off',
  authority: null,
  usersFrom: 'any',
};

const remoteHarm: Readonly<Record<string, () => Promise<object>>> = {
  'remote_databases.change_password': harmTo({ serverId, databaseId, password: 'known to mallory' }),
  'remote_databases.put_server': harmTo(wayToMallory),
  'remote_databases.remove': harmTo({ serverId, databaseId, confirm: '0'.repeat(64) }),
  'remote_databases.remove_server': harmTo({ serverId }),
};

export const harmBesides = { ...accountHarm, ...remoteHarm };
