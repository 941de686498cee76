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
        // Without its name table: the licence keeps the font's name for the unchanged font.
        const part = await subsetFont(whole, lettersOf(range), { targetFormat: 'woff2', dropTables: ['name'] });
        writeFileSync(join(cache, `${name}.woff2`), part);
      }
      return { resolve: { alias: { '@subset': cache } } };
    },
  };
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
