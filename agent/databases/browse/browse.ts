import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { AppError } from '#shared/errors.ts';
import type { Machine } from '../../core/machine.ts';
import { getReady } from '../records.ts';
import { ServerError } from '../wire/link.ts';
import { openCursor, sealCursor } from './cursor.ts';
import { tablesOf, tablesSql } from './mariadb-structure.ts';
import { factsOf, readPage, type RowsPage, type Structure } from './page.ts';
import { postgresqlTables, postgresqlTablesSql } from './postgresql-structure.ts';
import { isNotComparable } from './row-faults.ts';
import { withSession } from './session.ts';

/*
 * Looking into a database as its own user: what that user may not read is not shown, and nothing can be written in a
 * session that only reads.
 */

/** Throws `database_server_*`, `database_query_slow`. */
export function listTables(
  machine: Pick<Machine, 'prefix' | 'stateFolder'>,
  { databaseId }: ActionParams<AgentActions['databases.tables']>,
): Promise<ActionResult<AgentActions['databases.tables']>> {
  const record = getReady(machine, databaseId);
  return withSession(machine, record, 'reading', async ({ ask }) =>
    record.engine === 'mariadb' ? tablesOf(await ask(tablesSql)) : postgresqlTables(await ask(postgresqlTablesSql)),
  );
}

/** Throws `database_table_unknown`, `database_cursor_invalid`, `database_filter_invalid` and errors of fields besides. */
export function readRows(
  machine: Machine,
  { databaseId, table, after, order, sort, filters }: ActionParams<AgentActions['databases.rows']>,
): Promise<ActionResult<AgentActions['databases.rows']>> {
  const aboutOf = (key: RowsPage['key']): string => aboutPage({ databaseId, table, order, filters }, key);
  return withSession(machine, getReady(machine, databaseId), 'reading', async ({ ask, dialect, structureOf }) => {
    const structure = await structureOf(table);
    const { key, lastKey, identities, ...page } = await readPage(ask, dialect, structure, {
      order,
      sort,
      filters,
      from: async (facts) => (after === null ? null : await openCursor(machine, aboutOf(facts), after)),
    }).catch((error: unknown) => {
      throw filters.length > 0 && error instanceof ServerError && isNotComparable(error.code) ? unfit(error) : error;
    });
    const next = lastKey === undefined ? null : await sealCursor(machine, aboutOf(key), lastKey);
    const about = aboutRow(databaseId, table, structure);
    const refs = await Promise.all(identities.map((each) => sealCursor(machine, about, each)));
    return { ...page, refs, next, hasKey: key !== undefined };
  });
}

const unfit = (cause: unknown): AppError =>
  new AppError('invalid_request', 'A value cannot be compared with its column.', {
    reason: 'database_filter_invalid',
    cause,
  });

/** What the beginning of a page is good for. */
export function aboutPage(
  wish: Pick<ActionParams<AgentActions['databases.rows']>, 'databaseId' | 'table' | 'order' | 'filters'>,
  key: RowsPage['key'],
): string {
  const { databaseId, table, order, filters } = wish;
  return JSON.stringify([databaseId, table, order, key, ...(filters.length === 0 ? [] : [filters])]);
}

/** What the reference of a row is good for. */
export const aboutRow = (databaseId: string, table: string, { identity }: Pick<Structure, 'identity'>): string =>
  JSON.stringify([databaseId, table, 'row', factsOf(identity)]);
