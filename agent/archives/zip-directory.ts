import { ArchiveError } from './archive-error.ts';
import type { ExtractLimits } from './limits.ts';
import type { ByteText } from './names.ts';
import type { Spool } from './spool.ts';

/*
 * The structure of a zip: the list at the end and the headers before each entry must tell one story, and together with the
 * content they must fill the file from its first byte to its last. So nothing can be hidden, doubled or overlapping.
 */

export type ZipEntry = {
  readonly name: ByteText;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packedBytes: number;
  readonly size: number;
  readonly offset: number;
  /** Mode with file type as Unix has it; 0 when the maker was another system. */
  readonly unixMode: number;
  readonly isDosFolder: boolean;
  readonly mtimeSeconds: number;
  readonly droppedExtras: number;
};

export const wrongZip = (message: string, name: ByteText = ''): ArchiveError =>
  new ArchiveError('zip-structure', message, Buffer.from(name, 'latin1'));

type Ends = { readonly entries: number; readonly offset: number; readonly size: number };

const full16 = 0xffff;
const full32 = 0xffffffff;

/** The list of a zip, in the order of the file, and where it begins. Sizes are held against the limits before anything is unpacked. */
export function readDirectory(spool: Spool, limits: ExtractLimits): { entries: ZipEntry[]; offset: number } {
  const { entries: count, offset, size } = readEnds(spool);
  if (count > limits.entries)
    throw new ArchiveError('resources', `The archive has more than ${limits.entries} entries.`);
  const entries: ZipEntry[] = [];
  let at = offset;
  let total = 0;
  for (let done = 0; done < count; done++) {
    const { entry, end } = readCentral(spool, at);
    at = end;
    total += entry.size;
    if (total > limits.totalBytes) throw new ArchiveError('resources', 'The archive is too large once unpacked.');
    entries.push(entry);
  }
  if (at !== offset + size) throw wrongZip('The list of the archive has another length than it says.');
  return { entries: entries.sort((a, b) => a.offset - b.offset), offset };
}

function readEnds(spool: Spool): Ends {
  const tailBytes = Math.min(spool.size, 22 + full16);
  if (tailBytes < 22) throw new ArchiveError('damaged', 'The archive ends too early.');
  const tail = spool.read(spool.size - tailBytes, tailBytes);
  const found = tail.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (found === -1) throw new ArchiveError('damaged', 'The archive has no end record.');
  const end = tail.subarray(found);
  if (end.length < 22 || end.length !== 22 + end.readUInt16LE(20))
    throw wrongZip('The end record is not at the end of the archive.');
  const at = spool.size - end.length;
  const short = {
    disks: [end.readUInt16LE(4), end.readUInt16LE(6)],
    entries: [end.readUInt16LE(8), end.readUInt16LE(10)],
    size: end.readUInt32LE(12),
    offset: end.readUInt32LE(16),
  };
  const hasLong = at >= 20 && spool.read(at - 20, 4).toString('latin1') === 'PK\x06\x07';
  const long = hasLong ? readLongEnds(spool, at - 20) : undefined;
  if (short.disks.some((disk) => disk !== 0 && !(hasLong && disk === full16)))
    throw wrongZip('The archive has several parts.');
  const agree = (said: number, most: number, real: number | undefined): number => {
    if (real === undefined) return said;
    if (said !== most && said !== real) throw wrongZip('The end records contradict each other.');
    return real;
  };
  const entries = short.entries.map((said) => agree(said, full16, long?.entries));
  const size = agree(short.size, full32, long?.size);
  const offset = agree(short.offset, full32, long?.offset);
  if (entries[0] !== entries[1]) throw wrongZip('The archive has several parts.');
  if (offset + size !== (long?.at ?? at))
    throw wrongZip('Something stands between the list and the end of the archive.');
  return { entries: entries[0] ?? 0, size, offset };
}

function readLongEnds(spool: Spool, locatorAt: number): Ends & { readonly at: number } {
  const locator = spool.read(locatorAt, 20);
  const at = safe(locator.readBigUInt64LE(8));
  if (locator.readUInt32LE(4) !== 0 || locator.readUInt32LE(16) > 1 || at + 56 !== locatorAt)
    throw wrongZip('The long end record is not where it should be.');
  const record = spool.read(at, 56);
  const isPlain =
    record.toString('latin1', 0, 4) === 'PK\x06\x06' &&
    record.readBigUInt64LE(4) === 44n &&
    record.readUInt32LE(16) === 0 &&
    record.readUInt32LE(20) === 0 &&
    record.readBigUInt64LE(24) === record.readBigUInt64LE(32);
  if (!isPlain) throw wrongZip('The long end record is damaged.');
  return {
    at,
    entries: safe(record.readBigUInt64LE(32)),
    size: safe(record.readBigUInt64LE(40)),
    offset: safe(record.readBigUInt64LE(48)),
  };
}

