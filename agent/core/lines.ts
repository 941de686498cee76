import { readSync } from 'node:fs';
import { append, closeFile, openForAppend, removeFile, sync } from './files.ts';

/*
 * Long files of lines, written and read piece by piece: memory does not grow with them.
 */

const chunkBytes = 256 * 1024;

export type LineWriter = {
  /** Without the line end. */
  add(line: string): void;
  /** On the disk when it ends. */
  close(): Promise<void>;
};

/** A new file of lines in the agent's own state (0600); what was there goes. */
export function writeLines(path: string): LineWriter {
  removeFile(path);
  const fd = openForAppend(path);
  let waiting: string[] = [];
  let size = 0;
  const flush = (): void => {
    append(fd, waiting.join(''));
    waiting = [];
    size = 0;
  };
  return {
    add(line) {
      waiting.push(line, '\n');
      size += line.length;
      if (size >= chunkBytes) flush();
    },
    async close() {
      try {
        flush();
        await sync(fd);
      } finally {
        closeFile(fd);
      }
    },
  };
}

/**
 * Lines of an open file, from an offset to its end; a last one without line end counts. Each is good until the next is
 * asked for: one piece of memory serves all of them.
 */
export function* readLines(fd: number, from = 0): Generator<Buffer> {
  let piece = Buffer.alloc(chunkBytes);
  let held = 0;
  let offset = from;
  for (;;) {
    if (held === piece.length) piece = Buffer.concat([piece], piece.length * 2);
    const count = readSync(fd, piece, held, piece.length - held, offset);
    if (count === 0) break;
    offset += count;
    const end = held + count;
    let start = 0;
    for (let at = piece.indexOf(10, held); at !== -1 && at < end; at = piece.indexOf(10, start)) {
      yield piece.subarray(start, at);
      start = at + 1;
    }
    piece.copyWithin(0, start, end);
    held = end - start;
  }
  if (held > 0) yield piece.subarray(0, held);
}
