import { expect, it } from 'vitest';
import { createBreaker, withRetry } from './retry.ts';

const away = new Error('away');
const isTransient = (error: unknown) => error === away;

/** Work that fails so many times, and a clock that only notes how long it was told to wait. */
function rig(failures: number, error: unknown = away) {
  let tries = 0;
  const waited: number[] = [];
  const work = () => {
    tries += 1;
    return tries <= failures ? Promise.reject(error as Error) : Promise.resolve('done');
  };
  const wait = (milliseconds: number) => {
    waited.push(milliseconds);
    return Promise.resolve();
  };
  return { work, waited, tries: () => tries, parts: (chance: number) => ({ wait, random: () => chance }) };
}

it('P4.3-3 three attempts, with pauses of 0.5 and 1 second; a fourth would wait 2', async () => {
  const three = rig(9);
  await expect(withRetry(three.work, { isTransient, parts: three.parts(0) })).rejects.toBe(away);
  expect([three.tries(), three.waited]).toEqual([3, [500, 1000]]);
  const four = rig(3);
  expect(await withRetry(four.work, { isTransient, attempts: 4, parts: four.parts(0) })).toBe('done');
  expect([four.tries(), four.waited]).toEqual([4, [500, 1000, 2000]]);
});

it('P4.3-3 chance shortens each pause by up to a tenth, so that many do not come back together', async () => {
  const { work, waited, parts } = rig(2);
  await withRetry(work, { isTransient, parts: parts(0.5) });
  expect(waited).toEqual([475, 950]);
});

it('P4.3-3 another fault than a passing one is tried once', async () => {
  const unique = Object.assign(new Error('duplicate'), { code: '23505' });
  const { work, tries, waited, parts } = rig(9, unique);
  await expect(withRetry(work, { isTransient, parts: parts(0) })).rejects.toBe(unique);
  expect([tries(), waited]).toEqual([1, []]);
});

it('P4.3-3 after five failures in a row calls fail at once, then one alone may try, and a success opens the way', () => {
  let now = 0;
  const breaker = createBreaker(() => now);
  for (let count = 0; count < 5; count += 1) {
    expect(breaker.mayTry()).toBe(true);
    breaker.failed();
  }
  expect([breaker.isOpen, breaker.mayTry()]).toEqual([true, false]);
  now = 1_000;
  expect([breaker.mayTry(), breaker.mayTry()]).toEqual([true, false]);
  breaker.failed();
  expect(breaker.mayTry()).toBe(false);
  now = 2_000;
  expect(breaker.mayTry()).toBe(true);
  breaker.succeeded();
  expect([breaker.isOpen, breaker.mayTry(), breaker.mayTry()]).toEqual([false, true, true]);
});
