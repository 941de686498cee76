import { spawnSync } from 'node:child_process';
import {
  closeSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mostLargestFiles, mostUsageItems, type FileUsage } from '#shared/file-usage.ts';
import { measureFolder } from './usage.ts';
import { createLongWork, createProgress } from './work.ts';

let folder: string;
let fd: number;
const sparseBytes = 50 * 1024 * 1024;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aapanel-usage-'));
  for (const each of ['twice/deep', 'once', 'sparse', 'names', 'empty'])
    mkdirSync(`${folder}/${each}`, { recursive: true });
  write('twice/one', 70_000);
  linkSync(`${folder}/twice/one`, `${folder}/twice/deep/two`);
  linkSync(`${folder}/twice/one`, `${folder}/once/three`);
  write('once/four', 9_000);
  write('sparse/holes', 3);
  truncateSync(`${folder}/sparse/holes`, sparseBytes);
  symlinkSync('..', `${folder}/once/up`);
  symlinkSync('/etc', `${folder}/once/etc`);
  write('names/سطر\nجديد', 100);
  write(Buffer.from('names/bad\xff', 'latin1'), 200);
  write('plain', 20_000);
  fd = openSync(folder, 'r');
});
afterAll(() => {
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

/** On the disk at once: how much room a file takes is not known before. */
const write = (path: string | Buffer, bytes: number): void =>
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(path)]), Buffer.alloc(bytes, 'x'), {
    flush: true,
  });

const measure = async (path = '', mostEntries = 10_000): Promise<FileUsage> =>
  await measureFolder(fd, { path, mostSeconds: 20, mostEntries }, createProgress(new AbortController().signal));
const du = (...paths: string[]): number[] => {
  const { stdout } = spawnSync('du', ['--block-size=1', '--summarize', ...paths], { cwd: folder, encoding: 'utf8' });
  return stdout
    .trim()
    .split('\n')
    .map((line) => Number.parseInt(line, 10));
};

it('FILE-2 what a folder takes is what du says, with files of two names, holes, links and names of any bytes', async () => {
  const all = await measure();
  expect(all).toMatchObject({ why: 'whole', unread: 0, elsewhere: 0, rest: { items: 0, bytes: 0 } });
  expect([all.diskBytes]).toEqual(du('.'));
  expect([all.files, all.folders]).toEqual([10, 6]);
  expect(all.bytes).toBe(70_000 + 9_000 + sparseBytes + 2 + 4 + 100 + 200 + 20_000);
  const sizes = new Map(all.items.map(({ name, diskBytes }) => [name, diskBytes]));
  expect(all.items.map(({ diskBytes }) => diskBytes)).toEqual(
    [...sizes.values()].toSorted((one, other) => other - one),
  );
  const alone = ['sparse', 'names', 'plain', 'empty'];
  expect(alone.map((name) => sizes.get(name))).toEqual(du(...alone));
  // Counted where it was met first, whichever that is.
  expect([(sizes.get('twice') ?? 0) + (sizes.get('once') ?? 0)]).toEqual([
    du('twice', 'once').reduce((sum, each) => sum + each),
  ]);
  expect(all.largest.filter(({ bytes }) => bytes === 70_000)).toHaveLength(1);
  expect(all.largest.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['plain', 'names/سطر\\x0aجديد', 'names/bad\\xff', 'sparse/holes']),
  );
  const twice = await measure('twice');
  expect([twice.diskBytes, twice.bytes, twice.files]).toEqual([...du('twice'), 70_000, 2]);
  expect((await measure('names')).items.map(({ name }) => name)).toEqual(['bad\\xff', 'سطر\\x0aجديد']);
  await expect(measure('once/etc')).rejects.toMatchObject({ reason: 'file_gone' });
});

it('a walk ends at its limit and tells what it counted, or when nobody waits for it any more', async () => {
  const some = await measure('', 8);
  expect(some.why).toBe('entries');
  expect(some.items.find(({ name }) => name === 'plain')).toMatchObject({ bytes: 20_000, isPartial: false });
  expect(some.items.some(({ isPartial }) => isPartial)).toBe(true);
  expect(some.diskBytes).toBeLessThan(du('.')[0] ?? 0);
  const entries = 6 + 10;
  expect((await measure('', entries)).why).toBe('whole');
  const work = createLongWork(fd);
  const wish = { path: '', mostSeconds: 20, mostEntries: 10_000 };
  const walks = ['a', 'b', 'c', 'd'].map((workId) => work.usage({ ...wish, workId }));
  void work.workStop({ workId: 'b' });
  const ends = (await Promise.allSettled(walks)).map((end) =>
    end.status === 'fulfilled' ? end.value.why : (end.reason as { reason?: string }).reason,
  );
  expect(ends).toEqual(['whole', 'file_work_stopped', 'whole', 'file_work_many']);
});

it('of a folder of many files the largest are told, and the rest as its sum', async () => {
  const many = mostUsageItems * 4 + 10;
  mkdirSync(`${folder}/many`);
  for (let number = 0; number < many; number++) writeFileSync(`${folder}/many/${number}`, '');
  write('many/large', 12_000);
  const { items, rest, files, largest } = await measure('many');
  expect(items[0]).toMatchObject({ name: 'large', bytes: 12_000, files: 1 });
  expect([items.length, rest.items, rest.files, files]).toEqual([
    mostUsageItems,
    many + 1 - mostUsageItems,
    many + 1 - mostUsageItems,
    many + 1,
  ]);
  expect([largest.length, largest[0]?.path]).toEqual([mostLargestFiles, 'many/large']);
  rmSync(`${folder}/many`, { recursive: true });
});
