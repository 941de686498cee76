import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fileSearch, type FileFinding } from '#shared/file-search.ts';
import { call } from '../testing/world.ts';
import { filesHandlers } from './files.actions.ts';
import { createOutputReader, mostOfMatch } from './search-output.ts';
import { makeFileSite, type FileSite } from './testing/file-site.ts';

let files: FileSite;
let folder: string;
const isRoot = process.getuid?.() === 0;
/** Only there is it found: nothing but a link leads to it. */
const outside = mkdtempSync(join(tmpdir(), 'aapanel-outside-'));

beforeAll(async () => {
  files = await makeFileSite();
  ({ folder } = files);
  writeFileSync(`${outside}/secret`, 'needle of somebody else\n');
  chmodSync(outside, 0o755);
}, 30_000);
afterAll(async () => {
  rmSync(outside, { recursive: true });
  await files.close();
});

type Wish = Partial<typeof fileSearch._input>;
async function open(wish: Wish & { readonly text: string }): Promise<Readable> {
  let stream: Readable | undefined;
  const giveBytes = (bytes: Readable): void => void (stream = bytes);
  const params = { ...fileSearch.parse(wish), site: files.site };
  await filesHandlers['files.search'](files.machine, params, { ...call(), giveBytes });
  if (stream === undefined) throw new Error('nothing was given');
  return stream;
}
async function search(wish: Wish & { readonly text: string }) {
  const text = Buffer.concat(await (await open(wish)).map((piece: string) => Buffer.from(piece)).toArray()).toString();
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as FileFinding);
  const found = lines.flatMap((line) =>
    line.kind === 'found' ? line.matches.map((match) => ({ path: line.path, ...match })) : [],
  );
  return { found, end: lines.at(-1) };
}
const pathsOf = async (wish: Wish & { readonly text: string }): Promise<string[]> =>
  [...new Set((await search(wish)).found.map(({ path }) => path))].toSorted();
const reasonOf = async (work: Promise<unknown>): Promise<string> =>
  await work.then(
    () => 'done',
    (error: unknown) => (error as { reason?: string }).reason ?? String(error),
  );
const write = (path: string | Buffer, text: string | Buffer): void =>
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(path)]), text);

it('FILE-2 PATH-2 PATH-3 names are found by a part or a pattern, below folders of every name and through no link', async () => {
  mkdirSync(`${folder}/names/صور/.git`, { recursive: true });
  write('names/صور/Photo.JPG', 'x');
  write('names/photo\n2.txt', 'x');
  write(Buffer.from('names/photo\xff', 'latin1'), 'x');
  write('names/صور/.git/photo', 'x');
  symlinkSync(outside, `${folder}/names/photos`);
  symlinkSync('/etc', `${folder}/names/etc`);
  const find = async (name: string, more: { path?: string; showsHidden?: boolean } = {}) => {
    const wish = { path: 'names', showsHidden: false, ...more, name };
    return await filesHandlers['files.find'](files.machine, { site: files.site, ...wish }, call());
  };
  const pathsIn = async (...wish: Parameters<typeof find>): Promise<string[]> =>
    (await find(...wish)).items.map(({ path }) => path).toSorted();
  const plain = ['names/photo\\x0a2.txt', 'names/photo\\xff', 'names/photos', 'names/صور/Photo.JPG'];
  expect(await pathsIn('PHOTO')).toEqual(plain);
  expect(await pathsIn('photo', { showsHidden: true })).toEqual([...plain, 'names/صور/.git/photo'].toSorted());
  expect(await pathsIn('*.jpg')).toEqual(['names/صور/Photo.JPG']);
  expect(await pathsIn('صور/*')).toEqual(['names/صور/Photo.JPG']);
  expect(await pathsIn('passwd', { path: '' })).toEqual([]);
  expect(await find('photos')).toMatchObject({ why: 'whole', items: [{ type: 'link' }] });
  expect(await reasonOf(find('x', { path: 'names/photos' }))).toBe('file_gone');
  rmSync(`${folder}/names`, { recursive: true });
});

