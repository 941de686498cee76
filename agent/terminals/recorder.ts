import { StringDecoder } from 'node:string_decoder';
import type { TerminalSize } from '#shared/terminals.ts';
import { append, closeFile, openForAppend } from '../core/files.ts';
import { logLine } from '../core/machine.ts';

/*
 * Writes down what a terminal shows, as asciicast v2: a line of JSON for the whole, then one for each event with its time.
 * What is typed is not in it unless the program shows it: passwords are not.
 */

export type Recorder = {
  output(chunk: Uint8Array): void;
  resize(size: TerminalSize): void;
  close(): void;
};

/** No recording grows beyond it; what a terminal shows after that is lost to it, and the recording says so. */
export const mostRecordingBytes = 16 * 1024 * 1024;
/** What comes within this time stands in one event. */
const gatherMs = 100;
const mostGathered = 32 * 1024;

/** `startedAt`: epoch ms. A disk that is full ends the recording, never the terminal. */
export function startRecorder(
  path: string,
  { cols, rows, startedAt }: TerminalSize & { readonly startedAt: number },
  mostBytes = mostRecordingBytes,
): Recorder {
  const decoder = new StringDecoder('utf8');
  const from = performance.now();
  let fd: number | undefined;
  let written = 0;
  let gathered = '';
  let gatheredAt = 0;
  let size = { cols, rows };
  let timer: NodeJS.Timeout | undefined;

  function write(line: unknown): void {
    if (fd === undefined) return;
    const text = Buffer.from(`${JSON.stringify(line)}\n`);
    const isFull = written + text.length > mostBytes;
    try {
      append(fd, isFull ? `${JSON.stringify([secondsAt(performance.now()), 'm', 'full'])}\n` : text);
      written += text.length;
      if (isFull) stop();
    } catch (error) {
      logLine('error', 'a terminal is no longer recorded', { path, error: String(error) });
      stop();
    }
  }

  function stop(): void {
    if (fd !== undefined) closeFile(fd);
    fd = undefined;
  }

  const secondsAt = (at: number): number => Math.round(at - from) / 1_000;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (gathered !== '') write([secondsAt(gatheredAt), 'o', gathered]);
    gathered = '';
  }

  try {
    fd = openForAppend(path);
  } catch (error) {
    logLine('error', 'a terminal is not recorded', { path, error: String(error) });
  }
  write({ version: 2, width: cols, height: rows, timestamp: Math.floor(startedAt / 1_000) });
  return {
    output(chunk) {
      if (fd === undefined) return;
      if (gathered === '') gatheredAt = performance.now();
      gathered += decoder.write(chunk);
      if (gathered.length >= mostGathered) flush();
      else timer ??= setTimeout(flush, gatherMs);
    },
    resize(next) {
      if (next.cols === size.cols && next.rows === size.rows) return;
      size = { cols: next.cols, rows: next.rows };
      flush();
      write([secondsAt(performance.now()), 'r', `${size.cols}x${size.rows}`]);
    },
    close() {
      flush();
      stop();
    },
  };
}
