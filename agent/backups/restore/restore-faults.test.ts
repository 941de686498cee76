import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import {
  hasRestic,
  makeWork,
  plainRepository,
  saveSet,
  treeOf,
  type TestSet,
  type TestWork,
} from '../../testing/backup-sets.ts';
import { makeWorld, snapshot, type World } from '../../testing/world.ts';
import { bringIn, dressReady, makeReady, type TreePlan } from './restore-tree.ts';
import { fileHeader, folderHeader, paddingOf, tarEnd } from './tar-headers.ts';

/*
 * A signature excuses no archive: these come out of a correctly signed set whose store somebody else can write to.
 */

let world: World;
let work: TestWork;
let set: TestSet;
const part = 'folder/srv/app';
const canMount = process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0;
const mounts: string[] = [];

beforeAll(async () => {
  world = await makeWorld();
  mkdirSync(world.path('/srv/app/sub'), { recursive: true });
  mkdirSync(world.path('/outside'));
  writeFileSync(world.path('/outside/secret'), 'secret');
  writeFileSync(world.path('/srv/app/a.txt'), 'first');
  writeFileSync(world.path('/srv/app/sub/b.txt'), 'second');
  if (!hasRestic) return;
  work = makeWork(world);
  const source = { kind: 'folder', path: '/srv/app' } as const;
  set = await saveSet(work, plainRepository(`${world.folder}/repository`), [
    { name: part, source, root: world.path('/srv/app') },
  ]);
});
afterAll(() => {
  for (const path of mounts) spawnSync('umount', ['-l', path]);
  world.destroy();
});
beforeEach(() => {
  work = makeWork(world);
});

async function planFor(readTar: () => Readable, home = world.path('/srv/app')): Promise<TreePlan> {
  const tree = treeOf(set, part);
  const given = { ...set, repository: { ...set.repository, readTar } };
  const membersPath = await set.membersOf(tree);
  return { set: given, part: tree, membersPath, into: { kind: 'in_place' }, member: undefined, isDryRun: false, home };
}

async function restore(plan: TreePlan): Promise<void> {
  const ready = await makeReady(work, plan);
  await dressReady(work, ready);
  await bringIn(work, [ready]);
}

const file = (name: string, content: string): Buffer =>
  Buffer.concat([fileHeader(name, content.length), Buffer.from(content), paddingOf(content.length)]);

