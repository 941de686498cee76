import { spawn } from 'node:child_process';
import {
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  accountKeysChange,
  accountPassword,
  machineAccountChange,
  newMachineAccount,
  newMachineGroup,
} from '#shared/machine-accounts.ts';
import { findProgram } from '../core/run.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { call, makeWorld, type World } from '../testing/world.ts';
import { toolFailure } from './account-tools.ts';
import { keysIn, withKeys } from './authorized-keys.ts';
import { homeWork } from './home-worker.ts';
import { machineAccountsHandlers as handlers } from './machine-accounts.actions.ts';
import { accountTools } from './read-accounts.ts';

const one = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPw5ClYKZTJVZgOOYyErcpDiglmQuJb5ElALH7ZVXVxN';
const two = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGd1mmUzSNpH5Vld1WUUlx9ZgPZxeEgQ0P1UQUyAEbPQ';

describe('what is asked for', () => {
  it('names that Debian would not take, or that are somebody else’s, are refused', () => {
    const isTaken = (name: string): boolean =>
      newMachineAccount.safeParse({ name, loginShell: '/bin/sh' }).success &&
      newMachineGroup.safeParse({ name }).success;
    for (const name of ['sara', 'a', 'a-b_9', 'x'.repeat(32)]) expect(isTaken(name), name).toBe(true);
    const bad = ['-x', 'x'.repeat(33), 'a:b', 'a\nb', 'a\0b', 'سارة', 'a b', 'A', '9a', '../a', 'a/b', 'a$', 'a,b', ''];
    const reserved = ['root', 'nobody', 'nogroup', 'site-abcdefgh', 'site-x', 'aapanel', 'aapanel-ssh'];
    for (const name of [...bad, ...reserved]) expect(isTaken(name), name).toBe(false);
  });

  it('a full name ends no field of passwd(5), a password no line, and a key has no options', () => {
    const names = ['a:b', 'a\nb', 'a,b', 'a=b', 'a\0b', '\u001b[31m', 'x'.repeat(101)];
    for (const fullName of names) expect(machineAccountChange.safeParse({ fullName }).success, fullName).toBe(false);
    expect(machineAccountChange.parse({ fullName: ' سارة $HOME ' })).toMatchObject({ fullName: 'سارة $HOME' });
    for (const loginShell of ['bash', '/bin/ba sh', '/bin/sh\n', '/bin/sh:x', '/bin/$SHELL'])
      expect(machineAccountChange.safeParse({ loginShell }).success, loginShell).toBe(false);
    for (const expiresOn of ['1970-01-01', '2026-02-30', 'tomorrow', '-1', ''])
      expect(machineAccountChange.safeParse({ expiresOn }).success, expiresOn).toBe(false);
    for (const password of ['short', 'root:known\nroot:known', 'with a \0 in it', 'x'.repeat(129)])
      expect(accountPassword.safeParse({ password }).success, password).toBe(false);
    const adds = (key: string, name = 'k') => accountKeysChange.safeParse({ add: [{ key, name }] }).success;
    expect(adds(one)).toBe(true);
    for (const key of [`command="id" ${one}`, `${one}\n${two}`, `${one} x`, `no-pty ${one}`, 'ssh-ed25519 AAAA', ''])
      expect(adds(key), key).toBe(false);
    expect([adds(one, 'a\nb'), adds(one, '')]).toEqual([false, false]);
  });

  it('lines of authorized_keys that are no plain keys stay to the letter', () => {
    const others = `# mine\ncommand="/bin/true",no-pty ${two} robot\n\nssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ== old\n`;
    const both = withKeys(others, [{ key: one, name: 'laptop' }], []);
    expect(both).toBe(`${others}${one} laptop\n`);
    expect(keysIn(both)).toEqual({
      keys: [
        { key: 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ==', name: 'old' },
        { key: one, name: 'laptop' },
      ],
      otherKeyLines: 1,
    });
    expect(withKeys(both, [{ key: one, name: 'again' }], [])).toBe(both);
    expect(withKeys(both, [], [one])).toBe(others);
    expect(withKeys(both, [], [two])).toBe(both);
    expect(withKeys('', [], [])).toBe('');
  });

  it('accounts that somebody else has locked are a clear error, and other words of a tool are shown', () => {
    const locked = 'useradd: cannot lock /etc/passwd; try again later.';
    expect(toolFailure('useradd', locked)).toMatchObject({ code: 'busy', reason: 'accounts_locked' });
    expect(toolFailure('userdel', 'userdel: odd')).toMatchObject({ reason: 'account_tool_failed' });
  });
});

const isReady = process.getuid?.() === 0 && accountTools.every((name) => findProgram(name) !== undefined);

// With the distribution's own tools, on files below a folder of ours.
describe.runIf(isReady)('users of a machine', () => {
  let world: World;
  let machine: Machine;
  const text = (path: string): string => readFileSync(world.path(path), 'utf8');
  const row = (file: string, name: string): string[] | undefined =>
    text(`/etc/${file}`)
      .split('\n')
      .find((line) => line.startsWith(`${name}:`))
      ?.split(':');
  const make = (name: string, more: object = {}) =>
    handlers['machine_accounts.create'](
      machine,
      newMachineAccount.parse({ name, loginShell: '/bin/bash', ...more }),
      call(60),
    );
  const change = (name: string, more: object) =>
    handlers['machine_accounts.change'](machine, { name, ...machineAccountChange.parse(more) }, call(60));
  const keys = (name: string, more: object) =>
    handlers['machine_accounts.set_keys'](machine, { name, ...accountKeysChange.parse(more) }, call(60));
  const read = (name: string) => handlers['machine_accounts.read'](machine, { name }, call(60));
  const remove = (name: string, endsProcesses = false) =>
    handlers['machine_accounts.remove'](machine, { name, endsProcesses }, call(60));
  const members = (name: string, more: object) =>
    handlers['machine_accounts.set_members'](
      machine,
      { name, add: [], remove: [], becomesRoot: false, ...more },
      call(60),
    );
  const files = (): string => ['passwd', 'group', 'shadow'].map((name) => text(`/etc/${name}`)).join('\n');

  beforeAll(async () => {
    world = await makeWorld();
    for (const folder of ['/home', '/bin', '/usr/sbin', '/var/spool/cron/crontabs'])
      mkdirSync(world.path(folder), { recursive: true });
    for (const shell of ['/bin/bash', '/bin/sh']) writeFileSync(world.path(shell), '');
    machine = await openMachine(world.settings);
  });
  beforeEach(() => {
    const put = (name: string, lines: readonly string[]): void =>
      writeFileSync(world.path(`/etc/${name}`), `${lines.join('\n')}\n`);
    put('passwd', [
      'root:x:0:0:root:/root:/bin/sh',
      'www-data:x:33:33::/var/www:/usr/sbin/nologin',
      // Of a number that nothing on the machine of the tests runs as.
      'omar:x:1234:1234:Omar,Room 9,,:/home/omar:/bin/sh',
      'site-abcdefgh:x:20000:20000::/nonexistent:/bin/false',
      'aapanel:x:997:997::/:/usr/sbin/nologin',
      'nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin',
    ]);
    put('group', [
      'root:x:0:',
      'adm:x:4:omar',
      'sudo:x:27:',
      'www-data:x:33:',
      'aapanel:x:997:',
      'omar:x:1234:',
      'site-abcdefgh:x:20000:',
    ]);
    put(
      'shadow',
      ['root', 'www-data', 'omar', 'site-abcdefgh', 'aapanel', 'nobody'].map((name) => `${name}:!:19000:0:99999:7:::`),
    );
    put(
      'gshadow',
      ['root', 'adm', 'sudo', 'www-data', 'aapanel', 'omar', 'site-abcdefgh'].map((name) => `${name}:!::`),
    );
    put('shells', ['# shells(5)', '/bin/sh', '/bin/bash']);
    mkdirSync(world.path('/home/omar'), { mode: 0o755 });
    chownSync(world.path('/home/omar'), 1_234, 1_234);
  });
  afterEach(() => {
    for (const name of ['omar', 'sara']) rmSync(world.path(`/home/${name}`), { recursive: true, force: true });
  });
  afterAll(() => {
    machine.close();
    world.destroy();
  });

  it('are told apart, and only those of people can be changed', async () => {
    const { items, groups, shells, tools } = await handlers['machine_accounts.list'](machine, {}, call());
    expect(items.map(({ name, kind, canSignIn, canChange }) => `${name} ${kind} ${canSignIn} ${canChange}`)).toEqual([
      'root root true false',
      'omar person true true',
      'aapanel panel false false',
      'site-abcdefgh site false false',
      'www-data system false false',
      'nobody system false false',
    ]);
    expect(items[1]).toMatchObject({ group: 'omar', groups: ['adm'], fullName: 'Omar', isLocked: false });
    expect(groups.filter(({ canChange }) => !canChange).map(({ name }) => name)).toEqual([
      'aapanel',
      'root',
      'site-abcdefgh',
    ]);
    expect([shells, tools]).toEqual([['/bin/sh', '/bin/bash', '/usr/sbin/nologin'], 'ready']);
    const before = files();
    for (const name of ['root', 'nobody', 'www-data', 'aapanel', 'site-abcdefgh']) {
      for (const refused of [change(name, { loginShell: '/bin/bash' }), keys(name, { add: [] }), remove(name, true)])
        await expect(refused).rejects.toMatchObject({ reason: 'account_reserved' });
      await expect(
        handlers['machine_accounts.set_password'](machine, { name, password: 'known to mallory' }, call()),
      ).rejects.toMatchObject({ reason: 'account_reserved' });
      await expect(members('adm', { add: [name] })).rejects.toMatchObject({ reason: 'account_reserved' });
    }
    await expect(remove('nobody-at-all')).rejects.toMatchObject({ reason: 'account_unknown' });
    for (const name of ['aapanel', 'root', 'site-abcdefgh'])
      await expect(members(name, { add: ['omar'], becomesRoot: true })).rejects.toMatchObject({
        reason: 'group_reserved',
      });
    expect(files()).toBe(before);
    // One whose number somebody else has too.
    writeFileSync(world.path('/etc/passwd'), `${text('/etc/passwd')}twin:x:1234:1234::/home/omar:/bin/sh\n`);
    await expect(remove('omar', true)).rejects.toMatchObject({ reason: 'account_reserved' });
  });

  it('are made with home, groups and keys, below the numbers of sites, and sign in with nothing else', async () => {
    const made = await make('sara', { fullName: 'Sara $HOME', groups: ['adm'], keys: [{ name: 'laptop', key: one }] });
    expect(made).toMatchObject({
      uid: 1_235,
      groups: ['adm'],
      fullName: 'Sara $HOME',
      hasPassword: false,
      canSignIn: true,
    });
    const at = (path: string) => lstatSync(world.path(`/home/sara${path}`));
    expect(
      [at(''), at('/.ssh'), at('/.ssh/authorized_keys')].map(({ mode, uid, gid }) => [mode & 0o7777, uid, gid]),
    ).toEqual([
      [0o750, 1_235, 1_235],
      [0o700, 1_235, 1_235],
      [0o600, 1_235, 1_235],
    ]);
    expect(text('/home/sara/.ssh/authorized_keys')).toBe(`${one} laptop\n`);
    expect(await read('sara')).toMatchObject({
      keys: [{ name: 'laptop', key: one }],
      otherKeyLines: 0,
      home: { state: 'folder' },
    });
    // One that never ran anything, and left nothing but its home.
    await remove('sara');
    expect([row('passwd', 'sara'), at('').uid]).toEqual([undefined, 0]);
  });

  it('are not made under a name, over a home, with a shell or in a group that is not right', async () => {
    const before = files();
    const becomesRoot = true;
    await expect(make('omar')).rejects.toMatchObject({ reason: 'account_exists' });
    await expect(make('adm')).rejects.toMatchObject({ reason: 'group_exists' });
    await expect(make('sara', { loginShell: '/bin/evil' })).rejects.toMatchObject({ reason: 'shell_unknown' });
    await expect(make('sara', { groups: ['sudo'] })).rejects.toMatchObject({ reason: 'group_gives_root' });
    await expect(make('sara', { groups: ['nope'] })).rejects.toMatchObject({ reason: 'group_unknown' });
    for (const group of ['root', 'aapanel', 'site-abcdefgh'])
      await expect(make('sara', { groups: [group], becomesRoot })).rejects.toMatchObject({ reason: 'group_reserved' });
    mkdirSync(world.path('/home/sara'));
    await expect(make('sara')).rejects.toMatchObject({ reason: 'account_home_exists' });
    expect(files()).toBe(before);
  });

  it('change shell, groups and name with the rest of the field kept, and are locked so that no key lets them in', async () => {
    const { before, account } = await change('omar', {
      fullName: 'Omar B',
      loginShell: '/bin/bash',
      groups: ['sudo'],
      becomesRoot: true,
    });
    expect([before.groups, account.groups]).toEqual([['adm'], ['sudo']]);
    expect(row('passwd', 'omar')?.slice(4)).toEqual(['Omar B,Room 9,,', '/home/omar', '/bin/bash']);
    // Who is in already need not say so again.
    expect((await change('omar', { groups: ['sudo', 'adm'] })).account.groups).toEqual(['adm', 'sudo']);
    expect((await change('omar', { groups: [] })).account.groups).toEqual([]);
    expect((await change('omar', { expiresOn: '2030-05-01' })).account).toMatchObject({
      expiresOn: '2030-05-01',
      isLocked: false,
    });
    await handlers['machine_accounts.set_password'](machine, { name: 'omar', password: 'pa:ss word ü 12' }, call(60));
    const sum = row('shadow', 'omar')?.[1];
    expect(sum).toMatch(/^\$6\$/);
    const locked = await change('omar', { isLocked: true });
    expect(locked.account).toMatchObject({ isLocked: true, canSignIn: false, expiresOn: null, hasPassword: true });
    expect([row('shadow', 'omar')?.[1], row('shadow', 'omar')?.[7]]).toEqual([`!${sum}`, '1']);
    // While it is locked a day is for later.
    expect((await change('omar', { expiresOn: '2031-01-01' })).account.isLocked).toBe(true);
    const back = await change('omar', { isLocked: false, expiresOn: '2031-01-01' });
    expect(back.account).toMatchObject({ isLocked: false, canSignIn: true, expiresOn: '2031-01-01' });
    expect(row('shadow', 'omar')?.[1]).toBe(sum);
    expect((await change('omar', { expiresOn: null })).account.expiresOn).toBe(null);
  });

  it('keep their keys in a file of their own: links, second names and folders of others are refused', async () => {
    const home = world.path('/home/omar');
    const file = `${home}/.ssh/authorized_keys`;
    writeFileSync(world.path('/etc/secret'), 'secret\n');
    chownSync(world.path('/etc/secret'), 1_234, 1_234);
    const add = { add: [{ name: 'k', key: one }] };
    const refuses = async (): Promise<void> => {
      await expect(keys('omar', add)).rejects.toMatchObject({ reason: 'account_keys_unsafe' });
      expect(text('/etc/secret')).toBe('secret\n');
      rmSync(`${home}/.ssh`, { recursive: true, force: true });
    };
    const own = (): void => {
      mkdirSync(`${home}/.ssh`);
      chownSync(`${home}/.ssh`, 1_234, 1_234);
    };
    symlinkSync(world.path('/etc'), `${home}/.ssh`);
    await refuses();
    own();
    symlinkSync(world.path('/etc/secret'), file);
    await refuses();
    own();
    linkSync(world.path('/etc/secret'), file);
    await refuses();
    mkdirSync(`${home}/.ssh`);
    await refuses();
    rmSync(home, { recursive: true });
    symlinkSync(world.path('/etc'), home);
    await expect(keys('omar', add)).rejects.toMatchObject({ reason: 'account_home_unfit' });
    expect((await read('omar')).home.state).toBe('other');
    expect(existsSync(world.path('/etc/.ssh'))).toBe(false);
  });

  it('gain and lose keys, and lines of others stay', async () => {
    const file = '/home/omar/.ssh/authorized_keys';
    mkdirSync(world.path('/home/omar/.ssh'), { mode: 0o777 });
    const others = `# by hand\ncommand="id" ${two} robot\n`;
    writeFileSync(world.path(file), others, { mode: 0o666 });
    for (const path of ['/home/omar/.ssh', file]) chownSync(world.path(path), 1_234, 1_234);
    expect(await keys('omar', { add: [{ name: 'laptop', key: one }] })).toEqual({
      before: [],
      keys: [{ name: 'laptop', key: one }],
    });
    expect(text(file)).toBe(`${others}${one} laptop\n`);
    expect(statSync(world.path(file)).mode & 0o7777).toBe(0o600);
    await keys('omar', { remove: [one] });
    expect(text(file)).toBe(others);
    expect(await read('omar')).toMatchObject({ keys: [], otherKeyLines: 1 });
  });

  it('go with their timetable; what runs as them is ended only when that is said, and the home is root’s then', async () => {
    writeFileSync(world.path('/var/spool/cron/crontabs/omar'), 'MAILTO=x\n# no\n@daily a\n0 1 * * * b\n');
    writeFileSync(world.path('/home/omar/kept'), 'kept');
    const child = spawn('/bin/sleep', ['600'], { uid: 1_234, gid: 1_234, stdio: 'ignore' });
    try {
      const facts = await read('omar');
      expect(facts).toMatchObject({ crontabLines: 2, processCount: 1, processes: [{ pid: child.pid, name: 'sleep' }] });
      expect(facts.home.sizeBytes).toBeGreaterThan(0);
      await expect(remove('omar')).rejects.toMatchObject({ reason: 'account_has_processes', params: { count: 1 } });
      expect(row('shadow', 'omar')?.[7]).toBe('');
      expect((await remove('omar', true)).before.uid).toBe(1_234);
      expect(child.exitCode ?? child.signalCode).not.toBe(undefined);
    } finally {
      child.kill('SIGKILL');
    }
    expect([row('passwd', 'omar'), row('shadow', 'omar'), row('group', 'omar'), row('group', 'adm')]).toEqual([
      undefined,
      undefined,
      undefined,
      ['adm', 'x', '4', ''],
    ]);
    expect(existsSync(world.path('/var/spool/cron/crontabs/omar'))).toBe(false);
    const { uid, mode } = statSync(world.path('/home/omar'));
    expect([uid, mode & 0o7777, text('/home/omar/kept')]).toEqual([0, 0o700, 'kept']);
    // Nobody gets that home with the name.
    await expect(make('omar')).rejects.toMatchObject({ reason: 'account_home_exists' });
  });

  it('whose removal fails are let in again, with timetable and home', async () => {
    await change('omar', { expiresOn: '2030-05-01' });
    writeFileSync(world.path('/var/spool/cron/crontabs/omar'), '@daily a\n');
    // userdel(8) cannot write what is a folder.
    rmSync(world.path('/etc/gshadow'));
    mkdirSync(world.path('/etc/gshadow/x'), { recursive: true });
    await expect(remove('omar')).rejects.toMatchObject({ reason: 'account_tool_failed' });
    rmSync(world.path('/etc/gshadow'), { recursive: true });
    expect((await read('omar')).account).toMatchObject({ expiresOn: '2030-05-01', isLocked: false });
    expect([text('/var/spool/cron/crontabs/omar'), statSync(world.path('/home/omar')).uid]).toEqual([
      '@daily a\n',
      1_234,
    ]);
    rmSync(world.path('/var/spool/cron/crontabs/omar'));
  });

  it('are in groups, which are made and removed; those of root’s power only when that is known', async () => {
    const group = (name: string) => handlers['machine_accounts.remove_group'](machine, { name }, call(60));
    const made = await handlers['machine_accounts.add_group'](machine, { name: 'devs' }, call(60));
    expect(made).toMatchObject({ gid: 1_235, members: [], canDelete: true, isRoot: false });
    await expect(handlers['machine_accounts.add_group'](machine, { name: 'devs' }, call(60))).rejects.toMatchObject({
      reason: 'group_exists',
    });
    expect((await members('devs', { add: ['omar'] })).group.members).toEqual(['omar']);
    await expect(members('sudo', { add: ['omar'] })).rejects.toMatchObject({ reason: 'group_gives_root' });
    expect((await members('sudo', { add: ['omar'], becomesRoot: true })).group.members).toEqual(['omar']);
    expect((await members('sudo', { remove: ['omar'] })).group.members).toEqual([]);
    await expect(members('devs', { remove: ['sara'] })).rejects.toMatchObject({ reason: 'member_unknown' });
    await expect(members('nope', {})).rejects.toMatchObject({ reason: 'group_unknown' });
    await expect(group('omar')).rejects.toMatchObject({ reason: 'group_is_primary' });
    for (const name of ['adm', 'sudo', 'root', 'aapanel', 'site-abcdefgh'])
      await expect(group(name)).rejects.toBeDefined();
    expect((await group('devs')).before.members).toEqual(['omar']);
    expect(row('group', 'devs')).toBe(undefined);
  });

  it('without root or tools nothing is changed, and the list says so', async () => {
    const plain = { ...machine, isRoot: false };
    expect((await handlers['machine_accounts.list'](plain, {}, call())).tools).toBe('no_root');
    await expect(handlers['machine_accounts.add_group'](plain, { name: 'devs' }, call())).rejects.toMatchObject({
      reason: 'accounts_no_root',
    });
    rmSync(world.path('/etc/shadow'));
    expect((await handlers['machine_accounts.list'](machine, {}, call())).tools).toBe('missing');
  });

  it('a home that root took can be given back once', async () => {
    const place = { path: world.path('/home/omar'), uid: 1_234, gid: 1_234 };
    const access = homeWork.retire(place);
    expect(access).toEqual({ uid: 1_234, gid: 1_234, mode: 0o755 });
    expect(homeWork.retire(place)).toBe(null);
    if (access !== null) homeWork.giveBack({ ...place, access });
    expect(statSync(place.path).uid).toBe(1_234);
  });
});
