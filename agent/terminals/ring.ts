/** The last bytes that a shell wrote, by their number since it began. */
export type Ring = {
  /** Number of the oldest byte that is kept. */
  readonly start: number;
  /** Number of the byte that comes next. */
  readonly end: number;
  push(chunk: Uint8Array): void;
  /** A copy of what is kept from `from` on, `most` bytes of it. Throws when `from` is not kept. */
  read(from: number, most: number): Buffer;
};

export function createRing(capacity: number): Ring {
  const bytes = Buffer.alloc(capacity);
  let end = 0;
  return {
    get start() {
      return Math.max(0, end - capacity);
    },
    get end() {
      return end;
    },
    push(chunk) {
      const kept = chunk.subarray(Math.max(0, chunk.length - capacity));
      const at = (end + chunk.length - kept.length) % capacity;
      const first = kept.subarray(0, capacity - at);
      bytes.set(first, at);
      bytes.set(kept.subarray(first.length), 0);
      end += chunk.length;
    },
    read(from, most) {
      if (from < this.start || from > end) throw new RangeError('these bytes are not kept');
      const length = Math.min(most, end - from);
      const at = from % capacity;
      const first = bytes.subarray(at, Math.min(capacity, at + length));
      return Buffer.concat([first, bytes.subarray(0, length - first.length)]);
    },
  };
}
