import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { ProcessMark } from '../core/alive.ts';

/** The processes that one application has started: they share the session of the first of them. */

/** Both as every Linux that Debian builds. */
const pageBytes = 4_096;
const tickMs = 10;

type Process = { readonly pid: number; readonly rssBytes: number; readonly cpuMs: number; readonly threads: number };

export function processesOf(session: number): Process[] {
  return readdirSync('/proc').flatMap((name): Process[] => {
    if (!/^\d+$/.test(name)) return [];
    const stat = readOr(`/proc/${name}/stat`);
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // From the third field of proc(5) on: state, parent, group, session …
    if (Number(fields[3]) !== session || fields[0] === 'Z') return [];
    return [
      {
        pid: Number(name),
        rssBytes: Number(fields[21]) * pageBytes,
        cpuMs: (Number(fields[11]) + Number(fields[12])) * tickMs,
        threads: Number(fields[17]),
      },
    ];
  });
}

export function measureSession(session: number): { memoryBytes: number; cpuMs: number; tasks: number } {
  const all = processesOf(session);
  const sum = (part: (each: Process) => number): number => all.reduce((total, each) => total + part(each), 0);
  return {
    memoryBytes: sum((each) => each.rssBytes),
    cpuMs: sum((each) => each.cpuMs),
    tasks: sum((each) => each.threads),
  };
}

/** Ends when none of them is left. A session number comes again only after all of its processes are gone. */
export async function killSession({ pid: session }: ProcessMark, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const left = processesOf(session);
    if (left.length === 0) return;
    for (const { pid } of left) kill(pid, signal);
    await wait(10);
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended since.
  }
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
