import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { dependencyWork, packageMirror, scriptName, type DependencyRun } from '#shared/dependencies.ts';
import { siteApp } from '#shared/site-app.ts';
import { findAppProgram } from '../apps/apps.programs.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { deployOwner } from '../deployments/deploy-owner.ts';
import { poll } from '../nginx/nginx.process.ts';
import { findRecord } from '../sites/site-records.ts';
import { sitesHandlers } from '../sites/sites.actions.ts';
import { call, makeWorld, newChangeId, specOf, type World } from '../testing/world.ts';
import { dependenciesHandlers } from './dependencies.actions.ts';
import { findRun } from './run-records.ts';
import { stepsOf } from './work-steps.ts';

let world: World;
let machine: Machine;
const hasTools = ['npm', 'node', 'python3'].every((name) => existsSync(`/usr/bin/${name}`));
const refOf = ({ siteId, slug }: SiteSpec) => ({ siteId, slug });
const project = (spec: SiteSpec) =>
  dependenciesHandlers['dependencies.project'](machine, { site: refOf(spec) }, call());
const start = (spec: SiteSpec, work: object, runId = newChangeId()) =>
  dependenciesHandlers['dependencies.start'](
    machine,
    { site: refOf(spec), runId, work: dependencyWork.parse(work) },
    call(),
  );

async function follow(spec: SiteSpec, runId: string): Promise<DependencyRun & { log: string }> {
  const { run, text } = await dependenciesHandlers['dependencies.follow'](
    machine,
    { site: refOf(spec), runId, offset: 0 },
    call(),
  );
  if (run === null) throw new Error('no such run');
  return { ...run, log: text };
}

/** To its end, by the process that the agent starts. */
async function run(spec: SiteSpec, work: object): Promise<DependencyRun & { log: string }> {
  const { id } = await start(spec, work);
  await poll(async () => (await follow(spec, id)).state !== 'running', Date.now() + 60_000);
  return await follow(spec, id);
}

/** Files of the site, its user's. */
function write(spec: SiteSpec, files: Record<string, string>): void {
  const root = world.prefix + spec.root;
  const { uid, gid } = lstatSync(root);
  for (const [name, text] of Object.entries(files)) {
    const path = `${root}/${name}`;
    mkdirSync(dirname(path), { recursive: true });
    chownSync(dirname(path), uid, gid);
    writeFileSync(path, text);
    chownSync(path, uid, gid);
  }
}

async function makeApp(name: string, app: object = {}): Promise<SiteSpec> {
  const spec = specOf(world, name, {
    kind: 'app',
    app: siteApp.parse({ program: 'node', arguments: ['server.js'], ...app }),
  });
  await sitesHandlers['sites.apply'](
    machine,
    { spec, changeId: newChangeId(), isNew: true, onDrift: 'refuse' },
    call(60),
  );
  // Behind a prefix no account of the site's exists.
  const { uid, gid } = deployOwner(machine, findRecord(machine, spec.slug)?.linuxUser ?? '').identity;
  chownSync(world.prefix + spec.root, uid, gid);
  return spec;
}