it('FILE-2 what takes the space is counted by the site’s own user, the bin as one thing', async () => {
  mkdirSync(`${folder}/sizes/closed`, { recursive: true });
  mkdirSync(`${folder}/.aapanel-bin/old`, { recursive: true });
  write('sizes/a', 'x'.repeat(5_000));
  write('.aapanel-bin/old/content', 'x'.repeat(6_000));
  if (isRoot) chmodSync(`${folder}/.aapanel-bin`, 0o755);
  const usage = async (path: string) =>
    await filesHandlers['files.usage'](files.machine, { site: files.site, path }, call());
  const all = await usage('');
  expect(all.items.find(({ type }) => type === 'bin')).toMatchObject({ bytes: 6_000, files: 1, folders: 1 });
  expect(all.largest.map(({ path }) => path)).toContain('sizes/a');
  expect(all.largest.filter(({ path }) => path.includes('bin'))).toEqual([]);
  expect(await usage('sizes')).toMatchObject({ bytes: 5_000, files: 1, folders: 1, unread: 0 });
  expect(await reasonOf(usage('.aapanel-bin'))).toBe('file_gone');
  if (isRoot) {
    chmodSync(`${folder}/sizes/closed`, 0o700);
    expect(await usage('sizes')).toMatchObject({ bytes: 5_000, unread: 1, why: 'whole' });
  }
  for (const each of ['sizes', '.aapanel-bin']) rmSync(`${folder}/${each}`, { recursive: true });
});

it('FILE-2 PATH-3 a text is found in files of every name, line by line, read as the site’s own user', async () => {
  mkdirSync(`${folder}/app/.cache`, { recursive: true });
  write('app/a.php', `first\r\nthe needle, and a needle\r\n${'ل'.repeat(900)} Needle ${'م'.repeat(900)}\n`);
  write('app/new\nline.txt', 'needle\n');
  write(Buffer.from('app/bad\xff.txt', 'latin1'), Buffer.from('caf\xe9 needle', 'latin1'));
  write('app/-rf', 'needles');
  write('app/.cache/hidden', 'needle');
  write('app/binary', 'needle\0needle');
  write('app/long', `needle${'x'.repeat(2_000_000)}needle\n`);
  const { found, end } = await search({ text: 'needle', path: 'app' });
  expect(end).toEqual({ kind: 'end', why: 'whole', matches: found.length });
  const inPhp = found.filter(({ path }) => path === 'app/a.php');
  expect(inPhp[0]).toEqual({
    path: 'app/a.php',
    line: 2,
    before: 'the ',
    match: 'needle',
    after: ', and a needle',
  });
  // Cut, and never in the middle of a character.
  expect(inPhp[1]).toMatchObject({ line: 3, match: 'Needle' });
  expect(inPhp[1]?.before).toMatch(/^ل{70,80} $/);
  expect(inPhp[1]?.after).toMatch(/^ م{100,160}$/);
  expect([...new Set(found.map(({ path }) => path))].toSorted()).toEqual(
    ['app/-rf', 'app/a.php', 'app/bad\\xff.txt', 'app/long', 'app/new\\x0aline.txt'].toSorted(),
  );
  expect(found.find(({ path }) => path.includes('bad'))).toMatchObject({ before: 'caf\ufffd ', match: 'needle' });
  expect(found.filter(({ path }) => path === 'app/long')).toHaveLength(1);
  expect(await pathsOf({ text: 'needle', path: 'app', showsHidden: true, only: ['hidden'] })).toEqual([
    'app/.cache/hidden',
  ]);
  if (!isRoot) return;
  write('app/roots', 'needle');
  chownSync(`${folder}/app/roots`, 0, 0);
  chmodSync(`${folder}/app/roots`, 0o600);
  mkdirSync(`${folder}/closed`, { mode: 0o700 });
  expect(await pathsOf({ text: 'needle' })).not.toContain('app/roots');
  expect(await reasonOf(open({ text: 'needle', path: 'closed' }))).toBe('file_forbidden');
});

it('CMD-1 CMD-2 what is looked for is looked for: case, words, expressions, and names that are wanted or not', async () => {
  mkdirSync(`${folder}/how/sub`, { recursive: true });
  const odd = ['-rf', '--help', '$(touch CANARY)', 'x;touch CANARY', "a'b", '(', '\\', ' ', '.*', '-e', 'كلمة', '\t'];
  write('how/odd.txt', odd.map((text, at) => `${at}[${text}]`).join('\n'));
  for (const [at, text] of odd.entries()) {
    const { found } = await search({ text: `[${text}]`, path: 'how' });
    expect([text, found.map(({ line, match }) => [line, match])]).toEqual([text, [[at + 1, `[${text}]`]]]);
  }
  write('how/sub/words.md', 'Category cat\nCAT\nconcat\n');
  const linesOf = async (wish: Wish & { readonly text: string }) =>
    (await search({ path: 'how/sub', ...wish })).found.map(({ line, match }) => `${line} ${match}`);
  expect(await linesOf({ text: 'cat' })).toEqual(['1 Cat', '2 CAT', '3 cat']);
  expect(await linesOf({ text: 'cat', isCaseSensitive: true, isWord: true })).toEqual(['1 cat']);
  expect(await linesOf({ text: '^c.t$', isRegex: true })).toEqual(['2 CAT']);
  // What other engines need hours for.
  write('how/sub/words.txt', `${'a'.repeat(50_000)}!`);
  expect(await linesOf({ text: '^(a+)+$', isRegex: true })).toEqual([]);
  expect(await pathsOf({ text: 'cat', path: 'how', only: ['*.md'] })).toEqual(['how/sub/words.md']);
  expect(await pathsOf({ text: 'cat', path: 'how', only: ['*.txt', '*.md'], except: ['sub/**'] })).toEqual([]);
  expect(await reasonOf(open({ text: 'a(', isRegex: true }))).toBe('file_search_expression');
  expect(await reasonOf(open({ text: 'a', only: ['a['] }))).toBe('file_search_glob');
  for (const wrong of [
    { text: '' },
    { text: 'a\nb' },
    { text: 'a\0' },
    { text: 'a', only: ['!*.php'] },
    { text: 'a', path: '../x' },
  ])
    expect([wrong, fileSearch.safeParse(wrong).success]).toEqual([wrong, false]);
});

