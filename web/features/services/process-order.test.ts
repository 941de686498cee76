import { expect, it } from 'vitest';
import { asTree, inOrder } from './process-order.ts';
import type { SeenProcess } from './services.queries.ts';

const make = (pid: number, parentPid: number, more: Partial<SeenProcess> = {}): SeenProcess => ({
  pid,
  parentPid,
  user: 'root',
  name: `p${pid}`,
  command: '',
  state: 'sleeping',
  guard: 'none',
  startTicks: pid,
  startedAt: '2026-01-01T00:00:00.000Z',
  cpuMs: 0,
  memoryBytes: pid,
  threads: 1,
  readBytes: null,
  writtenBytes: null,
  unit: null,
  cpuShare: null,
  diskRate: null,
  ...more,
});

it('the tree has each process once, parents first, and those without a parent that is shown at the edge', () => {
  const placed = asTree([make(30, 10), make(10, 1), make(31, 30), make(20, 999), make(1, 0)], 'started');
  expect(placed.map(({ process, depth }) => [process.pid, depth])).toEqual([
    [20, 0],
    [1, 0],
    [10, 1],
    [30, 2],
    [31, 3],
  ]);
});

it('an order has the greatest first, and equal ones by their id', () => {
  const busy = make(5, 1, { cpuShare: 80 });
  const placed = inOrder([make(4, 1, { cpuShare: 1 }), make(3, 1, { cpuShare: 1 }), busy], 'cpu');
  expect(placed.map(({ process }) => process.pid)).toEqual([5, 3, 4]);
});

it('ten thousand processes, each the child of the one before, are a tree too', () => {
  const chain = Array.from({ length: 10_000 }, (_, index) => make(index + 1, index));
  const placed = asTree(chain, 'memory');
  expect(placed).toHaveLength(10_000);
  expect(placed.at(-1)?.depth).toBe(9_999);
});
