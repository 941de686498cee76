import { closeSync, fstatSync, opendirSync, type Stats } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import { mostRightsChanged, type RightsLeft } from '#shared/file-rights.ts';
import { changeRightsAt, makeFolderAt } from '../core/below.ts';
import { errnoOf } from '../core/files.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import { inBin } from './bin.ts';
import { binName, partsToText, textToParts } from './file-names.ts';
import { gone, inFolder, lookAt, maxDepth, openBelow, told } from './handles.ts';
import {
  createLog,
  inRecord,
  makeRecord,
  readFacts,
  readLog,
  readTimes,
  tidyRights,
  writeFacts,
  writeTimes,
  type Rights,
  type RightsLine,
  type RightsWish,
} from './rights-record.ts';
import { removeTree } from './tree-work.ts';
import type { Progress } from './work.ts';

export { listRights, rightsLines } from './rights-record.ts';

/*
 * Rights of whole trees. First all that will be changed is written down, then it is changed by that list, and by the same list
 * it is taken back. No link is followed: each thing is held by a handle when it is looked at and changed.
 */

/** Where it is worked, with whose rights. */
export type RightsPlace = {
  readonly root: number;
  /** Folder of the records. */
  readonly store: number;
  /** Root's work: to whom everything is given. The records are root's own then, and believed. */
  readonly owner: { readonly uid: number; readonly gid: number } | null;
  /** Users whose things are none of the site's. */
  readonly foreign: ReadonlySet<number>;
};

type Asked = { readonly id: string; readonly by: string; readonly wish: RightsWish };
type Left = Partial<Record<RightsLeft, number>>;

const storeName = 'rights';
const runBits = 0o111;

/** The site's own user, with the records in the site's recycle bin. */
export async function inSiteStore<T>(root: number, use: (on: RightsPlace) => T | Promise<T>): Promise<T> {
  return await inBin(root, async (bin) => {
    try {
      makeFolderAt(bin, storeName, 0o700);
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw told(error, storeName);
    }
    let store: number;
    try {
      store = openBelow(bin, storeName);
    } catch (error) {
      throw told(error, storeName);
    }
    try {
      return await use({ root, store, owner: null, foreign: new Set() });
    } finally {
      closeSync(store);
    }
  });
}

/** All of it; stopped, everything gets back what it had. Asked again after it was killed, it goes on. */
export async function changeRights(on: RightsPlace, asked: Asked, progress: Progress): Promise<void> {
  const { store } = on;
  const { id } = asked;
  if (readFacts(store, id) === undefined) await planRights(on, asked, progress);
  await inRecord(store, id, async (record) => {
    const known = readFacts(store, id);
    if (known === undefined || known.state === 'done') return;
    progress.allFiles = known.changed;
    for (const [why, count] of Object.entries(known.left)) progress.leaveOut(`${count} × ${why}`, count);
    const left: Left = { ...known.left };
    const times: number[] = [];
    const changed = await eachLine(on, record, progress, (folder, name, line) => {
      const outcome = changeOne(on, folder, name, { line, from: line.before, to: line.after, isTaken: true });
      times.push(outcome.changedMs);
      return outcome.why;
    }).catch(async (error: unknown) => {
      await takeBack(on, record, Float64Array.from(times), undefined);
      await removeTree(store, id);
      throw error;
    });
    for (const [why, count] of Object.entries(changed.left) as [RightsLeft, number][])
      left[why] = (left[why] ?? 0) + count;
    if (changed.count === 0) return await removeTree(store, id);
    writeTimes(record, times);
    writeFacts(record, { ...known, state: 'done', changed: changed.count, left });
  });
  await tidyRights(store);
}

/** Keeps the way back from a change of the modes of a few things by themselves, around `change`. */
export async function keepingModes(
  { store }: RightsPlace,
  { by, paths, mode, lines }: { by: string; paths: readonly string[]; mode: number; lines: readonly RightsLine[] },
  change: () => Promise<void>,
): Promise<void> {
  if (lines.length === 0) return await change();
  const id = newChangeId();
  await makeRecord(store, id);
  await inRecord(store, id, async (record) => {
    const log = createLog(record);
    for (const line of lines) log.write(line);
    log.close();
    const modes = { fileMode: mode, folderMode: (mode & 0o500) === 0o500 ? mode : null, keepsRun: false };
    const kept = {
      ...modes,
      paths: [...paths],
      by,
      startedAt: Date.now(),
      undoneBy: null,
      changed: lines.length,
      left: {},
    };
    writeFacts(record, { ...kept, state: 'planned' });
    await change();
    writeFacts(record, { ...kept, state: 'done' });
  });
  await tidyRights(store);
}

/** Gives everything its former rights back, but for what somebody changed since. It is done when it ends, and cannot be stopped. */
export async function undoRights(
  on: RightsPlace,
  { id, workId }: { readonly id: string; readonly workId: string },
  progress: Progress,
): Promise<void> {
  const known = readFacts(on.store, id);
  // Done already, by work that was killed right afterwards.
  if (known === undefined) return;
  progress.allFiles = known.changed;
  await inRecord(on.store, id, async (record) => {
    writeFacts(record, { ...known, undoneBy: workId });
    await takeBack(on, record, readTimes(record), progress);
  });
  await removeTree(on.store, id);
}

