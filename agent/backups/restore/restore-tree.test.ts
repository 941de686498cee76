import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
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
import type { TreeInto } from '../work.ts';
import { bringIn, dressReady, dropReady, makeReady, previewTree, type TreePlan } from './restore-tree.ts';

const isRoot = process.getuid?.() === 0;
const odd = Buffer.from([0x72, 0xe9, 0x73, 0x0a, 0x78]);
let world: World;
let work: TestWork;
let set: TestSet;
const home = (): string => world.path('/srv/app');

function fill(): void {
  rmSync(world.path('/srv'), { recursive: true, force: true });
  mkdirSync(`${home()}/sub/deep`, { recursive: true });
  writeFileSync(`${home()}/a.txt`, 'first');
  writeFileSync(`${home()}/sub/b.txt`, 'second');
  writeFileSync(`${home()}/sub/deep/c.bin`, Buffer.alloc(300_000, 7));
  writeFileSync(Buffer.concat([Buffer.from(`${home()}/`), odd]), 'odd');
  symlinkSync('a.txt', `${home()}/link`);
  chmodSync(`${home()}/a.txt`, 0o640);
  chmodSync(`${home()}/sub`, 0o750);
  if (isRoot) chownSync(`${home()}/sub/b.txt`, 33, 33);
}

beforeAll(async () => {
  world = await makeWorld();
  fill();
  work = makeWork(world);
  const source = { kind: 'folder', path: '/srv/app' } as const;
  set = await saveSet(work, plainRepository(`${world.folder}/repository`), [
    { name: 'folder/srv/app', source, root: home() },
  ]);
});
afterAll(() => world.destroy());
beforeEach(() => {
  fill();
  work = makeWork(world);
});

async function planOf(into: TreeInto = { kind: 'in_place' }, member?: string): Promise<TreePlan> {
  const part = treeOf(set, 'folder/srv/app');
  return { set, part, membersPath: await set.membersOf(part), into, member, isDryRun: false, home: home() };
}

async function restore(plan: TreePlan): Promise<void> {
  const ready = await makeReady(work, plan);
  await dressReady(work, ready);
  await bringIn(work, [ready]);
}
const look = (): string => snapshot(world.prefix, ['/srv']);

it.runIf(hasRestic)('a tree comes back as it was: contents, modes, owners, links, names of any bytes', async () => {
  const before = look();
  writeFileSync(`${home()}/a.txt`, 'changed');
  writeFileSync(`${home()}/new.txt`, 'new');
  rmSync(`${home()}/sub`, { recursive: true });
  await restore(await planOf());
  expect(look()).toBe(before);
  expect(readFileSync(Buffer.concat([Buffer.from(`${home()}/`), odd]), 'utf8')).toBe('odd');
  expect(readdirSync(world.path('/srv'))).toEqual(['app']);
  expect(readdirSync(`${work.folder}/restores`)).toEqual([]);
});

it.runIf(hasRestic)('one file, or one folder, comes back alone, also when folders above it are gone', async () => {
  const before = look();
  writeFileSync(`${home()}/a.txt`, 'mine stays');
  rmSync(`${home()}/sub`, { recursive: true });
  await restore(await planOf({ kind: 'in_place' }, 'sub/deep/c.bin'));
  expect(readdirSync(`${home()}/sub`)).toEqual(['deep']);
  expect(readFileSync(`${home()}/sub/deep/c.bin`).length).toBe(300_000);
  await restore(await planOf({ kind: 'in_place' }, 'sub'));
  expect(readFileSync(`${home()}/a.txt`, 'utf8')).toBe('mine stays');
  await restore(await planOf({ kind: 'in_place' }, 'a.txt'));
  expect(look()).toBe(before);
  await restore(await planOf({ kind: 'in_place' }, 'link'));
  expect(look()).toBe(before);
});

it.runIf(hasRestic)('no link in the live tree is followed', async () => {
  mkdirSync(world.path('/outside'), { recursive: true });
  rmSync(`${home()}/sub`, { recursive: true });
  symlinkSync(world.path('/outside'), `${home()}/sub`);
  const before = snapshot(world.prefix, ['/srv', '/outside']);
  await expect(restore(await planOf({ kind: 'in_place' }, 'sub/b.txt'))).rejects.toMatchObject({
    reason: 'path_is_link',
  });
  expect(snapshot(world.prefix, ['/srv', '/outside'])).toBe(before);
});

