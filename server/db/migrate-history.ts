import type { Kysely } from 'kysely';
import { addColumn, createTable, type MigrationDb } from './ddl.ts';
import { byName, currentChecksum, type Migration } from './migrate-source.ts';
import type { Db } from './schema.ts';

/*
 * What was executed on a database. The table is the one that Kysely's migrator made in the first versions, with more
 * columns: such databases are taken over as they are, and an older panel can still read it.
 */

type HistoryTables = {
  schema_migration: {
    name: string;
    /** ISO 8601 */
    timestamp: string;
    /** null: executed by a version that kept none; filled in by the next `up`. */
    checksum: string | null;
    duration_ms: number | null;
    tool_version: string | null;
    /** null is done. The others are steps that stopped half-way where the engine takes nothing back. */
    state: 'running' | 'undoing' | null;
  };
};

export type Executed = HistoryTables['schema_migration'];

export type ProblemKind = 'newer' | 'gone' | 'edited' | 'order';
export type Problem = { readonly kind: ProblemKind; readonly name: string };

const words: Readonly<Record<ProblemKind, string>> = {
  newer: 'was executed by a newer version of the panel',
  gone: 'was executed and is no part of this version any more',
  edited: 'was changed after it was executed',
  order: 'was never executed, but later ones were',
};

/** The database was made by a newer version of the panel, or its history is broken. Nothing was changed. */
export class MigrationHistoryError extends Error {
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    const list = problems.map(({ kind, name }) => `${name} ${words[kind]}`).join('; ');
    super(`the database does not fit this version of the panel: ${list}`);
    this.name = 'MigrationHistoryError';
    this.problems = problems;
  }
}

export function historyOf(db: Db | MigrationDb): Kysely<HistoryTables> {
  return db as unknown as Kysely<HistoryTables>;
}

/** Executed migrations by name; none where the table is not there yet. Writes nothing. */
export async function readHistory(db: Db | MigrationDb): Promise<Executed[]> {
  try {
    const rows: Partial<Executed>[] = await historyOf(db).selectFrom('schema_migration').selectAll().execute();
    return rows
      .map(({ name = '', timestamp = '', checksum, duration_ms, tool_version, state }) => ({
        name,
        timestamp,
        checksum: checksum ?? null,
        duration_ms: duration_ms ?? null,
        tool_version: tool_version ?? null,
        state: state ?? null,
      }))
      .toSorted(byName);
  } catch (error) {
    if (isMissingTable(error)) return [];
    throw error;
  }
}

/** Makes the table, or gives an older one its new columns. */
export async function ensureHistory(db: MigrationDb): Promise<void> {
  await createTable(db, 'schema_migration')
    .addColumn('name', 'varchar(255)', (column) => column.notNull().primaryKey())
    .addColumn('timestamp', 'varchar(255)', (column) => column.notNull())
    .execute();
  await addColumn(db, 'schema_migration', 'checksum', 'varchar(64)');
  await addColumn(db, 'schema_migration', 'duration_ms', 'bigint');
  await addColumn(db, 'schema_migration', 'tool_version', 'varchar(32)');
  await addColumn(db, 'schema_migration', 'state', 'varchar(16)');
}

/** Everything that is wrong between what was executed and what this version knows. */
export function problemsOf(executed: readonly Executed[], known: readonly Migration[]): Problem[] {
  const byKnownName = new Map(known.map((migration) => [migration.name, migration]));
  const lastKnown = known.at(-1)?.name ?? '';
  const lastExecuted = executed.at(-1)?.name ?? '';
  const done = new Set(executed.map(({ name }) => name));
  const foreign = executed.flatMap(({ name, checksum, state }): Problem[] => {
    const migration = byKnownName.get(name);
    if (migration === undefined) return [{ kind: name > lastKnown ? 'newer' : 'gone', name }];
    // A step that stopped half-way may be the very one that needs mending.
    const isEdited = checksum !== null && state === null && checksum !== currentChecksum(migration);
    return isEdited ? [{ kind: 'edited', name }] : [];
  });
  const late = known
    .filter(({ name }) => !done.has(name) && name < lastExecuted)
    .map(({ name }): Problem => ({ kind: 'order', name }));
  return [...foreign, ...late];
}

/** Not executed, or stopped half-way. */
export function pendingOf(executed: readonly Executed[], known: readonly Migration[]): Migration[] {
  const done = new Set(executed.filter(({ state }) => state === null).map(({ name }) => name));
  return known.filter(({ name }) => !done.has(name));
}

/** Gives rows of older versions the checksum of what this version carries under their names. */
export async function adoptChecksums(db: MigrationDb, known: readonly Migration[]): Promise<void> {
  for (const migration of known) {
    await historyOf(db)
      .updateTable('schema_migration')
      .set({ checksum: currentChecksum(migration) })
      .where('name', '=', migration.name)
      .where('checksum', 'is', null)
      .execute();
  }
}

/** Writes or replaces the row of one migration. */
export async function record(db: MigrationDb, row: Executed): Promise<void> {
  await forget(db, row.name);
  await historyOf(db).insertInto('schema_migration').values(row).execute();
}

export async function setState(db: MigrationDb, name: string, state: Executed['state']): Promise<void> {
  await historyOf(db).updateTable('schema_migration').set({ state }).where('name', '=', name).execute();
}

export async function forget(db: MigrationDb, name: string): Promise<void> {
  await historyOf(db).deleteFrom('schema_migration').where('name', '=', name).execute();
}

/** SQLite says it in words only; PostgreSQL undefined_table; MySQL ER_NO_SUCH_TABLE. */
export function isMissingTable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errno } = error as { code?: unknown; errno?: unknown };
  return code === '42P01' || errno === 1146 || error.message.startsWith('no such table');
}
