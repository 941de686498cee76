import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeFileSite, type FileSite } from '#agent/files/testing/file-site.ts';
import { startAgent, untilServing, type AgentProcess } from '#agent/testing/agent-process.ts';
import { createAgentClient, panelActor, type AgentClient } from '#server/core/agent-client.ts';
import { newId } from '#server/core/id.ts';
import type { Log } from '#server/core/log.ts';
import { createUploadWriter, type UploadWriter } from '#server/features/files/upload-writer.ts';
import { writeStream } from '#server/features/files/write-stream.ts';
import type { WriteTurns } from '#server/features/files/write-turns.ts';
import { blockSumOf } from '#shared/block-sum.ts';
import { uploadsFolder } from '#shared/sites.ts';

/*
 * Uploads that the web process writes itself, with its own code and the real agent in a process of its own.
 */

const options = { actor: panelActor, requestId: 'written' };
const content = randomBytes(3_000_000);
/** In this thread, in another, and now here and now there. */
const turnsOf = (isHere: () => boolean): WriteTurns => ({ isHere, take: (write) => write() });
const [here, elsewhere] = [turnsOf(() => true), turnsOf(() => false)];
let files: FileSite;
let agent: AgentProcess;
let client: AgentClient;
let writer: UploadWriter;
/** Where the web process writes. */
let door: string;

beforeAll(async () => {
  files = await makeFileSite();
  await files.machine.settled();
  files.machine.close();
  door = files.world.prefix + uploadsFolder;
  agent = startAgent(files.world);
  await untilServing(files.world, agent);
  const log = { warn: () => undefined } as unknown as Log;
  client = createAgentClient({ agent: { mode: 'real', socketPath: files.world.settings.socketPath } }, log);
  writer = createUploadWriter({ agent: client });
}, 40_000);
afterAll(async () => {
  writer.close();
  client.close();
  agent.child.kill('SIGTERM');
  await agent.ended;
  files.world.destroy();
});

const reasonOf = async (work: Promise<unknown>): Promise<string> =>
  await work.then(
    () => 'done',
    (error: unknown) => (error as { reason?: string }).reason ?? (error as Error).message,
  );

async function begin(path: string, sizeBytes: number): Promise<string> {
  const uploadId = newId();
  const wish = { site: files.site, uploadId, path, sizeBytes, onConflict: 'refuse' as const };
  await client.call('files.upload_begin', wish, options);
  return uploadId;
}

function put(uploadId: string, offset: number, bytes: Buffer | Readable, by = writer): Promise<number> {
  const stream = bytes instanceof Readable ? bytes : Readable.from([bytes], { objectMode: false });
  const given = { stream, lengthBytes: bytes instanceof Readable ? content.length - offset : bytes.length };
  return by.write({ site: files.site, uploadId, offset, bytes: given }, options).then((upload) => upload.receivedBytes);
}

/** Answers what was left to the agent's side to compare. */
const finish = async (uploadId: string, whole: string, by = writer): Promise<string | null> => {
  const { site } = files;
  const sum = await by.finish({ site, uploadId }, whole);
  await client.call('files.upload_finish', { site, uploadId, sum, onConflict: 'refuse' }, options);
  return sum;
};

const state = async (uploadId: string): Promise<number> =>
  (await client.call('files.upload_state', { site: files.site, uploadId }, options)).receivedBytes;
const drop = (uploadId: string): Promise<unknown> =>
  client.call('files.upload_drop', { site: files.site, uploadId }, options);
const open = async (uploadId: string): Promise<string | null> =>
  (await client.call('files.upload_open', { site: files.site, uploadId }, options)).writePath;
const dataOf = (uploadId: string): string => `${files.folder}/.aapanel-bin/uploads/${uploadId}/data`;

/** A sender that gives so much and then goes away, or hangs. */
function cut(bytes: Buffer, isHanging = false): Readable {
  let isGiven = false;
  return new Readable({
    read() {
      if (!isGiven) this.push(bytes);
      else if (!isHanging) setImmediate(() => this.destroy());
      isGiven = true;
    },
  });
}

/** Everything that a sender gave has been taken. */
const taken = async (stream: Readable): Promise<void> =>
  await expect.poll(() => stream.readableDidRead && stream.readableLength === 0, { timeout: 10_000 }).toBe(true);

