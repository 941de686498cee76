import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { maxEditBytes, mostVersions, type FileCondition } from '#shared/file-editing.ts';
import type { Machine } from '../core/machine.ts';
import { call, snapshot } from '../testing/world.ts';
import { saveFile } from './editing.ts';
import { filesHandlers } from './files.actions.ts';
import type { FrameReader } from './frames.ts';
import { makeFileSite, type FileSite } from './testing/file-site.ts';
import { listVersions, openVersion } from './versions.ts';

const isRoot = process.getuid?.() === 0;
let files: FileSite;
let machine: Machine;
let folder: string;

beforeAll(async () => {
  files = await makeFileSite();
  ({ machine, folder } = files);
}, 30_000);
afterAll(() => files.close());

const reasonOf = async (work: Promise<unknown>): Promise<string> =>
  await work.then(
    () => 'done',
    (error: unknown) => (error as { reason?: string }).reason ?? String(error),
  );

/** By the real helper, as the site's user. */
const save = async (path: string, text: string, condition: FileCondition, lengthBytes = Buffer.byteLength(text)) => {
  const bytes = Readable.from(text === '' ? [] : [Buffer.from(text)], { objectMode: false });
  return await filesHandlers['files.save'](
    machine,
    { site: files.site, path, condition, lengthBytes },
    { ...call(), bytes },
  );
};
const read = async (path: string, range: { first: number; last: number } | { suffix: number } | null = null) => {
  let stream: Readable | undefined;
  const facts = await filesHandlers['files.download'](
    machine,
    { site: files.site, path, range, ifRange: null, withBytes: true },
    { ...call(), giveBytes: (given: Readable) => (stream = given) },
  );
  return { ...facts, text: stream === undefined ? '' : (await buffer(stream)).toString('utf8') };
};
const versionsOf = async (path: string) =>
  (await filesHandlers['files.versions'](machine, { site: files.site, path }, call())).items;
const versionText = async (path: string, versionId: string): Promise<string> => {
  let stream: Readable | undefined;
  await filesHandlers['files.version'](
    machine,
    { site: files.site, path, versionId },
    { ...call(), giveBytes: (given: Readable) => (stream = given) },
  );
  return stream === undefined ? '' : (await buffer(stream)).toString('utf8');
};

it('FILE-3 a file is saved in one step with its mode and owner, and what another wrote meanwhile is not written over', async () => {
  const made = await save('نص.php', 'first', 'absent');
  const path = `${folder}/نص.php`;
  expect([statSync(path).uid, statSync(path).mode & 0o7777]).toEqual([files.uid, 0o644]);
  expect(await reasonOf(save('نص.php', 'again', 'absent'))).toBe('file_exists');
  chmodSync(path, 0o640);
  const before = lstatSync(path).ino;
  // Another mode is another tag: whoever saves compares the bytes and takes the new one.
  expect(await reasonOf(save('نص.php', 'second', made.etag))).toBe('file_changed');
  const second = await save('نص.php', 'second', (await read('نص.php')).etag);
  expect(second.etag).toBe((await read('نص.php')).etag);
  expect(second.sha256).toMatch(/^16367aacb67a/);
  expect([statSync(path).uid, statSync(path).mode & 0o7777, readFileSync(path, 'utf8')]).toEqual([
    files.uid,
    0o640,
    'second',
  ]);
  expect(lstatSync(path).ino).not.toBe(before);
  writeFileSync(path, 'theirs');
  expect(await reasonOf(save('نص.php', 'third', second.etag))).toBe('file_changed');
  expect(readFileSync(path, 'utf8')).toBe('theirs');
  await save('نص.php', '', 'present');
  expect(readFileSync(path, 'utf8')).toBe('');
  const [last, first] = await versionsOf('نص.php');
  expect([last?.sizeBytes, first?.sizeBytes, last?.replacedBy]).toEqual([6, 5, call().actor.name]);
  expect([await versionText('نص.php', last?.id ?? ''), await versionText('نص.php', first?.id ?? '')]).toEqual([
    'theirs',
    'first',
  ]);
  rmSync(path);
  expect(await reasonOf(save('نص.php', 'x', 'present'))).toBe('file_gone');
});

