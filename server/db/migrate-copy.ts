import { chmodSync, closeSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import type { MigrationDb } from './ddl.ts';
import type { Safety } from './migrate.ts';
import { checkForeignKeys } from './migrate-step.ts';

/** Copies from before a migration that are kept, the newest ones. */
export const keptCopies = 3;

/** `before-0006_name-20261127T041500Z.db`: sorts by time within one name, and says what it is. */
export function copyName(names: readonly string[], extension: string, at: Date): string {
  const time = at.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return `${time}-before-${names[0] ?? 'migration'}.${extension}`;
}

/** Takes the oldest copies of this folder away. */
export function dropOldCopies(folder: string): void {
  const copies = readdirSync(folder).filter((name) => /^\d{8}T\d{6}Z-before-/.test(name));
  for (const name of copies.sort().slice(0, -keptCopies)) rmSync(join(folder, name), { force: true });
}

/**
 * A whole copy of a SQLite database by SQLite itself, read again and checked before the first step; put back when a step
 * or the check afterwards fails. Where another process has written meanwhile and only a step failed, the database stays at
 * the last whole step instead: putting the copy back would lose what was written.
 */
export function sqliteSafety(path: string, folder: string, onCopy: (path: string) => void = () => undefined): Safety {
  let copy: string | undefined;
  let version = 0;
  return {
    async before(db, names) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const target = join(folder, copyName(names, 'db', new Date()));
      // Made first: SQLite would make it readable for everybody.
      closeSync(openSync(target, 'w', 0o600));
      try {
        await sql`vacuum into ${target}`.execute(db);
        chmodSync(target, 0o600);
        checkCopy(target);
      } catch (error) {
        rmSync(target, { force: true });
        throw error;
      }
      copy = target;
      version = await dataVersion(db);
      dropOldCopies(folder);
      onCopy(target);
    },
    async check(db) {
      await checkForeignKeys(db);
      const { rows } = await sql<{ integrity_check: string }>`pragma integrity_check(1)`.execute(db);
      if (rows[0]?.integrity_check !== 'ok') throw new Error(`the database is damaged: ${rows[0]?.integrity_check}`);
    },
    async restore(db, { isCheck }) {
      if (copy === undefined) return false;
      if (!isCheck && (await dataVersion(db)) !== version) return false;
      await putBack(copy, path);
      return true;
    },
  };
}

/** Throws unless the file is a whole and sound SQLite database. */
function checkCopy(path: string): void {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const row = database.prepare('pragma integrity_check(1)').get();
    if (row?.['integrity_check'] !== 'ok') throw new Error('the copy of the database is damaged');
    if (database.prepare('select 1 from sqlite_master limit 1').get() === undefined) {
      throw new Error('the copy of the database is empty');
    }
  } finally {
    database.close();
  }
}

/** In one go: between two parts another process could write. */
const allPages = 2 ** 31 - 1;

/** By SQLite's backup API: one transaction for whoever has the database open, and after a power cut. */
async function putBack(copy: string, path: string): Promise<void> {
  const source = new DatabaseSync(copy, { readOnly: true });
  try {
    await backup(source, path, { rate: allPages });
  } finally {
    source.close();
  }
}

/** Changes when another connection writes. */
async function dataVersion(db: MigrationDb): Promise<number> {
  const { rows } = await sql<{ data_version: number }>`pragma data_version`.execute(db);
  return rows[0]?.data_version ?? 0;
}

/** Where the copies of this database lie: beside it. */
export function copyFolder(databasePath: string): string {
  return join(dirname(databasePath), 'before-migrations');
}
