import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import subsetFont from 'subset-font';
import type { Plugin } from 'vite';

const styles = resolve(import.meta.dirname, 'ui/fonts.css');
const sources = resolve(import.meta.dirname, '../node_modules/@fontsource/ibm-plex-sans-arabic/files');
const cache = resolve(import.meta.dirname, '../node_modules/.cache/aapanel-fonts');

/**
 * Cuts the letters that everybody sees out of the font files. Each face of `ui/fonts.css` whose file is named
 * `@subset/<script>-<weight>.woff2` gets the glyphs of its own `unicode-range`; the whole file stands beside it and is
 * loaded by browsers only when a letter outside of that range appears.
 */
export function fontSubsets(): Plugin {
  return {
    name: 'font-subsets',
    async config() {
      mkdirSync(cache, { recursive: true });
      const css = readFileSync(styles, 'utf8');
      for (const [face] of css.matchAll(/@font-face\s*\{[^}]*\}/g)) {
        const name = /@subset\/((?:arabic|latin)-\d00)\.woff2/.exec(face)?.[1];
        const range = /unicode-range:([^;]+);/.exec(face)?.[1];
        if (name === undefined || range === undefined) continue;
        const whole = readFileSync(join(sources, `ibm-plex-sans-arabic-${name}-normal.woff2`));
        const letters = lettersOf(range);
        const part = renamed(await subsetFont(whole, letters, { targetFormat: 'truetype' }));
        writeFileSync(join(cache, `${name}.woff2`), await subsetFont(part, letters, { targetFormat: 'woff2' }));
      }
      return { resolve: { alias: { '@subset': cache } } };
    },
  };
}

/** The licence keeps the font's name (`Plex`) for the unchanged font: a part gets another of the same length. */
function renamed(font: Buffer): Buffer {
  const copy = Buffer.from(font);
  for (const encoding of ['utf16le', 'latin1'] as const) {
    const [from, to] = ['Plex', 'Part'].map((word) => Buffer.from(word, encoding)) as [Buffer, Buffer];
    // Big-endian in the file.
    const [seen, put] = encoding === 'utf16le' ? [from.swap16(), to.swap16()] : [from, to];
    for (let at = copy.indexOf(seen); at !== -1; at = copy.indexOf(seen, at)) put.copy(copy, at);
  }
  return copy;
}

/** `U+20-7E, U+A0` → the characters. */
function lettersOf(range: string): string {
  return range
    .split(',')
    .map((each) => {
      const [, first = '', last = first] = /U\+([0-9A-F]+)(?:-([0-9A-F]+))?/i.exec(each) ?? [];
      const from = Number.parseInt(first, 16);
      const count = Number.parseInt(last, 16) - from + 1;
      return Array.from({ length: count }, (_, index) => String.fromCodePoint(from + index)).join('');
    })
    .join('');
}
