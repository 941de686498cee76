import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Permission } from '#shared/access.ts';
import { sshHostDraft, type SshHostDraft } from '#shared/ssh-hosts.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { attach, viewSize } from '../testing/terminal-view.ts';
import { call, freePort, makeWorld, newChangeId, type World } from '../testing/world.ts';
import { sshArgs } from './ssh-session.ts';
import { hostOf } from './terminal-records.ts';
import { terminalsHandlers } from './terminals.actions.ts';

/* With a real SSH server on a port of ours, whose keys change under the same address. */

const program = '/usr/sbin/sshd';
const login = userInfo().username;
let world: World;
let machine: Machine;
let port = 0;
let server: ChildProcess | undefined;
let isFolderOurs = false;
const facts = (more: Partial<SshHostDraft> = {}): SshHostDraft => ({
  name: 'spare',
  address: '127.0.0.1',
  port,
  user: login,
  auth: 'key',
  ...more,
});
const elevated = (more: object = {}) => ({ ...call(), isElevated: true, ...more });

beforeAll(async () => {
  world = await makeWorld({});
  machine = await openMachine(world.settings);
  port = await freePort();
});
afterAll(async () => {
  server?.kill('SIGTERM');
  await machine.settled();
  machine.close();
  if (isFolderOurs) rmSync('/run/sshd', { recursive: true });
  world.destroy();
});

async function put(host: SshHostDraft, hostId = newChangeId(), isNew = true) {
  return (await terminalsHandlers['terminals.put_host'](machine, { hostId, isNew, host }, elevated())).host;
}
const check = async (hostId: string) =>
  (await terminalsHandlers['terminals.check_host'](machine, { hostId }, elevated())).check;
const trust = async (hostId: string, fingerprints: string[]) =>
  (await terminalsHandlers['terminals.trust_host'](machine, { hostId, fingerprints }, elevated())).host;
const open = async (hostId: string, more: object = {}) =>
  await terminalsHandlers['terminals.open'](machine, { as: { kind: 'host', hostId }, ...viewSize }, elevated(more));

/** A server with a new key in place of the one before; its fingerprint. */
async function serve(): Promise<string> {
  const folder = world.path('/srv/sshd');
  if (server !== undefined) {
    const ended = new Promise((resolve) => server?.once('exit', resolve));
    server.kill('SIGTERM');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  isFolderOurs ||= !existsSync('/run/sshd');
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', `${folder}/host_key`]);
  const lines = {
    Port: port,
    ListenAddress: '127.0.0.1',
    HostKey: `${folder}/host_key`,
    PidFile: 'none',
    AuthorizedKeysFile: world.path('/srv/authorized'),
    StrictModes: 'no',
    UsePAM: 'no',
    PermitRootLogin: 'yes',
    AllowAgentForwarding: 'yes',
    LogLevel: 'ERROR',
  };
  const text = Object.entries(lines).map(([name, value]) => `${name} ${value}\n`);
  writeFileSync(`${folder}/config`, text.join(''));
  server = spawn(program, ['-D', '-e', '-f', `${folder}/config`], { stdio: 'ignore' });
  await expect.poll(answers, { timeout: 10_000, interval: 20 }).toBe(true);
  const told = execFileSync('ssh-keygen', ['-lf', `${folder}/host_key.pub`], { encoding: 'utf8' });
  return told.split(' ')[1] ?? '';
}

const answers = (): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => resolve(true)).once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.once('data', () => socket.destroy());
  });

it('CMD-1 CMD-2 nothing that ssh could take for an option, an account or a command is a host or a user', () => {
  const isTaken = (part: Partial<SshHostDraft>): boolean =>
    sshHostDraft.safeParse(facts({ port: 22, ...part })).success;
  for (const address of [
    '-oProxyCommand=touch /tmp/owned',
    '-F/etc/passwd',
    '--',
    '',
    ' ',
    'a b',
    'root@db.test',
    'db.test;id',
    '$(id)',
    '`id`',
    '%h',
    'db.test\nProxyCommand x',
    'db.test\0',
    'db.test,other.test',
    '*',
    'ssh://db.test',
    '[::1]',
    'fe80::1%eth0',
    '../db',
  ])
    expect(isTaken({ address }), address).toBe(false);
  for (const user of ['', '-l', '-oProxyCommand=x', 'a b', '%r', "a'b", 'a;b', 'a\nb', '$HOME', '.ssh'])
    expect(isTaken({ user }), user).toBe(false);
  for (const address of ['db.test', 'DB.Test', '192.0.2.1', '2001:db8::1', 'localhost'])
    expect(isTaken({ address }), address).toBe(true);
  expect(isTaken({ port: 0 }) || isTaken({ port: 65_536 }) || isTaken({ name: 'a\nb' })).toBe(false);
  const args = sshArgs(
    { hostId: 'a', address: '192.0.2.1', port: 22, login: 'mona', isByKey: true, alias: 'db.test', hostKeys: [] },
    { hosts: '/run/hosts', socket: '/run/agent' },
  );
  expect(args.slice(0, 2)).toEqual(['-F', '/dev/null']);
  expect(args.slice(-6)).toEqual(['-p', '22', '-l', 'mona', '--', '192.0.2.1']);
});

