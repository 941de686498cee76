import { loadConfig } from '../config.ts';
import { openDatabase } from '../db/connect.ts';
import { migrations } from '../db/migrations/list.ts';
import type { Db } from '../db/schema.ts';
import { sql } from 'kysely';

/*
 * The API tests on another engine: the run (test/databases/setup.ts) starts the servers and says where they are; each
 * test application gets a database of its own on the engine that TEST_DATABASE names. Databases are emptied and used
 * again: making one takes a second on MariaDB.
 */

export type TestDatabase = { readonly env: Record<string, string>; release(): Promise<void> };

type Address = { readonly host: string; readonly port: number; readonly user: string; readonly password: string };

/** Emptied and waiting for the next application of this process. */
const free: string[] = [];
let made = 0;

/** undefined: SQLite, in a file of the application's own folder. */
export async function takeTestDatabase(): Promise<TestDatabase | undefined> {
  const engine = process.env['TEST_DATABASE'];
  if (engine === undefined || engine === 'sqlite') return undefined;
  if (engine !== 'mysql' && engine !== 'postgresql') throw new Error(`TEST_DATABASE: ${engine} is not known`);
  const given = process.env[`TEST_DATABASE_${engine.toUpperCase()}`];
  if (given === undefined) throw new Error(`there is no server for ${engine}: use test/databases/vitest.config.ts`);
  const address = JSON.parse(given) as Address;
  let name = free.pop();
  if (name === undefined) {
    made += 1;
    // Files of one lane follow each other: what an earlier file left is used again.
    name = `test_${process.env['VITEST_POOL_ID'] ?? process.pid}_${made}`;
    await prepare(engine, address, name);
  }
  const database = name;
  return {
    env: variables(engine, address, database),
    async release() {
      await prepare(engine, address, database);
      free.push(database);
    },
  };
}

/** Makes the database, or empties the one that is there; one whose history is not this version's is made anew. */
async function prepare(engine: 'mysql' | 'postgresql', address: Address, name: string): Promise<void> {
  if (await emptied(engine, address, name)) return;
  const admin = await open(engine, address, engine === 'mysql' ? 'mysql' : 'postgres');
  try {
    await sql.raw(`drop database if exists ${name}`).execute(admin);
    await sql.raw(`create database ${name}${engine === 'mysql' ? ' character set utf8mb4' : ''}`).execute(admin);
  } finally {
    await admin.destroy();
  }
}

async function emptied(engine: 'mysql' | 'postgresql', address: Address, name: string): Promise<boolean> {
  let db: Db;
  try {
    db = await open(engine, address, name);
  } catch {
    return false;
  }
  try {
    const tables = (await db.introspection.getTables()).map((table) => table.name);
    if (!tables.includes('schema_migration')) return false;
    const rows = await sql<{ name: string }>`select name from schema_migration order by name`.execute(db);
    const known = migrations.map(({ name }) => name).join();
    if (rows.rows.map((row) => row.name).join() !== known) return false;
    await db.connection().execute(async (connection) => {
      const isMysql = engine === 'mysql';
      await sql
        .raw(isMysql ? 'set foreign_key_checks = 0' : 'set session_replication_role = replica')
        .execute(connection);
      for (const table of tables) {
        if (table.startsWith('schema_')) continue;
        await sql.raw(`delete from ${table}`).execute(connection);
      }
    });
    return true;
  } catch {
    return false;
  } finally {
    await db.destroy();
  }
}

function open(engine: 'mysql' | 'postgresql', address: Address, name: string): Promise<Db> {
  const env = { ENVIRONMENT: 'test', DB_SHOW_SQL: 'false', ...variables(engine, address, name) };
  return openDatabase(loadConfig({ argv: [], cwd: '/', env }));
}

function variables(engine: 'mysql' | 'postgresql', address: Address, name: string): Record<string, string> {
  return {
    DATABASE_TYPE: engine,
    DB_HOST: address.host,
    DB_PORT: String(address.port),
    DB_USER: address.user,
    DB_PASSWORD: address.password,
    DB_NAME: name,
    // Many applications at once, small each.
    DB_POOL_SIZE: '2',
    DB_MAX_OVERFLOW: '4',
  };
}
