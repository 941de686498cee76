import { closeSync, readdirSync } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import type { FoundNames } from '#shared/file-find.ts';
import type { FileUsage } from '#shared/file-usage.ts';
import type { FileArchivePreview } from '#shared/file-work.ts';
import { makeFolderAt } from '../core/below.ts';
import { errnoOf } from '../core/files.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import { inBin } from './bin.ts';
import { binName } from './file-names.ts';
import { lookAt, openBelow, told } from './handles.ts';
import { removeTree } from './tree-work.ts';
import type { FetchWays, FetchWish } from './fetching.ts';
import type { FindWish } from './find.ts';
import type { PackWish } from './packing.ts';
import type { KeptRights, RightsLine, RightsWish } from './rights-record.ts';
import type { UnpackWish } from './unpacking.ts';
import type { UsageWish } from './usage.ts';

/*
 * Work that takes its time, in a process of the site's user that does nothing else: how far it is can be asked, and it can be
 * stopped. What it makes on the way lies in a folder of its own in the bin, and is gone when it ends, however that is.
 */

const workName = 'work';
/** What is fetched is another process's, which alone knows what of it is under way. */
export const fetchedName = 'fetched';
const mostLeftOut = 20;
/** Each keeps the disk busy. */
const mostWalks = 3;
/** How long it keeps others from being answered at most. */
const breathMs = 20;

export type Progress = {
  readonly signal: AbortSignal;
  files: number;
  bytes: number;
  allFiles: number;
  allBytes: number;
  leftOut: number;
  readonly leftOutNames: string[];
  leaveOut(name: string, count?: number): void;
  /** Lets questions in between be answered. */
  breathe(): Promise<void>;
};
export type WorkState = Pick<Progress, 'files' | 'bytes' | 'allFiles' | 'allBytes' | 'leftOut'>;
export type LongWish =
  | ({ readonly kind: 'pack' } & PackWish)
  | ({ readonly kind: 'unpack' } & UnpackWish)
  | ({ readonly kind: 'fetch' } & FetchWish)
  | ({ readonly kind: 'rights' } & RightsWish)
  | { readonly kind: 'undoRights'; readonly rightsId: string };
export type LongDone = WorkState & { readonly paths: string[]; readonly leftOutNames: string[] };

export type LongWork = {
  work(wish: { readonly workId: string; readonly by: string; readonly wish: LongWish }): Promise<LongDone>;
  workState(wish: { readonly workId: string }): Promise<WorkState | null>;
  workStop(wish: { readonly workId: string }): Promise<Record<never, never>>;
  /** Takes away what was being fetched by a process that died. */
  sweepFetched(): Promise<Record<never, never>>;
  /** Nobody will ask any more: nothing goes on that could last for hours. */
  workEnd(): Promise<Record<never, never>>;
  archivePreview(wish: { readonly path: string }): Promise<FileArchivePreview>;
  find(wish: FindWish): Promise<FoundNames>;
  /** Ends by `workStop` too. */
  usage(wish: UsageWish & { readonly workId: string }): Promise<FileUsage>;
  rightsList(): Promise<{ items: KeptRights[] }>;
  rightsChanges(wish: { readonly rightsId: string }): Promise<{ items: RightsLine[] }>;
};

