import { crc32 } from 'node:zlib';
import { ArchiveError } from './archive-error.ts';
import { ByteSource } from './byte-source.ts';
import { checkRatio, inflateRaw } from './compression.ts';
import type { ArchiveEntry, EntryType } from './entry.ts';
import type { ExtractLimits } from './limits.ts';
import { spoolInto, type Spool } from './spool.ts';
import { checkUnicodeName, longFields, readDirectory, readExtra, wrongZip, type ZipEntry } from './zip-directory.ts';

/*
 * A strict zip reader: stored and deflated entries, 64-bit sizes. No encryption, no parts, no other method; nothing in the
 * file that the list does not tell of.
 */

const flagEncrypted = 1;
const flagDescriptor = 8;
const flagUtf8 = 0x800;
/** Levels of compression (bits 1 and 2) mean nothing to a reader. */
const flagsKnown = flagDescriptor | flagUtf8 | 6;
const maxLinkBytes = 4095;

/** The entries in the order of the file. The stream is put on the disk first, into a nameless file below `root`. */
export async function* readZip(source: ByteSource, root: number, limits: ExtractLimits): AsyncGenerator<ArchiveEntry> {
  const spool = await spoolInto(root, source, limits.totalBytes);
  try {
    const { entries, offset } = readDirectory(spool, limits);
    checkRatio(
      entries.reduce((sum, { size }) => sum + size, 0),
      spool.size,
      limits,
    );
    // Before the first file is made: the parts fill the file without a gap.
    const contents = placeContents(spool, entries, offset);
    for (const [at, entry] of entries.entries()) yield* readEntry(spool, entry, contents[at] ?? 0);
  } finally {
    spool.close();
  }
}

/**
 * The content of the one file that is wanted, when exactly one is; undefined otherwise. The spool below `root` is held until
 * the content has been read, or given up.
 */
export async function readOneOfZip(
  source: ByteSource,
  root: number,
  limits: ExtractLimits,
  isWanted: (name: string) => boolean,
): Promise<AsyncGenerator<Buffer> | undefined> {
  const spool = await spoolInto(root, source, limits.totalBytes);
  try {
    const { entries, offset } = readDirectory(spool, limits);
    checkRatio(
      entries.reduce((sum, { size }) => sum + size, 0),
      spool.size,
      limits,
    );
    const contents = placeContents(spool, entries, offset);
    const wanted = entries.flatMap((entry, at) =>
      isWanted(entry.name) && typeOf(entry) === 'file' ? [{ entry, at }] : [],
    );
    const [one] = wanted;
    if (one === undefined || wanted.length > 1) {
      spool.close();
      return undefined;
    }
    return closingAfter(spool, contentOf(spool, one.entry, contents[one.at] ?? 0));
  } catch (error) {
    spool.close();
    throw error;
  }
}

async function* closingAfter(spool: Spool, content: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* content;
  } finally {
    spool.close();
  }
}

/** Where the content of each entry begins. */
function placeContents(spool: Spool, entries: readonly ZipEntry[], directoryAt: number): number[] {
  let at = 0;
  const places = entries.map((entry, index) => {
    if (entry.offset !== at) throw wrongZip('Entries overlap, or something stands between them.', entry.name);
    const contentAt = checkLocal(spool, entry);
    at = entries[index + 1]?.offset ?? directoryAt;
    checkDescriptor(spool, entry, contentAt + entry.packedBytes, at);
    return contentAt;
  });
  if (at !== directoryAt) throw wrongZip('Something stands between the entries and the list.');
  return places;
}

/** The header before the content must say what the list says. Answers where the content begins. */
function checkLocal(spool: Spool, entry: ZipEntry): number {
  const { name } = entry;
  const head = spool.read(entry.offset, 30);
  if (head.toString('latin1', 0, 4) !== 'PK\x03\x04') throw wrongZip('The header of an entry is missing.', name);
  const nameLength = head.readUInt16LE(26);
  const extraLength = head.readUInt16LE(28);
  const rest = spool.read(entry.offset + 30, nameLength + extraLength);
  if (rest.toString('latin1', 0, nameLength) !== name) throw wrongZip('An entry has two names.', name);
  const flags = head.readUInt16LE(6);
  const method = head.readUInt16LE(8);
  if (flags !== entry.flags || method !== entry.method) throw wrongZip('An entry is described in two ways.', name);
  if ((flags & flagEncrypted) !== 0) throw wrongZip('An entry is encrypted.', name);
  if ((flags & ~flagsKnown) !== 0) throw wrongZip('An entry uses an unknown flag.', name);
  if (method !== 0 && method !== 8) throw wrongZip('An entry uses an unknown compression.', name);
  const extra = readExtra(rest.subarray(nameLength), name);
  checkUnicodeName(extra.unicodeName, name);
  const isLater = (flags & flagDescriptor) !== 0;
  const [size, packed] = longFields(extra.zip64, [head.readUInt32LE(22), head.readUInt32LE(18)], name, isLater);
  const agrees = (said: number | undefined, real: number): boolean => said === real || (isLater && said === 0);
  if (!agrees(size, entry.size) || !agrees(packed, entry.packedBytes))
    throw new ArchiveError('size-lie', 'An entry tells two sizes.', Buffer.from(name, 'latin1'));
  if (!agrees(head.readUInt32LE(14), entry.crc)) throw wrongZip('An entry tells two checksums.', name);
  return entry.offset + 30 + rest.length;
}

