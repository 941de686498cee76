import { startProgram } from '../../core/run.ts';
import type { BackupWork, Dump } from '../work.ts';
import { ask, literal, mariadbAccess, programOf } from './client.ts';
import { databaseMissing } from './dump-errors.ts';
import type { MariadbHead } from './heads.ts';
import { hasEvents } from './mariadb-events.ts';
import { MariadbReader } from './mariadb-reader.ts';
import type { ServerPlace } from './address.ts';
import type { RowSums } from './row-sums.ts';
import { silenceMs, streamDump, toolVersion } from './stream.ts';

export const dumpFlags = [
  '--single-transaction',
  '--quick',
  '--routines',
  '--triggers',
  '--hex-blob',
  '--tz-utc',
  '--skip-dump-date',
  '--no-tablespaces',
  '--max-allowed-packet=1G',
  // Fixed, because statements end by it and the end of a statement stands in the data.
  '--net-buffer-length=1040384',
] as const;

/**
 * One transaction, so that InnoDB tables are as of one instant. Rows come in the order of the clustered index: asking
 * for an order would sort tables without one, on the server's disk.
 */
export async function openMariadbDump(
  work: BackupWork,
  place: ServerPlace,
  givenUpMs = silenceMs,
  rowSums?: RowSums,
): Promise<Dump> {
  const program = programOf('mariadb-dump', 'mysqldump');
  const { head, version, broken, isWithEvents } = await lookAtDatabase(work, place);
  const access = mariadbAccess(work, place.address);
  const [tool, child] = await started(access.release, async () => {
    const version = await toolVersion(program);
    const left = broken.map((view) => `--ignore-table=${place.database}.${view}`);
    const events = isWithEvents ? ['--events'] : [];
    const args = [...access.args, ...dumpFlags, ...events, ...left, '--', place.database];
    return [version, startProgram(program, args, { ...access.options, isBackground: true })] as const;
  });
  return streamDump(work, {
    database: place.database,
    child,
    head,
    reader: new MariadbReader(undefined, rowSums),
    serverVersion: version,
    toolVersion: tool,
    release: access.release,
    silenceMs: givenUpMs,
    isThere: async () => (await ask(work, { ...place, database: '' }, existence(place.database))).length > 0,
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

type Looked = {
  readonly head: MariadbHead;
  readonly version: string;
  readonly broken: readonly string[];
  readonly isWithEvents: boolean;
};

/** Facts that a dump does not hold. Reports what is not of one instant, and views that cannot be read any more. */
async function lookAtDatabase(work: BackupWork, place: ServerPlace): Promise<Looked> {
  const server = { ...place, database: '' };
  const isWithEvents = await hasEvents(work, place);
  const rows = await ask(work, server, facts(literal('mariadb', place.database), isWithEvents));
  const of = (kind: string): string[][] => rows.filter(([first]) => first === kind).map(([, ...rest]) => rest);
  const [charset, collation, version] = of('schema')[0] ?? [];
  if (charset === undefined || collation === undefined || version === undefined) throw databaseMissing(place.database);
  for (const [table = '', engine = ''] of of('engine')) {
    const subject = `${place.database}.${table}`;
    work.report({ what: 'measured', subject, reason: 'table_not_transactional', params: { engine } });
  }
  const broken = of('broken').flatMap(([view]) => view ?? []);
  for (const view of broken)
    work.report({ what: 'left_out', subject: `${place.database}.${view}`, reason: 'view_broken', params: {} });
  const definers = of('definer').flatMap(([text = '']) => {
    const at = text.lastIndexOf('@');
    return at === -1 ? [] : [{ user: text.slice(0, at), host: text.slice(at + 1) }];
  });
  return { head: { charset, collation, definers }, version, broken, isWithEvents };
}

function facts(name: string, isWithEvents: boolean): string {
  const events = (isIt: string): string =>
    isWithEvents ? `union select definer from information_schema.events where ${isIt}` : '';
  // Names are compared as bytes: the server's own comparison takes different ones for equal.
  const isIt = (column: string): string => `cast(${column} as binary) = cast(${name} as binary)`;
  return `select 'schema', default_character_set_name, default_collation_name, version()
      from information_schema.schemata where ${isIt('schema_name')};
    select 'engine', table_name, engine from information_schema.tables
      where ${isIt('table_schema')} and table_type = 'BASE TABLE' and engine is not null and engine <> 'InnoDB'
      order by table_name limit 1000;
    select 'broken', table_name from information_schema.tables
      where ${isIt('table_schema')} and table_type = 'VIEW' and table_rows is null and table_comment <> 'VIEW' order by table_name limit 1000;
    select 'definer', definer from (
      select definer from information_schema.routines where ${isIt('routine_schema')}
      union select definer from information_schema.triggers where ${isIt('trigger_schema')}
      union select definer from information_schema.views where ${isIt('table_schema')}
      ${events(isIt('event_schema'))}
    ) as every_definer order by definer limit 1000;`;
}

const existence = (database: string): string =>
  `select 1 from information_schema.schemata
    where cast(schema_name as binary) = cast(${literal('mariadb', database)} as binary);`;