it('FILE-4 the web process writes an upload itself: it goes on after a break, and its file is the site’s alone at the end', async () => {
  const uploadId = await begin('written/تقرير.bin', content.length);
  expect(await reasonOf(put(uploadId, 0, cut(content.subarray(0, 700_001))))).toBe('The request was cut off.');
  expect(await state(uploadId)).toBe(700_001);
  const [name = ''] = readdirSync(door);
  const { nlink, mode, uid, gid } = statSync(`${door}/${name}`);
  expect([nlink, uid]).toEqual([2, files.uid]);
  if (files.machine.isRoot) {
    // The group of the panel writes and does not read; into the folder it goes, and changes nothing there.
    expect([mode & 0o7777, gid]).toEqual([0o620, 0]);
    expect([statSync(door).mode & 0o7777, statSync(door).uid]).toEqual([0o710, 0]);
  }
  expect(await reasonOf(put(uploadId, 5, content.subarray(5)))).toBe('file_upload_offset');
  expect(await reasonOf(put(uploadId, 700_001, content))).toBe('file_upload_longer');
  expect(await put(uploadId, 700_001, content.subarray(700_001))).toBe(content.length);
  // Nothing of it is read again.
  expect(await finish(uploadId, blockSumOf(content))).toBe(null);
  const path = `${files.folder}/written/تقرير.bin`;
  expect(readFileSync(path).equals(content)).toBe(true);
  const placed = statSync(path);
  expect([placed.nlink, placed.uid, placed.gid, placed.mode & 0o7777]).toEqual([
    1,
    files.uid,
    statSync(files.folder).gid,
    0o644,
  ]);
  expect(readdirSync(door)).toEqual([]);
});

it('FILE-4 a web process that starts anew goes on where the file is; what it did not write itself is read for its sum', async () => {
  const half = content.length / 2;
  const [right, other] = [await begin('right', content.length), await begin('other', content.length)];
  await put(right, 0, content.subarray(0, half));
  const again = createUploadWriter({ agent: client });
  await put(right, half, content.subarray(half), again);
  expect(await finish(right, blockSumOf(content), again)).toBe(blockSumOf(content));
  again.close();
  // What stands there is not what the sender meant.
  await put(other, 0, content);
  expect(await reasonOf(finish(other, blockSumOf(content.subarray(1))))).toBe('file_upload_damaged');
  expect(['right', 'other'].map((name) => existsSync(`${files.folder}/${name}`))).toEqual([true, false]);
  expect(readdirSync(door)).toEqual([]);
});

it('FILE-4 the same upload on two connections: the later one goes on; one that was given up takes no bytes any more', async () => {
  const uploadId = await begin('twice', content.length);
  const stuck = cut(content.subarray(0, 5), true);
  const first = reasonOf(put(uploadId, 0, stuck));
  await taken(stuck);
  // What the first one had taken is written before the second one looks.
  const second = reasonOf(put(uploadId, 5, content.subarray(5)));
  expect(await first).toBe('file_upload_twice');
  expect(await second).toBe('done');
  expect(await reasonOf(put(uploadId, content.length, Buffer.alloc(1)))).toBe('file_upload_longer');
  await drop(uploadId);
  expect(await reasonOf(put(uploadId, content.length, Buffer.alloc(0)))).toBe('file_upload_unknown');
  expect(readdirSync(door)).toEqual([]);
});

it('FILE-1 PATH-2 the web process is given a way to nothing but the site’s own new file, whatever its user puts there', async () => {
  const outside = `${files.world.prefix}/outside`;
  writeFileSync(outside, 'keep', { mode: 0o600 });
  const uploadId = await begin('trap', 4);
  const data = dataOf(uploadId);
  const own = (): void => chownSync(data, files.uid, files.uid);
  const traps = {
    link: () => symlinkSync(outside, data),
    'name of a file of root': () => linkSync(outside, data),
    'second name': () => {
      writeFileSync(data, '');
      if (files.machine.isRoot) own();
      linkSync(data, `${files.folder}/second`);
    },
    folder: () => mkdirSync(data),
    pipe: () => spawnSync('/usr/bin/mkfifo', [data]),
  };
  for (const [name, set] of Object.entries(traps)) {
    rmSync(data, { recursive: true, force: true });
    set();
    const path = await open(uploadId).catch(() => null);
    // Behind a prefix and without root everything has the same owner.
    if (files.machine.isRoot || name !== 'name of a file of root') expect([name, path]).toEqual([name, null]);
    expect([name, readdirSync(door)]).toEqual([name, []]);
    expect([name, statSync(outside).mode & 0o7777, statSync(outside).nlink > 2]).toEqual([name, 0o600, false]);
  }
  expect(readFileSync(outside, 'utf8')).toBe('keep');
  await drop(uploadId);
  // A name whose upload has gone would hold its bytes: the next one who comes takes it away.
  const lost = await begin('lost', 4);
  expect(await open(lost)).toBe(`${door}/${files.site.siteId}.${lost}`);
  rmSync(`${files.folder}/.aapanel-bin/uploads/${lost}`, { recursive: true });
  await client.call('files.tidy', {}, options);
  expect(readdirSync(door)).toEqual([]);
});

