import { createHash } from 'node:crypto';
import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { RowValues } from '#shared/database-rows.ts';
import { AppError } from '#shared/errors.ts';
import type { Machine } from '../../core/machine.ts';
import { getReady } from '../records.ts';
import type { Bound } from '../wire/bound.ts';
import { ServerError } from '../wire/link.ts';
import { aboutRow } from './browse.ts';
import { openCursor } from './cursor.ts';
import { cellsOf, columnsShown, shownColumn, type Column, type Structure } from './page.ts';
import { explained, rowGone, valueField, warningsRefused } from './row-faults.ts';
import { withSession, type Session } from './session.ts';
import { boundOf } from './values.ts';

/*
 * One row, read whole and changed. A change is one transaction: the row is locked, compared with what the person saw, and
 * written; it is kept when the server says that it was this one row, and without a word of its own about the values.
 */

/** Of one value; of many columns less, so that no row grows beyond a million characters. */
const charactersOf = (columns: number): number => Math.max(1_000, Math.min(65_536, Math.floor(1_000_000 / columns)));

type Place = { readonly databaseId: string; readonly table: string; readonly row: string };
type Found = { readonly structure: Structure; readonly identity: readonly (string | null)[] };
type Condition = { readonly sql: string; readonly values: readonly Bound[] };

/** Throws `database_row_gone`, and whatever reading a page does. */
export function readRow(
  machine: Machine,
  place: ActionParams<AgentActions['databases.row']>,
): Promise<ActionResult<AgentActions['databases.row']>> {
  return withSession(machine, getReady(machine, place.databaseId), 'reading', async (session) => {
    const found = await findRow(machine, session, place);
    const { cells, version } = await look(session, found, '');
    return { columns: found.structure.columns.slice(0, columnsShown).map(shownColumn), cells, version };
  });
}

/**
 * Throws `database_row_changed`, `database_row_gone`, `database_row_*` for what the server does not take, and
 * `database_table_fixed` where rows are not changed. Nothing has changed then.
 */
export function changeRow(
  machine: Machine,
  { databaseId, table, change }: ActionParams<AgentActions['databases.change_row']>,
): Promise<Record<string, never>> {
  return withSession(machine, getReady(machine, databaseId), 'changing', async (session) => {
    const values = 'values' in change ? change.values : [];
    try {
      if (change.kind === 'insert') {
        const structure = await session.structureOf(table);
        mustBeEditable(structure);
        await insert(session, structure, values);
      } else {
        const found = await findRow(machine, session, { databaseId, table, row: change.row });
        mustBeEditable(found.structure);
        const { version } = await look(session, found, ' for update');
        if (version !== change.version)
          throw new AppError('changed_meanwhile', 'The row is no longer as it was shown.', {
            reason: 'database_row_changed',
          });
        await (change.kind === 'update' ? update(session, found, values) : remove(session, found));
      }
      await session.wire.prepare('commit');
      return {};
    } catch (error) {
      throw error instanceof ServerError ? await explained(session, error, values, table) : error;
    }
  });
}

function mustBeEditable({ editing }: Structure): void {
  if (editing !== 'possible')
    throw new AppError('in_use', 'Rows of this table are not changed here.', { reason: 'database_table_fixed' });
}

async function findRow(machine: Machine, session: Session, { databaseId, table, row }: Place): Promise<Found> {
  const structure = await session.structureOf(table);
  return { structure, identity: await openCursor(machine, aboutRow(databaseId, table, structure), row) };
}

/** `prefix`: of the columns. */
function conditionOf({ dialect }: Session, { structure, identity }: Found, prefix: string, before = 0): Condition {
  const columns = structure.identity ?? [];
  const parts = columns.map(
    (column, at) => `${prefix}${dialect.name(column.name)} = ${dialect.keyed(column, before + at + 1)}`,
  );
  return { sql: parts.join(' and '), values: columns.map((column, at) => dialect.bound(column, identity[at] ?? '')) };
}

async function look(session: Session, found: Found, lock: string) {
  const { dialect, ask } = session;
  const { columns, table } = found.structure;
  const shown = columns.slice(0, columnsShown);
  const cells = shown.flatMap((column) => dialect.cell(column, charactersOf(shown.length)));
  const { sql, values } = conditionOf(session, found, 'r.');
  const rows = await ask(
    `select ${[...cells, ...columns.map(dialect.digest)].join(', ')} from ${table} as r where ${sql}${lock}`,
    values,
  );
  const [row] = rows;
  if (row === undefined || rows.length > 1) throw rowGone();
  const digests = row.slice(cells.length);
  const facts = columns.map(({ name, type }, at) => [name, type, digests[at] ?? null]);
  const version = createHash('sha256').update(JSON.stringify(facts)).digest('hex');
  return { cells: cellsOf(shown, row), version };
}

type Written = { readonly column: Column; readonly value: Bound };

/** Throws `row_value_*` and `database_column_*` as errors of fields. */
function writtenOf({ dialect }: Session, { columns }: Structure, values: RowValues): Written[] {
  return values.map((each, at) => {
    const column = columns.find(({ name }) => name === each.column);
    return { column: column as Column, value: boundOf(dialect, column, each.value, valueField(at)) };
  });
}

async function insert(session: Session, structure: Structure, values: RowValues): Promise<void> {
  const { dialect } = session;
  const written = writtenOf(session, structure, values);
  const names = written.map(({ column }) => dialect.name(column.name)).join(', ');
  const places = written.map((_, at) => dialect.placed(at + 1)).join(', ');
  const isEmpty = written.length === 0 && dialect.comparesRows;
  await write(
    session,
    `insert into ${structure.table} ${isEmpty ? 'default values' : `(${names}) values (${places})`}`,
    written.map(({ value }) => value),
    values,
    1,
  );
}

async function update(session: Session, found: Found, values: RowValues): Promise<void> {
  const { dialect } = session;
  const written = writtenOf(session, found.structure, values);
  const sets = written.map(({ column }, at) => `${dialect.name(column.name)} = ${dialect.placed(at + 1)}`).join(', ');
  const condition = conditionOf(session, found, '', written.length);
  await write(
    session,
    `update ${found.structure.table} set ${sets} where ${condition.sql}`,
    [...written.map(({ value }) => value), ...condition.values],
    values,
    // MariaDB counts none where the row was like that already.
    dialect.comparesRows ? 1 : 0,
  );
}

async function remove(session: Session, found: Found): Promise<void> {
  const { sql, values } = conditionOf(session, found, '');
  await write(session, `delete from ${found.structure.table} where ${sql}`, values, [], 1);
}

async function write(
  session: Session,
  sql: string,
  bound: readonly Bound[],
  values: RowValues,
  least: number,
): Promise<void> {
  const { affectedRows, warnings } = await session.wire.bound(sql, bound);
  if (warnings > 0) await warningsRefused(session, values);
  if (affectedRows === null || affectedRows < least || affectedRows > 1)
    throw new AppError('in_use', 'The server did something else than this one row.', {
      reason: 'database_row_not_one',
    });
}
