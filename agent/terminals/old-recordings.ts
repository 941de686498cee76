import { look } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';

/** What it takes to know which recordings there are and which still run. */
type Kept = Pick<Machine, 'stateFolder' | 'now' | 'prefix' | 'isRoot'>;

/** Throws away recordings that are too old, by the timer: also where nobody opens a terminal or looks any more. */
export async function forgetOldRecordings(machine: Kept): Promise<void> {
  // Most machines have none: then nothing is loaded for it.
  if (look(`${machine.stateFolder}/terminal-recordings`).type === 'missing') return;
  const { pruneRecordings } = await import('./recordings.ts');
  pruneRecordings(machine);
}
