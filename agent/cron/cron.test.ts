import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { CronRun } from '#shared/cron.ts';
import { cronFacts, keptOutputBytes, type CronFacts, type CronWork } from '#shared/cron-work.ts';
import { cronFactsOf } from '#server/core/testing/cron.ts';
import { markOf } from '../core/alive.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { sitesHandlers } from '../sites/sites.actions.ts';
import { listenAbstract } from '../testing/abstract-sockets.ts';
import { giveSitePhp, putPhpCommands } from '../testing/php-command.ts';
import { call, makeWorld, newChangeId, specOf, type World } from '../testing/world.ts';
import { isForbiddenAddress } from './check-url.ts';
import { cronHandlers } from './cron.actions.ts';
import { startDueJobs } from './cron-due.ts';
import { findRun, listRuns, writeRun } from './cron-records.ts';
import { readNextLook } from './next-look.ts';

const isRoot = process.getuid?.() === 0;
/** A user that can do nothing, where we may choose. */
const linuxUser = isRoot
  ? 'nobody'
  : (readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((each) => each.split(':')[2] === String(process.getuid?.()))
      ?.split(':')[0] ?? 'nobody');

let world: World;
let machine: Machine;
let server: Server;
let port: number;
let now: number;
beforeAll(async () => {
  world = await makeWorld();
  machine = await openMachine(world.settings, { now: () => now });
  server = createServer((request, response) => {
    if (request.url === '/moved') response.writeHead(302, { location: '/' }).end();
    else if (request.url === '/slow') return;
    else if (request.url === '/endless') {
      const write = (): void => void (response.write('x'.repeat(65_536)) && setImmediate(write));
      response.on('error', () => undefined).on('drain', write);
      write();
    } else response.writeHead(request.url === '/broken' ? 500 : 200).end('all is well');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
beforeEach(() => (now = Date.now()));
afterAll(() => {
  server.closeAllConnections();
  server.close();
  machine.close();
  world.destroy();
});

const script = (text: string, language: 'sh' | 'bash' | 'node' = 'sh'): Extract<CronWork, { kind: 'script' }> => ({
  kind: 'script',
  language,
  script: text,
  linuxUser,
});
const url = (path: string, more: object = {}): CronWork => ({
  kind: 'url',
  url: `http://127.0.0.1:${port}${path}`,
  method: 'GET',
  status: null,
  keyword: '',
  mayBePrivate: true,
  ...more,
});

async function put(work: CronWork, more: Partial<CronFacts> = {}, jobId = newChangeId()): Promise<string> {
  const facts = cronFacts.parse(cronFactsOf('job', { work, ...more }));
  await cronHandlers['cron.put'](machine, { jobId, isNew: true, facts }, call());
  return jobId;
}

async function end(jobId: string, runId: string): Promise<CronRun> {
  for (let count = 0; count < 400; count++) {
    const { run } = await cronHandlers['cron.output'](machine, { jobId, runId, offset: 0 }, call());
    if (run.state !== 'running') return run;
    await wait(50);
  }
  throw new Error('the run does not end');
}

async function start(jobId: string): Promise<string> {
  return (await cronHandlers['cron.start'](machine, { jobId, runId: newChangeId() }, call())).id;
}

const runNow = async (jobId: string): Promise<CronRun> => await end(jobId, await start(jobId));

async function said(jobId: string, runId: string): Promise<string> {
  let text = '';
  for (let offset = 0; ; ) {
    const answer = await cronHandlers['cron.output'](machine, { jobId, runId, offset }, call());
    text += answer.text;
    if (answer.nextOffset === offset) return text;
    offset = answer.nextOffset;
  }
}

it('CRON-4 a script runs as its Linux user; its words, code, time, memory and processor time are kept', async () => {
  const text = 'id -un; echo "$HOME"; echo oops >&2; i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; exit 3';
  const jobId = await put(script(text));
  const run = await runNow(jobId);
  expect(run).toMatchObject({ state: 'failed', code: 3, cause: 'cron_exit_code', trigger: 'person', attempt: 1 });
  expect(run.durationMs).toBeGreaterThan(0);
  expect(run.cpuMs).toBeGreaterThan(0);
  expect(run.memoryBytes).toBeGreaterThan(100_000);
  const lines = (await said(jobId, run.id)).split('\n');
  expect(lines[0]).toBe(linuxUser);
  expect(lines).toContain('oops');
  // Nothing is left of what was handed over, and none of it can be read by others.
  expect(readdirSync(world.path('/run/aapanel-cron'))).toEqual([]);
  expect(statSync(`${world.settings.stateFolder}/cron/jobs/${jobId}.json`).mode & 0o777).toBe(0o600);
});

it('php in a job of a site is the version of that site, as its command and as the language of the script', async () => {
  putPhpCommands(world, ['8.2', '8.3']);
  const spec = specOf(world, 'php.test');
  const change = { spec, changeId: newChangeId(), isNew: true, onDrift: 'refuse' } as const;
  await sitesHandlers['sites.apply'](machine, change, call());
  const site = { siteId: spec.siteId };
  const named = await put({ ...script('php'), linuxUser: null }, site);
  const written = await put({ ...script('<?php 1;'), language: 'php', linuxUser: null }, site);
  for (const version of ['8.2', '8.3']) {
    giveSitePhp(machine, spec.slug, version);
    for (const jobId of [named, written])
      expect(await said(jobId, (await runNow(jobId)).id)).toBe(`this is php ${version}\n`);
  }
  // SITE-2: it reaches no abstract socket of others, where the kernel can keep it from that.
  const socket = await listenAbstract();
  const connects = await put({ ...script(socket.command.map((each) => `'${each}'`).join(' ')), linuxUser: null }, site);
  expect(await said(connects, (await runNow(connects)).id)).toBe(socket.kept);
  socket.close();
});

it('CRON-3 CONF-4 a command is data: newlines, %, quotes and * stay as they were typed, and no line is made of them', async () => {
  const text = [
    `printf '%s|' "$(date +%Y)" 'a%b' "it's" '*'`,
    `cat <<'EOF'`,
    `* * * * * root id % x`,
    `"\\ $(id) \u0060id\u0060`,
    `EOF`,
    '# said nowhere',
    '',
  ].join('\n');
  const jobId = await put(script(text), { name: '<img src=x> * * * * * root' });
  // Script and name are values of one JSON file: no line of a scheduler, no unit and no other file has them.
  for (const word of ['said nowhere', '<img src=x>'])
    expect(spawnSync('/usr/bin/grep', ['-rlF', '-e', word, '--', world.folder], { encoding: 'utf8' }).stdout).toBe(
      `${world.settings.stateFolder}/cron/jobs/${jobId}.json\n`,
    );
  const kept = JSON.parse(readFileSync(`${world.settings.stateFolder}/cron/jobs/${jobId}.json`, 'utf8')) as object;
  expect(kept).toMatchObject({ facts: { name: '<img src=x> * * * * * root', work: { script: text } } });
  const run = await runNow(jobId);
  expect(run.state).toBe('succeeded');
  const year = new Date().getFullYear();
  expect(await said(jobId, run.id)).toBe(`${year}|a%b|it's|*|* * * * * root id % x\n"\\ $(id) \`id\`\n`);
  const bad = { name: 'two\nlines' };
  expect(cronFacts.safeParse(cronFactsOf('x', bad)).error?.issues[0]?.message).toBe('control_characters');
  for (const work of [script('echo \0'), { ...script('x'), linuxUser: 'root id' }, { ...script('x'), linuxUser: null }])
    expect(cronFacts.safeParse(cronFactsOf('x', { work })).success).toBe(false);
  for (const expression of ['* * * * *\nroot', '* * * * * root', '@reboot', '%', '0 0 * * *\0'])
    await expect(
      put(script('x'), { schedule: { every: 'cron', expression, timeZone: 'UTC' } }),
      expression,
    ).rejects.toThrow();
  await expect(put({ ...script('x'), linuxUser: 'no-such-user' })).rejects.toMatchObject({
    fields: [{ field: 'work.linuxUser', code: 'cron_user_unknown' }],
  });
});

it('what takes too long ends with everything it started, and so does what somebody ends', async () => {
  const slow = 'sleep 600 & echo $!; sleep 600';
  const timed = await put(script(slow), { timeoutSeconds: 1 });
  const run = await runNow(timed);
  expect(run).toMatchObject({ state: 'timed_out', cause: 'cron_timed_out', code: null });
  const [child = '0'] = (await said(timed, run.id)).split('\n');
  expect(markOf(Number(child))).toBeUndefined();
  const cancelled = await put(script(`echo here; ${slow}`));
  const runId = await start(cancelled);
  while (!(await said(cancelled, runId)).includes('here')) await wait(20);
  await expect(start(cancelled)).rejects.toMatchObject({ reason: 'cron_running' });
  const ended = await cronHandlers['cron.cancel'](machine, { jobId: cancelled, runId }, call());
  expect(ended).toMatchObject({ state: 'cancelled', cause: 'cron_cancelled' });
  const pid = (await said(cancelled, runId)).split('\n')[1] ?? '0';
  expect(markOf(Number(pid))).toBeUndefined();
});

it('one that fails is tried again after a pause, and only so many runs are kept', async () => {
  const jobId = await put(script('test -e "/tmp/never-there-$$" || exit 1'), { retries: 2, keepRuns: 2 });
  const run = await runNow(jobId);
  expect(run).toMatchObject({ state: 'failed', attempt: 3 });
  expect(await said(jobId, run.id)).toContain('[1/3] cron_exit_code');
  for (const _ of [1, 2])
    await cronHandlers['cron.put'](
      machine,
      { jobId, isNew: false, facts: cronFactsOf('job', { work: script('true'), keepRuns: 2 }) },
      call(),
    );
  await runNow(jobId);
  await runNow(jobId);
  expect(listRuns(machine, jobId)).toHaveLength(2);
  await cronHandlers['cron.remove'](machine, { jobId }, call());
  expect(existsSync(`${world.settings.stateFolder}/cron/runs/${jobId}`)).toBe(false);
});

it('endless words are cut in the middle, and how many were is said', async () => {
  const jobId = await put(script("process.stdout.write('a'.repeat(3_000_000) + 'END')", 'node'));
  const run = await runNow(jobId);
  expect(run).toMatchObject({ state: 'succeeded', outputBytes: 3_000_003 });
  expect(run.cutBytes).toBe(3_000_003 - 2 * keptOutputBytes);
  const size = statSync(`${world.settings.stateFolder}/cron/runs/${jobId}/${run.id}.log`).size;
  expect(size).toBeLessThan(2 * keptOutputBytes + 100);
  const text = await said(jobId, run.id);
  expect(text).toContain(`[… ${run.cutBytes} bytes …]`);
  expect(text.endsWith('END')).toBe(true);
});

it('an address is asked: status, word, time limit; and private ones only for who may', async () => {
  const result = async (work: CronWork, more: Partial<CronFacts> = {}): Promise<string | null> => {
    const run = await runNow(await put(work, more));
    return run.state === 'succeeded' ? null : run.cause;
  };
  expect(await result(url('/', { keyword: 'is well' }))).toBe(null);
  expect(await result(url('/', { keyword: 'is ill' }))).toBe('cron_url_keyword');
  expect(await result(url('/broken'))).toBe('cron_url_status');
  expect(await result(url('/broken', { status: 500 }))).toBe(null);
  // Not followed: the answer is the redirect itself.
  expect(await result(url('/moved', { status: 302 }))).toBe(null);
  expect(await result(url('/endless'))).toBe(null);
  expect(await result(url('/slow'), { timeoutSeconds: 1 })).toBe('cron_timed_out');
  for (const address of [
    `http://127.0.0.1:${port}/`,
    `http://localhost:${port}/`,
    `http://[::1]:${port}/`,
    `http://0x7f.1:${port}/`,
  ])
    expect(await result(url('/', { url: address, mayBePrivate: false })), address).toBe('cron_url_address');
  for (const address of [
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '0.0.0.0',
    '::ffff:10.0.0.1',
    'fd00::1',
    'fe80::1',
    '64:ff9b::a00:1',
    '2002:a00:1::',
  ])
    expect(isForbiddenAddress(address, false), address).toBe(true);
  for (const address of ['169.254.169.254', '::ffff:169.254.169.254', 'fd00:ec2::254'])
    expect(isForbiddenAddress(address, true), address).toBe(true);
  expect(isForbiddenAddress('93.184.216.34', false)).toBe(false);
  expect(isForbiddenAddress('2606:2800::1', false)).toBe(false);
});

it('a job of the machine, and one that asks private addresses, is kept only with a fresh factor and the right to it', async () => {
  const facts = cronFactsOf('job', { work: script('id') });
  const given = { jobId: newChangeId(), isNew: true, facts };
  const ask = (more: object, params = given) => cronHandlers['cron.put'](machine, params, { ...call(), ...more });
  await expect(ask({ isElevated: false })).rejects.toMatchObject({ code: 'elevation_required' });
  await expect(ask({ may: () => false })).rejects.toMatchObject({ code: 'not_allowed' });
  const nearby = { ...given, facts: cronFactsOf('job', { work: url('/') }) };
  await expect(ask({ isElevated: false }, nearby)).rejects.toMatchObject({ code: 'elevation_required' });
  await ask({});
  // Nor is one of root's turned into something harmless on the way to something else.
  const tame = { ...given, isNew: false, facts: cronFactsOf('job') };
  await expect(ask({ isElevated: false }, tame)).rejects.toMatchObject({ code: 'elevation_required' });
  await cronHandlers['cron.remove'](machine, { jobId: given.jobId }, call());
});

it('work of the agent itself: what it names is looked at by name and right, and it runs as a process of its own', async () => {
  const plan = { kind: 'backup', planId: newChangeId() } as const;
  const service = (unit: string): CronWork => ({ kind: 'service', unit, verb: 'restart' });
  const logs = { kind: 'logs', of: 'sites', rotates: true, maxAgeDays: 30, maxMib: null } as const;
  for (const [work, field, code] of [
    [plan, 'work.planId', 'cron_plan_unknown'],
    [service('aapanel-agent.service'), 'work.unit', 'cron_unit_guarded'],
    [service('aapanel-app-shop.service'), 'work.unit', 'cron_unit_guarded'],
    [service('no-such-thing.service'), 'work.unit', 'cron_unit_unknown'],
  ] as const)
    await expect(put(work), code).rejects.toMatchObject({ fields: [{ field, code }] });
  for (const unit of ['*.service', '../x.service', '--all.service\n', 'a b.service', '/etc/x.service', 'x.timer'])
    expect(cronFacts.safeParse(cronFactsOf('x', { work: service(unit) })).success, unit).toBe(false);
  // All of it is the machine's: a fresh factor, cron.machine, and the right to the thing itself.
  const facts = (work: CronWork) => ({ jobId: newChangeId(), isNew: true, facts: cronFactsOf('job', { work }) });
  for (const work of [plan, service('cron.service'), logs]) {
    const given = facts(work);
    await expect(cronHandlers['cron.put'](machine, given, { ...call(), isElevated: false })).rejects.toMatchObject({
      code: 'elevation_required',
    });
    await expect(cronHandlers['cron.put'](machine, given, { ...call(), may: () => false })).rejects.toMatchObject({
      code: 'not_allowed',
    });
  }
  for (const [work, right] of [
    [plan, 'backups.create'],
    [service('cron.service'), 'services.write'],
  ] as const)
    await expect(
      cronHandlers['cron.put'](machine, facts(work), { ...call(), may: (permission) => permission !== right }),
    ).rejects.toMatchObject({ code: 'not_allowed', params: { permission: right } });
  const jobId = await put(logs);
  const run = await runNow(jobId);
  expect(run).toMatchObject({ state: 'succeeded', cause: null });
  expect(await said(jobId, run.id)).toBe('0 files, 0 bytes\n');
  // A plan and a site that went meanwhile.
  const lost = await put(logs);
  for (const [work, siteId, cause] of [
    [plan, null, 'cron_plan_gone'],
    [logs, newChangeId(), 'cron_site_gone'],
    [service('aapanel-agent.service'), null, 'cron_service_gone'],
  ] as const) {
    const path = `${world.settings.stateFolder}/cron/jobs/${lost}.json`;
    const record = JSON.parse(readFileSync(path, 'utf8')) as { facts: CronFacts };
    writeFileSync(path, JSON.stringify({ ...record, facts: { ...record.facts, work, siteId } }));
    expect(await runNow(lost), cause).toMatchObject({ state: 'failed', cause });
  }
});

const minutely = { every: 'minutes', minutes: 1, timeZone: 'UTC' } as const;
const runsOf = (jobId: string): number => listRuns(machine, jobId).length;

it('CRON-1 CRON-2 FAULT-3 what is due starts once, whatever the clock does; what still runs is not started again', async () => {
  now = Date.parse('2031-05-01T09:59:30Z');
  const daily = await put(script('true'), { schedule: { every: 'day', times: [600], timeZone: 'UTC' } });
  const often = await put(script('true'), { schedule: minutely, mayOverlap: true });
  const busy = await put(script('sleep 600'), { schedule: minutely });
  const off = await put(script('true'), { schedule: minutely, isEnabled: false });
  const counts = () => [daily, often, busy, off].map(runsOf);
  await startDueJobs(machine);
  expect(counts()).toEqual([0, 0, 0, 0]);
  now = Date.parse('2031-05-01T10:00:00Z');
  await startDueJobs(machine);
  await startDueJobs(machine);
  expect(counts()).toEqual([1, 1, 1, 0]);
  // An hour back: the daily one has had its run, the one of every minute goes on.
  now = Date.parse('2031-05-01T09:00:10Z');
  await startDueJobs(machine);
  now = Date.parse('2031-05-01T09:01:10Z');
  await startDueJobs(machine);
  now = Date.parse('2031-05-01T10:00:00.100Z');
  await startDueJobs(machine);
  expect(counts()).toEqual([1, 3, 1, 0]);
  const { job } = await cronHandlers['cron.runs'](machine, { jobId: busy }, call());
  expect(job.skippedAt).not.toBeNull();
  // The machine was off for hours: what was missed is made up for once where that is wanted, and elsewhere left out.
  const eager = await put(script('true'), {
    schedule: { every: 'day', times: [660], timeZone: 'UTC' },
    catchesUp: true,
  });
  now = Date.parse('2031-05-01T15:00:00Z');
  await startDueJobs(machine);
  await startDueJobs(machine);
  expect([runsOf(eager), runsOf(daily)]).toEqual([1, 1]);
  const [first] = listRuns(machine, eager);
  if (first !== undefined) await end(eager, first.runId);
  now = Date.parse('2031-05-02T13:00:00Z');
  await startDueJobs(machine);
  expect([runsOf(eager), runsOf(daily)]).toEqual([2, 1]);
  for (const jobId of [daily, often, busy, off, eager]) await cronHandlers['cron.remove'](machine, { jobId }, call());
});

it('CRON-1 a job more is planned without reading the others; a look that became needless plans anew', async () => {
  const { items } = await cronHandlers['cron.list'](machine, {}, call());
  for (const { id } of items) await cronHandlers['cron.remove'](machine, { jobId: id }, call());
  await startDueJobs(machine);
  expect(readNextLook(machine)).toBeUndefined();
  const at = async (afterMs: number): Promise<string> =>
    await put(script('true'), {
      schedule: { every: 'once', at: new Date(now + afterMs).toISOString(), timeZone: 'UTC' },
    });
  const minute = 60_000;
  const other = await at(50 * minute);
  const path = `${machine.stateFolder}/cron/jobs/${other}.json`;
  // Whoever reads it would show: a file that was never read since it was written takes the time of its reading.
  utimesSync(path, 1, 2);
  const later = await at(70 * minute);
  expect([readNextLook(machine), statSync(path).atimeMs]).toEqual([now + 50 * minute, 1_000]);
  const sooner = await at(20 * minute);
  await cronHandlers['cron.enable'](machine, { jobId: later, isEnabled: false }, call());
  await cronHandlers['cron.remove'](machine, { jobId: sooner }, call());
  expect([readNextLook(machine), statSync(path).atimeMs]).toEqual([now + 20 * minute, 1_000]);
  now += 20 * minute;
  expect(await startDueJobs(machine)).toEqual([]);
  expect(readNextLook(machine)).toBe(now + 30 * minute);
  // What is planned can be lost with a worn disk.
  writeFileSync(`${machine.stateFolder}/cron/next.json`, 'no plan');
  await at(45 * minute);
  expect(readNextLook(machine)).toBe(now + 30 * minute);
});

it('a run whose process was killed is told as cut off, and the job goes on at its next time', async () => {
  now = Date.parse('2031-06-01T10:00:10Z');
  const jobId = await put(script('exec sleep 600'), { schedule: minutely });
  const runId = await start(jobId);
  let pid: number | undefined;
  while (pid === undefined) {
    await wait(20);
    pid = findRun(machine, { jobId, runId })?.process?.pid;
  }
  process.kill(pid, 'SIGKILL');
  const run = await end(jobId, runId);
  expect(run).toMatchObject({ state: 'interrupted', cause: 'cron_interrupted' });
  // Also one of before the machine was started anew.
  const old = findRun(machine, { jobId, runId });
  if (old !== undefined) await writeRun(machine, { ...old, bootId: 'another', state: 'running' });
  now = Date.parse('2031-06-01T10:01:00Z');
  await startDueJobs(machine);
  expect(findRun(machine, { jobId, runId })?.state).toBe('interrupted');
  expect(runsOf(jobId)).toBe(2);
  await cronHandlers['cron.remove'](machine, { jobId }, call());
});
