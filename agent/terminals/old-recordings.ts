import { look } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';

/** Throws away recordings that are too old, at each start of the agent: also where nobody opens a terminal any more. */
export async function forgetOldRecordings(machine: Machine): Promise<void> {
  // Most machines have none: then nothing is loaded for it.
  if (look(`${machine.stateFolder}/terminal-recordings`).type === 'missing') return;
  const { pruneRecordings } = await import('./recordings.ts');
  pruneRecordings(machine);
}
