import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppError } from '#shared/errors.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { siteApp } from '#shared/site-app.ts';
import { reviveSites } from '../backups/restore/revive.ts';
import { readSiteFacts } from '../backups/sources/site-facts.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { softwareHandlers } from '../packages/packages.actions.ts';
import { sitesHandlers } from '../sites/sites.actions.ts';
import { findRecord } from '../sites/site-records.ts';
import { installNode, serverText, stopApps, writeApp } from '../testing/apps.ts';
import {
  call,
  endWorld,
  freePort,
  hasNginx,
  makeWorld,
  newChangeId,
  specOf,
  visit,
  visitUntil,
  type World,
} from '../testing/world.ts';
import { appsHandlers } from './apps.actions.ts';
import { settleApps } from './apps.recovery.ts';
import { writeEnvironment } from './apps.secrets.ts';
import { readNote } from './apps.supervised.ts';
import { takeUpApp } from './apps.take-up.ts';

let world: World;
let machine: Machine;
/** Ends when old processes of nginx answer no more: for a moment after a reload they do beside the new ones. */
const settled = async <T>(work: Promise<T>): Promise<T> => {
  const result = await work;
  await machine.settled();
  return result;
};
const apply = (spec: SiteSpec, more: { isNew?: boolean; onDrift?: 'refuse' | 'overwrite' } = {}) =>
  settled(
    sitesHandlers['sites.apply'](
      machine,
      { spec, changeId: newChangeId(), isNew: true, onDrift: 'refuse', ...more },
      call(60),
    ),
  );
const change = (spec: SiteSpec) => apply(spec, { isNew: false });
const appSpec = (name: string, app: object = {}, more: Partial<SiteSpec> = {}): SiteSpec =>
  specOf(world, name, {
    kind: 'app',
    app: siteApp.parse({ program: 'node', arguments: ['server.js'], healthSeconds: 10, ...app }),
    ...more,
  });
const switchTo = (spec: SiteSpec, to: 'start' | 'stop' | 'restart') =>
  settled(appsHandlers['apps.switch'](machine, { site: refOf(spec), to, changeId: newChangeId() }, call(60)));
const status = (spec: SiteSpec) => appsHandlers['apps.status'](machine, { site: refOf(spec) }, call());
const refOf = ({ siteId, slug }: SiteSpec) => ({ siteId, slug });
const withApp = (spec: SiteSpec, app: object): SiteSpec => ({ ...spec, app: siteApp.parse({ ...spec.app, ...app }) });
const write = (spec: SiteSpec, files: Record<string, string>): void => writeApp(world, spec.root, files);
const refusal = async (work: Promise<unknown>): Promise<AppError> =>
  await work.then(
    () => Promise.reject(new Error('it was not refused')),
    (error: unknown) => error as AppError,
  );
const seen = (host: string, text: string, path = '/') =>
  visitUntil(world.port, host, ({ body }) => body === text, path);
const unitOf = (spec: SiteSpec): string =>
  world.path(`/etc/systemd/system/aapanel-app-${spec.slug}-${findRecord(machine, spec.slug)?.app?.slot}.service`);

/** A site whose application runs. */
async function running(name: string, app: object = {}, version = '1'): Promise<SiteSpec> {
  const spec = appSpec(name, app);
  write(spec, { 'server.js': serverText(version) });
  await apply(spec);
  await seen(name, `version ${version}`);
  return spec;
}