async function takeBack(
  on: RightsPlace,
  record: number,
  times: Float64Array,
  progress: Progress | undefined,
): Promise<void> {
  let index = 0;
  await eachLine(on, record, progress, (folder, name, line) => {
    const changedMs = times[index++] ?? 0;
    return changeOne(on, folder, name, { line, from: line.after, to: line.before, isTaken: false, changedMs }).why;
  });
}

/** Counts what was done, and what was not by its reason. */
async function eachLine(
  { root }: RightsPlace,
  record: number,
  progress: Progress | undefined,
  act: (folder: number, name: string, line: RightsLine) => RightsLeft | undefined,
): Promise<{ count: number; left: Left }> {
  const left: Left = {};
  let count = 0;
  let open: { readonly path: string; readonly folder: number | undefined } | undefined;
  const folderOf = async (path: string): Promise<number | undefined> => {
    if (open?.path === path) return open.folder;
    if (open?.folder !== undefined) closeSync(open.folder);
    const folder = await inFolder(root, textToParts(path), (found) => openBelow(found, '.')).catch(() => undefined);
    open = { path, folder };
    return folder;
  };
  try {
    for (const line of readLog(record)) {
      if (progress?.signal.aborted === true) throw new Error('stopped');
      const cut = line.path.lastIndexOf('/');
      const folder = await folderOf(line.path.slice(0, Math.max(0, cut)));
      const name = textToParts(line.path).at(-1) ?? '';
      const why = folder === undefined ? act(-1, name, line) : act(folder, name, line);
      if (why === undefined) count++;
      else {
        left[why] = (left[why] ?? 0) + 1;
        progress?.leaveOut(`${line.path} (${why})`);
      }
      if (progress !== undefined) progress.files++;
      await progress?.breathe();
    }
  } finally {
    if (open?.folder !== undefined) closeSync(open.folder);
  }
  return { count, left };
}

type Change = {
  readonly line: RightsLine;
  readonly from: Rights;
  readonly to: Rights;
  readonly isTaken: boolean;
  /** When this thing was changed here; 0: not known. */
  readonly changedMs?: number;
};
type Outcome = { readonly why: RightsLeft | undefined; readonly changedMs: number };

/** `changedMs`: when the thing was changed here, by the clock of its file system; 0 when it was not. */
function changeOne(on: RightsPlace, folder: number, name: string, change: Change): Outcome {
  const { line, from, to, isTaken } = change;
  let why: RightsLeft | undefined = 'changed';
  let changedMs = 0;
  const rightsOf = (handle: number) => {
    const stats = fstatSync(handle);
    const isIt = line.type === 'file' ? stats.isFile() : stats.isDirectory();
    if (!isIt || stats.ino !== line.ino || stats.dev !== fstatSync(on.root).dev) return undefined;
    const bits = on.owner !== null && line.type === 'folder' ? 0o7777 : 0o777;
    if (isEqual(stats, to, bits)) {
      why = undefined;
      return undefined;
    }
    if (!isEqual(stats, from, bits)) return undefined;
    const isGiven = to.uid !== from.uid || to.gid !== from.gid;
    if (line.type === 'file' && stats.nlink > 1) {
      // A second name may lie outside of the site.
      why = 'hard_link';
      return undefined;
    }
    // What its new owner wrote must not become another's word.
    const isWritten = stats.ctimeMs !== change.changedMs;
    if (line.type === 'file' && !isTaken && to.uid !== from.uid && isWritten) return undefined;
    why = undefined;
    const special = specialBits(on, line, { stats, to, isGiven });
    return { mode: special | (to.mode & 0o777), owner: isGiven && on.owner !== null ? to : null };
  };
  try {
    changeRightsAt(folder, name, rightsOf, (handle) => (changedMs = fstatSync(handle).ctimeMs));
  } catch (error) {
    why = errnoOf(error) === 'EPERM' || errnoOf(error) === 'EACCES' ? 'foreign' : goneOr(error);
  }
  return { why, changedMs };
}

function goneOr(error: unknown): RightsLeft {
  return ['ENOENT', 'ENOTDIR', 'ELOOP', 'EBADF'].includes(errnoOf(error)) ? 'changed' : 'failed';
}

/** Of a list that the site can write, none: they could make a program run with the rights of a group. */
function specialBits(
  { owner }: RightsPlace,
  { type }: RightsLine,
  { stats, to, isGiven }: { readonly stats: Stats; readonly to: Rights; readonly isGiven: boolean },
): number {
  if (owner !== null && type === 'folder') return to.mode & 0o7000;
  return isGiven ? 0 : stats.mode & 0o7000;
}

function isEqual(stats: Stats, { mode, uid, gid }: Rights, bits: number): boolean {
  return (stats.mode & bits) === (mode & bits) && stats.uid === uid && stats.gid === gid;
}

