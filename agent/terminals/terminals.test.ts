import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RoleRecording } from '#shared/access.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { fromTerminal } from '#shared/terminal-frames.ts';
import type { Call } from '../core/call.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { newPerson } from '../people/person.ts';
import { registerOf } from '../people/register.ts';
import { poolIdentity } from '../php/php.user.ts';
import { sitesHandlers } from '../sites/sites.actions.ts';
import { startTestAgent } from '../testing/panel.ts';
import { giveSitePhp, putPhpCommands } from '../testing/php-command.ts';
import { askElevated, elevate, foundOwner, mustWork, somebody } from '../testing/people.ts';
import { attach, viewSize, type Opened } from '../testing/terminal-view.ts';
import { call as callOfTester, makeWorld, newChangeId, specOf, type World } from '../testing/world.ts';
import { forgetOldRecordings } from './old-recordings.ts';
import { hostOf } from './terminal-records.ts';
import { terminalsHandlers } from './terminals.actions.ts';

/* Real shells in processes of their own, reached as the web process reaches them. */

const isRoot = process.getuid?.() === 0;
let world: World;
let machine: Machine;
let spec: SiteSpec;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  world = await makeWorld();
  machine = await openMachine(world.settings);
  await register('chosen');
  spec = specOf(world, 'shop.test');
  await sitesHandlers['sites.apply'](
    machine,
    { spec, changeId: newChangeId(), isNew: true, onDrift: 'refuse' },
    call(),
  );
  const { uid, gid } = poolIdentity(machine, 'site-none');
  if (isRoot) spawnSync('/usr/bin/chown', ['-R', `${uid}:${gid}`, world.prefix + spec.root]);
}, 30_000);
afterAll(async () => {
  for (const close of closing) await close();
  await machine.settled();
  machine.close();
  world.destroy();
});

const size = viewSize;

const call = (): Call => ({ ...callOfTester(), actor: { id: 'testeraaaaaaaaaa', name: 'tester' } });

/** Whoever acts here, as the register has them; without it, all would be recorded. */
async function register(recording: RoleRecording): Promise<void> {
  const { id, name } = call().actor;
  const facts = { isOwner: false, isDisabled: false, mustHaveSecondFactor: false };
  await registerOf(machine).change(Date.now() + 5_000, (people) => {
    people.set(id, newPerson({ id, name, permissions: ['terminals.use'], recording, ...facts }));
  });
}

async function open(
  kind: 'site' | 'root' = 'site',
  more: Partial<ReturnType<typeof call>> = {},
  isRecorded = false,
): Promise<Opened> {
  const as =
    kind === 'root'
      ? { kind: 'root' as const }
      : { kind: 'site' as const, site: { siteId: spec.siteId, slug: spec.slug } };
  const opened = await terminalsHandlers['terminals.open'](
    machine,
    { as, isRecorded, ...size },
    { ...call(), ...more },
  );
  closing.push(async () => {
    await terminalsHandlers['terminals.close'](machine, { terminalId: opened.terminal.id }, call()).catch(
      () => undefined,
    );
  });
  return opened;
}

const hostPid = ({ terminal }: Opened): number => hostOf(machine, terminal.id)?.pid ?? 0;
const memoryOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readOr(`/proc/${pid}/status`))?.[1]) * 1024;

it('TERM-1 a shell runs as the user of the site, without root’s groups, behind a socket that needs its key', async () => {
  const opened = await open();
  const view = attach(opened);
  view.type('echo $((40+2)) $(id -u) [$(id -G)] $(pwd) $(stty size) [$HISTFILE]\r');
  const { uid, gid } = poolIdentity(machine, 'site-none');
  await view.until(`42 ${uid} [${isRoot ? gid : ''}`);
  await view.until(`${world.prefix}${spec.root} 30 100 []`);
  if (isRoot) await view.until(`[${gid}]`);
  const folder = statSync(opened.terminal.socketPath.replace(/\/io$/, ''));
  expect(folder.mode & 0o7777).toBe(0o2710);
  expect(statSync(opened.terminal.socketPath).mode & 0o777).toBe(0o660);
  expect(statSync(opened.terminal.socketPath.replace(/io$/, 'control')).mode & 0o777).toBe(0o600);
  // The user can neither end nor read what holds the shell, which is root's.
  if (isRoot) {
    view.type(`kill -9 ${hostPid(opened)}; cat ${world.prefix}/run/aapanel-terminals/*/facts.json; echo tri''ed\r`);
    expect(await view.until('tried')).toMatch(/not permitted[\s\S]*(Permission denied|No such file)/);
  }
  const stranger = attach({ ...opened, key: 'A'.repeat(43) });
  await stranger.closed;
  expect(stranger.types).toEqual([fromTerminal.refused]);
  for (const key of ['', 'short', null, undefined, []]) {
    const wrong = attach({ ...opened, key: key as string });
    await wrong.closed;
    expect(wrong.types).toEqual([]);
  }
  const garbled = connect({ path: opened.terminal.socketPath }).on('error', () => undefined);
  garbled.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
  await new Promise((resolve) => garbled.once('close', resolve));
  view.type('echo still $((1+1))\r');
  await view.until('still 2');
  view.socket.destroy();
});

