import { crc32, createDeflateRaw } from 'node:zlib';
import { through } from './through.ts';

/*
 * Zip as every system reads it (APPNOTE 6.3.9): names in UTF-8, deflate, 64-bit fields where a number needs them, modes of
 * Unix. Written from the beginning to the end: what is known of a file only afterwards stands in a descriptor behind it.
 */

const localSignature = 0x0403_4b50;
const centralSignature = 0x0201_4b50;
const descriptorSignature = 0x0807_4b50;
const endSignature = 0x0605_4b50;
const end64Signature = 0x0606_4b50;
const locatorSignature = 0x0706_4b50;
const flagUtf8 = 0x800;
const flagDescriptor = 0x8;
const stored = 0;
const deflated = 8;
const madeByUnix = 3 << 8;
const most32 = 0xffff_ffff;
const most16 = 0xffff;
/** What may become longer than 32 bits when it is packed badly. */
const long = 0xf000_0000;

export type ZipItem = {
  /** Bytes, one per character; a folder without a slash at its end. */
  readonly name: string;
  readonly type: 'file' | 'folder' | 'link';
  readonly mode: number;
  readonly mtimeMs: number;
  /** Announced; the content may not be longer. */
  readonly sizeBytes: number;
  /** Of a link; bytes, one per character. */
  readonly target: string;
  readonly content: () => AsyncIterable<Buffer>;
};
type Written = {
  readonly name: Buffer;
  readonly method: number;
  readonly flags: number;
  readonly isLong: boolean;
  readonly time: number;
  readonly attributes: number;
  crc: number;
  packed: number;
  size: number;
  readonly offset: number;
};

/** The bytes of an archive, an item at a time. */
export async function* zipOf(items: AsyncIterable<ZipItem>, signal: AbortSignal): AsyncGenerator<Buffer> {
  const all: Written[] = [];
  let at = 0;
  const counted = (bytes: Buffer): Buffer => {
    at += bytes.length;
    return bytes;
  };
  for await (const { name, type, mode, mtimeMs, sizeBytes, target: text, content } of items) {
    const target = Buffer.from(text, 'latin1');
    const isDeflated = type === 'file' && sizeBytes > 0;
    const entry: Written = {
      name: Buffer.from(type === 'folder' ? `${name}/` : name, 'latin1'),
      method: isDeflated ? deflated : stored,
      flags: flagUtf8 | (isDeflated ? flagDescriptor : 0),
      isLong: sizeBytes > long,
      time: dosTime(mtimeMs),
      // The upper half is the mode of Unix, the lower one what DOS knows of a folder.
      attributes: (((typeBits[type] | (mode & 0o777)) << 16) | (type === 'folder' ? 0x10 : 0)) >>> 0,
      crc: crc32(target),
      packed: target.length,
      size: target.length,
      offset: at,
    };
    yield counted(localHeader(entry));
    if (target.length > 0) yield counted(target);
    if (isDeflated) {
      const from = at;
      const read = async function* (): AsyncGenerator<Buffer> {
        for await (const piece of content()) {
          entry.crc = crc32(piece, entry.crc);
          entry.size += piece.length;
          yield piece;
        }
      };
      for await (const piece of through(read(), createDeflateRaw({ level: 6 }), signal)) yield counted(piece);
      entry.packed = at - from;
      yield counted(descriptor(entry));
    }
    all.push(entry);
  }
  const from = at;
  for (const entry of all) yield counted(centralHeader(entry));
  const size = at - from;
  if (all.length >= most16 || from >= most32 || size >= most32) yield end64(all.length, from, size, at);
  yield endRecord(all.length, from, size);
}

const typeBits = { file: 0o100000, folder: 0o040000, link: 0o120000 } as const;

function localHeader({ name, method, flags, isLong, time, crc, packed, size }: Written): Buffer {
  const extra = isLong ? extra64([size, packed]) : Buffer.alloc(0);
  const bytes = Buffer.alloc(30);
  bytes.writeUInt32LE(localSignature, 0);
  bytes.writeUInt16LE(isLong ? 45 : 20, 4);
  bytes.writeUInt16LE(flags, 6);
  bytes.writeUInt16LE(method, 8);
  bytes.writeUInt32LE(time, 10);
  bytes.writeUInt32LE(crc, 14);
  bytes.writeUInt32LE(isLong ? most32 : packed, 18);
  bytes.writeUInt32LE(isLong ? most32 : size, 22);
  bytes.writeUInt16LE(name.length, 26);
  bytes.writeUInt16LE(extra.length, 28);
  return Buffer.concat([bytes, name, extra]);
}

