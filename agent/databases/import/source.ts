import { closeSync, openSync, constants } from 'node:fs';
import type { Readable } from 'node:stream';
import { ByteSource } from '../../archives/byte-source.ts';
import { detectContainer, unpack } from '../../archives/compression.ts';
import { foreignLimits, type ExtractLimits } from '../../archives/limits.ts';
import { readOneOfZip } from '../../archives/zip-reader.ts';
import { fetchFromHelper, type Place } from '../../files/workers.ts';
import type { Machine } from '../../core/machine.ts';
import { importFault } from './import-faults.ts';

export type DumpFile = {
  /** As it lies there, packed or not. */
  readonly sizeBytes: number;
  /** Bytes of it that were read. */
  readonly doneBytes: () => number;
  /** The text of SQL in it. */
  readonly text: AsyncGenerator<Buffer>;
  readonly close: () => void;
};

/**
 * How much comes out is not known before; the disk is watched while it is loaded. This is for files of nothing at all, which
 * would keep a processor busy for days.
 */
export const dumpLimits: ExtractLimits = {
  ...foreignLimits,
  totalBytes: 16 * 1024 ** 4,
  ratio: 2_000,
  ratioFreeBytes: 256 * 1024 ** 2,
};

/** Opens a file of a site with the rights of the site's own user. `spool`: a folder for the list of an archive. */
export async function openDumpFile(
  where: Pick<Machine, 'settings' | 'isRoot'>,
  place: Place,
  path: string,
  { spool, signal }: { readonly spool: string; readonly signal: AbortSignal },
): Promise<DumpFile> {
  const wish = { path, range: null, ifRange: null, withBytes: true } as const;
  const { facts, stream } = await fetchFromHelper(where, place, 'download', wish);
  if (stream === null) throw importFault.format();
  const stop = (): void => void stream.destroy(signal.reason instanceof Error ? signal.reason : new Error('stopped'));
  signal.addEventListener('abort', stop, { once: true });
  const close = (): void => {
    signal.removeEventListener('abort', stop);
    stream.destroy();
  };
  let done = 0;
  const counted = async function* (input: Readable): AsyncGenerator<Buffer> {
    for await (const chunk of input as AsyncIterable<Buffer>) {
      done += chunk.length;
      yield chunk;
    }
  };
  try {
    const source = new ByteSource(counted(stream));
    const container = await detectContainer(source);
    const text = container === 'zip' ? await ofZip(source, spool) : unpack(source, container, dumpLimits);
    return { sizeBytes: facts.sizeBytes, doneBytes: () => done, text: plain(text), close };
  } catch (error) {
    close();
    throw error;
  }
}

async function ofZip(source: ByteSource, spool: string): Promise<AsyncGenerator<Buffer>> {
  const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;
  const root = openSync(spool, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    const content = await readOneOfZip(source, root, dumpLimits, isSqlName);
    if (content === undefined) throw importFault.archive();
    return content;
  } finally {
    closeSync(root);
  }
}

/** What macOS puts beside each file is no file of anybody's. */
const isSqlName = (name: string): boolean => /\.sql$/i.test(name) && !name.startsWith('__MACOSX/');

/** Custom formats of pg_dump, tar, SQLite, UTF-16: told at once, and not as an error of syntax in line 1. */
export async function* plain(text: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  let isFirst = true;
  for await (const chunk of text) {
    if (chunk.length === 0) continue;
    if (!isFirst) {
      yield chunk;
      continue;
    }
    isFirst = false;
    const starts = (sign: string): boolean => chunk.toString('latin1', 0, sign.length) === sign;
    const isForeign = ['PGDMP', 'SQLite format 3', '\xff\xfe', '\xfe\xff', '\x1f\x8b', 'PK\x03\x04'].some(starts);
    if (isForeign || chunk.toString('latin1', 257, 262) === 'ustar') throw importFault.format();
    yield starts('\xef\xbb\xbf') ? chunk.subarray(3) : chunk;
  }
  if (isFirst) throw importFault.format();
}
