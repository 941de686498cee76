import { createHash, type Hash } from 'node:crypto';
import { closeSync, constants, fstatSync, ftruncateSync, openSync } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import type { FileUpload } from '#shared/file-transfers.ts';
import type { AgentCallOptions } from '../../core/agent-client.ts';
import type { GivenBytes } from '../../core/route.ts';
import type { Context } from '../../context.ts';
import { writeStream } from './write-stream.ts';

/*
 * Bytes of uploads, written by this process itself where the agent lets it: each byte goes through one process instead of
 * three. Where it does not, they are sent to the agent. What is held between two pieces can be lost at any time: how far an
 * upload is, the file says, and without a sum of what was written the agent's side reads the file.
 */

const { O_NOFOLLOW, O_WRONLY } = constants;
/** A file that nothing is written to for so long is opened again for the next piece. */
const idleMs = 20_000;
/** Sums are small. Of others the file is read at the end. */
const mostKept = 1_000;

type Ref = { readonly site: { readonly siteId: string; readonly slug: string }; readonly uploadId: string };
export type Piece = Ref & { readonly offset: number; readonly bytes: GivenBytes };

type Kept = {
  readonly upload: FileUpload;
  /** undefined: closed until the next piece. */
  fd: number | undefined;
  /** Of the first `at` bytes; undefined: they were not all written here. */
  sum: { readonly hash: Hash; at: number } | undefined;
  timer: NodeJS.Timeout | undefined;
};
type Writing = { readonly stop: AbortController; readonly ended: Promise<void> };

export type UploadWriter = {
  /** Throws AppError; what came before a break is kept. */
  write(piece: Piece, options: AgentCallOptions): Promise<FileUpload>;
  /** Lets the file go. Answers the SHA-256 of the whole upload as it was written here; null when that is not known. */
  end(ref: Ref): Promise<string | null>;
  forget(ref: Ref): Promise<void>;
  close(): void;
};

export function createUploadWriter({ agent }: Pick<Context, 'agent'>): UploadWriter {
  const kept = new Map<string, Kept>();
  const writing = new Map<string, Writing>();

  async function endWriting(key: string): Promise<void> {
    const before = writing.get(key);
    before?.stop.abort();
    await before?.ended;
  }

  function leave(key: string, stop: AbortController, say: () => void): void {
    if (writing.get(key)?.stop === stop) writing.delete(key);
    say();
  }

  function shut(one: Kept): void {
    clearTimeout(one.timer);
    if (one.fd !== undefined) closeSync(one.fd);
    one.fd = undefined;
  }

  function drop(key: string): void {
    const one = kept.get(key);
    if (one !== undefined) shut(one);
    kept.delete(key);
  }

  /** undefined: the agent takes the bytes. */
  async function open(
    key: string,
    { site, uploadId }: Ref,
    options: AgentCallOptions,
  ): Promise<(Kept & { fd: number }) | undefined> {
    const known = kept.get(key);
    if (known?.fd !== undefined && isOpen(known.fd)) return known as Kept & { fd: number };
    if (known !== undefined) shut(known);
    const { writePath, ...upload } = await agent.call('files.upload_open', { site, uploadId }, options);
    const fd = writePath === null ? undefined : openOrNot(writePath);
    if (fd === undefined) {
      drop(key);
      return undefined;
    }
    const one = { upload, fd, sum: known?.sum, timer: undefined };
    kept.delete(key);
    kept.set(key, one);
    for (const [oldest] of kept) {
      if (kept.size <= mostKept) break;
      if (!writing.has(oldest)) drop(oldest);
    }
    return one;
  }

  async function writeHere(
    one: Kept & { fd: number },
    { offset, bytes }: Piece,
    signal: AbortSignal,
  ): Promise<FileUpload> {
    const { fd, upload } = one;
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
    const sum = offset === 0 ? { hash: createHash('sha256'), at: 0 } : one.sum;
    const isHashed = sum?.at === offset;
    // Until it is known that all of it was written.
    one.sum = undefined;
    const { written, end } = await writeStream(fd, offset, bytes.stream, {
      signal,
      onPiece: isHashed ? (piece) => void sum.hash.update(piece) : undefined,
    });
    if (end instanceof Error) {
      ftruncateSync(fd, offset + written);
      throw end;
    }
    if (isHashed) one.sum = { hash: sum.hash, at: offset + written };
    if (end === 'stopped') throw new AppError('busy', 'Another one sends the same.', { reason: 'file_upload_twice' });
    if (end === 'broken') throw new AppError('invalid_request', 'The request was cut off.');
    return { ...upload, receivedBytes: offset + written };
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
          return await writeHere(one, piece, stop.signal);
        } finally {
          one.timer = setTimeout(() => shut(one), idleMs).unref();
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
    async end(ref) {
      await endWriting(keyOf(ref));
      const one = kept.get(keyOf(ref));
      if (one === undefined) return null;
      shut(one);
      return one.sum?.at === one.upload.sizeBytes ? one.sum.hash.copy().digest('hex') : null;
    },
    async forget(ref) {
      await endWriting(keyOf(ref));
      drop(keyOf(ref));
    },
    close() {
      for (const key of kept.keys()) drop(key);
    },
  };
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
