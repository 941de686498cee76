import { expect, it } from 'vitest';
import { cutWindow } from './file-window.ts';

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text));

it('FILE-3 windows of a large file show whole lines, one after another, and nothing is left out between them', () => {
  const file = bytesOf(Array.from({ length: 400 }, (_, index) => `سطر ${index} 😀\n`).join(''));
  const sizeBytes = file.length;
  let at = 0;
  let text = '';
  for (let from = 0; from < sizeBytes; from = at) {
    const part = file.subarray(from, from + 100);
    const window = cutWindow(part as Uint8Array<ArrayBuffer>, {
      from,
      sizeBytes,
      encoding: 'utf-8',
      isLineStart: true,
    });
    expect(window.start).toBe(from);
    expect(window.text.endsWith('\n')).toBe(true);
    at = window.end;
    text += window.text;
  }
  expect(text).toBe(new TextDecoder().decode(file));
  const last = cutWindow(file.subarray(sizeBytes - 50), {
    from: sizeBytes - 50,
    sizeBytes,
    encoding: 'utf-8',
    isLineStart: false,
  });
  expect(last.text).toMatch(/^سطر \d+ 😀\n(?:سطر \d+ 😀\n)*$/);
});

it('FILE-3 a line that is longer than a window is cut between characters, of any encoding', () => {
  const file = bytesOf('ش'.repeat(100));
  const cut = (from: number, length: number, encoding: 'utf-8' | 'utf-16le') =>
    cutWindow(file.subarray(from, from + length), { from, sizeBytes: file.length, encoding, isLineStart: false });
  expect(cut(1, 50, 'utf-8')).toEqual({ text: 'ش'.repeat(24), start: 2, end: 50 });
  expect(cut(0, 51, 'utf-8')).toEqual({ text: 'ش'.repeat(25), start: 0, end: 50 });
  expect(cut(51, 50, 'utf-16le')).toMatchObject({ start: 52, end: 100 });
});
