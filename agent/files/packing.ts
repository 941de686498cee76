import { closeSync, constants, fstatSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { Readable } from 'node:stream';
import { constants as zlib, createGzip, createZstdCompress } from 'node:zlib';
import { AppError } from '#shared/errors.ts';
import type { ArchiveFormat } from '#shared/file-work.ts';
import { foreignLimits } from '../archives/limits.ts';
import { createMadeNames } from '../archives/made-names.ts';
import { cleanName, staysInside } from '../archives/names.ts';
import { paddingOf, tarEnd } from '../backups/restore/tar-headers.ts';
import { at, linkAt, setModeOf } from '../core/below.ts';
import { writeAt } from '../core/files.ts';
import { oneFrame } from '../site-files/one-frame.ts';
import { binName, partsToText, textToName, textToParts } from './file-names.ts';
import { gone, inFolder, lookAt, maxDepth, openBelow, taken, told } from './handles.ts';
import { tarHeader } from './tar-writer.ts';
import type { Progress } from './work.ts';
import { through } from './through.ts';
import { zipOf } from './zip-writer.ts';

/*
 * An archive of files and folders of a site, as its own user. What could not be unpacked again by our own rules is left out and
 * told: names that are no printable UTF-8 or differ in case only, links that lead out, devices and pipes.
 */

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = constants;
const pieceBytes = 256 * 1024;
const dataName = 'data';

export type PackWish = { readonly paths: readonly string[]; readonly into: string; readonly name: string };

type Item = {
  readonly name: string;
  readonly type: 'file' | 'folder' | 'link';
  readonly mode: number;
  readonly mtimeMs: number;
  readonly sizeBytes: number;
  readonly target: string;
  readonly content: () => AsyncIterable<Buffer>;
};

/** Packs into a file of `place`, an empty folder of ours, and puts it where it shall be in one step. Answers its path. */
export async function packFiles(
  root: number,
  place: number,
  { paths, into, name: text }: PackWish,
  progress: Progress,
): Promise<string> {
  const name = textToName(text);
  const parts = textToParts(into);
  const path = partsToText([...parts, name]);
  await inFolder(root, parts, (folder) => {
    if (lookAt(folder, name) !== undefined) throw taken(name);
  });
  await countItems(root, paths, progress);
  const fd = openSync(at(place, dataName), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    const format = /\.zip$/i.test(text) ? 'zip' : /\.zst$/i.test(text) ? 'tar.zst' : 'tar.gz';
    let size = 0;
    for await (const piece of archiveOf(itemsOf(root, paths, progress, false), format, progress)) {
      writeAt(fd, piece, size);
      size += piece.length;
    }
    setModeOf(fd, 0o644);
    progress.signal.throwIfAborted();
    await inFolder(root, parts, (folder) => linkAt(place, dataName, folder, name));
    return path;
  } catch (error) {
    throw told(error, path);
  } finally {
    closeSync(fd);
  }
}

export type StreamWish = {
  readonly paths: readonly string[];
  readonly format: ArchiveFormat;
  /** The first line of the list of what was left out, which then goes along as a file. */
  readonly leftOutTitle: string;
};

export type ArchiveFacts = { readonly files: number; readonly bytes: number; readonly leftOut: number };

/** The same as it is made, for somebody to whom it is sent. What is to come is counted first: what is too much never begins. */
export async function streamArchive(
  root: number,
  { paths, format, leftOutTitle }: StreamWish,
  progress: Progress,
): Promise<{ readonly facts: ArchiveFacts; readonly stream: Readable }> {
  await countItems(root, paths, progress);
  const { allFiles: files, allBytes: bytes, leftOut } = progress;
  const items = async function* (): AsyncGenerator<Item> {
    yield* itemsOf(root, paths, progress, false);
    if (leftOut > 0) yield leftOutItem(paths, leftOutText(leftOutTitle, progress));
  };
  const stream = Readable.from(archiveOf(items(), format, progress), { objectMode: false });
  return { facts: { files, bytes, leftOut }, stream };
}

function leftOutText(title: string, { leftOut, leftOutNames }: Progress): string {
  const more = leftOut - leftOutNames.length;
  const names = leftOutNames.map((name) => partsToText(name.split('/')));
  return `${[title, '', ...names, ...(more > 0 ? [`… +${more}`] : [])].join('\n')}\n`;
}

function leftOutItem(paths: readonly string[], text: string): Item {
  const content = Buffer.from(text);
  let name = 'aapanel-left-out.txt';
  while (paths.some((path) => path.endsWith(name))) name = `_${name}`;
  return {
    name,
    type: 'file',
    mode: 0o644,
    mtimeMs: Date.now(),
    sizeBytes: content.length,
    target: '',
    content: async function* () {
      yield await Promise.resolve(content);
    },
  };
}

async function countItems(root: number, paths: readonly string[], progress: Progress): Promise<void> {
  for await (const { sizeBytes } of itemsOf(root, paths, progress, true)) {
    progress.allFiles++;
    progress.allBytes += sizeBytes;
    if (progress.allFiles > foreignLimits.entries || progress.allBytes > foreignLimits.totalBytes)
      throw new AppError('too_large', 'This is too much for one archive.', {
        reason: 'file_pack_large',
        params: { most: foreignLimits.entries, mostBytes: foreignLimits.totalBytes },
      });
  }
}

/** Everything below the chosen paths, folders before what is in them. `counts`: what is left out is told the first time only. */
async function* itemsOf(
  root: number,
  paths: readonly string[],
  progress: Progress,
  counts: boolean,
): AsyncGenerator<Item> {
  const made = createMadeNames(false, foreignLimits.entries + 1);
  const leaveOut = (name: string): void => {
    if (counts) progress.leaveOut(name);
  };

  async function* walk(folder: number, name: string, above: string, depth: number): AsyncGenerator<Item> {
    progress.signal.throwIfAborted();
    const full = above === '' ? name : `${above}/${name}`;
    const stats = lookAt(folder, name);
    if (stats === undefined) return;
    const type = stats.isDirectory() ? 'folder' : stats.isSymbolicLink() ? 'link' : stats.isFile() ? 'file' : undefined;
    const target = type === 'link' ? readlinkSync(at(folder, name), 'latin1') : '';
    if (type === undefined || depth > maxDepth || !canComeOut(full, type, target)) return leaveOut(full);
    const { mode, mtimeMs } = stats;
    const base = { name: full, mode, mtimeMs, target };
    if (type === 'link') return yield { ...base, type, mode: 0o777, sizeBytes: 0, content: nothing };
    if (type === 'file') {
      const fd = openSync(at(folder, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      try {
        const opened = fstatSync(fd);
        if (!opened.isFile()) return leaveOut(full);
        const sizeBytes = opened.size;
        yield { ...base, type, sizeBytes, content: () => contentOf(fd, full, sizeBytes, progress) };
      } finally {
        closeSync(fd);
      }
      return;
    }
    const inside = openBelow(folder, name);
    try {
      yield { ...base, type, sizeBytes: 0, content: nothing };
      for (const each of readdirSync(`/proc/self/fd/${inside}`, 'latin1').sort()) {
        await progress.breathe();
        yield* walk(inside, each, full, depth + 1);
      }
    } finally {
      closeSync(inside);
    }
  }

  function canComeOut(full: string, type: Item['type'], target: string): boolean {
    try {
      const { parts } = cleanName(full, type === 'folder', foreignLimits);
      if (type === 'link' && !staysInside(target, parts.slice(0, -1))) return false;
      made.claim(parts, type === 'link' ? 'symlink' : type);
      return true;
    } catch {
      return false;
    }
  }

  for (const path of paths) {
    const parts = textToParts(path);
    const name = parts.pop();
    if (name === undefined || name === binName) throw gone(path);
    // Not by `inFolder`: what is yielded in between needs the folder open.
    const folder = await openParts(root, parts, path);
    try {
      if (lookAt(folder, name) === undefined) throw gone(path);
      yield* walk(folder, name, '', parts.length);
    } catch (error) {
      throw told(error, path);
    } finally {
      closeSync(folder);
    }
  }
}

async function openParts(root: number, parts: readonly string[], path: string): Promise<number> {
  return await inFolder(root, parts, (folder) => {
    try {
      return openBelow(folder, '.');
    } catch (error) {
      throw told(error, path);
    }
  });
}

async function* nothing(): AsyncGenerator<Buffer> {}

/** Exactly so many bytes: a log that grows is cut there, and a file that shrank is no longer the one that was announced. */
async function* contentOf(fd: number, name: string, sizeBytes: number, progress: Progress): AsyncGenerator<Buffer> {
  for (let done = 0; done < sizeBytes; ) {
    await progress.breathe();
    progress.signal.throwIfAborted();
    const piece = Buffer.allocUnsafe(Math.min(pieceBytes, sizeBytes - done));
    const length = readSync(fd, piece, 0, piece.length, done);
    if (length === 0)
      throw new AppError('changed_meanwhile', 'A file has shrunk while it was packed.', {
        reason: 'file_changed',
        params: { name: partsToText(name.split('/')) },
      });
    done += length;
    progress.bytes += length;
    yield piece.subarray(0, length);
  }
}

async function* archiveOf(
  items: AsyncIterable<Item>,
  format: ArchiveFormat,
  progress: Progress,
): AsyncGenerator<Buffer> {
  const counted = async function* (): AsyncGenerator<Item> {
    for await (const item of items) {
      yield item;
      progress.files++;
    }
  };
  if (format === 'zip') return yield* zipOf(counted(), progress.signal);
  const packed = async function* (): AsyncGenerator<Buffer> {
    for await (const item of counted()) {
      yield tarHeader(item);
      yield* item.content();
      yield paddingOf(item.sizeBytes);
    }
    yield tarEnd;
  };
  if (format === 'tar.gz') return yield* through(packed(), createGzip({ level: 6 }), progress.signal);
  const zstd = createZstdCompress({ params: { [zlib.ZSTD_c_compressionLevel]: 3 } });
  yield* oneFrame(through(packed(), zstd, progress.signal));
}