export function createLongWork(root: number, fetchWays?: Partial<FetchWays>): LongWork {
  const running = new Map<
    string,
    {
      readonly progress: Progress;
      readonly stop: AbortController;
      readonly isFetch?: boolean;
      readonly isWalk?: boolean;
    }
  >();

  return {
    async work({ workId, by, wish }) {
      const stop = new AbortController();
      const progress = createProgress(stop.signal);
      running.set(workId, { progress, stop, isFetch: wish.kind === 'fetch' });
      try {
        if (wish.kind === 'rights' || wish.kind === 'undoRights') {
          const { changeRights, inSiteStore, undoRights } = await import('./rights.ts');
          await inSiteStore(root, async (on) => {
            if (wish.kind === 'rights') await changeRights(on, { id: workId, by, wish }, progress);
            else await undoRights(on, { id: wish.rightsId, workId }, progress);
          });
          return { ...stateOf(progress), paths: [], leftOutNames: progress.leftOutNames };
        }
        const where = { root, name: wish.kind === 'fetch' ? fetchedName : workName, workId };
        const paths = await inPlace(where, running, async (place) => {
          if (wish.kind === 'fetch') {
            const { fetchFile } = await import('./fetching.ts');
            return [await fetchFile({ root, place, by, progress }, wish, fetchWays)];
          }
          if (wish.kind === 'pack') {
            const { packFiles } = await import('./packing.ts');
            return [await packFiles(root, place, wish, progress)];
          }
          const { unpackFile } = await import('./unpacking.ts');
          return await unpackFile(root, place, wish, { progress, by });
        });
        return { ...stateOf(progress), paths, leftOutNames: progress.leftOutNames };
      } catch (error) {
        if (stop.signal.aborted)
          throw new AppError('in_use', 'The work was stopped; nothing was kept.', { reason: 'file_work_stopped' });
        throw error;
      } finally {
        running.delete(workId);
      }
    },
    async workState({ workId }) {
      const progress = running.get(workId)?.progress;
      return progress === undefined ? null : stateOf(progress);
    },
    async workStop({ workId }) {
      running.get(workId)?.stop.abort();
      return {};
    },
    async sweepFetched() {
      // Looks first: a site that fetched nothing gets no folder for it.
      if (lookAt(root, binName) !== undefined)
        await inOurs({ root, name: fetchedName }, async (all) => await sweep(all, running));
      return {};
    },
    async workEnd() {
      for (const { stop, isFetch } of running.values()) if (isFetch === true) stop.abort();
      return {};
    },
    async find(wish) {
      const { findNames } = await import('./find.ts');
      return await findNames(root, wish);
    },
    async usage({ workId, ...wish }) {
      if ([...running.values()].filter(({ isWalk }) => isWalk === true).length >= mostWalks)
        throw new AppError('busy', 'Too much is going on in the files of this site.', {
          reason: 'file_work_many',
          params: { most: mostWalks },
        });
      const stop = new AbortController();
      const progress = createProgress(stop.signal);
      running.set(workId, { progress, stop, isWalk: true });
      try {
        const { measureFolder } = await import('./usage.ts');
        return await measureFolder(root, wish, progress);
      } finally {
        running.delete(workId);
      }
    },
    async rightsList() {
      const { inSiteStore, listRights } = await import('./rights.ts');
      return { items: await inSiteStore(root, ({ store }) => listRights(store, (id) => running.has(id))) };
    },
    async rightsChanges({ rightsId }) {
      const { inSiteStore, rightsLines } = await import('./rights.ts');
      return { items: await inSiteStore(root, ({ store }) => rightsLines(store, rightsId)) };
    },
    async archivePreview({ path }) {
      const { previewArchive } = await import('./unpacking.ts');
      const workId = newChangeId();
      const stop = new AbortController();
      running.set(workId, { progress: createProgress(stop.signal), stop });
      try {
        const where = { root, name: workName, workId };
        return await inPlace(where, running, async (place) => await previewArchive(root, place, path));
      } finally {
        running.delete(workId);
      }
    },
  };
}

export const stateOf = ({ files, bytes, allFiles, allBytes, leftOut }: Progress): WorkState => ({
  files,
  bytes,
  allFiles,
  allBytes,
  leftOut,
});

export function createProgress(signal: AbortSignal): Progress {
  let breathedAt = Date.now();
  return {
    signal,
    files: 0,
    bytes: 0,
    allFiles: 0,
    allBytes: 0,
    leftOut: 0,
    leftOutNames: [],
    leaveOut(name, count = 1) {
      this.leftOut += count;
      if (this.leftOutNames.length < mostLeftOut) this.leftOutNames.push(name);
    },
    async breathe() {
      if (Date.now() - breathedAt < breathMs) return;
      await new Promise((resolve) => setImmediate(resolve));
      breathedAt = Date.now();
    },
  };
}

type Ours = { readonly root: number; readonly name: string };

/** A folder of the work's own. What others left that were killed is taken away first: one process works for a site. */
async function inPlace<T>(
  { workId, ...ours }: Ours & { readonly workId: string },
  running: ReadonlyMap<string, unknown>,
  use: (place: number) => Promise<T>,
): Promise<T> {
  return await inOurs(ours, async (all) => {
    await sweep(all, running);
    await removeTree(all, workId);
    makeFolderAt(all, workId, 0o700);
    const place = openOurs(all, workId);
    try {
      return await use(place);
    } finally {
      closeSync(place);
      await removeTree(all, workId);
    }
  });
}

async function inOurs<T>({ root, name }: Ours, use: (all: number) => Promise<T>): Promise<T> {
  return await inBin(root, async (bin) => {
    try {
      makeFolderAt(bin, name, 0o700);
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw told(error, name);
    }
    const all = openOurs(bin, name);
    try {
      return await use(all);
    } finally {
      closeSync(all);
    }
  });
}

async function sweep(all: number, running: ReadonlyMap<string, unknown>): Promise<void> {
  for (const name of readdirSync(`/proc/self/fd/${all}`, 'latin1')) if (!running.has(name)) await removeTree(all, name);
}

function openOurs(folder: number, name: string): number {
  try {
    return openBelow(folder, name);
  } catch (error) {
    throw told(error, name);
  }
}
