import { spawnSync } from 'node:child_process';
import { afterAll } from 'vitest';
import { startAgent, untilServing, type AgentProcess } from '#agent/testing/agent-process.ts';
import { hasNginx, makeWorld, type World } from '#agent/testing/world.ts';
import { createAgentClient } from '#server/core/agent-client.ts';
import type { Log } from '#server/core/log.ts';
import { agentContract } from '#server/core/testing/agent-contract.ts';

/*
 * The real agent in a process of its own, asked by the panel's own client, against the contract that the fake one is held
 * to. With root it has a network of its own, so that port 80 is free whatever runs on this machine.
 */

const silent = { warn: () => undefined } as unknown as Log;
const ended: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const end of ended) await end();
});

agentContract('real', async () => {
  const world = await makeWorld({ nginx: hasNginx ? 'stopped' : 'missing' });
  const agent = startAgent(world, { through: ownNetwork() });
  await untilServing(world, agent);
  const client = createAgentClient({ agent: { mode: 'real', socketPath: world.settings.socketPath } }, silent);
  ended.push(async () => {
    client.close();
    await stop(world, agent);
  });
  return client;
});

function ownNetwork(): string[] {
  const isAllowed = spawnSync('unshare', ['--net', 'true']).status === 0;
  return isAllowed ? ['unshare', '--net', '/bin/sh', '-c', 'ip link set lo up 2>/dev/null; exec "$@"', 'sh'] : [];
}

async function stop(world: World, agent: AgentProcess): Promise<void> {
  agent.child.kill('SIGTERM');
  await agent.ended;
  world.destroy();
}
