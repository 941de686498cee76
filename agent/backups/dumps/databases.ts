import { existsSync } from 'node:fs';
import type { BackupWork } from '../work.ts';
import { ask } from './client.ts';
import { superuserOf } from './place.ts';
import type { ServerPlace } from './address.ts';

type Engine = ServerPlace['engine'];

export type FoundDatabase = { readonly engine: Engine; readonly name: string; readonly bytes: number | null };

export type FoundDatabases = {
  readonly databases: readonly FoundDatabase[];
  /** Whether each server runs here and lets root in; null: not installed. */
  readonly engines: Readonly<Record<Engine, boolean | null>>;
};

type Machine = Pick<BackupWork, 'prefix' | 'scratch' | 'signal'>;

/** Every database of the servers of this machine, by name; those of the servers themselves left out. */
export async function listDatabases(machine: Machine): Promise<FoundDatabases> {
  const [mariadb, postgresql] = await Promise.all([listOf(machine, 'mariadb'), listOf(machine, 'postgresql')]);
  return {
    databases: [...(mariadb ?? []), ...(postgresql ?? [])],
    engines: {
      mariadb: mariadb !== undefined || (isInstalled('mariadb') ? false : null),
      postgresql: postgresql !== undefined || (isInstalled('postgresql') ? false : null),
    },
  };
}

/** undefined when the server does not answer. */
async function listOf(machine: Machine, engine: Engine): Promise<FoundDatabase[] | undefined> {
  const database = engine === 'mariadb' ? '' : 'postgres';
  try {
    const rows = await ask(machine, { engine, database, address: superuserOf(machine, engine) }, queries[engine]);
    return rows.map(([name = '', bytes]) => ({
      engine,
      name,
      bytes: bytes === undefined || bytes === 'NULL' ? null : Number(bytes),
    }));
  } catch {
    machine.signal.throwIfAborted();
    return undefined;
  }
}

/** Leftovers of a restore that was cut short are no databases of anybody's. */
const queries: Readonly<Record<Engine, string>> = {
  mariadb: `select s.schema_name, cast(sum(t.data_length + t.index_length) as unsigned)
    from information_schema.schemata s
    left join information_schema.tables t on t.table_schema = s.schema_name
    where s.schema_name not in ('mysql', 'information_schema', 'performance_schema', 'sys')
      and s.schema_name not rlike '^aapanel_(new|old)_[0-9a-f]{12}$'
    group by s.schema_name order by s.schema_name;`,
  postgresql: `select json_build_array(datname, pg_database_size(oid)::text) from pg_database
    where not datistemplate and datallowconn and datname !~ '^aapanel_(new|old)_[0-9a-f]{12}$'
      and (datname <> 'postgres' or pg_database_size(oid) > 64 * 1024 * 1024) order by datname;`,
};

function isInstalled(engine: Engine): boolean {
  if (engine === 'postgresql') return existsSync('/usr/lib/postgresql');
  return ['/usr/sbin/mariadbd', '/usr/sbin/mysqld'].some((path) => existsSync(path));
}