it('addresses that clouds keep credentials behind are not asked, by whatever name', async () => {
  const refused = { fields: [{ field: 'address', code: 'ssh_address_refused' }] };
  for (const address of ['169.254.169.254', 'fd00:ec2::254', '::ffff:169.254.169.254'])
    await expect(put(facts({ address }))).rejects.toMatchObject(refused);
  // The same as one number: what a name leads to is looked at.
  const { id } = await put(facts({ address: '2852039166' }));
  await expect(check(id)).rejects.toMatchObject({ reason: 'ssh_address_refused' });
  await terminalsHandlers['terminals.remove_host'](machine, { hostId: id }, elevated());
});

describe.runIf(existsSync(program))('with an SSH server', () => {
  it('CERT-2 a host is known by the keys that a person compared, at first contact and after they changed', async () => {
    const print = await serve();
    const host = await put(facts());
    expect(host).toMatchObject({ trusted: null, key: { publicKey: expect.stringMatching(/^ssh-ed25519 \S+ /) } });
    const keyPath = `${machine.stateFolder}/ssh-hosts/${host.id}.key`;
    expect(statSync(keyPath).mode & 0o777).toBe(0o600);
    await expect(open(host.id)).rejects.toMatchObject({ reason: 'ssh_host_unknown' });
    const shown = [{ kind: 'ssh-ed25519', fingerprint: print }];
    expect(await check(host.id)).toEqual({ state: 'new', found: shown, trusted: [] });
    const wrong = `SHA256:${'A'.repeat(43)}`;
    for (const prints of [[wrong], [print, wrong]])
      await expect(trust(host.id, prints)).rejects.toMatchObject({ reason: 'ssh_host_keys_differ' });
    expect(await check(host.id)).toMatchObject({ state: 'new' });
    expect((await trust(host.id, [print])).trusted).toMatchObject({ keys: shown, by: call().actor.name });
    expect(await check(host.id)).toMatchObject({ state: 'same' });

    // Its terminal is refused as root's is, and is the other account's there.
    await expect(open(host.id, { isElevated: false })).rejects.toMatchObject({ code: 'elevation_required' });
    const may = (permission: Permission): boolean => permission !== 'terminals.root';
    await expect(open(host.id, { may })).rejects.toMatchObject({ code: 'not_allowed' });
    writeFileSync(world.path('/srv/authorized'), `${host.key?.publicKey ?? ''}\n`);
    const opened = await open(host.id);
    expect(opened.terminal).toMatchObject({ kind: 'host', siteId: null, user: `${login}@127.0.0.1` });
    const view = attach(opened);
    view.type('echo $((40+2)) $(id -un) [$SSH_AUTH_SOCK] [$DISPLAY] $(stty size)\r');
    await view.until(`42 ${login} [] [] 30 100`);
    const pid = hostOf(machine, opened.terminal.id)?.pid ?? 0;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    const statusOf = (each: string): string => readFileSync(`/proc/${each}/status`, 'utf8');
    const own = children.filter((each) => /^Name:\s+ssh(?:-agent)?$/m.test(statusOf(each)));
    expect(own).toHaveLength(2);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) for (const each of own) expect(statusOf(each)).not.toMatch(/^Uid:.*\b0\b/m);
    const folder = world.path(`/run/aapanel-ssh/${opened.terminal.id}`);
    expect(statSync(`${folder}/s`).mode & 0o777).toBe(0o700);
    // The private part is in no file that anybody else could come to, nor in what anybody is told.
    expect([readdirSync(folder).sort(), readdirSync(`${folder}/s`)]).toEqual([['hosts', 's'], ['agent']]);
    const secret = readFileSync(keyPath, 'utf8').split('\n')[2] ?? 'none';
    const { items } = await terminalsHandlers['terminals.hosts'](machine, {}, elevated());
    expect(JSON.stringify([items, opened, host])).not.toContain(secret);

    const next = await serve();
    await expect(open(host.id)).rejects.toMatchObject({
      reason: 'ssh_host_changed',
      params: { name: 'spare', before: print, now: next },
    });
    expect(await check(host.id)).toMatchObject({ state: 'changed', trusted: shown, found: [{ fingerprint: next }] });
    // ssh by itself would go no further either, had the server changed after it was looked at.
    const hosts = `${folder}/hosts`;
    const known = {
      hostId: host.id,
      address: '127.0.0.1',
      port,
      login,
      isByKey: true,
      alias: '127.0.0.1',
      hostKeys: [],
    };
    const refused = spawnSync('ssh', sshArgs(known, { hosts, socket: 'none' }), { input: '', encoding: 'utf8' });
    expect([refused.status, refused.stderr]).toEqual([255, expect.stringContaining('Host key verification failed')]);
    await trust(host.id, [next]);
    expect(await check(host.id)).toMatchObject({ state: 'same' });

    // By a password: the host asks for it there.
    const asked = await put(facts({ auth: 'password' }), host.id, false);
    expect(asked).toMatchObject({ key: null, trusted: { keys: [{ fingerprint: next }] } });
    expect(existsSync(keyPath)).toBe(false);
    const prompting = attach(await open(host.id));
    await prompting.until('password: ');
    // Another port is another server.
    expect((await put(facts({ auth: 'password', port: port + 1 }), host.id, false)).trusted).toBeNull();
    await expect(check(host.id)).rejects.toMatchObject({ reason: 'ssh_host_unreachable' });
    await terminalsHandlers['terminals.remove_host'](machine, { hostId: host.id }, elevated());
    await view.closed;
    await prompting.closed;
    expect(readdirSync(world.path('/run/aapanel-ssh'))).toEqual([]);
    expect(readdirSync(`${machine.stateFolder}/ssh-hosts`)).toEqual([]);
    await expect(open(host.id)).rejects.toMatchObject({ reason: 'ssh_host_gone' });
  }, 30_000);
});
