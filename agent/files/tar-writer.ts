import { paddingOf, paxRecord, tarBlock } from '../backups/restore/tar-headers.ts';

/*
 * Headers of tar in the POSIX form, for what people take along: with modes and times, and extended ones where a name, a target
 * or a size does not fit. Owners are nobody's business outside of the site.
 */

export type TarItem = {
  /** Bytes, one per character; a folder without a slash at its end. */
  readonly name: string;
  readonly type: 'file' | 'folder' | 'link';
  readonly mode: number;
  readonly mtimeMs: number;
  readonly sizeBytes: number;
  /** Of a link. */
  readonly target: string;
};

const flags = { file: '0', folder: '5', link: '2' } as const;
/** Eleven octal digits. */
const mostOctal = 0o777_7777_7777;

export function tarHeader({ name: bare, type, mode, mtimeMs, sizeBytes, target }: TarItem): Buffer {
  const name = type === 'folder' ? `${bare}/` : bare;
  const mtime = Math.min(Math.max(0, Math.floor(mtimeMs / 1_000)), mostOctal);
  const records = [
    ...(name.length > 100 ? [paxRecord('path', name)] : []),
    ...(target.length > 100 ? [paxRecord('linkpath', target)] : []),
    ...(sizeBytes > mostOctal ? [paxRecord('size', String(sizeBytes))] : []),
  ];
  const size = sizeBytes > mostOctal ? 0 : sizeBytes;
  const own = header({ name: name.slice(0, 100), target: target.slice(0, 100), flag: flags[type], mode, mtime, size });
  if (records.length === 0) return own;
  const extended = Buffer.concat(records);
  const before = header({ name: 'pax', target: '', flag: 'x', mode: 0o644, mtime, size: extended.length });
  return Buffer.concat([before, extended, paddingOf(extended.length), own]);
}

type Fields = {
  readonly name: string;
  readonly target: string;
  readonly flag: string;
  readonly mode: number;
  readonly mtime: number;
  readonly size: number;
};

function header({ name, target, flag, mode, mtime, size }: Fields): Buffer {
  const bytes = Buffer.alloc(tarBlock);
  const put = (text: string, at: number): void => void bytes.write(text, at, 'latin1');
  const number = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  put(name, 0);
  put(number(mode & 0o777, 7), 100);
  put(number(0, 7), 108);
  put(number(0, 7), 116);
  put(number(size, 11), 124);
  put(number(mtime, 11), 136);
  put('        ', 148);
  put(flag, 156);
  put(target, 157);
  put('ustar\u000000', 257);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}
