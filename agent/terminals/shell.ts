import type { OnReadOpts } from 'node:net';
import { ReadStream } from 'node:tty';
import { requireBinary } from '@lydell/node-pty/requireBinary.js';
import type { TerminalExit } from '#shared/terminal-frames.ts';
import type { TerminalSize } from '#shared/terminals.ts';
import { hasRelay, relayOutput, type Output, type Said } from './pty-output.ts';

/** A program with a terminal of its own. */
export type Shell = {
  /** Also the number of its session. */
  readonly pid: number;
  write(bytes: Uint8Array): void;
  /** Bytes that were typed and are not taken yet. */
  readonly waitingBytes: number;
  onDrain(callback: () => void): void;
  resize(size: TerminalSize): void;
  /** Somebody types while much is written: the echo of it comes first. */
  calm(): void;
  pause(): void;
  resume(): void;
};

export type ShellFacts = TerminalSize & {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Absent: as whoever we are. The groups are ours: they are set before. */
  readonly uid?: number;
  readonly gid?: number;
};

type Native = {
  fork(
    file: string,
    args: readonly string[],
    environment: readonly string[],
    cwd: string,
    cols: number,
    rows: number,
    uid: number,
    gid: number,
    isUtf8: boolean,
    helper: string,
    onExit: (code: number, signal: number) => void,
  ): { fd: number; pid: number };
  resize(fd: number, cols: number, rows: number): void;
};

/**
 * What the kernel gives at a time, where it is read here. A buffer that is full is read again at once; one with room left in it lets libuv wait for
 * the next wake-up: one for each 4 KiB of a flood.
 */
const readBytes = 4_095;
/** So long a shell that has ended may still have things to say through what it left running. */
const lastWordsMs = 300;

/**
 * Starts a program in a new session with a terminal. Of `@lydell/node-pty` only the compiled part is used: its own layer
 * throws away what was not read 200 ms after the end, which a slow reader would miss.
 */
export function startShell(
  facts: ShellFacts,
  on: { readonly output: Output; readonly end: (exit: TerminalExit) => void },
): Shell {
  const native = requireBinary('pty.node') as Native;
  let exit: TerminalExit | undefined;
  let isOver = false;
  let lastAt = 0;
  const { program, args, environment, cwd, cols, rows, uid = -1, gid = -1 } = facts;
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const started = native.fork(program, args, variables, cwd, cols, rows, uid, gid, false, '', (code, signal) => {
    exit = { code: signal === 0 ? code : null, signal: signal === 0 ? null : signal };
    lastAt = Date.now();
    if (isOver) on.end(exit);
    else listenOn();
  });
  let isPaused = false;
  const onOutput = (chunk: Uint8Array): void => {
    lastAt = Date.now();
    on.output(chunk);
  };
  const isRelayed = hasRelay();
  const terminal = new ReadStream(started.fd, isRelayed ? {} : { onread: directly(onOutput, () => !isPaused) });
  const said: Said = isRelayed
    ? relayOutput(started.fd, onOutput)
    : { stream: terminal.resume(), cut: () => terminal.destroy() };

  /** What still runs may keep the terminal open for ever: nobody waits for it longer than while it speaks. */
  function listenOn(): void {
    setTimeout(() => {
      if (isOver) return;
      if (isPaused || Date.now() - lastAt < lastWordsMs) listenOn();
      else said.cut();
    }, lastWordsMs / 3);
  }

  // EIO: nobody has the other side open any more.
  terminal.on('error', () => terminal.destroy());
  said.stream.on('close', () => {
    isOver = true;
    terminal.destroy();
    if (exit !== undefined) on.end(exit);
  });
  return {
    pid: started.pid,
    write: (bytes) => {
      if (!isOver) terminal.write(bytes);
    },
    get waitingBytes() {
      return terminal.writableLength;
    },
    onDrain: (callback) => void terminal.once('drain', callback),
    resize(size) {
      if (!isOver) native.resize(started.fd, size.cols, size.rows);
    },
    calm: () => said.calm?.(),
    pause() {
      isPaused = true;
      said.stream.pause();
    },
    resume() {
      isPaused = false;
      said.stream.resume();
    },
  };
}

/** One buffer for all that is read: with new memory for each few kilobytes the collector took a sixth of the time. */
function directly(onOutput: Output, isWanted: () => boolean): OnReadOpts {
  return {
    buffer: Buffer.allocUnsafeSlow(readBytes),
    callback(length: number, buffer: Uint8Array) {
      onOutput(buffer.subarray(0, length));
      return isWanted();
    },
  };
}
