import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { buildState, putBuildSettings, readBuildSettings, waitForTurn } from './build-line.ts';

let where: { stateFolder: string };
beforeEach(() => {
  where = { stateFolder: mkdtempSync(join(tmpdir(), 'aapanel-builds-')) };
});
afterEach(() => rmSync(where.stateFolder, { recursive: true, force: true }));

/** One that asks for its turn, and what it was told meanwhile. */
function ask(id: string) {
  const stop = new AbortController();
  const told: number[] = [];
  const one = { id, told, stop, leave: undefined as (() => void) | undefined };
  const onWait = (ahead: number): Promise<void> => Promise.resolve(void told.push(ahead));
  const turn = waitForTurn(where, id.padEnd(16, 'a'), { signal: stop.signal, onWait }).then(
    ({ leave }) => void (one.leave = leave),
  );
  return { ...one, turn, hasTurn: () => one.leave !== undefined, leave: () => one.leave?.() };
}
const ways = { timeout: 5_000, interval: 20 };

it('RUN-3 builds go one at a time unless the setting says more, in the order in which they came, and each that waits is told', async () => {
  expect(readBuildSettings(where)).toEqual({ atOnce: 1 });
  const first = ask('b');
  await first.turn;
  const second = ask('c');
  await expect.poll(() => second.told, ways).toEqual([1]);
  const third = ask('d');
  await expect.poll(() => third.told, ways).toEqual([2]);
  expect(buildState(where)).toEqual({ atOnce: 1, building: 1, waiting: 2 });
  first.leave();
  await second.turn;
  await expect.poll(() => third.told, ways).toEqual([2, 1]);
  expect(third.hasTurn()).toBe(false);
  await putBuildSettings(where, { atOnce: 2 });
  await third.turn;
  expect(buildState(where)).toEqual({ atOnce: 2, building: 2, waiting: 0 });
  second.leave();
  third.leave();
  expect(buildState(where)).toMatchObject({ building: 0, waiting: 0 });
});

it('who is cancelled or whose process has died stands in nobody’s way', async () => {
  const first = ask('b');
  await first.turn;
  const cancelled = ask('c');
  await expect.poll(() => cancelled.told, ways).toEqual([1]);
  cancelled.stop.abort(new Error('cancelled'));
  await expect(cancelled.turn).rejects.toThrow('cancelled');
  first.leave();
  const dead = { process: { pid: process.pid, startedTicks: '1' }, isBuilding: true };
  writeFileSync(`${where.stateFolder}/builds/line/0000000000001-${'e'.repeat(16)}.json`, JSON.stringify(dead));
  writeFileSync(`${where.stateFolder}/builds/line/0000000000002-${'f'.repeat(16)}.json`, '{');
  const next = ask('d');
  await next.turn;
  expect(next.told).toEqual([]);
  expect(buildState(where)).toMatchObject({ building: 1, waiting: 0 });
});