/** Its sizes have 64 bits where the header before the content says so. */
function descriptor({ isLong, crc, packed, size }: Written): Buffer {
  const bytes = Buffer.alloc(isLong ? 24 : 16);
  bytes.writeUInt32LE(descriptorSignature, 0);
  bytes.writeUInt32LE(crc, 4);
  for (const [index, value] of [packed, size].entries())
    if (isLong) bytes.writeBigUInt64LE(BigInt(value), 8 + index * 8);
    else bytes.writeUInt32LE(value, 8 + index * 4);
  return bytes;
}

function centralHeader({ name, method, flags, isLong, time, attributes, crc, packed, size, offset }: Written): Buffer {
  const longOffset = offset >= most32;
  const fields = [...(isLong ? [size, packed] : []), ...(longOffset ? [offset] : [])];
  const extra = fields.length === 0 ? Buffer.alloc(0) : extra64(fields);
  const bytes = Buffer.alloc(46);
  const version = fields.length > 0 ? 45 : 20;
  bytes.writeUInt32LE(centralSignature, 0);
  bytes.writeUInt16LE(madeByUnix | version, 4);
  bytes.writeUInt16LE(version, 6);
  bytes.writeUInt16LE(flags, 8);
  bytes.writeUInt16LE(method, 10);
  bytes.writeUInt32LE(time, 12);
  bytes.writeUInt32LE(crc, 16);
  bytes.writeUInt32LE(isLong ? most32 : packed, 20);
  bytes.writeUInt32LE(isLong ? most32 : size, 24);
  bytes.writeUInt16LE(name.length, 28);
  bytes.writeUInt16LE(extra.length, 30);
  bytes.writeUInt32LE(attributes, 38);
  bytes.writeUInt32LE(longOffset ? most32 : offset, 42);
  return Buffer.concat([bytes, name, extra]);
}

function extra64(fields: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 + fields.length * 8);
  bytes.writeUInt16LE(1, 0);
  bytes.writeUInt16LE(fields.length * 8, 2);
  for (const [index, field] of fields.entries()) bytes.writeBigUInt64LE(BigInt(field), 4 + index * 8);
  return bytes;
}

function end64(count: number, offset: number, size: number, at: number): Buffer {
  const bytes = Buffer.alloc(56 + 20);
  bytes.writeUInt32LE(end64Signature, 0);
  bytes.writeBigUInt64LE(44n, 4);
  bytes.writeUInt16LE(madeByUnix | 45, 12);
  bytes.writeUInt16LE(45, 14);
  bytes.writeBigUInt64LE(BigInt(count), 24);
  bytes.writeBigUInt64LE(BigInt(count), 32);
  bytes.writeBigUInt64LE(BigInt(size), 40);
  bytes.writeBigUInt64LE(BigInt(offset), 48);
  bytes.writeUInt32LE(locatorSignature, 56);
  bytes.writeBigUInt64LE(BigInt(at), 64);
  bytes.writeUInt32LE(1, 72);
  return bytes;
}

function endRecord(count: number, offset: number, size: number): Buffer {
  const bytes = Buffer.alloc(22);
  bytes.writeUInt32LE(endSignature, 0);
  bytes.writeUInt16LE(Math.min(count, most16), 8);
  bytes.writeUInt16LE(Math.min(count, most16), 10);
  bytes.writeUInt32LE(Math.min(size, most32), 12);
  bytes.writeUInt32LE(Math.min(offset, most32), 16);
  return bytes;
}

/** From 1980 to 2107, in steps of two seconds. */
function dosTime(ms: number): number {
  const at = new Date(Math.min(Math.max(ms, Date.UTC(1980, 0, 1)), Date.UTC(2107, 11, 31)));
  const date = ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate();
  const time = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1);
  return ((date << 16) | time) >>> 0;
}
