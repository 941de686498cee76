import { existsSync, readFileSync } from 'node:fs';

/* What processes take, as Linux counts it. */

const ticksPerSecond = 100;

/** Proportional memory of a process and its children, in MB. */
export function pssMb(pid: number): number {
  return sumOf(family(pid), (one) => fieldOf(readOr(`/proc/${one}/smaps_rollup`), 'Pss')) / 1024;
}

/** Processor time of a process and its children, in seconds. */
export function cpuSeconds(pid: number): number {
  const ticks = sumOf(family(pid), (one) => {
    const fields = readOr(`/proc/${one}/stat`)
      .replace(/^.*\) /s, '')
      .split(' ');
    return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  });
  return ticks / ticksPerSecond;
}

/** Memory of one process as it is resident, in MB; 0 when it is gone. */
export function residentMb(pid: number): number {
  return fieldOf(readOr(`/proc/${pid}/status`), 'VmRSS') / 1_024;
}

/** Looks at a measure now and then until it is stopped; answers the largest. */
export function watchPeak(measure: () => number): () => number {
  let peak = measure();
  const timer = setInterval(() => (peak = Math.max(peak, measure())), 200).unref();
  return () => {
    clearInterval(timer);
    return Math.max(peak, measure());
  };
}

function family(pid: number): number[] {
  const path = `/proc/${pid}/task/${pid}/children`;
  const children = existsSync(path) ? readOr(path).trim().split(' ').filter(Boolean).map(Number) : [];
  return [pid, ...children.flatMap(family)];
}

function fieldOf(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);
}

function sumOf(pids: readonly number[], each: (pid: number) => number): number {
  return pids.reduce((sum, pid) => sum + each(pid), 0);
}

/** Empty for a process that has ended meanwhile. */
function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
