import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask, envelope, startAgent, untilServing, type AgentProcess } from './testing/agent-process.ts';
import { hasNginx, makeWorld, newChangeId, specOf, visitUntil, type World } from './testing/world.ts';

let world: World;
let agent: AgentProcess;
beforeEach(async () => {
  world = await makeWorld({ nginx: hasNginx ? 'stopped' : 'missing' });
});
afterEach(async () => {
  agent.child.kill('SIGKILL');
  await agent.ended;
  world.destroy();
});

const socket = (): string => world.settings.socketPath;
const applied = (name: string) =>
  envelope({ spec: specOf(world, name), changeId: newChangeId(), isNew: true, onDrift: 'refuse' });

it('it serves, ends on SIGTERM when what was asked is done, and takes its socket away', async () => {
  agent = startAgent(world);
  await untilServing(world, agent);
  expect((await ask(socket(), 'agent.info')).json.result).toMatchObject({ recovered: [] });
  const asked = ask(socket(), 'sites.apply', { body: applied('drain.test') });
  await new Promise((resolve) => setTimeout(resolve, 30));
  agent.child.kill('SIGTERM');
  expect((await asked).json.ok).toBe(true);
  expect(await agent.ended).toBe(0);
  expect(existsSync(socket())).toBe(false);
});

it('ALL-11 it ends by itself when it was idle for its time, not while it is asked something', async () => {
  agent = startAgent(world, { idleMs: 600 });
  await untilServing(world, agent);
  for (let round = 0; round < 4; round++) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect((await ask(socket(), 'agent.info')).status).toBe(200);
  }
  expect(await agent.ended).toBe(0);
  expect(agent.log()).toContain('"why":"idle"');
});

it('it does not end while a challenge for a passkey is open: nobody else would know the question', async () => {
  agent = startAgent(world, { idleMs: 300 });
  await untilServing(world, agent);
  const relyingParty = { id: 'localhost', origin: 'http://localhost:5000' };
  const params = { purpose: 'sign_in', personId: null, relyingParty };
  expect((await ask(socket(), 'factors.challenge', { body: envelope(params) })).json.ok).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect(agent.child.exitCode).toBeNull();
  expect((await ask(socket(), 'agent.info')).status).toBe(200);
});

const activate = '/usr/bin/systemd-socket-activate';
it.runIf(existsSync(activate))(
  'a socket that systemd passes is served from its first request on, and stays in its place',
  async () => {
    const variables = ['STATE', 'GROUP', 'PREFIX', 'IDLE_MS'].flatMap((name) => ['-E', `AAPANEL_AGENT_${name}`]);
    agent = startAgent(world, { idleMs: 300, through: [activate, '-l', socket(), ...variables] });
    await untilServing(world, agent);
    expect((await ask(socket(), 'agent.info')).json.ok).toBe(true);
    expect(await agent.ended).toBe(0);
    expect(agent.log()).toContain('"isSocketPassed":true');
    // It belongs to systemd: the agent that ends must not take it away.
    expect(existsSync(socket())).toBe(true);
  },
);

it('variables of systemd that are for another process are not believed', async () => {
  agent = startAgent(world, { environment: { LISTEN_PID: '1', LISTEN_FDS: '1' } });
  await untilServing(world, agent);
  expect((await ask(socket(), 'agent.info')).status).toBe(200);
});

it('a second agent on the same state ends with a clear message and leaves the first alone', async () => {
  agent = startAgent(world);
  await untilServing(world, agent);
  const second = startAgent(world, { environment: { AAPANEL_AGENT_SOCKET: `${socket()}.2` } });
  expect(await second.ended).toBe(1);
  expect(second.log()).toContain('Another agent works on this state folder');
  expect((await ask(socket(), 'agent.info')).status).toBe(200);
}, 30_000);

describe.each([
  ['AAPANEL_AGENT_STATE', 'relative'],
  ['AAPANEL_AGENT_STATE', '/var/../etc'],
  ['AAPANEL_AGENT_SOCKET', ''],
  ['AAPANEL_AGENT_IDLE_MS', '-1'],
  ['AAPANEL_AGENT_IDLE_MS', 'soon'],
  ['AAPANEL_AGENT_GROUP', 'no-such-group-here'],
])('%s=%j', (name, value) => {
  it('stops the start and is named', async () => {
    agent = startAgent(world, { environment: { [name]: value } });
    expect(await agent.ended).toBe(1);
    expect(agent.log()).toContain(name);
  });
});

