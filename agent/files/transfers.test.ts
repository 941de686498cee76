import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { blockSumOf } from '#shared/block-sum.ts';
import type { UploadConflict } from '#shared/file-transfers.ts';
import type { Machine } from '../core/machine.ts';
import { call, newChangeId, snapshot } from '../testing/world.ts';
import { filesHandlers } from './files.actions.ts';
import type { FrameReader } from './frames.ts';
import { makeFileSite, type FileSite } from './testing/file-site.ts';
import { createUploads } from './uploads.ts';

let files: FileSite;
let machine: Machine;
let folder: string;

beforeAll(async () => {
  files = await makeFileSite();
  ({ machine, folder } = files);
}, 30_000);
afterAll(() => files.close());

const content = randomBytes(3_000_000);
const reasonOf = async (work: Promise<unknown>): Promise<string> =>
  await work.then(
    () => 'done',
    (error: unknown) => (error as { reason?: string }).reason ?? String(error),
  );
const leftOver = (): string[] => readdirSync(`${folder}/.aapanel-bin/uploads`);

async function begin(path: string, sizeBytes: number, onConflict: UploadConflict = 'refuse'): Promise<string> {
  const uploadId = newChangeId();
  const wish = { site: files.site, uploadId, path, sizeBytes, onConflict };
  expect(await filesHandlers['files.upload_begin'](machine, wish, call())).toMatchObject({ receivedBytes: 0, path });
  return uploadId;
}
const state = async (uploadId: string): Promise<number> =>
  (await filesHandlers['files.upload_state'](machine, { site: files.site, uploadId }, call())).receivedBytes;
const write = async (uploadId: string, offset: number, bytes: Readable, lengthBytes: number): Promise<number> => {
  const wish = { site: files.site, uploadId, offset, lengthBytes };
  return (await filesHandlers['files.upload_write'](machine, wish, { ...call(), bytes })).receivedBytes;
};
const send = (uploadId: string, offset: number, bytes: Buffer): Promise<number> =>
  write(uploadId, offset, Readable.from([bytes], { objectMode: false }), bytes.length);
const finish = async (uploadId: string, bytes: Buffer, onConflict: UploadConflict = 'refuse'): Promise<string> => {
  const wish = { site: files.site, uploadId, sum: blockSumOf(bytes), onConflict };
  return (await filesHandlers['files.upload_finish'](machine, wish, call())).path;
};
/** A sender whose connection breaks after so many bytes. */
function broken(bytes: Buffer, after: number): Readable {
  return Readable.from(
    (async function* () {
      for (let at = 0; at < after; at += 65_536) yield bytes.subarray(at, Math.min(after, at + 65_536));
      throw new Error('the connection broke');
    })(),
    { objectMode: false },
  );
}
const helperPids = (): number[] =>
  readdirSync('/proc').flatMap((pid) => {
    const read = (name: string): string => {
      try {
        return readFileSync(`/proc/${pid}/${name}`, 'latin1');
      } catch {
        return '';
      }
    };
    const isOurs = /^PPid:\t(\d+)$/m.exec(read('status'))?.[1] === String(process.pid);
    return isOurs && read('cmdline').includes('--files') ? [Number(pid)] : [];
  });

it('FILE-4 an upload that breaks anywhere goes on where it was, also in another process, and is compared at the end', async () => {
  const uploadId = await begin('new folder/تقرير.bin', content.length);
  let at = 0;
  for (const after of [1, 65_536, 65_537, 700_001]) {
    at = await write(uploadId, at, broken(content.subarray(at), after), content.length - at);
    expect(at).toBe(await state(uploadId));
  }
  expect(at).toBe(1 + 65_536 + 65_537 + 700_001);
  expect(existsSync(`${folder}/new folder`)).toBe(false);
  expect(await reasonOf(send(uploadId, at + 1, content.subarray(at + 1)))).toBe('file_upload_offset');
  expect(await reasonOf(finish(uploadId, content))).toBe('file_upload_not_whole');
  // The process itself goes in the middle: what it had written is there, what it had hashed is not.
  const endless = new Readable({ read: () => undefined });
  endless.push(content.subarray(at, at + 200_000));
  const cut = write(uploadId, at, endless, content.length - at);
  while (readFileSync(`${folder}/.aapanel-bin/uploads/${uploadId}/data`).length < at + 200_000)
    await new Promise((resolve) => setTimeout(resolve, 5));
  for (const pid of helperPids()) process.kill(pid, 'SIGKILL');
  expect(await reasonOf(cut)).toBe('files_failed');
  at = await state(uploadId);
  expect(at).toBe(1 + 65_536 + 65_537 + 700_001 + 200_000);
  expect(await send(uploadId, at, content.subarray(at))).toBe(content.length);
  expect(await finish(uploadId, content)).toBe('new folder/تقرير.bin');
  // Asked again when the answer was lost.
  expect(await finish(uploadId, content)).toBe('new folder/تقرير.bin');
  const path = `${folder}/new folder/تقرير.bin`;
  expect(readFileSync(path).equals(content)).toBe(true);
  expect([statSync(path).uid, statSync(path).mode & 0o7777]).toEqual([files.uid, 0o644]);
  expect(leftOver()).toEqual([]);
});