describe.runIf(hasTools)('projects of sites, with real npm, pip and processes', () => {
  beforeAll(async () => {
    world = await makeWorld();
    mkdirSync(`${world.prefix}/usr/bin`, { recursive: true });
    for (const name of ['npm', 'node', 'python3', 'sh'])
      symlinkSync(`/usr/bin/${name}`, `${world.prefix}/usr/bin/${name}`);
    machine = await openMachine(world.settings);
  }, 30_000);
  afterAll(async () => {
    await machine.settled();
    machine.close();
    world.destroy();
  });

  it('packages of npm are installed and a script is run by the site’s own user; what fails says its step and code', async () => {
    const spec = await makeApp('node.test');
    write(spec, {
      'package.json': JSON.stringify({
        name: 'shop',
        scripts: { build: 'node build.js', 'bad;name': 'x', fails: 'exit 7', '--help': 'x' },
        dependencies: { hello: 'file:./hello' },
      }),
      'hello/package.json': JSON.stringify({ name: 'hello', version: '1.0.0', main: 'index.js' }),
      'hello/index.js': 'module.exports = "hello";',
      'build.js':
        'require("node:fs").writeFileSync("built.txt", require("hello") + " " + process.getuid() + " " + Object.keys(process.env).filter((name) => name.startsWith("AAPANEL")));',
    });
    expect((await project(spec)).node).toEqual({
      manager: 'npm',
      scripts: ['build', 'fails'],
      isLocked: false,
      isInstalled: false,
      isUnreadable: false,
    });
    const done = await run(spec, { kind: 'node', manager: 'npm', task: 'install' });
    expect([done.state, done.failure], done.log).toEqual(['succeeded', null]);
    expect((await project(spec)).node).toMatchObject({ isLocked: true, isInstalled: true });
    expect((await run(spec, { kind: 'node', manager: 'npm', task: 'exact' })).state).toBe('succeeded');
    expect((await run(spec, { kind: 'script', manager: 'npm', script: 'build' })).state).toBe('succeeded');
    const root = world.prefix + spec.root;
    const owner = lstatSync(root).uid;
    expect(readFileSync(`${root}/built.txt`, 'utf8')).toBe(`hello ${owner} `);
    for (const name of ['node_modules', 'package-lock.json', '.dependencies'])
      expect([name, lstatSync(`${root}/${name}`).uid]).toEqual([name, owner]);
    expect(lstatSync(`${root}/.dependencies`).mode & 0o077).toBe(0);
    const failed = await run(spec, { kind: 'script', manager: 'npm', script: 'fails' });
    expect(failed).toMatchObject({ state: 'failed', failure: { reason: 'dependency_failed', params: { code: '7' } } });
    expect(failed.failure?.params['step']).toContain('npm run fails');
    expect(failed.log).not.toContain(world.prefix);
    expect((await project(spec)).runs[0]).toMatchObject({ id: failed.id, state: 'failed' });
  }, 120_000);

  it('a virtual environment is made, a list is installed into it, and its python starts an application', async () => {
    const spec = await makeApp('python.test', { program: 'venv/bin/python', arguments: ['app.py'] });
    write(spec, { 'app.py': 'print(1)', 'requirements.txt': './hello-1.0-py3-none-any.whl\n' });
    const wheel = `${world.prefix}${spec.root}/hello-1.0-py3-none-any.whl`;
    execFileSync('/usr/bin/python3', [
      '-c',
      `import zipfile,sys
z=zipfile.ZipFile(sys.argv[1],'w')
z.writestr('hello.py','WORD="hello"')
z.writestr('hello-1.0.dist-info/METADATA','Metadata-Version: 2.1\\nName: hello\\nVersion: 1.0\\n')
z.writestr('hello-1.0.dist-info/WHEEL','Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
z.writestr('hello-1.0.dist-info/RECORD','')`,
      wheel,
    ]);
    chmodSync(wheel, 0o644);
    expect((await project(spec)).python).toEqual({
      requirements: ['requirements.txt'],
      hasEnvironment: false,
      servers: [],
    });
    const done = await run(spec, { kind: 'python', requirements: 'requirements.txt' });
    expect([done.state, done.failure], done.log).toEqual(['succeeded', null]);
    const root = world.prefix + spec.root;
    const said = execFileSync(`${root}/venv/bin/python`, ['-c', 'import hello; print(hello.WORD)'], {
      encoding: 'utf8',
    });
    expect(said).toBe('hello\n');
    expect((await project(spec)).python?.hasEnvironment).toBe(true);
    const { app } = spec;
    if (app === null) throw new Error('no application');
    expect(findAppProgram(world.prefix, spec, app)).toMatchObject({ problem: null });
  }, 120_000);

  it('JOB-2 a cancelled run ends with everything it started, and one whose process was killed is taken up again', async () => {
    const spec = await makeApp('long.test');
    write(spec, {
      'package.json': JSON.stringify({ scripts: { wait: 'node wait.js' } }),
      'wait.js':
        'const fs = require("node:fs"); fs.appendFileSync("pids", process.pid + "\\n"); if (fs.existsSync("quick")) process.exit(0); setInterval(() => undefined, 1000);',
    });
    const pids = (): string[] => {
      const path = `${world.prefix}${spec.root}/pids`;
      return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
    };
    const work = { kind: 'script', manager: 'npm', script: 'wait' };
    const { id } = await start(spec, work);
    expect(await poll(() => pids().length === 1, Date.now() + 30_000)).toBe(true);
    await expect(start(spec, work)).rejects.toMatchObject({ code: 'busy', reason: 'dependency_under_way' });
    // The same id asks for the same run.
    expect(await start(spec, work, id)).toMatchObject({ id, state: 'running' });
    const { run: ended } = await dependenciesHandlers['dependencies.cancel'](
      machine,
      { site: refOf(spec), runId: id },
      call(30),
    );
    expect(ended).toMatchObject({ state: 'cancelled', failure: null });
    expect(await poll(() => !existsSync(`/proc/${pids()[0]}`), Date.now() + 5_000)).toBe(true);
    const second = await start(spec, work);
    expect(await poll(() => pids().length === 2, Date.now() + 30_000)).toBe(true);
    process.kill(findRun(machine, spec.siteId, second.id)?.process?.pid ?? 0, 'SIGKILL');
    const asked = { site: refOf(spec), runId: second.id, offset: 0 };
    const isSeen = await poll(
      async () => (await dependenciesHandlers['dependencies.follow'](machine, asked, call())).isInterrupted,
      Date.now() + 10_000,
    );
    expect(isSeen).toBe(true);
    write(spec, { quick: '' });
    await start(spec, work, second.id);
    await poll(async () => (await follow(spec, second.id)).state !== 'running', Date.now() + 30_000);
    expect(await follow(spec, second.id)).toMatchObject({ state: 'succeeded' });
    expect(findRun(machine, spec.siteId, second.id)?.attempt).toBe(2);
    for (const pid of pids()) if (existsSync(`/proc/${pid}`)) process.kill(Number(pid), 'SIGKILL');
  }, 120_000);

  it('a hostile project is read no further than its grammar, and what is not there is refused before anything starts', async () => {
    const spec = await makeApp('hostile.test');
    const root = world.prefix + spec.root;
    expect(await project(spec)).toMatchObject({ node: null, python: null, composer: null, runs: [] });
    const npm = { kind: 'node', manager: 'npm', task: 'install' };
    await expect(start(spec, npm)).rejects.toMatchObject({
      reason: 'dependency_file_missing',
      params: { file: 'package.json' },
    });
    // Somebody else's file under that name.
    const secret = `${world.prefix}/etc/secret.json`;
    writeFileSync(secret, JSON.stringify({ scripts: { stolen: 'x' } }), { mode: 0o600 });
    symlinkSync(secret, `${root}/package.json`);
    expect((await project(spec)).node).toMatchObject({ isUnreadable: true, scripts: [] });
    await expect(start(spec, npm)).rejects.toMatchObject({ reason: 'dependency_file_missing' });
    // A whole folder that leads out of the site.
    const other = await makeApp('outside.test', { folder: 'out' });
    mkdirSync(`${world.prefix}/srv/elsewhere`, { recursive: true });
    writeFileSync(`${world.prefix}/srv/elsewhere/package.json`, JSON.stringify({ scripts: { stolen: 'x' } }));
    symlinkSync(`${world.prefix}/srv/elsewhere`, `${world.prefix}${other.root}/out`);
    expect((await project(other)).node).toBeNull();
    await expect(start(other, npm)).rejects.toMatchObject({ reason: 'dependency_file_missing' });
    const odd = await makeApp('odd.test');
    for (const text of ['[]', 'null', '{"scripts":["a"]}', '{"scripts":{"a":{}}}', '{', `"${'x'.repeat(2_000_000)}"`]) {
      write(odd, { 'package.json': text });
      expect([text.slice(0, 20), (await project(odd)).node?.scripts]).toEqual([text.slice(0, 20), []]);
    }
    write(odd, { 'package.json': '{"scripts":{"build":"x"}}' });
    await expect(start(odd, { kind: 'script', manager: 'npm', script: 'other' })).rejects.toMatchObject({
      reason: 'dependency_script_missing',
    });
    await expect(start(odd, { ...npm, manager: 'pnpm' })).rejects.toMatchObject({
      reason: 'dependency_tool_missing',
      params: { tool: 'pnpm' },
    });
    await expect(start({ ...odd, siteId: newChangeId() }, npm)).rejects.toMatchObject({ code: 'already_exists' });
    expect(readdirSync(`${world.settings.stateFolder}`).includes('dependencies')).toBe(true);
    for (const name of ['--prefix', '-g', 'a b', 'a\nb', '', 'a;b', '../x']) {
      const isTaken = scriptName.safeParse(name).success;
      expect([name, isTaken]).toEqual([name, false]);
    }
    for (const address of [
      'http://a.test/',
      'https://user:secret@a.test/',
      'https://a.test/?token=x',
      'https://a.test/\nx',
      'file:///etc/passwd',
      '--index-url',
    ])
      expect([address, packageMirror.safeParse(address).success]).toEqual([address, false]);
    expect(dependencyWork.safeParse({ kind: 'python', requirements: '../requirements.txt' }).success).toBe(false);
    expect(dependencyWork.safeParse({ kind: 'python', requirements: '--editable.txt' }).success).toBe(false);
  }, 60_000);
});