/** Another type and link target in a header that was a file's. */
function retyped(name: string, type: string, link = '', mode?: string): Buffer {
  const header = fileHeader(name, 0);
  header.write(type, 156, 'latin1');
  header.write(link, 157, 'latin1');
  if (mode !== undefined) header.write(mode, 100, 'latin1');
  header.write('        ', 148, 'latin1');
  const total = header.reduce((sum, byte) => sum + byte, 0);
  header.write(`${total.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

const good = (): Buffer[] => [file('a.txt', 'first'), folderHeader('sub'), file('sub/b.txt', 'second')];

it.runIf(hasRestic).each([
  ['a way up', [...good(), file('../../outside/new', 'x')]],
  ['an absolute name', [...good(), file('/outside/new', 'x')]],
  [
    'a link to elsewhere and a file through it',
    [file('a.txt', 'first'), retyped('sub', '2', '/outside'), file('sub/b.txt', 'second')],
  ],
  [
    'a hard link to elsewhere',
    [retyped('a.txt', '1', '/etc/passwd'), folderHeader('sub'), file('sub/b.txt', 'second')],
  ],
  ['a device', [...good(), retyped('null', '3')]],
  ['a pipe in the place of a file', [retyped('a.txt', '6'), folderHeader('sub'), file('sub/b.txt', 'second')]],
  ['a file twice', [...good(), file('a.txt', 'other')]],
  ['a file that the list does not name', [...good(), file('more.txt', 'x')]],
  ['a file too few', good().slice(0, 2)],
  ['two files that changed places', [file('a.txt', 'second'), folderHeader('sub'), file('sub/b.txt', 'first')]],
  ['the same size and another content', [file('a.txt', 'FIRST'), folderHeader('sub'), file('sub/b.txt', 'second')]],
])('B-1 %s: refused, nothing changed anywhere, nothing left', async (_, blocks) => {
  const before = snapshot(world.prefix, ['']);
  const plan = await planFor(() => Readable.from([...blocks, tarEnd]));
  await expect(restore(plan)).rejects.toMatchObject({
    reason: expect.stringMatching(/^(archive_|backup_mismatch)/) as string,
  });
  expect(snapshot(world.prefix, [''])).toBe(before);
});

it.runIf(hasRestic)('the same archive without a fault restores', async () => {
  writeFileSync(world.path('/srv/app/a.txt'), 'other');
  await restore(await planFor(() => Readable.from([...good(), tarEnd])));
  expect(readFileSync(world.path('/srv/app/a.txt'), 'utf8')).toBe('first');
  expect(readFileSync(world.path('/srv/app/sub/b.txt'), 'utf8')).toBe('second');
});

it.runIf(hasRestic)(
  'a target that goes away in the middle: its reason is told, nothing changed, nothing left',
  async () => {
    const before = snapshot(world.prefix, ['']);
    const plan = await planFor(() => {
      const stream = new PassThrough();
      stream.write(Buffer.concat(good().slice(0, 1)));
      setImmediate(() => stream.destroy(new AppError('internal', 'gone', { reason: 'backup_target_unreachable' })));
      return stream;
    });
    await expect(restore(plan)).rejects.toMatchObject({ reason: 'backup_target_unreachable' });
    expect(snapshot(world.prefix, [''])).toBe(before);
  },
);

it.runIf(hasRestic)('cancelled in the middle: nothing changed, nothing left', async () => {
  const before = snapshot(world.prefix, ['']);
  const plan = await planFor(() => {
    const stream = new PassThrough();
    stream.write(Buffer.concat(good().slice(0, 1)));
    setImmediate(() => work.cancel());
    return stream;
  });
  await expect(restore(plan)).rejects.toThrow();
  expect(snapshot(world.prefix, [''])).toBe(before);
});

function mountSmall(name: string, size: string): string | undefined {
  const path = world.path(name);
  mkdirSync(path);
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path]);
  if (status !== 0) return undefined;
  mounts.push(path);
  return path;
}

it.runIf(hasRestic && canMount)(
  'B-8 no room for result and a tenth more: refused before anything is written',
  async () => {
    const path = mountSmall('/small', '8k');
    if (path === undefined) return console.log('not run: no tmpfs can be mounted here');
    let isRead = false;
    const plan = await planFor(() => {
      isRead = true;
      return Readable.from([]);
    }, `${path}/app`);
    await expect(restore(plan)).rejects.toMatchObject({ reason: 'backup_no_space' });
    expect(isRead).toBe(false);
    expect(readdirSync(path)).toEqual([]);
  },
);

it.runIf(hasRestic && canMount)(
  'disk full in the middle: failed, with the old content untouched and nothing left',
  async () => {
    const path = mountSmall('/full', '256k');
    if (path === undefined) return console.log('not run: no tmpfs can be mounted here');
    mkdirSync(`${path}/app`);
    writeFileSync(`${path}/app/a.txt`, 'old');
    const plan = await planFor(() => {
      // Somebody else takes the room meanwhile.
      const { bavail, bsize } = statfsSync(path);
      writeFileSync(`${path}/filler`, Buffer.alloc(bavail * bsize));
      return Readable.from([...good(), tarEnd]);
    }, `${path}/app`);
    await expect(restore(plan)).rejects.toMatchObject({ reason: expect.any(String) as string });
    rmSync(`${path}/filler`);
    expect(readdirSync(path)).toEqual(['app']);
    expect(snapshot(path, ['/app'])).toMatch(/^\/app\/ \d+\n\/app\/a\.txt/);
    expect(existsSync(`${path}/app/sub`)).toBe(false);
  },
);
