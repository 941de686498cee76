import { closeSync, constants, fstatSync, ftruncateSync, openSync } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import { createBlockSum, type BlockSum } from '#shared/block-sum.ts';
import type { FileUpload } from '#shared/file-transfers.ts';
import type { AgentCallOptions } from '../../core/agent-client.ts';
import type { GivenBytes } from '../../core/route.ts';
import type { Context } from '../../context.ts';
import { writeStream } from './write-stream.ts';
import { createWriteTurns, type WriteTurns } from './write-turns.ts';

/*
 * Bytes of uploads, written by this process itself where the agent lets it: each byte goes through one process instead of
 * three. Where it does not, they are sent to the agent. What is held between two pieces can be lost at any time: how far an
 * upload is, the file says, and without the sum of what was written the agent's side reads all of it at the end.
 */

const { O_NOFOLLOW, O_WRONLY } = constants;
/** A file that nothing is written to for so long is opened again for the next piece. */
const idleMs = 20_000;
/** Sums of uploads that have not ended; of others all is read at the end. */
const mostSums = 1_000;

type Ref = { readonly site: { readonly siteId: string; readonly slug: string }; readonly uploadId: string };
export type Piece = Ref & { readonly offset: number; readonly bytes: GivenBytes };

type Kept = { readonly upload: FileUpload; readonly fd: number; timer: NodeJS.Timeout | undefined };
/** Of the first `at` bytes. */
type Sum = { readonly sum: BlockSum; readonly at: number; readonly sizeBytes: number };
type Writing = { readonly stop: AbortController; readonly ended: Promise<void> };

export type UploadWriter = {
  /** Throws AppError; what came before a break is kept. */
  write(piece: Piece, options: AgentCallOptions): Promise<FileUpload>;
  /** Lets the file go. Answers what of its sum is left to compare: null when all of it was written here and has this one. */
  finish(ref: Ref, sum: string): Promise<string | null>;
  /** Lets the file go. */
  forget(ref: Ref): Promise<void>;
  close(): void;
};

export function createUploadWriter(
  { agent }: Pick<Context, 'agent'>,
  turns: WriteTurns = createWriteTurns(),
): UploadWriter {
  const kept = new Map<string, Kept>();
  const writing = new Map<string, Writing>();
  const sums = new Map<string, Sum>();

  async function endWriting(key: string): Promise<void> {
    const before = writing.get(key);
    before?.stop.abort();
    await before?.ended;
  }

  function leave(key: string, stop: AbortController, say: () => void): void {
    if (writing.get(key)?.stop === stop) writing.delete(key);
    say();
  }

  function drop(key: string): void {
    const one = kept.get(key);
    if (one === undefined) return;
    clearTimeout(one.timer);
    closeSync(one.fd);
    kept.delete(key);
  }

  /** undefined: the agent takes the bytes. */
  async function open(key: string, { site, uploadId }: Ref, options: AgentCallOptions): Promise<Kept | undefined> {
    const known = kept.get(key);
    if (known !== undefined && isOpen(known.fd)) return known;
    drop(key);
    const { writePath, ...upload } = await agent.call('files.upload_open', { site, uploadId }, options);
    const fd = writePath === null ? undefined : openOrNot(writePath);
    if (fd === undefined) return undefined;
    const one = { upload, fd, timer: undefined };
    kept.set(key, one);
    return one;
  }

  /** Of what stands before a piece, which it is no longer of as soon as that is written. */
  function takeSum(key: string, offset: number): BlockSum | undefined {
    const before = sums.get(key);
    sums.delete(key);
    if (offset === 0) return createBlockSum();
    return before?.at === offset ? before.sum : undefined;
  }

  function keepSum(key: string, sum: Sum): void {
    sums.set(key, sum);
    const [oldest] = sums.keys();
    if (sums.size > mostSums && oldest !== undefined) sums.delete(oldest);
  }

  async function forget(ref: Ref): Promise<void> {
    const key = keyOf(ref);
    await endWriting(key);
    drop(key);
    sums.delete(key);
  }

  return {
    async write(piece, options) {
      const key = keyOf(piece);
      // The one before it hangs on a connection that is gone, or somebody sends the same twice.
      // Again for one that came in that moment: nothing is waited for between the last look and the entry.
      while (writing.has(key)) await endWriting(key);
      const stop = new AbortController();
      const ended = Promise.withResolvers<void>();
      writing.set(key, { stop, ended: ended.promise });
      try {
        const one = await open(key, piece, options);
        const { site, uploadId, offset, bytes } = piece;
        if (one === undefined) {
          const { lengthBytes } = bytes;
          // Whose turn it is, the agent's side knows.
          leave(key, stop, ended.resolve);
          return await agent.send('files.upload_write', { site, uploadId, offset, lengthBytes }, bytes, options);
        }
        clearTimeout(one.timer);
        try {
          const { sizeBytes } = one.upload;
          return await writePiece(one, piece, {
            signal: stop.signal,
            turns,
            takeSum: () => takeSum(key, piece.offset),
            onSum: (sum, at) => keepSum(key, { sum, at, sizeBytes }),
          });
        } finally {
          one.timer = setTimeout(() => drop(key), idleMs).unref();
        }
      } catch (error) {
        if (!isDiskFull(error)) throw error;
        // A full disk is not left full.
        drop(key);
        await agent.call('files.upload_drop', { site: piece.site, uploadId: piece.uploadId }, options);
        throw new AppError('internal', 'The disk is full; nothing was kept.', { reason: 'disk_full', cause: error });
      } finally {
        leave(key, stop, ended.resolve);
      }
    },
    async finish(ref, sum) {
      await endWriting(keyOf(ref));
      const known = sums.get(keyOf(ref));
      await forget(ref);
      const isCompared = known !== undefined && known.at === known.sizeBytes && known.sum.end() === sum;
      return isCompared ? null : sum;
    },
    forget,
    close() {
      for (const key of kept.keys()) drop(key);
    },
  };
}

