import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, expect, test } from 'vitest';
import { AppError } from '#shared/errors.ts';
import { logTo } from '../core/machine.ts';
import { ArchiveError, type ArchiveClass } from './archive-error.ts';
import { extractArchive, type ExtractRequest } from './extract-archive.ts';
import { foreignLimits, ownLimits } from './limits.ts';
import { entryCases } from './testing/hostile-entries.ts';
import { nameCases } from './testing/hostile-names.ts';
import { streamCases } from './testing/hostile-streams.ts';
import { zipCases } from './testing/hostile-zips.ts';
import { hostileClasses } from './testing/hostile.ts';
import { listOf, tar, tarPart } from './testing/make-tar.ts';
import { describeTree, readTree } from './testing/watched-tree.ts';
import { programs } from '../../test/testing/programs.ts';

/* The extractor as the agent starts it: a process of its own, which becomes nobody before it reads. */

logTo(() => undefined);
const isRoot = process.getuid?.() === 0;
const folder = mkdtempSync(join(realpathSync(tmpdir()), 'aapanel-extract-'));
const into = join(folder, 'staging', 'in');
mkdirSync(join(folder, 'staging'), { mode: 0o700 });
mkdirSync(join(folder, 'live'));
writeFileSync(join(folder, 'live', 'index.html'), 'old content');
const mounts: string[] = [];
afterEach(() => rmSync(into, { recursive: true, force: true }));
afterAll(() => {
  for (const each of mounts) spawnSync('umount', [each]);
  rmSync(folder, { recursive: true, force: true });
});

const entry = join(import.meta.dirname, 'testing', 'extract-entry.ts');
const agent = programs.agent;

function machineOf(program: string): ExtractRequest['machine'] {
  const settings = {
    socketPath: join(folder, 'socket'),
    stateFolder: folder,
    group: 'root',
    idleMs: 0,
    rootPrefix: '',
    program: [process.execPath, program] as const,
  };
  return { settings, isRoot, hasSystemd: false };
}

async function* whole(bytes: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(bytes);
}

function request(bytes: Buffer | AsyncIterable<Buffer>, more: Partial<ExtractRequest> = {}): ExtractRequest {
  const input = Buffer.isBuffer(bytes) ? whole(bytes) : bytes;
  return { input, into, mode: 'foreign', limits: foreignLimits, machine: machineOf(entry), ...more };
}

async function failureOf(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof AppError) return error;
  throw new Error(`no typed error: ${String(error)}`);
}

/** The process that was told to write into a folder. */
function extractorOf(path: string): string {
  const found = readdirSync('/proc').find((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(path);
    } catch {
      return false;
    }
  });
  if (found === undefined) throw new Error('the extractor does not run');
  return found;
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await sleep(10);
}

/** Two files; `between` runs when the first one is there. */
async function* withPause(between: () => void | Promise<void>): AsyncGenerator<Buffer> {
  yield tarPart({ name: 'first', content: 'one' });
  await until(() => existsSync(join(into, 'first')));
  await between();
  yield tar([{ name: 'second', content: 'two' }]);
}

test.skipIf(!isRoot)(
  'B-1 the agent unpacks as nobody: no rights, no groups, no network, only its own new folder',
  async () => {
    let status = '';
    let network = '';
    const input = withPause(() => {
      const pid = extractorOf(into);
      status = readFileSync(`/proc/${pid}/status`, 'utf8');
      network = readlinkSync(`/proc/${pid}/ns/net`);
    });
    await extractArchive(request(input, { machine: machineOf(agent) }));
    const line = (name: string): string =>
      (new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)?.[1] ?? 'missing').trim();
    const owner = lstatSync(join(into, 'first')).uid;
    expect(owner).toBeGreaterThanOrEqual(60_578);
    expect(owner).toBeLessThanOrEqual(61_183);
    expect(line('Uid').split(/\s+/)).toEqual(Array(4).fill(String(owner)));
    expect(line('Gid').split(/\s+/)).toEqual(Array(4).fill(String(owner)));
    expect(line('Groups')).toBe('');
    expect([line('CapPrm'), line('CapEff'), line('CapInh'), line('CapAmb')].map((each) => Number(each))).toEqual([
      0, 0, 0, 0,
    ]);
    expect(line('NoNewPrivs')).toBe('1');
    // Where this kernel lets root make a network of its own.
    if (spawnSync('unshare', ['--net', 'true']).status === 0)
      expect(network).not.toBe(readlinkSync('/proc/self/ns/net'));
    expect(lstatSync(into)).toMatchObject({ uid: owner, mode: 0o40700 });
    expect(readTree(into)).toEqual({ first: 'one', second: 'two' });
  },
);