it('FAULT-1 after a kill -9 in the middle the next start repairs within two seconds and says what it did', async () => {
  agent = startAgent(world);
  await untilServing(world, agent);
  await ask(socket(), 'agent.info');
  let recovered: unknown[] = [];
  for (let round = 0; round < 8 && recovered.length === 0; round++) {
    const asked = ask(socket(), 'sites.apply', { body: applied(`kill${round}.test`) }).catch(() => undefined);
    const journal = `${world.settings.stateFolder}/journal.log`;
    // As soon as the change stands in the journal.
    const before = sizeOf(journal);
    while (sizeOf(journal) === before) await new Promise((resolve) => setImmediate(resolve));
    agent.child.kill('SIGKILL');
    await Promise.all([agent.ended, asked]);
    const from = performance.now();
    agent = startAgent(world);
    await untilServing(world, agent);
    let answer = await ask(socket(), 'agent.info').catch(() => undefined);
    // The socket of the killed one is there until the new one has replaced it.
    while (answer === undefined) answer = await ask(socket(), 'agent.info').catch(() => undefined);
    const result = answer.json.result as { recovered: { outcome: string }[]; uptimeSeconds: number };
    recovered = result.recovered;
    expect(recovered.every((each) => (each as { outcome: string }).outcome === 'rolled_back')).toBe(true);
    expect(performance.now() - from).toBeLessThan(15_000);
  }
  expect(recovered).toHaveLength(1);
}, 60_000);

it.runIf(hasNginx)('SITE-1 --isolate sets aside a site broken by hand before nginx starts at boot', async () => {
  agent = startAgent(world);
  await untilServing(world, agent);
  await ask(socket(), 'sites.apply', { body: applied('good.test') });
  await ask(socket(), 'sites.apply', { body: applied('broken.test') });
  agent.child.kill('SIGTERM');
  await agent.ended;
  const file = world.path('/etc/nginx/aapanel/sites/broken.test.conf');
  writeFileSync(file, `${readFileSync(file, 'utf8')}\nnonsense;\n`);
  expect(() => world.startNginx()).toThrow('nonsense');
  const guard = startAgent(world, { args: ['--isolate'] });
  expect(await guard.ended).toBe(0);
  world.startNginx();
  expect((await visitUntil(world.port, 'good.test', ({ status }) => status === 200)).status).toBe(200);
  expect(existsSync(world.path('/etc/nginx/aapanel/enabled/broken.test.conf'))).toBe(false);
  expect(readFileSync(file, 'utf8')).toContain('nonsense');
});

it.runIf(hasNginx)('a site that was set aside for a fault elsewhere comes back by itself', async () => {
  agent = startAgent(world);
  await untilServing(world, agent);
  const spec = specOf(world, 'upstream.test', {
    kind: 'proxy',
    upstream: { url: 'http://localhost:9', isWebsocket: false },
  });
  const params = { spec, changeId: newChangeId(), isNew: true, onDrift: 'refuse' };
  await ask(socket(), 'sites.apply', { body: envelope(params) });
  agent.child.kill('SIGTERM');
  await agent.ended;
  // As at boot, when a name cannot be resolved yet: our own text is refused for something that is not in it.
  const record = `${world.settings.stateFolder}/sites/upstream.test.json`;
  const known = JSON.parse(readFileSync(record, 'utf8')) as object;
  writeFileSync(record, JSON.stringify({ ...known, isolated: { reason: 'host not found in upstream', at: 0 } }));
  rmSync(world.path('/etc/nginx/aapanel/enabled/upstream.test.conf'));
  agent = startAgent(world);
  await untilServing(world, agent);
  // The link is there before the change that brings it has ended: asked until that is written down too.
  await expect
    .poll(async () => (await ask(socket(), 'sites.inspect', { body: envelope({ spec }) })).json.result, {
      timeout: 10_000,
    })
    .toMatchObject({ drift: 'in_sync', isolatedReason: null });
  expect(existsSync(world.path('/etc/nginx/aapanel/enabled/upstream.test.conf'))).toBe(true);
});

function sizeOf(path: string): number {
  try {
    return readFileSync(path).length;
  } catch {
    return 0;
  }
}
