import { closeFile, openFile, readAt } from './files.ts';

const maxChunkBytes = 64 * 1024;

export type LogText = { readonly text: string; readonly next: number };

/** Log text from an offset, whole lines while more may come. Control characters are left out: people read it. */
export function readLogText(path: string, offset: number, isEnded: boolean): LogText {
  const file = openFile(path);
  if (file === undefined) return { text: '', next: 0 };
  try {
    const start = Math.min(offset, file.stats.size);
    const bytes = readAt(file.fd, start, Math.min(maxChunkBytes, file.stats.size - start));
    const isWhole = isEnded && start + bytes.length >= file.stats.size;
    const lastLine = bytes.lastIndexOf(10) + 1;
    // A line that is longer than all we take in one go is cut.
    const end = isWhole || (lastLine === 0 && bytes.length === maxChunkBytes) ? bytes.length : lastLine;
    const text = bytes
      .subarray(0, end)
      .toString('utf8')
      .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '');
    return { text, next: start + end };
  } finally {
    closeFile(file.fd);
  }
}
