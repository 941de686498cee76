/*
 * What a terminal and a browser say to each other: one byte that says what it is, then the rest. Over the WebSocket each is
 * one message; over the Unix socket, which knows no messages, each has four bytes with its length before it.
 */

/** From the terminal. */
export const fromTerminal = {
  /** JSON `TerminalHello`: what comes next begins there. */
  hello: 1,
  /** Bytes that the shell wrote. */
  output: 2,
  /** JSON `TerminalExit`. */
  exit: 3,
  /** Another window has it now. */
  displaced: 4,
  /** The key does not fit. */
  refused: 5,
} as const;

/** To the terminal. */
export const toTerminal = {
  /** JSON `TerminalAttach`: the first thing that is said. */
  attach: 16,
  /** Bytes as typed. */
  input: 17,
  /** JSON `TerminalSize`. */
  resize: 18,
  /** JSON number: everything before this byte has been shown. */
  acknowledge: 19,
} as const;

export type TerminalHello = {
  /** Number of the next byte, counted since the shell began. */
  readonly from: number;
  /** What was written so far ends there: up to it old output is shown again. */
  readonly end: number;
  /** Bytes that were asked for and are kept no longer. */
  readonly lost: number;
};

export type TerminalExit = { readonly code: number | null; readonly signal: number | null };

export type TerminalAttach = {
  readonly key: string;
  /** Number of the byte that comes next here; null: everything that is kept. */
  readonly from: number | null;
  readonly cols: number;
  readonly rows: number;
};

/** Longest rest of one frame, in bytes. */
export const maxFrameBytes = 64 * 1024;

/** Of a frame on the Unix socket, before its rest. */
export const frameHeadBytes = 5;

export function encodeFrame(type: number, rest: Uint8Array): Uint8Array {
  const frame = new Uint8Array(frameHeadBytes + rest.length);
  frame.set(rest, frameHeadBytes);
  return headFrame(frame, type, rest.length);
}

/** Writes the head before a rest that stands in `bytes` already; answers the part of it that is the frame. */
export function headFrame(bytes: Uint8Array, type: number, restBytes: number): Uint8Array {
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, restBytes + 1);
  bytes[4] = type;
  return bytes.subarray(0, frameHeadBytes + restBytes);
}

export function encodeJsonFrame(type: number, value: unknown): Uint8Array {
  return encodeFrame(type, new TextEncoder().encode(JSON.stringify(value)));
}

/**
 * Takes a stream of frames apart. Throws when one is longer than allowed or empty: then nothing more can be read. Each frame
 * is put together in what `room` gives for so many bytes, and stays there: what was handed in may be used again.
 */
export function createFrameReader(
  onFrame: (type: number, rest: Uint8Array) => void,
  room = (length: number): Uint8Array => new Uint8Array(length),
): (chunk: Uint8Array) => void {
  const head = new Uint8Array(4);
  const length = new DataView(head.buffer);
  let headBytes = 0;
  let frame: Uint8Array | undefined;
  let frameBytes = 0;
  return (chunk) => {
    for (let at = 0; at < chunk.length; ) {
      if (frame === undefined) {
        const part = chunk.subarray(at, at + 4 - headBytes);
        head.set(part, headBytes);
        at += part.length;
        headBytes += part.length;
        if (headBytes < 4) return;
        const wanted = length.getUint32(0);
        if (wanted < 1 || wanted > maxFrameBytes + 1) throw new RangeError('not a frame of a terminal');
        frame = room(wanted);
        [headBytes, frameBytes] = [0, 0];
      }
      const part = chunk.subarray(at, at + frame.length - frameBytes);
      frame.set(part, frameBytes);
      at += part.length;
      frameBytes += part.length;
      if (frameBytes < frame.length) return;
      const whole = frame;
      frame = undefined;
      onFrame(whole[0] ?? 0, whole.subarray(1));
    }
  };
}
