import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { BackupProof, BackupRequest } from '#shared/backups.ts';
import { getKnown, listPresent, readProof } from './catalogue.ts';
import { changeKeys } from './change-keys.ts';
import { createSet } from './create.ts';
import { encodeSigned, findRing, newId, signManifest, writeRing } from './keys.ts';
import { lockTarget, openWithRecoveryKey, withTarget } from './open-target.ts';
import { previewRetention, removeSets } from './prune.ts';
import { setTag } from './restic.ts';
import { findRun, noteRun, readRunLog, showRun } from './runs.ts';
import { openSet, problemsOf, syncSets } from './sets.ts';
import { changeTargetState, putTarget, readTargetState } from './targets.ts';
import { makeTestWork, type TestWork } from './testing/test-work.ts';
import { verifyTarget } from './verify.ts';
import type { Dump } from './work.ts';
import { programs } from '../../test/testing/programs.ts';

const hasRestic = existsSync('/usr/bin/restic');
const test = it.runIf(hasRestic);
/** Each command of restic derives its key anew, on purpose slowly. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });
const limits = { uploadKibPerSecond: null, downloadKibPerSecond: null, minFreeBytes: null, maxBytes: null };
const targetId = 'tttttttttttttttt';
let t: TestWork;
let repository: string;
let root: string;

async function addTarget(id: string, path: string, { work } = t): Promise<void> {
  await putTarget(work.folder, { targetId: id, name: id, place: { kind: 'local', path }, limits }, null);
}

async function create(id = targetId, { work, path } = t): Promise<string> {
  const root = path('site');
  return await withTarget(work, id, async (open) => {
    await syncSets(work, open);
    const parts = [
      { kind: 'tree', name: 'folder', source: { kind: 'folder', path: root }, root, excludes: [] },
    ] as const;
    return (await createSet(work, open, { kind: 'manual', plan: null, planName: '', parts, excludes: [] })).manifest
      .setId;
  });
}

const listed = ({ work } = t): string[] => listPresent(work.folder, targetId).map(({ manifest }) => manifest.setId);

async function verify(isFull = false, setId: string | null = null, { work } = t): Promise<BackupProof | null> {
  await verifyTarget(work, { targetId, setId, isFull }).catch(() => undefined);
  return readTargetState(work.folder, targetId).lastProof;
}

/** Another work, whose target goes away in the middle of a run. Answers the set of before it, and how the run ended. */
async function loseTarget(lost: TestWork): Promise<{ readonly before: string; readonly end: unknown }> {
  const [site, target] = [lost.path('site'), lost.path('repository')];
  mkdirSync(site);
  writeFileSync(join(site, 'small'), 'small');
  await addTarget(targetId, target, lost);
  const before = await create(targetId, lost);
  writeFileSync(join(site, 'big'), randomBytes(30_000_000));
  lost.logs.length = 0;
  const watch = setInterval(() => {
    if (!lost.logs.some((line) => line.startsWith('Saving'))) return;
    clearInterval(watch);
    renameSync(target, `${target}-away`);
  }, 5);
  const end = await create(targetId, lost).catch((error: unknown) => error);
  clearInterval(watch);
  return { before, end };
}

