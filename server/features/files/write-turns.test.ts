import { expect, it } from 'vitest';
import { createWriteTurns } from './write-turns.ts';

it('FILE-4 a disk that makes writers wait keeps nobody else waiting for more than a fiftieth of the time', () => {
  let at = 0;
  const turns = createWriteTurns(() => at);
  const took = (ms: number): void => turns.take(() => (at += ms));
  for (let write = 0; write < 1_000; write++) took(0.1);
  // One now and then is what a busy machine does too.
  took(20);
  expect(turns.isHere()).toBe(true);
  took(31);
  expect(turns.isHere()).toBe(false);
  at += 50 * 31;
  expect(turns.isHere()).toBe(true);
  // However long none was slow: no more is saved up than 50 ms.
  at += 3_600_000;
  took(200);
  at += 50 * (200 - 50) - 1;
  expect(turns.isHere()).toBe(false);
  at += 1;
  expect(turns.isHere()).toBe(true);
});
