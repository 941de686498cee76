import type { Duplex } from 'node:stream';
import { consoleLimits, type ConsoleResult, type ConsoleRows } from '#shared/database-console.ts';
import type { TableCell } from '#shared/database-browse.ts';

/*
 * What both wire protocols share. They are spoken here, and not by the servers' own clients, because a client reads files
 * and starts programs when what it sends tells it so; this code can do neither.
 */

export type QueryLimits = { readonly maxRows: number; readonly signal: AbortSignal };

/** One connection as one account. */
export type Wire = {
  /** Statements of our own. Throws WireRefusal. */
  readonly prepare: (sql: string) => Promise<void>;
  /** Rows of a statement of our own, each value as text. Throws WireRefusal. */
  readonly rows: (sql: string) => Promise<(string | null)[][]>;
  /** One statement of somebody's. What the server refuses is a result; an abort closes the connection. */
  readonly query: (sql: string, limits: QueryLimits) => Promise<ConsoleResult[]>;
  /** Over a second connection: the server stops what this one has it do. Never throws. */
  readonly stop: () => Promise<void>;
  readonly close: () => void;
};

/** The server's own words are for the person whose statement it was, and for nobody's log. */
export class WireRefusal extends Error {
  readonly code: string;
  readonly position: number | null;
  /** The server has asked for, or offered, the content of a file. */
  readonly isCopy: boolean;

  constructor(code: string, text: string, position: number | null = null, isCopy = false) {
    super(text);
    this.name = 'WireRefusal';
    this.code = code;
    this.position = position;
    this.isCopy = isCopy;
  }
}

/** The other side has ended the connection, or speaks something else. */
export class WireBroken extends Error {}

export function failed({ code, message, position, isCopy }: WireRefusal): ConsoleResult {
  return {
    outcome: 'failed',
    code,
    message: message.slice(0, 4_000),
    position,
    why: isCopy ? 'copy' : 'other',
  };
}

/** Exactly as many bytes as are asked for, from a stream that flows no faster than it is read. */
export function createReader(socket: Duplex): { readonly read: (length: number) => Promise<Buffer> } {
  const chunks = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let rest: Buffer = Buffer.alloc(0);
  return {
    async read(length) {
      if (rest.length < length) {
        const parts = [rest];
        let size = rest.length;
        while (size < length) {
          const { value, done } = await chunks.next();
          if (done === true) throw new WireBroken('the connection has ended');
          parts.push(value);
          size += value.length;
        }
        rest = Buffer.concat(parts, size);
      }
      const piece = rest.subarray(0, length);
      rest = rest.subarray(length);
      return piece;
    },
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