/** Everything that is kept in repository and state, to go back to after a fault. */
async function withCopy(use: () => Promise<void>): Promise<void> {
  const copy = t.path('copy');
  rmSync(copy, { recursive: true, force: true });
  cpSync(repository, join(copy, 'repository'), { recursive: true });
  cpSync(t.work.folder, join(copy, 'backups'), { recursive: true });
  try {
    await use();
  } finally {
    rmSync(repository, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    renameSync(join(copy, 'repository'), repository);
    rmSync(t.work.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    renameSync(join(copy, 'backups'), t.work.folder);
  }
}

const files = (path: string): string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [`${entry.parentPath}/${entry.name}`] : [],
  );

let first = '';
let second = '';
let lost: TestWork;
let losing: ReturnType<typeof loseTarget>;

beforeAll(async () => {
  if (!hasRestic) return;
  t = makeTestWork();
  lost = makeTestWork();
  // restic tries for more than a minute: the other tests go on meanwhile.
  losing = loseTarget(lost);
  losing.catch(() => undefined);
  repository = t.path('repository');
  root = t.path('site');
  mkdirSync(root);
  for (let count = 0; count < 20; count++) writeFileSync(join(root, `f${count}`), randomBytes(200_000));
  await addTarget(targetId, repository);
  first = await create();
  writeFileSync(join(root, 'unmistakable-name'), 'unmistakable content');
  second = await create();
});

afterAll(() => {
  t.destroy();
  lost.destroy();
});

test('P4.2-1 nothing of the data, of names or of keys lies readable in the target, whose folder is for root only', async () => {
  expect(statSync(repository).mode & 0o777).toBe(0o700);
  const stored = Buffer.concat(files(repository).map((path) => readFileSync(path)));
  for (const secret of ['unmistakable', findRing(t.work.folder)?.keys[0]?.secret ?? '-'])
    expect(stored.includes(secret)).toBe(false);
  expect(await verify()).toMatchObject({ state: 'proven', kind: 'quick' });
});

test('P4.2-9 FAULT-8 a second run on one target is refused, and nothing of it happens', async () => {
  const lock = await lockTarget(t.work.folder, targetId);
  await expect(create()).rejects.toMatchObject({ code: 'busy', reason: 'backup_target_busy' });
  lock.release();
  expect(listed()).toEqual([first, second]);
});

test('a lock that another program is about to give up is waited for', async () => {
  await withCopy(async () => {
    await withTarget(t.work, targetId, async ({ vault: { restic } }) => {
      const holder = restic.start(['backup', '--stdin', '--stdin-filename', 'other'], { stdin: 'pipe' });
      holder.stdout.resume();
      holder.stdin.write('x');
      while (files(`${repository}/locks`).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      setTimeout(() => holder.stdin.end(), 2_500);
      expect(await restic.run(['check'])).toContain('no errors were found');
      expect((await holder.ended).code).toBe(0);
    });
  });
});

test('B-2 any damaged stored byte is found by reading all of them; what cannot be checked is not run, never passed', async () => {
  expect(await verify(true)).toMatchObject({ state: 'proven', kind: 'full' });
  await withCopy(async () => {
    const pack = files(`${repository}/data`).find((path) => statSync(path).size > 100_000) ?? '';
    chmodSync(pack, 0o600);
    const fd = openSync(pack, 'r+');
    writeSync(fd, Buffer.from([0xaa, 0x55, 0xaa]), 0, 3, 50_000);
    closeSync(fd);
    expect(await verify(true)).toMatchObject({ state: 'failed', reason: 'backup_repository_damaged' });
  });
  await withCopy(async () => {
    rmSync(`${t.work.folder}/keys.json`);
    expect(await verify()).toMatchObject({ state: 'not_run', reason: 'backup_key_missing' });
    // B-3: and nothing older goes for it.
    expect(readProof(t.work.folder, targetId, second)?.state).toBe('not_run');
    renameSync(repository, `${repository}-away`);
    expect(await verify()).toMatchObject({ state: 'not_run' });
    renameSync(`${repository}-away`, repository);
  });
});

test('B-2 B-10 a set that was removed from outside, a forged and a replayed manifest are found, and are no sets', async () => {
  await withCopy(async () => {
    await withTarget(t.work, targetId, async ({ vault }) => {
      const gone = await vault.snapshots(setTag(first));
      await vault.forget(
        gone.map(({ snapshot }) => snapshot),
        false,
      );
    });
    await expect(verifyTarget(t.work, { targetId, setId: null, isFull: false })).rejects.toMatchObject({
      reason: 'backup_chain_broken',
      params: { set: first, problem: 'missing' },
    });
    expect(listed()).toEqual([second]);
    await expect(
      withTarget(t.work, targetId, async (open) => await openSet(t.work, open, first)),
    ).rejects.toMatchObject({
      reason: 'backup_set_unknown',
    });
  });
  await withCopy(async () => {
    // Somebody with the repository's password, but without the signing key.
    await withTarget(t.work, targetId, async (open) => {
      const { manifest } = getKnown(t.work.folder, targetId, second);
      const folder = t.path('forged');
      mkdirSync(folder, { recursive: true });
      const ring = {
        ...open.ring,
        keys: open.ring.keys.map((key) => ({ ...key, secret: randomBytes(32).toString('base64') })),
      };
      writeFileSync(
        join(folder, 'manifest.json'),
        encodeSigned(signManifest(ring, { ...manifest, planName: 'forged' })),
      );
      const [real] = (await open.vault.snapshots(setTag(second))).filter(({ tags }) => tags.includes('manifest'));
      await open.vault.saveTree({ root: folder, excludes: [], tags: ['manifest', setTag(second)] });
      await open.vault.forget([real?.snapshot ?? ''], false);
    });
    expect(await verify()).toMatchObject({ state: 'failed', reason: 'backup_manifest_invalid' });
    expect(listed()).toEqual([first]);
  });
  await withCopy(async () => {
    await withTarget(t.work, targetId, async (open) => {
      const old = await open.vault.snapshots(setTag(first));
      await removeSets(t.work, open, [first]);
      // The store is put back to what it was, over what we removed.
      expect(old).toHaveLength(2);
      const { signed } = {
        signed: readFileSync(t.path('copy/backups') + `/catalogue/${targetId}/sets/${first}.json`, 'utf8'),
      };
      writeFileSync(`${t.work.folder}/catalogue/${targetId}/sets/${first}.json`, signed);
      expect(problemsOf(t.work, open)).toEqual([{ setId: first, problem: 'replayed' }]);
      await syncSets(t.work, open);
      expect(listed()).toEqual([second]);
    });
  });
});

test('B-13 keys are rotated and retired, the recovery key opens the target on a bare machine, and a key cut off half way is finished', async () => {
  await withCopy(async () => {
    const before = findRing(t.work.folder)?.keys[0]?.keyId ?? '';
    const shown = await changeKeys(t.work, { operation: 'new_recovery' });
    expect(files(t.folder).some((path) => readFileSync(path).includes((shown ?? '').slice(5, 30)))).toBe(false);
    await changeKeys(t.work, { operation: 'rotate' });
    const third = await create();
    expect(getKnown(t.work.folder, targetId, third).signed.keyId).not.toBe(before);
    expect(await verify()).toMatchObject({ state: 'proven' });
    // Cut off after the new slot, before that was noted.
    await changeTargetState(t.work.folder, targetId, { slot: { keyId: before, slotId: 'gone' }, ringStamp: null });
    expect(await verify()).toMatchObject({ state: 'proven' });
    await changeKeys(t.work, { operation: 'retire', keyId: before });
    await expect(verifyTarget(t.work, { targetId, setId: first, isFull: false })).rejects.toMatchObject({
      reason: 'backup_key_retired',
      params: { keyId: before },
    });
    const bare = makeTestWork('bare', t.path('bare-machine'));
    const place = { kind: 'local', path: repository } as const;
    const opened = await openWithRecoveryKey(bare.work, {
      targetId,
      place,
      secret: { kind: 'none' },
      recoveryKey: shown ?? '',
    });
    expect(opened.rings[0]).toEqual(findRing(t.work.folder));
    // A stranger's key opens nothing.
    const ring = findRing(t.work.folder);
    if (ring === undefined) throw new Error('no ring');
    await writeRing(t.work.folder, {
      ...ring,
      keys: ring.keys.map((key) => ({ ...key, secret: randomBytes(32).toString('base64') })),
    });
    await expect(create()).rejects.toMatchObject({ reason: 'backup_wrong_key' });
  });
});

test('P4.2-9 FAULT-2 a target that is too small fails before anything is written, one that fills up keeps what was complete', async () => {
  const small = t.path('small');
  mkdirSync(small, { recursive: true });
  if (process.getuid?.() !== 0) return;
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', small]);
  try {
    const id = 'ssssssssssssssss';
    await addTarget(id, small);
    await expect(create(id)).rejects.toMatchObject({ reason: 'backup_no_space' });
    expect(files(small).filter((path) => statSync(path).size > 100_000)).toEqual([]);
    // Nobody knows beforehand how large a dump will be.
    await expect(
      withTarget(t.work, id, async (open) => {
        const stream = Readable.from(Array.from({ length: 60 }, () => randomBytes(100_000)));
        const facts = {
          bytes: 6_000_000,
          sha256: '0'.repeat(64),
          serverVersion: '',
          toolVersion: '',
          tables: [],
          counts: { routines: 0, triggers: 0, views: 0, events: 0 },
        };
        const dump: Dump = { fileName: 'dump.sql', stream, facts: Promise.resolve(facts) };
        const source = { kind: 'sqlite', path: '/x' } as const;
        const parts = [{ kind: 'dump', name: 'sqlite/x', source, open: () => Promise.resolve(dump) }] as const;
        return await createSet(t.work, open, { kind: 'manual', plan: null, planName: '', parts, excludes: [] });
      }),
    ).rejects.toMatchObject({ reason: 'backup_target_full' });
    execFileSync('mount', ['-o', 'remount,size=20m', small]);
    const made = await create(id);
    expect(listPresent(t.work.folder, id).map(({ manifest }) => manifest.setId)).toEqual([made]);
  } finally {
    execFileSync('umount', [small]);
  }
});

test('FAULT-3 a clock that was set back changes no order', async () => {
  await withCopy(async () => {
    const now = Date.now;
    Object.assign(t.work, { now: () => now() - 365 * 24 * 3600 * 1000 });
    const third = await create();
    Object.assign(t.work, { now });
    expect(listed()).toEqual([first, second, third]);
    expect(await verify()).toMatchObject({ state: 'proven' });
    const retention = { last: 1, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };
    expect(previewRetention(t.work.folder, { targetId, planId: null, retention })).toEqual({ keep: [], remove: [] });
  });
});

/** One run as the agent starts it, killed after a while; undefined: it ended before. */
async function runKilled(request: BackupRequest, afterMs: number): Promise<boolean> {
  const runId = newId();
  await noteRun(t.work.folder, { runId, request, actorName: 'test' }, Date.now());
  const child = spawn(process.execPath, [programs.agent, '--backup', runId], {
    env: { AAPANEL_AGENT_STATE: t.work.stateFolder },
    stdio: 'ignore',
    detached: true,
  });
  const ended = new Promise<boolean>(
    (resolve) => void child.once('exit', (_, signal) => resolve(signal === 'SIGKILL')),
  );
  const timer = setTimeout(() => child.kill('SIGKILL'), afterMs);
  const isKilled = await ended;
  clearTimeout(timer);
  const record = findRun(t.work.folder, runId);
  const state = record === undefined ? 'none' : showRun(t.work.folder, record).state;
  const log = readRunLog(t.work.folder, runId, 0, true).text;
  // Killed before it could say that it is there: for half a minute nobody can know that it is gone.
  const ends = record?.state === 'starting' ? ['running'] : ['failed', 'succeeded', 'none'];
  if (isKilled) expect(ends).toContain(state);
  else expect(state, log).toBe('succeeded');
  return isKilled;
}

const kills = Number(process.env['AAPANEL_BACKUP_KILLS'] ?? 2);

test(
  `B-9 kill -9 at ${kills} random points of creating and removing: no half backup is ever listed, and the next run cleans up`,
  async () => {
    await withCopy(async () => {
      let killed = 0;
      /** What one takes here that nobody kills. */
      let usualMs = 1_000;
      for (let round = 0; round < kills; round++) {
        writeFileSync(join(root, `r${round % 3}`), randomBytes(2_000_000));
        const isCreate = round % 2 === 0;
        const request: BackupRequest = isCreate
          ? { kind: 'create_now', sources: [{ kind: 'folder', path: root }], targetId, excludes: [] }
          : { kind: 'remove', targetId, setIds: listed().slice(0, 1) };
        const from = performance.now();
        if (await runKilled(request, 100 + Math.random() * usualMs)) killed++;
        else usualMs = performance.now() - from;
        const known = listed();
        // The next run, and a look at everything that is listed then.
        await withTarget(t.work, targetId, async (open) => {
          const { refused } = await syncSets(t.work, open);
          expect([...refused]).toEqual([]);
          expect(problemsOf(t.work, open)).toEqual([]);
          for (const setId of listed()) {
            const set = await openSet(t.work, open, setId);
            for (const part of set.manifest.parts) if (part.kind === 'tree') await set.membersOf(part);
          }
          const snapshots = await open.vault.snapshots('aapanel');
          const sets = new Set(snapshots.flatMap(({ tags }) => tags.filter((tag) => tag.startsWith('set:'))));
          expect([...sets].sort()).toEqual(listed().map(setTag).sort());
          await open.vault.restic.run(['check']);
        });
        for (const setId of known) if (isCreate) expect(listed()).toContain(setId);
        if (listed().length < 2) await create();
      }
      process.stdout.write(`B-9: ${killed} of ${kills} runs were killed on the way, no half backup\n`);
    });
  },
  60_000 + kills * 60_000,
);

test('a target that goes away in the middle fails the run, and is found again when it is back', async () => {
  const { before, end } = await losing;
  expect(end).toMatchObject({ name: 'AppError' });
  const target = lost.path('repository');
  rmSync(target, { recursive: true, force: true });
  renameSync(`${target}-away`, target);
  expect(listed(lost)).toEqual([before]);
  rmSync(lost.path('site/big'));
  const next = await create(targetId, lost);
  expect(listed(lost)).toEqual([before, next]);
  expect(await verify(false, null, lost)).toMatchObject({ state: 'proven' });
});
