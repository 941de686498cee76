import { append, closeFile, openForAppend, readAt, removeFile, sync } from './files.ts';

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

/** Lines of an open file, from an offset to its end; a last one without line end counts. Keeps one piece in memory. */
export function* readLines(fd: number, from = 0): Generator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  let offset = from;
  for (;;) {
    const piece = readAt(fd, offset, chunkBytes);
    if (piece.length === 0) break;
    offset += piece.length;
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let start = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
      yield bytes.subarray(start, end);
      start = end + 1;
    }
    rest = bytes.subarray(start);
  }
  if (rest.length > 0) yield rest;
}