it('a search ends at its limits, and at once when nobody reads it any more', async () => {
  mkdirSync(`${folder}/many`);
  for (let at = 0; at < 40; at++) write(`many/${at}`, 'x needle\n'.repeat(100));
  const { found, end } = await search({ text: 'needle', path: 'many', mostMatches: 250 });
  expect([found.length, end]).toEqual([250, { kind: 'end', why: 'matches', matches: 250 }]);
  write('many/large', `needle2\n${'y'.repeat(20_000)}`);
  expect(await pathsOf({ text: 'needle2', path: 'many', mostFileBytes: 10_000 })).toEqual([]);
  const three = await Promise.all([1, 2, 3].map(() => open({ text: 'needle', path: 'many' })));
  expect(await reasonOf(open({ text: 'needle', path: 'many' }))).toBe('file_search_many');
  await Promise.all(three.map(async (stream) => await once(stream.destroy(), 'close')));
  expect(await pathsOf({ text: 'needle2', path: 'many' })).toEqual(['many/large']);
});

it('FILE-1 PATH-2 PATH-4 no link is followed, and nothing of outside is told while folders are swapped for links', async () => {
  symlinkSync(outside, `${folder}/out`);
  symlinkSync(`${outside}/secret`, `${folder}/out-file`);
  // Nobody writes into it: who opens it waits.
  spawnSync('/usr/bin/mkfifo', [`${folder}/pipe`]);
  expect(await pathsOf({ text: 'needle of somebody' })).toEqual([]);
  for (const path of ['out', 'out/x', '.aapanel-bin', 'nowhere'])
    expect([path, await reasonOf(open({ text: 'needle', path }))]).toEqual([path, 'file_gone']);
  const base = `${folder}/swapped`;
  mkdirSync(`${base}/real`, { recursive: true });
  writeFileSync(`${base}/real/secret`, 'needle of our own\n');
  const swapper = spawn(process.execPath, [join(import.meta.dirname, 'testing/swapper.ts'), base, outside]);
  await once(swapper.stdout, 'data');
  let own = 0;
  try {
    for (let round = 0; round < 40; round++)
      for (const { before, match, after } of (await search({ text: 'needle', path: 'swapped' })).found) {
        expect(`${before}${match}${after}`).toBe('needle of our own');
        own++;
      }
  } finally {
    swapper.kill('SIGKILL');
    await once(swapper, 'exit');
  }
  expect(own).toBeGreaterThan(10);
});

it('what ripgrep writes is understood wherever it is cut, and never kept as long as it comes', () => {
  const long = `big\u00007:0:${'z'.repeat(100_000)}\n`;
  const written = Buffer.from(
    `./a\nb\u00001:5:x\n./a\nb\u00001:9:x\n./a\nb\u00002:20:12:x:\n${long}c\u0000junk\nd\u00003:0:\n`,
    'latin1',
  );
  const expected = [
    { path: 'a\nb', line: 1, offset: 5, head: 'x' },
    { path: 'a\nb', line: 2, offset: 20, head: '12:x:' },
    { path: 'big', line: 7, offset: 0, head: 'z'.repeat(mostOfMatch) },
    { path: 'd', line: 3, offset: 0, head: '' },
  ];
  for (const size of [1, 2, 7, 64, written.length]) {
    const reader = createOutputReader();
    const found = [];
    for (let at = 0; at < written.length; at += size) found.push(...reader.read(written.subarray(at, at + size)));
    expect(found.map((each) => ({ ...each, head: Buffer.from(each.head, 'base64').toString('latin1') }))).toEqual(
      expected,
    );
    expect(reader.count).toBe(6);
  }
});
