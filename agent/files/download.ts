import { closeSync, constants, createReadStream, fstatSync, openSync, type BigIntStats } from 'node:fs';
import type { Readable } from 'node:stream';
import type { ByteRange } from '#shared/file-transfers.ts';
import { at } from '../core/below.ts';
import { partsToText, textToParts } from './file-names.ts';
import { gone, inFolder, told } from './handles.ts';
import { instantOf } from './listing.ts';

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
const pieceBytes = 256 * 1024;

export type DownloadWish = {
  readonly path: string;
  readonly range: ByteRange | null;
  readonly ifRange: string | null;
  readonly withBytes: boolean;
};

export type FileFacts = {
  readonly sizeBytes: number;
  readonly etag: string;
  readonly modifiedAt: string;
  readonly part: { readonly from: number; readonly bytes: number } | null;
  readonly isBeyond: boolean;
};

export type OpenFile = { readonly facts: FileFacts; readonly bytes: number; readonly stream: Readable | null };

/** Opens a file for reading; no link, no pipe, no device. */
export async function openFile(root: number, wish: DownloadWish): Promise<OpenFile> {
  const fd = await openToRead(root, wish.path);
  try {
    const { sizeBytes, etag, modifiedAt } = factsOf(fd);
    const isSame = wish.ifRange === null || wish.ifRange === etag;
    const range = wish.range === null || !isSame ? undefined : rangeOf(wish.range, sizeBytes);
    const facts = { sizeBytes, etag, modifiedAt, part: range ?? null, isBeyond: range === null };
    const { from, bytes } = range ?? { from: 0, bytes: range === null ? 0 : sizeBytes };
    if (!wish.withBytes || bytes === 0) {
      closeSync(fd);
      return { facts, bytes: 0, stream: null };
    }
    const stream = createReadStream('', { fd, start: from, end: from + bytes - 1, highWaterMark: pieceBytes });
    return { facts, bytes, stream };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Whoever gets it closes it. */
export async function openToRead(root: number, path: string): Promise<number> {
  const parts = textToParts(path);
  const name = parts.pop();
  if (name === undefined) throw gone(path);
  return await inFolder(root, parts, (folder) => {
    let fd: number;
    try {
      fd = openSync(at(folder, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    } catch (error) {
      throw told(error, partsToText([...parts, name]));
    }
    if (fstatSync(fd).isFile()) return fd;
    closeSync(fd);
    throw gone(path);
  });
}

export function factsOf(fd: number): Pick<FileFacts, 'sizeBytes' | 'etag' | 'modifiedAt'> {
  const stats = fstatSync(fd, { bigint: true });
  return { sizeBytes: Number(stats.size), etag: etagOf(stats), modifiedAt: instantOf(Number(stats.mtimeMs)) };
}

/** Another one as soon as something was written, also within one millisecond. */
export function etagOf({ size, ino, mtimeNs, ctimeNs }: BigIntStats): string {
  return `"${[ino, size, mtimeNs, ctimeNs].map((each) => each.toString(36).replace('-', 'z')).join('-')}"`;
}

/** null: behind the end of the file. */
function rangeOf(range: ByteRange, size: number): { from: number; bytes: number } | null {
  if ('suffix' in range) {
    const bytes = Math.min(range.suffix, size);
    return bytes === 0 ? null : { from: size - bytes, bytes };
  }
  const last = Math.min(range.last ?? size - 1, size - 1);
  return range.first >= size || last < range.first ? null : { from: range.first, bytes: last - range.first + 1 };
}
