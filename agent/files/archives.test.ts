import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ActionParams } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { UnpackConflict } from '#shared/file-work.ts';
import { entryCases } from '../archives/testing/hostile-entries.ts';
import { nameCases } from '../archives/testing/hostile-names.ts';
import { streamCases } from '../archives/testing/hostile-streams.ts';
import { zipCases } from '../archives/testing/hostile-zips.ts';
import type { Machine } from '../core/machine.ts';
import { call, newChangeId, snapshot } from '../testing/world.ts';
import { filesHandlers } from './files.actions.ts';
import { makeFileSite, type FileSite } from './testing/file-site.ts';
import { createLongWork } from './work.ts';

const isRoot = process.getuid?.() === 0;
let files: FileSite;
let machine: Machine;
let folder: string;

beforeAll(async () => {
  files = await makeFileSite();
  ({ machine, folder } = files);
}, 30_000);
afterAll(() => files.close());

type Wish = ActionParams<AgentActions['files.work_begin']>['wish'];
const begin = async (wish: Wish): Promise<string> => {
  const workId = newChangeId();
  await filesHandlers['files.work_begin'](machine, { site: files.site, workId, wish }, call());
  return workId;
};
const stateOf = async (workId: string) =>
  (await filesHandlers['files.work_state'](machine, { site: files.site, workId }, call())).work;
const done = async (wish: Wish) => {
  const workId = await begin(wish);
  for (;;) {
    const work = await stateOf(workId);
    if (work?.state !== 'running') return work;
    await wait(20);
  }
};
const unpacking = (path: string, into: string, more: Partial<Extract<Wish, { kind: 'unpack' }>> = {}): Wish => ({
  kind: 'unpack',
  path,
  into,
  only: [],
  onConflict: 'refuse',
  ...more,
});

function makeTree(): void {
  mkdirSync(`${folder}/app/صور`, { recursive: true });
  writeFileSync(`${folder}/app/index.php`, '<?php\n'.repeat(1_000));
  writeFileSync(`${folder}/app/صور/شعار.svg`, '');
  writeFileSync(`${folder}/app/run.sh`, '#!/bin/sh\n');
  writeFileSync(`${folder}/app/${'ط'.repeat(60)}.txt`, 'a long name');
  chmodSync(`${folder}/app/run.sh`, 0o750);
  symlinkSync('index.php', `${folder}/app/link`);
  if (isRoot) spawnSync('/usr/bin/chown', ['-hR', `${files.uid}:${files.uid}`, `${folder}/app`]);
}

