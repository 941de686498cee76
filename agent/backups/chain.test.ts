import { expect, it } from 'vitest';
import { chainProblems, refuseBroken, type Link } from './chain.ts';

const link = (sequence: number, more: Partial<Link> = {}): Link => ({
  setId: `s${sequence}`,
  sequence,
  hmac: `h${sequence}`,
  previous: sequence === 1 ? null : { setId: `s${sequence - 1}`, hmac: `h${sequence - 1}` },
  ...more,
});
const removed = (sequence: number): Link => ({ setId: `s${sequence}`, sequence, hmac: `h${sequence}` });
const all = [1, 2, 3, 4, 5].map((sequence) => link(sequence));
const without = (...gone: number[]): Link[] => all.filter(({ sequence }) => !gone.includes(sequence));

it('B-2 a whole chain is whole, also after sets were removed by us', () => {
  expect(chainProblems(all, [], all)).toEqual([]);
  expect(chainProblems(without(2, 4), [removed(2), removed(4)], without(2, 4))).toEqual([]);
  expect(chainProblems(without(1, 2, 5), [removed(1), removed(2), removed(5)], [])).toEqual([]);
});

it('B-2 B-10 a set that vanished is named: in the middle, the first, and the newest by what was known here', () => {
  expect(chainProblems(without(3), [], all)).toEqual([{ setId: 's3', problem: 'missing' }]);
  // Nothing known here: the next one names it.
  expect(chainProblems(without(3), [], [])).toEqual([{ setId: 's3', problem: 'missing' }]);
  expect(chainProblems(without(1), [], [])).toEqual([{ setId: 's1', problem: 'missing' }]);
  expect(chainProblems(without(5), [], all)).toEqual([{ setId: 's5', problem: 'missing' }]);
});

it('B-2 an older one put back, two of one place, and a torn order are named', () => {
  expect(chainProblems(all, [removed(2)], all)).toEqual([{ setId: 's2', problem: 'replayed' }]);
  const twin = link(3, { setId: 'twin', hmac: 'other' });
  expect(chainProblems([...all, twin], [], all)).toEqual([{ setId: 'twin', problem: 'replayed' }]);
  const torn = all.map((each) => (each.sequence === 4 ? { ...each, previous: { setId: 's3', hmac: 'x' } } : each));
  expect(chainProblems(torn, [], all)).toEqual([{ setId: 's4', problem: 'reordered' }]);
  const first = all.map((each) => (each.sequence === 3 ? { ...each, previous: null } : each));
  expect(() => refuseBroken(chainProblems(first, [], all))).toThrow(
    expect.objectContaining({ reason: 'backup_chain_broken', params: { set: 's3', problem: 'reordered' } }),
  );
});
