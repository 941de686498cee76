import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants as zlib, createZstdCompress } from 'node:zlib';
import { readlinkSync } from 'node:fs';
import { maxArchiveBytes } from '#shared/archives.ts';
import { AppError } from '#shared/errors.ts';
import { foreignLimits } from '../archives/limits.ts';
import { createMadeNames } from '../archives/made-names.ts';
import { cleanName, staysInside } from '../archives/names.ts';
import { checkEnd, isLeftOutLine, readerArgs, tellLines } from '../copies/transfer.ts';
import { closeFile, errnoOf, openFile, openFolder, openLog, removeFile, writeAt } from '../core/files.ts';
import { findProgram, startProgram } from '../core/run.ts';
import type { TreeEntry } from '../core/trees.ts';
import { oneFrame } from './one-frame.ts';

/**
 * Why a file cannot be in an archive that is unpacked by the rules for strangers: what is packed here must come out
 * again. One for each export.
 */
export function createFaultOf(from: string): (entry: TreeEntry) => string | undefined {
  const made = createMadeNames(false, foreignLimits.entries);
  return ({ path, type }) => {
    try {
      const { parts } = cleanName(path, type === 'folder', foreignLimits);
      if (type === 'link') {
        const target = readlinkSync(Buffer.from(`${from}/${path}`, 'latin1'), 'latin1');
        if (!staysInside(target, parts.slice(0, -1))) return 'a link that leads out';
      }
      made.claim(parts, type === 'link' ? 'symlink' : type === 'folder' ? 'folder' : 'file');
      return undefined;
    } catch {
      return 'a name that not every system takes, or that another one has';
    }
  };
}

export type Packing = {
  /** Whose rights the files are read with; undefined: this process's. */
  readonly reader: { readonly uid: number; readonly gid: number } | undefined;
  /** Prefix included. */
  readonly from: string;
  readonly listPath: string;
  readonly to: string;
  readonly signal: AbortSignal;
  /** More than this is refused. */
  readonly mostBytes?: number;
  readonly onBytes: (bytes: number) => void;
  readonly onLeftOut: (line: string) => void;
};

export type Packed = { readonly packedBytes: number; readonly sha256: string };

export type Storing = {
  /** A file of our own; one that is there is written anew. */
  readonly to: string;
  readonly signal: AbortSignal;
  /** More than this is refused. */
  readonly mostBytes: number;
};

/** Room for headers in a file that is sent as an archive is. */
export const mostPackedBytes = maxArchiveBytes - foreignLimits.pathBytes * 1024;

/** A stream, compressed into a file of our own. Throws `disk_full`, `site_export_too_large`. */
export async function storePacked(input: AsyncIterable<Buffer>, { to, signal, mostBytes }: Storing): Promise<Packed> {
  removeFile(to);
  const fd = openLog(to);
  const hash = createHash('sha256');
  const compress = createZstdCompress({ params: { [zlib.ZSTD_c_compressionLevel]: 3 } });
  let size = 0;
  const store = async (): Promise<void> => {
    for await (const chunk of oneFrame(compress)) {
      hash.update(chunk);
      writeAt(fd, chunk, size);
      size += chunk.length;
      if (size > mostBytes) throw tooLarge();
    }
  };
  try {
    await Promise.all([pipeline(Readable.from(input), compress, { signal }), store()]);
  } catch (error) {
    compress.destroy();
    throw errnoOf(error) === 'ENOSPC' ? diskFull(error) : error;
  } finally {
    closeFile(fd);
  }
  return { packedBytes: size, sha256: hash.digest('hex') };
}

const tarArgs = readerArgs.filter((each) => each !== '--sparse');

/** The listed files as a compressed tar in a file of our own. Throws `disk_full`, `site_export_too_large`, `copy_failed`. */
export async function packFiles(packing: Packing): Promise<Packed> {
  const tar = findProgram('tar');
  if (tar === undefined)
    throw new AppError('internal', 'tar is missing.', { reason: 'copy_failed', params: { message: 'tar is missing' } });
  const list = openFile(packing.listPath);
  if (list === undefined) throw new Error('the list of files has gone');
  const folder = openFolder(packing.from);
  try {
    const reader = startProgram(tar, tarArgs, {
      signal: packing.signal,
      diesWithUs: true,
      isBackground: true,
      ...packing.reader,
      cwd: `/proc/self/fd/${folder}`,
      stdin: list.fd,
      onStderr: tellLines((line) => {
        if (isLeftOutLine(line)) packing.onLeftOut(line.replace(/^tar: /, ''));
      }),
    });
    const counted = async function* (): AsyncGenerator<Buffer> {
      for await (const chunk of reader.stdout as AsyncIterable<Buffer>) {
        packing.onBytes(chunk.length);
        yield chunk;
      }
    };
    let packed: Packed;
    try {
      packed = await storePacked(counted(), { ...packing, mostBytes: packing.mostBytes ?? mostPackedBytes });
    } catch (error) {
      reader.kill();
      await reader.ended.catch(() => undefined);
      packing.signal.throwIfAborted();
      throw error;
    }
    const end = await reader.ended;
    packing.signal.throwIfAborted();
    // 1: some files changed while they were read, as on any live site.
    checkEnd(end, 1);
    return packed;
  } finally {
    closeFile(folder);
    closeFile(list.fd);
  }
}

export function tooLarge(): AppError {
  return new AppError('too_large', 'The site is too large for one file.', {
    reason: 'site_export_too_large',
    params: { mostBytes: maxArchiveBytes, mostFiles: foreignLimits.entries },
  });
}

export function diskFull(cause: unknown): AppError {
  return new AppError('internal', 'The disk is full; nothing was kept.', { reason: 'disk_full', cause });
}