it('FILE-2 an archive of each kind is made and unpacked as the site’s own user, and other programs read it too', async () => {
  makeTree();
  const before = snapshot(folder, ['/app']);
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/app/bad`), Buffer.from([0xff])]), 'x');
  symlinkSync('/etc/passwd', `${folder}/app/out`);
  spawnSync('/usr/bin/mkfifo', [`${folder}/app/pipe`]);
  for (const ending of ['zip', 'tar.gz', 'tar.zst']) {
    const name = `نسخة.${ending}`;
    const made = await done({ kind: 'pack', paths: ['app'], into: '', name });
    expect(made).toMatchObject({ state: 'done', paths: [name], leftOut: 3, files: 7 });
    expect([lstatSync(`${folder}/${name}`).uid, lstatSync(`${folder}/${name}`).mode & 0o777]).toEqual([
      files.uid,
      0o644,
    ]);
    const [program, ...args] = ending === 'zip' ? ['/usr/bin/unzip', '-tq'] : ['/usr/bin/tar', '-tf'];
    expect(spawnSync(program, [...args, `${folder}/${name}`]).status).toBe(0);
    const preview = await filesHandlers['files.archive_preview'](machine, { site: files.site, path: name }, call());
    expect(preview).toMatchObject({ files: 4, folders: 2, entryCount: 7 });
    expect(preview.entries).toContainEqual({ path: 'app/index.php', type: 'file', sizeBytes: 6_000 });
    const into = `here/${ending}`;
    expect(await done(unpacking(name, into))).toMatchObject({ state: 'done', paths: [`${into}/app`] });
    expect(snapshot(`${folder}/${into}`, ['/app'])).toBe(before);
    expect(lstatSync(`${folder}/${into}/app/run.sh`)).toMatchObject({ uid: files.uid, mode: 0o100750 });
    // Some of it.
    const some = await done(unpacking(name, `some/${ending}`, { only: ['app/صور', 'app/run.sh'] }));
    expect(some?.state).toBe('done');
    expect(readdirSync(`${folder}/some/${ending}/app`).sort()).toEqual(['run.sh', 'صور'].sort());
  }
  expect(await done({ kind: 'pack', paths: ['app'], into: '', name: 'نسخة.zip' })).toMatchObject({
    failure: { reason: 'file_exists' },
  });
  expect(readdirSync(`${folder}/.aapanel-bin/work`)).toEqual([]);
});

async function openStream(paths: string[], format: 'tar.gz' | 'tar.zst' | 'zip', withBytes = true) {
  let bytes: Readable | undefined;
  const wish = { site: files.site, paths, format, leftOutTitle: 'Left out:', withBytes };
  const asked = { ...call(), giveBytes: (stream: Readable) => (bytes = stream) };
  const facts = await filesHandlers['files.download_archive'](machine, wish, asked);
  return { facts, bytes };
}

it('FILE-4 a folder is sent as an archive while it is made, with a list of what could not go along, and nothing is left', async () => {
  const listed = (): string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const before = listed();
  const place = mkdtempSync(join(tmpdir(), 'aapanel-sent-'));
  for (const format of ['zip', 'tar.gz', 'tar.zst'] as const) {
    const { facts, bytes } = await openStream(['app'], format);
    expect(facts).toEqual({ files: 7, bytes: 6_000 + 10 + 11, leftOut: 3 });
    if (bytes === undefined) throw new Error('no bytes');
    writeFileSync(`${place}/sent.${format}`, await buffer(bytes));
    const out = `${place}/${format}`;
    mkdirSync(out);
    const [program, ...args] =
      format === 'zip'
        ? ['/usr/bin/unzip', '-q', `${place}/sent.zip`, '-d', out]
        : ['/usr/bin/tar', '-xf', `${place}/sent.${format}`, '-C', out];
    expect(spawnSync(program, args, { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(out).sort()).toEqual(['aapanel-left-out.txt', 'app']);
    const told = readFileSync(`${out}/aapanel-left-out.txt`, 'utf8');
    expect(told.split('\n').slice(0, 2)).toEqual(['Left out:', '']);
    expect(told.split('\n').slice(2, -1).sort()).toEqual(['app/bad\\xff', 'app/out', 'app/pipe']);
    expect(readFileSync(`${out}/app/index.php`, 'utf8')).toBe('<?php\n'.repeat(1_000));
    expect(lstatSync(`${out}/app/run.sh`).mode & 0o777).toBe(0o750);
    expect(readlinkSync(`${out}/app/link`)).toBe('index.php');
    // What we send we also take.
    const path = `back.${format}`;
    copyFileSync(`${place}/sent.${format}`, `${folder}/${path}`);
    expect(await done(unpacking(path, `back/${format}`))).toMatchObject({ state: 'done' });
    expect(existsSync(`${folder}/back/${format}/app/index.php`)).toBe(true);
  }
  rmSync(place, { recursive: true });
  for (const name of readdirSync(folder)) if (name.startsWith('back')) rmSync(`${folder}/${name}`, { recursive: true });
  expect(listed()).toEqual(before);
});

it('FILE-4 an archive that nobody takes to its end, and one of a file that shrinks, are broken off; a look sends nothing', async () => {
  writeFileSync(`${folder}/large.bin`, randomBytes(40_000_000));
  chmodSync(`${folder}/large.bin`, 0o644);
  expect(await openStream(['large.bin'], 'zip', false)).toEqual({
    facts: { files: 1, bytes: 40_000_000, leftOut: 0 },
    bytes: undefined,
  });
  // More than there are ways: each is free again.
  for (let round = 0; round < 12; round++) {
    const { bytes } = await openStream(['large.bin'], 'tar.gz');
    if (bytes === undefined) throw new Error('no bytes');
    await once(bytes, 'readable');
    bytes.destroy();
  }
  const { bytes } = await openStream(['large.bin'], 'zip');
  if (bytes === undefined) throw new Error('no bytes');
  await once(bytes, 'readable');
  truncateSync(`${folder}/large.bin`, 1_000);
  await expect(buffer(bytes)).rejects.toThrow('broken off');
  for (const [path, reason] of [
    ['nowhere', 'file_gone'],
    ['.aapanel-bin', 'file_gone'],
    ['app/link/x', 'file_gone'],
  ] as const)
    await expect(openStream([path], 'zip'), path).rejects.toMatchObject({ reason });
  rmSync(`${folder}/large.bin`);
});

it('FILE-2 what stands there already is refused, kept or moved to the bin, as it was chosen', async () => {
  const there = `${folder}/there`;
  mkdirSync(`${there}/app`, { recursive: true });
  writeFileSync(`${there}/app/index.php`, 'mine');
  if (isRoot) spawnSync('/usr/bin/chown', ['-R', `${files.uid}:${files.uid}`, there]);
  const before = snapshot(folder, ['/there']);
  const unpack = async (onConflict: UnpackConflict) => await done(unpacking('نسخة.zip', 'there', { onConflict }));
  expect(await unpack('refuse')).toMatchObject({ state: 'failed', failure: { reason: 'file_exists' } });
  expect(snapshot(folder, ['/there'])).toBe(before);
  expect(await unpack('keep')).toMatchObject({ state: 'done', leftOut: 1 });
  expect(readFileSync(`${there}/app/index.php`, 'utf8')).toBe('mine');
  expect(existsSync(`${there}/app/run.sh`)).toBe(true);
  expect(await unpack('replace')).toMatchObject({ state: 'done' });
  expect(readFileSync(`${there}/app/index.php`, 'utf8')).toHaveLength(6_000);
  const { items } = await filesHandlers['files.bin'](machine, { site: files.site }, call());
  expect(items.map(({ path }) => path)).toContain('there/app/index.php');
  for (const [wish, reason] of [
    [unpacking('nowhere.zip', 'x'), 'file_gone'],
    [unpacking('app/link', 'x'), 'file_gone'],
    [unpacking('app/run.sh', 'x'), 'archive_damaged_container'],
    [unpacking('نسخة.zip', 'x', { only: ['nothing'] }), 'file_unpack_nothing'],
    [unpacking('نسخة.zip', 'app/link'), 'file_gone'],
  ] as const)
    expect(await done(wish)).toMatchObject({ state: 'failed', failure: { reason } });
});

it('FILE-2 work that is stopped, and work whose process dies, leaves nothing in the site', async () => {
  writeFileSync(`${folder}/huge`, '');
  truncateSync(`${folder}/huge`, 3 * 1024 ** 3);
  if (isRoot) chownSync(`${folder}/huge`, files.uid, files.uid);
  const workId = await begin({ kind: 'pack', paths: ['huge'], into: '', name: 'huge.tar.gz' });
  for (let state = await stateOf(workId); state?.bytes === 0; state = await stateOf(workId)) await wait(10);
  expect(await stateOf(workId)).toMatchObject({ state: 'running', allBytes: 3 * 1024 ** 3 });
  await filesHandlers['files.work_stop'](machine, { site: files.site, workId }, call());
  for (let state = await stateOf(workId); state?.state === 'running'; state = await stateOf(workId)) await wait(10);
  expect(await stateOf(workId)).toMatchObject({ state: 'stopped', failure: null });
  expect(existsSync(`${folder}/huge.tar.gz`)).toBe(false);
  expect(readdirSync(`${folder}/.aapanel-bin/work`)).toEqual([]);
  mkdirSync(`${folder}/.aapanel-bin/work/aaaaaaaaaaaaaaaa`);
  await done({ kind: 'pack', paths: ['app/run.sh'], into: '', name: 'small.zip' });
  expect(readdirSync(`${folder}/.aapanel-bin/work`)).toEqual([]);
  rmSync(`${folder}/huge`);
});

it('ARCH-1 PATH-2 hostile archives of every class are refused as a whole, and nothing of them is in the site or outside', async () => {
  const path = mkdtempSync(join(tmpdir(), 'aapanel-files-'));
  const outside = mkdtempSync(join(tmpdir(), 'aapanel-outside-'));
  const canary = `${outside}/canary`;
  writeFileSync(canary, 'untouched');
  const root = openSync(path, 'r');
  try {
    const work = createLongWork(root);
    let refused = 0;
    for (const { name, bytes, outcome, limits } of [
      ...nameCases(canary),
      ...entryCases(canary),
      ...streamCases(),
      ...zipCases(canary),
    ]) {
      // Those with limits of their own are small stand-ins for large ones.
      if (outcome.kind !== 'rejected' || limits !== undefined) continue;
      writeFileSync(`${path}/given`, bytes);
      const wish = { kind: 'unpack', path: 'given', into: 'in', only: [], onConflict: 'replace' } as const;
      const reason = await work.work({ workId: newChangeId(), by: 'x', wish }).then(
        () => 'unpacked',
        (error: unknown) => (error as { reason?: string }).reason ?? String(error),
      );
      expect([name, reason]).toEqual([name, expect.stringMatching(/^archive_/)]);
      expect([name, readdirSync(path).sort()]).toEqual([name, ['.aapanel-bin', 'given']]);
      refused++;
    }
    expect(refused).toBeGreaterThan(30);
    expect([readFileSync(canary, 'utf8'), readdirSync(outside)]).toEqual(['untouched', ['canary']]);
    expect(readdirSync(`${path}/.aapanel-bin/work`)).toEqual([]);
  } finally {
    closeSync(root);
    rmSync(path, { recursive: true });
    rmSync(outside, { recursive: true });
  }
}, 60_000);

it('FILE-2 a file is fetched by a process of the site’s own user, which has the network; this machine is not asked', async () => {
  const rest = { into: '', name: 'got', sha256: null, mostBytes: 1_000, onConflict: 'refuse' } as const;
  const fetching = async (address: string) => await done({ kind: 'fetch', address, ...rest });
  // A name that does not exist is looked up: without the network that would be refused.
  expect(await fetching('http://nobody.invalid/')).toMatchObject({
    state: 'failed',
    failure: { reason: 'file_fetch_lookup', params: { host: 'nobody.invalid' } },
  });
  expect(await fetching('http://localhost/')).toMatchObject({ failure: { reason: 'file_fetch_address' } });
  const left = `${folder}/.aapanel-bin/fetched/${newChangeId()}`;
  mkdirSync(left);
  if (isRoot) chownSync(left, files.uid, files.uid);
  // Begun with an agent that was killed.
  await filesHandlers['files.work_stop'](machine, { site: files.site, workId: newChangeId() }, call());
  expect(existsSync(left)).toBe(false);
  expect(existsSync(`${folder}/got`)).toBe(false);
});
