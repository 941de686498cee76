import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  besideName,
  dropBeside,
  keepBeside,
  listNames,
  look,
  makeFolder,
  movePath,
  openFolder,
  putFile,
  putLink,
  readBytes,
  readText,
  removeEmptyFolder,
  removeFile,
  takeBack,
  Unsynced,
} from './files.ts';

let folder: string;
let unsynced: Unsynced;
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'aapanel-files-'));
  unsynced = new Unsynced();
});
afterEach(async () => {
  await unsynced.flush();
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string): string => join(folder, name);
const put = (name: string, text: string): void =>
  putFile(at(name), Buffer.from(text), { mode: 0o644 }, 'tag', unsynced);

it('a file is put in place whole, with its mode, and nothing is left beside it', () => {
  put('a', 'one');
  put('a', 'two');
  expect(readFileSync(at('a'), 'utf8')).toBe('two');
  expect(statSync(at('a')).mode & 0o777).toBe(0o644);
  expect(readdirSync(folder)).toEqual(['a']);
});

it('PATH-2 a file is never written through a link, neither as the file nor as a folder above it', () => {
  mkdirSync(at('outside'));
  writeFileSync(at('victim'), 'old');
  symlinkSync(at('victim'), at('link'));
  put('link', 'new');
  expect(readFileSync(at('victim'), 'utf8')).toBe('old');
  expect(lstatSync(at('link')).isFile()).toBe(true);
  symlinkSync(at('outside'), at('folder'));
  expect(() => put('folder/file', 'x')).toThrow(expect.objectContaining({ reason: 'path_is_link' }));
  expect(readdirSync(at('outside'))).toEqual([]);
});

it('PATH-2 a temporary name that somebody has put there as a link is not followed', () => {
  writeFileSync(at('victim'), 'old');
  symlinkSync(at('victim'), besideName(at('a'), 'tag.new'));
  put('a', 'new');
  expect(readFileSync(at('victim'), 'utf8')).toBe('old');
});

it('PATH-2 a folder that is swapped for a link after it was opened changes nothing of where we write', () => {
  mkdirSync(at('real'));
  mkdirSync(at('trap'));
  const fd = openFolder(at('real'));
  renameSync(at('real'), at('moved'));
  symlinkSync(at('trap'), at('real'));
  writeFileSync(`/proc/self/fd/${fd}/file`, 'x');
  expect(readdirSync(at('trap'))).toEqual([]);
  expect(readdirSync(at('moved'))).toEqual(['file']);
  expect(() => put('real/file', 'x')).toThrow(expect.objectContaining({ reason: 'path_is_link' }));
});

it.each(['relative/path', '/tmp/../etc', '/tmp/a\0b'])('PATH-1 the path %j is refused', (path) => {
  expect(() => openFolder(path)).toThrow(TypeError);
});

it('PATH-4 reading refuses links, pipes and devices without blocking', () => {
  writeFileSync(at('victim'), 'secret');
  symlinkSync(at('victim'), at('link'));
  spawnSync('mkfifo', [at('pipe')]);
  expect(() => readBytes(at('link'))).toThrow(expect.objectContaining({ reason: 'path_is_link' }));
  expect(() => readBytes(at('pipe'))).toThrow(expect.objectContaining({ reason: 'not_a_file' }));
  expect(() => readBytes('/dev/zero')).toThrow(expect.objectContaining({ reason: 'not_a_file' }));
  expect(() => readBytes(folder)).toThrow();
});

it('FAULT-5 reading stops at its limit', () => {
  writeFileSync(at('big'), 'x'.repeat(1000));
  expect(() => readBytes(at('big'), 999)).toThrow(expect.objectContaining({ code: 'too_large' }));
  expect(readBytes(at('big'), 1000)?.length).toBe(1000);
});

it('what is missing is undefined, empty, or missing, also below a missing folder', () => {
  expect(readText(at('no/such'))).toBeUndefined();
  expect(listNames(at('no'))).toEqual([]);
  expect(look(at('no/such'))).toEqual({ type: 'missing' });
  expect(() => removeFile(at('no/such'))).not.toThrow();
  expect(() => dropBeside(at('no/such'), 'tag')).not.toThrow();
});

it('a kept file is taken back with its inode, owner and mode', () => {
  put('a', 'old');
  const before = statSync(at('a'));
  keepBeside(at('a'), 'change');
  put('a', 'new');
  expect(takeBack(at('a'), 'change', unsynced)).toBe(true);
  expect(readFileSync(at('a'), 'utf8')).toBe('old');
  expect(statSync(at('a')).ino).toBe(before.ino);
  expect(takeBack(at('a'), 'change', unsynced)).toBe(false);
  expect(readdirSync(folder)).toEqual(['a']);
});

it('taking back works twice, and when the file was never replaced', () => {
  put('a', 'old');
  keepBeside(at('a'), 'change');
  expect(takeBack(at('a'), 'change', unsynced)).toBe(true);
  expect(readdirSync(folder)).toEqual(['a']);
});

it('a link is replaced in one step', () => {
  putLink(at('l'), 'one', 'tag', unsynced);
  putLink(at('l'), 'two', 'tag', unsynced);
  expect(look(at('l'))).toMatchObject({ type: 'link', target: 'two' });
});

it('a folder is removed only when it is empty', () => {
  makeFolder(at('f'), { mode: 0o750 });
  expect(statSync(at('f')).mode & 0o777).toBe(0o750);
  writeFileSync(at('f/x'), '');
  expect(removeEmptyFolder(at('f'), unsynced)).toBe(false);
  rmSync(at('f/x'));
  expect(removeEmptyFolder(at('f'), unsynced)).toBe(true);
  expect(removeEmptyFolder(at('f'), unsynced)).toBe(true);
});

it('moving replaces nothing', () => {
  put('a', 'a');
  put('b', 'b');
  expect(() => movePath(at('a'), at('b'), unsynced)).toThrow(expect.objectContaining({ reason: 'path_occupied' }));
  movePath(at('a'), at('c'), unsynced);
  expect(existsSync(at('a'))).toBe(false);
  expect(readFileSync(at('c'), 'utf8')).toBe('a');
});

it('two names of one file are told apart from a copy when it is taken back', () => {
  put('a', 'same');
  linkSync(at('a'), besideName(at('a'), 'change.old'));
  expect(takeBack(at('a'), 'change', unsynced)).toBe(true);
  expect(readdirSync(folder)).toEqual(['a']);
});
