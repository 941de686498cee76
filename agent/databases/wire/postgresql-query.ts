import type { ConsoleResult } from '#shared/database-console.ts';
import type { TableCell } from '#shared/database-browse.ts';
import { MessageTooLong, ServerError, type Login } from './link.ts';
import { boundPostgresql, affectedBy } from './postgresql-bound.ts';
import { ended, errorOf, int16, int32, openPostgresql, valuesOf, type Message } from './postgresql.ts';
import { cellOf, collectRows, failed, mostMessageBytes, type QueryLimits, type Wire } from './query.ts';

/*
 * Statements of people go the extended way, where the server itself refuses more than one and hands out rows in portions.
 */

/** Throws `ServerError` when the account does not come in. */
export async function queryPostgresql(login: Login): Promise<Wire> {
  const { messages, cancel, close } = await openPostgresql(login, mostMessageBytes);

  async function stop(): Promise<void> {
    // The server may be gone.
    await cancel().catch(() => undefined);
    close();
  }

  /** Statements of our own, which have no values of others in them. */
  async function simple(sql: string): Promise<(string | null)[][]> {
    await messages.send('Q', ended(sql));
    const rows: (string | null)[][] = [];
    let refusal: ServerError | undefined;
    for (let each = await messages.read(); each.type !== 'Z'; each = await messages.read()) {
      if (each.type === 'E') refusal = errorOf(each.body);
      if (each.type === 'D') rows.push(valuesOf(each.body).map((value) => value?.toString('utf8') ?? null));
    }
    if (refusal !== undefined) throw refusal;
    return rows;
  }

  async function ask(sql: string, limits: QueryLimits): Promise<ConsoleResult> {
    await messages.send('P', ended(''), ended(sql), int16(0));
    await messages.send('B', ended(''), ended(''), int16(0), int16(0), int16(0));
    await messages.send('D', Buffer.from('P'), ended(''));
    await messages.send('E', ended(''), int32(limits.maxRows + 1));
    await messages.send('S');
    let columns: Column[] | undefined;
    let rows: ReturnType<typeof collectRows> | undefined;
    let result: ConsoleResult = { outcome: 'done', affectedRows: null };
    let refusal: ServerError | undefined;
    for (let isFull = false; ; ) {
      let each: Message;
      try {
        each = await messages.read();
      } catch (error) {
        if (!(error instanceof MessageTooLong) || rows === undefined) throw error;
        await stop();
        return rows.end('bytes');
      }
      const { type, body } = each;
      if (type === 'Z') break;
      if (type === 'E') refusal ??= errorOf(body);
      else if (type === 'T') {
        columns = columnsOf(body);
        rows = collectRows(columns, limits.maxRows, { bytes: 0 });
      } else if (type === 'D' && rows !== undefined && !isFull) {
        isFull = !rows.add(rowOf(body, columns ?? []));
        if (isFull && rows.end().outcome === 'rows' && rows.end().cut === 'bytes') {
          await stop();
          return rows.end();
        }
      } else if (type === 'C') result = { outcome: 'done', affectedRows: affectedBy(body) };
      else if (type === 'G') {
        refusal = new ServerError('0A000', 'COPY from the client is not possible here', 0, { isCopy: true });
        await messages.send('f', ended('not possible here'));
        await messages.send('S');
      } else if (type === 'H') {
        await stop();
        throw new ServerError('0A000', 'COPY to the client is not possible here', 0, { isCopy: true });
      }
    }
    if (refusal !== undefined) throw refusal;
    if (rows === undefined || columns === undefined) return result;
    await nameTypes(columns, simple);
    const shown = rows.end();
    return { ...shown, columns: columns.map(({ name, type }) => ({ name, type })) };
  }

  return {
    prepare: async (sql) => void (await simple(sql)),
    rows: simple,
    bound: (sql, values) => boundPostgresql(messages, sql, values),
    async query(sql, limits) {
      limits.signal.throwIfAborted();
      const onAbort = (): void => close();
      limits.signal.addEventListener('abort', onAbort, { once: true });
      try {
        return [await ask(sql, limits)];
      } catch (error) {
        if (error instanceof ServerError) return [failed(error)];
        throw error;
      } finally {
        limits.signal.removeEventListener('abort', onAbort);
      }
    },
    stop,
    close,
  };
}

type Column = { readonly name: string; type: string; readonly oid: number; readonly modifier: number };

const bytea = 17;

function columnsOf(body: Buffer): Column[] {
  const columns: Column[] = [];
  const count = body.readInt16BE(0);
  for (let at = 2; columns.length < count; ) {
    const end = body.indexOf(0, at);
    const name = body.toString('utf8', at, end);
    columns.push({ name, type: '', oid: body.readUInt32BE(end + 7), modifier: body.readInt32BE(end + 13) });
    at = end + 19;
  }
  return columns;
}

/** Numbers of types are different for types that somebody made. Not known in a transaction that has failed. */
async function nameTypes(columns: Column[], ask: (sql: string) => Promise<(string | null)[][]>): Promise<void> {
  if (columns.length === 0) return;
  const types = columns.map(({ oid, modifier }) => `pg_catalog.format_type(${oid}::oid, ${modifier})`);
  const [row = []] = await ask(`select pg_catalog.unnest(array[${types.join(', ')}]::text[])`).then(
    (rows) => [rows.map(([name]) => name)],
    () => [],
  );
  columns.forEach((column, at) => (column.type = row[at] ?? ''));
}

function rowOf(body: Buffer, columns: readonly Column[]): TableCell[] {
  return valuesOf(body).map((value, at) => {
    if (value === null) return null;
    if (columns[at]?.oid !== bytea) return cellOf(value, false);
    const text = value.toString('latin1');
    return cellOf(text.startsWith('\\x') ? Buffer.from(text.slice(2), 'hex') : value, true);
  });
}
