import { expect, it } from 'vitest';
import { mergeSamples } from './samples.ts';

const at = (second: number, from = 'kept') => ({
  at: `2026-01-01T00:00:${String(second).padStart(2, '0')}.000Z`,
  from,
});

it('what the panel kept fills the hole that a break of the stream left', () => {
  const live = [at(1, 'live'), at(2, 'live'), at(9, 'live')];
  const kept = [at(0), at(1), at(2), at(3), at(4), at(8), at(9)];
  const merged = mergeSamples(kept, live);
  expect(merged.map((sample) => Number(sample.at.slice(17, 19)))).toEqual([0, 1, 2, 3, 4, 8, 9]);
  expect(merged[1]?.from).toBe('live');
});

it('samples that came while the answer was under way stay the newest', () => {
  expect(mergeSamples([at(1), at(2)], [at(3), at(4)]).at(-1)).toEqual(at(4));
});
