import { createHash } from 'node:crypto';
import { closeSync, constants, openSync, statfsSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { FileFetch } from '#shared/file-fetch.ts';
import { AppError } from '#shared/errors.ts';
import { at, setModeOf } from '../core/below.ts';
import { errnoOf } from '../core/files.ts';
import { nameOfAnswer } from './fetch-name.ts';
import { fault, openAnswer, publicReach, type Reach } from './fetch-open.ts';
import { nameToText, partsToText, textToParts } from './file-names.ts';
import { inFolder, lookAt, taken, told } from './handles.ts';
import { dataName, putInPlace, reservedBytes, writeAll } from './uploads.ts';
import type { Progress } from './work.ts';

/*
 * A file of the public internet comes into a folder of a site, by the hand of the site's own user. What arrives lies aside
 * until all of it is there and right, as an upload does.
 */

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR } = constants;

/** Where it asks, and how long it waits. Only tests have their own. */
export type FetchWays = {
  readonly reach: Reach;
  readonly answerMs: number;
  /** In each of these spans at least so many bytes must come. */
  readonly spanMs: number;
  readonly leastBytes: number;
  readonly wholeMs: number;
  /** What is free for it on the disk of an open folder. */
  readonly roomOf: (folder: number) => number;
};

const hourMs = 60 * 60 * 1_000;
const usualWays: FetchWays = {
  reach: publicReach,
  answerMs: 30_000,
  spanMs: 60_000,
  leastBytes: 64 * 1024,
  wholeMs: 6 * hourMs,
  roomOf(folder) {
    const { bavail, bsize } = statfsSync(`/proc/self/fd/${folder}`);
    return Math.max(0, bavail * bsize - reservedBytes);
  },
};
/** The disk is looked at again after so much. */
const lookBytes = 16 * 1024 ** 2;

export type FetchWish = FileFetch;
type On = { readonly root: number; readonly place: number; readonly by: string; readonly progress: Progress };

/** Fetches into a file of `place`, an empty folder of ours, and puts it where it shall be in one step. Answers its path. */
export async function fetchFile(
  { root, place, by, progress }: On,
  { address, into, name: wanted, sha256, mostBytes, onConflict }: FetchWish,
  given: Partial<FetchWays> = {},
): Promise<string> {
  const ways = { ...usualWays, ...given };
  const pathOf = (name: string): string => (into === '' ? name : `${into}/${name}`);
  const lookAhead = async (name: string): Promise<string[]> => {
    const parts = textToParts(pathOf(name));
    const last = parts.at(-1) ?? '';
    await inFolder(root, parts.slice(0, -1), (folder) => {
      const present = lookAt(folder, last);
      if (present === undefined || onConflict === 'rename') return;
      if (onConflict === 'refuse' || !present.isFile()) throw taken(last);
    });
    return parts;
  };
  // What would be refused at the end is refused before anybody is asked.
  if (wanted === null) await inFolder(root, textToParts(into), () => undefined);
  else await lookAhead(wanted);
  progress.allFiles = 1;
  const { answer, url } = await openAnswer(address, { ...ways, signal: progress.signal });
  try {
    const parts = await lookAhead(wanted ?? nameOfAnswer(answer.headers['content-disposition'], url));
    const length = lengthOf(answer);
    progress.allBytes = length ?? 0;
    if ((length ?? 0) > mostBytes) throw fault('file_fetch_large', { mostBytes });
    const freeBytes = ways.roomOf(root);
    if ((length ?? 0) > freeBytes) throw fault('file_fetch_room', { freeBytes });
    const fd = openSync(at(place, dataName), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      const sum = await take(answer, { fd, root, mostBytes, length, progress }, ways);
      if (sha256 !== null && sum !== sha256) throw fault('file_fetch_hash');
      progress.signal.throwIfAborted();
      setModeOf(fd, 0o644);
      const name = parts.pop() ?? '';
      return await inFolder(root, parts, async (folder) => {
        const placing = { root, folder, parts, name, place, fd, onConflict, by };
        return partsToText([...parts, await putInPlace(placing)]);
      });
    } catch (error) {
      throw told(error, nameToText(parts.at(-1) ?? ''));
    } finally {
      closeSync(fd);
      progress.files = 1;
    }
  } finally {
    answer.destroy();
  }
}

type Taking = {
  readonly fd: number;
  readonly root: number;
  readonly mostBytes: number;
  readonly length: number | null;
  readonly progress: Progress;
};

/** Writes the body as it comes, and answers its SHA-256. */
async function take(
  answer: IncomingMessage,
  { fd, root, mostBytes, length, progress }: Taking,
  { spanMs, leastBytes, wholeMs, roomOf }: FetchWays,
): Promise<string> {
  const hash = createHash('sha256');
  const whole = setTimeout(() => answer.destroy(fault('file_fetch_time', { hours: wholeMs / hourMs })), wholeMs);
  let before = 0;
  const span = setInterval(() => {
    if (progress.bytes - before < leastBytes) answer.destroy(fault('file_fetch_slow'));
    before = progress.bytes;
  }, spanMs);
  try {
    let lookedAt = 0;
    for await (const piece of answer as AsyncIterable<Buffer>) {
      progress.signal.throwIfAborted();
      if (progress.bytes + piece.length > mostBytes) throw fault('file_fetch_large', { mostBytes });
      if (progress.bytes - lookedAt >= lookBytes) {
        if (roomOf(root) < piece.length) throw fault('file_fetch_room', { freeBytes: roomOf(root) });
        lookedAt = progress.bytes;
      }
      const written = writeAll(fd, piece);
      hash.update(piece);
      await written;
      progress.bytes += piece.length;
    }
  } catch (error) {
    // What the disk says is told by the caller; what the connection says means the same in all of its words.
    if (error instanceof AppError || progress.signal.aborted || isOfDisk(error)) throw error;
    throw cutOff(progress.bytes);
  } finally {
    clearTimeout(whole);
    clearInterval(span);
  }
  if (!answer.complete || (length !== null && progress.bytes !== length)) throw cutOff(progress.bytes);
  return hash.digest('hex');
}

const cutOff = (receivedBytes: number): AppError => fault('file_fetch_cut', { receivedBytes });

const isOfDisk = (error: unknown): boolean => ['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO'].includes(errnoOf(error));

/** null: its server does not say. */
function lengthOf({ headers }: IncomingMessage): number | null {
  const length = Number(headers['content-length'] ?? Number.NaN);
  return Number.isSafeInteger(length) && length >= 0 ? length : null;
}
