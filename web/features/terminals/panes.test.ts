import { expect, it } from 'vitest';
import { choose, onePane, paneKey, shownIn, withSplit, type Panes } from './panes.ts';

const ids = ['a', 'b', 'c'];
const split: Panes = { split: 'beside', chosen: ['a', 'b'], active: 0 };

it('two panes never show one terminal twice, and one that was closed makes room for another', () => {
  expect(shownIn(onePane, ids)).toEqual(['a']);
  expect(shownIn({ ...onePane, split: 'beside' }, ids)).toEqual(['a', 'b']);
  expect(shownIn(split, ['b', 'c'])).toEqual(['c', 'b']);
  expect(shownIn(split, ['a'])).toEqual(['a', undefined]);
  expect(shownIn({ ...split, chosen: ['a', 'a'] }, ids)).toEqual(['a', 'b']);
  expect(shownIn(split, [])).toEqual([undefined]);
});

it('what is chosen goes where one works, and what stands in the other pane is gone to', () => {
  expect(choose(split, 'c', ids)).toEqual({ ...split, chosen: ['c', 'b'] });
  expect(choose({ ...split, active: 1 }, 'c', ids).chosen).toEqual(['a', 'c']);
  expect(choose(split, 'b', ids)).toEqual({ ...split, active: 1 });
  expect(shownIn(withSplit({ ...split, active: 1 }, 'none', ids), ids)).toEqual(['b']);
  expect(withSplit(split, 'below', ids)).toEqual({ ...split, split: 'below' });
});

it('only Alt and Shift together reach the panes; everything else is the shell’s', () => {
  const key = (code: string, more = {}) =>
    paneKey({ altKey: true, shiftKey: true, ctrlKey: false, metaKey: false, code, ...more });
  expect([key('ArrowLeft'), key('ArrowUp'), key('KeyS'), key('KeyX')]).toEqual(['other', 'other', 'split', undefined]);
  for (const more of [{ altKey: false }, { shiftKey: false }, { ctrlKey: true }, { metaKey: true }])
    expect(key('ArrowLeft', more)).toBeUndefined();
});
