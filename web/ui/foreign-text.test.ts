import { expect, it } from 'vitest';
import { foreignParts } from './foreign-text.ts';

const shown = (text: string): string =>
  foreignParts(text)
    .map((part) => (part.isHidden ? `[${part.text}]` : part.text))
    .join('');

it('what a stranger typed is shown as it is', () => {
  expect(foreignParts('<b>سارة</b> 😀')).toEqual([{ text: '<b>سارة</b> 😀', isHidden: false }]);
  expect(foreignParts('')).toEqual([]);
});

it('colour codes, overrides of direction and invisible characters are seen by their number', () => {
  expect(shown('\u001b[31mroot')).toBe('[U+001B][31mroot');
  expect(shown('gpj.\u202eexe')).toBe('gpj.[U+202E]exe');
  expect(shown('a\u200b\u2066b\r\n')).toBe('a[U+200B][U+2066]b[U+000D][U+000A]');
});
