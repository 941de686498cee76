import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodings, guessEncoding, isReadableAs, readText, writeText, type Encoding } from './text-bytes.ts';

const bytesOf = (...parts: (string | readonly number[])[]): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(part as string))));
const utf16 = (text: string, isLittle: boolean): number[] => {
  const bytes = Buffer.from(text, 'utf16le');
  return [...(isLittle ? bytes : bytes.swap16())];
};
/** «سلام» and a space. */
const arabic1256 = [0xd3, 0xe1, 0xc7, 0xe3, 0x20];
const arabic8859 = [0xd3, 0xe4, 0xc7, 0xe5, 0x20];

it('FILE-3 an encoding is found by its mark or by what can be read as it, and what is no text is not taken for one', () => {
  const cases: [string, Uint8Array<ArrayBuffer>, Encoding | undefined][] = [
    ['empty', bytesOf(''), 'utf-8'],
    ['ascii', bytesOf('<?php echo 1;\n'), 'utf-8'],
    ['utf-8', bytesOf('مرحبا'), 'utf-8'],
    ['marked', bytesOf([0xef, 0xbb, 0xbf], 'x'), 'utf-8'],
    ['utf-16 with a mark', bytesOf([0xff, 0xfe], utf16('مرحبا', true)), 'utf-16le'],
    ['big end first', bytesOf([0xfe, 0xff], utf16('x', false)), 'utf-16be'],
    ['utf-16 without one', bytesOf(utf16('key=value\r\n', true)), 'utf-16le'],
    ['Arabic in utf-16 without one', bytesOf(utf16('مرحبا بالعالم\n', false)), 'utf-16be'],
    ["Windows' Arabic", bytesOf(arabic1256, 'x'), 'windows-1256'],
    ['colours of a log', bytesOf('\u001b[31mred\u001b[0m line\n'), 'utf-8'],
    ['a picture', bytesOf([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49]), undefined],
    ['a program', bytesOf([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0x3e, 0]), undefined],
    ['zeros', new Uint8Array(4_096), undefined],
    ['compressed without a zero', bytesOf([0x1f, 0x8b, 0x08, 0x01, 0x02, 0x03, 0x80, 0x91, 0x0e, 0x12]), undefined],
  ];
  for (const [what, bytes, wanted] of cases) expect([what, guessEncoding(bytes)]).toEqual([what, wanted]);
});

it('FILE-3 a text goes back into the very bytes that it came from, with its mark and its line ends', () => {
  const cases: [Encoding, Uint8Array<ArrayBuffer>][] = [
    ['utf-8', bytesOf([0xef, 0xbb, 0xbf], 'a\r\nb\r\n')],
    // A second mark is a character of the text.
    ['utf-8', bytesOf([0xef, 0xbb, 0xbf], '\ufeffx')],
    ['utf-8', bytesOf('a\nb\r\nc\rd')],
    ['utf-8', bytesOf('a\rb\r')],
    ['utf-16le', bytesOf([0xff, 0xfe], utf16('سطر\r\n😀', true))],
    ['utf-16be', bytesOf(utf16('x\n', false))],
    ['windows-1256', bytesOf(arabic1256, [0x0d, 0x0a])],
    ['iso-8859-6', bytesOf(arabic8859)],
    ['windows-1252', new Uint8Array(Array.from({ length: 256 }, (_, byte) => byte))],
    ['windows-1256', new Uint8Array(Array.from({ length: 256 }, (_, byte) => byte))],
  ];
  for (const [encoding, bytes] of cases) {
    const text = readText(bytes, encoding);
    expect(text && writeText(text)).toEqual({ bytes });
  }
  expect(readText(bytesOf('a\r\nb\r\n'), 'utf-8')).toMatchObject({ text: 'a\nb\n', lineEnd: 'crlf', hasMark: false });
  expect(readText(bytesOf('a\nb\r\n'), 'utf-8')).toMatchObject({ text: 'a\nb\r\n', lineEnd: 'mixed' });
  expect(readText(bytesOf(arabic8859), 'iso-8859-6')?.text).toBe('سلام ');
  fc.assert(
    fc.property(fc.uint8Array(), fc.constantFrom(...encodings), (given, encoding) => {
      const bytes = new Uint8Array(given);
      const text = readText(bytes, encoding);
      if (text !== undefined) expect(writeText(text)).toEqual({ bytes });
    }),
  );
});

it('FILE-3 what an encoding does not have is refused with its line, and bytes that are none of its characters are not read', () => {
  const form = { hasMark: false, lineEnd: 'crlf' } as const;
  expect(writeText({ ...form, encoding: 'windows-1256', text: 'a\nسلام\n😀' })).toEqual({
    unwritable: { character: '😀', line: 3 },
  });
  expect(writeText({ ...form, encoding: 'utf-8', text: 'half \ud83d' })).toMatchObject({ unwritable: { line: 1 } });
  expect(readText(bytesOf([0xff]), 'utf-8')).toBeUndefined();
  expect(readText(bytesOf([0xa1]), 'iso-8859-6')).toBeUndefined();
  expect(readText(bytesOf([0x61]), 'utf-16le')).toBeUndefined();
  expect(isReadableAs(bytesOf([0x00, 0xd8]), 'utf-16le')).toBe(false);
});
