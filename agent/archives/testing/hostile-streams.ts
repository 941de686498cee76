import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { literal, rejected, streamCase, type HostileCase, type Outcome } from './hostile.ts';
import { listOf, paxPart, tar, tarEnd, tarPart, type TarPart } from './make-tar.ts';

/** Classes about the stream itself: damaged, compressed wrongly, or made to use everything up. */
export function streamCases(): HostileCase[] {
  return [...damaged(), ...compressions(), ...bombs()];
}

const parts: readonly TarPart[] = [
  { name: 'a', content: 'one' },
  { name: 'b', content: Buffer.alloc(3000, 'b') },
];
const good = tar(parts);
const listed = listOf(parts);
const whole = literal({ a: 'one', b: 'b'.repeat(3000) });
const broken = rejected('damaged');

function damagedCase(name: string, bytes: Buffer, outcome: Outcome = broken): HostileCase {
  return streamCase('damaged-container', name, bytes, outcome, listed);
}

function damaged(): HostileCase[] {
  const cut = [
    0,
    1,
    100,
    511,
    512,
    513,
    600,
    1024,
    1536,
    2000,
    good.length - 1024,
    good.length - 1023,
    good.length - 512,
    good.length - 1,
  ];
  const gz = gzipSync(good);
  const zst = zstdCompressSync(good);
  const flipped = (bytes: Buffer, at: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy[at] = (copy[at] ?? 0) ^ 0x55;
    return copy;
  };
  return [
    ...cut.map((at) => damagedCase(`cut at ${at}`, good.subarray(0, at))),
    ...[1, 9, 10, 20, gz.length - 9, gz.length - 8, gz.length - 4, gz.length - 1].map((at) =>
      damagedCase(`gzip cut at ${at}`, gz.subarray(0, at)),
    ),
    ...[5, 12, 20, zst.length - 5, zst.length - 1].map((at) => damagedCase(`zstd cut at ${at}`, zst.subarray(0, at))),
    ...[12, 20, gz.length - 8, gz.length - 1].map((at) =>
      damagedCase(`gzip changed at ${at}`, flipped(gz, at), rejected('damaged', 'compression')),
    ),
    ...[10, 20, zst.length - 2].map((at) =>
      damagedCase(
        `zstd changed at ${at}`,
        flipped(zst, at),
        rejected('damaged', 'compression', 'name-bytes', 'size-lie'),
      ),
    ),
    damagedCase('wrong checksum', tar([{ name: 'a', content: 'x', checksum: 1 }])),
    damagedCase('unknown magic', tar([{ name: 'a', content: 'x', magic: 'ustar\x0099' }])),
    damagedCase('one empty block at the end', tar(parts, Buffer.alloc(512))),
    damagedCase('no empty block at the end', tar(parts, Buffer.alloc(0))),
    damagedCase(
      'an empty block in the middle',
      Buffer.concat([tarPart({ name: 'a', content: 'x' }), Buffer.alloc(512), good]),
    ),
    damagedCase('a second archive behind', Buffer.concat([good, good])),
    damagedCase('text behind the end', Buffer.concat([good, Buffer.from('x'.repeat(512))])),
    damagedCase('a byte behind the end', Buffer.concat([good, Buffer.alloc(1)])),
    damagedCase(
      'padding that is not empty',
      Buffer.concat([tar([{ name: 'a', content: 'x' }], Buffer.alloc(0)).fill('z', 600), tarEnd]),
    ),
    damagedCase('an extended header and no entry', Buffer.concat([paxPart([['path', 'x']]), tarEnd])),
    ...[
      '99 path=a\n',
      'path=a\n',
      '9 path=a',
      '-9 path=a\n',
      '09 path=a\n',
      '9 path\0a\n',
      '11 path=a\n',
      '5 =a\nxxxx',
      '8 path=a\n',
    ].map((content) =>
      damagedCase(
        `extended header ${JSON.stringify(content)}`,
        Buffer.concat([tarPart({ name: 'pax', type: 'x', content }), good]),
        rejected('damaged', 'header-override', 'name-form'),
      ),
    ),
    damagedCase('only text', Buffer.from('hello '.repeat(200))),
    damagedCase('ends with padding of a whole record', Buffer.concat([good, Buffer.alloc(10_240)]), whole),
  ];
}

