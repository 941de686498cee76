import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { siteDeploy } from '#shared/site-deploy.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { poll } from '../nginx/nginx.process.ts';
import { sitesHandlers } from '../sites/sites.actions.ts';
import { createDeploying, refOf, type Deploying } from '../testing/deploying.ts';
import { hasGitServer, startGitServer, type GitServer } from '../testing/git-server.ts';
import { call, hasNginx, makeWorld, newChangeId, visit, visitUntil, type World } from '../testing/world.ts';
import { waitForTurn } from './build-line.ts';
import { runDeployment } from './deployment-run.ts';
import { deploymentsHandlers } from './deployments.actions.ts';
import { forgetGoneSites } from './gone-sites.ts';

let world: World;
let machine: Machine;
let server: GitServer;
let t: Deploying;

describe.runIf(hasNginx && hasGitServer)('deployments, with real git, sshd and nginx', () => {
  beforeAll(async () => {
    world = await makeWorld({ nginx: 'running' });
    machine = await openMachine(world.settings);
    server = await startGitServer();
    t = createDeploying(world, machine, server);
  }, 30_000);
  afterAll(async () => {
    await machine.settled();
    machine.close();
    server.stop();
    world.destroy();
  });

  it('RUN-1 a branch is fetched, built and served; the next commit takes its place, and one way back is at once', async () => {
    const first = server.commit('plain', { 'public/index.html': 'one', 'src/text': 'source' });
    const spec = await t.connect('plain', { folder: '/public', build: [['cp', 'src/text', 'public/built.txt']] });
    // What was there before is served until there is a release.
    expect((await visitUntil(world.port, 'plain.test', ({ status }) => status === 200)).body).toContain(
      '<!doctype html>',
    );
    const made = await t.deploy(spec);
    expect([made.state, made.failure, made.health], made.log).toEqual(['succeeded', null, 'passed']);
    expect(made.commit).toMatchObject({ hash: first, author: 'Amal' });
    expect((await visitUntil(world.port, 'plain.test', ({ body }) => body === 'one')).body).toBe('one');
    expect((await visit(world.port, 'plain.test', '/built.txt')).body).toBe('source');
    server.commit('plain', { 'public/index.html': 'two' });
    const second = await t.deploy(spec);
    expect([second.state, second.isCurrent], second.log).toEqual(['succeeded', true]);
    expect((await visit(world.port, 'plain.test')).body).toBe('two');
    expect(second.switchMs).toBeLessThan(1_000);
    const back = await t.rollBack(spec, made.id);
    expect(back).toMatchObject({ kind: 'rollback', state: 'succeeded', releaseId: made.releaseId, health: 'passed' });
    expect((await visit(world.port, 'plain.test')).body).toBe('one');
    const { items, currentReleaseId } = await deploymentsHandlers['deployments.state'](
      machine,
      { site: refOf(spec) },
      call(),
    );
    expect(currentReleaseId).toBe(made.releaseId);
    expect(items.map(({ kind }) => kind)).toEqual(['rollback', 'deploy', 'deploy']);
  }, 60_000);

  it('RUN-1 not one of 10,000 requests fails while a site gets its first release, another one, and goes back and forth', async () => {
    server.commit('busy', { 'index.html': 'first' });
    const spec = await t.connect('busy');
    await visitUntil(world.port, 'busy.test', ({ status }) => status === 200);
    const wanted = 10_000;
    let asked = 0;
    let isOver = false;
    const failures: string[] = [];
    const seen = new Map<string, number>();
    const visitor = async (): Promise<void> => {
      while (!isOver || asked < wanted) {
        asked++;
        const { status, body } = await visit(world.port, 'busy.test');
        if (status !== 200) failures.push(`${status} ${body.slice(0, 80)}`);
        else seen.set(body.slice(0, 6), (seen.get(body.slice(0, 6)) ?? 0) + 1);
      }
    };
    const visitors = Array.from({ length: 6 }, visitor);
    const one = await t.deploy(spec);
    server.commit('busy', { 'index.html': 'second' });
    const two = await t.deploy(spec);
    expect([one.state, two.state]).toEqual(['succeeded', 'succeeded']);
    const slowest: number[] = [];
    for (let round = 0; round < 12; round++) {
      const startedAt = performance.now();
      const back = await t.rollBack(spec, round % 2 === 0 ? one.id : two.id);
      slowest.push(performance.now() - startedAt);
      expect(back.state).toBe('succeeded');
    }
    isOver = true;
    await Promise.all(visitors);
    expect(failures).toEqual([]);
    expect(asked).toBeGreaterThanOrEqual(wanted);
    expect([...seen.keys()].sort()).toEqual(['<!doct', 'first', 'second']);
    expect(Math.max(...slowest)).toBeLessThan(1_000);
  }, 120_000);

  it('RUN-2 a build that fails and a release that does not answer leave the present one serving, and nothing of them behind', async () => {
    server.commit('gate', { 'index.html': 'good', 'health.txt': 'ok' });
    const spec = await t.connect('gate', { healthPath: '/health.txt' });
    const good = await t.deploy(spec);
    expect(good.state, good.log).toBe('succeeded');
    const here = t.releasesOf(spec);
    await visitUntil(world.port, 'gate.test', ({ body }) => body === 'good');
    server.commit('gate', { 'index.html': 'bad', 'health.txt': null });
    let isEverSeen = false;
    const watching = setInterval(
      () => void visit(world.port, 'gate.test').then(({ body }) => (isEverSeen ||= body !== 'good')),
      5,
    );
    const bad = await t.deploy(spec);
    clearInterval(watching);
    expect([bad.state, bad.health, bad.failure]).toEqual([
      'failed',
      'failed',
      { reason: 'deploy_health_failed', params: { path: '/health.txt', status: '404' } },
    ]);
    // The gate asks it where visitors do not come.
    expect(isEverSeen).toBe(false);
    expect(t.releasesOf(spec)).toEqual(here);
    const broken = {
      ...spec,
      deploy: siteDeploy.parse({ ...spec.deploy, build: [['sh', '-c', 'echo out; echo err >&2; exit 3']] }),
    };
    await t.apply(broken);
    const failed = await t.deploy(broken);
    expect(failed.failure).toEqual({
      reason: 'deploy_build_failed',
      params: { step: 'sh -c echo out; echo err >&2; exit 3', code: '3' },
    });
    expect(failed.log).toMatch(/\nout\n[^]*\n?err\n|\nerr\n[^]*out\n/);
    expect(t.releasesOf(spec)).toEqual(here);
    expect(existsSync(`${t.baseOf(spec)}/.deploy/repository.git`)).toBe(false);
    expect(existsSync(`${t.baseOf(spec)}/next`)).toBe(false);
    expect((await visit(world.port, 'gate.test')).body).toBe('good');
  }, 60_000);

  it('RUN-3 so many releases are kept as the site says, the present one always among them', async () => {
    const spec = await t.connect('keep', { keep: 2 });
    const ids: string[] = [];
    for (const text of ['1', '2', '3', '4']) {
      server.commit('keep', { 'index.html': text });
      const made = await t.deploy(spec);
      expect(made.state, made.log).toBe('succeeded');
      ids.push(made.id);
      // Names have seconds in them.
      await new Promise((resolve) => setTimeout(resolve, 1_000 - (Date.now() % 1_000)));
    }
    expect(t.releasesOf(spec)).toHaveLength(2);
    const { items } = await deploymentsHandlers['deployments.state'](machine, { site: refOf(spec) }, call());
    expect(items.map(({ isKept }) => isKept)).toEqual([true, true, false, false]);
    await expect(t.rollBack(spec, ids[0] ?? '')).rejects.toMatchObject({ reason: 'deploy_release_gone' });
    await expect(t.rollBack(spec, ids[3] ?? '')).rejects.toMatchObject({ reason: 'deploy_release_live' });
  }, 60_000);

  it('what is shared outlives releases: the first one brings it, later ones see what became of it', async () => {
    server.commit('shared', { 'index.html': 'x', 'storage/a.txt': 'from the repository', '.env': 'KEY=1' });
    const spec = await t.connect('shared', {
      sharedFolders: ['storage', 'var/cache'],
      sharedFiles: ['.env', 'config/local.ini'],
    });
    const made = await t.deploy(spec);
    expect(made.state, made.log).toBe('succeeded');
    const base = t.baseOf(spec);
    expect(readFileSync(`${base}/shared/storage/a.txt`, 'utf8')).toBe('from the repository');
    expect(readlinkSync(`${base}/current/storage`)).toBe('../../shared/storage');
    expect(readlinkSync(`${base}/current/config/local.ini`)).toBe('../../../shared/config/local.ini');
    expect(statSync(`${base}/current/config/local.ini`).size).toBe(0);
    server.commit('shared', { 'storage/a.txt': 'another', '.env': 'KEY=2' });
    const next = await t.deploy(spec);
    expect(next.state, next.log).toBe('succeeded');
    expect(readFileSync(`${base}/current/.env`, 'utf8')).toBe('KEY=1');
    expect((await visit(world.port, 'shared.test', '/storage/a.txt')).body).toBe('from the repository');
    // Never served, whatever the served folder is.
    for (const path of ['/.env', '/../shared/.env', '/.git/config', '/.deploy/home']) {
      const seen = await visit(world.port, 'shared.test', path);
      expect([path, seen.status, seen.body.includes('KEY')]).toEqual([path, seen.status === 400 ? 400 : 404, false]);
    }
    expect(lstatSync(`${base}/current`).uid).toBe(lstatSync(`${base}/releases`).uid);
  }, 60_000);

  it('ARCH-2 hooks, filters and submodules of a repository do nothing, and no .git is left in the release', async () => {
    const canary = `${server.folder}/canary`;
    const script = `#!/bin/sh\ntouch ${canary}\n`;
    const hooks = ['post-checkout', 'post-merge', 'reference-transaction'].flatMap((name) => [
      [`hooks/${name}`, script],
      [`.githooks/${name}`, script],
    ]);
    server.commit('hostile', {
      'index.html': 'fine',
      ...Object.fromEntries(hooks),
      '.gitattributes': '* filter=evil diff=evil\n*.html ident working-tree-encoding=UTF-8\n',
      '.gitconfig': `[core]\n\thooksPath = .githooks\n[filter "evil"]\n\tsmudge = touch ${canary}\n`,
      '.gitmodules': `[submodule "x"]\n\tpath = sub\n\turl = ${server.folder}/plain.git\n`,
    });
    server.git('hostile', 'update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},sub`);
    server.git('hostile', 'commit', '--quiet', '-m', 'a submodule with a local address');
    server.git('hostile', 'push', '--quiet', '--force', 'origin', 'HEAD:main');
    const spec = await t.connect('hostile');
    const made = await t.deploy(spec);
    expect([made.state, made.failure], made.log).toEqual(['succeeded', null]);
    expect(made.log).toContain('1 submodules are not fetched');
    expect(existsSync(canary)).toBe(false);
    expect(existsSync(`${t.baseOf(spec)}/current/.git`)).toBe(false);
    expect(readdirSync(`${t.baseOf(spec)}/current/sub`)).toEqual([]);
  }, 60_000);

  it('ARCH-2 PATH-2 a link that leads out of the release is refused by its name, one that stays inside is served', async () => {
    const link = (name: string, target: string): void => {
      const copy = server.copyOf('links');
      rmSync(`${copy}/${name}`, { force: true });
      symlinkSync(target, `${copy}/${name}`);
    };
    server.commit('links', { 'public/index.html': 'x', 'public/a/deep.txt': 'deep', 'data/open.txt': 'open' });
    link('public/inside.txt', 'a/deep.txt');
    link('public/data', '../data');
    server.commit('links', {});
    const spec = await t.connect('links', { folder: '/public', sharedFiles: ['.env'], sharedFolders: ['storage'] });
    const made = await t.deploy(spec);
    expect([made.state, made.failure], made.log).toEqual(['succeeded', null]);
    expect((await visitUntil(world.port, 'links.test', ({ body }) => body === 'deep', '/inside.txt')).body).toBe(
      'deep',
    );
    expect((await visit(world.port, 'links.test', '/data/open.txt')).body).toBe('open');
    for (const target of [
      '/etc/passwd',
      '../../../shared/.env',
      '../.env',
      '../../../../other.test/index.html',
      'a/../../../..',
      `${t.baseOf(spec)}/.deploy`,
    ]) {
      link('public/bad', target);
      server.commit('links', {});
      const bad = await t.deploy(spec);
      expect([target, bad.failure]).toEqual([
        target,
        { reason: 'deploy_link_outside', params: { path: 'public/bad', target } },
      ]);
    }
    link('public/bad', '../storage/file');
    server.commit('links', {});
    expect((await t.deploy(spec)).state).toBe('succeeded');
  }, 90_000);

  it('ARCH-2 names that lead out, endless trees and large files end the deployment before they are written', async () => {
    const spec = await t.connect('bombs');
    const tree = (entries: readonly (readonly [string, string, string])[]): string =>
      execFileSync('git', ['hash-object', '-t', 'tree', '-w', '--stdin', '--literally'], {
        cwd: server.copyOf('bombs'),
        input: Buffer.concat(
          entries.map(([mode, name, hash]) =>
            Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(hash, 'hex')]),
          ),
        ),
        encoding: 'utf8',
      }).trim();
    const push = (root: string): void => {
      const commit = server.git('bombs', 'commit-tree', '-m', 'made by hand', root);
      server.git('bombs', 'push', '--quiet', '--force', 'origin', `${commit}:main`);
    };
    server.commit('bombs', { 'index.html': 'x' });
    const blob = server.git('bombs', 'rev-parse', 'HEAD:index.html');
    for (const name of ['..', '.git', '../evil', '.GIT']) {
      push(tree([['100644', name, blob]]));
      const bad = await t.deploy(spec);
      expect([name, bad.state, bad.failure?.reason]).toEqual([name, 'failed', 'deploy_git_failed']);
    }
    let level = tree([['100644', 'f', blob]]);
    for (let depth = 0; depth < 7; depth++)
      level = tree(Array.from({ length: 10 }, (_, at) => ['40000', `d${at}`, level] as const));
    push(level);
    expect((await t.deploy(spec)).failure?.reason).toBe('deploy_too_many_files');
    server.commit('bombs', { 'index.html': 'x', 'big.bin': 'y'.repeat(3_000_000) });
    expect((await t.deploy(spec, { limits: { maxTreeBytes: 1_000_000 } })).failure?.reason).toBe('deploy_too_large');
    const random = randomBytes(3_000_000).toString('base64');
    server.commit('bombs', { 'big.bin': random });
    expect((await t.deploy(spec, { limits: { maxFileBytes: 1_000_000 } })).failure?.reason).toMatch(
      /deploy_too_large|deploy_git_failed/,
    );
    expect(existsSync(`${t.baseOf(spec)}/releases`) ? t.releasesOf(spec) : []).toEqual([]);
    expect((await t.deploy(spec)).state).toBe('succeeded');
  }, 90_000);

  it('RUN-4 the deploy key is in no argument, no file of the site and no log, and a server with another key is refused', async () => {
    server.commit('secret', { 'index.html': 'x' });
    const spec = await t.connect('secret', {
      build: [['sh', '-c', 'id -u; env; ls -la "$HOME"; cat /proc/self/limits']],
    });
    const secret =
      readFileSync(`${world.settings.stateFolder}/deploy-keys/${spec.siteId}`, 'utf8').split('\n')[2] ?? 'none';
    const lines = new Set<string>();
    const watch = setInterval(() => {
      for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
        try {
          lines.add(readFileSync(`/proc/${pid}/cmdline`, 'utf8') + readFileSync(`/proc/${pid}/environ`, 'utf8'));
        } catch {
          // It has just ended.
        }
    }, 10);
    const made = await t.deploy(spec);
    clearInterval(watch);
    expect(made.state, made.log).toBe('succeeded');
    const shown = [...lines].join('\n');
    expect(shown).toContain('ssh-agent');
    expect(shown.includes(secret)).toBe(false);
    expect(made.log.includes(secret)).toBe(false);
    expect(made.log).toContain(`\n${lstatSync(`${t.baseOf(spec)}/releases`).uid}\n`);
    expect(made.log).not.toMatch(/SSH_AUTH_SOCK|GIT_SSH|AAPANEL_AGENT|NODE_OPTIONS/);
    expect(readdirSync(`${world.prefix}/run/aapanel-deploy`)).toEqual([]);
    const other = readFileSync(`${server.folder}/host.pub`, 'utf8').split(' ')[1]?.replace(/.{6}$/, 'AAAAAA') ?? '';
    const source = { ...spec.deploy?.source, hostKey: `ssh-ed25519 ${other}` };
    const changed = { ...spec, deploy: siteDeploy.parse({ ...spec.deploy, source }) };
    await t.apply(changed);
    expect((await t.deploy(changed)).failure?.reason).toBe('deploy_host_key_changed');
    const { items } = await deploymentsHandlers['deployments.scan_host'](
      machine,
      { url: server.url('secret') },
      call(),
    );
    expect(items.map(({ hostKey }) => hostKey)).toEqual([server.hostKey]);
    expect(items[0]?.fingerprint).toBe(
      execFileSync('ssh-keygen', ['-lf', `${server.folder}/host.pub`], { encoding: 'utf8' }).split(' ')[1],
    );
  }, 60_000);

  it('branches and tags are listed, a push that is told twice builds once, and a deployment is cancelled with all it made', async () => {
    server.commit('refs', { 'index.html': 'x' });
    server.git('refs', 'tag', 'v1');
    server.git('refs', 'push', '--quiet', 'origin', 'v1', 'HEAD:feature/one');
    const spec = await t.connect('refs');
    const refs = await deploymentsHandlers['deployments.list_refs'](
      machine,
      { site: refOf(spec), url: server.url('refs'), hostKey: server.hostKey },
      call(),
    );
    expect(refs).toEqual({ branches: ['feature/one', 'main'], tags: ['v1'], main: 'main', isTruncated: false });
    await expect(
      deploymentsHandlers['deployments.list_refs'](
        machine,
        { site: refOf(spec), url: server.url('nowhere'), hostKey: server.hostKey },
        call(),
      ),
    ).rejects.toMatchObject({ reason: 'deploy_repository_missing' });
    expect((await t.deploy(spec, { trigger: 'webhook' })).isUnchanged).toBe(false);
    const again = await t.deploy(spec, { trigger: 'webhook' });
    expect([again.state, again.isUnchanged]).toEqual(['succeeded', true]);
    expect(t.releasesOf(spec)).toHaveLength(1);
    const slow = { ...spec, deploy: siteDeploy.parse({ ...spec.deploy, build: [['sleep', '60']] }) };
    await t.apply(slow);
    const deploymentId = await t.begin(spec);
    const running = runDeployment(world.settings, [spec.siteId, deploymentId]);
    await poll(async () => (await t.follow(spec, deploymentId)).log.includes('$ sleep'), Date.now() + 20_000);
    const { deployment } = await deploymentsHandlers['deployments.cancel'](
      machine,
      { site: refOf(spec), deploymentId },
      call(40),
    );
    await running;
    expect(deployment).toMatchObject({ state: 'cancelled', failure: null });
    expect(t.releasesOf(spec)).toHaveLength(1);
  }, 90_000);

  it('RUN-3 a build waits while another site builds, says so, and goes on when it is its turn', async () => {
    server.commit('line', { 'index.html': 'x' });
    const spec = await t.connect('line', { build: [['true']] });
    const never = new AbortController().signal;
    const { leave } = await waitForTurn(machine, newChangeId(), { signal: never, onWait: () => Promise.resolve() });
    const work = t.deploy(spec);
    const latest = async () =>
      (await deploymentsHandlers['deployments.state'](machine, { site: refOf(spec) }, call())).items[0];
    await expect.poll(latest, { timeout: 15_000 }).toMatchObject({ state: 'running', phase: 'build', isWaiting: true });
    expect(await deploymentsHandlers['deployments.builds'](machine, {}, call())).toEqual({
      atOnce: 1,
      building: 1,
      waiting: 1,
    });
    leave();
    const done = await work;
    expect(done).toMatchObject({ state: 'succeeded', isWaiting: false });
    expect(done.log).toMatch(
      /Waiting for other builds of this machine; before this one: 1\.\nIt is the turn of this build\.\n/,
    );
  }, 30_000);

  it('a deleted site comes back with its release and its key, and for good nothing of either is left', async () => {
    server.commit('gone', { 'public/index.html': 'came back' });
    const spec = await t.connect('gone', { folder: '/public' });
    expect((await t.deploy(spec)).state).toBe('succeeded');
    const key = `${world.settings.stateFolder}/deploy-keys/${spec.siteId}`;
    const remove = async (): Promise<string> => {
      const site = { site: refOf(spec), root: spec.root };
      const { confirm } = await sitesHandlers['sites.preview_removal'](machine, site, call());
      const changeId = newChangeId();
      await sitesHandlers['sites.remove'](machine, { ...site, changeId, files: 'recycle', confirm }, call());
      await machine.settled();
      return changeId;
    };
    const removalChangeId = await remove();
    await forgetGoneSites(machine);
    expect(existsSync(key)).toBe(true);
    await sitesHandlers['sites.restore'](machine, { spec, changeId: newChangeId(), removalChangeId }, call());
    expect((await visitUntil(world.port, 'gone.test', ({ body }) => body === 'came back')).body).toBe('came back');
    rmSync(`${world.settings.stateFolder}/removals/${await remove()}.json`);
    await forgetGoneSites(machine);
    expect([existsSync(key), existsSync(`${world.settings.stateFolder}/deployments/${spec.siteId}`)]).toEqual([
      false,
      false,
    ]);
  }, 60_000);

  it('a site that has releases keeps its folder and its deployment, and its root is theirs who may say so', async () => {
    server.commit('fixed', { 'index.html': 'x' });
    const spec = await t.connect('fixed');
    expect((await t.deploy(spec)).state).toBe('succeeded');
    await expect(t.apply({ ...spec, deploy: null })).rejects.toMatchObject({ reason: 'deploy_has_releases' });
    await expect(t.apply({ ...spec, root: `${spec.root}/elsewhere` })).rejects.toMatchObject({
      reason: 'deploy_root_fixed',
    });
    const change = { ...spec, deploy: siteDeploy.parse({ ...spec.deploy, build: [['true']] }) };
    const params = { spec: change, changeId: newChangeId(), isNew: false, onDrift: 'refuse' as const };
    const without = { ...call(), may: (permission: string) => permission !== 'deployments.write' };
    await expect(sitesHandlers['sites.apply'](machine, params, without)).rejects.toMatchObject({ code: 'not_allowed' });
    // Everything else of the site goes on as before.
    await t.apply({ ...spec, domains: [...spec.domains, { host: 'also.fixed.test', port: world.port }] });
    expect((await visitUntil(world.port, 'also.fixed.test', ({ body }) => body === 'x')).body).toBe('x');
  }, 60_000);
});
