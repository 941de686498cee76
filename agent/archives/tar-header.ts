import { ArchiveError } from './archive-error.ts';
import type { ByteText } from './names.ts';

/** One 512-byte header as it stands, before extended headers change it. */
export type TarHeader = {
  readonly flag: string;
  readonly name: ByteText;
  readonly link: ByteText;
  readonly size: number;
  readonly mode: number;
  readonly mtimeSeconds: number;
};

export const blockBytes = 512;

const damaged = (message: string, name?: Buffer): ArchiveError => new ArchiveError('damaged', message, name);

const zeros = Buffer.alloc(64 * 1024);

export function isZeroBlock(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at += zeros.length) {
    const end = Math.min(at + zeros.length, bytes.length);
    if (bytes.compare(zeros, 0, end - at, at, end) !== 0) return false;
  }
  return true;
}

/** Reads a header; throws when a field is not what the formats allow (v7, ustar, pax and GNU). */
export function parseHeader(block: Buffer): TarHeader {
  const name = textField(block, 0, 100);
  const shown = Buffer.from(name, 'latin1');
  if (octal(block, 148, 8) !== checksum(block)) throw damaged('The checksum of a header is wrong.', shown);
  const magic = block.toString('latin1', 257, 265);
  const isPosix = magic === 'ustar\x0000';
  if (!isPosix && magic !== 'ustar  \0' && magic !== '\0'.repeat(8))
    throw damaged('A header is of an unknown format.', shown);
  // GNU keeps times and sparse maps where POSIX has the first part of the name.
  const prefix = isPosix ? textField(block, 345, 155) : '';
  const size = numberField(block, 124, 12);
  if (size === undefined || size < 0) throw new ArchiveError('size-lie', 'The size in a header is impossible.', shown);
  const mode = numberField(block, 100, 8);
  if (mode === undefined || mode < 0) throw damaged('The mode in a header is impossible.', shown);
  return {
    flag: String.fromCharCode(block[156] ?? 0),
    name: prefix === '' ? name : `${prefix}/${name}`,
    link: textField(block, 157, 100),
    size,
    mode: mode & 0o7777,
    mtimeSeconds: numberField(block, 136, 12) ?? Number.NaN,
  };
}

function textField(block: Buffer, at: number, length: number): ByteText {
  const field = block.subarray(at, at + length);
  const end = field.indexOf(0);
  if (end === -1) return field.toString('latin1');
  if (!isZeroBlock(field.subarray(end)))
    throw new ArchiveError('name-bytes', 'A name has bytes behind its end.', field);
  return field.toString('latin1', 0, end);
}

function checksum(block: Buffer): number {
  let sum = 0;
  for (let at = 0; at < blockBytes; at++) sum += at >= 148 && at < 156 ? 32 : (block[at] ?? 0);
  return sum;
}

/** Octal digits, or GNU's base 256; undefined above what a number holds exactly. */
function numberField(block: Buffer, at: number, length: number): number | undefined {
  const first = block[at] ?? 0;
  if (first === 0x80 || first === 0xff) return base256(block.subarray(at, at + length));
  return octal(block, at, length);
}

function octal(block: Buffer, at: number, length: number): number {
  const text = block.toString('latin1', at, at + length);
  const match = /^ *([0-7]*)[ \0]*$/.exec(text);
  if (match === null) throw damaged('A number in a header is not a number.');
  return match[1] === '' ? 0 : Number.parseInt(match[1] ?? '0', 8);
}

function base256(field: Buffer): number | undefined {
  const isNegative = field[0] === 0xff;
  let value = BigInt(`0x${field.subarray(1).toString('hex')}`);
  if (isNegative) value -= 1n << BigInt(8 * (field.length - 1));
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** What extended headers say about the entry that follows. */
export type Extended = {
  path?: ByteText;
  linkpath?: ByteText;
  size?: number;
  mtimeSeconds?: number;
  /** Attributes and the like that are left out. */
  dropped: number;
};

const ignoredKeys = new Set(['comment', 'uid', 'gid', 'uname', 'gname', 'atime', 'ctime']);
// Attributes, access lists and notes of vendors. GNU's sparse maps change what the content means.
const droppedKeys = /^(?!GNU\.sparse)[A-Z][A-Z0-9]*\.[\x21-\x7e]+$/;

/** Reads the records of a pax header. Global ones may not name, link or size anything. */
export function parsePax(content: Buffer, isGlobal: boolean): Extended {
  const extended: Extended = { dropped: 0 };
  const seen = new Set<string>();
  for (let at = 0; at < content.length; ) {
    const { key, value, end } = readRecord(content, at);
    at = end;
    if (seen.has(key)) throw refuseKey(key, 'twice');
    seen.add(key);
    if (ignoredKeys.has(key)) continue;
    if (droppedKeys.test(key)) extended.dropped++;
    else if (key === 'mtime') {
      if (isGlobal) extended.dropped++;
      else extended.mtimeSeconds = /^-?\d{1,18}(\.\d*)?$/.test(value) ? Number(value) : Number.NaN;
    } else if (isGlobal) throw refuseKey(key, 'for all entries');
    else if (key === 'path') extended.path = value;
    else if (key === 'linkpath') extended.linkpath = value;
    else if (key === 'size') extended.size = paxSize(value);
    else throw refuseKey(key, 'unknown');
  }
  return extended;
}

function refuseKey(key: string, why: string): ArchiveError {
  return new ArchiveError('header-override', `An extended header is refused (${why}).`, Buffer.from(key, 'latin1'));
}

function paxSize(value: ByteText): number {
  const size = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(size)) throw new ArchiveError('size-lie', 'The size in an extended header is impossible.');
  return size;
}

/** `<length> <key>=<value>\n`, the length counting itself. */
function readRecord(content: Buffer, at: number): { key: string; value: ByteText; end: number } {
  const digits = /^([1-9]\d{0,7}) /.exec(content.toString('latin1', at, at + 9))?.[1];
  const end = at + Number(digits ?? Number.NaN);
  const equals = content.indexOf(0x3d, at);
  const isWhole = end <= content.length && content[end - 1] === 0x0a && equals !== -1 && equals < end;
  if (digits === undefined || !isWhole) throw damaged('An extended header is damaged.');
  const key = content.toString('latin1', at + digits.length + 1, equals);
  return { key, value: content.toString('latin1', equals + 1, end - 1), end };
}
