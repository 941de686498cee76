import type { Socket } from 'node:net';

/** Held before the server is no longer read from. */
const mostHeld = 1024 * 1024;

/** Exact amounts out of a socket. Whoever waits is told when the connection ends. */
export class ByteReader {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #heldBytes = 0;
  #over: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#heldBytes += chunk.length;
      if (this.#heldBytes > mostHeld) socket.pause();
      this.#wake?.();
    });
    const end = (error?: Error): void => {
      this.#over ??= error ?? new Error('the connection has ended');
      this.#wake?.();
    };
    socket.once('error', end);
    socket.once('close', () => end());
  }

  /** Whether the server has said something that nobody has read yet. */
  get hasSome(): boolean {
    return this.#heldBytes > 0;
  }

  /** Exactly so many bytes. Rejects when the connection ends before. */
  async take(count: number): Promise<Buffer> {
    while (this.#heldBytes < count) {
      if (this.#over !== undefined) throw this.#over;
      this.#socket.resume();
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = undefined;
    }
    return this.#cut(count);
  }

  #cut(count: number): Buffer {
    const first = this.#chunks[0] ?? Buffer.alloc(0);
    this.#heldBytes -= count;
    if (first.length > count) {
      this.#chunks[0] = first.subarray(count);
      return first.subarray(0, count);
    }
    const parts: Buffer[] = [];
    let missing = count;
    while (missing > 0) {
      const part = this.#chunks[0] ?? Buffer.alloc(0);
      if (part.length > missing) {
        parts.push(part.subarray(0, missing));
        this.#chunks[0] = part.subarray(missing);
        break;
      }
      parts.push(part);
      this.#chunks.shift();
      missing -= part.length;
    }
    return parts.length === 1 ? (parts[0] ?? first) : Buffer.concat(parts, count);
  }
}
