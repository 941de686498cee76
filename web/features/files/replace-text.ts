/*
 * What a replacement makes of a text: line by line, as the search looks, so that nothing reaches over a line end.
 */

export type ReplaceWish = {
  readonly text: string;
  readonly isRegex: boolean;
  readonly isCaseSensitive: boolean;
  readonly isWord: boolean;
  /** In a regular expression `$1` and `$<name>` stand for what was found. */
  readonly replacement: string;
};
/** `line` counts from 1. */
export type LineChange = { readonly line: number; readonly before: string; readonly after: string };

const special = /[\\^$.*+?()[\]{}|/]/g;
const wordSign = String.raw`[\p{L}\p{M}\p{N}_]`;

/** undefined: the expression is none for a browser. */
export function patternOf({ text, isRegex, isCaseSensitive, isWord }: ReplaceWish): RegExp | undefined {
  const source = isRegex ? text : text.replace(special, String.raw`\$&`);
  try {
    return new RegExp(isWord ? `(?<!${wordSign})(?:${source})(?!${wordSign})` : source, isCaseSensitive ? 'gu' : 'giu');
  } catch {
    return undefined;
  }
}

/** All line ends stay as they are. */
export function replaceIn(
  text: string,
  pattern: RegExp,
  { isRegex, replacement }: Pick<ReplaceWish, 'isRegex' | 'replacement'>,
): { readonly text: string; readonly changes: readonly LineChange[] } {
  const changes: LineChange[] = [];
  // Lines at even places, what ends them at odd ones.
  const pieces = text.split(/(\r\n|\r|\n)/);
  for (let at = 0; at < pieces.length; at += 2) {
    const before = pieces[at] ?? '';
    const after = isRegex ? before.replace(pattern, replacement) : before.replace(pattern, () => replacement);
    if (after === before) continue;
    pieces[at] = after;
    changes.push({ line: at / 2 + 1, before, after });
  }
  return { text: pieces.join(''), changes };
}
