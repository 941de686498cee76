import { expect, it } from 'vitest';
import { columnsFrom } from './list-columns.ts';
import { inOrder, listPageSize, nextOrder, pageOf } from './list-order.ts';
import { changedSearch, listSearch } from './list-search.ts';
import { oneByOne, type Outcome } from './one-by-one.ts';

it('ALL-12 chosen columns are those that there are, in their order; what was stored by another version harms nothing', () => {
  const offered = ['a', 'b', 'c'] as const;
  expect(columnsFrom(null, offered)).toEqual(offered);
  expect(columnsFrom('["c","x","a"]', offered)).toEqual(['a', 'c']);
  expect(columnsFrom('[]', offered)).toEqual([]);
  for (const odd of ['{', '{}', '"a"', '7']) expect(columnsFrom(odd, offered)).toEqual(offered);
});

it('ALL-12 a batch goes on after a failure, one after another, and says for each how it went', async () => {
  const told: (readonly Outcome[])[] = [];
  let running = 0;
  const work = async (item: number): Promise<void> => {
    expect(++running).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 1));
    running--;
    if (item === 2) throw new Error('two');
  };
  const done = await oneByOne([1, 2, 3], String, work, (outcomes) => told.push(outcomes));
  expect(done.map(({ name, state }) => `${name} ${state}`)).toEqual(['1 done', '2 failed', '3 done']);
  expect(done[1]?.error).toBeInstanceOf(Error);
  expect(told[0]?.map(({ state }) => state)).toEqual(['waiting', 'waiting', 'waiting']);
  let tries = 0;
  const stopped = await oneByOne(
    [1, 2],
    String,
    async () => void tries++,
    () => undefined,
    () => tries > 0,
  );
  expect(stopped.map(({ state }) => state)).toEqual(['done', 'waiting']);
});

it('ALL-12 a list that comes whole is sorted either way with nothing last, and is cut into pages', () => {
  const items = [{ by: 'b10' }, { by: null }, { by: 'B9' }, { by: 'a' }];
  const sorted = (order: 'asc' | 'desc') => inOrder(items, ({ by }) => by, order).map(({ by }) => by);
  expect(sorted('asc')).toEqual(['a', 'B9', 'b10', null]);
  expect(sorted('desc')).toEqual(['b10', 'B9', 'a', null]);
  expect(inOrder([10, 9, 100], (each) => each, 'asc')).toEqual([9, 10, 100]);
  const many = Array.from({ length: listPageSize + 1 }, (_, index) => index);
  expect(pageOf(many).items).toEqual(many.slice(0, listPageSize));
  expect([pageOf(many, 2), pageOf(many, 9)]).toEqual([
    { page: 2, items: [listPageSize] },
    { page: 2, items: [listPageSize] },
  ]);
  expect(pageOf([])).toEqual({ page: 1, items: [] });
});

it('ALL-12 the address takes what fits, stays short, and another list begins at its first page', () => {
  const sorts = ['name', 'size'] as const;
  expect(listSearch({ search: 12, sort: 'size', order: 'desc', page: 3 }, sorts)).toEqual({
    search: '12',
    sort: 'size',
    order: 'desc',
    page: 3,
  });
  for (const odd of [{ sort: 'x' }, { order: 'up' }, { page: 1 }, { page: 1.5 }, { page: '2' }, { search: '' }])
    expect(listSearch(odd, sorts)).toEqual({});
  expect(changedSearch({ page: 4, search: 'a', show: 'on' }, { search: '' })).toEqual({ show: 'on' });
  expect(changedSearch({ sort: 'name' }, { page: 2 })).toEqual({ sort: 'name', page: 2 });
  const first = (sort: 'name' | 'size') => (sort === 'size' ? 'desc' : 'asc');
  expect(nextOrder('size', { sort: 'name', order: 'asc' }, first)).toBe('desc');
  expect(nextOrder('name', { sort: 'name', order: 'asc' }, first)).toBe('desc');
  expect(nextOrder('name', { sort: 'name', order: 'desc' }, first)).toBe('asc');
});