const hasXz = spawnSync('xz', ['--version']).status === 0;
const xz = (bytes: Buffer, ...args: string[]): Buffer =>
  spawnSync('xz', ['--compress', '--stdout', ...args], { input: bytes, maxBuffer: 256 * 1024 * 1024 }).stdout;

test.skipIf(!hasXz)(
  'ARCH-1 a tar in xz is unpacked by the same rules; what is cut off, doubled or far too large is not',
  async () => {
    const plain = tar([{ name: 'a/b', content: 'x'.repeat(300_000) }]);
    const packed = xz(plain);
    const refused = async (bytes: Buffer, more: Partial<ExtractRequest> = {}): Promise<ArchiveClass> => {
      const error = await failureOf(extractArchive(request(bytes, more)));
      expect(existsSync(into)).toBe(false);
      if (!(error instanceof ArchiveError)) throw error;
      return error.archiveClass;
    };
    await extractArchive(request(packed));
    expect(readTree(into)).toEqual({ a: '/', 'a/b': 'x'.repeat(300_000) });
    rmSync(into, { recursive: true });
    expect(await refused(packed.subarray(0, packed.length - 20))).toBe('damaged');
    expect(await refused(Buffer.concat([packed, Buffer.from('more')]))).toBe('damaged');
    expect(await refused(Buffer.from('fd377a585a000004', 'hex'))).toBe('damaged');
    expect(await refused(xz(tar([{ name: '../out', content: 'x' }])))).toBe('path-escape');
    expect(await refused(xz(xz(plain)))).toBe('compression');
    expect(await refused(xz(gzipSync(plain)))).toBe('compression');
    // Of what is inside two archives behind each other, the second would be hidden.
    expect(await refused(Buffer.concat([packed, packed]))).toBe('damaged');
    expect(await refused(xz(tar([{ name: 'zeros', content: Buffer.alloc(64 * 1024 * 1024) }])))).toBe('resources');
    const little = { ...foreignLimits, decoderMemoryBytes: 16 * 1024 * 1024 };
    expect(await refused(xz(plain, '--lzma2=dict=64MiB'), { limits: little })).toBe('resources');
    // One of our own never is in xz.
    const own = {
      mode: 'own',
      limits: ownLimits(2, 300_000),
      expected: listOf([{ name: 'a/b', content: 'x' }]),
    } as const;
    expect(await refused(packed, own)).toBe('compression');
  },
);

test.skipIf(!hasXz || !isRoot)('ARCH-1 xz runs as nobody, without rights, and ends with the extraction', async () => {
  let status = '';
  const input = async function* (): AsyncGenerator<Buffer> {
    yield xz(
      tar([{ name: 'a', content: Buffer.from(Array.from({ length: 900_000 }, (_, at) => (at * 7919) % 251)) }]),
    ).subarray(0, 2_000);
    const find = (): string | undefined =>
      readdirSync('/proc').find((pid) => {
        try {
          return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('\0--memlimit-decompress=');
        } catch {
          return false;
        }
      });
    await until(() => find() !== undefined && /^Uid:\s+6/m.test(readFileSync(`/proc/${find()}/status`, 'utf8')));
    status = readFileSync(`/proc/${find()}/status`, 'utf8');
    throw new Error('the source broke');
  };
  await expect(extractArchive(request(input()))).rejects.toThrow('the source broke');
  expect(/^Uid:\s+(\d+)/m.exec(status)?.[1]).toMatch(/^6[01]\d{3}$/);
  expect(/^CapBnd:\s+(\w+)/m.exec(status)?.[1]).toBe('0000000000000000');
  expect(/^NoNewPrivs:\s+1$/m.test(status)).toBe(true);
  const pid = /^Pid:\s+(\d+)/m.exec(status)?.[1];
  await until(() => !existsSync(`/proc/${pid}/exe`));
});

const cases = [...nameCases('/nowhere/x'), ...entryCases('/nowhere/x'), ...streamCases(), ...zipCases('/nowhere/x')];
const refusals = hostileClasses.flatMap((each) => {
  const found = cases.find((one) => one.class === each && one.outcome.kind === 'rejected');
  return found === undefined ? [] : [found];
});

test('B-1 P4.2-3 a refusal comes back typed from the other process, and nothing remains of the archive', async () => {
  const before = describeTree(folder);
  expect(refusals.length).toBeGreaterThan(11);
  const ends = await Promise.all(
    refusals.map(async ({ bytes, limits, name }, index) => {
      const place = join(folder, 'staging', String(index));
      const error = await failureOf(
        extractArchive(request(bytes, { into: place, limits: { ...foreignLimits, ...limits } })),
      );
      return {
        name,
        archiveClass: error instanceof ArchiveError ? error.archiveClass : error.reason,
        isGone: !existsSync(place),
      };
    }),
  );
  expect(ends).toEqual(
    refusals.map(({ name, outcome }) => ({
      name,
      archiveClass: expect.toSatisfy(
        (each: ArchiveClass) => outcome.kind === 'rejected' && outcome.as.includes(each),
      ) as unknown,
      isGone: true,
    })),
  );
  expect(describeTree(folder)).toEqual(before);
});

