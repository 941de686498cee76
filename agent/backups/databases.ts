import { databaseName, type backupSources } from '#shared/backups.ts';
import type { z } from 'zod';
import { findProgram } from '../core/run.ts';
import { ask, postgresFolders } from './dumps/client.ts';
import { superuserOf } from './dumps/place.ts';
import type { BackupWork } from './work.ts';

type Engine = 'mariadb' | 'postgresql';
type Sources = z.infer<typeof backupSources>;

const systemDatabases: ReadonlySet<string> = new Set([
  'information_schema',
  'performance_schema',
  'mysql',
  'sys',
  'postgres',
  'template0',
  'template1',
]);

const questions = {
  mariadb:
    'select s.schema_name, coalesce(sum(t.data_length + t.index_length), 0) from information_schema.schemata s ' +
    'left join information_schema.tables t on t.table_schema = s.schema_name group by s.schema_name;',
  postgresql:
    'select json_build_array(datname, pg_database_size(datname)::text) from pg_database where not datistemplate and datallowconn;',
} as const;

/** Names with their size, the system's own left out. Throws `backup_database_unreachable`. */
async function askDatabases(work: BackupWork, engine: Engine): Promise<{ name: string; bytes: number }[]> {
  const database = engine === 'mariadb' ? '' : 'postgres';
  const rows = await ask(work, { engine, database, address: superuserOf(work, engine) }, questions[engine]);
  return rows
    .map(([name = '', bytes = '0']) => ({ name, bytes: Number(bytes) }))
    .filter(({ name }) => !systemDatabases.has(name) && databaseName.safeParse(name).success)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Databases that exist now. Throws when the server does not answer: a backup without them would look like one with. */
export async function listDatabases(work: BackupWork, engine: Engine): Promise<string[]> {
  return (await askDatabases(work, engine)).map(({ name }) => name);
}

/** For choosing from: what each server has; `false`: it does not answer, null: not installed. */
export async function findDatabases(work: BackupWork): Promise<Pick<Sources, 'databases' | 'engines'>> {
  const isInstalled = {
    mariadb: (findProgram('mariadbd') ?? findProgram('mysqld')) !== undefined,
    postgresql: postgresFolders().length > 0,
  };
  const databases: Sources['databases'] = [];
  const engines: Sources['engines'] = { mariadb: null, postgresql: null };
  for (const engine of ['mariadb', 'postgresql'] as const) {
    if (!isInstalled[engine]) continue;
    try {
      const found = await askDatabases(work, engine);
      databases.push(...found.map(({ name, bytes }) => ({ engine, name, bytes })));
      engines[engine] = true;
    } catch {
      engines[engine] = false;
    }
  }
  return { databases, engines };
}
