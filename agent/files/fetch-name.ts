import { maxNameBytes } from '#shared/file-names.ts';

/*
 * What a stranger's server calls a file. Somebody else chose it, for a folder that a web server gives out: it names one entry
 * of a folder that is seen as it is, and nothing that is hidden, set up by its name, or run.
 */

/** What runs when somebody asks for it is not called so by strangers. */
const isRun = /\.(?:php\d*|phtml|pht|phar|phps)$/i;
const longestEnding = 20;

/** By `Content-Disposition`, or else by the address; never empty. */
export function nameOfAnswer(disposition: string | undefined, url: URL): string {
  return clean(nameIn(disposition)) ?? clean(decoded(url.pathname.split('/').at(-1) ?? '')) ?? 'download';
}

/** Bytes of a header that are UTF-8 are read as that. */
export function headerText(value: string): string {
  const text = Buffer.from(value, 'latin1').toString('utf8');
  return text.includes('\ufffd') ? value : text;
}

function nameIn(disposition: string | undefined): string {
  if (disposition === undefined) return '';
  const extended = /(?:^|;)\s*filename\*\s*=\s*utf-8'[^']*'([^;\s]*)/i.exec(disposition)?.[1];
  if (extended !== undefined) return decoded(extended);
  const found = /(?:^|;)\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/i.exec(disposition);
  return headerText(found?.[1]?.replace(/\\(.)/g, '$1') ?? found?.[2] ?? '');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** undefined: nothing is left of it. */
function clean(text: string): string | undefined {
  const name = (text.split(/[/\\]/).at(-1) ?? '')
    .toWellFormed()
    .normalize('NFC')
    // Control characters, those that turn the direction of a text or are not seen, and what is no character.
    .replace(/[\p{C}\p{Zl}\p{Zp}\ufffd]/gu, '')
    .replace(/\s+/g, ' ')
    // Neither a hidden file nor an option of a program.
    .replace(/^[-. ]+|[. ]+$/g, '');
  if (name === '') return undefined;
  return cut(isRun.test(name) ? `${name}.download` : name);
}

/** Between characters, with its ending. */
function cut(name: string): string {
  const dot = name.lastIndexOf('.');
  const hasEnding = dot > 0 && Buffer.byteLength(name.slice(dot)) <= longestEnding;
  const [stem, ending] = hasEnding ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  let left = maxNameBytes - Buffer.byteLength(ending);
  let kept = '';
  for (const character of stem) {
    left -= Buffer.byteLength(character);
    if (left < 0) break;
    kept += character;
  }
  return `${kept}${ending}`;
}
