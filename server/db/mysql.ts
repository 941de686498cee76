import { connect, isIP, type Socket } from 'node:net';
import { createConnection, type Connection, type ResultSetHeader } from 'mysql2';
import type { QueryResult } from 'kysely';
import type { DatabaseConfig } from '../config.ts';
import { certificatesOf } from './certificates.ts';
import { withCaller } from './connection-errors.ts';
import type { RawConnection } from './pool.ts';
import type { SessionLimits } from './session-limits.ts';

type ServerConfig = Extract<DatabaseConfig, { host: string }>;

/** Opens one connection to MySQL or MariaDB. Throws what the driver throws. */
export async function openMysql(config: ServerConfig, limits: SessionLimits): Promise<RawConnection> {
  const connection = createConnection({
    ...(config.socketPath === null ? { host: config.host, port: config.port } : { socketPath: config.socketPath }),
    user: config.user,
    password: config.password,
    database: config.name,
    ...sslOf(config),
    ...(config.tls === 'verify' && isIP(config.host) !== 0 ? { stream: () => socketTo(config, limits) } : {}),
    charset: 'utf8mb4',
    timezone: 'Z',
    // As on the other databases: an update counts the rows it found, even where nothing had to change.
    flags: ['+FOUND_ROWS'],
    connectTimeout: limits.connectMs,
    connectAttributes: { program_name: limits.applicationName },
    enableKeepAlive: true,
    keepAliveInitialDelay: limits.keepAliveMs,
    supportBigNumbers: true,
  });
  let whenLost: ((error: unknown) => void) | undefined;
  let isOver = false;
  function lost(error: unknown): void {
    if (isOver) return;
    isOver = true;
    whenLost?.(error);
  }
  connection.on('error', lost);
  connection.on('end', () => lost(new Error('the server ended the connection')));
  const prepare = () => ask(connection, sessionSettings(limits), []);
  try {
    await connected(connection);
    await prepare();
  } catch (error) {
    connection.destroy();
    throw error;
  }
  return {
    query: (sql, parameters) => ask(connection, sql, parameters),
    ping: () => done((callback) => connection.ping(callback)),
    async reset() {
      await done((callback) => connection.reset(callback));
      await prepare();
    },
    end() {
      isOver = true;
      return done((callback) => connection.end(callback));
    },
    destroy() {
      isOver = true;
      connection.destroy();
    },
    onLost(callback) {
      whenLost = callback;
      if (isOver) callback(new Error('the server ended the connection'));
    },
  };
}

/**
 * One statement for both: MariaDB limits every statement, MySQL its reads only; each skips the comment of the other. The
 * server keeps an idle connection for longer than the pool does.
 */
function sessionSettings({ statementMs, idleInTransactionMs }: SessionLimits): string {
  const mariadb = `max_statement_time = ${statementMs / 1000}, idle_transaction_timeout = ${Math.ceil(idleInTransactionMs / 1000)}`;
  // A session that was reset speaks the server's own characters.
  const characters = ['client', 'connection', 'results'].map((part) => `character_set_${part} = utf8mb4`).join(', ');
  return `set session ${characters}, wait_timeout = 28800 /*M!100101 , ${mariadb} */ /*!50708 , max_execution_time = ${statementMs} */`;
}

function ask(connection: Connection, sql: string, parameters: readonly unknown[]): Promise<QueryResult<unknown>> {
  return new Promise((resolve, reject) => {
    connection.query(sql, [...parameters], (error, result: unknown) => {
      if (error !== null) return reject(withCaller(error) as Error);
      if (!isHeader(result)) return resolve({ rows: Array.isArray(result) ? result : [] });
      const { insertId, affectedRows, changedRows } = result as ResultSetHeader & { changedRows?: number };
      resolve({
        ...(insertId === 0 ? {} : { insertId: BigInt(insertId) }),
        numAffectedRows: BigInt(affectedRows),
        ...(changedRows === undefined ? {} : { numChangedRows: BigInt(changedRows) }),
        rows: [],
      });
    });
  });
}

function isHeader(result: unknown): boolean {
  return typeof result === 'object' && result !== null && 'insertId' in result && 'affectedRows' in result;
}

function connected(connection: Connection): Promise<void> {
  return done((callback) => connection.connect(callback));
}

function done(work: (callback: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    work((error) => (error ? reject(error) : resolve()));
  });
}

/**
 * For a certificate of an address: mysql2 leaves the address out and Node then compares with `localhost`. The name that
 * Node would note itself after a look-up stands on the socket here.
 */
function socketTo({ host, port }: ServerConfig, limits: SessionLimits): Socket {
  const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: limits.keepAliveMs });
  return Object.assign(socket, { _host: host });
}

function sslOf(config: ServerConfig) {
  if (config.tls === 'off') return {};
  if (config.tls === 'require') return { ssl: { rejectUnauthorized: false } };
  // Without `verifyIdentity` any name would do that the authority signed for.
  return { ssl: { rejectUnauthorized: true, verifyIdentity: true, ...certificatesOf(config) } };
}
