import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  statfsSync,
  write as writeFd,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';
import { z } from 'zod';
import { AppError } from '#shared/errors.ts';
import { filePath } from '#shared/file-names.ts';
import {
  maxUploadBytes,
  mostUploads,
  uploadKeptMs,
  type FileUpload,
  type UploadConflict,
} from '#shared/file-transfers.ts';
import { at, linkAt, makeFolderAt, renameAt, setModeOf, unlinkAt } from '../core/below.ts';
import { errnoOf } from '../core/files.ts';
import { inBin, keepInBin, makeFoldersBelow, readSmall } from './bin.ts';
import { binName, partsToText, textToParts } from './file-names.ts';
import { orStopped, type FrameReader } from './frames.ts';
import { freeName } from './free-name.ts';
import { gone, inFolder, lookAt, openBelow, taken, told } from './handles.ts';
import { instantOf } from './listing.ts';
import { removeTree } from './tree-work.ts';
import { hasSum } from './upload-sums.ts';

/*
 * Files on their way to a site lie in its recycle bin's folder, by the site's user and on the site's disk, until all of their
 * bytes are there: in their place they appear whole or not at all.
 */

const { O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants;
const uploadsName = 'uploads';
/** What arrives, in a folder of its own. */
export const dataName = 'data';
const factsName = 'facts.json';
/** Left free on the site's disk. */
export const reservedBytes = 64 * 1024 ** 2;
const mostRemembered = 2_000;
const writeBytes = promisify(writeFd);

const facts = z.object({ path: filePath.min(1), sizeBytes: z.int().min(0).max(maxUploadBytes), startedAt: z.int() });
type Facts = z.infer<typeof facts>;
type Id = { readonly uploadId: string };
type Writing = { readonly stop: AbortController; readonly ended: Promise<void> };

export type Uploads = {
  begin(wish: Id & Omit<Facts, 'startedAt'> & { readonly onConflict: UploadConflict }): Promise<FileUpload>;
  state(wish: Id): Promise<FileUpload>;
  write(wish: Id & { readonly offset: number; readonly lengthBytes: number }, bytes: FrameReader): Promise<FileUpload>;
  finish(
    wish: Id & {
      /** See `uploadSum`; null: whoever wrote it has compared it. */
      readonly sum: string | null;
      readonly onConflict: UploadConflict;
      readonly by: string;
    },
  ): Promise<{ path: string }>;
  drop(wish: Id): Promise<void>;
  tidy(): Promise<void>;
};

/** Uploads below an open folder. */
export function createUploads(root: number, now: () => number = Date.now): Uploads {
  const writing = new Map<string, Writing>();
  const finishing = new Map<string, Promise<{ path: string }>>();

  async function inUploads<T>(use: (uploads: number) => T | Promise<T>): Promise<T> {
    return await inBin(root, async (bin) => {
      try {
        makeFolderAt(bin, uploadsName, 0o700);
      } catch (error) {
        if (errnoOf(error) !== 'EEXIST') throw told(error, uploadsName);
      }
      let uploads: number;
      try {
        uploads = openBelow(bin, uploadsName);
      } catch (error) {
        throw told(error, uploadsName);
      }
      try {
        return await use(uploads);
      } finally {
        closeSync(uploads);
      }
    });
  }

  async function inUpload<T>(
    id: string,
    use: (place: number, known: Facts, uploads: number) => T | Promise<T>,
  ): Promise<T> {
    return await inUploads(async (uploads) => {
      let place: number | undefined;
      try {
        place = openSync(at(uploads, id), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
        const known = facts.safeParse(JSON.parse(readSmall(place, factsName)));
        if (!known.success) throw unknown();
        return await use(place, known.data, uploads);
      } catch (error) {
        throw errnoOf(error) === 'ENOENT' || error instanceof SyntaxError ? unknown() : told(error, id);
      } finally {
        if (place !== undefined) closeSync(place);
      }
    });
  }

  async function forget(id: string): Promise<void> {
    await inUploads(async (uploads) => await removeTree(uploads, id));
  }

  async function endWriting(id: string): Promise<void> {
    const before = writing.get(id);
    before?.stop.abort();
    await before?.ended;
  }

  async function tidy(): Promise<void> {
    // Looks first: a site that nobody sends anything to gets no folder for it.
    if (lookAt(root, binName) === undefined) return;
    await inUploads(async (uploads) => {
      for (const id of readdirSync(`/proc/self/fd/${uploads}`, 'latin1')) {
        const changed = lookAt(uploads, `${id}/${dataName}`) ?? lookAt(uploads, id);
        // Whatever else lies there is nobody's.
        if (!writing.has(id) && (changed === undefined || now() - changed.mtimeMs > uploadKeptMs))
          await removeTree(uploads, id);
      }
    });
  }

  return {
    async begin({ uploadId, path, sizeBytes, onConflict }) {
      const parts = textToParts(path);
      await lookAhead(root, parts, onConflict);
      const { bavail, bsize } = statfsSync(`/proc/self/fd/${root}`);
      if (bavail * bsize - reservedBytes < sizeBytes)
        throw new AppError('in_use', 'There is no room for the file.', {
          reason: 'file_no_room',
          params: { neededBytes: sizeBytes, freeBytes: Math.max(0, bavail * bsize - reservedBytes) },
        });
      await tidy();
      const startedAt = now();
      await inUploads(async (uploads) => {
        if (lookAt(uploads, uploadId) !== undefined) return;
        if (readdirSync(`/proc/self/fd/${uploads}`).length >= mostUploads)
          throw new AppError('busy', 'Too many uploads have not ended.', {
            reason: 'file_uploads_many',
            params: { most: mostUploads },
          });
        try {
          makeFolderAt(uploads, uploadId, 0o700);
          const place = openBelow(uploads, uploadId);
          try {
            put(place, dataName, '');
            put(place, factsName, JSON.stringify({ path, sizeBytes, startedAt } satisfies Facts));
          } finally {
            closeSync(place);
          }
        } catch (error) {
          await removeTree(uploads, uploadId);
          throw told(error, path);
        }
      });
      return await inUpload(uploadId, (place, known) => shown(uploadId, place, known));
    },

    async state({ uploadId }) {
      return await inUpload(uploadId, (place, known) => shown(uploadId, place, known));
    },

    async write({ uploadId, offset, lengthBytes }, bytes) {
      // The one before it hangs on a connection that is gone, or somebody sends the same twice.
      // Again for one that came in that moment: nothing is waited for between the last look and the entry.
      while (writing.has(uploadId)) await endWriting(uploadId);
      const stop = new AbortController();
      const ended = Promise.withResolvers<void>();
      writing.set(uploadId, { stop, ended: ended.promise });
      try {
        return await inUpload(uploadId, async (place, known) => {
          const fd = openSync(at(place, dataName), O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK);
          try {
            const { size } = fstatSync(fd);
            if (size !== offset)
              throw new AppError('in_use', 'The piece does not begin where the last one ended.', {
                reason: 'file_upload_offset',
                params: { receivedBytes: size },
              });
            if (offset + lengthBytes > known.sizeBytes)
              throw new AppError('too_large', 'The file is longer than announced.', {
                reason: 'file_upload_longer',
                params: { sizeBytes: known.sizeBytes },
              });
            await append(uploadId, fd, size, { lengthBytes, bytes, signal: stop.signal });
          } finally {
            closeSync(fd);
          }
          return shown(uploadId, place, known);
        });
      } catch (error) {
        // A full disk is not left full.
        if (error instanceof AppError && error.reason === 'disk_full') await forget(uploadId);
        throw error;
      } finally {
        if (writing.get(uploadId)?.stop === stop) writing.delete(uploadId);
        ended.resolve();
      }
    },

    async finish({ uploadId, ...wish }) {
      // Asked again when the answer was lost: it is not done twice.
      const known = finishing.get(uploadId);
      if (known !== undefined) return await known;
      const work = end(uploadId, wish);
      finishing.set(uploadId, work);
      try {
        return await work;
      } catch (error) {
        finishing.delete(uploadId);
        throw error;
      } finally {
        const [oldest] = finishing.keys();
        if (finishing.size > mostRemembered && oldest !== undefined) finishing.delete(oldest);
      }
    },

    async drop({ uploadId }) {
      await endWriting(uploadId);
      await forget(uploadId);
    },

    tidy,
  };

  async function append(
    id: string,
    fd: number,
    from: number,
    { lengthBytes, bytes, signal }: { lengthBytes: number; bytes: FrameReader; signal: AbortSignal },
  ): Promise<void> {
    let position = from;
    for (;;) {
      // Broken off: what came is kept, and counted by the size of the file.
      const piece = await orStopped(
        bytes.next().catch(() => 'broken' as const),
        signal,
      );
      if (piece === null || piece === 'broken') return;
      if (piece === 'stopped')
        throw new AppError('busy', 'Another one sends the same.', { reason: 'file_upload_twice' });
      if (position + piece.length > from + lengthBytes)
        throw new AppError('too_large', 'More bytes than announced.', {
          reason: 'file_upload_longer',
          params: { sizeBytes: from + lengthBytes },
        });
      try {
        await writeAll(fd, piece);
      } catch (error) {
        ftruncateSync(fd, position);
        throw told(error, id);
      }
      position += piece.length;
    }
  }

  async function end(
    id: string,
    { sum, onConflict, by }: Omit<Parameters<Uploads['finish']>[0], 'uploadId'>,
  ): Promise<{ path: string }> {
    const done = await inUpload(id, async (place, known) => {
      const parts = textToParts(known.path);
      const name = parts.pop() ?? '';
      const fd = openSync(at(place, dataName), O_RDWR | O_NOFOLLOW | O_NONBLOCK);
      try {
        const stats = fstatSync(fd);
        if (!stats.isFile()) throw unknown();
        if (stats.size !== known.sizeBytes)
          throw new AppError('in_use', 'Not all of it was sent.', {
            reason: 'file_upload_not_whole',
            params: { receivedBytes: stats.size, sizeBytes: known.sizeBytes },
          });
        if (sum !== null && !(await hasSum(fd, stats.size, sum))) return undefined;
        setModeOf(fd, 0o644);
        await makeFoldersBelow(root, parts);
        return await inFolder(root, parts, async (folder) => {
          const newName = await putInPlace({ root, folder, parts, name, place, fd, onConflict, by });
          return { path: partsToText([...parts, newName]) };
        });
      } finally {
        closeSync(fd);
      }
    });
    await forget(id);
    if (done === undefined)
      throw new AppError('invalid_request', 'The bytes are not those that were sent.', {
        reason: 'file_upload_damaged',
      });
    return done;
  }
}

/** Appends all of it, however much the kernel takes at once. */
export async function writeAll(fd: number, piece: Buffer): Promise<void> {
  for (let done = 0; done < piece.length; ) {
    const { bytesWritten } = await writeBytes(fd, piece, done, piece.length - done, null);
    done += bytesWritten;
  }
}

type Placing = {
  readonly root: number;
  readonly folder: number;
  readonly parts: readonly string[];
  readonly name: string;
  readonly place: number;
  readonly fd: number;
  readonly onConflict: UploadConflict;
  readonly by: string;
};

/** One step: a link that fails when the name is taken, or a rename over what has been kept in the bin. */
export async function putInPlace({ root, folder, parts, name, place, fd, onConflict, by }: Placing): Promise<string> {
  for (let tries = 0; ; tries++) {
    const present = lookAt(folder, name);
    if (present !== undefined && onConflict === 'replace') {
      if (!present.isFile()) throw taken(name);
      setModeOf(fd, present.mode & 0o777);
      await keepInBin(root, { folder, name, path: partsToText([...parts, name]), deletedBy: by });
      renameAt(place, dataName, folder, name);
      return name;
    }
    if (present !== undefined && onConflict === 'refuse') throw taken(name);
    const newName = freeName(folder, name);
    try {
      linkAt(place, dataName, folder, newName);
      unlinkAt(place, dataName);
      return newName;
    } catch (error) {
      // Somebody was faster.
      if (errnoOf(error) !== 'EEXIST' || tries > 10) throw told(error, partsToText([...parts, name]));
    }
  }
}

/** Throws for what would be refused at the end, as far as it can be seen now. */
async function lookAhead(root: number, parts: readonly string[], onConflict: UploadConflict): Promise<void> {
  let depth = 0;
  for (; depth < parts.length - 1; depth++) {
    const part = parts[depth] ?? '';
    const present = await inFolder(root, parts.slice(0, depth), (folder) => lookAt(folder, part));
    if (present === undefined) return;
    if (!present.isDirectory()) throw gone(partsToText(parts.slice(0, depth + 1)));
  }
  const name = parts.at(-1);
  if (name === undefined) throw gone('');
  const present = await inFolder(root, parts.slice(0, -1), (folder) => lookAt(folder, name));
  if (present === undefined || onConflict === 'rename') return;
  if (onConflict === 'refuse' || !present.isFile()) throw taken(name);
}

function put(place: number, name: string, text: string): void {
  const fd = openSync(at(place, name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    writeSync(fd, text);
  } finally {
    closeSync(fd);
  }
}

function shown(id: string, place: number, { path, sizeBytes, startedAt }: Facts): FileUpload {
  const data = lookAt(place, dataName);
  if (data?.isFile() !== true) throw unknown();
  return { id, path, sizeBytes, receivedBytes: data.size, startedAt: instantOf(startedAt) };
}

function unknown(): AppError {
  return new AppError('not_found', 'There is no such upload.', { reason: 'file_upload_unknown' });
}

/** For the agent, which looks without going in. */
export const uploadsPath = `${binName}/${uploadsName}`;

/** Names from the site's folder down to what arrived of an upload. */
export const uploadDataParts = (id: string): string[] => [binName, uploadsName, id, dataName];