function safe(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER))
    throw new ArchiveError('size-lie', 'A size in the archive is impossible.');
  return Number(value);
}

function readCentral(spool: Spool, at: number): { entry: ZipEntry; end: number } {
  const head = spool.read(at, 46);
  if (head.toString('latin1', 0, 4) !== 'PK\x01\x02') throw wrongZip('The list of the archive is damaged.');
  const [nameLength, extraLength, commentLength] = [28, 30, 32].map((each) => head.readUInt16LE(each)) as [
    number,
    number,
    number,
  ];
  const rest = spool.read(at + 46, nameLength + extraLength + commentLength);
  const name = rest.toString('latin1', 0, nameLength);
  const extra = readExtra(rest.subarray(nameLength, nameLength + extraLength), name);
  const long = longFields(extra.zip64, [head.readUInt32LE(24), head.readUInt32LE(20), head.readUInt32LE(42)], name);
  const [size, packedBytes, offset] = long as [number, number, number];
  const madeBy = head.readUInt16LE(4) >> 8;
  const attributes = head.readUInt32LE(38);
  if (head.readUInt16LE(34) !== 0) throw wrongZip('The archive has several parts.', name);
  const isUnix = madeBy === 3 || madeBy === 19;
  const entry: ZipEntry = {
    name,
    flags: head.readUInt16LE(8),
    method: head.readUInt16LE(10),
    crc: head.readUInt32LE(16),
    packedBytes,
    size,
    offset,
    unixMode: isUnix ? attributes >>> 16 : 0,
    isDosFolder: (attributes & 0x10) !== 0,
    mtimeSeconds: extra.mtimeSeconds ?? dosSeconds(head.readUInt16LE(12), head.readUInt16LE(14)),
    droppedExtras: extra.dropped,
  };
  checkUnicodeName(extra.unicodeName, name);
  return { entry, end: at + 46 + rest.length };
}

type Extra = {
  readonly zip64: Buffer | undefined;
  readonly unicodeName: Buffer | undefined;
  readonly mtimeSeconds: number | undefined;
  readonly dropped: number;
};

/** Extra fields: sizes and times are used, owners are never, encryption is refused, all others are left out. */
export function readExtra(bytes: Buffer, name: ByteText): Extra {
  const fields = new Map<number, Buffer>();
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 <= bytes.length ? at + 4 + bytes.readUInt16LE(at + 2) : Number.POSITIVE_INFINITY;
    if (end > bytes.length) throw wrongZip('The extra fields of an entry are damaged.', name);
    const id = bytes.readUInt16LE(at);
    if (fields.has(id)) throw wrongZip('An entry has the same extra field twice.', name);
    fields.set(id, bytes.subarray(at + 4, end));
    at = end;
  }
  if ([0x0017, 0x9901].some((id) => fields.has(id))) throw wrongZip('An entry is encrypted.', name);
  const times = fields.get(0x5455);
  const known = [0x0001, 0x7075, 0x5455, 0x7875, 0x5855, 0x7855, 0x000a, 0xcafe];
  return {
    zip64: fields.get(0x0001),
    unicodeName: fields.get(0x7075),
    mtimeSeconds:
      times !== undefined && times.length >= 5 && ((times[0] ?? 0) & 1) === 1 ? times.readInt32LE(1) : undefined,
    dropped: [...fields.keys()].filter((id) => !known.includes(id)).length,
  };
}

/** A second name in an extra field would be used by some programs and not by others. */
export function checkUnicodeName(field: Buffer | undefined, name: ByteText): void {
  if (field !== undefined && field.toString('latin1', 5) !== name) throw wrongZip('An entry has two names.', name);
}

/** Fields that are full in the header stand in the long field, in this order. */
export function longFields(
  zip64: Buffer | undefined,
  short: readonly number[],
  name: ByteText,
  mayBeUnused = false,
): number[] {
  let at = 0;
  const values = short.map((value) => {
    if (value !== full32) return value;
    if (zip64 === undefined || at + 8 > zip64.length) throw wrongZip('A long size of an entry is missing.', name);
    at += 8;
    return safe(zip64.readBigUInt64LE(at - 8));
  });
  // What nothing asks for is a second statement.
  if (zip64 !== undefined && zip64.length !== at && !(mayBeUnused && at === 0))
    throw wrongZip('An entry has long sizes that nothing asks for.', name);
  return values;
}

function dosSeconds(time: number, date: number): number {
  const [year, month, day] = [1980 + (date >> 9), (date >> 5) & 15, date & 31];
  return Date.UTC(year, month - 1, day, time >> 11, (time >> 5) & 63, (time & 31) * 2) / 1000;
}
