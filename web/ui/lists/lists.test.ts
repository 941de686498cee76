import { expect, it } from 'vitest';
import { columnsFrom } from './list-columns.ts';
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
