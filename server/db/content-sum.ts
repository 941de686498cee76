import { createHash } from 'node:crypto';
import type { MoveTable, Row } from './move-tables.ts';

/** A value that no two engines keep alike, or that would change on its way. */
export class UnportableValueError extends Error {
  readonly table: string;
  readonly column: string;

  constructor(table: string, column: string, why: string) {
    super(`${table}.${column}: ${why}`);
    this.name = 'UnportableValueError';
    this.table = table;
    this.column = column;
  }
}

/** What a table holds, whatever the order of its rows. */
export type ContentSum = { readonly rows: number; readonly sum: string };
export type ContentCount = { add(row: Row): void; result(): ContentSum };

const modulus = 1n << 256n;

/**
 * The sum of the SHA-256 of every row, modulo 2^256: the same rows give the same sum in any order, and a row that is
 * missing, changed or there twice gives another one.
 */
export function countContent(table: MoveTable): ContentCount {
  let rows = 0;
  let sum = 0n;
  return {
    add(row) {
      rows += 1;
      const digest = createHash('sha256').update(canonicalRow(table, row)).digest('hex');
      sum = (sum + BigInt(`0x${digest}`)) % modulus;
    },
    result: () => ({ rows, sum: sum.toString(16).padStart(64, '0') }),
  };
}

/** The row as one text that is the same on every engine. Throws UnportableValueError. */
export function canonicalRow({ name, columns }: MoveTable, row: Row): string {
  return JSON.stringify(columns.map((column) => canonical(name, column, row[column])));
}

function canonical(table: string, column: string, value: unknown): unknown {
  if (value === null) return null;
  switch (typeof value) {
    case 'string':
      // PostgreSQL cannot keep it.
      if (value.includes('\0')) throw new UnportableValueError(table, column, 'a text holds the character NUL');
      return value;
    case 'number':
      if (!Number.isSafeInteger(value)) {
        throw new UnportableValueError(table, column, 'a number is not a whole one below 2^53');
      }
      return value;
    default:
      throw new UnportableValueError(table, column, `a value is neither text nor number but ${typeof value}`);
  }
}
