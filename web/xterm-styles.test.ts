import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { withAllowedStyles } from './xterm-styles.config.ts';

it('the terminal of this version sets no style that the page’s policy refuses, and another version is noticed', () => {
  const code = readFileSync(join(import.meta.dirname, '../node_modules/@xterm/xterm/lib/xterm.mjs'), 'utf8');
  const allowed = withAllowedStyles(code);
  expect(allowed).toContain('t.style.cssText=`${t.getAttribute("style")||""}${e};`');
  expect(allowed.match(/Object\.assign\([\w.]+\.createElement\("style"\),\{nonce/g)).toHaveLength(3);
  expect(allowed).toContain('(g?(f.className+=" xterm-joined",f.style.width=`${T*a}px`):Ke!==');
  expect(() => withAllowedStyles(allowed.replaceAll('createElement("style")', 'x'))).toThrow('another way');
});
