import { consoleLimits, type ConsoleResult, type ConsoleRows } from '#shared/database-console.ts';
import type { TableCell } from '#shared/database-browse.ts';
import type { Bound, BoundAnswer } from './bound.ts';
import type { ServerError } from './link.ts';

/* One statement at a time whose rows are wanted, within limits: what both servers share. */

export type QueryLimits = { readonly maxRows: number; readonly signal: AbortSignal };

/** One connection as one account. */
export type Wire = {
  /** Statements of our own. Throws ServerError. */
  readonly prepare: (sql: string) => Promise<void>;
  /** Rows of a statement of our own, each value as text. Throws ServerError. */
  readonly rows: (sql: string) => Promise<(string | null)[][]>;
  /** A statement of our own with values of somebody's: `?` (MariaDB) or `$1` (PostgreSQL) in it. Throws ServerError. */
  readonly bound: (sql: string, values: readonly Bound[]) => Promise<BoundAnswer>;
  /** One statement of somebody's. What the server refuses is a result; an abort closes the connection. */
  readonly query: (sql: string, limits: QueryLimits) => Promise<ConsoleResult[]>;
  /** Over a second connection: the server stops what this one has it do. Never throws. */
  readonly stop: () => Promise<void>;
  readonly close: () => void;
};

/** The server's own words are for the person whose statement it was, and for nobody's log. */
export function failed({ code, message, more: { character, hint, isCopy } }: ServerError): ConsoleResult {
  return {
    outcome: 'failed',
    code,
    message: (hint === undefined ? message : `${message}\n${hint}`).slice(0, 4_000),
    position: character ?? null,
    why: isCopy === true ? 'copy' : 'other',
  };
}

/** A single message may be this long; a longer row ends its result. */
export const mostMessageBytes = consoleLimits.bytes;

/** Whether the bytes of a value are text is known by its column. */
export function cellOf(bytes: Buffer, isBinary: boolean): TableCell {
  const most = consoleLimits.cell;
  if (isBinary) return { text: bytes.toString('hex', 0, most).toUpperCase(), isBinary, length: bytes.length };
  const text = bytes.toString('utf8');
  if (text.length <= most) return text;
  const end = most - (/[\ud800-\udbff]/.test(text.charAt(most - 1)) ? 1 : 0);
  return { text: text.slice(0, end), isBinary, length: text.length };
}

/** Collects rows until one of the limits is met. `add` answers false when no more is wanted. */
export function collectRows(
  columns: ConsoleRows['columns'],
  maxRows: number,
  before: { bytes: number },
): { readonly add: (row: TableCell[]) => boolean; readonly end: (cut?: 'bytes') => ConsoleRows } {
  const rows: TableCell[][] = [];
  let cut: ConsoleRows['cut'] = null;
  return {
    add(row) {
      if (rows.length >= maxRows) {
        cut = 'rows';
        return false;
      }
      before.bytes += Buffer.byteLength(JSON.stringify(row));
      if (before.bytes > consoleLimits.bytes) {
        cut = 'bytes';
        return false;
      }
      rows.push(row);
      return true;
    },
    end: (given) => ({ outcome: 'rows', columns, rows, cut: given ?? cut }),
  };
}
