import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { AppError } from '#shared/errors.ts';
import type { Machine } from '../../core/machine.ts';
import { openOwner } from '../wire/connect.ts';
import { ServerError } from '../wire/link.ts';
import type { Wire } from '../wire/query.ts';
import { serverRefused } from '../engines/engine.ts';
import { asUser, askMariadb, wrapped } from '../engines/mariadb-server.ts';
import { getReady, type DatabaseRecord } from '../records.ts';
import { unseal } from '../seal.ts';
import { openCursor, sealCursor } from './cursor.ts';
import { cellsOf, keyOf, pageSql, structureOf, structureSql, tablesOf, tablesSql } from './mariadb-page.ts';
import { columnsShown, pageRows, tableUnknown, type RowsPage, type RowsWish } from './page.ts';
import { postgresqlPage, postgresqlTables, postgresqlTablesSql } from './postgresql-page.ts';

/*
 * Looking into a database as its own user, never as the superuser: what that user may not read is not shown, and nothing
 * can be written in a session that only reads.
 */

type Place = Pick<Machine, 'prefix' | 'stateFolder'>;

const patienceSeconds = 5;

type Session = (...statements: string[]) => Promise<string[][]>;

async function openSession(where: Place, { databaseId, name, user, password }: DatabaseRecord): Promise<Session> {
  const address = asUser(where, user, await unseal(where, databaseId, password));
  const begin = `set session transaction read only; set session max_statement_time = ${patienceSeconds};`;
  return async (...statements) => {
    try {
      return await askMariadb(where, [begin, ...statements.map(wrapped)].join('\n'), {
        address,
        database: name,
        timeoutMs: 15_000,
      });
    } catch (error) {
      throw isSlow(error) ? tooSlow(error) : error;
    }
  };
}

type Rows = Wire['rows'];

const postgresqlSettings = [
  `set statement_timeout = ${patienceSeconds * 1_000}`,
  // What a value looks like must not depend on what somebody has set for the account: keys come back as they went.
  `set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres'; set timezone = 'UTC'; set bytea_output = 'hex'; set extra_float_digits = 1`,
  // With a first query in it the transaction can never again be made one that writes.
  'begin isolation level repeatable read read only; select 1',
];

/** One session that only reads, over the server's own protocol: names and values never pass through a client. */
async function asPostgresql<T>(where: Machine, record: DatabaseRecord, work: (rows: Rows) => Promise<T>): Promise<T> {
  const wire = await openOwner(where, record);
  try {
    for (const setting of postgresqlSettings) await wire.prepare(setting);
    return await work(wire.rows);
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    throw error.code === '57014' ? tooSlow(error) : serverRefused(error.code, error);
  } finally {
    wire.close();
  }
}

/** ER_STATEMENT_TIMEOUT. */
const isSlow = (error: unknown): boolean =>
  error instanceof AppError && error.reason === 'database_server_refused' && Number(error.params['code']) === 1969;

function tooSlow(cause: unknown): AppError {
  return new AppError('timeout', 'The server took too long and was stopped.', { reason: 'database_query_slow', cause });
}

/** Throws `database_server_*`, `database_query_slow`. */
export async function listTables(
  where: Machine,
  { databaseId }: ActionParams<AgentActions['databases.tables']>,
): Promise<ActionResult<AgentActions['databases.tables']>> {
  const record = getReady(where, databaseId);
  if (record.engine === 'postgresql')
    return await asPostgresql(where, record, async (rows) => postgresqlTables(await rows(postgresqlTablesSql)));
  const session = await openSession(where, record);
  return tablesOf(await session(tablesSql));
}

/** Throws `database_table_unknown`, `database_cursor_invalid` besides. */
export async function readRows(
  where: Machine,
  { databaseId, table, after, order }: ActionParams<AgentActions['databases.rows']>,
): Promise<ActionResult<AgentActions['databases.rows']>> {
  const record = getReady(where, databaseId);
  const aboutOf = (key: RowsPage['key']): string => JSON.stringify([databaseId, table, order, key]);
  const wish: RowsWish = {
    table,
    order,
    from: async (key) => (after === null ? null : await openCursor(where, aboutOf(key), after)),
  };
  const { key, lastKey, ...page } =
    record.engine === 'postgresql'
      ? await asPostgresql(where, record, (rows) => postgresqlPage(rows, wish))
      : await mariadbPage(await openSession(where, record), wish);
  const next = lastKey === undefined ? null : await sealCursor(where, aboutOf(key), lastKey);
  return { ...page, next, hasKey: key !== undefined };
}

async function mariadbPage(session: Session, { table, order, from }: RowsWish): Promise<RowsPage> {
  const structure = structureOf(await session(...structureSql(table)), table);
  if (structure.columns.length === 0) throw tableUnknown();
  const key = keyOf(structure);
  const facts = key?.map(({ name, type }) => ({ name, type }));
  const columns = structure.columns.slice(0, columnsShown);
  const found = await session(pageSql(table, columns, key, await from(facts), order));
  const rows = found.slice(0, pageRows);
  const last = rows.at(-1);
  return {
    columns: columns.map(({ name, type, isNullable, isKey, extra, default: given }) => ({
      name,
      type,
      isNullable,
      isKey,
      default: given,
      extra,
    })),
    columnCount: structure.columns.length,
    indexes: structure.indexes,
    foreignKeys: structure.foreignKeys,
    rows: rows.map((row) => cellsOf(row.slice(0, columns.length))),
    key: facts,
    lastKey: key !== undefined && found.length > pageRows ? last?.slice(columns.length) : undefined,
  };
}
