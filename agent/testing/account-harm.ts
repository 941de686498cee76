/** For tests: what a web process that was taken over would do to the users of the machine. */
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPw5ClYKZTJVZgOOYyErcpDiglmQuJb5ElALH7ZVXVxN';
const harmTo = (what: object) => () => Promise.resolve(what);

export const accountHarm: Readonly<Record<string, () => Promise<object>>> = {
  'machine_accounts.add_group': harmTo({ name: 'mallory' }),
  'machine_accounts.change': harmTo({ name: 'omar', groups: ['sudo'], becomesRoot: true }),
  'machine_accounts.create': harmTo({ name: 'mallory', loginShell: '/bin/sh', groups: ['sudo'], becomesRoot: true }),
  'machine_accounts.remove': harmTo({ name: 'omar', endsProcesses: true }),
  'machine_accounts.remove_group': harmTo({ name: 'developers' }),
  'machine_accounts.set_keys': harmTo({ name: 'omar', add: [{ name: 'mallory', key }] }),
  'machine_accounts.set_members': harmTo({ name: 'sudo', add: ['omar'], becomesRoot: true }),
  'machine_accounts.set_password': harmTo({ name: 'omar', password: 'known to mallory' }),
};