describe.runIf(hasNginx)('applications, with a real nginx and real processes', () => {
  beforeAll(async () => {
    world = await makeWorld({ nginx: 'running' });
    installNode(world);
    machine = await openMachine(world.settings);
  });
  afterAll(() => endWorld(world, machine, stopApps));

  it('CMD-7 a new site without files is made and waits; started, it answers through nginx with its own environment', async () => {
    const spec = appSpec('new.test', {
      environment: [{ name: 'GREETING', value: 'a "b" $c `d` \\e %f\nsecond line' }],
    });
    expect((await apply(spec)).isServing).toBe(true);
    expect((await visitUntil(world.port, 'new.test', ({ status: code }) => code === 503)).body).toContain(
      'التطبيق متوقف',
    );
    expect(await status(spec)).toMatchObject({ state: 'stopped', isOn: false });
    expect(await refusal(switchTo(spec, 'start'))).toMatchObject({ reason: 'app_exited' });
    write(spec, { 'server.js': serverText('1') });
    expect(await switchTo(spec, 'start')).toMatchObject({ isOn: true, restarts: 0, end: null });
    await expect.poll(async () => (await status(spec)).state).toBe('running');
    expect((await seen('new.test', 'version 1')).body).toBe('version 1');
    expect((await visit(world.port, 'new.test', '/env?GREETING')).body).toBe('a "b" $c `d` \\e %f\nsecond line');
    for (const name of ['NODE_OPTIONS', 'DEBIAN_FRONTEND', 'AAPANEL_AGENT_STATE'])
      expect((await visit(world.port, 'new.test', `/env?${name}`)).body).toBe('undefined');
    if (machine.isRoot) expect((await visit(world.port, 'new.test', '/uid')).body).not.toMatch(/^0 /);
    const facts = await status(spec);
    expect(facts.memoryBytes).toBeGreaterThan(10 * 1024 * 1024);
    expect(facts.listensOn).toMatch(/^127\.0\.0\.1:2\d{4}$/);
  });

  it('RUN-1 a new version takes over without a failed request, and the old process ends', async () => {
    const spec = await running('switch.test');
    const oldPid = Number((await visit(world.port, 'switch.test', '/pid')).body);
    write(spec, { 'server.js': serverText('2') });
    let isDone = false;
    const codes: number[] = [];
    const visitor = async (): Promise<void> => {
      while (!isDone) codes.push((await visit(world.port, 'switch.test', '/?20')).status);
    };
    const visitors = [visitor(), visitor(), visitor(), visitor()];
    await switchTo(spec, 'restart');
    await seen('switch.test', 'version 2');
    await machine.settled();
    isDone = true;
    await Promise.all(visitors);
    expect(codes.length).toBeGreaterThan(20);
    expect(codes.filter((code) => code !== 200)).toEqual([]);
    await expect.poll(() => existsSync(`/proc/${oldPid}/cwd`), { timeout: 5_000 }).toBe(false);
  });

  it('RUN-2 a version that does not answer is taken back: the old process goes on, and nothing of the new one is left', async () => {
    const spec = await running('broken.test');
    const pid = (await visit(world.port, 'broken.test', '/pid')).body;
    const unit = readFileSync(unitOf(spec), 'utf8');
    write(spec, { 'server.js': 'console.error("no such table: orders"); process.exit(3);' });
    const failed = await refusal(switchTo(spec, 'restart'));
    expect(failed).toMatchObject({ code: 'config_rejected', reason: 'app_exited', params: { code: 3 } });
    expect(failed.params['message']).toContain('no such table: orders');
    const rejected = await refusal(change(withApp(spec, { environment: [{ name: 'A', value: 'b' }] })));
    expect(rejected.reason).toBe('app_exited');
    expect((await visit(world.port, 'broken.test', '/pid')).body).toBe(pid);
    expect(readFileSync(unitOf(spec), 'utf8')).toBe(unit);
    expect(existsSync(world.path('/etc/systemd/system/aapanel-app-broken.test-b.service'))).toBe(false);
    expect((await status(spec)).state).toBe('running');
    // What serves is untouched by a change of something else, whatever lies in its folder by then.
    await change({ ...spec, domains: [...spec.domains, { host: 'second.test', port: world.port }] });
    expect((await seen('second.test', pid, '/pid')).body).toBe(pid);
  });

  it('RUN-6 the reason is said: another port, an answer that is an error, silence, a missing file, one that cannot be run', async () => {
    const spec = appSpec('reasons.test', { healthSeconds: 1 });
    await apply(spec);
    const why = async (text: string | null, app: object = {}) => {
      if (text === null) rmSync(`${world.prefix}${spec.root}/server.js`, { force: true });
      else write(spec, { 'server.js': text });
      await change(withApp(spec, app));
      const { reason, params } = await refusal(switchTo(spec, 'start'));
      return { reason, params };
    };
    const listen = (port: string, answer: string): string =>
      `require('http').createServer((q, r) => { ${answer} }).listen(${port}, '127.0.0.1')`;
    const other = await freePort();
    expect(await why(listen(String(other), 'r.end()'))).toMatchObject({
      reason: 'app_listens_elsewhere',
      params: { found: String(other) },
    });
    expect(await why(listen('process.env.PORT', 'r.statusCode = 500; r.end()'))).toMatchObject({
      reason: 'app_unhealthy',
      params: { status: 500, path: '/' },
    });
    expect(await why('setInterval(() => {}, 1000)')).toMatchObject({ reason: 'app_silent', params: { seconds: 1 } });
    expect(await why('process.kill(process.pid, "SIGSEGV")')).toMatchObject({
      reason: 'app_killed',
      params: { signal: 11 },
    });
    expect(await why(serverText('1'), { program: './missing' })).toMatchObject({
      reason: 'app_file_missing',
      params: { path: '/www/wwwroot/reasons.test/missing' },
    });
    expect(await why(serverText('1'), { program: 'no-such-program' })).toMatchObject({ reason: 'app_file_missing' });
    expect(await why(serverText('1'), { folder: 'current' })).toMatchObject({ reason: 'app_file_missing' });
    writeFileSync(`${world.prefix}${spec.root}/text`, 'plain', { mode: 0o644 });
    expect(await why(serverText('1'), { program: './text' })).toMatchObject({ reason: 'app_not_executable' });
    expect(await why(serverText('1'), { health: { kind: 'http', path: '/', status: 204 } })).toMatchObject({
      reason: 'app_unhealthy',
      params: { status: 200 },
    });
    expect(await status(spec)).toMatchObject({ state: 'stopped', isOn: false });
  });

  it('RUN-6 one that leaks is stopped at its limit and started again, and its neighbour notices nothing', async () => {
    const neighbour = await running('neighbour.test');
    const pid = (await visit(world.port, 'neighbour.test', '/pid')).body;
    const spec = await running('leak.test', { limits: { memoryMb: 200 } });
    await visit(world.port, 'leak.test', '/leak');
    await expect
      .poll(async () => (await status(spec)).end, { timeout: 10_000 })
      .toEqual({ kind: 'memory', code: null });
    await expect.poll(async () => (await status(spec)).state, { timeout: 10_000 }).toBe('running');
    expect((await status(spec)).restarts).toBe(1);
    expect((await visit(world.port, 'neighbour.test', '/pid')).body).toBe(pid);
    expect((await status(neighbour)).restarts).toBe(0);
  });

  it('RUN-6 one that ends by itself is started again as its policy says, and left with its reason when it never stops failing', async () => {
    const spec = await running('policy.test', { restart: 'on_failure' });
    await visit(world.port, 'policy.test', '/end?7');
    await expect.poll(async () => (await status(spec)).restarts, { timeout: 10_000 }).toBe(1);
    await expect.poll(async () => (await status(spec)).state, { timeout: 10_000 }).toBe('running');
    expect((await status(spec)).end).toEqual({ kind: 'exit', code: 7 });
    await seen('policy.test', 'version 1');
    await visit(world.port, 'policy.test', '/end?0');
    await expect.poll(async () => (await status(spec)).state, { timeout: 10_000 }).toBe('stopped');
  });

  it('applications outlive the agent; what should run and does not is started again when the agent starts', async () => {
    const spec = await running('outlives.test');
    const pid = (await visit(world.port, 'outlives.test', '/pid')).body;
    await machine.settled();
    machine.close();
    machine = await openMachine(world.settings);
    await settleApps(machine);
    expect((await visit(world.port, 'outlives.test', '/pid')).body).toBe(pid);
    const unit = unitOf(spec).slice(unitOf(spec).lastIndexOf('/') + 1);
    const note = readNote(machine.stateFolder, unit);
    process.kill(note?.supervisor.pid ?? 0, 'SIGKILL');
    await expect.poll(async () => (await status(spec)).state, { timeout: 5_000 }).toBe('stopped');
    // Its application still serves, without anybody who looks after it.
    expect((await visit(world.port, 'outlives.test', '/pid')).body).toBe(pid);
    await settleApps(machine);
    const next = await visitUntil(
      world.port,
      'outlives.test',
      ({ body }) => body !== pid && /^\d+$/.test(body),
      '/pid',
    );
    expect(next.status).toBe(200);
    expect(existsSync(`/proc/${pid}/cwd`)).toBe(false);
    // One that was stopped by somebody stays so.
    await switchTo(spec, 'stop');
    await machine.settled();
    await settleApps(machine);
    expect(await status(spec)).toMatchObject({ state: 'stopped', isOn: false });
    const left = readdirSync('/proc').filter((each) => /^\d+$/.test(each) && each === next.body);
    expect(left).toEqual([]);
  });

  it('a log that has grown too large is cut at the next start, and its end stays', async () => {
    const spec = await running('log.test');
    const log = world.path('/www/wwwlogs/log.test.app.log');
    writeFileSync(log, `${'x'.repeat(1_023)}\n`.repeat(70 * 1_024));
    await switchTo(spec, 'restart');
    expect(lstatSync(log).size).toBeLessThan(2 * 1_024 * 1_024);
    expect(readFileSync(log, 'utf8')).toMatch(/listens 1\n$/);
  });

  it('RUN-4 a secret reaches the application and stands in no file but root’s own, no record, no log and no error', async () => {
    const secretId = newChangeId();
    const value = 'hunter2-ß"$`\\ %n';
    const spec = appSpec('secret.test', {
      environment: [
        { name: 'TOKEN', secretId },
        { name: 'MODE', value: 'plain' },
      ],
    });
    write(spec, { 'server.js': serverText('1') });
    expect(await refusal(apply(spec))).toMatchObject({ reason: 'app_secret_missing', params: { names: 'TOKEN' } });
    const keep = (given: string) =>
      appsHandlers['apps.keep_secrets'](machine, { site: refOf(spec), secrets: [{ secretId, value: given }] }, call());
    await keep(value);
    // An id keeps its first value: nobody changes what an earlier change meant.
    await keep('another');
    const { files } = await apply(spec);
    expect((await seen('secret.test', value, '/env?TOKEN')).body).toBe(value);
    await seen('secret.test', 'said', `/say?${encodeURIComponent(`my token is ${value}!`)}`);
    const log = await sitesHandlers['sites.read_log'](
      machine,
      { site: refOf(spec), kind: 'app', cursor: null, search: '' },
      call(),
    );
    expect(log.lines.join('\n')).toContain('my token is ••••••!');
    write(spec, { 'server.js': 'console.error(process.env.TOKEN); process.exit(1)' });
    const failed = await refusal(switchTo(spec, 'restart'));
    const record = readFileSync(`${machine.stateFolder}/sites/secret.test.json`, 'utf8');
    const journal = readFileSync(`${machine.stateFolder}/journal.log`, 'utf8');
    const said = [
      JSON.stringify(files),
      JSON.stringify(failed),
      record,
      journal,
      readFileSync(unitOf(spec), 'utf8'),
      log.lines.join(),
    ];
    for (const text of said) expect(text).not.toContain('hunter2');
    expect(failed.params['message']).toContain('••••••');
    const commands = readFileSync(`/proc/${(await status(spec)).pid}/cmdline`, 'utf8');
    expect(commands).not.toContain('hunter2');
    const folder = `${machine.stateFolder}/apps/${spec.siteId}`;
    const slot = findRecord(machine, spec.slug)?.app?.slot ?? 'a';
    const environment = `${folder}/${slot}.env`;
    for (const path of [`${folder}/secrets.json`, environment]) expect(lstatSync(path).mode & 0o777).toBe(0o600);
    // A unit of an earlier version, which a failed change may have put back, takes them by their own names.
    expect(readFileSync(environment, 'utf8')).toMatch(/^AAPANEL_GIVEN_TOKEN="/);
    const old = readFileSync(unitOf(spec), 'utf8').replace(/^ExecStart=.*$/m, 'ExecStart="/usr/bin/node" "server.js"');
    writeFileSync(unitOf(spec), old);
    await writeEnvironment(machine, spec, slot, siteApp.parse(spec.app));
    expect(readFileSync(environment, 'utf8')).toMatch(/^TOKEN="/);
  });

  it('on a socket nobody but nginx and its own user may connect, and a new version takes over there too', async () => {
    const spec = await running('socket.test', { listen: { kind: 'socket' }, health: { kind: 'connect' } });
    for (const inner of ['', '/s'])
      expect(lstatSync(world.path(`/run/aapanel-apps/${spec.siteId}${inner}`)).mode & 0o7777).toBe(0o2750);
    const { listensOn } = await status(spec);
    expect(lstatSync(world.path(listensOn ?? '')).mode & 0o007).toBe(0);
    write(spec, { 'server.js': serverText('2') });
    await switchTo(spec, 'restart');
    expect((await seen('socket.test', 'version 2')).body).toBe('version 2');
    // Its rule makes the folder at the next start of the machine.
    const rule = readFileSync(world.path('/etc/tmpfiles.d/aapanel-app-socket.test.conf'), 'utf8');
    expect(rule).toContain(`d /run/aapanel-apps/${spec.siteId}/s 3777 root `);
  });

  it('RUN-6 a given port that a program or another site holds is refused, and says who holds it', async () => {
    const port = await freePort();
    const first = await running('given.test', { listen: { kind: 'port', port } });
    expect(await refusal(apply(appSpec('second-given.test', { listen: { kind: 'port', port } })))).toMatchObject({
      fields: [{ field: 'app.listen.port', code: 'app_port_taken', params: { port, process: 'given.test' } }],
    });
    // Restarted in place: the old one makes room.
    write(first, { 'server.js': serverText('2') });
    await switchTo(first, 'restart');
    expect((await seen('given.test', 'version 2')).body).toBe('version 2');
    write(first, { 'server.js': 'process.exit(5)' });
    await refusal(switchTo(first, 'restart'));
    write(first, { 'server.js': serverText('3') });
    const held = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => held.once('listening', resolve));
    const address = held.address();
    const taken = typeof address === 'object' && address !== null ? address.port : 0;
    const spec = appSpec('held.test', { listen: { kind: 'port', port: taken }, healthSeconds: 2 });
    await apply(spec);
    write(spec, { 'server.js': serverText('1') });
    expect(await refusal(switchTo(spec, 'start'))).toMatchObject({ reason: 'port_taken', params: { port: taken } });
    held.close();
    expect(await refusal(apply(appSpec('web.test', { listen: { kind: 'port', port: world.port } })))).toMatchObject({
      fields: [{ code: 'app_port_taken', params: { process: 'nginx' } }],
    });
  });

  it('RUN-2 takeUpApp takes its own wants into the change: a link to a release that fails points to the old one again', async () => {
    const spec = appSpec('release.test', { folder: 'current' });
    write(spec, {
      'releases/1/server.js': serverText('1'),
      'releases/2/server.js': serverText('2'),
      'releases/3/server.js': 'process.exit(9)',
    });
    const link = `${world.prefix}${spec.root}/current`;
    symlinkSync('releases/1', link);
    await apply(spec);
    await seen('release.test', 'version 1');
    const deploy = (release: string) =>
      settled(
        takeUpApp(
          machine,
          refOf(spec),
          {
            changeId: newChangeId(),
            action: 'deploy.switch',
            wantsBefore: [{ kind: 'link', path: link, target: `releases/${release}` }],
          },
          call(60),
        ),
      );
    await deploy('2');
    expect((await seen('release.test', 'version 2')).body).toBe('version 2');
    expect(await refusal(deploy('3'))).toMatchObject({ reason: 'app_exited', params: { code: 9 } });
    expect((await visit(world.port, 'release.test')).body).toBe('version 2');
    expect(readFileSync(`${link}/server.js`, 'utf8')).toBe(serverText('2'));
    // A link that leaves the site's folder leads nowhere.
    rmSync(link);
    symlinkSync('/usr', link);
    expect(await refusal(switchTo(spec, 'restart'))).toMatchObject({ reason: 'app_file_missing' });
  });

  it('stopping holds, switching the site off ends it, and deleting it leaves no process, no unit and no secret', async () => {
    const spec = await running('ends.test');
    const pid = Number((await visit(world.port, 'ends.test', '/pid')).body);
    const isThere = (): boolean => existsSync(`/proc/${pid}/cwd`);
    expect(await switchTo(spec, 'stop')).toMatchObject({ state: 'stopped', isOn: false });
    await machine.settled();
    await expect.poll(isThere, { timeout: 5_000 }).toBe(false);
    await change({ ...spec, app: siteApp.parse({ ...spec.app, isWebsocket: false }) });
    expect(await status(spec)).toMatchObject({ state: 'stopped', isOn: false });
    await switchTo(spec, 'start');
    await seen('ends.test', 'version 1');
    const second = (await status(spec)).pid ?? 0;
    await change({ ...spec, isEnabled: false });
    await machine.settled();
    await expect.poll(() => existsSync(`/proc/${second}/cwd`), { timeout: 5_000 }).toBe(false);
    expect(await refusal(switchTo(spec, 'start'))).toMatchObject({ reason: 'app_site_off' });
    await change(spec);
    await seen('ends.test', 'version 1');
    const third = (await status(spec)).pid ?? 0;
    const site = refOf(spec);
    const preview = await sitesHandlers['sites.preview_removal'](machine, { site, root: spec.root }, call());
    expect(preview.items.map(({ path }) => path)).toContain(unitOf(spec).slice(world.prefix.length));
    const removal = {
      site,
      root: spec.root,
      changeId: newChangeId(),
      files: 'keep',
      confirm: preview.confirm,
    } as const;
    await sitesHandlers['sites.remove'](machine, removal, call());
    await machine.settled();
    expect(existsSync(`/proc/${third}/cwd`)).toBe(false);
    expect(existsSync(world.path('/etc/systemd/system/aapanel-app-ends.test-a.service'))).toBe(false);
    expect(existsSync(`${machine.stateFolder}/apps/${spec.siteId}`)).toBe(false);
  });

  it('runs with the version of Node that it chose, which stands first for everything that it starts; one that is missing is named', async () => {
    const spec = appSpec('version.test', { nodeVersion: '26.10.0' });
    expect(await refusal(apply(spec))).toMatchObject({
      reason: 'node_version_missing',
      params: { version: '26.10.0' },
    });
    const stored = world.path('/www/runtimes/node/26.10.0/bin');
    mkdirSync(stored, { recursive: true });
    symlinkSync(world.path('/usr/bin/node'), `${stored}/node`);
    write(spec, { 'server.js': serverText('1') });
    await apply(spec);
    await seen('version.test', 'version 1');
    expect((await visit(world.port, 'version.test', '/env?PATH')).body.split(':')[0]).toBe(stored);
    expect(readFileSync(unitOf(spec), 'utf8')).toContain(` "--" "${stored}/node" "server.js"\n`);
    expect(await appsHandlers['apps.node_versions'](machine, {}, call())).toMatchObject({
      items: [{ major: 26, versions: [{ version: '26.10.0', sites: 1 }] }, { major: 24 }, { major: 22 }],
    });
    const removal = softwareHandlers['software.remove'](
      machine,
      { name: 'node26', operationId: newChangeId() },
      call(),
    );
    expect(await refusal(removal)).toMatchObject({ reason: 'software_in_use', params: { site: 'version.test' } });
  });

  it('a site that comes back from a backup has its application again, and the secrets that it lacks are named', async () => {
    const secretId = newChangeId();
    const spec = appSpec('back.test', { environment: [{ name: 'TOKEN', secretId }] });
    write(spec, { 'server.js': serverText('1') });
    const secrets = [{ secretId, value: 'not in any backup' }];
    await appsHandlers['apps.keep_secrets'](machine, { site: refOf(spec), secrets }, call());
    await apply(spec);
    const facts = readSiteFacts(machine, 'back.test');
    expect(facts).toMatchObject({ isAppOn: true, spec: { app: { environment: [{ name: 'TOKEN', secretId }] } } });
    expect(JSON.stringify(facts)).not.toContain('not in any backup');
    const site = refOf(spec);
    const { confirm } = await sitesHandlers['sites.preview_removal'](machine, { site, root: spec.root }, call());
    const removal = { site, root: spec.root, changeId: newChangeId(), files: 'keep', confirm } as const;
    await sitesHandlers['sites.remove'](machine, removal, call());
    await machine.settled();
    mkdirSync(`${machine.stateFolder}/backups/revive`, { recursive: true });
    writeFileSync(`${machine.stateFolder}/backups/revive/back.test.json`, JSON.stringify(facts));
    const { sites } = await settled(reviveSites(machine, {}, call()));
    expect(sites).toMatchObject([{ slug: 'back.test', reason: null }]);
    expect((await seen('back.test', 'version 1')).body).toBe('version 1');
    expect(await status(spec)).toMatchObject({ state: 'running', missingSecrets: ['TOKEN'] });
    expect((await visit(world.port, 'back.test', '/env?TOKEN')).body).toBe('undefined');
  });

  it('SITE-4 a unit that somebody changed by hand is shown and not overwritten, and a restart uses it as it is', async () => {
    const spec = await running('drift.test');
    writeFileSync(unitOf(spec), `${readFileSync(unitOf(spec), 'utf8')}# by hand\n`);
    const inspected = await sitesHandlers['sites.inspect'](machine, { spec }, call());
    expect(inspected).toMatchObject({ drift: 'changed', configPath: unitOf(spec).slice(world.prefix.length) });
    expect(inspected.diff).toContain('+# by hand');
    expect(await refusal(change(withApp(spec, { stopSeconds: 3 })))).toMatchObject({ reason: 'site_drift' });
    const before = (await status(spec)).pid;
    const after = await switchTo(spec, 'restart');
    expect(after.state).toBe('running');
    expect(after.pid).not.toBe(before);
    await apply(withApp(spec, { stopSeconds: 3 }), { isNew: false, onDrift: 'overwrite' });
    expect(
      (await sitesHandlers['sites.inspect'](machine, { spec: withApp(spec, { stopSeconds: 3 }) }, call())).drift,
    ).toBe('in_sync');
  });
});
