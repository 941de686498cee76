import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  chmodSync,
  chownSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { filePathPattern } from '#shared/file-names.ts';
import type { FileSort } from '#shared/files.ts';
import type { Machine } from '../core/machine.ts';
import { poolIdentity } from '../php/php.user.ts';
import { call, snapshot } from '../testing/world.ts';
import { nameToText, textToName } from './file-names.ts';
import { filesHandlers } from './files.actions.ts';
import { createFolderWork, type FolderWork } from './folder-work.ts';
import { inSiteStore, listRights, undoRights } from './rights.ts';
import { createProgress } from './work.ts';
import { createLister } from './listing.ts';
import { makeFileSite, type FileSite } from './testing/file-site.ts';

const isRoot = process.getuid?.() === 0;
let files: FileSite;
let machine: Machine;
let folder: string;

beforeAll(async () => {
  files = await makeFileSite();
  ({ machine, folder } = files);
}, 30_000);
afterAll(() => files.close());

const site = () => files.site;
const wish = {
  path: '',
  sort: 'name' as FileSort,
  isDescending: false,
  showsHidden: false,
  filter: '',
  also: [] as string[],
  offset: 0,
  limit: 200,
};
const namesIn = async (path = '', more: Partial<typeof wish> = {}) =>
  (await filesHandlers['files.list'](machine, { site: site(), ...wish, ...more, path }, call())).names;
const make = async (path: string, name: string, type: 'file' | 'folder' = 'file') =>
  await filesHandlers['files.make'](machine, { site: site(), folder: path, name, type }, call());
const reasonOf = async (work: Promise<unknown>): Promise<string> =>
  await work.then(
    () => 'done',
    (error: unknown) => (error as { reason?: string }).reason ?? String(error),
  );
const outsideFolder = (): string => mkdtempSync(join(tmpdir(), 'aapanel-outside-'));

it('FILE-2 files are worked on by a process of the site’s own user, which cannot do what that user may not', async () => {
  await make('', 'app', 'folder');
  await make('app', 'index.php');
  const { uid } = poolIdentity(machine, 'site-none');
  expect(lstatSync(`${folder}/app/index.php`).uid).toBe(uid);
  expect(lstatSync(`${folder}/app/index.php`).mode & 0o777).toBe(0o644);
  chmodSync(`${folder}/app/index.php`, 0o640);
  await filesHandlers['files.copy'](machine, { site: site(), paths: ['app'], into: '', onConflict: 'rename' }, call());
  expect(lstatSync(`${folder}/app (2)/index.php`)).toMatchObject({ uid, mode: 0o100640 });
  if (!isRoot) return;
  mkdirSync(`${folder}/closed`, { mode: 0o700 });
  chownSync(`${folder}/closed`, 0, 0);
  expect(await reasonOf(namesIn('closed'))).toBe('file_forbidden');
  expect(await reasonOf(make('closed', 'x'))).toBe('file_forbidden');
  writeFileSync(`${folder}/roots`, 'x', { mode: 0o600 });
  const copy = filesHandlers['files.copy'](
    machine,
    { site: site(), paths: ['roots'], into: 'app', onConflict: 'refuse' },
    call(),
  );
  expect(await reasonOf(copy)).toBe('file_forbidden');
  expect(readdirSync(`${folder}/app`)).toEqual(['index.php']);
  rmSync(`${folder}/closed`, { recursive: true });
});

