import { writeSync } from 'node:fs';
import { crc32, createDeflateRaw } from 'node:zlib';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/*
 * Zip as every system reads it: names in UTF-8, deflate, 64-bit fields where a number needs them, modes of Unix. Sizes and
 * checksums stand before the content: the file is written in place, so that nothing has to follow.
 */

const localSignature = 0x0403_4b50;
const centralSignature = 0x0201_4b50;
const endSignature = 0x0605_4b50;
const end64Signature = 0x0606_4b50;
const locatorSignature = 0x0706_4b50;
const flagUtf8 = 0x800;
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
  readonly content: AsyncIterable<Buffer>;
};
type Written = {
  readonly name: Buffer;
  readonly method: number;
  readonly time: number;
  readonly attributes: number;
  crc: number;
  packed: number;
  size: number;
  readonly offset: number;
};

export type ZipWriter = { add(item: ZipItem, signal: AbortSignal): Promise<void>; finish(): void };

/** Writes from the beginning of an open, empty file. */
export function createZipWriter(fd: number): ZipWriter {
  const all: Written[] = [];
  let at = 0;

  function put(bytes: Buffer, position: number): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, position + done);
  }
  function append(bytes: Buffer): void {
    put(bytes, at);
    at += bytes.length;
  }

  return {
    async add({ name, type, mode, mtimeMs, sizeBytes, content }, signal) {
      const isLong = sizeBytes > long;
      const entry: Written = {
        name: Buffer.from(type === 'folder' ? `${name}/` : name, 'latin1'),
        method: type === 'file' && sizeBytes > 0 ? deflated : stored,
        time: dosTime(mtimeMs),
        // The upper half is the mode of Unix, the lower one what DOS knows of a folder.
        attributes: (((typeBits[type] | (mode & 0o777)) << 16) | (type === 'folder' ? 0x10 : 0)) >>> 0,
        crc: 0,
        packed: 0,
        size: 0,
        offset: at,
      };
      append(localHeader(entry, isLong));
      const counted = async function* (): AsyncGenerator<Buffer> {
        for await (const piece of content) {
          entry.crc = crc32(piece, entry.crc);
          entry.size += piece.length;
          yield piece;
        }
      };
      if (entry.method === deflated) {
        const compress = createDeflateRaw({ level: 6 });
        const store = async (): Promise<void> => {
          for await (const piece of compress as AsyncIterable<Buffer>) append(piece);
        };
        await Promise.all([pipeline(Readable.from(counted()), compress, { signal }), store()]);
      } else for await (const piece of counted()) append(piece);
      entry.packed = at - entry.offset - localHeader(entry, isLong).length;
      put(localHeader(entry, isLong), entry.offset);
      all.push(entry);
    },
    finish() {
      const from = at;
      for (const entry of all) append(centralHeader(entry));
      const size = at - from;
      if (all.length >= most16 || from >= most32 || size >= most32) append(end64(all.length, from, size, at));
      append(endRecord(all.length, from, size));
    },
  };
}

const typeBits = { file: 0o100000, folder: 0o040000, link: 0o120000 } as const;

function localHeader({ name, method, time, crc, packed, size }: Written, isLong: boolean): Buffer {
  const extra = isLong ? extra64([size, packed]) : Buffer.alloc(0);
  const bytes = Buffer.alloc(30);
  bytes.writeUInt32LE(localSignature, 0);
  bytes.writeUInt16LE(isLong ? 45 : 20, 4);
  bytes.writeUInt16LE(flagUtf8, 6);
  bytes.writeUInt16LE(method, 8);
  bytes.writeUInt32LE(time, 10);
  bytes.writeUInt32LE(crc, 14);
  bytes.writeUInt32LE(isLong ? most32 : packed, 18);
  bytes.writeUInt32LE(isLong ? most32 : size, 22);
  bytes.writeUInt16LE(name.length, 26);
  bytes.writeUInt16LE(extra.length, 28);
  return Buffer.concat([bytes, name, extra]);
}

function centralHeader({ name, method, time, attributes, crc, packed, size, offset }: Written): Buffer {
  const isLong = size > long;
  const longOffset = offset >= most32;
  const fields = [...(isLong ? [size, packed] : []), ...(longOffset ? [offset] : [])];
  const extra = fields.length === 0 ? Buffer.alloc(0) : extra64(fields);
  const bytes = Buffer.alloc(46);
  const version = fields.length > 0 ? 45 : 20;
  bytes.writeUInt32LE(centralSignature, 0);
  bytes.writeUInt16LE(madeByUnix | version, 4);
  bytes.writeUInt16LE(version, 6);
  bytes.writeUInt16LE(flagUtf8, 8);
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
