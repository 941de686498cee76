import type { Encoding } from './text-bytes.ts';

export type FileWindow = {
  readonly text: string;
  /** Bytes of the file that are shown: from `start` up to `end`. */
  readonly start: number;
  readonly end: number;
};

type Cutting = {
  /** Where the bytes begin in the file, and how large it is. */
  readonly from: number;
  readonly sizeBytes: number;
  readonly encoding: Encoding;
  /** A line begins there: nothing is left out at the beginning. */
  readonly isLineStart: boolean;
};

const feed = 0x0a;

/** Whole lines of what was read of a large file, and whole characters where a line is longer than all of it. */
export function cutWindow(
  bytes: Uint8Array<ArrayBuffer>,
  { from, sizeBytes, encoding, isLineStart }: Cutting,
): FileWindow {
  let [start, end] = [0, bytes.length];
  const isWide = encoding === 'utf-16le' || encoding === 'utf-16be';
  if (isWide) {
    start = from % 2;
    end -= (end - start) % 2;
  } else {
    if (!isLineStart && from > 0) {
      const first = bytes.indexOf(feed);
      start = first === -1 || first === bytes.length - 1 ? 0 : first + 1;
    }
    const last = bytes.lastIndexOf(feed);
    if (from + bytes.length < sizeBytes && last >= start) end = last + 1;
    if (encoding === 'utf-8') {
      while (start < end && from + start > 0 && isInside(bytes[start])) start++;
      if (from + end < sizeBytes && last < start) end = wholeEnd(bytes, start, end);
    }
  }
  const text = new TextDecoder(encoding).decode(bytes.subarray(start, end));
  return { text, start: from + start, end: from + end };
}

/** In the middle of a character. */
const isInside = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

function wholeEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = end - 1;
  while (at > start && end - at < 4 && isInside(bytes[at])) at--;
  return (bytes[at] ?? 0) >= 0xc0 ? at : end;
}
