import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMachine, type Machine } from '../core/machine.ts';
import { createDeploying, type Deploying } from '../testing/deploying.ts';
import { hasGitServer, startGitServer, type GitServer } from '../testing/git-server.ts';
import { hasNginx, makeWorld, visit, visitUntil, type World } from '../testing/world.ts';

let world: World;
let machine: Machine;
let server: GitServer;
let t: Deploying;

describe.runIf(hasNginx && hasGitServer)('deployments of another version', () => {
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

  it('an earlier commit is deployed once by its name, the next deployment brings the branch back, and one that nobody has is refused', async () => {
    const first = server.commit('once', { 'index.html': 'one' });
    server.commit('once', { 'index.html': 'two' });
    const spec = await t.connect('once');
    const newest = await t.deploy(spec);
    expect([newest.state, newest.ref], newest.log).toEqual(['succeeded', 'main']);
    await visitUntil(world.port, 'once.test', ({ body }) => body === 'two');
    const earlier = await t.deploy(spec, { target: { kind: 'commit', name: first } });
    expect([earlier.state, earlier.ref, earlier.commit?.hash], earlier.log).toEqual(['succeeded', first, first]);
    expect((await visitUntil(world.port, 'once.test', ({ body }) => body === 'one')).body).toBe('one');
    const unknown = await t.deploy(spec, { target: { kind: 'commit', name: 'ab'.repeat(20) } });
    expect([unknown.state, unknown.failure?.reason], unknown.log).toEqual(['failed', 'deploy_ref_missing']);
    expect((await visit(world.port, 'once.test')).body).toBe('one');
    const back = await t.deploy(spec);
    expect([back.state, back.ref]).toEqual(['succeeded', 'main']);
    expect((await visitUntil(world.port, 'once.test', ({ body }) => body === 'two')).body).toBe('two');
  }, 60_000);
});
