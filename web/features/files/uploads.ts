import { useSyncExternalStore } from 'react';
import type { UploadConflict } from '#shared/file-transfers.ts';
import { filesApi } from '#shared/files.ts';
import { call } from '../../api/client.ts';
import { ApiError } from '../../api/errors.ts';
import { sendFile } from './send-file.ts';

/*
 * What is being sent to sites. It goes on while the person looks at other pages of the panel, and stays until it is cleared.
 */

export type UploadState =
  | 'waiting'
  | 'sending'
  | 'broken'
  | 'checking'
  | 'paused'
  | 'conflict'
  | 'failed'
  | 'skipped'
  | 'done';

export type Upload = {
  readonly key: number;
  readonly siteId: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly sentBytes: number;
  readonly state: UploadState;
  readonly error: unknown;
};

type Kept = { upload: Upload; file: File; uploadId?: string; stop?: AbortController; onConflict: UploadConflict };
export type Chosen = { readonly file: File; readonly path: string };

const atOnce = 3;
let lastKey = 0;
let kept: Kept[] = [];
let shown: readonly Upload[] = [];
let isQueued = false;
const watchers = new Set<() => void>();
const doneWatchers = new Set<(siteId: string) => void>();

const isUnderWay = ({ state }: Upload): boolean => ['waiting', 'sending', 'broken', 'checking'].includes(state);

function say(isUrgent: boolean): void {
  const tell = (): void => {
    isQueued = false;
    shown = kept.map(({ upload }) => upload);
    for (const watcher of watchers) watcher();
  };
  if (isUrgent) return tell();
  // Progress of thousands of small pieces is not drawn more often than anybody sees.
  if (isQueued) return;
  isQueued = true;
  setTimeout(tell, 120);
}

function set(one: Kept, news: Partial<Upload>): void {
  const isUrgent = news.state !== undefined && news.state !== one.upload.state;
  one.upload = { ...one.upload, ...news };
  say(isUrgent && kept.length < 200);
}

function warn(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

function next(): void {
  const running = kept.filter(({ stop }) => stop !== undefined).length;
  const waiting = kept.filter(({ upload }) => upload.state === 'waiting').slice(0, Math.max(0, atOnce - running));
  for (const one of waiting) void run(one);
  if (kept.some(({ upload }) => isUnderWay(upload))) window.addEventListener('beforeunload', warn);
  else window.removeEventListener('beforeunload', warn);
}

async function run(one: Kept): Promise<void> {
  const stop = new AbortController();
  one.stop = stop;
  set(one, { state: 'sending', error: undefined });
  try {
    const { siteId, path } = one.upload;
    const to = await sendFile({
      siteId,
      path,
      file: one.file,
      onConflict: one.onConflict,
      signal: stop.signal,
      uploadId: one.uploadId,
      onBegun: (uploadId) => (one.uploadId = uploadId),
      onProgress: (sentBytes) => set(one, { sentBytes }),
      onBreak: (isBroken) => set(one, { state: isBroken ? 'broken' : 'sending' }),
      onCheck: () => set(one, { state: 'checking' }),
    });
    set(one, { state: 'done', path: to, sentBytes: one.upload.sizeBytes });
    for (const watcher of doneWatchers) watcher(siteId);
  } catch (error) {
    if (!stop.signal.aborted) fail(one, error);
  } finally {
    delete one.stop;
    next();
  }
}

function fail(one: Kept, error: unknown): void {
  const reason = error instanceof ApiError ? error.reason : undefined;
  // What is not there any more begins anew.
  if (reason === 'file_upload_unknown' || reason === 'file_upload_damaged' || reason === 'disk_full') {
    delete one.uploadId;
    set(one, { sentBytes: 0 });
  }
  set(one, { state: reason === 'file_exists' ? 'conflict' : 'failed', error });
}

export function addUploads(siteId: string, chosen: readonly Chosen[]): void {
  kept = [
    ...kept,
    ...chosen.map(({ file, path }): Kept => {
      const upload = { key: ++lastKey, siteId, path, sizeBytes: file.size, sentBytes: 0, state: 'waiting' as const };
      return { upload: { ...upload, error: undefined }, file, onConflict: 'refuse' };
    }),
  ];
  say(true);
  next();
}

function of(keys: readonly number[]): Kept[] {
  return kept.filter(({ upload }) => keys.includes(upload.key));
}

export function pauseUploads(keys: readonly number[]): void {
  for (const one of of(keys)) {
    if (!isUnderWay(one.upload) || one.upload.state === 'checking') continue;
    set(one, { state: 'paused' });
    one.stop?.abort(new Error('paused'));
  }
  next();
}

export function resumeUploads(keys: readonly number[]): void {
  for (const one of of(keys)) if (['paused', 'failed'].includes(one.upload.state)) set(one, { state: 'waiting' });
  next();
}

export function decideUploads(keys: readonly number[], choice: 'rename' | 'replace' | 'skip'): void {
  for (const one of of(keys)) {
    if (one.upload.state !== 'conflict') continue;
    if (choice === 'skip') {
      giveUp(one);
      set(one, { state: 'skipped' });
    } else {
      one.onConflict = choice;
      set(one, { state: 'waiting' });
    }
  }
  next();
}

/** Those that are under way are given up, and what arrived of them is deleted. */
export function removeUploads(keys: readonly number[]): void {
  for (const one of of(keys)) {
    one.stop?.abort(new Error('given up'));
    if (one.upload.state !== 'done') giveUp(one);
  }
  kept = kept.filter(({ upload }) => !keys.includes(upload.key));
  say(true);
  next();
}

function giveUp(one: Kept): void {
  if (one.uploadId === undefined) return;
  const params = { siteId: one.upload.siteId, uploadId: one.uploadId };
  delete one.uploadId;
  // What is left of it is deleted after a day in any case.
  call(filesApi.dropUpload, { params }).catch(() => undefined);
}

/** Those of a site, in the order in which they were chosen. */
export function useUploads(siteId: string): readonly Upload[] {
  const all = useSyncExternalStore(watch, () => shown);
  return all.filter((upload) => upload.siteId === siteId);
}

function watch(callback: () => void): () => void {
  watchers.add(callback);
  return () => void watchers.delete(callback);
}

/** Called with each file that has come into its place. */
export function whenUploaded(callback: (siteId: string) => void): () => void {
  doneWatchers.add(callback);
  return () => void doneWatchers.delete(callback);
}

/** Everything that was dropped, also what lies in folders. Must be called while the event is handled. */
export async function filesOfDrop(data: DataTransfer): Promise<{ readonly file: File; readonly path: string }[]> {
  const entries = [...data.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const found: { file: File; path: string }[] = [];
  for (const entry of entries) await collect(entry, '', found);
  return found;
}

async function collect(entry: FileSystemEntry, above: string, found: { file: File; path: string }[]): Promise<void> {
  const path = `${above}${entry.name}`;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    found.push({ file, path });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A hundred at a time, in Chromium.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return;
    for (const each of some) await collect(each, `${path}/`, found);
  }
}