it('FILE-1 FILE-6 things are made, renamed, moved, copied and deleted to the bin and come back, never over something else', async () => {
  const work = openWork();
  try {
    await work.make({ folder: '', name: 'a', type: 'folder' });
    await work.make({ folder: 'a', name: 'photo.jpg', type: 'file' });
    writeFileSync(`${work.path}/a/photo.jpg`, 'bytes');
    chmodSync(`${work.path}/a/photo.jpg`, 0o640);
    symlinkSync('/etc/passwd', `${work.path}/a/link`);
    await work.make({ folder: '', name: 'b', type: 'folder' });
    expect(await work.copy({ paths: ['a/photo.jpg', 'a'], into: 'b', onConflict: 'refuse', endsAt: Infinity })).toEqual(
      {
        paths: ['b/photo.jpg', 'b/a'],
      },
    );
    expect(readFileSync(`${work.path}/b/a/photo.jpg`, 'utf8')).toBe('bytes');
    expect(statSync(`${work.path}/b/a/photo.jpg`).mode & 0o777).toBe(0o640);
    expect(readlinkSync(`${work.path}/b/a/link`)).toBe('/etc/passwd');
    const again = { paths: ['a/photo.jpg'], into: 'b' };
    expect(await reasonOf(work.move({ ...again, onConflict: 'refuse' }))).toBe('file_exists');
    expect(await work.move({ ...again, onConflict: 'rename' })).toEqual({ paths: ['b/photo (2).jpg'] });
    expect(await reasonOf(work.rename({ path: 'b/photo (2).jpg', name: 'photo.jpg' }))).toBe('file_exists');
    await work.rename({ path: 'b/photo (2).jpg', name: 'صورة.jpg' });
    expect(await reasonOf(work.move({ paths: ['b'], into: 'b/a', onConflict: 'refuse' }))).toBe('file_into_itself');
    await work.setMode({ paths: ['b/صورة.jpg'], mode: 0o600, by: 'x' });
    expect(statSync(`${work.path}/b/صورة.jpg`).mode & 0o777).toBe(0o600);
    await inSiteStore(work.fd, async (on) => {
      const [{ id } = { id: '' }] = listRights(on.store, () => false);
      await undoRights(on, { id, workId: id }, createProgress(new AbortController().signal));
    });
    expect(statSync(`${work.path}/b/صورة.jpg`).mode & 0o777).toBe(0o640);
    expect(await reasonOf(work.setMode({ paths: ['a/link'], mode: 0o600, by: 'x' }))).toBe('file_gone');

    const before = snapshot(work.path, ['/b']);
    await work.remove({ paths: ['b'], deletedBy: 'hussam' });
    expect(existsSync(`${work.path}/b`)).toBe(false);
    const { items } = await work.bin();
    expect(items).toMatchObject([{ path: 'b', type: 'folder', deletedBy: 'hussam' }]);
    expect(await reasonOf(work.list({ ...wish, path: '.aapanel-bin' }))).toBe('file_gone');
    expect((await work.list({ ...wish, showsHidden: true })).names).toEqual(['a']);
    const ids = items.map(({ id }) => id);
    expect(await work.restore({ ids })).toEqual({ paths: ['b'] });
    expect(snapshot(work.path, ['/b'])).toBe(before);
    await work.remove({ paths: ['b/a'], deletedBy: 'hussam' });
    rmSync(`${work.path}/b`, { recursive: true });
    const [gone] = (await work.bin()).items;
    expect(await work.restore({ ids: [gone?.id ?? ''] })).toEqual({ paths: ['b/a'] });
    await work.remove({ paths: ['b'], deletedBy: 'hussam' });
    const [last] = (await work.bin()).items;
    await work.discard({ ids: [last?.id ?? ''] });
    expect((await work.bin()).items).toEqual([]);
    expect(readdirSync(`${work.path}/.aapanel-bin`)).toEqual(['rights']);
  } finally {
    work.close();
  }
});

it('PATH-1 PATH-3 odd names are literal and can be worked with; what leads out is refused like something that is not there', async () => {
  const odd = [
    'new\nline',
    'bad\xff\xfebytes',
    'back\\slash',
    '\u202etxt.exe',
    'ملف',
    'a'.repeat(255),
    ' ',
    '-rf',
    '%2e%2e',
  ];
  const work = openWork();
  try {
    for (const name of odd) {
      const bytes = name.includes('\xff') ? Buffer.from(name, 'latin1') : Buffer.from(name);
      writeFileSync(Buffer.concat([Buffer.from(`${work.path}/`), bytes]), name);
      const text = nameToText(bytes.toString('latin1'));
      expect([text, filePathPattern.test(text)]).toEqual([text, true]);
      expect(textToName(text)).toBe(bytes.toString('latin1'));
    }
    const { names: paths } = await work.list(wish);
    expect(paths.toSorted()).toEqual(
      [
        'new\\x0aline',
        'bad\\xff\\xfebytes',
        'back\\\\slash',
        '\u202etxt.exe',
        'ملف',
        'a'.repeat(255),
        ' ',
        '-rf',
        '%2e%2e',
      ].sort(),
    );
    await work.make({ folder: '', name: 'all', type: 'folder' });
    await work.copy({ paths, into: 'all', onConflict: 'refuse', endsAt: Infinity });
    // Twice: a name of 255 bytes is cut for its number.
    await work.copy({ paths, into: 'all', onConflict: 'rename', endsAt: Infinity });
    expect(readdirSync(`${work.path}/all`)).toHaveLength(odd.length * 2);
    await work.remove({ paths, deletedBy: 'x' });
    await work.restore({ ids: (await work.bin()).items.map(({ id }) => id) });
    expect((await work.list(wish)).total).toBe(odd.length + 1);
    symlinkSync('/etc', `${work.path}/out`);
    for (const path of ['..', '../x', 'a/../../etc', '/etc', 'a//b', 'a/', './a', 'a\nb', 'a\0b', 'a/..'])
      expect([path, filePathPattern.test(path)]).toEqual([path, false]);
    for (const path of ['\\x2e\\x2e', '\\x2e\\x2e/etc', 'all\\x2f..', 'out', 'out/passwd', 'out/../x', 'nowhere'])
      expect([path, await reasonOf(work.list({ ...wish, path }))]).toEqual([path, 'file_gone']);
    expect(await reasonOf(work.rename({ path: 'all', name: '.aapanel-bin' }))).toBe('file_gone');
    expect(await reasonOf(work.make({ folder: '', name: 'ب'.repeat(128), type: 'file' }))).toBe('file_name_long');
  } finally {
    work.close();
  }
});

