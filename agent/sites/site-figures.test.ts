import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { BackupPlan, BackupRequest } from '#shared/backups.ts';
import { putKnown } from '../backups/catalogue.ts';
import { newKey, signManifest, writeRing, type Ring } from '../backups/keys.ts';
import type { Manifest } from '../backups/manifest.ts';
import { putPlan } from '../backups/plans.ts';
import { noteRun, writeRun } from '../backups/runs.ts';
import { putTarget } from '../backups/targets.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { dayOf, midnightBefore } from '../logs/days.ts';
import { writeFigures, type Counts } from '../logs/figures.ts';
import { call, makeWorld, type World } from '../testing/world.ts';
import { sitesHandlers } from './sites.actions.ts';

const hour = 3_600_000;
const day = 24 * hour;
const now = Date.now();
const busy = 'a'.repeat(16);
const early = 'b'.repeat(16);
const fresh = 'c'.repeat(16);
const targetId = 't'.repeat(16);
const hash = 'a'.repeat(64);
const big = 8_999_999_999_999;
const ago = (ms: number): string => new Date(now - ms).toISOString();
const dayBefore = (back: number): string => dayOf(midnightBefore(now, back));

let world: World;
let machine: Machine;
beforeAll(async () => {
  world = await makeWorld();
  const { stateFolder } = world.settings;
  mkdirSync(`${stateFolder}/sites`, { recursive: true, mode: 0o700 });
  const sites = { busy: { siteId: busy, ends: ago(-9 * day) }, early: { siteId: early }, fresh: { siteId: fresh } };
  for (const [name, { siteId, ...more }] of Object.entries(sites)) {
    const slug = `${name}.test`;
    const settings = 'ends' in more ? { reach: { endsAt: more.ends } } : {};
    writeFileSync(`${stateFolder}/sites/${slug}.json`, JSON.stringify({ siteId, slug, settings }));
  }
  machine = await openMachine(world.settings, { now: () => now });
});
afterAll(async () => {
  await machine.settled();
  machine.close();
  world.destroy();
});

const measure = (after: string | null = null, limit = 1_000) =>
  sitesHandlers['sites.figures'](machine, { after, limit }, call());

it('visitors of the last thirty days are answered as they were counted, whoever wrote them down', async () => {
  const counts = (requests: number, bytes: number): Counts => [requests, bytes, big, big, big, big, big];
  const days = new Map(Array.from({ length: 31 }, (_, back) => [dayBefore(back), counts(big, 1_000)] as const));
  const hours = new Map(Array.from({ length: 192 }, (_, at) => [Math.floor(now / hour) - at, counts(1, 1)] as const));
  const log = { inode: '18446744073709551615', offset: big };
  const figures = { log, countedUntil: now - hour, unreadable: big, hours, days, open: new Map() };
  await writeFigures(machine, { siteId: busy }, figures);
  // As earlier versions wrote it: what is long stood before the days.
  const folder = `${machine.stateFolder}/logs/traffic/${early}`;
  mkdirSync(folder, { recursive: true });
  const old = { log: null, countedUntil: now - day, unreadable: 0, hours: Object.fromEntries(hours) };
  const oldDays = { [dayBefore(1)]: counts(7, 70), [dayBefore(30)]: counts(1, 1) };
  writeFileSync(`${folder}/figures.json`, JSON.stringify({ ...old, days: oldDays, open: {} }));

  const { items, next } = await measure();
  expect(next).toBeNull();
  const none = { certificateEndsAt: null, endsAt: null, backup: { at: null, failedAt: null, everyMinutes: null } };
  expect(items).toEqual([
    { ...none, siteId: busy, requests: 30 * big, bytes: 30_000, countedUntil: ago(hour), endsAt: ago(-9 * day) },
    { ...none, siteId: early, requests: 7, bytes: 70, countedUntil: ago(day) },
    { ...none, siteId: fresh, requests: null, bytes: null, countedUntil: null },
  ]);
});

