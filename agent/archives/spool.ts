import { closeSync, constants, openSync, unlinkSync, writeSync } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import { errnoOf, readAt } from '../core/files.ts';
import { ArchiveError } from './archive-error.ts';
import type { ByteSource } from './byte-source.ts';

/** A stream on the disk, for formats whose list stands at the end. The file has no name: it goes with its handle. */
export type Spool = {
  readonly size: number;
  /** Exactly these bytes; throws beyond the end. */
  read(offset: number, length: number): Buffer;
  /** The bytes between two places, in chunks. */
  chunks(from: number, to: number): AsyncGenerator<Buffer>;
  close(): void;
};

const chunkBytes = 256 * 1024;

/** Writes the whole stream into a nameless file of the open folder `root`. */
export async function spoolInto(root: number, source: ByteSource, maxBytes: number): Promise<Spool> {
  const path = `/proc/self/fd/${root}/.archive`;
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR } = constants;
  const fd = openSync(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  unlinkSync(path);
  let size = 0;
  try {
    for await (const chunk of source.rest()) {
      if (size + chunk.length > maxBytes) throw new ArchiveError('resources', 'The archive is too large.');
      for (let done = 0; done < chunk.length; ) done += writeSync(fd, chunk, done, chunk.length - done);
      size += chunk.length;
    }
  } catch (error) {
    closeSync(fd);
    if (errnoOf(error) === 'ENOSPC' || errnoOf(error) === 'EDQUOT')
      throw new AppError('internal', 'The disk is full; nothing was kept.', { reason: 'disk_full', cause: error });
    throw error;
  }
  const read = (offset: number, length: number): Buffer => {
    if (offset < 0 || length < 0 || offset + length > size)
      throw new ArchiveError('zip-structure', 'The archive points beyond its own end.');
    return readAt(fd, offset, length);
  };
  return {
    size,
    read,
    async *chunks(from, to) {
      for (let at = from; at < to; ) {
        const part = read(at, Math.min(chunkBytes, to - at));
        at += part.length;
        yield part;
      }
    },
    close: () => closeSync(fd),
  };
}