it('php in a terminal of a site is the version of that site; the next terminal has the next version', async () => {
  putPhpCommands(world, ['8.2', '8.3']);
  for (const version of ['8.3', '8.2']) {
    giveSitePhp(machine, spec.slug, version);
    const view = attach(await open());
    view.type('php; type -P ls\r');
    await view.until(`this is php ${version}`);
    await view.until('/bin/ls');
    view.socket.destroy();
  }
  // Nobody but root can put another program there.
  expect(statSync(world.path('/run/aapanel-php/8.2')).mode & 0o7777).toBe(0o755);
});

it('TERM-1 root needs a fresh factor and a permission of its own; nobody reaches another person’s terminal', async () => {
  await expect(open('root', { isElevated: false })).rejects.toMatchObject({ code: 'elevation_required' });
  await expect(open('root', { may: (permission) => permission !== 'terminals.root' })).rejects.toMatchObject({
    code: 'not_allowed',
  });
  const opened = await open('root');
  const terminalId = opened.terminal.id;
  const other = { ...call(), actor: { id: 'other', name: 'other' } };
  const enter = terminalsHandlers['terminals.enter'];
  await expect(enter(machine, { terminalId }, { ...call(), isElevated: false })).rejects.toMatchObject({
    code: 'elevation_required',
  });
  await expect(enter(machine, { terminalId }, other)).rejects.toMatchObject({ code: 'not_found' });
  await expect(terminalsHandlers['terminals.close'](machine, { terminalId }, other)).rejects.toMatchObject({
    code: 'not_found',
  });
  const listed = await terminalsHandlers['terminals.list'](machine, {}, other);
  expect(listed.items).toEqual([]);
  const { key } = await enter(machine, { terminalId }, call());
  expect(key).not.toBe(opened.key);
  const view = attach({ ...opened, key });
  view.type('echo as $(id -u) $HOME\r');
  await view.until(`as ${process.getuid?.()}`);
  view.socket.destroy();
});

it('TERM-2 whoever comes back gets exactly the bytes that they lack, whatever was written meanwhile', async () => {
  const opened = await open();
  const first = attach(opened);
  first.type('stty -echo; seq 1 200000; echo the e""nd\r');
  // Cut in the midst of it.
  await first.until('\n50000\r');
  first.socket.destroy();
  await first.closed;
  const before = first.seen();
  let at = before.from + before.bytes.length;
  const parts = [before.bytes];
  for (let times = 0; ; times++) {
    const next = attach(opened, at);
    await wait(30 + times * 10);
    next.socket.destroy();
    await next.closed;
    const { from, bytes } = next.seen();
    if (next.hello() === undefined) continue;
    expect([from, next.hello()?.lost]).toEqual([at, 0]);
    parts.push(bytes);
    at += bytes.length;
    if (Buffer.concat(parts).toString().includes('the end')) break;
    expect(times).toBeLessThan(300);
  }
  const numbers = [
    ...Buffer.concat(parts)
      .toString()
      .matchAll(/(?<=[\r\n])\d+(?=\r\n)/g),
  ].map(([line]) => line);
  expect(numbers.length).toBe(200_000);
  expect(numbers.every((line, index) => line === String(index + 1))).toBe(true);
  // A second window takes it over, and the first hears of it.
  const one = attach(opened, at);
  one.type('echo o""ne\r');
  await one.until('one');
  const two = attach(opened);
  await one.closed;
  expect(one.types.at(-1)).toBe(fromTerminal.displaced);
  two.type('echo tw""o\r');
  await two.until('two');
  two.socket.destroy();
});