it('each tool is told the same task in its own words, through corepack where it is not there itself', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aapanel-tools-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const place = { searchPath: [folder], folder: '/www/wwwroot/a.test', hasEnvironment: false, php: '/usr/bin/php8.2' };
  const wordsOf = (work: object): string[] =>
    stepsOf(dependencyWork.parse(work), place).steps.map(({ program, args }) =>
      [program.replace(`${folder}/`, ''), ...args].join(' '),
    );
  for (const name of ['npm', 'corepack', 'python3', 'composer'])
    writeFileSync(`${folder}/${name}`, '#!/bin/sh\n', { mode: 0o755 });
  const node = { kind: 'node', hasDevelopment: false };
  expect(wordsOf({ ...node, manager: 'npm', task: 'exact' })).toEqual(['npm ci --omit=dev --no-audit --no-fund']);
  expect(wordsOf({ ...node, manager: 'pnpm', task: 'exact' })).toEqual([
    'corepack pnpm install --frozen-lockfile --prod',
  ]);
  expect(wordsOf({ ...node, manager: 'yarn', task: 'install' })).toEqual(['corepack yarn install --production']);
  writeFileSync(`${folder}/pnpm`, '#!/bin/sh\n', { mode: 0o755 });
  expect(wordsOf({ ...node, manager: 'pnpm', task: 'install' })).toEqual(['pnpm install --no-frozen-lockfile --prod']);
  expect(wordsOf({ kind: 'python', requirements: 'requirements.txt', servers: ['gunicorn'] })).toEqual([
    'python3 -m venv /www/wwwroot/a.test/venv',
    '/www/wwwroot/a.test/venv/bin/python -m pip install --disable-pip-version-check --no-input --no-color --requirement requirements.txt gunicorn',
  ]);
  expect(wordsOf({ kind: 'composer', task: 'install' })).toEqual([
    `/usr/bin/php8.2 ${folder}/composer install --no-interaction --no-progress --no-ansi --no-dev`,
  ]);
  const mirror = 'https://mirror.test/simple';
  expect(
    stepsOf(dependencyWork.parse({ kind: 'python', requirements: null, mirror }), place).environment,
  ).toMatchObject({
    PIP_INDEX_URL: mirror,
  });
});
