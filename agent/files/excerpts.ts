import { closeSync, readSync } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import type { FileMatch } from '#shared/file-search.ts';
import { openToRead } from './download.ts';
import { partsToText, textToParts } from './file-names.ts';

/*
 * What a search says it has found, read again from below the held folder with no link followed. The program that searches walks
 * by paths: a folder that is swapped for a link meanwhile could lead it out. What does not stand here byte for byte is not shown.
 */

/** `path`: bytes as characters, below the searched folder. `head`: the first bytes of the match, in base64. */
export type FoundPlace = {
  readonly path: string;
  readonly line: number;
  readonly offset: number;
  readonly head: string;
};
export type Excerpts = { readonly path: string; readonly matches: FileMatch[] };

/** Of a line, on either side of what was found. */
const bytesBefore = 160;
const bytesAfter = 320;
const feed = 0x0a;

export async function excerptsOf(root: number, folder: string, places: readonly FoundPlace[]): Promise<Excerpts[]> {
  const found: Excerpts[] = [];
  for (let at = 0; at < places.length; ) {
    const { path } = places[at] ?? { path: '' };
    let end = at;
    while (places[end]?.path === path) end++;
    const excerpts = await inOneFile(root, folder, places.slice(at, end));
    if (excerpts.matches.length > 0) found.push(excerpts);
    at = end;
  }
  return found;
}

async function inOneFile(root: number, folder: string, places: readonly FoundPlace[]): Promise<Excerpts> {
  const path = partsToText([...textToParts(folder), ...(places[0]?.path ?? '').split('/')]);
  let fd: number;
  try {
    fd = await openToRead(root, path);
  } catch (error) {
    // A link, gone, or of the bin.
    if (error instanceof AppError) return { path, matches: [] };
    throw error;
  }
  try {
    return { path, matches: places.flatMap((place) => excerptAt(fd, place) ?? []) };
  } finally {
    closeSync(fd);
  }
}

function excerptAt(fd: number, { line, offset, head }: FoundPlace): FileMatch | undefined {
  const match = Buffer.from(head, 'base64');
  const from = Math.max(0, offset - bytesBefore);
  const bytes = Buffer.alloc(offset - from + match.length + bytesAfter);
  const read = bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, from));
  const start = offset - from;
  const end = start + match.length;
  if (!read.subarray(start, end).equals(match)) return undefined;
  const lineStart = read.lastIndexOf(feed, start - 1) + 1;
  const isCut = start > 0 && lineStart === 0 && from > 0;
  const next = read.indexOf(feed, end);
  return {
    line,
    before: textOf(start === 0 ? read.subarray(0, 0) : read.subarray(isCut ? wholeFrom(read) : lineStart, start)),
    match: textOf(read.subarray(start, end)),
    after: textOf(read.subarray(end, next === -1 ? read.length : next)).replace(/\r$/, ''),
  };
}

/** Not in the middle of a character. */
function wholeFrom(bytes: Buffer): number {
  let at = 0;
  while (at < 3 && ((bytes[at] ?? 0) & 0xc0) === 0x80) at++;
  return at;
}

/** What is no UTF-8 is shown as such; half a character at the end is left out. */
function textOf(bytes: Buffer): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: true });
}
