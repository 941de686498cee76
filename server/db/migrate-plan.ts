import { DatabaseSync } from 'node:sqlite';
import {
  CompiledQuery,
  Kysely,
  MysqlAdapter,
  MysqlQueryCompiler,
  PostgresAdapter,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteDialect,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type Dialect,
  type SqliteDatabase,
} from 'kysely';
import type { MigrationDb } from './ddl.ts';
import type { Effect, Migration } from './migrate-source.ts';

export const engines = ['sqlite', 'mysql', 'postgresql'] as const;
export type EngineName = (typeof engines)[number];

export type PlannedStatement = {
  readonly sql: string;
  /** What others cannot do meanwhile. */
  readonly lock: Lock;
};
export type Lock = 'none' | 'short' | 'writes' | 'all' | 'database' | 'rows';

export type PlannedStep = {
  readonly name: string;
  readonly effect: Effect;
  readonly rules: readonly string[];
  readonly statements: readonly PlannedStatement[];
};

/**
 * The SQL that `pending` would run on an engine, without asking or touching any database: questions about the structure
 * are answered by a SQLite in memory that stands where the real one does. Questions about rows get no rows.
 */
export async function planMigrations(
  known: readonly Migration[],
  pending: readonly string[],
  engine: EngineName,
): Promise<PlannedStep[]> {
  const shadow = openShadow();
  const steps: PlannedStep[] = [];
  try {
    for (const { name, effect, rules, module } of known) {
      if (pending.includes(name)) {
        const recorded: string[] = [];
        const recorder = new Kysely<unknown>({ dialect: recordingDialect(engine, recorded, shadow) });
        await module.up(recorder);
        const made = new Set(
          recorded.flatMap((sql) => /^create table (?:if not exists )?[`"](\w+)/i.exec(sql)?.[1] ?? []),
        );
        const statements = recorded.map((sql) => ({ sql, lock: lockOf(sql, engine, made) }));
        steps.push({ name, effect, rules, statements });
      }
      await module.up(shadow);
    }
  } finally {
    await shadow.destroy();
  }
  return steps;
}

function openShadow(): MigrationDb {
  const sqlite = new DatabaseSync(':memory:');
  const database: SqliteDatabase = {
    close: () => sqlite.close(),
    prepare(text) {
      const statement = sqlite.prepare(text);
      const values = (given: readonly unknown[]) => given.filter(isInput);
      return {
        reader: statement.columns().length > 0,
        all: (given) => statement.all(...values(given)),
        run: (given) => statement.run(...values(given)),
        iterate: (given) => statement.iterate(...values(given)),
      };
    },
  };
  return new Kysely<unknown>({ dialect: new SqliteDialect({ database }) });
}

function isInput(value: unknown): value is string | number | bigint | null {
  return value === null || ['string', 'number', 'bigint'].includes(typeof value);
}

/** Compiles for `engine`, notes what would change something, and answers `select` without rows or from the shadow. */
function recordingDialect(engine: EngineName, recorded: string[], shadow: MigrationDb): Dialect {
  const connection: DatabaseConnection = {
    async executeQuery<R>(query: CompiledQuery) {
      if (!/^\s*(select|pragma)\b/i.test(query.sql)) {
        recorded.push(query.sql.replaceAll(/\s+/g, ' ').trim());
        return { rows: [] };
      }
      // `hasColumn` of ddl.ts, in whatever engine's words.
      if (!/from\s+(information_schema\.columns|pragma_table_info)/i.test(query.sql)) return { rows: [] };
      const [table, column] = query.parameters;
      const question = CompiledQuery.raw('select 1 from pragma_table_info(?) where name = ?', [table, column]);
      return { rows: (await shadow.executeQuery(question)).rows as R[] };
    },
    streamQuery() {
      throw new Error('a migration reads in batches');
    },
  };
  const parts = {
    sqlite: [SqliteAdapter, SqliteQueryCompiler],
    mysql: [MysqlAdapter, MysqlQueryCompiler],
    postgresql: [PostgresAdapter, PostgresQueryCompiler],
  } as const;
  const [Adapter, Compiler] = parts[engine];
  const done = () => Promise.resolve();
  return {
    createAdapter: () => new Adapter(),
    createQueryCompiler: () => new Compiler(),
    createIntrospector: () => shadow.introspection,
    createDriver: () => ({
      init: done,
      acquireConnection: () => Promise.resolve(connection),
      beginTransaction: done,
      commitTransaction: done,
      rollbackTransaction: done,
      releaseConnection: done,
      destroy: done,
    }),
  };
}

/** `made`: tables of this very step; nobody waits for those. */
function lockOf(sql: string, engine: EngineName, made: ReadonlySet<string>): Lock {
  const text = sql.toLowerCase();
  // One writer at a time, for as long as the step takes.
  if (engine === 'sqlite') return 'database';
  const table = /(?:\bon|\btable(?: if exists)?|\bfrom|\binto|\bupdate) [`"](\w+)/.exec(text)?.[1] ?? '';
  if (made.has(table) || text.startsWith('create table')) return 'none';
  if (/^(insert|update|delete)/.test(text)) return 'rows';
  if (text.includes('concurrently')) return 'none';
  if (/^create (unique )?index/.test(text)) return engine === 'mysql' ? 'short' : 'writes';
  if (/alter column .* type|modify column|change column/.test(text)) return 'all';
  return 'short';
}
