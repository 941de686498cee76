import { expect, it } from 'vitest';
import { decide, type Candidate } from './retention.ts';
import { localTime } from '#shared/zoned.ts';

const none = { last: 0, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };
const hour = 60 * 60 * 1000;
const set = (sequence: number, at: number, more: Partial<Candidate> = {}): Candidate => ({
  setId: `s${sequence}`,
  sequence,
  at,
  isPinned: false,
  proof: 'proven',
  addedBytes: 10,
  ...more,
});
const kept = (sets: readonly Candidate[], retention: Partial<typeof none>, timeZone = 'UTC'): string[] =>
  decide(sets, { retention: { ...none, ...retention }, timeZone }).keep.map(({ set: { setId } }) => setId);

it('B-4 three years of pruning keep exactly the expected sets, across clock changes and missed runs', () => {
  for (const timeZone of ['Europe/Berlin', 'Africa/Cairo', 'Asia/Riyadh']) {
    const retention = { ...none, hourly: 6, daily: 7, weekly: 4, monthly: 12, yearly: 2 };
    let stock: Candidate[] = [];
    const history: Candidate[] = [];
    const start = Date.UTC(2023, 0, 1, 0, 30);
    let sequence = 0;
    for (let at = start; at < start + 3 * 365 * 24 * hour; at += 4 * hour) {
      const { month, day } = localTime(at, timeZone);
      // The machine was off for nine days.
      if (month === 5 && day < 10) continue;
      const made = set(++sequence, at);
      history.push(made);
      stock = decide([...stock, made], { retention, timeZone }).keep.map((each) => each.set);
      expect(stock[0]?.setId).toBe(made.setId);
      expect(stock.length).toBeLessThanOrEqual(6 + 7 + 4 + 12 + 2 + 1);
    }
    // Pruning at each step loses nothing that one look at everything would keep.
    const atOnce = decide(history, { retention, timeZone }).keep.map((each) => each.set.setId);
    expect(stock.map(({ setId }) => setId)).toEqual(atOnce);
    const newestOf = (isIn: (at: number) => boolean): string | undefined =>
      history.filter(({ at }) => isIn(at)).at(-1)?.setId;
    const last = localTime(history.at(-1)?.at ?? 0, timeZone);
    for (let back = 0; back < 12; back++) {
      const wanted = (last.year * 12 + last.month - 1 - back) | 0;
      const ofMonth = newestOf((at) => {
        const local = localTime(at, timeZone);
        return local.year * 12 + local.month - 1 === wanted;
      });
      expect(atOnce, `month ${back} back in ${timeZone}`).toContain(ofMonth);
    }
  }
});

it('P4.2-8 ten sets, keep seven: exactly seven', () => {
  const sets = Array.from({ length: 10 }, (_, index) => set(index + 1, Date.UTC(2025, 0, 1 + index)));
  expect(kept(sets, { last: 7 })).toEqual(['s10', 's9', 's8', 's7', 's6', 's5', 's4']);
});

it('the hour that clocks show twice is two hours, and a day with a change is one day', () => {
  // 26 October 2025, Berlin: 02:30 comes at 00:30 and 01:30 UTC.
  const sets = [
    set(1, Date.UTC(2025, 9, 26, 0, 30)),
    set(2, Date.UTC(2025, 9, 26, 1, 30)),
    set(3, Date.UTC(2025, 9, 26, 2, 30)),
  ];
  expect(kept(sets, { hourly: 3 }, 'Europe/Berlin')).toEqual(['s3', 's2', 's1']);
  expect(kept(sets, { daily: 3 }, 'Europe/Berlin')).toEqual(['s3']);
});

it('B-3 a set whose check failed or did not run takes no place, and nothing older goes until a newer one is proven', () => {
  const day = (sequence: number, more?: Partial<Candidate>): Candidate =>
    set(sequence, Date.UTC(2025, 0, sequence), more);
  for (const proof of ['failed', 'not_run'] as const) {
    const doubtful = [day(1), day(2), day(3), day(4, { proof }), day(5, { proof: null })];
    expect(kept(doubtful, { last: 1 })).toEqual(['s5', 's4', 's3', 's2', 's1']);
    expect(kept([...doubtful, day(6)], { last: 1 })).toEqual(['s6']);
  }
});

it('B-3 a check of a whole target that could not run lets no set go before its time, also once a newer one is proven', () => {
  for (const proof of ['failed', 'not_run'] as const) {
    const sets = [1, 2, 3, 4, 5].map((day) => set(day, Date.UTC(2025, 0, day), { proof }));
    expect(kept(sets, { last: 3 })).toEqual(['s5', 's4', 's3', 's2', 's1']);
    const proven = set(6, Date.UTC(2025, 0, 6));
    expect(kept([...sets, proven], { last: 3 })).toEqual(['s6', 's5', 's4']);
    expect(kept([...sets, proven], { daily: 4 })).toEqual(['s6', 's5', 's4', 's3']);
    // A good one keeps its place beside them.
    const good = set(1, Date.UTC(2025, 0, 1));
    expect(kept([good, ...sets.slice(1), proven], { last: 2 })).toEqual(['s6', 's5', 's1']);
  }
});

it('the newest, the pinned and the last proven set stay whatever the rules say, also when a clock was set back', () => {
  const sets = [
    set(1, Date.UTC(2025, 0, 1), { isPinned: true }),
    set(2, Date.UTC(2025, 0, 2)),
    set(3, Date.UTC(2025, 0, 3), { proof: null }),
    set(4, Date.UTC(2020, 0, 1), { proof: null }),
  ];
  expect(kept(sets, {})).toEqual(['s4', 's2', 's1']);
});

it('above the limit of bytes the oldest go that only a rule keeps', () => {
  const sets = [1, 2, 3, 4].map((sequence) => set(sequence, Date.UTC(2025, 0, sequence), { isPinned: sequence === 1 }));
  const { keep } = decide(sets, { retention: { ...none, last: 4 }, timeZone: 'UTC', storedBytes: 40, maxBytes: 25 });
  expect(keep.map((each) => each.set.setId)).toEqual(['s4', 's1']);
});
