import { deflateRawSync } from 'node:zlib';
import type { HostileClass, HostileCase, Outcome } from './hostile.ts';
import { literal, normalised, rejected } from './hostile.ts';
import { extraField, zip, type ZipPart, type ZipShape } from './make-zip.ts';

/** The zip class, and the rules of the others as they apply to zips. `canary`: an absolute path outside. */
export function zipCases(canary: string): HostileCase[] {
  return [...structure(), ...rules(canary)];
}

const refused = rejected('zip-structure');
const good: ZipPart = { name: 'a', content: 'one' };

function of(
  name: string,
  parts: readonly ZipPart[],
  outcome: Outcome,
  shape: ZipShape = {},
  hostileClass: HostileClass = 'zip-structure',
): HostileCase {
  return { class: hostileClass, name: `zip: ${name}`, bytes: zip(parts, shape), outcome };
}

function structure(): HostileCase[] {
  const two: ZipPart[] = [good, { name: 'b', content: 'two' }];
  const whole = zip(two);
  const any = rejected('zip-structure', 'size-lie', 'damaged');
  const long = (...values: bigint[]): Buffer => {
    const content = Buffer.alloc(values.length * 8);
    values.forEach((value, at) => content.writeBigUInt64LE(value, at * 8));
    return extraField(1, content);
  };
  const unicodePath = (name: string): Buffer =>
    extraField(0x7075, Buffer.concat([Buffer.from([1, 0, 0, 0, 0]), Buffer.from(name)]));
  const cuts = [4, 20, 40, whole.length - 60, whole.length - 23, whole.length - 22, whole.length - 1];
  return [
    ...[1, 0x40, 0x2000, 0x41].map((flags) => of(`encrypted, flags ${flags}`, [{ ...good, flags }], refused)),
    of('AES', [{ ...good, method: 99, extra: extraField(0x9901, Buffer.alloc(7)) }], refused),
    of('AES field only', [{ ...good, extra: extraField(0x9901, Buffer.alloc(7)) }], refused),
    ...[1, 6, 9, 12, 14, 93, 95].map((method) =>
      of(`method ${method}`, [{ ...good, method, packed: Buffer.from('one') }], refused),
    ),
    of('another name in the header', [{ ...good, localName: '../b' }], refused),
    of('another name of the same length', [{ ...good, localName: 'b' }], refused),
    of('other flags in the header', [{ ...good, local: (header) => void header.writeUInt16LE(0, 6) }], refused),
    of('another method in the header', [{ ...good, local: (header) => void header.writeUInt16LE(0, 8) }], refused),
    of('another checksum in the header', [{ ...good, local: (header) => void header.writeUInt32LE(7, 14) }], refused),
    of('another size in the header', [{ ...good, local: (header) => void header.writeUInt32LE(7, 22) }], any),
    of('another packed size in the header', [{ ...good, local: (header) => void header.writeUInt32LE(1, 18) }], any),
    of('a smaller size in the list', [{ ...good, central: (header) => void header.writeUInt32LE(1, 24) }], any),
    of(
      'a larger size in both',
      [
        {
          ...good,
          central: (header) => void header.writeUInt32LE(9, 24),
          local: (header) => void header.writeUInt32LE(9, 22),
        },
      ],
      any,
    ),
    of(
      'a smaller size in both',
      [
        {
          ...good,
          central: (header) => void header.writeUInt32LE(2, 24),
          local: (header) => void header.writeUInt32LE(2, 22),
        },
      ],
      any,
    ),
    of(
      'a wrong checksum in both',
      [
        {
          ...good,
          central: (header) => void header.writeUInt32LE(7, 16),
          local: (header) => void header.writeUInt32LE(7, 14),
        },
      ],
      rejected('damaged'),
    ),
    of('content that is not deflated', [{ ...good, packed: Buffer.from('\xff\xff\xff\xff', 'latin1') }], any),
    of(
      'something behind the deflated content',
      [{ ...good, packed: Buffer.concat([deflateRawSync('one'), Buffer.from('hidden')]) }],
      refused,
    ),
    of('an entry that is not listed', [good, { name: 'hidden', content: 'x', isUnlisted: true }], refused),
    of('an entry before all that is not listed', [{ name: 'hidden', content: 'x', isUnlisted: true }, good], refused),
    of(
      'something between entries',
      [
        { ...good, gap: Buffer.from('gap') },
        { name: 'b', content: 'x' },
      ],
      refused,
    ),
    of('something before the first entry', [good], rejected('damaged', 'zip-structure'), {
      before: Buffer.from('#!/bin/sh\n'),
    }),
    of('a header of a zip before the first entry', [good], refused, { before: Buffer.from('PK\x03\x04junk') }),
    of('something before the list', [good], refused, { between: Buffer.from('gap') }),
    of('something behind the end', [good], refused, { behind: Buffer.from('x') }),
    of('the same entry listed twice', two, refused, { twice: 0 }),
    of(
      'entries that overlap',
      [good, { name: 'b', content: 'two', central: (header) => void header.writeUInt32LE(0, 42) }],
      refused,
    ),
    of('an offset beyond the end', [{ ...good, central: (header) => void header.writeUInt32LE(99_999, 42) }], refused),
    of('fewer entries than listed', two, refused, {
      end: (end) => void (end.writeUInt16LE(1, 8), end.writeUInt16LE(1, 10)),
    }),
    of('more entries than listed', two, refused, {
      end: (end) => void (end.writeUInt16LE(3, 8), end.writeUInt16LE(3, 10)),
    }),
    of('counts that differ', two, refused, { end: (end) => void end.writeUInt16LE(1, 8) }),
    of('several parts', two, refused, { end: (end) => void end.writeUInt16LE(1, 4) }),
    of('an entry of another part', [{ ...good, central: (header) => void header.writeUInt16LE(1, 34) }], refused),
    of('a list of another length', two, refused, { end: (end) => void end.writeUInt32LE(10, 12) }),
    of('a list somewhere else', two, refused, { end: (end) => void end.writeUInt32LE(0, 16) }),
    of('a comment with an end record in it', two, rejected('zip-structure', 'damaged'), {
      comment: Buffer.concat([Buffer.from('PK\x05\x06'), Buffer.alloc(18)]),
    }),
    of('a comment that says another length', two, refused, { end: (end) => void end.writeUInt16LE(5, 20) }),
    of(
      'sizes behind the content that differ',
      [{ ...good, descriptor: true, gap: Buffer.alloc(0), central: (header) => void header.writeUInt32LE(1, 16) }],
      any,
    ),
    of('a descriptor that nobody announces', [{ ...good, gap: Buffer.alloc(16) }], refused),
    of('a long size that nothing asks for', [{ ...good, extra: long(3n) }], refused),
    of(
      'a long size of 2^62',
      [{ ...good, extra: long(2n ** 62n), central: (header) => void header.writeUInt32LE(0xffffffff, 24) }],
      any,
    ),
    of(
      'a long size that is missing',
      [{ ...good, central: (header) => void header.writeUInt32LE(0xffffffff, 24) }],
      any,
    ),
    of('a second name in a field', [{ ...good, extra: unicodePath('../x') }], refused),
    of('a field twice', [{ ...good, extra: Buffer.concat([unicodePath('a'), unicodePath('a')]) }], refused),
    of('fields that run over', [{ ...good, extra: Buffer.from([1, 2, 200, 0, 1]) }], refused),
    of('a folder in the name, a file in the mode', [{ name: 'd/', mode: 0o100644 }], refused),
    of('a file in the name, a folder in the mode', [{ name: 'd', mode: 0o40755 }], refused),
    of('a file in the name, a folder for DOS', [{ name: 'd', central: (header) => void (header[38] = 0x10) }], refused),
    of('a folder with content', [{ name: 'd/', content: 'x' }], rejected('size-lie')),
    ...cuts.map((at) => ({
      class: 'zip-structure' as const,
      name: `zip: cut at ${at}`,
      bytes: whole.subarray(0, at),
      outcome: any,
    })),
    { class: 'zip-structure', name: 'zip: two archives', bytes: Buffer.concat([whole, whole]), outcome: refused },
    of('plain', two, literal({ a: 'one', b: 'two' })),
    of(
      'stored, with sizes behind',
      [{ ...good, method: 0 }, { ...good, name: 'b', descriptor: true }, { name: 'd/' }, { name: 'd/e', content: '' }],
      literal({ a: 'one', b: 'one', d: '/', 'd/e': '' }),
    ),
    of('empty', [], literal({})),
    of('a comment', two, literal({ a: 'one', b: 'two' }), { comment: Buffer.from('hello') }),
    of('the same second name', [{ ...good, extra: unicodePath('a') }], literal({ a: 'one' })),
    of(
      'true long sizes',
      [
        {
          ...good,
          extra: long(3n),
          localExtra: Buffer.alloc(0),
          central: (header) => void header.writeUInt32LE(0xffffffff, 24),
        },
      ],
      literal({ a: 'one' }),
    ),
    of(
      'made by DOS',
      [
        { ...good, madeBy: 0 },
        { name: 'd/', madeBy: 0, central: (header) => void header.writeUInt32LE(0x10, 38) },
      ],
      literal({ a: 'one', d: '/' }),
    ),
    of('a link inside', [good, { name: 'l', content: 'a', mode: 0o120777 }], literal({ a: 'one', l: '-> a' })),
  ];
}