it.runIf(hasRestic)('aside: into a new folder, and never over something', async () => {
  const path = world.path('/aside');
  writeFileSync(`${home()}/a.txt`, 'mine');
  await restore(await planOf({ kind: 'aside', path }));
  expect(readFileSync(`${path}/a.txt`, 'utf8')).toBe('first');
  expect(readFileSync(`${home()}/a.txt`, 'utf8')).toBe('mine');
  await expect(makeReady(work, await planOf({ kind: 'aside', path }))).rejects.toMatchObject({
    reason: 'backup_aside_exists',
  });
  await restore(await planOf({ kind: 'aside', path: world.path('/one') }, 'sub/b.txt'));
  expect(readdirSync(world.path('/one'))).toEqual(['b.txt']);
});

it.runIf(hasRestic)('B-11 a preview tells what would change, in bytes and time, and changes nothing', async () => {
  writeFileSync(`${home()}/a.txt`, 'other');
  writeFileSync(`${home()}/new.txt`, 'new');
  rmSync(`${home()}/sub/b.txt`);
  const before = look();
  await previewTree(work, await planOf());
  expect(look()).toBe(before);
  const told = work.lines.filter(({ what }) => what !== 'measured').map(({ what, subject }) => `${what} ${subject}`);
  expect(told.sort()).toEqual(['changed a.txt', 'created sub/b.txt', 'removed new.txt']);
  const params = Object.fromEntries(
    work.lines.flatMap(({ reason, params: given }) => (reason === null ? [] : [[reason, given]])),
  );
  expect(params['comparison']).toMatchObject({ changed: 1, created: 1, removed: 1 });
  expect(params['space']?.['neededBytes']).toBeGreaterThan(300_000);
  expect(params['time']).toMatchObject({ seconds: 1 });
});

it.runIf(hasRestic).each([
  ['another content', (text: string) => text.replace(/"sha256":"[0-9a-f]{64}"/, `"sha256":"${'0'.repeat(64)}"`)],
  ['another size', (text: string) => text.replace('"size":5', '"size":6')],
  ['a member too much', (text: string) => text.split('\n').slice(1).join('\n')],
  [
    'a member that is missing',
    (text: string) => text + text.split('\n')[0]?.replace(/"path":"[^"]*"/, '"path":"eno="') + '\n',
  ],
  ['another target of a link', (text: string) => text.replace('"target":"YS50eHQ="', '"target":"Yi50eHQ="')],
])('P4.2-2 %s than the signed list says: refused, nothing changed, nothing left', async (_, edit) => {
  const part = treeOf(set, 'folder/srv/app');
  const original = set.lists.get(part.name) ?? '';
  set.lists.set(part.name, edit(original));
  expect(edit(original)).not.toBe(original);
  writeFileSync(`${home()}/a.txt`, 'changed');
  const before = look();
  try {
    const refused = await makeReady(work, await planOf()).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({
      reason: expect.stringMatching(/^(backup_mismatch|archive_manifest_mismatch)$/) as string,
    });
  } finally {
    set.lists.set(part.name, original);
  }
  expect(look()).toBe(before);
});

it.runIf(hasRestic && isRoot)(
  'special bits of files never come back and that is told; setgid of folders does',
  async () => {
    const part = treeOf(set, 'folder/srv/app');
    const original = set.lists.get(part.name) ?? '';
    const edited = original
      .replace(/(?<="path":"YS50eHQ=".*"mode":)\d+/, String(0o4755))
      .replace(/(?<="path":"c3Vi".*"mode":)\d+/, String(0o2750));
    set.lists.set(part.name, edited);
    try {
      await restore(await planOf({ kind: 'aside', path: world.path('/bits') }));
    } finally {
      set.lists.set(part.name, original);
    }
    expect(snapshot(world.prefix, ['/bits'])).toMatch(/\/bits\/a\.txt 755 /);
    expect(snapshot(world.prefix, ['/bits'])).toMatch(/\/bits\/sub\/ 2750/);
    expect(work.lines).toContainEqual(
      expect.objectContaining({ what: 'normalised', subject: 'a.txt', reason: 'special_bits_removed' }),
    );
  },
);

it.runIf(hasRestic)('what was made ready and is not wanted any more leaves nothing', async () => {
  const before = look();
  dropReady(work, [await makeReady(work, await planOf())]);
  expect(look()).toBe(before);
  expect(existsSync(`${work.folder}/restores`) ? readdirSync(`${work.folder}/restores`) : []).toEqual([]);
});