it('many sites are answered in pieces that meet', async () => {
  const first = await measure(null, 2);
  expect([first.items.map(({ siteId }) => siteId), first.next]).toEqual([[busy, early], early]);
  const second = await measure(first.next, 2);
  expect([second.items.map(({ siteId }) => siteId), second.next]).toEqual([[fresh], null]);
  expect(await measure(fresh, 2)).toEqual({ items: [], next: null });
});

it('of backups it tells the newest whole one, the newest that failed, and what a plan promises', async () => {
  const folder = `${machine.stateFolder}/backups`;
  const ring: Ring = { format: 'aapanel-keys/1', hostId: 'h'.repeat(16), keys: [newKey(0)], recovery: null };
  await writeRing(folder, ring);
  const limits = { uploadKibPerSecond: null, downloadKibPerSecond: null, minFreeBytes: null, maxBytes: null };
  await putTarget(folder, { targetId, name: 'disk', place: { kind: 'local', path: '/x' }, limits }, null);
  await putSet(folder, ring, { setId: '2'.repeat(16), sequence: 1, startedAt: ago(3 * day) }, ['busy', 'early']);
  await putSet(folder, ring, { setId: '3'.repeat(16), sequence: 2, startedAt: ago(2 * day) }, ['busy']);
  const elsewhere = { setId: '4'.repeat(16), sequence: 3, startedAt: ago(day), hostId: 'e'.repeat(16) };
  await putSet(folder, ring, elsewhere, ['busy', 'fresh']);
  const request: BackupRequest = {
    kind: 'create_now',
    sources: [{ kind: 'site', slug: 'early.test' }],
    targetId,
    excludes: [],
  };
  const run = await noteRun(folder, { runId: '5'.repeat(16), request, actorName: 'owner' }, now - hour);
  await writeRun(folder, { ...run, state: 'failed', endedAt: ago(0) });
  await putPlan(folder, '6'.repeat(16), plan([{ kind: 'all_sites' }], 'daily'), now);
  await putPlan(folder, '7'.repeat(16), plan([{ kind: 'site', slug: 'busy.test' }], 'hourly'), now);

  const { items } = await measure();
  expect(items.map(({ backup }) => backup)).toEqual([
    { at: ago(2 * day), failedAt: null, everyMinutes: 60 },
    { at: ago(3 * day), failedAt: ago(hour), everyMinutes: 1_440 },
    { at: null, failedAt: null, everyMinutes: 1_440 },
  ]);

  writeFileSync(`${folder}/keys.json`, '{"damaged');
  const damaged = await measure();
  expect(damaged.items.map(({ requests, backup }) => [requests, backup])).toEqual([
    [30 * big, null],
    [7, null],
    [null, null],
  ]);
});

function plan(sources: BackupPlan['sources'], every: 'daily' | 'hourly'): BackupPlan {
  return {
    name: every,
    sources,
    targetIds: [targetId],
    excludes: [],
    schedule: { every, atMinute: 30, cron: '', timeZone: 'UTC' },
    retention: { last: 7, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 },
    proof: 'never',
    isPaused: false,
  };
}

async function putSet(
  folder: string,
  ring: Ring,
  own: Pick<Manifest, 'setId' | 'sequence' | 'startedAt'> & Partial<Manifest>,
  names: readonly string[],
): Promise<void> {
  const signed = signManifest(ring, {
    format: 'aapanel-backup/1',
    targetId,
    planId: null,
    planName: 'plan',
    kind: 'planned',
    hostId: ring.hostId,
    hostName: 'machine',
    panelVersion: '1',
    endedAt: own.startedAt,
    tools: {},
    previous: null,
    addedBytes: 1,
    parts: names.map((name) => ({
      kind: 'tree',
      name: `site/${name}.test`,
      source: { kind: 'folder', path: '/a' },
      snapshot: hash,
      tree: hash,
      bytes: 1,
      members: { count: 1, bytes: 1, sha256: hash },
      leftOutCount: 0,
    })),
    ...own,
  });
  await putKnown(folder, targetId, { signed, snapshot: hash, isPresent: true }, own.setId);
}
