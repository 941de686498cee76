import { startProgram } from '../../core/run.ts';
import type { BackupWork, Dump } from '../work.ts';
import { ask, literal, mariadbAccess, programOf } from './client.ts';
import { databaseMissing } from './dump-errors.ts';
import { MariadbReader } from './mariadb-reader.ts';
import type { ServerPlace } from './place.ts';
import { streamDump, toolVersion } from './stream.ts';

export const dumpFlags = [
  '--single-transaction',
  '--quick',
  '--routines',
  '--triggers',
  '--events',
  '--hex-blob',
  '--tz-utc',
  '--skip-dump-date',
  '--no-tablespaces',
  '--max-allowed-packet=1G',
  // Fixed, because statements end by it and the end of a statement stands in the data.
  '--net-buffer-length=1040384',
] as const;

export type MariadbHead = { readonly charset: string; readonly collation: string };

/**
 * One transaction, so that InnoDB tables are as of one instant. Rows come in the order of the clustered index: asking
 * for an order would sort tables without one, on the server's disk.
 */
export async function openMariadbDump(work: BackupWork, place: ServerPlace): Promise<Dump> {
  const program = programOf('mariadb-dump', 'mysqldump');
  const { head, version } = await lookAtDatabase(work, place);
  const access = mariadbAccess(work, place.address);
  const [tool, child] = await started(access.release, async () => {
    const version = await toolVersion(program);
    const args = [...access.args, ...dumpFlags, '--', place.database];
    return [version, startProgram(program, args, { ...access.options, isBackground: true })] as const;
  });
  return streamDump(work, {
    database: place.database,
    child,
    head,
    reader: new MariadbReader(),
    serverVersion: version,
    toolVersion: tool,
    release: access.release,
  });
}

async function started<T>(release: () => void, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    release();
    throw error;
  }
}

/** The database's own settings, which a dump of it alone does not hold. Reports what is not of one instant. */
async function lookAtDatabase(
  work: BackupWork,
  place: ServerPlace,
): Promise<{ readonly head: MariadbHead; readonly version: string }> {
  const name = literal('mariadb', place.database);
  const isIt = (column: string): string => `cast(${column} as binary) = cast(${name} as binary)`;
  const rows = await ask(
    work,
    { ...place, database: '' },
    `select 'schema', default_character_set_name, default_collation_name, version() from information_schema.schemata
      where ${isIt('schema_name')};
     select 'engine', table_name, engine from information_schema.tables
      where ${isIt('table_schema')} and table_type = 'BASE TABLE' and engine is not null and engine <> 'InnoDB'
      order by table_name limit 1000;`,
  );
  const [, charset, collation, version] = rows.find(([kind]) => kind === 'schema') ?? [];
  if (charset === undefined || collation === undefined || version === undefined) throw databaseMissing(place.database);
  for (const [, table = '', engine = ''] of rows.filter(([kind]) => kind === 'engine'))
    work.report({
      what: 'measured',
      subject: `${place.database}.${table}`.slice(0, 4200),
      reason: 'table_not_transactional',
      params: { engine },
    });
  return { head: { charset, collation }, version };
}