it('TERM-2 closing ends everything that was started, also what left its session or ignores the hang-up', async () => {
  const opened = await open();
  const view = attach(opened);
  const mark = `${71_000 + (process.pid % 900)}`;
  view.type(`setsid sleep ${mark} & nohup sleep ${mark} >/dev/null 2>&1 &\r`);
  view.type(`(trap '' HUP TERM; sleep ${mark}; sleep ${mark}) & env -i sh -c 'setsid sleep ${mark}; true' &\r`);
  view.type('echo rea""dy\r');
  await view.until('ready');
  const sleepers = (): string[] =>
    readdirSync('/proc').filter(
      (name) => /^\d+$/.test(name) && readOr(`/proc/${name}/cmdline`).split('\0').includes(mark),
    );
  for (const end = Date.now() + 5_000; sleepers().length < 4 && Date.now() < end; ) await wait(20);
  expect(sleepers().length).toBeGreaterThanOrEqual(4);
  const pid = hostPid(opened);
  await terminalsHandlers['terminals.close'](machine, { terminalId: opened.terminal.id }, call());
  await view.closed;
  expect(sleepers()).toEqual([]);
  expect(existsSync(`/proc/${pid}/exe`)).toBe(false);
  expect(existsSync(opened.terminal.socketPath)).toBe(false);
  const { items } = await terminalsHandlers['terminals.list'](machine, {}, call());
  expect(items.map(({ id }) => id)).not.toContain(opened.terminal.id);
});

it('TERM-2 the shell survives the agent, and says how it ended', async () => {
  const opened = await open();
  const view = attach(opened);
  view.type('X=kept; echo rea""dy\r');
  await view.until('ready');
  await machine.settled();
  machine.close();
  machine = await openMachine(world.settings);
  const { items } = await terminalsHandlers['terminals.list'](machine, {}, call());
  expect(items.find(({ id }) => id === opened.terminal.id)).toMatchObject({ isAttached: true, hasEnded: false });
  view.type('echo $X$X; exit 7\r');
  await view.until('keptkept');
  await view.closed;
  expect(view.types.at(-1)).toBe(fromTerminal.exit);
});

it('TERM-3 FAULT-5 a reader that is slow makes the shell wait, and memory stays flat however much is written', async () => {
  const opened = await open();
  const pid = hostPid(opened);
  const slow = attach(opened, null, false);
  slow.type('stty -echo; head -c 60000000 /dev/zero | tr "\\\\0" x; echo; echo all do""ne\r');
  await wait(1_500);
  const start = memoryOf(pid);
  const held = slow.seen().bytes.length;
  expect(held).toBeGreaterThan(200_000);
  expect(held).toBeLessThan(1.2 * 1024 * 1024);
  await wait(300);
  expect(slow.seen().bytes.length).toBe(held);
  slow.socket.destroy();
  await slow.closed;
  const quick = attach(opened, held);
  let most = 0;
  const watch = setInterval(() => (most = Math.max(most, memoryOf(pid) || 0)), 50);
  await quick.until('all done');
  clearInterval(watch);
  expect(quick.hello()?.lost).toBe(0);
  const all = Buffer.concat([slow.seen().bytes, quick.seen().bytes]);
  const [from, to] = [all.indexOf('xxx'), all.lastIndexOf('xxx') + 3];
  expect([to - from, all.subarray(from, to).equals(Buffer.alloc(to - from, 'x'))]).toEqual([60_000_000, true]);
  expect(most - start).toBeLessThan(40 * 1024 * 1024);
  quick.socket.destroy();
}, 60_000);

it('TERM-1 USER-2 whoever is disabled, removed or may no longer loses their terminals, and nobody else does', async () => {
  const agent = await startTestAgent();
  try {
    const owner = await foundOwner(agent.ask);
    const elevation = await elevate(agent.ask, owner);
    const others = ['one', 'two', 'three'].map((name) => somebody(name));
    const put = async (change: (index: number) => object) => {
      const people = others.map(({ id, name }, index) => ({
        id,
        name,
        isOwner: false,
        permissions: ['sites.read', 'terminals.use'],
        isDisabled: false,
        mustHaveSecondFactor: false,
        ...change(index),
      }));
      mustWork(await askElevated(agent.ask, owner, elevation, 'people.put', { people }));
    };
    await put(() => ({}));
    const own = specOf(agent.world, 'own.test');
    const want = { spec: own, changeId: newChangeId(), isNew: true, onDrift: 'refuse' as const };
    await sitesHandlers['sites.apply'](agent.machine, want, call());
    const as = { kind: 'site', site: { siteId: own.siteId, slug: own.slug } };
    for (const person of others) mustWork(await agent.ask('terminals.open', { as, ...size }, person));
    const left = () => readdirSync(agent.world.path('/run/aapanel-terminals')).length;
    expect(left()).toBe(3);
    await put((index) => (index === 0 ? { isDisabled: true } : index === 1 ? { permissions: ['sites.read'] } : {}));
    await agent.machine.settled();
    expect(left()).toBe(1);
    mustWork(await askElevated(agent.ask, owner, elevation, 'people.remove', { personId: others[2]?.id }));
    await agent.machine.settled();
    expect(left()).toBe(0);
  } finally {
    await agent.close();
  }
});

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

