import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  hasRestic,
  makeWork,
  plainRepository,
  saveSet,
  sum,
  throwAwayRing,
  type TestSet,
  type TestWork,
} from '../../testing/backup-sets.ts';
import { makeWorld, snapshot, type World } from '../../testing/world.ts';
import type { Ring } from '../keys.ts';
import type { DumpPart } from '../manifest.ts';
import { newRecoveryKey } from '../recovery-key.ts';
import type { NewSet } from '../restore/seam.ts';
import { exportSet } from './export-set.ts';
import { importFile } from './import-file.ts';

let world: World;
let work: TestWork;
let set: TestSet;
let ring: Ring;
const recovery = newRecoveryKey(Date.now());
const dumpText = Buffer.from(`-- dump\n${randomBytes(3_000_000).toString('hex')}`);

beforeAll(async () => {
  if (!hasRestic) return;
  world = await makeWorld();
  work = makeWork(world);
  ring = throwAwayRing(recovery);
  const root = world.path('/srv/app');
  mkdirSync(`${root}/sub`, { recursive: true });
  writeFileSync(`${root}/secret.txt`, 'the plain text of the data');
  writeFileSync(`${root}/sub/big.bin`, randomBytes(5_000_000));
  writeFileSync(`${root}/empty`, '');
  const repository = plainRepository(`${world.folder}/repository`);
  const saved = await repository.saveStream({ fileName: 'dump.sql', input: Readable.from([dumpText]), tags: [] });
  const dump: DumpPart = {
    kind: 'dump',
    name: 'database/mariadb/shop',
    source: { kind: 'database', engine: 'mariadb', database: 'shop' },
    snapshot: saved.snapshot,
    fileName: 'dump.sql',
    bytes: dumpText.length,
    sha256: sum(dumpText),
    serverVersion: '10.11',
    toolVersion: '10.11',
    tables: [{ name: 't', rows: 3, sha256: '1'.repeat(64) }],
    counts: { routines: 1, triggers: 0, views: 0, events: 0 },
  };
  const source = { kind: 'folder', path: '/srv/app' } as const;
  set = await saveSet(work, repository, [{ name: 'folder/srv/app', source, root }], [dump], ring);
  await exportSet(work, set, ring, '/export.bin', { targetPaths: [] });
}, 60_000);
afterAll(() => {
  if (hasRestic) world.destroy();
});
beforeEach(() => {
  if (hasRestic) work = makeWork(world);
});

const exported = (): Buffer => readFileSync(world.path('/export.bin'));

type Seen = { readonly tree: string; readonly dump: Buffer; readonly given: NewSet };

async function bringBack(path = '/export.bin', recoveryKey: string | undefined = recovery.shown): Promise<Seen> {
  let seen: Seen | undefined;
  const createSet = async (given: NewSet): Promise<string> => {
    const [tree, dump] = given.parts;
    if (tree?.kind !== 'tree' || dump?.kind !== 'dump' || dump.open === undefined) throw new Error('other parts');
    const { stream } = await dump.open();
    seen = { given, tree: snapshot(tree.root, ['']), dump: await buffer(stream) };
    return 'imported000000000001';
  };
  const request = { path, targetId: 'targetaaaaaaaaaa', ...(recoveryKey !== undefined && { recoveryKey }) };
  await importFile(work, { createSet }, request);
  if (seen === undefined) throw new Error('nothing was saved');
  return seen;
}

it.runIf(hasRestic)('a set travels in one file and comes back whole with nothing but the recovery key', async () => {
  const seen = await bringBack();
  expect(seen.given).toMatchObject({ kind: 'imported', targetId: 'targetaaaaaaaaaa' });
  expect(seen.tree).toBe(snapshot(world.path('/srv/app'), ['']));
  expect(seen.dump.equals(dumpText)).toBe(true);
  expect(seen.given.parts[1]).toMatchObject({ name: 'database/mariadb/shop', source: { database: 'shop' } });
  expect(existsSync(`${work.scratch}/import`)).toBe(false);
});

