import { sql } from 'kysely';
import { loadConfig } from '../config.ts';
import { openDatabase } from '../db/connect.ts';
import { migrateToLatest } from '../db/migrate.ts';
import { migrations } from '../db/migrations/list.ts';
import type { Db } from '../db/schema.ts';

/*
 * The API tests on another engine: the run (test/databases) starts the servers and says which one to use; each test
 * application gets a database of its own there. Databases are copies of one that
 * was migrated, and are emptied and used again.
 */

export type TestEngine = 'mysql' | 'postgresql';
export type TestServer = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
};
export type TestDatabase = { readonly env: Record<string, string>; release(): Promise<void> };

const template = 'test_template';

/** Emptied and waiting for the next application of this process. */
const free: string[] = [];
let made = 0;

let used: { readonly engine: TestEngine; readonly server: TestServer; readonly lane: string } | undefined;

/** From here on applications of this process use this server; `lane` keeps processes that run together apart. */
export function useTestServer(engine: TestEngine, server: TestServer, lane: string): void {
  used = { engine, server, lane };
}

/** undefined: SQLite, in a file of the application's own folder. */
export async function takeTestDatabase(): Promise<TestDatabase | undefined> {
  if (used === undefined) return undefined;
  const { engine, server, lane } = used;
  let name = free.pop();
  if (name === undefined) {
    made += 1;
    // Files of one lane follow each other: what an earlier file left is used again.
    name = `test_${lane}_${made}`;
    await prepare(engine, server, name);
  }
  const database = name;
  return {
    env: variables(engine, server, database),
    async release() {
      await prepare(engine, server, database);
      free.push(database);
    },
  };
}

/** The migrated database that the others are copies of; once per run and server. */
export async function makeTemplate(engine: TestEngine, server: TestServer): Promise<void> {
  await asAdmin(engine, server, async (admin) => {
    await sql.raw(`create database ${template}${charsetOf(engine)}`).execute(admin);
  });
  const db = await open(engine, server, template);
  await migrateToLatest(db);
  await db.destroy();
}

/** Makes the database, or empties the one that is there; one whose history is not this version's is made anew. */
async function prepare(engine: TestEngine, server: TestServer, name: string): Promise<void> {
  if (await isEmptied(engine, server, name)) return;
  await asAdmin(engine, server, async (admin) => {
    await sql.raw(`drop database if exists ${name}`).execute(admin);
    const copy = engine === 'postgresql' ? ` template ${template}` : charsetOf(engine);
    await sql.raw(`create database ${name}${copy}`).execute(admin);
  });
  if (engine === 'mysql') await copyTemplate(server, name);
}

/** MariaDB copies no database: the statements that made the tables are run again. */
async function copyTemplate(server: TestServer, name: string): Promise<void> {
  const db = await open('mysql', server, name);
  await db.connection().execute(async (connection) => {
    await sql`set foreign_key_checks = 0`.execute(connection);
    const { rows } = await sql<{ name: string }>`
      select table_name as name from information_schema.tables where table_schema = ${template}`.execute(connection);
    for (const { name: table } of rows) {
      const made = await sql.raw<Record<string, string>>(`show create table ${template}.${table}`).execute(connection);
      await sql.raw(made.rows[0]?.['Create Table'] ?? '').execute(connection);
      if (!table.startsWith('schema_')) continue;
      await sql.raw(`insert into ${table} select * from ${template}.${table}`).execute(connection);
    }
  });
  await db.destroy();
}

async function isEmptied(engine: TestEngine, server: TestServer, name: string): Promise<boolean> {
  let db: Db;
  try {
    db = await open(engine, server, name);
  } catch {
    return false;
  }
  try {
    const history = await sql<{ name: string }>`select name from schema_migration order by name`.execute(db);
    const known = migrations.map(({ name }) => name).join();
    if (history.rows.map((row) => row.name).join() !== known) return false;
    const own = engine === 'mysql' ? sql`database()` : sql`current_schema()`;
    const tables = await sql<{ name: string }>`
      select table_name as name from information_schema.tables where table_schema = ${own}`.execute(db);
    const isMysql = engine === 'mysql';
    await db.connection().execute(async (connection) => {
      const unchecked = isMysql ? 'set foreign_key_checks = 0' : 'set session_replication_role = replica';
      await sql.raw(unchecked).execute(connection);
      for (const table of tables.rows) {
        if (!table.name.startsWith('schema_')) await sql.raw(`delete from ${table.name}`).execute(connection);
      }
    });
    return true;
  } catch {
    return false;
  } finally {
    await db.destroy();
  }
}

async function asAdmin(engine: TestEngine, server: TestServer, work: (admin: Db) => Promise<void>): Promise<void> {
  const admin = await open(engine, server, engine === 'mysql' ? 'mysql' : 'postgres');
  try {
    await work(admin);
  } finally {
    await admin.destroy();
  }
}

const charsetOf = (engine: TestEngine) => (engine === 'mysql' ? ' character set utf8mb4' : '');

function open(engine: TestEngine, server: TestServer, name: string): Promise<Db> {
  const env = { ENVIRONMENT: 'test', DB_SHOW_SQL: 'false', ...variables(engine, server, name) };
  return openDatabase(loadConfig({ argv: [], cwd: '/', env }));
}

function variables(engine: TestEngine, server: TestServer, name: string): Record<string, string> {
  return {
    DATABASE_TYPE: engine,
    DB_HOST: server.host,
    DB_PORT: String(server.port),
    DB_USER: server.user,
    DB_PASSWORD: server.password,
    DB_NAME: name,
    // Many applications at once, small each.
    DB_POOL_SIZE: '2',
    DB_MAX_OVERFLOW: '4',
  };
}
