import { byteText, type ByteText } from '../names.ts';
import type { Listed } from '../protocol.ts';

/** What a test wants in an archive; everything may lie. Names are given as text, or as bytes. */
export type TarPart = {
  readonly name: string | Buffer;
  /** Type flag; default `0`. */
  readonly type?: string;
  readonly content?: string | Buffer;
  readonly link?: string | Buffer;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly owner?: string;
  readonly mtime?: number;
  readonly prefix?: string;
  /** What the header says, whatever the content is. A text stands in the field as it is. */
  readonly size?: number | string;
  readonly magic?: string;
  readonly pax?: readonly (readonly [string, string | Buffer])[];
  readonly longName?: string | Buffer;
  readonly longLink?: string | Buffer;
  /** Last word on the header, before its checksum. */
  readonly change?: (header: Buffer) => void;
  readonly checksum?: number;
};

export const gnuMagic = 'ustar  \0';

const bytes = (value: string | Buffer): Buffer => (typeof value === 'string' ? Buffer.from(value) : value);

export function padded(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

export const tarEnd: Buffer = Buffer.alloc(1024);

export function tarPart(part: TarPart): Buffer {
  const content = bytes(part.content ?? '');
  const before: Buffer[] = [];
  if (part.pax !== undefined) before.push(paxPart(part.pax));
  if (part.longName !== undefined) before.push(longPart('L', part.longName));
  if (part.longLink !== undefined) before.push(longPart('K', part.longLink));
  return Buffer.concat([...before, tarHeader(part, content.length), padded(content)]);
}

export function tar(parts: readonly TarPart[], end: Buffer = tarEnd): Buffer {
  return Buffer.concat([...parts.map(tarPart), end]);
}

export function tarHeader(part: TarPart, contentBytes: number): Buffer {
  const header = Buffer.alloc(512);
  const put = (value: string | Buffer, at: number, most: number): void =>
    void bytes(value).copy(header, at, 0, Math.min(most, bytes(value).length));
  const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`;
  put(part.name, 0, 100);
  put(octal(part.mode ?? (part.type === '5' ? 0o755 : 0o644), 8), 100, 8);
  put(octal(part.uid ?? 0, 8), 108, 8);
  put(octal(part.gid ?? 0, 8), 116, 8);
  const size = part.size ?? contentBytes;
  put(typeof size === 'string' ? Buffer.from(size, 'latin1') : octal(size, 12), 124, 12);
  put(octal(part.mtime ?? 1_700_000_000, 12), 136, 12);
  put('        ', 148, 8);
  put(part.type ?? '0', 156, 1);
  put(part.link ?? '', 157, 100);
  put(part.magic ?? 'ustar\x0000', 257, 8);
  put(part.owner ?? '', 265, 32);
  put(part.prefix ?? '', 345, 155);
  part.change?.(header);
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(`${(part.checksum ?? sum).toString(8).padStart(6, '0')}\0 `, 148, 8);
  return header;
}

export function paxRecord(key: string, value: string | Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), bytes(value), Buffer.from('\n')]);
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

export function paxPart(records: readonly (readonly [string, string | Buffer])[], type = 'x'): Buffer {
  const content = Buffer.concat(records.map(([key, value]) => paxRecord(key, value)));
  return Buffer.concat([tarHeader({ name: 'pax', type }, content.length), padded(content)]);
}

function longPart(type: string, value: string | Buffer): Buffer {
  const content = Buffer.concat([bytes(value), Buffer.alloc(1)]);
  return Buffer.concat([tarHeader({ name: '././@LongLink', type, magic: gnuMagic }, content.length), padded(content)]);
}

/** A base-256 number of twelve bytes. */
export function base256(value: bigint): string {
  const field = Buffer.alloc(12);
  field.writeBigUInt64BE(BigInt.asUintN(64, value), 4);
  field[0] = 0x80;
  return field.toString('latin1');
}

/** What a manifest that was signed by mistake would say about these parts. */
export function listOf(parts: readonly TarPart[]): Listed[] {
  const listed = new Map<ByteText, Listed>();
  const add = (entry: Listed): void => void (listed.has(entry.name) || listed.set(entry.name, entry));
  for (const part of parts) {
    const path = part.pax?.find(([key]) => key === 'path')?.[1];
    const name = textOf(
      path ??
        part.longName ??
        (part.prefix === undefined ? part.name : Buffer.concat([bytes(`${part.prefix}/`), bytes(part.name)])),
    );
    const clean = name.replace(/^(\.\/)+/, '').replace(/\/$/, '');
    if (clean === '' || clean === '.') continue;
    const type = part.type === '5' ? 'folder' : part.type === '2' ? 'symlink' : 'file';
    const size = part.size ?? bytes(part.content ?? '').length;
    add({
      name: clean,
      type,
      ...(type === 'file' && part.type !== '1' && typeof size === 'number' && { sizeBytes: size }),
    });
  }
  const stated = Array.from(listed.keys());
  for (const name of stated)
    for (let at = name.indexOf('/'); at > 0; at = name.indexOf('/', at + 1))
      add({ name: name.slice(0, at), type: 'folder' });
  return [...listed.values()];
}

const textOf = (value: string | Buffer): ByteText =>
  typeof value === 'string' ? byteText(value) : value.toString('latin1');
