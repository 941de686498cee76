import { expect, it } from 'vitest';
import { createWriteTurns } from './write-turns.ts';

it('FILE-4 a disk that makes writers wait keeps nobody else waiting for more than a fiftieth of the time', () => {
  let at = 0;
  const turns = createWriteTurns(() => at);
  const took = (ms: number): void => turns.take(() => (at += ms));
  for (let write = 0; write < 1_000; write++) took(0.1);
  expect(turns.isHere()).toBe(true);
  for (const ms of [10, 200]) {
    took(ms);
    at += 50 * ms - 1;
    expect(turns.isHere()).toBe(false);
    at += 1;
    expect(turns.isHere()).toBe(true);
  }
});
