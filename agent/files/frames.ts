import { Readable, type Duplex } from 'node:stream';
import { forgetSent } from '#shared/sent-bytes.ts';

/*
 * Bytes on a way between two processes that is used again and again: each piece with its length before it, then a mark that
 * says whether that was all. Whoever begins to send always comes to one of the two marks, and whoever reads reads up to it.
 */

const wholeMark = 0xffff_ffff;
const brokenMark = 0xffff_fffe;
const headerBytes = 4;

export type FrameReader = {
  /** The next piece; null: that was all. Throws when it was broken off. */
  next(): Promise<Buffer | null>;
  /** Reads up to the mark and forgets it. */
  drain(): Promise<void>;
};

type Sending = {
  readonly signal: AbortSignal;
  readonly expected?: number;
  /** What comes is nobody else's: its memory is given back as soon as it has gone. */
  readonly isOurs?: boolean;
};

/** Sends what `source` gives, and never fails: what goes wrong, or is stopped, ends with the mark that says so. */
export async function sendFrames(
  way: Duplex,
  source: Readable,
  { signal, expected, isOurs = false }: Sending,
): Promise<void> {
  let sent = 0;
  let isWhole = false;
  // Not destroyed with the iteration: an answer may still go back the way that the bytes came.
  const pieces = source.iterator({ destroyOnReturn: false })[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    for (;;) {
      const step = await orStopped(pieces.next(), signal);
      if (step === 'stopped') break;
      if (step.done === true) {
        isWhole = expected === undefined || sent === expected;
        break;
      }
      sent += step.value.length;
      const piece = step.value;
      await write(way, piece.length, piece, isOurs ? () => forgetSent(piece) : undefined);
    }
  } catch {
    // The mark tells.
  }
  await write(way, isWhole ? wholeMark : brokenMark);
}

/** Not `Promise.race`: a promise that lives on keeps all that it was raced against, which would be every piece. */
export async function orStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T | 'stopped'> {
  const { promise, resolve, reject } = Promise.withResolvers<T | 'stopped'>();
  const onAbort = (): void => resolve('stopped');
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  work.then(resolve, reject);
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function write(way: Duplex, mark: number, piece?: Buffer, onGone?: () => void): Promise<void> {
  // The other end is gone: whoever waits for an answer learns it there.
  if (way.destroyed || piece?.length === 0) return;
  const header = Buffer.allocUnsafe(headerBytes);
  header.writeUInt32BE(mark);
  way.cork();
  way.write(header);
  if (piece !== undefined) way.write(piece, onGone);
  way.uncork();
  if (way.writableNeedDrain) await roomOn(way);
}

export function createFrameReader(way: Duplex): FrameReader {
  const inbox = inboxOf(way);
  let held: Buffer = Buffer.alloc(0);
  /** Of the piece that is under way. */
  let left = 0;
  let mark: 'whole' | 'broken' | undefined;

  async function more(): Promise<void> {
    const bytes = await inbox.take();
    if (bytes === null) throw new Error('the other process is gone');
    held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
  }

  async function step(): Promise<Buffer | null> {
    while (left === 0) {
      if (mark === 'whole') return null;
      if (mark === 'broken') throw new Error('the bytes were broken off');
      while (held.length < headerBytes) await more();
      const header = held.readUInt32BE();
      held = held.subarray(headerBytes);
      if (header !== wholeMark && header !== brokenMark) {
        left = header;
        continue;
      }
      mark = header === wholeMark ? 'whole' : 'broken';
      // What arrived with the mark is the beginning of the next one's.
      inbox.giveBack(held);
      held = Buffer.alloc(0);
    }
    if (held.length === 0) await more();
    const piece = held.subarray(0, left);
    held = held.subarray(piece.length);
    left -= piece.length;
    return piece;
  }

  let last: Promise<unknown> = Promise.resolve();
  /** One after another: whoever stops waiting for a piece leaves a look that still takes it. */
  function inTurn(): Promise<Buffer | null> {
    const turn = last.then(step, step);
    last = turn.catch(() => undefined);
    return turn;
  }

  return {
    next: inTurn,
    async drain() {
      try {
        while ((await inTurn()) !== null);
      } catch {
        // Broken off, or nobody is there any more: it is over in any case.
      }
    },
  };
}

type Inbox = {
  /** What came next; null: nothing comes any more. One look at a time. */
  take(): Promise<Buffer | null>;
  giveBack(bytes: Buffer): void;
};
const inboxes = new WeakMap<Duplex, Inbox>();
const mostWaiting = 4;

/** What arrives on a way, once for all of its readers: listeners that come and go with each look would miss some. */
function inboxOf(way: Duplex): Inbox {
  const known = inboxes.get(way);
  if (known !== undefined) return known;
  const arrived: Buffer[] = [];
  let isOver = false;
  let wake: () => void = () => undefined;
  way.on('data', (bytes: Buffer) => {
    arrived.push(bytes);
    if (arrived.length >= mostWaiting) way.pause();
    wake();
  });
  for (const event of ['end', 'close', 'error'])
    way.once(event, () => {
      isOver = true;
      wake();
    });
  const inbox: Inbox = {
    giveBack(bytes) {
      if (bytes.length > 0) arrived.unshift(bytes);
    },
    async take() {
      for (;;) {
        const bytes = arrived.shift();
        if (bytes !== undefined) return bytes;
        if (isOver) return null;
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        way.resume();
        await promise;
      }
    },
  };
  inboxes.set(way, inbox);
  return inbox;
}

/** A stream of what is read; whoever destroys it early has `onEnd` called all the same. */
export function streamOf(reader: FrameReader, onEnd: () => void): Readable {
  return new Readable({
    highWaterMark: 256 * 1024,
    read() {
      reader.next().then(
        (piece) => this.push(piece),
        (error: unknown) => this.destroy(error as Error),
      );
    },
    destroy(error, done) {
      onEnd();
      done(error);
    },
  });
}

/** Until there is room again, or nobody reads any more. */
async function roomOn(way: Duplex): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const events = ['drain', 'close', 'error'];
  for (const each of events) way.once(each, resolve);
  await promise;
  for (const each of events) way.off(each, resolve);
}
