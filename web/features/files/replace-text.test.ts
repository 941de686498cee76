import { expect, it } from 'vitest';
import { patternOf, replaceIn, type ReplaceWish } from './replace-text.ts';

const plain: ReplaceWish = { text: '', isRegex: false, isCaseSensitive: false, isWord: false, replacement: '' };
const replaced = (text: string, more: Partial<ReplaceWish>) => {
  const wish = { ...plain, ...more };
  const pattern = patternOf(wish);
  return pattern === undefined ? undefined : replaceIn(text, pattern, wish);
};

it('a text is replaced line by line as it stands, with every line end and sign kept', () => {
  const done = replaced('a $x\r\nno\rA $X a $x\n', { text: 'a $x', replacement: '$& $1' });
  expect(done).toEqual({
    text: '$& $1\r\nno\r$& $1 $& $1\n',
    changes: [
      { line: 1, before: 'a $x', after: '$& $1' },
      { line: 3, before: 'A $X a $x', after: '$& $1 $& $1' },
    ],
  });
  expect(replaced('a+b a-b [x] a/b', { text: 'a-b [x]', replacement: 'y' })?.text).toBe('a+b y a/b');
});

it('case, whole words of every script and expressions count as in the search', () => {
  expect(replaced('Cat cat', { text: 'cat', isCaseSensitive: true, replacement: 'x' })?.text).toBe('Cat x');
  const words = replaced('كتاب كتابي مكتاب كتاب', { text: 'كتاب', isWord: true, replacement: 'قلم' });
  expect(words?.text).toBe('قلم كتابي مكتاب قلم');
  expect(replaced('ab12 cd', { text: '([a-z]+)(\\d+)', isRegex: true, replacement: '$2-$1' })?.text).toBe('12-ab cd');
  expect(replaced('a\nb', { text: 'a\\sb', isRegex: true, replacement: '' })?.changes).toEqual([]);
  expect(replaced('x', { text: 'a(', isRegex: true })).toBeUndefined();
});
