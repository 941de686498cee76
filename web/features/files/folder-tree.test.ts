import { expect, it } from 'vitest';
import { treeLines, waysTo, type Loaded } from './folder-tree.ts';

const there = (names: readonly string[], hasMore = false): Loaded => ({ names, hasMore, state: 'there' });
const shown = (loaded: Record<string, Loaded>, current: string) =>
  treeLines(new Map(Object.entries(loaded)), current).map(({ kind, path, level }) => `${level} ${kind} ${path}`);

it('FILE-5 only folders that are open show theirs, each with its level and its place among the others', () => {
  const lines = treeLines(
    new Map([
      ['', there(['a', 'b'])],
      ['a', there(['c'])],
      ['a/c', there([])],
    ]),
    'a/c',
  );
  expect(lines.map(({ path, level, position, setSize }) => [path, level, position, setSize])).toEqual([
    ['', 1, 1, 1],
    ['a', 2, 1, 2],
    ['a/c', 3, 1, 1],
    ['b', 2, 2, 2],
  ]);
  expect(lines.map(({ isOpen, isLeaf }) => [isOpen, isLeaf])).toEqual([
    [true, false],
    [true, false],
    [true, true],
    [false, false],
  ]);
});

it('the folder that is looked at is shown before its page is, and what is left can be asked for', () => {
  expect(shown({ '': there(['a'], true), zz: there([]) }, 'zz/deep')).toEqual([
    '1 folder ',
    '2 folder a',
    '2 folder zz',
    '2 more ',
  ]);
  // It has gone: nothing is made up.
  expect(shown({ '': there(['a']) }, 'zz')).toEqual(['1 folder ', '2 folder a']);
  expect(shown({ '': { names: [], hasMore: false, state: 'failed' } }, '')).toEqual(['1 folder ', '2 failed ']);
});

it('the way to a folder is what is above it', () => {
  expect(waysTo('')).toEqual([]);
  expect(waysTo('a')).toEqual(['']);
  expect(waysTo('a/b/c')).toEqual(['', 'a', 'a/b']);
});
