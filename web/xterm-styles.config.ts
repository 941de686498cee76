import type { Plugin } from 'vite';

/**
 * The page's policy takes style elements with its nonce only, and no `style` attribute that was set as text. xterm.js makes
 * both: here it sets them in the ways that are allowed. And it spaces the letters of joined cells out, which tears Arabic
 * apart: here they become one box as wide as its cells.
 */
export function xtermStyles(): Plugin {
  return {
    name: 'xterm-styles',
    transform: {
      filter: { id: /@xterm\/xterm\/lib\/xterm\.mjs/ },
      handler: (code) => ({ code: withAllowedStyles(code), map: null }),
    },
  };
}

/** Of `DomRendererRowFactory.createRow`; `g`: the cells are joined, `T`: so many of them, `a`: width of one. */
const spaced = 'Ke!==this.defaultSpacing&&(f.style.letterSpacing=`${Ke}px`)';
const boxed = `(g?(f.className+=" xterm-joined",f.style.width=\`\${T*a}px\`):${spaced})`;

/** Throws when this xterm.js does it otherwise: then its colours would be missing. */
export function withAllowedStyles(code: string): string {
  const elements = code.match(/[\w.]+\.createElement\("style"\)/g)?.length ?? 0;
  const attributes = code.match(/\w+\.setAttribute\("style",/g)?.length ?? 0;
  if (elements !== 3 || attributes !== 1) throw new Error('xterm.js sets its styles in another way than before');
  if (code.split(spaced).length !== 2) throw new Error('xterm.js draws joined cells in another way than before');
  const rewritten = code
    .replace(spaced, () => boxed)
    .replace(/([\w.]+\.createElement\("style"\))/g, 'Object.assign($1,{nonce:globalThis.__webpack_nonce__??""})')
    .replace(/(\w+)\.setAttribute\("style",(`[^;]*;`)\)/g, '($1.style.cssText=$2)');
  if (rewritten.includes('setAttribute("style"'))
    throw new Error('xterm.js sets its styles in another way than before');
  return rewritten;
}