it('PATH-4 pipes, devices and sockets are shown by their type and never opened', async () => {
  const work = openWork();
  try {
    spawnSync('/usr/bin/mkfifo', [`${work.path}/pipe`]);
    await work.make({ folder: '', name: 'to', type: 'folder' });
    expect(await work.list(wish)).toMatchObject({ names: ['to', 'pipe'], types: 'ds', sizes: [0, 0] });
    await work.copy({ paths: ['pipe'], into: 'to', onConflict: 'refuse', endsAt: Infinity }).catch(() => undefined);
    expect(readdirSync(`${work.path}/to`)).toEqual([]);
    await work.remove({ paths: ['pipe'], deletedBy: 'x' });
    const [item] = (await work.bin()).items;
    await work.discard({ ids: [item?.id ?? ''] });
  } finally {
    work.close();
  }
});

it('FILE-1 a bin that its site has filled with lies gives out nothing of others', async () => {
  const work = openWork();
  const outside = outsideFolder();
  try {
    writeFileSync(`${outside}/kept`, 'kept');
    mkdirSync(`${work.path}/.aapanel-bin`);
    const lies: Record<string, string> = {
      aaaaaaaaaaaaaaaa: JSON.stringify({ path: '../../etc/cron.d/x', deletedBy: 'x', deletedAt: 1 }),
      bbbbbbbbbbbbbbbb: JSON.stringify({ path: '\\x2e\\x2e/x', deletedBy: 'x', deletedAt: 1 }),
      cccccccccccccccc: 'no json',
    };
    for (const [id, text] of Object.entries(lies)) {
      mkdirSync(`${work.path}/.aapanel-bin/${id}`);
      writeFileSync(`${work.path}/.aapanel-bin/${id}/facts.json`, text);
      writeFileSync(`${work.path}/.aapanel-bin/${id}/content`, 'x');
    }
    symlinkSync(outside, `${work.path}/.aapanel-bin/dddddddddddddddd`);
    for (const id of [...Object.keys(lies), 'dddddddddddddddd'])
      expect([id, await reasonOf(work.restore({ ids: [id] }))]).toEqual([id, 'file_gone']);
    await work.discard({ ids: [...Object.keys(lies), 'dddddddddddddddd'] });
    expect(readFileSync(`${outside}/kept`, 'utf8')).toBe('kept');
    rmSync(`${work.path}/.aapanel-bin`, { recursive: true });
    symlinkSync(outside, `${work.path}/.aapanel-bin`);
    await work.make({ folder: '', name: 'x', type: 'file' });
    expect(await reasonOf(work.remove({ paths: ['x'], deletedBy: 'x' }))).toBe('file_gone');
    expect(readdirSync(outside)).toEqual(['kept']);
  } finally {
    work.close();
    rmSync(outside, { recursive: true });
  }
});

