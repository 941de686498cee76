import { setTimeout as wait } from 'node:timers/promises';
import { askAgent } from './ask-agent.ts';
import { errnoOf } from './files.ts';
import { openMachine, type AgentSettings, type Machine } from './machine.ts';

const patienceMs = 120_000;

/** By the agent that serves, in its transaction and under its lock; or here, as long as nobody else holds that. */
export async function askOrDo(
  settings: AgentSettings,
  action: string,
  params: object,
  work: (machine: Machine) => Promise<void>,
): Promise<void> {
  const endsAt = Date.now() + patienceMs;
  for (;;) {
    try {
      await askAgent(settings, action, params, 'agent');
      return;
    } catch (error) {
      if (!['ENOENT', 'ECONNREFUSED', 'ECONNRESET'].includes(errnoOf(error)) || Date.now() > endsAt) throw error;
    }
    const machine = await openMachine(settings, { lockPatienceMs: 0 }).catch(() => undefined);
    if (machine === undefined) {
      await wait(200);
      continue;
    }
    try {
      return await work(machine);
    } finally {
      machine.close();
    }
  }
}
