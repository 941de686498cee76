import { createHash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import type { DumpPart } from '../manifest.ts';
import { MariadbReader } from './mariadb-reader.ts';
import { PostgresReader } from './postgres-reader.ts';
import type { DumpReader } from './scanner-facts.ts';

export type ScannedFacts = Pick<DumpPart, 'bytes' | 'sha256' | 'tables' | 'counts'>;

/**
 * Passes a dump through unchanged and knows at its end what went through: bytes, SHA-256, rows and hash of each table,
 * and how many routines, triggers, views and events there are. `atEnd` runs before the end is passed on: when it
 * throws, the stream fails, so that nobody takes a part of a dump for a whole one.
 */
export class DumpScanner extends Transform {
  readonly #reader: DumpReader;
  readonly #hash = createHash('sha256');
  readonly #atEnd: (isComplete: boolean) => Promise<void>;
  #bytes = 0;
  /** When the last bytes came or went, epoch ms. */
  #movedAt = Date.now();

  constructor(reader: DumpReader, atEnd: (isComplete: boolean) => Promise<void> = async () => undefined) {
    super({ highWaterMark: 256 * 1024 });
    this.#reader = reader;
    this.#atEnd = atEnd;
  }

  /** How long nothing has come, in ms; 0 while the reader of this stream is the slow one. */
  get silentMs(): number {
    if (this.readableLength > 0) this.#movedAt = Date.now();
    return Date.now() - this.#movedAt;
  }

  /** Whole only after `atEnd`. */
  facts(): ScannedFacts {
    return { bytes: this.#bytes, sha256: this.#hash.copy().digest('hex'), ...this.#reader.content() };
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.#movedAt = Date.now();
    this.#bytes += chunk.length;
    this.#hash.update(chunk);
    this.#reader.read(chunk);
    done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    this.#atEnd(this.#reader.isComplete).then(
      () => done(),
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
    );
  }
}

export function readerFor(engine: 'mariadb' | 'postgresql'): DumpReader {
  return engine === 'mariadb' ? new MariadbReader() : new PostgresReader();
}
