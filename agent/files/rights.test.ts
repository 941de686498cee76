import { spawn, spawnSync } from 'node:child_process';
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
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FileRights } from '#shared/file-rights.ts';
import { call, newChangeId, snapshot } from '../testing/world.ts';
import { filesHandlers } from './files.actions.ts';
import { changeRights, inSiteStore, listRights, rightsLines, undoRights } from './rights.ts';
import { makeFileSite, type FileSite } from './testing/file-site.ts';
import { createProgress, type Progress } from './work.ts';

const isRoot = process.getuid?.() === 0;
const wish = { paths: ['app'], fileMode: 0o640, folderMode: 0o750, keepsRun: true };
/** What is written to the disk for good takes its time; here it is about what is written. */
const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const never = new AbortController().signal;

type Tree = { readonly path: string; readonly root: number; readonly outside: string; state(): string; close(): void };

/** What sites are made of, and what must not be touched: links, other names, a pipe. */
function makeTree(): Tree {
  const path = mkdtempSync(join(place, 'aapanel-rights-'));
  const outside = mkdtempSync(join(place, 'aapanel-outside-'));
  writeFileSync(`${outside}/secret`, 'secret', { mode: 0o600 });
  for (const folder of ['app', 'app/bin', 'app/shared', 'app/shared/deep', 'beside']) mkdirSync(`${path}/${folder}`);
  chmodSync(`${path}/app/bin`, 0o777);
  chmodSync(`${path}/app/shared`, 0o2775);
  for (const name of ['app/index.php', 'app/shared/صورة.png', 'app/shared/deep/a', 'beside/other'])
    writeFileSync(`${path}/${name}`, name, { mode: 0o644 });
  writeFileSync(Buffer.concat([Buffer.from(`${path}/app/bad`), Buffer.from([0xff, 0x0a])]), 'x', { mode: 0o666 });
  writeFileSync(`${path}/app/bin/run.sh`, '#!/bin/sh\n');
  chmodSync(`${path}/app/bin/run.sh`, 0o777);
  symlinkSync(`${outside}/secret`, `${path}/app/link`);
  symlinkSync(outside, `${path}/app/way`);
  linkSync(`${outside}/secret`, `${path}/app/second-name`);
  const root = openSync(path, 'r');
  return {
    path,
    root,
    outside,
    state: () =>
      snapshot(
        place,
        [path, outside].map((each) => each.slice(place.length)),
        /\.aapanel-bin$/,
      ),
    close() {
      closeSync(root);
      for (const each of [path, outside]) rmSync(each, { recursive: true });
    },
  };
}

const modeOf = (path: string): string => (lstatSync(path).mode & 0o7777).toString(8);
const set = async (root: number, id: string, more: Partial<typeof wish> = {}, progress = createProgress(never)) => {
  await inSiteStore(
    root,
    async (on) => await changeRights(on, { id, by: 'hussam', wish: { ...wish, ...more } }, progress),
  );
  return progress;
};
const undo = async (root: number, id: string): Promise<Progress> => {
  const progress = createProgress(never);
  await inSiteStore(root, async (on) => await undoRights(on, { id, workId: newChangeId() }, progress));
  return progress;
};
const kept = async (root: number) => await inSiteStore(root, ({ store }) => listRights(store, () => false));