function rules(canary: string): HostileCase[] {
  const named = (hostileClass: HostileClass, outcome: Outcome, names: readonly (string | Buffer)[]): HostileCase[] =>
    names.map((name) =>
      of(`name ${JSON.stringify(name.toString('latin1'))}`, [{ name, content: 'x' }], outcome, {}, hostileClass),
    );
  const link = (name: string, target: string): ZipPart => ({ name, content: target, mode: 0o120777 });
  const zeros = { name: 'z', content: Buffer.alloc(3_000_000) };
  return [
    ...named('path-escape', rejected('path-escape'), ['../x', '/x', canary, 'a/../../x', '..', './../x', 'a/..']),
    ...named('name-form', rejected('name-form'), ['', '.', 'a//b', 'a/./b']),
    ...named('name-bytes', rejected('name-bytes'), [Buffer.from('caf\xe9', 'latin1'), 'a\nb', 'a\0b', 'a\u202eb']),
    ...['CON', '..\\x', 'C:\\x', '-rf', 'صورة.png'].map((name) =>
      of(`literal ${name}`, [{ name, content: 'x' }], literal({ [name]: 'x' }), {}, 'foreign-name'),
    ),
    of('link out', [link('l', '../x')], rejected('symlink-traversal'), {}, 'symlink-traversal'),
    of(
      'link to an absolute path, then a file through it',
      [link('l', canary), { name: 'l/x', content: 'x' }],
      rejected('symlink-traversal'),
      {},
      'symlink-traversal',
    ),
    of(
      'file through a link inside',
      [{ name: 'd/' }, link('l', 'd'), { name: 'l/x', content: 'x' }],
      rejected('symlink-traversal'),
      {},
      'symlink-traversal',
    ),
    of('link with a very long target', [link('l', 'x/'.repeat(5000))], rejected('resources'), {}, 'symlink-traversal'),
    of('same name twice', [good, good], rejected('name-collision'), {}, 'name-collision'),
    of('names that fold', [good, { name: 'A', content: 'x' }], rejected('name-collision'), {}, 'name-collision'),
    ...[0o020644, 0o060644, 0o010644, 0o140644, 0o170644].map((mode) =>
      of(`type ${mode.toString(8)}`, [{ ...good, mode }], rejected('entry-type'), {}, 'entry-type'),
    ),
    of('setuid', [{ ...good, mode: 0o104755 }], normalised(['special-bits'], { a: 'one' }), {}, 'permission-bits'),
    of(
      'owners and an unknown field',
      [
        {
          ...good,
          extra: Buffer.concat([
            extraField(0x7875, Buffer.from([1, 4, 0, 0, 0, 0, 4, 0, 0, 0, 0])),
            extraField(0x756e, Buffer.alloc(14)),
          ]),
        },
      ],
      normalised(['owner-ignored', 'extras-dropped'], { a: 'one' }),
      {},
      'ownership',
    ),
    of('leading ./', [{ name: './a', content: 'x' }], normalised(['leading-dot'], { a: 'x' }), {}, 'name-form'),
    {
      ...of('zeros', [zeros], rejected('resources'), {}, 'resource-exhaustion'),
      limits: { ratio: 100, ratioFreeBytes: 65_536 },
    },
    {
      ...of('too large together', [zeros, { ...zeros, name: 'y' }], rejected('resources'), {}, 'resource-exhaustion'),
      limits: { totalBytes: 5_000_000 },
    },
    {
      ...of('too many', [good, { name: 'b' }, { name: 'c' }], rejected('resources'), {}, 'resource-exhaustion'),
      limits: { entries: 2 },
    },
  ];
}