it('FILE-1 PATH-2 in 10,000 rounds against a folder that is swapped for a link nothing outside is read, made or deleted', async () => {
  const work = openWork();
  const outside = outsideFolder();
  mkdirSync(`${outside}/inner`);
  writeFileSync(`${outside}/secret`, 'secret');
  const before = snapshot(tmpdir(), [outside.slice(tmpdir().length)]);
  expect(before).toContain('/secret');
  const base = `${work.path}/base`;
  mkdirSync(`${base}/real`, { recursive: true });
  writeFileSync(`${base}/real/own`, 'own');
  const swapper = spawn(process.execPath, [join(import.meta.dirname, 'testing/swapper.ts'), base, outside]);
  await once(swapper.stdout, 'data');
  const seen = { in: 0, out: 0, links: 0 };
  try {
    // On a busy machine the other process may not be let in for a while: it must have met us often enough.
    for (let round = 0; round < 10_000 || seen.links < 1_000; round++) {
      if (lstatSync(`${base}/door`, { throwIfNoEntry: false })?.isSymbolicLink() === true) seen.links++;
      const name = `made-${round % 50}`;
      const path = 'base/door';
      const acts = [
        async () => {
          expect((await work.list({ ...wish, path })).names).not.toContain('secret');
        },
        async () => await work.make({ folder: path, name, type: round % 2 === 0 ? 'file' : 'folder' }),
        async () => await work.copy({ paths: [path], into: '', onConflict: 'rename', endsAt: Infinity }),
        async () => await work.setMode({ paths: [`${path}/secret`], mode: 0o777, by: 'x' }),
        async () => await work.rename({ path: `${path}/secret`, name: 'stolen' }),
        async () => await work.remove({ paths: [`${path}/inner`], deletedBy: 'x' }),
        async () => await work.move({ paths: [`${path}/secret`], into: '', onConflict: 'rename' }),
      ];
      await acts[round % acts.length]?.().then(
        () => seen.in++,
        (error: unknown) => {
          seen.out++;
          expect((error as { reason?: string }).reason ?? (error as Error).message).toMatch(/^file_/);
        },
      );
      if (round % 500 === 499) {
        for (const each of readdirSync(work.path)) {
          if (!each.startsWith('door')) continue;
          // A link that was copied is a link; a folder holds what the real one held.
          if (!lstatSync(`${work.path}/${each}`).isSymbolicLink())
            expect(existsSync(`${work.path}/${each}/secret`)).toBe(false);
          rmSync(`${work.path}/${each}`, { recursive: true });
        }
        expect(snapshot(tmpdir(), [outside.slice(tmpdir().length)])).toBe(before);
      }
    }
    expect(seen.in).toBeGreaterThan(100);
    expect(seen.out).toBeGreaterThan(100);
    expect(snapshot(tmpdir(), [outside.slice(tmpdir().length)])).toBe(before);
  } finally {
    swapper.kill('SIGKILL');
    await once(swapper, 'exit');
    work.close();
    rmSync(outside, { recursive: true });
  }
}, 120_000);

it('FILE-5 folders are told in order, a page at a time, folders first, hidden ones counted', async () => {
  const work = openWork();
  try {
    for (const name of ['file10', 'file2', '.env', 'B', 'a']) writeFileSync(`${work.path}/${name}`, name);
    writeFileSync(`${work.path}/big`, 'x'.repeat(500));
    mkdirSync(`${work.path}/zoo`);
    const told = async (more: Partial<typeof wish>) => (await work.list({ ...wish, ...more })).names;
    expect(await told({})).toEqual(['zoo', 'a', 'B', 'big', 'file2', 'file10']);
    expect(await told({ isDescending: true })).toEqual(['zoo', 'file10', 'file2', 'big', 'B', 'a']);
    expect((await told({ sort: 'size', isDescending: true })).slice(0, 2)).toEqual(['zoo', 'big']);
    expect(await told({ filter: 'FILE' })).toEqual(['file2', 'file10']);
    expect(await told({ filter: 'FILE', also: ['big', '.env', 'none'] })).toEqual(['big', 'file2', 'file10']);
    expect(await told({ offset: 2, limit: 2 })).toEqual(['B', 'big']);
    expect(await work.list(wish)).toMatchObject({ total: 6, hidden: 1 });
    expect((await told({ showsHidden: true })).includes('.env')).toBe(true);
    // As in a folder of many thousands: the first page is there before all names are in order, and is the same.
    mkdirSync(`${work.path}/many`);
    const all = Array.from({ length: 60 }, (_, number) => `ملف-${(number * 7) % 60}`);
    for (const name of all) writeFileSync(`${work.path}/many/${name}`, name);
    for (const name of ['b', 'a']) mkdirSync(`${work.path}/many/${name}`);
    const inOrder = { 'a b': all.toSorted(), 'b a': all.toSorted().reverse() };
    for (const [folders, files] of Object.entries(inOrder)) {
      const list = createLister(work.fd, 3);
      const asked = { ...wish, path: 'many', isDescending: folders === 'b a', limit: 5 };
      const pages = [];
      for (let offset = 0; offset < 62; offset += 5) pages.push(...(await list({ ...asked, offset })).names);
      expect(pages).toEqual([...folders.split(' '), ...files]);
      expect((await list({ ...asked, offset: 0, limit: 4 })).names).toEqual(pages.slice(0, 4));
      expect((await list({ ...asked, offset: 0, limit: 1 })).names).toEqual(pages.slice(0, 1));
    }
  } finally {
    work.close();
  }
});

type OpenWork = FolderWork & { readonly path: string; readonly fd: number; close(): void };

/** In this process, below a folder of its own. */
function openWork(): OpenWork {
  const path = mkdtempSync(join(tmpdir(), 'aapanel-files-'));
  const fd = openSync(path, 'r');
  return {
    ...createFolderWork(fd),
    path,
    fd,
    close() {
      closeSync(fd);
      rmSync(path, { recursive: true, force: true });
    },
  };
}