describe('below one folder', () => {
  let tree: Tree;
  let before: string;
  beforeAll(() => {
    tree = makeTree();
    before = tree.state();
  });
  afterAll(() => tree.close());

  it('FILE-6 files and folders below get their modes, links and files with other names stay, and all is taken back as one step', async () => {
    const { path, root, outside } = tree;
    const id = newChangeId();
    const progress = await set(root, id);
    const seen = ['app', 'app/bin', 'app/shared', 'app/shared/deep'].map((each) => modeOf(`${path}/${each}`));
    expect(seen).toEqual(['750', '750', '2750', '750']);
    expect(modeOf(`${path}/app/shared/deep/a`)).toBe('640');
    // Its group may read it, so it may run it.
    expect(modeOf(`${path}/app/bin/run.sh`)).toBe('750');
    expect([modeOf(`${path}/beside/other`), modeOf(`${outside}/secret`)]).toEqual(['644', '600']);
    expect(progress).toMatchObject({ files: 9, allFiles: 9, leftOut: 1 });
    const [record] = await kept(root);
    expect(record).toMatchObject({ id, by: 'hussam', state: 'done', changed: 9, left: { hard_link: 1 } });
    const lines = await inSiteStore(root, ({ store }) => rightsLines(store, id));
    expect(lines.map((line) => line.path)).toContain('app/bad\\xff\\x0a');
    // Twice is no change, and what somebody did since is theirs.
    expect(await set(root, newChangeId())).toMatchObject({ files: 0 });
    chmodSync(`${path}/app/index.php`, 0o600);
    expect(await undo(root, id)).toMatchObject({ files: 9, leftOutNames: ['app/index.php (changed)'] });
    expect(modeOf(`${path}/app/index.php`)).toBe('600');
    chmodSync(`${path}/app/index.php`, 0o644);
    expect(tree.state()).toBe(before);
  });

  it('FILE-6 what is stopped gives everything back, and keeps nothing', async () => {
    for (let stopAt = 1; stopAt < 30; stopAt += 4) {
      const stop = new AbortController();
      const progress = createProgress(stop.signal);
      let count = 0;
      let isMet = false;
      const stopping: Progress = Object.assign(progress, {
        breathe: () => {
          if (++count === stopAt) stop.abort();
          return Promise.resolve();
        },
      });
      await set(tree.root, newChangeId(), {}, stopping).catch(() => (isMet = true));
      const [last] = await kept(tree.root);
      // Behind its last line there was nothing to stop any more.
      if (last !== undefined) await undo(tree.root, last.id);
      expect([stopAt, tree.state()]).toEqual([stopAt, before]);
      expect(last === undefined).toBe(stop.signal.aborted && isMet);
    }
  });

  it('FILE-6 work that is killed at any moment goes on to its end, or is taken back', async () => {
    const hang = new Promise<void>(() => undefined);
    for (let killAt = 0; killAt < 10; killAt++) {
      const id = newChangeId();
      const progress = createProgress(never);
      if (killAt === 0) mkdirSync(`${tree.path}/.aapanel-bin/rights/${id}`);
      let count = 0;
      let reached: () => void = () => undefined;
      const isDead = new Promise<void>((resolve) => (reached = resolve));
      // As after a kill: nothing of it happens any more, no clearing up either.
      const dying = Object.assign(progress, {
        breathe: () => {
          // While it is written down nothing has happened yet.
          if (progress.allFiles === 0 || ++count < killAt) return Promise.resolve();
          reached();
          return hang;
        },
      });
      const isOver = await Promise.race([set(tree.root, id, {}, dying).then(() => true), isDead.then(() => false)]);
      if (killAt % 2 === 0) {
        await set(tree.root, id);
        expect(modeOf(`${tree.path}/app/bin/run.sh`)).toBe('750');
        expect(await kept(tree.root)).toMatchObject([{ id, state: 'done', changed: 9 }]);
      }
      await undo(tree.root, id);
      expect([killAt, isOver, tree.state()]).toEqual([killAt, false, before]);
    }
    const left = await inSiteStore(tree.root, ({ store }) => readdirSync(`/proc/self/fd/${store}`));
    expect(left.every((name) => /^[a-z2-7]{16}$/.test(name))).toBe(true);
  });

  it('FILE-6 a list that the site wrote itself gives no file a special bit', async () => {
    const { path, root } = tree;
    const id = newChangeId();
    await set(root, id);
    const log = `${path}/.aapanel-bin/rights/${id}/log`;
    const { ino, uid, gid } = lstatSync(`${path}/app/index.php`);
    const after = [0o640, uid, gid];
    writeFileSync(log, `${JSON.stringify(['app/index.php', 'f', ino, [0o6755, uid, gid], after])}\n["../x"]\n`);
    await undo(root, id);
    expect(modeOf(`${path}/app/index.php`)).toBe('755');
  });
});

it('FILE-6 FILE-1 a folder that becomes a link in that moment leads nowhere', async () => {
  const tree = makeTree();
  const before = snapshot(place, [tree.outside.slice(place.length)]);
  mkdirSync(`${tree.outside}/inner`, { mode: 0o700 });
  writeFileSync(`${tree.outside}/inner/own`, 'x', { mode: 0o600 });
  mkdirSync(`${tree.path}/base/real`, { recursive: true });
  writeFileSync(`${tree.path}/base/real/own`, 'own');
  const swapper = spawn(process.execPath, [
    join(import.meta.dirname, 'testing/swapper.ts'),
    `${tree.path}/base`,
    `${tree.outside}/inner`,
  ]);
  await once(swapper.stdout, 'data');
  try {
    for (let round = 0; round < 40; round++) {
      const id = newChangeId();
      const mode = round % 2 === 0 ? 0o777 : 0o755;
      const paths = [round % 3 === 0 ? 'base/door' : 'base'];
      await set(tree.root, id, { paths, fileMode: mode, folderMode: mode }).catch(() => undefined);
      if (round % 5 === 0) await undo(tree.root, id);
      expect([modeOf(`${tree.outside}/inner`), modeOf(`${tree.outside}/inner/own`)]).toEqual(['700', '600']);
    }
  } finally {
    swapper.kill('SIGKILL');
    await once(swapper, 'exit');
  }
  rmSync(`${tree.outside}/inner`, { recursive: true });
  expect(snapshot(place, [tree.outside.slice(place.length)])).toBe(before);
  tree.close();
}, 30_000);

