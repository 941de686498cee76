import { describe, expect, it } from 'vitest';
import type { Job } from '#shared/jobs.ts';
import { emptyLog, presentStep, shownMs, tookMs, withEvent, type JobEvent, type JobLine } from './job-log.ts';

const line = (seq: number): JobLine => ({ seq, at: '2026-01-01T00:00:00.000Z', stream: 'out', text: `line ${seq}` });
const lines = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => line(from + index));
const event = (given: Partial<JobEvent>): JobEvent => ({ lines: [], job: null, ...given });
const job = (endedAt: string | null) => ({ endedAt }) as Job;

describe('the log of a job', () => {
  it('keeps each line once when a reconnection sends the beginning again', () => {
    const first = withEvent(emptyLog, event({ lines: lines(1, 3) }));
    const again = withEvent(first, event({ lines: lines(1, 5) }));
    expect(again.lines.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  });

  it('keeps a line once that comes twice in one batch', () => {
    expect(withEvent(emptyLog, event({ lines: [line(1), line(1), line(2)] })).lines).toHaveLength(2);
  });

  it('is the same object when nothing is new, so that nothing is drawn again', () => {
    const log = withEvent(emptyLog, event({ lines: lines(1, 3) }));
    expect(withEvent(log, event({ lines: lines(2, 3) }))).toBe(log);
  });

  it('is whole when the job has ended and the batch was not full', () => {
    const ended = job('2026-01-01T00:00:05.000Z');
    const full = withEvent(emptyLog, event({ lines: lines(1, 500), job: ended }));
    expect(full).toMatchObject({ isOver: true, isWhole: false });
    expect(withEvent(full, event({ lines: lines(501, 510) })).isWhole).toBe(true);
    expect(withEvent(emptyLog, event({ job: ended })).isWhole).toBe(true);
    expect(withEvent(emptyLog, event({ lines: lines(1, 3), job: job(null) })).isWhole).toBe(false);
  });
});

describe('the time a job took', () => {
  const startedAt = '2026-01-01T00:00:00.000Z';
  it('is unknown before it started, runs while it runs and stands when it has ended', () => {
    const now = Date.parse('2026-01-01T00:00:09.000Z');
    expect(tookMs({ startedAt: null, endedAt: null }, now)).toBeUndefined();
    expect(tookMs({ startedAt, endedAt: null }, now)).toBe(9_000);
    expect(tookMs({ startedAt, endedAt: '2026-01-01T00:00:04.000Z' }, now)).toBe(4_000);
  });

  it('is shown in whole seconds while it runs', () => {
    const at = (ms: number) => Date.parse(startedAt) + ms;
    expect(shownMs({ startedAt, endedAt: null }, at(400))).toBeUndefined();
    expect(shownMs({ startedAt, endedAt: null }, at(2_700))).toBe(2_000);
    expect(shownMs({ startedAt, endedAt: '2026-01-01T00:00:00.400Z' }, at(2_700))).toBe(400);
  });

  it('is never negative when the clock of the browser is behind', () => {
    expect(tookMs({ startedAt, endedAt: null }, Date.parse(startedAt) - 5_000)).toBe(0);
  });
});

describe('the present step', () => {
  const steps = (...states: Job['steps'][number]['state'][]): Job['steps'] =>
    states.map((state, index) => ({ name: `${index}`, state, startedAt: null, endedAt: null }));
  it('is the running one, else the last that ran', () => {
    expect(presentStep(steps('done', 'running', 'waiting'))).toBe(1);
    expect(presentStep(steps('done', 'failed', 'skipped'))).toBe(1);
    expect(presentStep(steps('waiting', 'waiting'))).toBe(-1);
    expect(presentStep(steps('done', 'done'))).toBe(1);
  });
});
