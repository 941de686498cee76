import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { siteApp } from '#shared/site-app.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { installNode, serverText, stopApps } from '../testing/apps.ts';
import { createDeploying, type Deploying } from '../testing/deploying.ts';
import { hasGitServer, startGitServer, type GitServer } from '../testing/git-server.ts';
import { hasNginx, makeWorld, visit, visitUntil, type World } from '../testing/world.ts';

let world: World;
let machine: Machine;
let server: GitServer;
let t: Deploying;

describe.runIf(hasNginx && hasGitServer)('deployments of applications', () => {
  beforeAll(async () => {
    world = await makeWorld({ nginx: 'running' });
    installNode(world);
    machine = await openMachine(world.settings);
    server = await startGitServer();
    t = createDeploying(world, machine, server);
  }, 30_000);
  afterAll(async () => {
    await machine.settled();
    machine.close();
    stopApps(world);
    server.stop();
    world.destroy();
  });

  it('RUN-1 RUN-2 the next release starts beside the present one and takes over without a failed request; one that does not start is never seen', async () => {
    const app = siteApp.parse({ program: 'node', arguments: ['server.js'], healthSeconds: 10 });
    server.commit('app', { 'server.js': serverText('1') });
    const spec = await t.connect('app', {}, { kind: 'app', app });
    const one = await t.deploy(spec);
    expect([one.state, one.failure], one.log).toEqual(['succeeded', null]);
    expect((await visitUntil(world.port, 'app.test', ({ body }) => body === 'version 1')).body).toBe('version 1');
    server.commit('app', { 'server.js': serverText('2') });
    let isOver = false;
    const answers = new Map<string, number>();
    const visitor = async (): Promise<void> => {
      while (!isOver) {
        const { status, body } = await visit(world.port, 'app.test', '/?20');
        answers.set(`${status} ${body}`, (answers.get(`${status} ${body}`) ?? 0) + 1);
      }
    };
    const visitors = [visitor(), visitor(), visitor(), visitor()];
    const two = await t.deploy(spec);
    expect(two.state, two.log).toBe('succeeded');
    expect((await t.rollBack(spec, one.id)).state).toBe('succeeded');
    expect((await t.rollBack(spec, two.id)).state).toBe('succeeded');
    await machine.settled();
    isOver = true;
    await Promise.all(visitors);
    expect([...answers.keys()].sort()).toEqual(['200 version 1', '200 version 2']);
    server.commit('app', { 'server.js': 'console.error("no such table: orders"); process.exit(3);' });
    const broken = await t.deploy(spec);
    expect([broken.state, broken.failure?.reason]).toEqual(['failed', 'app_exited']);
    expect((await visit(world.port, 'app.test')).body).toBe('version 2');
    expect(t.releasesOf(spec)).toHaveLength(2);
  }, 120_000);
});
