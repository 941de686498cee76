import { sql } from 'kysely';
import { countContent, UnportableValueError, type ContentSum } from './content-sum.ts';
import { migrateToLatest, pendingMigrations } from './migrate.ts';
import { isMoveUnfinished, moveMark } from './move-mark.ts';
import { readPages, readTables, type AnyDb, type EngineName, type MoveTable, type Row } from './move-tables.ts';
import { openDatabaseOf } from './registry.ts';
import type { Db } from './schema.ts';

/** Why a move did not happen. The source is as it was in every case. */
export const moveFaults = [
  'content_differs',
  'same_database',
  'source_not_migrated',
  'target_foreign',
  'target_not_empty',
  'target_unfinished',
  'value_unportable',
] as const;
export type MoveFault = (typeof moveFaults)[number];

export class MoveError extends Error {
  readonly fault: MoveFault;
  readonly detail: string;

  constructor(fault: MoveFault, detail: string, cause?: unknown) {
    super(`${fault}: ${detail}`, cause === undefined ? undefined : { cause });
    this.name = 'MoveError';
    this.fault = fault;
    this.detail = detail;
  }
}

export type MovedTable = ContentSum & { readonly table: string };

export type MoveOptions = {
  /** Empties what an unfinished move left in the target. */
  readonly isAgain?: boolean;
  /** Called after each page. */
  readonly onProgress?: (table: string, rows: number) => void;
};

const pageRows = 500;
/** Below every engine's limit of parameters in one statement, and of bytes in one packet. */
const maxParameters = 30_000;
const maxBatchBytes = 4 * 1024 * 1024;

/**
 * Copies everything the panel keeps from one database into another, empty one, and compares both. The source is read in
 * one transaction and never written. Until the comparison went well the target carries a mark. Throws MoveError.
 */
export async function moveDatabase(source: Db, target: Db, options: MoveOptions = {}): Promise<MovedTable[]> {
  const from = openDatabaseOf(source).database;
  const to = openDatabaseOf(target).database;
  if (placeOf(from) === placeOf(to)) throw new MoveError('same_database', placeOf(to));
  if ((await pendingMigrations(source)).length > 0) throw new MoveError('source_not_migrated', placeOf(from));
  await prepareTarget(target, to.type, options.isAgain === true);
  const tables = await comparedTables(source, from.type, target, to.type);
  const before = await copyAll(source, from.type, target, tables, options);
  const after = await countAll(target, tables);
  for (const { table, rows, sum } of before) {
    const copied = after.find((each) => each.table === table);
    if (copied?.rows !== rows || copied.sum !== sum) throw new MoveError('content_differs', table);
  }
  await target.deleteFrom('setting').where('name', '=', moveMark).execute();
  return before;
}

const anyDb = (db: Db) => db as unknown as AnyDb;

type Place = {
  readonly type: EngineName;
  readonly path?: string;
  readonly host?: string;
  readonly port?: number;
  readonly socketPath?: string | null;
  readonly name?: string;
};

function placeOf({ type, path, host, port, socketPath, name }: Place): string {
  return type === 'sqlite'
    ? `sqlite ${path ?? ''}`
    : `${type} ${socketPath ?? `${host ?? ''}:${port ?? ''}`}/${name ?? ''}`;
}

async function prepareTarget(target: Db, engine: EngineName, isAgain: boolean): Promise<void> {
  const isNew = (await anyDb(target).introspection.getTables()).length === 0;
  if (!isNew) {
    const pending = await pendingMigrations(target).catch((error: unknown) => {
      throw new MoveError('target_foreign', 'history', error);
    });
    if (pending.length > 0) throw new MoveError('target_foreign', pending.join(', '));
    await emptyTarget(target, engine, isAgain);
  }
  await migrateToLatest(target);
  const mark = { name: moveMark, value_json: '"unfinished"', updated_at: Date.now() };
  await target.insertInto('setting').values(mark).execute();
}