function compressions(): HostileCase[] {
  const refused = rejected('compression');
  const of = (name: string, bytes: Buffer, outcome: Outcome = refused): HostileCase =>
    streamCase('compression-layer', name, bytes, outcome, listed);
  const gz = gzipSync(good);
  const zst = zstdCompressSync(good);
  const half = good.length / 2 - ((good.length / 2) % 512);
  const skippable = Buffer.concat([Buffer.from('502a4d1804000000', 'hex'), Buffer.from('evil')]);
  const header = (descriptor: number, ...rest: number[]): Buffer =>
    Buffer.from([0x28, 0xb5, 0x2f, 0xfd, descriptor, ...rest]);
  const rawBlock = Buffer.concat([Buffer.from([(512 << 3) & 0xff, (512 >> 5) & 0xff, 0]), Buffer.alloc(512, 'x')]);
  const gzipFlags = (flags: number): Buffer => Buffer.concat([gz.subarray(0, 3), Buffer.from([flags]), gz.subarray(4)]);
  return [
    of(
      'two gzip members',
      Buffer.concat([gzipSync(good.subarray(0, half)), gzipSync(good.subarray(half))]),
      rejected('compression', 'damaged'),
    ),
    of('a second gzip archive behind', Buffer.concat([gz, gz])),
    of('text behind gzip', Buffer.concat([gz, Buffer.from('x')])),
    of('zeros behind gzip', Buffer.concat([gz, Buffer.alloc(512)])),
    of('an empty gzip member first', Buffer.concat([gzipSync(''), gz]), rejected('compression', 'damaged')),
    of('gzip with a reserved flag', gzipFlags(0x80)),
    of('gzip with another method', Buffer.concat([gz.subarray(0, 2), Buffer.from([7]), gz.subarray(3)])),
    of('gzip in gzip', gzipSync(gz), rejected('damaged', 'compression')),
    of(
      'two zstd frames',
      Buffer.concat([zstdCompressSync(good.subarray(0, half)), zstdCompressSync(good.subarray(half))]),
      rejected('compression', 'damaged'),
    ),
    of('a second zstd archive behind', Buffer.concat([zst, zst])),
    of('text behind zstd', Buffer.concat([zst, Buffer.from('x')])),
    of('a skippable frame first', Buffer.concat([skippable, zst])),
    of('a skippable frame behind', Buffer.concat([zst, skippable])),
    of('a window of 2 GiB', Buffer.concat([header(0, 21 << 3), rawBlock])),
    of('a window of 256 MiB', Buffer.concat([header(0, 18 << 3), rawBlock])),
    of('the largest window', Buffer.concat([header(0, 0xff), rawBlock])),
    of('one segment of 2^60 bytes', Buffer.concat([header(0xe0, 0, 0, 0, 0, 0, 0, 0, 0x10), rawBlock])),
    of('a dictionary', Buffer.concat([header(1, 0, 7), rawBlock])),
    of('a reserved bit', Buffer.concat([header(8, 0), rawBlock])),
    of('a block of a reserved type', Buffer.concat([header(0, 0), Buffer.from([7, 0, 0])]), broken),
    of('bzip2', Buffer.from('BZh91AY&SY')),
    of('xz', Buffer.from('fd377a585a000004', 'hex')),
    of('7z', Buffer.from('377abcaf271c0004', 'hex')),
    of('zstd in gzip', gzipSync(zst), rejected('damaged')),
    of('one gzip member', gz, whole),
    of(
      'a gzip header with a name',
      Buffer.concat([gz.subarray(0, 3), Buffer.from([8]), gz.subarray(4, 10), Buffer.from('name\0'), gz.subarray(10)]),
      whole,
    ),
    of('one zstd frame', zst, whole),
    of(
      'a zstd frame with a checksum',
      zstdCompressSync(good, { params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
      whole,
    ),
    of(
      'a zstd frame with a large window',
      zstdCompressSync(good, { params: { [constants.ZSTD_c_windowLog]: 27 } }),
      whole,
    ),
  ];
}

function bombs(): HostileCase[] {
  const refused = rejected('resources');
  const zeros = tar([{ name: 'zeros', content: Buffer.alloc(2_000_000) }]);
  const many = (count: number): Buffer => tar(Array.from({ length: count }, (_, index) => ({ name: `f${index}` })));
  const deep = (depth: number): string => Array.from({ length: depth }, () => 'd').join('/');
  const of = (
    name: string,
    bytes: Buffer,
    limits: HostileCase['limits'] = {},
    outcome: Outcome = refused,
  ): HostileCase => ({
    ...streamCase('resource-exhaustion', name, bytes, outcome),
    limits,
  });
  const ratio = { ratio: 100, ratioFreeBytes: 65_536 };
  const named = (name: string): Buffer => tar([{ name: 'f', content: 'x', pax: [['path', name]] }]);
  return [
    of('zeros in gzip', gzipSync(zeros), ratio),
    of('zeros in zstd', zstdCompressSync(zeros), ratio),
    of('zeros without compression', zeros, ratio, literal({ zeros: '\0'.repeat(2_000_000) })),
    of(
      'zeros below the free part',
      gzipSync(zeros),
      { ratio: 100, ratioFreeBytes: 4_000_000 },
      literal({ zeros: '\0'.repeat(2_000_000) }),
    ),
    of('padding of zeros behind the end, in gzip', gzipSync(Buffer.concat([good, Buffer.alloc(4_000_000)])), ratio),
    of('padding of zeros behind the end', Buffer.concat([good, Buffer.alloc(1_000_000)]), { totalBytes: 500_000 }),
    of(
      'extended headers of zeros, in gzip',
      gzipSync(tar([{ name: 'f', pax: [['comment', Buffer.alloc(900_000, 'x')]] }])),
      ratio,
    ),
    of('too many files', many(101), { entries: 100 }),
    of(
      'too many folders that only names tell of',
      tar(Array.from({ length: 40 }, (_, index) => ({ name: `a${index}/b/f` }))),
      { entries: 100 },
    ),
    of('as many files as allowed', many(3), { entries: 3 }, literal({ f0: '', f1: '', f2: '' })),
    of('one file too large', tar([{ name: 'f', content: Buffer.alloc(2000) }]), { totalBytes: 1999 }),
    of('a size far too large, nothing behind it', tar([{ name: 'f', size: 60_000_000_000 }]), {}),
    of(
      'files too large together',
      tar([
        { name: 'f', content: Buffer.alloc(900) },
        { name: 'g', content: Buffer.alloc(900) },
      ]),
      { totalBytes: 3000 },
    ),
    of('65 folders deep', named(deep(65))),
    of('1,000 folders deep', named(`${'d/'.repeat(1000)}f`)),
    of(
      '64 deep',
      tar([{ name: 'x', pax: [['path', deep(64)]] }]),
      {},
      literal(Object.fromEntries(Array.from({ length: 64 }, (_, index) => [deep(index + 1), index === 63 ? '' : '/']))),
    ),
    of('a component of 256 bytes', named('n'.repeat(256))),
    of('a component of 256 bytes in Arabic', named('م'.repeat(128))),
    of('a path of 4,097 bytes', named(`${`${'p'.repeat(240)}/`.repeat(17)}`.slice(0, 4097))),
    of('a path of 100,000 bytes', named('p'.repeat(100_000))),
    of('a long link target', tar([{ name: 'l', type: '2', pax: [['linkpath', 'x/'.repeat(3000)]] }])),
    of(
      'link targets that need much memory',
      tar(
        Array.from({ length: 500 }, (_, index) => ({
          name: `l${index}`,
          type: '2',
          pax: [['linkpath', 'd/../'.repeat(800)] as const],
        })),
      ),
      {},
      rejected('resources', 'symlink-traversal'),
    ),
  ];
}
