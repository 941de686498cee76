import { spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  createReadStream,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { ArchiveError } from './archive-error.ts';
import { extractInto, type ExpectedEntry, type ExtractReport, type ExtractRules } from './extract.ts';
import { foreignLimits, ownLimits } from './limits.ts';
import { byteText } from './names.ts';
import { tar } from './testing/make-tar.ts';
import { describeTree, readTree } from './testing/watched-tree.ts';

/* Archives that the usual programs make of an ordinary, if difficult, tree must come out byte for byte. */

const folder = mkdtempSync(join(realpathSync(tmpdir()), 'aapanel-benign-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const source = join(folder, 'source');
const target = join(folder, 'target');

const names = [
  'plain.txt',
  '.hidden',
  '-rf',
  '--checkpoint-action=exec=sh x',
  ' spaces at both ends ',
  'quotes \' and " and \\',
  'صورة العائلة ١.png',
  'می\u200cخواهم.txt',
  '👨‍👩‍👧‍👦.jpg',
  '日本語.md',
  'e\u0301 taken apart',
  `${'n'.repeat(251)}.txt`,
  `${'م'.repeat(127)}`,
  '*?[a]$(x)`y`;&|<>',
];

function makeSource(): void {
  mkdirSync(join(source, 'empty'), { recursive: true });
  const deep = join(source, ...Array.from({ length: 20 }, (_, index) => `folder number ${index}`));
  mkdirSync(deep, { recursive: true });
  for (const [index, name] of names.entries()) {
    writeFileSync(join(source, name), `content ${index}`.repeat(index * 50), { mode: index % 2 === 0 ? 0o644 : 0o600 });
    writeFileSync(join(deep, name), String(index));
  }
  writeFileSync(join(source, 'large.bin'), Buffer.alloc(3_000_001, 'large'));
  writeFileSync(join(source, 'script.sh'), '#!/bin/sh\n', { mode: 0o755 });
  symlinkSync('../plain.txt', join(source, 'empty', 'link'));
  symlinkSync('empty', join(source, 'link to a folder'));
  symlinkSync('missing', join(source, 'dangling'));
  symlinkSync(`${'long/'.repeat(40)}target`, join(source, 'long link'));
  linkSync(join(source, 'plain.txt'), join(source, 'second name'));
  utimesSync(join(source, 'script.sh'), 1_000_000_000, 1_000_000_000);
}
makeSource();

/** Type, mode, owner (the tests' own), links and content; no times of folders. */
const wanted = describeTree(source, false);

async function extract(archive: string, rules?: ExtractRules): Promise<ExtractReport> {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target);
  const root = openSync(target, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return await extractInto(createReadStream(archive), root, rules ?? { mode: 'foreign', limits: foreignLimits });
  } finally {
    closeSync(root);
  }
}

function make(program: string, ...args: string[]): string {
  const archive = join(folder, 'archive');
  rmSync(archive, { force: true });
  const { status, stderr } = spawnSync(program, args, { cwd: source, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  return archive;
}

const has = (program: string): boolean => spawnSync('which', [program]).status === 0;
const archive = join(folder, 'archive');

test.each([
  ['--format=gnu'],
  ['--format=posix'],
  ['--format=posix', '--xattrs', '--acls'],
  ['--format=gnu', '--gzip'],
  ['--format=posix', '--zstd'],
  ['--format=gnu', '--blocking-factor=1'],
  ['--format=gnu', '--owner=somebody:4000000', '--group=x:4000000'],
])('what GNU tar %s makes comes out byte for byte', async (...options) => {
  make('tar', '-c', ...options, '-f', archive, '.');
  const report = await extract(archive);
  expect(describeTree(target, false)).toEqual(wanted);
  expect(report.hardlinks).toBe(1);
  expect(report.changes['special-bits'].count + report.changes['folder-mode'].count).toBe(0);
});

test('times of files, links and folders come back', async () => {
  make('tar', '-c', '--format=posix', '-f', archive, '.');
  await extract(archive);
  const found = spawnSync('find', ['.', '-mindepth', '1', '-printf', '%P %T@\n'], {
    cwd: target,
    encoding: 'utf8',
  }).stdout;
  const real = spawnSync('find', ['.', '-mindepth', '1', '-printf', '%P %T@\n'], {
    cwd: source,
    encoding: 'utf8',
  }).stdout;
  // Node sets microseconds.
  const lines = (text: string): string[] =>
    text
      .replace(/(\.\d{5})\d+$/gm, '$1')
      .split('\n')
      .sort();
  expect(lines(found)).toEqual(lines(real));
});

test.skipIf(!has('python3'))('what Python makes in its three formats comes out byte for byte', async () => {
  for (const format of ['GNU_FORMAT', 'PAX_FORMAT', 'USTAR_FORMAT']) {
    const skip =
      format === 'USTAR_FORMAT' ? 'lambda t: None if len(t.name.encode()) > 90 or len(t.linkname) > 90 else t' : 'None';
    const code = `import tarfile\nt = tarfile.open(${JSON.stringify(archive)}, 'w', format=tarfile.${format})\nt.add('.', filter=${skip})\nt.close()`;
    make('python3', '-c', code);
    await extract(archive);
    if (format !== 'USTAR_FORMAT') expect(describeTree(target, false), format).toEqual(wanted);
    else expect(readTree(target)['صورة العائلة ١.png']).toBe(readTree(source)['صورة العائلة ١.png']);
  }
});

test.skipIf(!has('bsdtar'))('what bsdtar makes comes out byte for byte', async () => {
  for (const format of ['pax', 'gnutar']) {
    make('bsdtar', '-c', '--format', format, '-f', archive, '.');
    await extract(archive);
    expect(describeTree(target, false), format).toEqual(wanted);
  }
});

test.skipIf(!has('zip'))('what zip makes comes out byte for byte, from a folder and from a pipe', async () => {
  make('zip', '-qry', archive, '.');
  await extract(existsSync(archive) ? archive : `${archive}.zip`);
  // A zip knows no hard links: two files.
  const alone = (lines: string[]): string[] => lines.map((line) => line.replace(/ \d+ ([0-9a-f]{64})$/, ' $1'));
  expect(alone(describeTree(target, false))).toEqual(alone(wanted));
  rmSync(`${archive}.zip`, { force: true });
  // To a pipe it cannot go back: sizes stand behind the content.
  const piped = spawnSync('zip', ['-q', '-', 'large.bin', names[6] ?? ''], { cwd: source, maxBuffer: 1e8 });
  expect(piped.status, piped.stderr.toString()).toBe(0);
  writeFileSync(archive, piped.stdout);
  expect(await extract(archive)).toMatchObject({ files: 2 });
  const large = readTree(source)['large.bin'];
  expect(readTree(target)['large.bin'] === large).toBe(true);
});

test('a sparse file and several volumes are refused, not guessed at', async () => {
  const sparse = join(folder, 'sparse');
  mkdirSync(sparse);
  spawnSync('truncate', ['-s', '1M', join(sparse, 'file')]);
  for (const format of ['gnu', 'posix']) {
    make('tar', '-c', '-S', `--format=${format}`, '-f', archive, '-C', sparse, '.');
    await expect(extract(archive), format).rejects.toBeInstanceOf(ArchiveError);
  }
});

const list = (lines: readonly string[]): Map<string, ExpectedEntry> =>
  new Map(
    lines.map((line) => {
      const [path = '', type] = line.split('\0');
      return [path, { type: type === 'd' ? 'folder' : type === 'l' ? 'symlink' : 'file', isRawName: true } as const];
    }),
  );

test.skipIf(!has('restic'))(
  'what restic dumps of a backup comes out byte for byte, also names that are no text',
  async () => {
    const odd = join(source, 'odd');
    mkdirSync(odd);
    writeFileSync(join(odd, 'line\nbreak'), 'one');
    writeFileSync(Buffer.concat([Buffer.from(`${odd}/caf`), Buffer.from([0xe9])]), 'two');
    const repository = join(folder, 'repository');
    const restic = (...args: string[]): Buffer => {
      const env = { ...process.env, RESTIC_PASSWORD: 'x', RESTIC_CACHE_DIR: join(folder, 'cache') };
      const { status, stdout, stderr } = spawnSync('restic', ['-q', '-r', repository, ...args], {
        cwd: source,
        env,
        maxBuffer: 1e8,
      });
      expect(status, stderr.toString()).toBe(0);
      return stdout;
    };
    try {
      restic('init');
      restic('backup', '.');
      const dumped = restic('dump', '--archive', 'tar', 'latest', '/');
      const found = spawnSync('find', ['.', '-mindepth', '1', '-printf', '%P\\0%y\n'], { cwd: source }).stdout.toString(
        'latin1',
      );
      // The one name with a line break was cut in two.
      const lines = found
        .replace('line\nbreak', 'line\u0001break')
        .split('\n')
        .filter((line) => line !== '');
      const expected = list(lines.map((line) => line.replace('\u0001', '\n')));
      for (const [name, bytes] of [
        ['tar', dumped],
        ['gzip', gzipSync(dumped)],
        ['zstd', zstdCompressSync(dumped)],
      ] as const) {
        writeFileSync(archive, bytes);
        const limits = ownLimits(expected.size, 20_000_000);
        await extract(archive, { mode: 'own', limits, expected: new Map(expected) });
        // restic keeps no second names.
        const alone = (all: string[]): string[] => all.map((line) => line.replace(/ \d+ ([0-9a-f]{64})$/, ' $1'));
        const [comes, stood] = [target, source].map((each) => alone(describeTree(each, false)));
        expect(comes, name).toEqual(stood);
      }
      writeFileSync(archive, dumped);
      await expect(extract(archive)).rejects.toMatchObject({ reason: 'archive_name_bytes' });
      expected.delete(byteText('plain.txt'));
      await expect(
        extract(archive, { mode: 'own', limits: ownLimits(999, 20_000_000), expected }),
      ).rejects.toMatchObject({ reason: 'archive_manifest_mismatch' });
    } finally {
      rmSync(odd, { recursive: true });
    }
  },
);

test('the limits as they are by default stop a bomb early', async () => {
  writeFileSync(archive, gzipSync(tar([{ name: 'zeros', content: Buffer.alloc(32 * 1024 * 1024) }]), { level: 1 }));
  const failed = await extract(archive).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failed).toMatchObject({ reason: 'archive_resource_exhaustion' });
});