it('FILE-4 other bytes than were announced, and more of them, put nothing in place', async () => {
  const damaged = await begin('damaged', 1_000);
  await send(damaged, 0, content.subarray(0, 1_000));
  expect(await reasonOf(finish(damaged, content.subarray(1, 1_001)))).toBe('file_upload_damaged');
  expect(await reasonOf(state(damaged))).toBe('file_upload_unknown');
  const longer = await begin('longer', 1_000);
  expect(await reasonOf(send(longer, 0, content.subarray(0, 1_001)))).toBe('file_upload_longer');
  expect(await reasonOf(write(longer, 0, Readable.from([content], { objectMode: false }), 1_000))).toBe(
    'file_upload_longer',
  );
  expect(await state(longer)).toBeLessThanOrEqual(1_000);
  await filesHandlers['files.upload_drop'](machine, { site: files.site, uploadId: longer }, call());
  const empty = await begin('empty', 0);
  expect(await finish(empty, Buffer.alloc(0))).toBe('empty');
  expect([existsSync(`${folder}/damaged`), existsSync(`${folder}/longer`), leftOver()]).toEqual([false, false, []]);
});

it('FILE-4 FAULT-8 two people who send the same file lose nothing of each other: refused, beside it, or in its place with the old one kept', async () => {
  const [one, two] = [Buffer.from('one'), Buffer.from('two!')];
  const ids = [await begin('same.txt', one.length), await begin('same.txt', two.length)] as const;
  await send(ids[0], 0, one);
  await send(ids[1], 0, two);
  expect(await finish(ids[0], one)).toBe('same.txt');
  expect(await reasonOf(finish(ids[1], two))).toBe('file_exists');
  expect(await reasonOf(begin('same.txt', 1))).toBe('file_exists');
  expect(await finish(ids[1], two, 'rename')).toBe('same (2).txt');
  chmodSync(`${folder}/same.txt`, 0o640);
  const third = await begin('same.txt', two.length, 'replace');
  await send(third, 0, two);
  expect(await finish(third, two, 'replace')).toBe('same.txt');
  expect([readFileSync(`${folder}/same.txt`, 'utf8'), statSync(`${folder}/same.txt`).mode & 0o777]).toEqual([
    'two!',
    0o640,
  ]);
  const { items } = await filesHandlers['files.bin'](machine, { site: files.site }, call());
  expect(items).toMatchObject([{ path: 'same.txt', type: 'file', sizeBytes: 3 }]);
  mkdirSync(`${folder}/taken`);
  expect(await reasonOf(begin('taken', 1, 'replace'))).toBe('file_exists');
  expect(await reasonOf(begin('same.txt/below', 1))).toBe('file_gone');
  // The same upload on two connections: the later one goes on, the earlier one ends.
  const fourth = await begin('twice', one.length);
  const stuck = new Readable({ read: () => undefined });
  stuck.push(one.subarray(0, 1));
  const first = reasonOf(write(fourth, 0, stuck, one.length));
  await expect.poll(() => state(fourth), { timeout: 20_000 }).toBe(1);
  expect(await send(fourth, 1, one.subarray(1))).toBe(3);
  expect(await first).toBe('file_upload_twice');
  await finish(fourth, one);
  // All at once: one of them writes, and only one.
  const fifth = await begin('at once', one.length);
  const all = await Promise.all([1, 2, 3, 4].map(() => reasonOf(send(fifth, 0, one))));
  expect(all.filter((each) => each !== 'file_upload_twice' && each !== 'file_upload_offset')).toEqual(['done']);
  await finish(fifth, one);
  expect(leftOver()).toEqual([]);
});

