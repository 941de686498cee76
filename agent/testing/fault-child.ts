import { flushCompileCache } from 'node:module';
import { createInterface } from 'node:readline';
import type { AgentActionName } from '#shared/agent/index.ts';
import { AppError } from '#shared/errors.ts';
import { findHandler } from '../actions.ts';
import type { Call } from '../core/call.ts';
import { launcherOf, openMachine, type AgentSettings } from '../core/machine.ts';
import { allRecords } from '../sites/site-records.ts';
import { takeUpPrograms } from '../sites/site-recovery.ts';
import { clearCandidates } from '../sites/site-texts.ts';

/*
 * For fault tests: the agent's engine and handlers in a process of their own that kills itself (SIGKILL) at a named
 * point, or is killed from outside. Lines of JSON in, lines of JSON out.
 */

type Given = { settings: AgentSettings; killAt: number | null };
type Asked = { id: number; action: AgentActionName; params: unknown };

const given = JSON.parse(process.argv[2] ?? '{}') as Given;
const tell = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

let count = 0;
const startedAt = performance.now();
const machine = await openMachine(given.settings, {
  takeUp: () => takeUpPrograms(launcherOf(given.settings)),
  checkpoint(point) {
    tell({ point });
    if (count++ === given.killAt) process.kill(process.pid, 'SIGKILL');
  },
});
clearCandidates(machine);
allRecords(machine);
// One that is killed would never say what it has compiled.
flushCompileCache();
tell({ ready: true, recovered: machine.recovered, ms: performance.now() - startedAt });

for await (const line of createInterface({ input: process.stdin })) {
  const { id, action, params } = JSON.parse(line) as Asked;
  const who = { actor: { id: 'tester', name: 'tester' }, requestId: 't', deadlineAt: Date.now() + 30_000 };
  const call: Call = { ...who, isElevated: true, may: () => true };
  const handler = (await findHandler(action)) as (m: typeof machine, p: unknown, c: Call) => Promise<unknown>;
  try {
    tell({ id, result: await handler(machine, params, call) });
  } catch (error) {
    tell({ id, error: error instanceof AppError ? (error.reason ?? error.code) : String(error) });
  }
}
process.exit(0);
