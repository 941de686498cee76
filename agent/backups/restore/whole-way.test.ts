import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hasRestic, makeWork, type TestWork } from '../../testing/backup-sets.ts';
import { makeWorld, type World } from '../../testing/world.ts';
import { getKnown, listPresent, readProof } from '../catalogue.ts';
import { jobs } from '../jobs.ts';
import { newId, ringOf, writeRing } from '../keys.ts';
import { newRecoveryKey } from '../recovery-key.ts';
import { putTarget } from '../targets.ts';

/*
 * The whole way with nothing in the place of anything: keys, restic, manifest, restore, safety set, proof, export, import.
 */

let world: World;
let work: TestWork;
const targetId = newId();
const path = (): string => world.path('/srv/app/a.txt');
const way = { kind: 'in_place' } as const;

beforeAll(async () => {
  if (!hasRestic) return;
  world = await makeWorld();
  work = makeWork(world);
  mkdirSync(world.path('/srv/app/sub'), { recursive: true });
  writeFileSync(world.path('/srv/app/sub/b.txt'), 'second');
  writeFileSync(path(), 'first');
  chmodSync(world.path('/srv/app'), 0o2751);
  const limits = { uploadKibPerSecond: null, downloadKibPerSecond: null, minFreeBytes: null, maxBytes: null };
  await writeRing(work.folder, {
    ...(await ringOf(work.folder, Date.now())),
    recovery: newRecoveryKey(Date.now()).kept,
  });
  const place = { kind: 'local', path: '/backups' } as const;
  await putTarget(work.folder, { targetId, name: 'local', place, limits }, { kind: 'none' });
});
afterAll(() => {
  if (hasRestic) world.destroy();
});

it.runIf(hasRestic)(
  'B-11 saved, changed, restored, and taken back from the safety set; proven; out into a file and in again',
  async () => {
    const sources = [{ kind: 'folder', path: '/srv/app' }] as const;
    const [setId = ''] = await jobs.create_now(work, {
      kind: 'create_now',
      sources: [...sources],
      targetId,
      excludes: [],
    });
    writeFileSync(path(), 'newer');
    const restore = { kind: 'restore', targetId, parts: null, member: null, way, isDryRun: false } as const;
    await jobs.restore(work, { ...restore, setId, isDryRun: true });
    expect(work.lines).toContainEqual(expect.objectContaining({ what: 'changed', subject: 'a.txt' }));
    expect(readFileSync(path(), 'utf8')).toBe('newer');

    const [safetyId = ''] = await jobs.restore(work, { ...restore, setId });
    expect(readFileSync(path(), 'utf8')).toBe('first');
    expect(getKnown(work.folder, targetId, safetyId).manifest).toMatchObject({ kind: 'safety', sequence: 2 });
    await jobs.restore(work, { ...restore, setId: safetyId, parts: ['folder/srv/app'], member: 'a.txt' });
    expect(readFileSync(path(), 'utf8')).toBe('newer');

    await jobs.prove(work, { kind: 'prove', targetId, setId });
    expect(readProof(work.folder, targetId, setId)).toMatchObject({ state: 'proven', kind: 'restore' });

    await jobs.export(work, { kind: 'export', targetId, setId, path: '/export.bin' });
    const [importedId = ''] = await jobs.import(work, { kind: 'import', path: '/export.bin', targetId });
    expect(listPresent(work.folder, targetId).at(-1)?.manifest).toMatchObject({ setId: importedId, kind: 'imported' });
    const aside = { kind: 'aside', path: '/aside', databaseName: null } as const;
    await jobs.restore(work, { ...restore, setId: importedId, way: aside });
    expect(readFileSync(world.path('/aside/a.txt'), 'utf8')).toBe('first');
    expect(readFileSync(path(), 'utf8')).toBe('newer');

    rmSync(world.path('/srv/app'), { recursive: true });
    await jobs.restore(work, { ...restore, setId: importedId });
    expect(readFileSync(path(), 'utf8')).toBe('first');
    expect(statSync(world.path('/srv/app')).mode & 0o7777).toBe(0o2751);
  },
  180_000,
);
