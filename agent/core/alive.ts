import { readFileSync } from 'node:fs';

/** A process that can be told from a later one of the same number. */
export type ProcessMark = { readonly pid: number /** Since boot. */; readonly startedTicks: string };

export function selfProcess(): ProcessMark {
  return { pid: process.pid, startedTicks: startedTicks(process.pid) ?? '' };
}

/** undefined: it has ended. */
export function markOf(pid: number): ProcessMark | undefined {
  const ticks = startedTicks(pid);
  return ticks === undefined ? undefined : { pid, startedTicks: ticks };
}

export function isAlive({ pid, startedTicks: ticks }: ProcessMark): boolean {
  return startedTicks(pid) === ticks;
}

/** When a process began, in ticks since boot. Zombies count as ended. */
function startedTicks(pid: number): string | undefined {
  const stat = readOr(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return stat === '' || fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