it.runIf(hasRestic)('P4.2-1 the file is root-only and nothing in it can be read', () => {
  expect(statSync(world.path('/export.bin')).mode & 0o777).toBe(0o600);
  for (const text of ['the plain text', 'secret.txt', 'shop', 'manifest.json'])
    expect(exported().includes(text)).toBe(false);
});

it.runIf(hasRestic)('another recovery key opens nothing, and none is taken from elsewhere', async () => {
  const other = newRecoveryKey(Date.now()).shown;
  await expect(bringBack('/export.bin', other)).rejects.toMatchObject({ reason: 'backup_export_key' });
  const request = { path: '/export.bin', targetId: 'targetaaaaaaaaaa' };
  await expect(importFile(work, { createSet: () => Promise.reject(new Error()) }, request)).rejects.toMatchObject({
    reason: 'backup_export_key',
  });
});

it.runIf(hasRestic)(
  'B-2 every byte of the head, and bytes anywhere else: changed, it is refused and nothing is saved',
  async () => {
    const bytes = exported();
    const headEnd = bytes.indexOf(10, bytes.indexOf(10) + 1) + 1;
    const places = [
      ...Array.from({ length: headEnd + 8 }, (_, index) => index),
      ...Array.from({ length: 3 }, () => headEnd + Math.floor(Math.random() * (bytes.length - headEnd))),
      bytes.length - 1,
    ];
    for (const place of places) {
      const changed = Buffer.from(bytes);
      changed[place] = (changed[place] ?? 0) ^ 1;
      writeFileSync(world.path('/changed.bin'), changed);
      await expect(bringBack('/changed.bin'), `byte ${place}`).rejects.toMatchObject({
        reason: expect.stringMatching(/^backup_export_(key|damaged)$/) as string,
      });
    }
  },
  60_000,
);

it.runIf(hasRestic).each([
  ['cut off in the middle', (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1)],
  ['without its last chunk', (bytes: Buffer) => withoutLastChunk(bytes)],
  ['with something behind its end', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('x')])],
  ['with two chunks that changed places', (bytes: Buffer) => swapped(bytes)],
  ['empty', () => Buffer.alloc(0)],
])('B-2 a file %s is refused', async (_, edit) => {
  writeFileSync(world.path('/changed.bin'), edit(exported()));
  await expect(bringBack('/changed.bin')).rejects.toMatchObject({
    reason: expect.stringMatching(/^backup_export_/) as string,
  });
  expect(existsSync(`${work.scratch}/import`)).toBe(false);
});

it.runIf(hasRestic)('an export never replaces a file, and a failed one leaves none', async () => {
  await expect(exportSet(work, set, ring, '/export.bin', { targetPaths: [] })).rejects.toMatchObject({
    reason: 'backup_aside_exists',
  });
  await expect(exportSet(work, set, ring, '/proc/x', { targetPaths: [] })).rejects.toMatchObject({
    reason: 'backup_source_refused',
  });
  const broken = {
    ...set,
    repository: {
      ...set.repository,
      readTar: () =>
        new Readable({
          read() {
            this.destroy(new Error('gone'));
          },
        }),
    },
  };
  await expect(exportSet(work, broken, ring, '/other.bin', { targetPaths: [] })).rejects.toThrow('gone');
  expect(existsSync(world.path('/other.bin')) || existsSync(world.path('/.other.bin.part'))).toBe(false);
  rmSync(world.path('/changed.bin'), { force: true });
});

function chunksOf(bytes: Buffer): { head: Buffer; chunks: Buffer[] } {
  let at = bytes.indexOf(10, bytes.indexOf(10) + 1) + 1;
  const head = bytes.subarray(0, at);
  const chunks: Buffer[] = [];
  while (at < bytes.length) {
    const size = 4 + (bytes.readUInt32BE(at) & 0x7fffffff) + 16;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return { head, chunks };
}

function withoutLastChunk(bytes: Buffer): Buffer {
  const { head, chunks } = chunksOf(bytes);
  return Buffer.concat([head, ...chunks.slice(0, -1)]);
}

function swapped(bytes: Buffer): Buffer {
  const { head, chunks } = chunksOf(bytes);
  const [first = head, second = head, ...rest] = chunks;
  return Buffer.concat([head, second, first, ...rest]);
}