it('FILE-1 PATH-2 in 3,000 rounds against a folder that is swapped for a link no upload lands outside', async () => {
  const path = mkdtempSync(join(tmpdir(), 'aapanel-files-'));
  const outside = mkdtempSync(join(tmpdir(), 'aapanel-outside-'));
  const before = snapshot(tmpdir(), [outside.slice(tmpdir().length)]);
  const root = openSync(path, 'r');
  const swapper = spawn(process.execPath, [join(import.meta.dirname, 'testing/swapper.ts'), `${path}/base`, outside]);
  await once(swapper.stdout, 'data');
  const uploads = createUploads(root);
  const seen = { in: 0, out: 0 };
  const abc = blockSumOf(Buffer.from('abc'));
  try {
    for (let round = 0; round < 3_000 || seen.out < 200; round++) {
      const uploadId = newChangeId();
      const name = `base/door/${round % 2 === 0 ? 'deep/er/' : ''}made-${round}`;
      try {
        await uploads.begin({ uploadId, path: name, sizeBytes: 3, onConflict: 'rename' });
        await uploads.write({ uploadId, offset: 0, lengthBytes: 3 }, readerOf(Buffer.from('abc')));
        await uploads.finish({ uploadId, sum: abc, onConflict: 'rename', by: 'x' });
        seen.in++;
      } catch (error) {
        seen.out++;
        expect((error as { reason?: string }).reason ?? (error as Error).message).toMatch(/^file_/);
        await uploads.drop({ uploadId });
      }
      expect(readdirSync(outside)).toEqual([]);
    }
    expect(seen.in).toBeGreaterThan(100);
    expect(snapshot(tmpdir(), [outside.slice(tmpdir().length)])).toBe(before);
    // What lies in the way of the uploads themselves is no way out either.
    rmSync(`${path}/.aapanel-bin`, { recursive: true });
    mkdirSync(`${path}/.aapanel-bin`);
    symlinkSync(outside, `${path}/.aapanel-bin/uploads`);
    expect(
      await reasonOf(uploads.begin({ uploadId: newChangeId(), path: 'x', sizeBytes: 0, onConflict: 'refuse' })),
    ).toBe('file_gone');
    expect(readdirSync(outside)).toEqual([]);
  } finally {
    swapper.kill('SIGKILL');
    await once(swapper, 'exit');
    closeSync(root);
    rmSync(path, { recursive: true, force: true });
    rmSync(outside, { recursive: true });
  }
}, 120_000);

it('FILE-4 what is sent is compared by the sum that its sender has, whole', async () => {
  const sha256 = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const other = content.subarray(1);
  for (const [sum, expected] of [
    [blockSumOf(content), 'done'],
    [blockSumOf(other), 'file_upload_damaged'],
    [sha256(content), 'done'],
    [sha256(other), 'file_upload_damaged'],
    // By whoever wrote it.
    [null, 'done'],
  ] as const) {
    const uploadId = await begin('compared', content.length, 'replace');
    await send(uploadId, 0, content);
    const wish = { site: files.site, uploadId, sum, onConflict: 'replace' as const };
    expect([sum, await reasonOf(filesHandlers['files.upload_finish'](machine, wish, call()))]).toEqual([sum, expected]);
  }
});

it('FILE-4 FAULT-2 FAULT-4 a full disk is told before and during an upload, and nothing of it stays', async ({
  skip,
}) => {
  const path = mkdtempSync(join(tmpdir(), 'aapanel-small-'));
  const mounted = spawnSync('/usr/bin/mount', ['-t', 'tmpfs', '-o', 'size=80m', 'tmpfs', path]).status === 0;
  if (!mounted) {
    rmSync(path, { recursive: true });
    skip('no right to mount a small file system');
  }
  const root = openSync(path, 'r');
  try {
    const uploads = createUploads(root);
    const wish = { uploadId: newChangeId(), path: 'big', onConflict: 'refuse' as const };
    expect(await reasonOf(uploads.begin({ ...wish, sizeBytes: 40_000_000 }))).toBe('file_no_room');
    await uploads.begin({ ...wish, sizeBytes: content.length });
    expect(spawnSync('/usr/bin/fallocate', ['-l', '82000000', `${path}/other`]).status).toBe(0);
    const work = uploads.write({ ...wish, offset: 0, lengthBytes: content.length }, readerOf(content));
    expect(await reasonOf(work)).toBe('disk_full');
    expect(await reasonOf(uploads.state(wish))).toBe('file_upload_unknown');
    expect(readdirSync(`${path}/.aapanel-bin/uploads`)).toEqual([]);
  } finally {
    closeSync(root);
    expect(spawnSync('/usr/bin/umount', [path]).status).toBe(0);
    rmSync(path, { recursive: true });
  }
});

it('FILE-4 what nobody went on with for a day is deleted, and what is young stays', async () => {
  const old = await begin('old', 10);
  const young = await begin('young', 10);
  await send(old, 0, Buffer.from('half'));
  const dayAgo = new Date(Date.now() - 25 * 60 * 60 * 1_000);
  utimesSync(`${folder}/.aapanel-bin/uploads/${old}/data`, dayAgo, dayAgo);
  symlinkSync('/etc', `${folder}/.aapanel-bin/uploads/strange`);
  await filesHandlers['files.tidy'](machine, {}, call());
  expect(leftOver().sort()).toEqual([young, 'strange'].sort());
  await filesHandlers['files.upload_drop'](machine, { site: files.site, uploadId: young }, call());
  rmSync(`${folder}/.aapanel-bin/uploads/strange`);
});