test('B-1 an archive of our own must hold exactly the names of its signed list, with their sizes and hashes', async () => {
  const parts = [
    { name: 'd/', type: '5' },
    { name: 'd/a', content: 'one' },
    { name: 'l', type: '2', link: 'd/a' },
  ] as const;
  const listed = listOf(parts);
  const sha256 = '7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed';
  const own = async (expected: typeof listed): Promise<unknown> => {
    const limits = ownLimits(expected.length + 9, 3);
    return await extractArchive(request(tar(parts), { mode: 'own', expected, limits })).then(
      ({ files, folders, symlinks }) => ({ files, folders, symlinks, tree: readTree(into) }),
      (error: unknown) =>
        error instanceof ArchiveError ? `${error.archiveClass} ${String(error.params['name'])}` : error,
    );
  };
  const without = (name: string): typeof listed => listed.filter((each) => each.name !== name);
  const withFacts = (facts: object): typeof listed =>
    listed.map((each) => (each.name === 'd/a' ? { ...each, ...facts } : each));
  expect(await own(withFacts({ sha256 }))).toEqual({
    files: 1,
    folders: 1,
    symlinks: 1,
    tree: { d: '/', 'd/a': 'one', l: '-> d/a' },
  });
  rmSync(into, { recursive: true });
  expect(await own(without('d/a'))).toBe('manifest d/a');
  expect(await own(without('l'))).toBe('manifest l');
  expect(await own([...listed, { name: 'more', type: 'file' }])).toMatch(/^manifest more$/);
  expect(await own(withFacts({ sizeBytes: 4 }))).toBe('manifest d/a');
  expect(await own(withFacts({ sha256: sha256.replace('7', '8') }))).toBe('manifest d/a');
  expect(await own(withFacts({ type: 'folder' }))).toBe('manifest d/a');
  expect(await own(listed.map((each) => (each.name === 'l' ? { ...each, target: 'd' } : each)))).toBe('manifest l');
  expect(existsSync(into)).toBe(false);
});

test('B-1 a killed extractor, a stopped one and a broken stream leave nothing and touch nothing', async () => {
  const before = describeTree(folder);
  const killed = await failureOf(
    extractArchive(request(withPause(() => void process.kill(Number(extractorOf(into)), 'SIGKILL')))),
  );
  expect(killed.reason).toBe('archive_extractor_failed');
  const stop = new AbortController();
  const stopped = await failureOf(
    extractArchive(
      request(
        withPause(() => stop.abort()),
        { signal: stop.signal },
      ),
    ),
  );
  expect(stopped.code).toBe('timeout');
  const broken = extractArchive(
    request(
      withPause(() => {
        throw new Error('the source broke');
      }),
    ),
  );
  await expect(broken).rejects.toThrow('the source broke');
  expect(describeTree(folder)).toEqual(before);
});

test('a stream that never goes on does not hold up the refusal of what has come', async () => {
  const input = async function* (): AsyncGenerator<Buffer> {
    yield tarPart({ name: '../x', content: 'x' });
    await new Promise(() => undefined);
  };
  expect((await failureOf(extractArchive(request(input())))).reason).toBe('archive_path_escape');
});

test.skipIf(!isRoot)(
  'B-1 a disk that is full in the middle ends in a typed error; the old content is whole and there is room again',
  async () => {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=0700', 'tmpfs', disk]);
    expect(mounted.status, 'tmpfs cannot be mounted here').toBe(0);
    mounts.push(disk);
    writeFileSync(join(disk, 'old'), 'old content');
    const before = describeTree(disk);
    const content = Buffer.alloc(300_000, 'x');
    const bytes = tar(Array.from({ length: 6 }, (_, index) => ({ name: `d/f${index}`, content })));
    const error = await failureOf(extractArchive(request(bytes, { into: join(disk, 'in') })));
    expect(error.reason).toBe('disk_full');
    expect(describeTree(disk)).toEqual(before);
    const fits = tar([{ name: 'f', content }]);
    expect((await extractArchive(request(fits, { into: join(disk, 'in') }))).bytes).toBe(300_000);
  },
);

test('what already stands in the way of the staging folder is refused and kept', async () => {
  mkdirSync(into);
  writeFileSync(join(into, 'mine'), 'x');
  await expect(extractArchive(request(tar([{ name: 'mine', content: 'y' }])))).rejects.toThrow('EEXIST');
  expect(readTree(into)).toEqual({ mine: 'x' });
});
