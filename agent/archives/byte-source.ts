import { ArchiveError } from './archive-error.ts';

/** Pulls exact amounts out of a stream of chunks; holds one chunk at a time. */
export class ByteSource {
  readonly #chunks: AsyncIterator<Buffer>;
  #chunk: Buffer = Buffer.alloc(0);
  #isOver = false;
  /** Bytes handed out so far. */
  position = 0;

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** True when at least one byte is left. */
  async hasMore(): Promise<boolean> {
    while (this.#chunk.length === 0 && !this.#isOver) await this.#next();
    return this.#chunk.length > 0;
  }

  /** Up to `most` bytes, at least one; undefined at the end. */
  async some(most: number): Promise<Buffer | undefined> {
    if (this.#chunk.length === 0 && !(await this.hasMore())) return undefined;
    return this.#take(Math.min(most, this.#chunk.length));
  }

  /** Exactly `count` bytes; a stream that ends before is damaged. For small counts: they are put together in memory. */
  async exactly(count: number): Promise<Buffer> {
    if (this.#chunk.length >= count) return this.#take(count);
    const parts: Buffer[] = [];
    let missing = count;
    while (missing > 0) {
      const part = await this.some(missing);
      if (part === undefined) throw new ArchiveError('damaged', 'The archive ends too early.');
      parts.push(part);
      missing -= part.length;
    }
    return Buffer.concat(parts, count);
  }

  /** The bytes in hand without taking them, at least `count` unless the stream ends before. */
  async peek(count: number): Promise<Buffer> {
    while (this.#chunk.length < count && !this.#isOver) await this.#next();
    return this.#chunk.subarray(0, count);
  }

  /** Puts bytes back that were taken too much: the last ones that were handed out. */
  putBack(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#chunk = this.#chunk.length === 0 ? bytes : Buffer.concat([bytes, this.#chunk]);
    this.position -= bytes.length;
  }

  /** Everything that is left. */
  async *rest(): AsyncGenerator<Buffer> {
    for (;;) {
      const part = await this.some(Number.MAX_SAFE_INTEGER);
      if (part === undefined) return;
      yield part;
    }
  }

  /** Lets the stream behind go. */
  async close(): Promise<void> {
    this.#isOver = true;
    this.#chunk = Buffer.alloc(0);
    await this.#chunks.return?.();
  }

  #take(count: number): Buffer {
    const part = this.#chunk.subarray(0, count);
    this.#chunk = this.#chunk.subarray(count);
    this.position += count;
    return part;
  }

  async #next(): Promise<void> {
    const { value, done } = await this.#chunks.next();
    if (done === true) {
      this.#isOver = true;
      return;
    }
    this.#chunk = this.#chunk.length === 0 ? value : Buffer.concat([this.#chunk, value]);
  }
}
