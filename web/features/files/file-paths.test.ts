import { expect, it } from 'vitest';
import { crumbsOf, inMiddle, joinPath, modeText, nameOf, nameOfFile, parentOf, typedPath } from './file-paths.ts';

it('FILE-5 paths, the folders on the way and modes are written as people know them', () => {
  expect([joinPath('', 'a'), joinPath('a/b', 'c')]).toEqual(['a', 'a/b/c']);
  expect([parentOf('a'), parentOf('a/b/c'), nameOf('a'), nameOf('a/b')]).toEqual(['', 'a/b', 'a', 'b']);
  expect(crumbsOf('a/ملفات')).toEqual([
    { name: 'a', path: 'a' },
    { name: 'ملفات', path: 'a/ملفات' },
  ]);
  expect([crumbsOf(''), typedPath(' /a/b/ ')]).toEqual([[], 'a/b']);
  expect([modeText(0o755), modeText(0o2640)]).toEqual(['rwxr-xr-x', 'rw-r-----']);
});

it('PATH-3 names of files that are dropped are written as names are written here', () => {
  expect(['ملف.txt', 'a\\b', 'new\nline', '\u0085'].map(nameOfFile)).toEqual([
    'ملف.txt',
    'a\\\\b',
    'new\\x0aline',
    '\\xc2\\x85',
  ]);
});

it('a long name keeps its beginning and its end, by characters and not by their halves', () => {
  expect(inMiddle('short.txt', 9)).toBe('short.txt');
  expect(inMiddle('a-very-long-name-of-a-file.tar.gz', 20)).toBe('a-very-long-n…tar.gz');
  expect(inMiddle('😀😀😀😀😀😀', 4)).toBe('😀😀…😀');
});
