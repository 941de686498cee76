import fc from 'fast-check';
import { domainToUnicode } from 'node:url';
import { describe, expect, it } from 'vitest';
import { toUnicodeHost } from './punycode.ts';

describe('host names as people read them', () => {
  it.each([
    ['example.com', 'example.com'],
    ['xn--mgbh0fb.com', 'مثال.com'],
    ['*.xn--mgbh0fb.xn--mgbah1a3hjkrd', '*.مثال.موريتانيا'],
    ['xn--bcher-kva.example', 'bücher.example'],
    ['xn--e1afmkfd.xn--p1ai', 'пример.рф'],
    ['xn--fsqu00a.xn--fiqs8s', '例子.中国'],
  ])('%s is %s', (ascii, unicode) => expect(toUnicodeHost(ascii)).toBe(unicode));

  it('stay as they are when they decode to nothing or to another name', () => {
    for (const name of ['xn--a', 'xn--99999999', 'xn--!.com', 'xn--', 'xn--abc-.com'])
      expect(toUnicodeHost(name)).toBe(name);
  });

  it('are what Node decodes, for letters of any script', () => {
    const label = fc.string({
      unit: fc.constantFrom(...Array.from('abz09سلامωйü例日한ש')),
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(label, (text) => {
        let host: string;
        try {
          host = new URL(`http://${text}.test`).hostname;
        } catch {
          return;
        }
        expect(toUnicodeHost(host)).toBe(domainToUnicode(host));
      }),
    );
  });
});