/** An up to date database without a row is as good as a new one; what an unfinished move left goes when that was asked. */
async function emptyTarget(target: Db, engine: EngineName, isAgain: boolean): Promise<void> {
  const tables = await readTables(anyDb(target), engine);
  const filled: MoveTable[] = [];
  for (const table of tables) {
    const { rows } = await sql`select 1 from ${sql.table(table.name)} limit 1`.execute(target);
    if (rows.length > 0) filled.push(table);
  }
  if (filled.length === 0) return;
  if (!(await isMoveUnfinished(target))) {
    throw new MoveError('target_not_empty', filled.map(({ name }) => name).join(', '));
  }
  if (!isAgain) throw new MoveError('target_unfinished', '--again');
  // The mark goes last.
  const order = filled.toReversed().toSorted((a, b) => Number(a.name === 'setting') - Number(b.name === 'setting'));
  for (const { name } of order) await sql`delete from ${sql.table(name)}`.execute(target);
}

async function comparedTables(source: Db, from: EngineName, target: Db, to: EngineName): Promise<MoveTable[]> {
  const wanted = await readTables(anyDb(source), from);
  const there = new Map((await readTables(anyDb(target), to)).map((table) => [table.name, table]));
  for (const table of wanted) {
    if (there.get(table.name)?.columns.join() !== table.columns.join()) {
      throw new MoveError('target_foreign', table.name);
    }
  }
  return wanted;
}

async function copyAll(
  source: Db,
  engine: EngineName,
  target: Db,
  tables: readonly MoveTable[],
  { onProgress }: MoveOptions,
): Promise<MovedTable[]> {
  const read = source.transaction();
  // SQLite's own transaction keeps every writer out; the servers give one picture of the moment.
  const transaction = engine === 'sqlite' ? read : read.setIsolationLevel('repeatable read').setAccessMode('read only');
  return await transaction.execute(async (snapshot) => {
    const moved: MovedTable[] = [];
    for (const table of tables) {
      const count = countContent(table);
      let rows = 0;
      for await (const page of readPages(anyDb(snapshot), table, pageRows)) {
        for (const row of page) portable(() => count.add(row));
        for (const batch of batchesOf(table, page)) await insertRows(target, table, batch);
        rows += page.length;
        onProgress?.(table.name, rows);
      }
      moved.push({ table: table.name, ...count.result() });
    }
    return moved;
  });
}

async function countAll(target: Db, tables: readonly MoveTable[]): Promise<MovedTable[]> {
  const counted: MovedTable[] = [];
  for (const table of tables) {
    const count = countContent(table);
    for await (const page of readPages(anyDb(target), table, pageRows)) {
      for (const row of page) {
        const isMark = table.name === 'setting' && row['name'] === moveMark;
        if (!isMark) portable(() => count.add(row));
      }
    }
    counted.push({ table: table.name, ...count.result() });
  }
  return counted;
}

function portable(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (error instanceof UnportableValueError) throw new MoveError('value_unportable', error.message, error);
    throw error;
  }
}

function* batchesOf(table: MoveTable, page: readonly Row[]): Generator<Row[]> {
  const maxRows = Math.max(1, Math.floor(maxParameters / table.columns.length));
  let batch: Row[] = [];
  let bytes = 0;
  for (const row of page) {
    const size = Object.values(row).reduce<number>(
      (sum, value) => sum + (typeof value === 'string' ? value.length * 3 : 8),
      0,
    );
    if (batch.length > 0 && (batch.length >= maxRows || bytes + size > maxBatchBytes)) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(row);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

async function insertRows(target: Db, table: MoveTable, rows: readonly Row[]): Promise<void> {
  const columns = sql.join(table.columns.map((column) => sql.ref(column)));
  const values = sql.join(rows.map((row) => sql`(${sql.join(table.columns.map((column) => row[column]))})`));
  await sql`insert into ${sql.table(table.name)} (${columns}) values ${values}`.execute(target);
}
