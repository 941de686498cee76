import { createHash, type Hash } from 'node:crypto';
import type { DumpPart } from '../manifest.ts';

/** What a scanner knows of a dump: the part of the manifest that a proof compares. */
export type DumpContent = Pick<DumpPart, 'tables' | 'counts'>;

/** Reads a dump piece by piece, in constant memory, and counts what is in it. */
export type DumpReader = {
  read(chunk: Buffer): void;
  /** Whether the last line was the one that the tool writes when it got to its end. */
  readonly isComplete: boolean;
  content(): DumpContent;
};

/** Rows and the hash of the data lines of each table, in the order of the dump. */
export class TableSums {
  readonly #sums = new Map<string, { rows: number; hash: Hash }>();

  /** The table, known from now on also when no row comes. */
  at(name: string): { rows: number; readonly hash: Hash } {
    const known = this.#sums.get(name);
    if (known !== undefined) return known;
    const made = { rows: 0, hash: createHash('sha256') };
    this.#sums.set(name, made);
    return made;
  }

  remove(name: string): void {
    this.#sums.delete(name);
  }

  list(): DumpContent['tables'] {
    return [...this.#sums].map(([name, { rows, hash }]) => ({ name, rows, sha256: hash.copy().digest('hex') }));
  }
}

/** First parts of a statement: a word in capitals, a quoted name, or one sign. */
export type Token = { readonly kind: 'word' | 'name' | 'sign'; readonly text: string };

/** Enough to know what any statement of a dump is. */
export const maxTokens = 24;
/** Names have at most 64 characters; more is no name that we look for. */
export const maxTokenBytes = 1024;

export function wordAt(tokens: readonly Token[], index: number): string {
  const token = tokens[index];
  return token?.kind === 'word' ? token.text : '';
}
