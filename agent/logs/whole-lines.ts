import { readSync } from 'node:fs';

const pieceBytes = 256 * 1024;

export type ReadOn = {
  /** One byte stands for each character. undefined: a line that is longer than any that is read. */
  readonly line: (text: string | undefined) => void;
  /** Asked now and then. */
  readonly isOver: () => boolean;
};

/**
 * Gives each whole line from an offset on; answers where the next one begins. Never holds more than a piece: a line that
 * is longer is passed over.
 */
export function readWholeLines(fd: number, from: number, { line, isOver }: ReadOn): number {
  const piece = Buffer.allocUnsafe(pieceBytes);
  let next = from;
  let held = 0;
  let longFrom: number | null = null;
  for (;;) {
    const count = readSync(fd, piece, held, piece.length - held, next + held);
    if (count === 0) return longFrom ?? next;
    const end = held + count;
    let start = 0;
    for (let at = piece.indexOf(10, held); at !== -1 && at < end; at = piece.indexOf(10, start)) {
      line(longFrom === null ? piece.toString('latin1', start, at) : undefined);
      longFrom = null;
      start = at + 1;
    }
    if (start === 0 && end === piece.length) {
      longFrom ??= next;
      start = end;
    }
    piece.copyWithin(0, start, end);
    held = end - start;
    next += start;
    // In the middle of a line that is passed over nobody stops: its rest would be read as a line.
    if (longFrom === null && isOver()) return next;
  }
}
