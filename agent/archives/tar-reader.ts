import { ArchiveError } from './archive-error.ts';
import { ByteSource } from './byte-source.ts';
import type { ArchiveEntry, EntryType } from './entry.ts';
import type { ByteText } from './names.ts';
import { blockBytes, isZeroBlock, parseHeader, parsePax, type Extended, type TarHeader } from './tar-header.ts';

/*
 * A strict tar reader: ustar, pax, GNU long names, v7. What two programs could read differently is an error. Knows nothing
 * of the rules on names; holds one header and one chunk in memory.
 */

const entryTypes: Readonly<Record<string, EntryType>> = {
  '\0': 'file',
  '0': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '5': 'folder',
};

const maxPaxBytes = 1024 * 1024;
const maxLongNameBytes = 4096 + 1;
/** From here on a size does not fit into the eleven octal digits of a header. */
const octalSizeEnd = 8 ** 11;

/** The entries in their order. Each must be used before the next is asked for. Throws unless the archive is complete. */
export async function* readTar(source: ByteSource): AsyncGenerator<ArchiveEntry> {
  let extended: Extended | undefined;
  let longName: ByteText | undefined;
  let longLink: ByteText | undefined;
  // Left out of headers for all entries; told with the next one.
  let droppedForAll = 0;
  for (;;) {
    const block = await source.exactly(blockBytes);
    if (block[0] === 0 && isZeroBlock(block)) {
      if (extended !== undefined || longName !== undefined || longLink !== undefined)
        throw new ArchiveError('damaged', 'The archive ends after an extended header.');
      return await readEnd(source);
    }
    const header = parseHeader(block);
    if (header.flag === 'x') {
      if (extended !== undefined) throw overridden(header, 'An entry has two extended headers.');
      extended = parsePax(await readSmall(source, header, maxPaxBytes), false);
    } else if (header.flag === 'g') {
      if (extended !== undefined || longName !== undefined || longLink !== undefined)
        throw overridden(header, 'A header for all entries stands between an entry and its own.');
      droppedForAll += parsePax(await readSmall(source, header, maxPaxBytes), true).dropped;
    } else if (header.flag === 'L') {
      if (longName !== undefined) throw overridden(header, 'An entry has two long names.');
      longName = longText(await readSmall(source, header, maxLongNameBytes));
    } else if (header.flag === 'K') {
      if (longLink !== undefined) throw overridden(header, 'An entry has two long link targets.');
      longLink = longText(await readSmall(source, header, maxLongNameBytes));
    } else {
      if (
        (longName !== undefined && extended?.path !== undefined) ||
        (longLink !== undefined && extended?.linkpath !== undefined)
      )
        throw overridden(header, 'Two headers name the same entry.');
      const entry = effective(header, {
        path: extended?.path ?? longName,
        link: extended?.linkpath ?? longLink,
        extended,
      });
      yield* withContent(source, { ...entry, droppedExtras: entry.droppedExtras + droppedForAll });
      extended = longName = longLink = undefined;
      droppedForAll = 0;
    }
  }
}

const noContent = async function* (): AsyncGenerator<Buffer> {};

function overridden(header: TarHeader, message: string): ArchiveError {
  return new ArchiveError('header-override', message, Buffer.from(header.name, 'latin1'));
}

type Overrides = {
  readonly path: ByteText | undefined;
  readonly link: ByteText | undefined;
  readonly extended: Extended | undefined;
};

/** What an entry is after all its headers. */
function effective(header: TarHeader, { path, link, extended }: Overrides): Omit<ArchiveEntry, 'content'> {
  const name = path ?? header.name;
  const shown = Buffer.from(name, 'latin1');
  const type = entryTypes[header.flag];
  if (type === undefined)
    throw new ArchiveError('entry-type', 'Only files, folders and links are taken from an archive.', shown);
  const size = extended?.size ?? header.size;
  const isTooLargeForHeader = size >= octalSizeEnd && (header.size === 0 || header.size === octalSizeEnd - 1);
  if (size !== header.size && !isTooLargeForHeader)
    throw new ArchiveError('size-lie', 'The headers of an entry tell different sizes.', shown);
  if (type !== 'file' && size !== 0)
    throw new ArchiveError('size-lie', 'An entry that has no content tells a size.', shown);
  return {
    type,
    name,
    link: link ?? header.link,
    size,
    mode: header.mode,
    mtimeSeconds: extended?.mtimeSeconds ?? header.mtimeSeconds,
    droppedExtras: extended?.dropped ?? 0,
  };
}

async function* withContent(source: ByteSource, entry: Omit<ArchiveEntry, 'content'>): AsyncGenerator<ArchiveEntry> {
  if (entry.size === 0) {
    yield { ...entry, content: noContent };
    return;
  }
  let left = entry.size;
  const next = async (): Promise<Buffer> => {
    const chunk = await source.some(left);
    if (chunk === undefined)
      throw new ArchiveError('damaged', 'The archive ends too early.', Buffer.from(entry.name, 'latin1'));
    left -= chunk.length;
    return chunk;
  };
  yield {
    ...entry,
    async *content() {
      while (left > 0) yield await next();
    },
  };
  while (left > 0) await next();
  await skipPadding(source, entry.size);
}

async function skipPadding(source: ByteSource, size: number): Promise<void> {
  const count = (blockBytes - (size % blockBytes)) % blockBytes;
  if (count > 0 && !isZeroBlock(await source.exactly(count)))
    throw new ArchiveError('damaged', 'The padding of an entry is not empty.');
}

async function readSmall(source: ByteSource, header: TarHeader, most: number): Promise<Buffer> {
  if (header.size > most)
    throw new ArchiveError('resources', 'An extended header is too long.', Buffer.from(header.name, 'latin1'));
  // A copy: the chunk that it was cut from would be kept alive.
  const content = Buffer.from(await source.exactly(header.size));
  await skipPadding(source, header.size);
  return content;
}

/** GNU writes the NUL behind a long name; a few programs leave it out. */
function longText(content: Buffer): ByteText {
  const text = content.toString('latin1');
  return text.endsWith('\0') ? text.slice(0, -1) : text;
}

/** The second empty block and the padding to a whole record. */
async function readEnd(source: ByteSource): Promise<void> {
  if (!isZeroBlock(await source.exactly(blockBytes)))
    throw new ArchiveError('damaged', 'Something follows the end of the archive.');
  let padding = 0;
  for await (const chunk of source.rest()) {
    if (!isZeroBlock(chunk)) throw new ArchiveError('damaged', 'Something follows the end of the archive.');
    padding += chunk.length;
  }
  if (padding % blockBytes !== 0) throw new ArchiveError('damaged', 'The end of the archive is damaged.');
}
