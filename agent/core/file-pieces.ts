import { readAt } from './files.ts';

const pieceBytes = 256 * 1024;

/**
 * The content of an open file, piece by piece. Nothing is read ahead: whoever stops early may close the file at once. (A
 * stream of node may still have a read on its way then, which takes from the next file that gets the same descriptor.)
 */
export async function* filePieces(fd: number): AsyncGenerator<Buffer> {
  for (let offset = 0; ; ) {
    const piece = readAt(fd, offset, pieceBytes);
    if (piece.length === 0) return;
    offset += piece.length;
    yield piece;
    // Timers and signals have their turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
