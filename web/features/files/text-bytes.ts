/*
 * Between the bytes of a file and the text that is edited: which encoding it is in, whether it begins with a mark of byte
 * order, how its lines end. Nothing is lost on the way there and back, or it says so.
 */

export const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1256', 'iso-8859-6', 'windows-1252'] as const;
export type Encoding = (typeof encodings)[number];

/** `mixed`: carriage returns stay in the text as they are. */
export const lineEnds = ['lf', 'crlf', 'cr', 'mixed'] as const;
export type LineEnd = (typeof lineEnds)[number];

export type TextForm = { readonly encoding: Encoding; readonly hasMark: boolean; readonly lineEnd: LineEnd };
export type OpenText = TextForm & { readonly text: string };

const marks = {
  'utf-8': [0xef, 0xbb, 0xbf],
  'utf-16le': [0xff, 0xfe],
  'utf-16be': [0xfe, 0xff],
} as const;
/** As much as decides whether it is text. */
const lookedAtBytes = 64 * 1024;

/**
 * By its mark, else by what can be read as it; undefined: no text. Of one byte a character, Windows' Arabic is taken.
 * Not whole: the last character may be cut.
 */
export function guessEncoding(bytes: Uint8Array<ArrayBuffer>, isWhole = true): Encoding | undefined {
  for (const encoding of ['utf-8', 'utf-16le', 'utf-16be'] as const) if (hasMark(bytes, encoding)) return encoding;
  const start = bytes.subarray(0, lookedAtBytes);
  if (start.includes(0)) return guessWide(start);
  if (isReadableAs(bytes, 'utf-8', isWhole)) return hasManyControls(start) ? undefined : 'utf-8';
  return hasManyControls(start) ? undefined : 'windows-1256';
}

/** Latin text has a zero in every second byte, Arabic the number of its block; no text has both in both places. */
function guessWide(start: Uint8Array<ArrayBuffer>): Encoding | undefined {
  const even = start.subarray(0, start.length - (start.length % 2));
  const high = [0, 0];
  for (let at = 0; at < even.length; at++) if (even[at] === 0 || even[at] === 6) high[at % 2] = (high[at % 2] ?? 0) + 1;
  const most = even.length / 2;
  for (const [place, encoding] of [
    [1, 'utf-16le'],
    [0, 'utf-16be'],
  ] as const) {
    const isHigh = (high[place] ?? 0) > most * 0.8 && (high[1 - place] ?? 0) < most * 0.3;
    if (!isHigh || !isReadableAs(even, encoding)) continue;
    const text = new TextDecoder(encoding).decode(even);
    if (!/[\u0000-\u0008\u000e-\u001a\ufffe\uffff]/.test(text)) return encoding;
  }
  return undefined;
}

/** More than one in a hundred that no text has; colours of a log are some. */
function hasManyControls(start: Uint8Array): boolean {
  let count = 0;
  for (const byte of start) if (byte < 8 || (byte > 13 && byte < 27) || byte === 0x7f) count++;
  return count * 100 > start.length;
}

export function isReadableAs(bytes: Uint8Array<ArrayBuffer>, encoding: Encoding, isWhole = true): boolean {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: !isWhole });
    return true;
  } catch {
    return false;
  }
}

function hasMark(bytes: Uint8Array, encoding: Encoding): boolean {
  const mark: readonly number[] = encoding in marks ? marks[encoding as keyof typeof marks] : [];
  return mark.length > 0 && mark.every((byte, at) => bytes[at] === byte);
}

/** undefined: not all of these bytes are characters of this encoding, so they could not be written back. */
export function readText(bytes: Uint8Array<ArrayBuffer>, encoding: Encoding): OpenText | undefined {
  const isMarked = hasMark(bytes, encoding);
  const content = isMarked ? bytes.subarray(marks[encoding as keyof typeof marks].length) : bytes;
  if (!isReadableAs(content, encoding)) return undefined;
  const all = new TextDecoder(encoding, { ignoreBOM: true }).decode(content);
  const lineEnd = lineEndOf(all);
  return { encoding, hasMark: isMarked, lineEnd, text: lineEnd === 'mixed' ? all : all.replaceAll(/\r\n|\r/g, '\n') };
}

function lineEndOf(text: string): LineEnd {
  const pairs = text.match(/\r\n/g)?.length ?? 0;
  const returns = (text.match(/\r/g)?.length ?? 0) - pairs;
  const feeds = (text.match(/\n/g)?.length ?? 0) - pairs;
  if (pairs === 0 && returns === 0) return 'lf';
  if (returns === 0 && feeds === 0) return 'crlf';
  return pairs === 0 && feeds === 0 ? 'cr' : 'mixed';
}

export type Unwritable = { readonly character: string; readonly line: number };

/** The first character that the encoding does not have stands in `unwritable`. */
export function writeText({
  text,
  encoding,
  hasMark: isMarked,
  lineEnd,
}: OpenText): { readonly bytes: Uint8Array<ArrayBuffer> } | { readonly unwritable: Unwritable } {
  const ends = { lf: '\n', crlf: '\r\n', cr: '\r', mixed: '' } as const;
  const all = lineEnd === 'mixed' || lineEnd === 'lf' ? text : text.replaceAll('\n', ends[lineEnd]);
  const mark = isMarked && encoding in marks ? marks[encoding as keyof typeof marks] : [];
  const content = encode(all, encoding);
  if ('unwritableAt' in content) {
    const character = String.fromCodePoint(all.codePointAt(content.unwritableAt) ?? 0);
    const line = all.slice(0, content.unwritableAt).split(/\r\n|\r|\n/).length;
    return { unwritable: { character, line } };
  }
  const bytes = new Uint8Array(mark.length + content.length);
  bytes.set(mark);
  bytes.set(content, mark.length);
  return { bytes };
}

/** Bytes, or where the first character is that has none. */
function encode(text: string, encoding: Encoding): Uint8Array<ArrayBuffer> | { readonly unwritableAt: number } {
  if (!text.isWellFormed()) return { unwritableAt: text.search(/\p{Surrogate}/u) };
  if (encoding === 'utf-8') return new TextEncoder().encode(text);
  if (encoding === 'utf-16le' || encoding === 'utf-16be') {
    const bytes = new Uint8Array(text.length * 2);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < text.length; at++) view.setUint16(at * 2, text.charCodeAt(at), encoding === 'utf-16le');
    return bytes;
  }
  const codes = codesOf(encoding);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) {
    const code = codes.get(text.charCodeAt(at));
    if (code === undefined) return { unwritableAt: at };
    bytes[at] = code;
  }
  return bytes;
}

/** The browser knows how to read these encodings, and not how to write them. */
function codesOf(encoding: Encoding): ReadonlyMap<number, number> {
  const decoder = new TextDecoder(encoding);
  const codes = new Map<number, number>();
  for (let byte = 0; byte < 256; byte++) {
    const character = decoder.decode(new Uint8Array([byte]));
    if (character !== '\ufffd') codes.set(character.charCodeAt(0), byte);
  }
  return codes;
}
