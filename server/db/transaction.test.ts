import { expect, it } from 'vitest';
import type { Db } from './schema.ts';
import { inTransaction } from './transaction.ts';

/** A database whose transactions end in these errors, one after another, before one goes through. */
function failing(errors: unknown[]): { db: Db; tries: () => number } {
  let tries = 0;
  const execute = (work: (transaction: unknown) => Promise<unknown>): Promise<unknown> => {
    const error = errors[tries];
    tries += 1;
    return error === undefined ? work({}) : Promise.reject(error as Error);
  };
  return { db: { transaction: () => ({ execute }) } as unknown as Db, tries: () => tries };
}

const deadlocks = [
  ['MySQL', { errno: 1213, code: 'ER_LOCK_DEADLOCK' }],
  ['PostgreSQL', { code: '40P01' }],
  ['PostgreSQL, serializable', { code: '40001' }],
] as const;

it.each(deadlocks)('the loser of a deadlock on %s tries again and succeeds', async (_engine, error) => {
  const { db, tries } = failing([error, error]);
  expect(await inTransaction(db, () => Promise.resolve('done'))).toBe('done');
  expect(tries()).toBe(3);
});

it('it does not try for ever, and other errors are not tried again', async () => {
  const always = failing(Array.from({ length: 50 }, () => ({ errno: 1213 })));
  await expect(inTransaction(always.db, () => Promise.resolve())).rejects.toEqual({ errno: 1213 });
  expect(always.tries()).toBe(6);
  const other = failing([new Error('disk full')]);
  await expect(inTransaction(other.db, () => Promise.resolve())).rejects.toThrow('disk full');
  expect(other.tries()).toBe(1);
});