it('FILE-3 what was cut off on its way, what is too large and what its user may not write stay as they were', async () => {
  writeFileSync(`${folder}/kept`, 'kept');
  if (isRoot) chownSync(`${folder}/kept`, files.uid, files.uid);
  expect(await reasonOf(save('kept', 'half', 'present', 10))).toBe('file_upload_not_whole');
  expect(await reasonOf(save('kept', 'more than announced', 'present', 4))).toBe('file_upload_not_whole');
  chmodSync(`${folder}/kept`, 0o444);
  expect(await reasonOf(save('kept', 'x', 'present'))).toBe('file_forbidden');
  chmodSync(`${folder}/kept`, 0o644);
  truncateSync(`${folder}/kept`, maxEditBytes + 1);
  expect(await reasonOf(save('kept', 'x', 'present'))).toBe('file_edit_large');
  truncateSync(`${folder}/kept`, 4);
  if (isRoot) {
    chownSync(`${folder}/kept`, 0, 0);
    chmodSync(`${folder}/kept`, 0o666);
    // It would become the site's.
    expect(await reasonOf(save('kept', 'x', 'present'))).toBe('file_forbidden');
  }
  expect(readFileSync(`${folder}/kept`, 'utf8')).toBe('kept');
  for (const path of ['nowhere/x', '.aapanel-bin/versions/x'])
    expect(await reasonOf(save(path, 'x', 'absent'))).toBe('file_gone');
  // Nothing is left of what was refused.
  const left = readdirSync(`${folder}/.aapanel-bin/versions`, { recursive: true }).map(String);
  expect(left.filter((name) => name.includes('new-'))).toEqual([]);
});

it('FILE-3 a log of 5 GB is read by window, also at its end, and nothing of it is held', async () => {
  const path = `${folder}/access.log`;
  const sizeBytes = 5 * 1024 ** 3;
  const fd = openSync(path, 'w');
  writeSync(fd, 'the first line\n');
  writeSync(fd, 'the last line\n', sizeBytes - 14);
  closeSync(fd);
  if (isRoot) chownSync(path, files.uid, files.uid);
  expect(await read('access.log', { first: 0, last: 14 })).toMatchObject({ sizeBytes, text: 'the first line\n' });
  expect((await read('access.log', { suffix: 262_144 })).text.endsWith('\0the last line\n')).toBe(true);
  expect((await read('access.log', { first: 3 * 1024 ** 3, last: 3 * 1024 ** 3 + 262_143 })).text).toHaveLength(
    262_144,
  );
  rmSync(path);
});

it('FILE-3 the history of a file is bounded, oldest out first, and what a killed save left goes with time', async () => {
  const work = openWork();
  try {
    await work.save('a', '0', 'absent');
    for (let round = 1; round <= mostVersions + 5; round++) await work.save('a', String(round), 'present');
    const kept = await work.versions('a');
    expect(kept).toHaveLength(mostVersions);
    const texts = await Promise.all(kept.map(({ id }) => work.text('a', id)));
    expect(new Set(texts)).toEqual(new Set(Array.from({ length: mostVersions }, (_, index) => String(index + 5))));
    const [key = ''] = readdirSync(`${work.path}/.aapanel-bin/versions`);
    const inKey = `${work.path}/.aapanel-bin/versions/${key}`;
    writeFileSync(`${inKey}/new-aaaaaaaaaaaaaaaa`, 'half');
    await work.save('a', 'x', 'present');
    expect(existsSync(`${inKey}/new-aaaaaaaaaaaaaaaa`)).toBe(true);
    expect(readdirSync(inKey)).toHaveLength(mostVersions * 2 + 1);
    // A file of another name with the same history has none: it is bound to its path.
    renameSync(`${work.path}/a`, `${work.path}/b`);
    expect([await work.versions('b'), existsSync(`${work.path}/.aapanel-bin/versions/${key}`)]).toEqual([[], true]);
  } finally {
    work.close();
  }
});

