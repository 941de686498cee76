/** The last bytes that a shell wrote, by their number since it began. */
export type Ring = {
  /** Number of the oldest byte that is kept. */
  readonly start: number;
  /** Number of the byte that comes next. */
  readonly end: number;
  push(chunk: Uint8Array): void;
  /** Fills `into` with what is kept from `from` on. Throws when not all of it is kept. */
  copy(from: number, into: Uint8Array): void;
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
    copy(from, into) {
      if (from < this.start || from + into.length > end) throw new RangeError('these bytes are not kept');
      const at = from % capacity;
      const first = bytes.subarray(at, Math.min(capacity, at + into.length));
      into.set(first);
      into.set(bytes.subarray(0, into.length - first.length), first.length);
    },
  };
}