it('TERM-4 the end of a shell that nobody looked at is kept with its moment until the panel has written it down', async () => {
  const opened = await open();
  const view = attach(opened);
  view.type('sleep 0.3; exit 3\r');
  await view.until('exit 3');
  view.socket.destroy();
  const from = machine.now();
  const ends = async (known: string[] = []) => await terminalsHandlers['terminals.ends'](machine, { known }, call());
  const found = async () => (await ends()).items.find(({ terminalId }) => terminalId === opened.terminal.id);
  await expect.poll(found, { timeout: 5_000 }).toMatchObject({
    person: call().actor,
    user: opened.terminal.user,
    why: 'ended',
    exitCode: 3,
  });
  expect(Math.abs(((await found())?.endedAt ?? 0) - from)).toBeLessThan(5_000);
  expect((await ends([opened.terminal.id])).items.map(({ terminalId }) => terminalId)).not.toContain(
    opened.terminal.id,
  );
  // Closed by hand afterwards, it has ended once only.
  await terminalsHandlers['terminals.close'](machine, { terminalId: opened.terminal.id }, call());
  expect(await found()).toBeUndefined();
});

it('what a recorded terminal shows can be watched by whoever may, and what is typed unseen is not in it', async () => {
  const asked = (more: object = {}) => ({ ...call(), isElevated: true, may: () => true, ...more });
  const own = { may: () => false, isElevated: false };
  await terminalsHandlers['terminals.set_recording'](machine, { recorded: 'all', keptDays: 7 }, asked());
  const opened = await open();
  const recordingId = opened.terminal.id;
  expect(opened.terminal.isRecorded).toBe(true);
  const view = attach(opened);
  view.type("stty cols 90 -echo; printf 'Pass%s' 'word: '; read -r word; stty echo; echo \"${#word} letters\"\r");
  await view.until('Password: ');
  view.type('hunter2\r');
  await view.until('7 letters');
  const remove = async () => await terminalsHandlers['terminals.remove_recording'](machine, { recordingId }, asked());
  await expect(remove()).rejects.toMatchObject({ reason: 'terminal_recording_running' });
  await terminalsHandlers['terminals.close'](machine, { terminalId: recordingId }, call());
  const read = async (more: object) =>
    await terminalsHandlers['terminals.read_recording'](machine, { recordingId, offset: 0 }, asked(more));
  const { data, sizeBytes } = await read(own);
  const [head, ...events] = Buffer.from(data, 'base64')
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  expect(head).toMatchObject({ version: 2, width: size.cols, height: size.rows });
  const shown = (events as [number, string, string][]).map(([, kind, text]) => (kind === 'o' ? text : '')).join('');
  expect(shown).toContain('7 letters');
  expect(shown).not.toContain('hunter2');
  expect(sizeBytes).toBe(Buffer.from(data, 'base64').length);
  const path = `${machine.stateFolder}/terminal-recordings/${recordingId}.cast`;
  expect(statSync(path).mode & 0o777).toBe(0o600);
  // Another person's is for whoever may be root and has just confirmed; without that it is not even in the list.
  const other = { ...own, actor: { id: 'aaaaaaaaaaaaaaaa', name: 'other' } };
  await expect(read(other)).rejects.toMatchObject({ code: 'elevation_required' });
  await expect(read({ ...other, isElevated: true })).rejects.toMatchObject({ code: 'not_allowed' });
  const listed = async (more: object) =>
    (await terminalsHandlers['terminals.recordings'](machine, {}, asked(more))).items.map((each) => each.id);
  expect(await listed(other)).not.toContain(recordingId);
  expect(await listed(own)).toContain(recordingId);
  // Older than it is kept for.
  utimesSync(path, 1, 1);
  await forgetOldRecordings(machine);
  expect(existsSync(path)).toBe(false);
  expect(await listed({})).not.toContain(recordingId);
  await terminalsHandlers['terminals.set_recording'](machine, { recorded: 'root', keptDays: 7 }, asked());
  expect((await open()).terminal.isRecorded).toBe(false);
  // What the register says of the person goes before the setting and before what they wish.
  expect((await open('site', {}, true)).terminal.isRecorded).toBe(true);
  await register('never');
  expect((await open('root', asked({}))).terminal.isRecorded).toBe(false);
  expect((await open('site', {}, true)).terminal.isRecorded).toBe(false);
  await register('always');
  const always = await open();
  expect(always.terminal.isRecorded).toBe(true);
  const shownTo = (more: object) => terminalsHandlers['terminals.list'](machine, {}, { ...call(), ...more });
  expect((await shownTo({})).recording).toEqual({ role: 'always', recorded: 'root' });
  // Nobody is in the register: the strictest.
  expect((await shownTo(other)).recording.role).toBe('always');
  await register('chosen');
  expect(await listed(own)).toContain(always.terminal.id);
  await terminalsHandlers['terminals.set_recording'](machine, { recorded: 'none', keptDays: 30 }, asked());
});