/** Writes down all that will be changed. */
async function planRights(on: RightsPlace, { id, by, wish }: Asked, progress: Progress): Promise<void> {
  const { store, root } = on;
  await makeRecord(store, id);
  try {
    await inRecord(store, id, async (record) => {
      const log = createLog(record);
      const left: Left = {};
      let changed = 0;
      const look = createLook(on, wish, (line) => {
        if (++changed > mostRightsChanged)
          throw new AppError('too_large', 'This is too much for one change.', {
            reason: 'file_rights_large',
            params: { most: mostRightsChanged },
          });
        log.write(line);
      });
      const walk = async (folder: number, parts: readonly string[]): Promise<void> => {
        const below: string[] = [];
        const entries = opendirSync(`/proc/self/fd/${folder}`, { encoding: 'latin1', bufferSize: 500 });
        try {
          for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
            const { name } = entry;
            if (parts.length === 0 && name === binName) continue;
            if (visit(folder, [...parts, name])) below.push(name);
            if (progress.signal.aborted) throw new Error('stopped');
            await progress.breathe();
          }
        } finally {
          entries.closeSync();
        }
        for (const name of below) await enter(folder, [...parts, name]);
      };
      const enter = async (folder: number, parts: readonly string[]): Promise<void> => {
        if (parts.length > maxDepth) return leave('closed');
        let inside: number;
        try {
          inside = openBelow(folder, parts.at(-1) ?? '');
        } catch {
          return leave('closed');
        }
        try {
          await walk(inside, parts);
        } finally {
          closeSync(inside);
        }
      };
      const leave = (why: RightsLeft): void => {
        left[why] = (left[why] ?? 0) + 1;
      };
      /** Whether it is a folder to go into. */
      const visit = (folder: number, parts: readonly string[]): boolean => {
        const stats = lookAt(folder, parts.at(-1) ?? '');
        if (stats === undefined) return false;
        const { why, isEntered } = look(parts, stats);
        if (why !== undefined) leave(why);
        return isEntered;
      };
      try {
        for (const path of topmost(wish.paths)) {
          const parts = textToParts(path);
          const name = parts.at(-1);
          if (name === undefined) await walk(root, []);
          else
            await inFolder(root, parts.slice(0, -1), async (folder) => {
              if (lookAt(folder, name) === undefined) throw gone(path);
              if (visit(folder, parts)) await enter(folder, parts);
            });
        }
      } finally {
        log.close();
      }
      const { fileMode, folderMode, keepsRun, paths } = wish;
      const facts = { fileMode, folderMode, keepsRun, paths, by, startedAt: Date.now(), undoneBy: null, changed, left };
      writeFacts(record, { ...facts, state: 'planned' });
    });
  } catch (error) {
    await removeTree(store, id);
    throw told(error, wish.paths[0] ?? '');
  }
}

type Look = (parts: readonly string[], stats: Stats) => { readonly why?: RightsLeft; readonly isEntered: boolean };

/** What is to be done with one thing. */
function createLook({ root, owner, foreign }: RightsPlace, wish: RightsWish, write: (line: RightsLine) => void): Look {
  const { dev, mode: rootMode } = fstatSync(root);
  const ownUid = process.getuid?.();
  return (parts, stats) => {
    const isFolder = stats.isDirectory();
    if (!isFolder && !stats.isFile()) return { isEntered: false };
    if (stats.dev !== dev) return { why: 'other_disk', isEntered: false };
    if (!isFolder && stats.nlink > 1) return { why: 'hard_link', isEntered: false };
    if (foreign.has(stats.uid)) return { why: 'foreign', isEntered: false };
    if (owner === null && stats.uid !== ownUid) return { why: 'foreign', isEntered: isFolder };
    const before = { mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid };
    const { uid, gid } = owner ?? before;
    // New files of a folder belong to the group that the site's own folder says.
    const isShared = isFolder && owner !== null ? rootMode & 0o2000 : 0;
    const mode = modeOf(wish, isFolder, before.mode) | (before.mode & 0o7000) | isShared;
    const isSame = mode === before.mode && uid === before.uid && gid === before.gid;
    if (!isSame) {
      const type = isFolder ? 'folder' : 'file';
      write({ path: partsToText(parts), type, ino: stats.ino, before, after: { mode, uid, gid } });
    }
    return { isEntered: isFolder };
  };
}

function modeOf({ fileMode, folderMode, keepsRun }: RightsWish, isFolder: boolean, before: number): number {
  if (isFolder) return folderMode ?? before & 0o777;
  if (fileMode === null) return before & 0o777;
  // Whoever reads it may run it, as far as its owner could.
  return keepsRun && (before & 0o100) !== 0 ? fileMode | ((fileMode >> 2) & runBits) : fileMode;
}

/** Without those that lie in others of them. */
function topmost(paths: readonly string[]): string[] {
  const all = [...new Set(paths)];
  if (all.includes('')) return [''];
  return all.filter((path) => !all.some((other) => path.startsWith(`${other}/`)));
}
