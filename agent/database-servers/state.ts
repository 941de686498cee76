import type { ActionParams } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { ServerProcess, ServerState } from '#shared/database-server-state.ts';
import { AppError } from '#shared/errors.ts';
import type { DatabaseEngine } from '#shared/databases.ts';
import type { Where } from '../databases/engines/engine.ts';
import { mustRun } from '../databases/engines/engines.ts';
import { wrapped } from '../databases/engines/mariadb-server.ts';
import { mariadb } from '../databases/engines/mariadb.ts';
import { postgresql } from '../databases/engines/postgresql.ts';

/*
 * What a server is doing now, asked from the server itself, and what can be stopped of it.
 */

const shownProcesses = 200;
const shownCharacters = 2_000;

/** Throws `database_server_*`. */
export async function readState(where: Where, engine: DatabaseEngine): Promise<ServerState> {
  await mustRun(where, engine);
  return engine === 'mariadb' ? await mariadbState(where) : await postgresqlState(where);
}

const askMariadb = (where: Where, ...statements: readonly string[]): Promise<string[][]> =>
  mariadb.ask(where, statements.map(wrapped).join('\n'));

const counters = [
  'UPTIME',
  'THREADS_CONNECTED',
  'THREADS_RUNNING',
  'MAX_USED_CONNECTIONS',
  'QUERIES',
  'SLOW_QUERIES',
  'INNODB_BUFFER_POOL_READ_REQUESTS',
  'INNODB_BUFFER_POOL_READS',
] as const;

const notOfServer = `table_schema not in ('information_schema', 'performance_schema', 'sys')`;

async function mariadbState(where: Where): Promise<ServerState> {
  const rows = await askMariadb(
    where,
    `select 'fact', version(), @@max_connections, @@innodb_buffer_pool_size,
       (select count(*) from information_schema.schemata where schema_name not in ('information_schema', 'performance_schema', 'sys', 'mysql')),
       (select ifnull(sum(data_length + index_length), 0) from information_schema.tables where ${notOfServer})`,
    `select 'counter', variable_name, variable_value from information_schema.global_status
       where variable_name in (${counters.map((each) => `'${each}'`).join(', ')})`,
    `select 'process', id, user, host, ifnull(db, ''), command, time_ms, ifnull(state, ''),
         char_length(ifnull(info, '')), left(ifnull(info, ''), ${shownCharacters})
       from information_schema.processlist where id <> connection_id()
       order by command in ('Sleep', 'Daemon'), time_ms desc limit ${shownProcesses + 1}`,
  );
  const [, version = '', limit, cacheBytes, databases, size] = rows.find(([kind]) => kind === 'fact') ?? [];
  const counter = (name: (typeof counters)[number]): number =>
    Number(rows.find(([kind, each]) => kind === 'counter' && each === name)?.[2] ?? 0);
  const processes = rows.filter(([kind]) => kind === 'process').map((row) => processOf(row));
  const reads = counter('INNODB_BUFFER_POOL_READ_REQUESTS');
  return {
    version: version.split('-')[0] ?? '',
    uptime: counter('UPTIME'),
    connections: {
      open: counter('THREADS_CONNECTED'),
      running: counter('THREADS_RUNNING'),
      most: counter('MAX_USED_CONNECTIONS'),
      limit: Number(limit ?? 0),
    },
    sizeBytes: Number(size ?? 0),
    databases: Number(databases ?? 0),
    cache: {
      sizeBytes: Number(cacheBytes ?? 0),
      hits: reads === 0 ? null : Math.max(0, 1 - counter('INNODB_BUFFER_POOL_READS') / reads),
    },
    statements: counter('QUERIES'),
    slowStatements: counter('SLOW_QUERIES'),
    processes: processes.slice(0, shownProcesses),
    isCut: processes.length > shownProcesses,
  };
}

function processOf(row: readonly string[]): ServerProcess {
  const [, id = '', user = '', host = '', database = '', command = '', time, state = '', length, statement = ''] = row;
  const isRunning = command !== 'Sleep' && command !== 'Daemon';
  return {
    id,
    user,
    host: host === 'localhost' ? '' : host.replace(/:\d+$/, ''),
    database,
    isRunning,
    sinceMs: Math.max(0, Number(time ?? 0)),
    state,
    statement,
    isCut: Number(length ?? 0) > shownCharacters,
    canEnd: isOfPerson(user, command),
  };
}

/** Not a thread of the server: its scheduler, what it replicates with, what it cleans with. */
const isOfPerson = (user: string, command: string): boolean =>
  user !== 'system user' && user !== 'event_scheduler' && !/^(Daemon|Binlog Dump|Slave)/.test(command);