describe('a site', () => {
  let files: FileSite;
  beforeAll(async () => {
    files = await makeFileSite();
  }, 30_000);
  afterAll(() => files.close());

  type Wish = ({ kind: 'set' } & FileRights) | { kind: 'undo'; rightsId: string };
  const begin = async (given: Wish, isElevated = true, workId = newChangeId()): Promise<string> => {
    const { machine, site } = files;
    await filesHandlers['files.rights_begin'](machine, { site, workId, wish: given }, { ...call(), isElevated });
    return workId;
  };
  const ended = async (workId: string) => {
    for (;;) {
      const { work } = await filesHandlers['files.work_state'](files.machine, { site: files.site, workId }, call());
      if (work?.state !== 'running') return work;
      await wait(10);
    }
  };
  const reasonOf = async (work: Promise<unknown>): Promise<string | undefined> =>
    await work.then(
      () => 'done',
      (error: unknown) => (error as { reason?: string; code?: string }).reason ?? (error as { code?: string }).code,
    );

  it('FILE-6 FILE-2 modes are changed as the site’s own user; what belongs to others only after a fresh factor, and goes back to them', async () => {
    const { folder, uid, machine, site } = files;
    mkdirSync(`${folder}/app`, { mode: 0o755 });
    for (const name of ['own', 'roots', 'roots-too']) writeFileSync(`${folder}/app/${name}`, name, { mode: 0o644 });
    if (isRoot) {
      spawnSync('/usr/bin/chown', ['-R', `${uid}:${uid}`, `${folder}/app`]);
      for (const name of ['roots', 'roots-too']) chownSync(`${folder}/app/${name}`, 0, 0);
      chmodSync(`${folder}/app/roots`, 0o4755);
    }
    const all = { kind: 'set', ...wish, toSite: false } as const;
    const first = await begin(all, false);
    expect(await ended(first)).toMatchObject({ state: 'done', files: isRoot ? 2 : 4 });
    expect(modeOf(`${folder}/app/own`)).toBe('640');
    if (!isRoot) return;
    expect(modeOf(`${folder}/app/roots`)).toBe('4755');
    expect(await reasonOf(begin({ ...all, toSite: true }, false))).toBe('elevation_required');
    expect(lstatSync(`${folder}/app/roots`).uid).toBe(0);
    const second = await begin({ ...all, toSite: true });
    expect(await ended(second)).toMatchObject({ state: 'done', files: 2 });
    expect(lstatSync(`${folder}/app/roots`)).toMatchObject({ uid, mode: 0o100750 });
    const list = await filesHandlers['files.rights_list'](machine, { site }, call());
    expect(list.items.map(({ id, toSite, left }) => [id, toSite, left])).toEqual([
      [second, true, {}],
      [first, false, { foreign: 2 }],
    ]);
    const changes = await filesHandlers['files.rights_changes'](machine, { site, rightsId: second }, call());
    expect(changes.items[0]).toMatchObject({ type: 'file', before: { owner: 'root', group: 'root' } });
    // Written to meanwhile: it is not made root's word.
    writeFileSync(`${folder}/app/roots-too`, 'mallory');
    expect(await reasonOf(begin({ kind: 'undo', rightsId: second }, false))).toBe('elevation_required');
    expect(await ended(await begin({ kind: 'undo', rightsId: second }))).toMatchObject({ state: 'done', leftOut: 1 });
    expect(lstatSync(`${folder}/app/roots`)).toMatchObject({ uid: 0, gid: 0, mode: 0o100755 });
    expect(lstatSync(`${folder}/app/roots-too`)).toMatchObject({ uid, mode: 0o100640 });
    expect(await ended(await begin({ kind: 'undo', rightsId: first }, false))).toMatchObject({ state: 'done' });
    expect(modeOf(`${folder}/app/own`)).toBe('644');
    expect(await reasonOf(begin({ kind: 'undo', rightsId: first }, false))).toBe('file_rights_unknown');
  });
});