type How = {
  readonly signal: AbortSignal;
  readonly turns: WriteTurns;
  /** Of what stands before the piece, if that is known. */
  readonly takeSum: () => BlockSum | undefined;
  /** … and of what stands there after it, up to `at`. */
  readonly onSum: (sum: BlockSum, at: number) => void;
};

/** Throws AppError for a piece that does not fit, or was not whole: what came of it is kept. */
async function writePiece(
  { fd, upload }: Pick<Kept, 'fd' | 'upload'>,
  { offset, bytes }: Piece,
  { takeSum, onSum, ...how }: How,
): Promise<FileUpload> {
  const { size } = fstatSync(fd);
  if (size !== offset)
    throw new AppError('in_use', 'The piece does not begin where the last one ended.', {
      reason: 'file_upload_offset',
      params: { receivedBytes: size },
    });
  if (offset + bytes.lengthBytes > upload.sizeBytes)
    throw new AppError('too_large', 'The file is longer than announced.', {
      reason: 'file_upload_longer',
      params: { sizeBytes: upload.sizeBytes },
    });
  const sum = takeSum();
  const { written, end } = await writeStream(fd, offset, { stream: bytes.stream, sum, ...how });
  if (sum !== undefined && !(end instanceof Error)) onSum(sum, offset + written);
  if (end instanceof Error) {
    ftruncateSync(fd, offset + written);
    throw end;
  }
  if (end === 'stopped') throw new AppError('busy', 'Another one sends the same.', { reason: 'file_upload_twice' });
  if (end === 'broken') throw new AppError('invalid_request', 'The request was cut off.');
  return { ...upload, receivedBytes: offset + written };
}

/** An upload of one site is none of another. */
const keyOf = ({ site, uploadId }: Ref): string => `${site.siteId}.${uploadId}`;

/** Not closed or deleted by the agent meanwhile: it has its name in the site and ours. */
const isOpen = (fd: number): boolean => fstatSync(fd).nlink === 2;

/** The sandbox of this process may know nothing of the folder: then the agent takes the bytes. */
function openOrNot(path: string): number | undefined {
  try {
    return openSync(path, O_WRONLY | O_NOFOLLOW);
  } catch {
    return undefined;
  }
}

function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}