it('FILE-1 a history that its site has filled with lies gives out nothing of others, and links in it are not followed', async () => {
  const work = openWork();
  const outside = mkdtempSync(join(tmpdir(), 'aapanel-outside-'));
  try {
    await work.save('a', 'one', 'absent');
    await work.save('a', 'two', 'present');
    const [version] = await work.versions('a');
    const [key = ''] = readdirSync(`${work.path}/.aapanel-bin/versions`);
    const inKey = `${work.path}/.aapanel-bin/versions/${key}`;
    writeFileSync(`${outside}/secret`, 'secret');
    const facts = readFileSync(`${inKey}/${version?.id}.json`, 'utf8');
    symlinkSync(`${outside}/secret`, `${inKey}/aaaaaaaaaaaaaaaa`);
    writeFileSync(`${inKey}/aaaaaaaaaaaaaaaa.json`, facts);
    mkdirSync(`${inKey}/bbbbbbbbbbbbbbbb`);
    writeFileSync(`${inKey}/bbbbbbbbbbbbbbbb.json`, facts);
    writeFileSync(`${inKey}/cccccccccccccccc`, 'x');
    writeFileSync(`${inKey}/cccccccccccccccc.json`, facts.replace('"a"', '"../../etc/passwd"'));
    expect((await work.versions('a')).map(({ id }) => id)).toEqual([version?.id]);
    for (const id of ['aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbb', 'cccccccccccccccc', 'dddddddddddddddd'])
      expect([id, await reasonOf(work.text('a', id))]).toEqual([id, 'file_gone']);
    // A link in place of the file is neither read nor written over.
    symlinkSync(`${outside}/secret`, `${work.path}/link`);
    for (const condition of ['present', '"abc"'] as const)
      expect(await reasonOf(work.save('link', 'x', condition))).toBe('file_gone');
    expect(await reasonOf(work.save('link', 'x', 'absent'))).toBe('file_exists');
    // A second name of a file keeps what it has.
    linkSync(`${work.path}/a`, `${work.path}/other name`);
    await work.save('a', 'three', 'present');
    expect(readFileSync(`${work.path}/other name`, 'utf8')).toBe('two');
    // A link in place of the whole bin: nothing is kept outside, and nothing deleted there.
    rmSync(`${work.path}/.aapanel-bin`, { recursive: true });
    mkdirSync(`${outside}/versions/${key}`, { recursive: true });
    writeFileSync(`${outside}/versions/${key}/new-old`, 'x');
    utimesSync(`${outside}/versions/${key}/new-old`, 1, 1);
    symlinkSync(outside, `${work.path}/.aapanel-bin`);
    expect(await reasonOf(work.save('a', 'four', 'present'))).toBe('file_gone');
    expect([readFileSync(`${work.path}/a`, 'utf8'), readdirSync(`${outside}/versions/${key}`)]).toEqual([
      'three',
      ['new-old'],
    ]);
  } finally {
    work.close();
    rmSync(outside, { recursive: true });
  }
});

it('FILE-1 PATH-2 in 3,000 rounds against a folder that is swapped for a link no save lands outside', async () => {
  const work = openWork();
  const outside = mkdtempSync(join(tmpdir(), 'aapanel-outside-'));
  writeFileSync(`${outside}/own`, 'outside');
  const before = snapshot(tmpdir(), [outside.slice(tmpdir().length)]);
  const base = `${work.path}/base`;
  mkdirSync(`${base}/real`, { recursive: true });
  writeFileSync(`${base}/real/own`, 'own');
  const swapper = spawn(process.execPath, [join(import.meta.dirname, 'testing/swapper.ts'), base, outside]);
  await once(swapper.stdout, 'data');
  const seen = { saved: 0, refused: 0 };
  try {
    for (let round = 0; round < 3_000 || seen.saved < 100 || seen.refused < 100; round++) {
      const condition = round % 3 === 0 ? 'absent' : 'present';
      await work.save(condition === 'absent' ? `base/door/new-${round}` : 'base/door/own', `${round}`, condition).then(
        () => seen.saved++,
        (error: unknown) => {
          seen.refused++;
          expect((error as { reason?: string }).reason ?? (error as Error).message).toMatch(/^file_/);
        },
      );
    }
    expect(snapshot(tmpdir(), [outside.slice(tmpdir().length)])).toBe(before);
  } finally {
    swapper.kill('SIGKILL');
    await once(swapper, 'exit');
    work.close();
    rmSync(outside, { recursive: true });
  }
}, 120_000);

/** In this process, below a folder of its own. */
function openWork() {
  const path = mkdtempSync(join(tmpdir(), 'aapanel-files-'));
  const root = openSync(path, 'r');
  return {
    path,
    save: async (name: string, text: string, condition: FileCondition) => {
      const pieces: (Buffer | null)[] = [Buffer.from(text), null];
      const reader: FrameReader = { next: async () => pieces.shift() ?? null, drain: async () => undefined };
      const wish = { path: name, condition, lengthBytes: Buffer.byteLength(text), by: 'hussam' };
      return await saveFile(root, wish, reader);
    },
    versions: async (name: string) => await listVersions(root, name),
    text: async (name: string, id: string) => {
      const { stream } = await openVersion(root, name, id);
      return stream === null ? '' : (await buffer(stream)).toString('utf8');
    },
    close() {
      closeSync(root);
      rmSync(path, { recursive: true, force: true });
    },
  };
}