it('FILE-4 where no second name can be, the agent takes the bytes', async () => {
  rmSync(door, { recursive: true });
  writeFileSync(door, 'a file is in the way');
  const uploadId = await begin('sent', content.length);
  expect(await open(uploadId)).toBe(null);
  const first = reasonOf(put(uploadId, 0, cut(content.subarray(0, 5), true)));
  await expect.poll(() => state(uploadId), { timeout: 10_000 }).toBe(5);
  expect(await put(uploadId, 5, content.subarray(5))).toBe(content.length);
  expect(await first).toBe('file_upload_twice');
  await finish(uploadId, blockSumOf(content));
  expect(readFileSync(`${files.folder}/sent`).equals(content)).toBe(true);
  rmSync(door);
});

it('FILE-4 bytes stand in the order they came in, whichever thread writes them, and also those before a break', async () => {
  const path = `${files.world.prefix}/stream`;
  const { signal } = new AbortController();
  let asked = 0;
  for (const turns of [here, elsewhere, turnsOf(() => asked++ % 3 > 0)])
    for (const isCut of [false, true]) {
      writeFileSync(path, 'before');
      const fd = openSync(path, 'r+');
      const parts = Array.from({ length: 60 }, (_, part) => content.subarray(part * 50_000, (part + 1) * 50_000));
      const stream = Readable.from(
        (function* () {
          yield* parts;
          if (isCut) throw new Error('gone');
        })(),
        { objectMode: false },
      );
      const { written, end } = await writeStream(fd, 6, { stream, signal, turns });
      closeSync(fd);
      expect(end).toBe(isCut ? 'broken' : 'whole');
      // What a stream still held itself when it broke is gone.
      expect(written).toBeGreaterThanOrEqual(isCut ? 2_900_000 : content.length);
      const expected = Buffer.concat([Buffer.from('before'), content.subarray(0, written)]);
      expect(readFileSync(path).equals(expected)).toBe(true);
    }
  expect(asked).toBeGreaterThan(10);
});

it('FILE-4 FAULT-2 FAULT-4 a full disk is told, and nothing of what arrived stays', async ({ skip }) => {
  const full = openSync('/dev/full', 'w');
  const { signal } = new AbortController();
  for (const turns of [here, elsewhere]) {
    const stream = Readable.from([content], { objectMode: false });
    const { written, end } = await writeStream(full, 0, { stream, signal, turns });
    expect(end).toMatchObject({ code: 'ENOSPC' });
    expect(written).toBe(0);
  }
  closeSync(full);
  const sites = `${files.world.prefix}/www/wwwroot`;
  const args = ['-t', 'tmpfs', '-o', 'size=80m,mode=755', 'tmpfs', sites];
  if (spawnSync('/usr/bin/mount', args).status !== 0) skip('no right to mount a small file system');
  try {
    mkdirSync(files.folder);
    chownSync(files.folder, files.uid, files.uid);
    const uploadId = await begin('big', content.length);
    await put(uploadId, 0, content.subarray(0, 1_000_000));
    spawnSync('/usr/bin/dd', ['if=/dev/zero', `of=${sites}/other`, 'bs=64k', 'status=none']);
    expect(await reasonOf(put(uploadId, 1_000_000, content.subarray(1_000_000)))).toBe('disk_full');
    expect(await reasonOf(state(uploadId))).toBe('file_upload_unknown');
    expect([readdirSync(door), readdirSync(`${files.folder}/.aapanel-bin/uploads`)]).toEqual([[], []]);
  } finally {
    spawnSync('/usr/bin/umount', ['--lazy', sites]);
  }
});
