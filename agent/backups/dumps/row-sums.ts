import { createHash, type Hash } from 'node:crypto';

/**
 * What rows a table has, whatever their order: the sum of the hashes of its rows. Slow, for the few tables whose rows a
 * server need not give in the same order twice (no primary key, or an engine that fills holes).
 */
export class RowSums {
  readonly #tables: ReadonlySet<string>;
  readonly #sums = new Map<string, bigint>();
  #row: Hash | undefined;

  constructor(tables: Iterable<string>) {
    this.#tables = new Set(tables);
  }

  /** Sum of each table, as text. */
  list(): string[] {
    return [...this.#sums].map(([name, sum]) => `${JSON.stringify(name)} ${sum.toString(16)}`).sort();
  }

  wants(table: string): boolean {
    return this.#tables.has(table);
  }

  /** Bytes of a row that may go on in the next piece. */
  add(bytes: Buffer): void {
    this.#row ??= createHash('sha256');
    this.#row.update(bytes);
  }

  endRow(table: string): void {
    const hash = (this.#row ?? createHash('sha256')).digest('hex');
    this.#row = undefined;
    this.#sums.set(table, BigInt.asUintN(256, (this.#sums.get(table) ?? 0n) + BigInt(`0x${hash}`)));
  }
}
