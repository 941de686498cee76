import type { SeenProcess } from './services.queries.ts';

export const processSorts = ['cpu', 'memory', 'disk', 'started', 'process'] as const;
export type ProcessSort = (typeof processSorts)[number];

/** `depth`: how far below the first ancestor that is shown; 0 in a plain order. */
export type PlacedProcess = { readonly process: SeenProcess; readonly depth: number };

const valueOf: Readonly<Record<Exclude<ProcessSort, 'process'>, (process: SeenProcess) => number>> = {
  cpu: ({ cpuShare, cpuMs }) => cpuShare ?? cpuMs / 1e12,
  memory: ({ memoryBytes }) => memoryBytes,
  disk: ({ diskRate, readBytes, writtenBytes }) => diskRate ?? ((readBytes ?? 0) + (writtenBytes ?? 0)) / 1e15,
  started: ({ startTicks }) => startTicks,
};

function compare(sort: ProcessSort): (one: SeenProcess, other: SeenProcess) => number {
  const byId = (one: SeenProcess, other: SeenProcess): number => one.pid - other.pid;
  if (sort === 'process') return (one, other) => one.name.localeCompare(other.name, 'en') || byId(one, other);
  const value = valueOf[sort];
  return (one, other) => value(other) - value(one) || byId(one, other);
}

/** The greatest first; names from A to Z. */
export function inOrder(processes: readonly SeenProcess[], sort: ProcessSort): PlacedProcess[] {
  return processes.toSorted(compare(sort)).map((process) => ({ process, depth: 0 }));
}

/** Parents before their children. One whose parent is not shown stands at the edge. */
export function asTree(processes: readonly SeenProcess[], sort: ProcessSort): PlacedProcess[] {
  const shown = new Set(processes.map(({ pid }) => pid));
  const children = Map.groupBy(processes.toSorted(compare(sort)), ({ pid, parentPid }) =>
    shown.has(parentPid) && parentPid !== pid ? parentPid : 0,
  );
  const placed: PlacedProcess[] = [];
  // A list of its own, not the stack of calls: whoever forks may nest as deep as they like.
  const waiting = (children.get(0) ?? []).map((process) => ({ process, depth: 0 })).reverse();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    placed.push(next);
    const { process, depth } = next;
    for (const child of (children.get(process.pid) ?? []).toReversed())
      waiting.push({ process: child, depth: depth + 1 });
  }
  return placed;
}