/** What stands between the content and the next header: nothing, or the sizes once more. */
function checkDescriptor(spool: Spool, entry: ZipEntry, from: number, to: number): void {
  const length = to - from;
  if ((entry.flags & flagDescriptor) === 0) {
    if (length !== 0) throw wrongZip('Entries overlap, or something stands between them.', entry.name);
    return;
  }
  if (![12, 16, 20, 24].includes(length))
    throw wrongZip('Entries overlap, or something stands between them.', entry.name);
  const bytes = spool.read(from, length);
  const isLong = length >= 20;
  const isMarked = length === 16 || length === 24;
  if (isMarked && bytes.toString('latin1', 0, 4) !== 'PK\x07\x08')
    throw wrongZip('The sizes behind an entry are damaged.', entry.name);
  const fields = bytes.subarray(isMarked ? 4 : 0);
  const crc = fields.readUInt32LE(0);
  const [packed, size] = isLong
    ? [Number(fields.readBigUInt64LE(4)), Number(fields.readBigUInt64LE(12))]
    : [fields.readUInt32LE(4), fields.readUInt32LE(8)];
  if (crc !== entry.crc || packed !== entry.packedBytes || size !== entry.size)
    throw new ArchiveError('size-lie', 'An entry tells two sizes.', Buffer.from(entry.name, 'latin1'));
}

async function* readEntry(spool: Spool, entry: ZipEntry, contentAt: number): AsyncGenerator<ArchiveEntry> {
  const { name, size } = entry;
  const shown = Buffer.from(name, 'latin1');
  const type = typeOf(entry);
  const content = contentOf(spool, entry, contentAt);
  const base = {
    type,
    name,
    mode: entry.unixMode === 0 ? (type === 'folder' ? 0o755 : 0o644) : entry.unixMode & 0o7777,
    mtimeSeconds: entry.mtimeSeconds,
    droppedExtras: entry.droppedExtras,
  };
  if (type === 'file') {
    yield { ...base, link: '', size, content: () => content };
    // Whoever takes an empty entry does not ask for its content, which must be empty all the same.
    for await (const _ of content);
    return;
  }
  if (type === 'folder' && size !== 0) throw new ArchiveError('size-lie', 'A folder has content.', shown);
  if (size > maxLinkBytes) throw new ArchiveError('resources', 'The target of a link is too long.', shown);
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(chunk);
  yield { ...base, link: Buffer.concat(chunks).toString('latin1'), size: 0, content: async function* () {} };
}

/** Unpacks one entry and holds it against its size and checksum. */
async function* contentOf(spool: Spool, entry: ZipEntry, from: number): AsyncGenerator<Buffer> {
  const shown = Buffer.from(entry.name, 'latin1');
  const packed = new ByteSource(spool.chunks(from, from + entry.packedBytes));
  let size = 0;
  let crc = 0;
  for await (const chunk of entry.method === 0 ? packed.rest() : inflateRaw(packed)) {
    size += chunk.length;
    if (size > entry.size) throw new ArchiveError('size-lie', 'An entry is longer than it says.', shown);
    crc = crc32(chunk, crc);
    yield chunk;
  }
  if (size !== entry.size) throw new ArchiveError('size-lie', 'An entry is shorter than it says.', shown);
  if (await packed.hasMore()) throw wrongZip('Something follows the content of an entry.', entry.name);
  if (crc !== entry.crc) throw new ArchiveError('damaged', 'The checksum of an entry is wrong.', shown);
}

const unixTypes: Readonly<Record<number, EntryType>> = { 0o040000: 'folder', 0o100000: 'file', 0o120000: 'symlink' };

/** Name, mode and DOS attributes must agree on what an entry is. */
function typeOf({ name, unixMode, isDosFolder }: ZipEntry): EntryType {
  const isNamedFolder = name.endsWith('/');
  const format = unixMode & 0o170000;
  const stated = format === 0 ? (isNamedFolder ? 'folder' : 'file') : unixTypes[format];
  if (stated === undefined)
    throw new ArchiveError(
      'entry-type',
      'Only files, folders and links are taken from an archive.',
      Buffer.from(name, 'latin1'),
    );
  if ((stated === 'folder') !== isNamedFolder || (isDosFolder && stated !== 'folder'))
    throw wrongZip('An entry is a folder in one place and none in another.', name);
  return stated;
}
