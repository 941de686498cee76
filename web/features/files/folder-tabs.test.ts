import { expect, it } from 'vitest';
import { besideOf, keptTabs, withCurrent, withNew } from './folder-tabs.ts';

const tabs = [
  { id: 0, path: '' },
  { id: 2, path: 'assets' },
  { id: 3, path: 'logs' },
];

it('the tab that the address names follows it, and one that was closed is opened again in its place', () => {
  expect(withCurrent(tabs, { id: 2, path: 'assets' })).toBe(tabs);
  expect(withCurrent(tabs, { id: 2, path: 'assets/icons' })).toEqual([
    tabs[0],
    { id: 2, path: 'assets/icons' },
    tabs[2],
  ]);
  expect(withCurrent(tabs, { id: 1, path: 'public' }).map(({ id }) => id)).toEqual([0, 1, 2, 3]);
  // One alone gets no second one beside it.
  expect(withCurrent(tabs.slice(1, 2), { id: 0, path: '' })).toEqual([{ id: 0, path: '' }]);
});

it('a new tab gets a number that none has, and beside a closed one stands the next, or the one before the last', () => {
  expect(withNew(tabs, 'new').at(-1)).toEqual({ id: 4, path: 'new' });
  expect(besideOf(tabs, 2)).toEqual(tabs[2]);
  expect(besideOf(tabs, 3)).toEqual(tabs[1]);
  expect(besideOf(tabs.slice(0, 1), 0)).toBeUndefined();
});

it('what an entry of the history kept is taken as it is, and anything else of it is nothing', () => {
  expect(keptTabs(structuredClone(tabs))).toEqual(tabs);
  expect([keptTabs(undefined), keptTabs('x'), keptTabs([null, { id: '1', path: 'a' }, { id: 1 }])]).toEqual([
    [],
    [],
    [],
  ]);
});
