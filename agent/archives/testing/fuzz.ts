import { byteText } from '../names.ts';
import { gnuMagic, listOf, tar, type TarPart } from './make-tar.ts';
import type { Listed } from '../protocol.ts';
import { zip, type ZipPart } from './make-zip.ts';

/** Numbers that look random and come again for the same seed (mulberry32). */
export function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const words = [
  'a',
  'A',
  'b',
  'l',
  'L',
  'd',
  '..',
  '.',
  '',
  'é',
  'e\u0301',
  'CON',
  '-rf',
  '...',
  '\n',
  '\u202e',
  'ſ',
  's',
  'x'.repeat(256),
  'ملف',
];
const types = ['0', '0', '0', '1', '2', '2', '5', '5', '3', '7', 'S', 'x', '\0'];

/** An archive of a few entries whose names, types, links, modes and headers come from a bag of bad ideas. */
export function randomArchive(below: (n: number) => number, canary: string): { bytes: Buffer; expected: Listed[] } {
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const path = (): string => {
    const parts = Array.from({ length: 1 + below(4) }, () => pick(words));
    return (below(12) === 0 ? '/' : '') + (below(6) === 0 ? './' : '') + parts.join('/') + (below(8) === 0 ? '/' : '');
  };
  const target = (): string => pick([path(), path(), canary, `../${path()}`, '../'.repeat(1 + below(5)), 'a', 'a/b']);
  const parts: TarPart[] = Array.from({ length: 1 + below(6) }, () => {
    const type = pick(types);
    return {
      name: type === '5' ? `${path()}/` : path(),
      type,
      link: type === '1' || type === '2' ? target() : '',
      content: type === '0' ? 'x'.repeat(below(700)) : '',
      mode: below(0o10000),
      uid: below(70_000),
      ...(below(8) === 0 && { magic: gnuMagic }),
      ...(below(10) === 0 && {
        pax: [[pick(['path', 'linkpath', 'size', 'GNU.sparse.map', 'SCHILY.xattr.user.x']), path()] as const],
      }),
      ...(below(12) === 0 && { longName: path() }),
      ...(below(15) === 0 && { size: below(5000) }),
    };
  });
  if (below(4) === 0) {
    const zipped: ZipPart[] = parts.map(({ name, type, link, content, mode = 0 }) => ({
      name,
      content: type === '2' ? (link ?? '') : (content ?? ''),
      mode: (type === '2' ? 0o120000 : type === '5' ? 0o40000 : type === '3' ? 0o20000 : 0o100000) | (mode & 0o7777),
      method: pick([0, 8, 8]),
      descriptor: below(4) === 0,
    }));
    return { bytes: changed(zip(zipped), below), expected: listOf(parts) };
  }
  const expected = listOf(parts).map((entry) => ({ ...entry, name: below(30) === 0 ? byteText('other') : entry.name }));
  return { bytes: changed(tar(parts), below), expected };
}

/** Now and then a few bytes are others, or the end is missing. */
function changed(bytes: Buffer, below: (n: number) => number): Buffer {
  if (below(3) > 0 || bytes.length === 0) return bytes;
  const copy = Buffer.from(bytes);
  for (let count = 1 + below(3); count > 0; count--) copy[below(copy.length)] = below(256);
  return below(4) === 0 ? copy.subarray(0, below(copy.length)) : copy;
}
