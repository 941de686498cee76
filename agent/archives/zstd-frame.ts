import { ArchiveError } from './archive-error.ts';

/*
 * Follows the outer structure of a Zstandard stream (RFC 8878) without decoding it: exactly one frame, a window that fits,
 * no dictionary, nothing behind it. The decoder itself would silently go on with further frames.
 */

type State = {
  readonly need: number;
  readonly take: (bytes: Buffer) => State;
};

const wrong = (message: string): ArchiveError => new ArchiveError('compression', message);

type Follower = {
  /** Answers how many bytes of the chunk belong to the frame: fewer than all when something follows it. */
  readonly feed: (chunk: Buffer) => number;
  readonly finish: () => void;
};

/** Takes the chunks of a stream one by one; `finish` throws when the frame is not complete. */
export function followZstdFrame(maxWindowBytes: number): Follower {
  let skip = 0;
  let gathered: Buffer[] = [];
  let gatheredBytes = 0;
  let hasChecksum = false;

  const over: State = { need: Number.POSITIVE_INFINITY, take: () => over };
  const blockHeader: State = {
    need: 3,
    take(bytes) {
      const header = bytes.readUIntLE(0, 3);
      const isLast = (header & 1) === 1;
      const type = (header >> 1) & 3;
      if (type === 3) throw new ArchiveError('damaged', 'The compressed stream has a block of an unknown type.');
      skip = (type === 1 ? 1 : header >> 3) + (isLast && hasChecksum ? 4 : 0);
      return isLast ? over : blockHeader;
    },
  };
  const frameHeader = (descriptor: number): State => {
    const sizeFlag = descriptor >> 6;
    const isSingle = (descriptor & 0x20) !== 0;
    const sizeBytes = sizeFlag === 0 ? (isSingle ? 1 : 0) : 2 ** sizeFlag;
    hasChecksum = (descriptor & 4) !== 0;
    if ((descriptor & 8) !== 0) throw wrong('The compressed stream uses a reserved bit.');
    if ((descriptor & 3) !== 0) throw wrong('The compressed stream needs a dictionary.');
    return {
      need: sizeBytes + (isSingle ? 0 : 1),
      take(bytes) {
        const window = isSingle ? readSize(bytes, sizeBytes) : windowOf(bytes[0] ?? 0);
        if (window > maxWindowBytes) throw wrong('The compressed stream asks for too much memory.');
        return blockHeader;
      },
    };
  };
  let state: State = {
    need: 5,
    take(bytes) {
      if (bytes.readUInt32LE(0) !== 0xfd2fb528) throw wrong('The compressed stream does not begin with a frame.');
      return frameHeader(bytes[4] ?? 0);
    },
  };

  return {
    feed(chunk) {
      let at = 0;
      while (at < chunk.length) {
        if (skip > 0) {
          const count = Math.min(skip, chunk.length - at);
          skip -= count;
          at += count;
          continue;
        }
        if (state === over) return at;
        const part = chunk.subarray(at, at + state.need - gatheredBytes);
        gathered.push(part);
        gatheredBytes += part.length;
        at += part.length;
        if (gatheredBytes < state.need) return at;
        const bytes = Buffer.concat(gathered);
        gathered = [];
        gatheredBytes = 0;
        state = state.take(bytes);
      }
      return at;
    },
    finish() {
      if (state !== over || skip > 0) throw new ArchiveError('damaged', 'The compressed stream ends too early.');
    },
  };
}

function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

function readSize(bytes: Buffer, count: number): number {
  if (count === 8) return Number(bytes.readBigUInt64LE(0));
  return bytes.readUIntLE(0, count) + (count === 2 ? 256 : 0);
}
