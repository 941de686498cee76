import { expect, it } from 'vitest';
import { kindOf } from './file-kinds.ts';
import { imageSize } from './image-size.ts';

const zeros = (length: number): number[] => Array.from({ length }, () => 0);

const bytes = (...parts: readonly (string | number[])[]): Uint8Array<ArrayBuffer> => {
  const all = parts.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part, 'latin1')] : part));
  return new Uint8Array([...all, ...zeros(Math.max(0, 30 - all.length))]);
};

it('how many pixels a small file unfolds to is known by its first bytes', () => {
  expect(imageSize(bytes('\x89PNG\r\n\x1a\n', [0, 0, 0, 13], 'IHDR', [0, 1, 0, 0, 0, 0, 0x80, 0]))).toEqual({
    width: 65_536,
    height: 32_768,
  });
  expect(imageSize(bytes('GIF89a', [0x40, 1, 0xf0, 0]))).toEqual({ width: 320, height: 240 });
  const segment = [0xff, 0xe1, 0, 6, 1, 2, 3, 4];
  expect(imageSize(bytes([0xff, 0xd8], segment, [0xff, 0xc2, 0, 17, 8, 2, 0x58, 3, 0x20]))).toEqual({
    width: 800,
    height: 600,
  });
  expect(imageSize(bytes('RIFF', [0, 0, 0, 0], 'WEBPVP8X', zeros(8), [0xff, 3, 0, 0xff, 1, 0]))).toEqual({
    width: 1_024,
    height: 512,
  });
});

it('what is no whole image has no size', () => {
  expect(imageSize(bytes('<svg xmlns="http://www.w3.org/2000/svg">'))).toBeUndefined();
  expect(imageSize(bytes([0xff, 0xd8, 0xff, 0xe0, 0, 0x10], 'JFIF'))).toBeUndefined();
  expect(imageSize(new Uint8Array([0xff, 0xd8, 0xff]))).toBeUndefined();
  // A segment without a length leads nowhere, and ends all the same.
  expect(imageSize(bytes([0xff, 0xd8], zeros(200).fill(0xff)))).toBeUndefined();
});

it('a kind is told by the ending of a name, whatever its case', () => {
  const kinds = ['a.tar.GZ', 'صورة.PNG', 'index.php', '.htaccess', 'README', 'site.sql'].map((name) =>
    kindOf({ name, type: 'file' }),
  );
  expect(kinds).toEqual(['archive', 'image', 'code', 'code', 'file', 'data']);
  expect(kindOf({ name: 'old.zip', type: 'folder' })).toBe('folder');
});
