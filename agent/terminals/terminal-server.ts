import { createHash, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import {
  createFrameReader,
  encodeFrame,
  frameHeadBytes,
  headFrame,
  encodeJsonFrame,
  fromTerminal,
  toTerminal,
  type TerminalAttach,
  type TerminalExit,
  type TerminalHello,
} from '#shared/terminal-frames.ts';
import { terminalKey, terminalSize, type TerminalSize } from '#shared/terminals.ts';
import { createRing } from './ring.ts';
import type { Shell } from './shell.ts';

/*
 * Between one shell and whoever looks at it: keeps what was written last, says on request from which byte on, and lets the
 * shell wait for a reader that is slow or was lost.
 */

export const terminalLimits = {
  /** What is kept of the output. */
  keptBytes: 2 * 1024 * 1024,
  /**
   * With so much on its way the shell waits: a key that is typed meanwhile is echoed behind all of it. Up to 128 KiB come in
   * one turn, in which nothing else is heard: a reader that is as fast as the shell is two of them behind …
   */
  pauseBytes: 384 * 1024,
  /** … until it is only so much. */
  resumeBytes: 256 * 1024,
  /**
   * The same for so long after a key that was typed into a flood: each pause costs throughput, which nobody who types asks for.
   * A reader may keep its word about up to 64 KiB to itself: less would not be heard of.
   */
  typedMs: 1_000,
  typedPauseBytes: 128 * 1024,
  typedResumeBytes: 64 * 1024,
  /** The shell waits so long for a reader that was lost before old output is given up. */
  graceMs: 2 * 60_000,
  /** Output that follows within this time goes together. */
  gatherMs: 6,
  /** … and none of it for so long after a key, whose echo may be in it. */
  eagerMs: 20,
} as const;

/** A whole one is, with its head, what one reading of a socket takes. */
const pieceBytes = 64 * 1024 - frameHeadBytes;
/** What one reading of the terminal may bring after it was told to pause. */
const roomBytes = 256 * 1024;
const typedBytes = 256 * 1024;
const silenceMs = 5_000;
const mostKeys = 8;
const mostStrangers = 8;

export type TerminalServer = {
  output(chunk: Uint8Array): void;
  /** The shell has ended, and everything it wrote has come. */
  end(exit: TerminalExit): void;
  accept(socket: Socket): void;
  addKey(hash: string): void;
  readonly isAttached: boolean;
  readonly hasEnded: boolean;
  /** Epoch ms since when nobody looks; null while somebody does. */
  readonly leftAt: number | null;
  close(): void;
};

type ServerParts = {
  /** The shell; asked for when it is there. */
  readonly held: () => Pick<Shell, 'write' | 'waitingBytes' | 'onDrain' | 'resize' | 'calm' | 'pause' | 'resume'>;
  /** SHA-256 of the first key, hex. */
  readonly keyHash: string;
  readonly limits?: { readonly [K in keyof typeof terminalLimits]: number };
  readonly onResize?: (size: TerminalSize) => void;
  /** The end was told to somebody who saw everything. */
  readonly onSeenToTheEnd: () => void;
};

export function createTerminalServer({
  held,
  keyHash,
  limits = terminalLimits,
  onResize,
  onSeenToTheEnd,
}: ServerParts): TerminalServer {
  const ring = createRing(limits.keptBytes);
  const keys = [keyHash];
  /** Written and free again: new memory for each would have the collector run all the time. */
  const frames: Buffer[] = [];
  let reader: Socket | undefined;
  let strangers = 0;
  /** Everything before it was shown to the last reader, or was sent to the present one. */
  let shown = 0;
  let sent = 0;
  let isPaused = false;
  let leftAt: number | null = Date.now();
  let exit: TerminalExit | undefined;
  let isExitSent = false;
  let lastSentAt = 0;
  let typedAt = -Infinity;
  let typedIntoFloodAt = -Infinity;
  let pumping: NodeJS.Timeout | undefined;
  let grace: NodeJS.Timeout | undefined;

  function decide(): void {
    const ahead = ring.end - shown;
    const isTyped = performance.now() - typedIntoFloodAt < limits.typedMs;
    const isWaitedFor = reader === undefined && leftAt !== null && Date.now() - leftAt < limits.graceMs;
    let most = isWaitedFor ? limits.keptBytes - roomBytes : Infinity;
    let least = most;
    if (reader !== undefined) {
      most = isTyped ? limits.typedPauseBytes : limits.pauseBytes;
      least = isTyped ? limits.typedResumeBytes : limits.resumeBytes;
    }
    if (!isPaused && ahead >= most) {
      isPaused = true;
      held().pause();
    } else if (isPaused && (ahead <= least || most === Infinity)) {
      isPaused = false;
      held().resume();
    }
  }

  /** Sends what there is room for, in pieces of `least` bytes at least. */
  function send(least: number): void {
    lastSentAt = performance.now();
    while (reader !== undefined && ring.end - sent >= least && sent - shown < limits.pauseBytes) {
      const length = Math.min(pieceBytes, ring.end - sent);
      const whole = frames.pop() ?? Buffer.allocUnsafeSlow(frameHeadBytes + pieceBytes);
      ring.copy(sent, whole.subarray(frameHeadBytes, frameHeadBytes + length));
      sent += length;
      reader.write(headFrame(whole, fromTerminal.output, length), () => frames.push(whole));
    }
  }

  function pump(): void {
    clearTimeout(pumping);
    pumping = undefined;
    send(1);
    if (exit !== undefined && reader !== undefined && sent === ring.end && !isExitSent) {
      isExitSent = true;
      reader.end(encodeJsonFrame(fromTerminal.exit, exit), onSeenToTheEnd);
    }
  }

  function resize(size: TerminalSize): void {
    held().resize(size);
    onResize?.(size);
  }

  function leave(socket: Socket): void {
    if (reader !== socket) return;
    reader = undefined;
    isExitSent = false;
    leftAt = Date.now();
    clearTimeout(grace);
    grace = setTimeout(decide, limits.graceMs + 50);
    grace.unref();
    decide();
  }

  function attach(socket: Socket, { from, cols, rows }: TerminalAttach): void {
    const before = reader;
    reader = undefined;
    before?.end(encodeFrame(fromTerminal.displaced, new Uint8Array(0)));
    const isKept = from !== null && from >= ring.start && from <= ring.end;
    const next = isKept ? from : ring.start;
    const lost = from !== null && from < ring.start ? ring.start - from : 0;
    const hello: TerminalHello = { from: next, end: ring.end, lost };
    reader = socket;
    leftAt = null;
    shown = next;
    sent = next;
    isExitSent = false;
    clearTimeout(grace);
    socket.write(encodeJsonFrame(fromTerminal.hello, hello));
    resize({ cols, rows });
    pump();
    decide();
  }

  function isKey(key: string): boolean {
    const hash = Buffer.from(hashOf(key));
    return keys.map((known) => timingSafeEqual(Buffer.from(known), hash)).includes(true);
  }

  function take(socket: Socket, type: number, rest: Uint8Array): void {
    if (type === toTerminal.input) {
      typedAt = performance.now();
      if (ring.end - shown > limits.typedResumeBytes) {
        typedIntoFloodAt = typedAt;
        held().calm();
      }
      held().write(rest);
      if (held().waitingBytes < typedBytes) return;
      // Whoever types faster than the program reads waits.
      socket.pause();
      held().onDrain(() => socket.resume());
    } else if (type === toTerminal.resize) {
      resize(terminalSize.parse(jsonOf(rest)));
    } else if (type === toTerminal.acknowledge) {
      const upTo = jsonOf(rest);
      if (typeof upTo !== 'number' || !(upTo >= shown && upTo <= sent)) throw new RangeError('not sent yet');
      const hadRoom = sent - shown < limits.pauseBytes;
      shown = upTo;
      // Otherwise what is there is gathered.
      if (!hadRoom || exit !== undefined) pump();
      decide();
    } else throw new RangeError('not known');
  }

  return {
    output(chunk) {
      ring.push(chunk);
      decide();
      if (reader === undefined) return;
      // Whole pieces go as they fill: a message for each few kilobytes that are read costs more than carrying them.
      if (ring.end - sent >= pieceBytes) send(pieceBytes);
      if (sent === ring.end) return;
      const now = performance.now();
      const waitMs = limits.gatherMs - (now - lastSentAt);
      // The echo of a key goes at once, whatever comes with it.
      if (waitMs <= 0 || now - typedAt < limits.eagerMs) pump();
      else pumping ??= setTimeout(pump, waitMs);
    },
    end(how) {
      exit = how;
      pump();
    },
    accept(socket) {
      socket.on('error', () => socket.destroy());
      socket.on('close', () => leave(socket));
      if (strangers >= mostStrangers) return void socket.destroy();
      strangers++;
      let isIn = false;
      const patience = setTimeout(() => socket.destroy(), silenceMs);
      const known = (): void => {
        if (isIn) return;
        isIn = true;
        strangers--;
        clearTimeout(patience);
      };
      socket.on('close', known);
      const read = createFrameReader((type, rest) => {
        if (isIn) return reader === socket ? take(socket, type, rest) : undefined;
        if (type !== toTerminal.attach) throw new RangeError('a key comes first');
        const wish = attachOf(rest);
        known();
        if (!isKey(wish.key)) return void socket.end(encodeFrame(fromTerminal.refused, new Uint8Array(0)));
        attach(socket, wish);
      });
      socket.on('data', (chunk: Buffer) => {
        try {
          read(chunk);
        } catch {
          // Nobody of ours says such things.
          socket.destroy();
        }
      });
    },
    addKey(hash) {
      keys.push(hash);
      if (keys.length > mostKeys) keys.shift();
    },
    get isAttached() {
      return reader !== undefined;
    },
    get hasEnded() {
      return exit !== undefined;
    },
    get leftAt() {
      return leftAt;
    },
    close() {
      clearTimeout(pumping);
      clearTimeout(grace);
      reader?.destroy();
    },
  };
}

export function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

function attachOf(rest: Uint8Array): TerminalAttach {
  const { key, from, ...size } = jsonOf(rest) as TerminalAttach;
  const isNumber = from === null || (Number.isSafeInteger(from) && from >= 0);
  if (!isNumber) throw new RangeError('not a number of a byte');
  return { key: terminalKey.parse(key), from, ...terminalSize.parse(size) };
}

function jsonOf(rest: Uint8Array): unknown {
  return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(rest));
}
