import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import {
  hasRestic,
  makeWork,
  plainRepository,
  saveSet,
  type TestSet,
  type TestWork,
} from '../../testing/backup-sets.ts';
import { hasNginx, makeWorld, type World } from '../../testing/world.ts';
import type { Dumps } from '../work.ts';
import { proveSet, type BackupProof } from './prove-set.ts';

const canRun = hasRestic && hasNginx;
let world: World;
let work: TestWork;
let set: TestSet;
const noDumps = {} as Dumps;

beforeAll(async () => {
  if (!canRun) return;
  world = await makeWorld();
  work = makeWork(world);
  const root = world.path('/www/site');
  mkdirSync(`${root}/css`, { recursive: true });
  writeFileSync(`${root}/index.html`, 'the page');
  writeFileSync(`${root}/css/a.css`, 'body {}');
  const source = { kind: 'site', slug: 'a.test', path: '/www/site', record: '{}' } as const;
  set = await saveSet(work, plainRepository(`${world.folder}/repository`), [{ name: 'site/a.test', source, root }]);
});
afterAll(() => {
  if (canRun) world.destroy();
});
beforeEach(() => {
  if (canRun) work = makeWork(world);
});

const prove = async (given: TestSet, dumps = noDumps): Promise<BackupProof> =>
  await proveSet(work, { dumps }, () => Promise.resolve(given));

it.runIf(canRun)(
  'B-5 a restore test brings everything, hashes it, and the site answers; its time is measured',
  async () => {
    const proof = await prove(set);
    expect(proof).toMatchObject({ state: 'proven', kind: 'restore', reason: null });
    expect(proof.durationMs).toBeGreaterThan(0);
    expect(work.lines).toContainEqual(
      expect.objectContaining({ subject: 'site/a.test', reason: 'site_answers', params: { path: 'index.html' } }),
    );
    expect(existsSync(`${work.scratch}/proof`)).toBe(false);
  },
);

it.runIf(canRun)('B-5 a set that does not restore is failed, with the reason', async () => {
  const name = 'site/a.test';
  const lists = new Map(set.lists);
  lists.set(name, (lists.get(name) ?? '').replace(/"sha256":"[0-9a-f]{8}/, '"sha256":"00000000'));
  const original = set.lists.get(name) ?? '';
  set.lists.set(name, lists.get(name) ?? '');
  const proof = await prove(set);
  set.lists.set(name, original);
  expect(proof).toMatchObject({ state: 'failed', reason: 'backup_mismatch' });
  expect(existsSync(`${work.scratch}/proof`)).toBe(false);
});

it.runIf(canRun)('B-3 a target that goes away in the middle: failed nothing, proven nothing, not run', async () => {
  const away = new AppError('internal', 'gone', { reason: 'backup_target_unreachable' });
  const broken = {
    ...set,
    repository: {
      ...set.repository,
      readTar: () => {
        const stream = new PassThrough();
        stream.write(Buffer.alloc(512, 1));
        process.nextTick(() => stream.destroy(away));
        return stream;
      },
    },
  };
  expect(await prove(broken)).toMatchObject({ state: 'not_run', reason: 'backup_target_unreachable' });
  expect(work.lines).toContainEqual(expect.objectContaining({ reason: 'proof_not_run' }));
});

it.runIf(canRun).each(['backup_tool_missing', 'backup_no_space', 'backup_key_missing', 'action_timeout'] as const)(
  'B-3 what could not be tried (%s) is not run, never passed',
  async (reason) => {
    const proof = await proveSet(work, { dumps: noDumps }, () =>
      Promise.reject(new AppError('internal', 'x', { reason })),
    );
    expect(proof).toMatchObject({ state: 'not_run', reason });
  },
);

it.runIf(canRun)('a dump that does not load makes the whole set failed', async () => {
  const part = {
    kind: 'dump',
    name: 'database/mariadb/a',
    source: { kind: 'database', engine: 'mariadb', database: 'a' },
    snapshot: '0'.repeat(64),
    fileName: 'dump.sql',
    bytes: 1,
    sha256: '0'.repeat(64),
    serverVersion: '',
    toolVersion: '',
    tables: [],
    counts: { routines: 0, triggers: 0, views: 0, events: 0 },
  } as const;
  const dumps = {
    ...noDumps,
    prove: () => Promise.reject(new AppError('internal', 'x', { reason: 'backup_mismatch', params: { subject: 't' } })),
  };
  const withDump: TestSet = {
    ...set,
    manifest: { ...set.manifest, parts: [{ ...part, tables: [] }] },
    repository: { ...set.repository, readFile: () => Readable.from([]) },
  };
  expect(await prove(withDump, dumps)).toMatchObject({ state: 'failed', reason: 'backup_mismatch' });
});