type Asked = Parameters<(typeof filesHandlers)['files.download']>[1];
async function download(path: string, more: Partial<Asked> = {}) {
  let bytes: Readable | undefined;
  const wish = { site: files.site, path, range: null, ifRange: null, withBytes: true, ...more };
  const facts = await filesHandlers['files.download'](machine, wish, {
    ...call(),
    giveBytes: (stream) => (bytes = stream),
  });
  return { facts, bytes: bytes === undefined ? null : await buffer(bytes) };
}

it('FILE-4 a file is read whole or in part while it stays the same file, and as the site’s own user', async () => {
  writeFileSync(`${folder}/big.bin`, content);
  const whole = await download('big.bin');
  expect(whole.bytes?.equals(content)).toBe(true);
  expect(whole.facts).toMatchObject({ sizeBytes: content.length, part: null, isBeyond: false });
  const part = await download('big.bin', { range: { first: 1_000_000, last: 2_000_001 } });
  expect(part.bytes?.equals(content.subarray(1_000_000, 2_000_002))).toBe(true);
  expect(part.facts.part).toEqual({ from: 1_000_000, bytes: 1_000_002 });
  expect((await download('big.bin', { range: { suffix: 10 } })).bytes?.equals(content.subarray(-10))).toBe(true);
  expect((await download('big.bin', { range: { first: content.length, last: null } })).facts.isBeyond).toBe(true);
  const { etag } = whole.facts;
  const range = { first: 5, last: 9 };
  expect((await download('big.bin', { range, ifRange: etag })).facts.part).toEqual({ from: 5, bytes: 5 });
  appendFileSync(`${folder}/big.bin`, '!');
  const changed = await download('big.bin', { range, ifRange: etag });
  expect([changed.facts.part, changed.bytes?.length]).toEqual([null, content.length + 1]);
  expect((await download('big.bin', { withBytes: false })).bytes).toBe(null);
  symlinkSync('/etc/passwd', `${folder}/out`);
  spawnSync('/usr/bin/mkfifo', [`${folder}/pipe`]);
  for (const path of ['out', 'pipe', 'new folder', 'nowhere', '.aapanel-bin', '\\x2e\\x2e/x'])
    expect([path, await reasonOf(download(path))]).toEqual([path, 'file_gone']);
  if (machine.isRoot) {
    writeFileSync(`${folder}/roots`, 'x', { mode: 0o600 });
    expect(await reasonOf(download('roots'))).toBe('file_forbidden');
  }
});

it('FILE-4 downloads that are given up make room for others, and one whose file shrinks is broken off', async () => {
  const big = `${folder}/sparse.bin`;
  writeFileSync(big, '', { mode: 0o644 });
  truncateSync(big, 400_000_000);
  const open = async (): Promise<Readable> => {
    let bytes: Readable | undefined;
    const wish = { site: files.site, path: 'sparse.bin', range: null, ifRange: null, withBytes: true };
    await filesHandlers['files.download'](machine, wish, { ...call(), giveBytes: (stream) => (bytes = stream) });
    if (bytes === undefined) throw new Error('no bytes');
    return bytes;
  };
  for (let round = 0; round < 20; round++) {
    const bytes = await open();
    await once(bytes, 'readable');
    bytes.destroy();
  }
  const bytes = await open();
  await once(bytes, 'readable');
  truncateSync(big, 1_000);
  await expect(buffer(bytes)).rejects.toThrow('broken off');
  expect(lstatSync(big).size).toBe(1_000);
  rmSync(big);
});

it('FILE-1 a helper that dies in the middle of an answer, or says nonsense, is told as what it is', async () => {
  const script = join(mkdtempSync(join(tmpdir(), 'aapanel-helper-')), 'helper.mjs');
  for (const text of ['{"id":1,"ok":tr', 'nonsense\\n']) {
    writeFileSync(script, `process.stdin.once('data', () => process.stdout.write('${text}', () => process.exit(1)))`);
    const settings = { ...machine.settings, program: [process.execPath, script] as const };
    const other = Object.assign(Object.create(machine) as Machine, { settings });
    expect(await reasonOf(filesHandlers['files.bin'](other, { site: files.site }, call()))).toBe('files_failed');
  }
  rmSync(join(script, '..'), { recursive: true });
});

function readerOf(bytes: Buffer): FrameReader {
  let at = 0;
  return {
    async next() {
      if (at >= bytes.length) return null;
      at += 65_536;
      return bytes.subarray(at - 65_536, at);
    },
    drain: async () => undefined,
  };
}
