import type { ExportWish } from '#shared/database-exports.ts';
import { AppError } from '#shared/errors.ts';
import type { Machine } from '../../core/machine.ts';
import { listTables } from '../browse/browse.ts';
import type { DatabaseRecord } from '../records.ts';

/** Which of the tables that are wished for are there, and which views no dump can hold. */
export async function findExported(
  machine: Pick<Machine, 'prefix' | 'stateFolder'>,
  { databaseId }: DatabaseRecord,
  { tables }: ExportWish,
): Promise<{ readonly tables: string[] | null; readonly leftOut: string[] }> {
  const { items, isCut } = await listTables(machine, { databaseId });
  const broken = new Set(items.flatMap(({ name, isBroken }) => (isBroken ? [name] : [])));
  if (tables === null) return { tables, leftOut: [...broken] };
  const there = new Set(items.map(({ name }) => name));
  const wanted = [...new Set(tables)];
  if (!isCut && !wanted.every((name) => there.has(name)))
    throw new AppError('not_found', 'There is no such table.', { reason: 'database_table_unknown' });
  const leftOut = wanted.filter((name) => broken.has(name));
  if (leftOut.length === wanted.length)
    throw new AppError('in_use', 'None of them can be read.', { reason: 'database_export_nothing' });
  return { tables: wanted.filter((name) => !broken.has(name)), leftOut };
}