async function postgresqlState(where: Where): Promise<ServerState> {
  const rows = await postgresql.ask(
    where,
    `select json_build_array('fact', current_setting('server_version'),
         floor(extract(epoch from clock_timestamp() - pg_postmaster_start_time()))::bigint::text,
         current_setting('max_connections'), (select sum(setting::bigint * 8192) from pg_settings where name = 'shared_buffers')::text,
         (select count(*) from pg_database where not datistemplate and datname <> 'postgres')::text,
         (select sum(pg_database_size(oid)) from pg_database)::text,
         (select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid())::text,
         (select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() and state = 'active')::text,
         (select coalesce(sum(blks_hit), 0) from pg_stat_database)::text, (select coalesce(sum(blks_read), 0) from pg_stat_database)::text);
     select json_build_array('process', pid || '-' || (extract(epoch from backend_start) * 1000000)::bigint,
         coalesce(usename, ''), coalesce(host(client_addr), ''), coalesce(datname, ''), coalesce(state, ''),
         coalesce(floor(extract(epoch from clock_timestamp() - case when state = 'active' then query_start else state_change end) * 1000), 0)::bigint::text,
         coalesce(wait_event_type || ': ' || wait_event, ''), (case when octet_length(query) >= (select setting::int - 1 from pg_settings where name = 'track_activity_query_size')
           then ${shownCharacters + 1} else char_length(query) end)::text, left(query, ${shownCharacters}))
       from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()
       order by coalesce(state, 'idle') = 'idle', state_change limit ${shownProcesses + 1};`,
  );
  const [, version = '', uptime, limit, cacheBytes, databases, size, open, running, hits, reads] =
    rows.find(([kind]) => kind === 'fact') ?? [];
  const [hit, read] = [Number(hits ?? 0), Number(reads ?? 0)];
  const processes = rows
    .filter(([kind]) => kind === 'process')
    .map(([, id = '', user = '', host = '', database = '', how = '', since, state = '', length, statement = '']) => ({
      id,
      user,
      host,
      database,
      isRunning: how !== 'idle' && how !== '',
      sinceMs: Math.max(0, Number(since ?? 0)),
      state: how === 'active' ? state : how,
      statement,
      isCut: Number(length ?? 0) > shownCharacters,
      canEnd: true,
    }));
  return {
    version: version.split(' ')[0] ?? '',
    uptime: Number(uptime ?? 0),
    connections: {
      open: Number(open ?? 0),
      running: Number(running ?? 0),
      most: Number(open ?? 0),
      limit: Number(limit ?? 0),
    },
    sizeBytes: Number(size ?? 0),
    databases: Number(databases ?? 0),
    cache: { sizeBytes: Number(cacheBytes ?? 0), hits: hit + read === 0 ? null : hit / (hit + read) },
    statements: null,
    slowStatements: null,
    processes: processes.slice(0, shownProcesses),
    isCut: processes.length > shownProcesses,
  };
}

function processGone(): AppError {
  return new AppError('not_found', 'This connection has ended.', { reason: 'database_process_gone' });
}

/** Throws `database_process_gone`, `database_process_system`. */
export async function endProcess(
  where: Where,
  { engine, processId, what }: ActionParams<AgentActions['database_servers.end_process']>,
): Promise<void> {
  await mustRun(where, engine);
  if (engine === 'mariadb') return await endMariadb(where, processId, what);
  const [pid = '', began] = processId.split('-');
  const end = what === 'statement' ? 'pg_cancel_backend' : 'pg_terminate_backend';
  // A number comes again for another connection: only the one that was seen is ended.
  const ended = await postgresql.ask(
    where,
    `select json_build_array(${end}(pid)::text) from pg_stat_activity
       where pid::text = ${postgresql.literal(pid)} and backend_type = 'client backend' and pid <> pg_backend_pid()
         and (extract(epoch from backend_start) * 1000000)::bigint::text = ${postgresql.literal(began ?? '')};`,
  );
  if (ended.length === 0) throw processGone();
}

async function endMariadb(where: Where, processId: string, what: 'connection' | 'statement'): Promise<void> {
  if (!/^\d+$/.test(processId)) throw processGone();
  const sql = `select 'process', user, command from information_schema.processlist where id = ${processId}`;
  const [found] = await askMariadb(where, sql);
  if (found === undefined) throw processGone();
  const [, user = '', command = ''] = found;
  if (!isOfPerson(user, command))
    throw new AppError('not_allowed', 'This is a thread of the server itself.', { reason: 'database_process_system' });
  try {
    await askMariadb(where, `kill ${what === 'statement' ? 'query' : 'connection'} ${processId}`);
  } catch (error) {
    // ER_NO_SUCH_THREAD
    if (error instanceof AppError && Number(error.params['code']) === 1094) throw processGone();
    throw error;
  }
}
