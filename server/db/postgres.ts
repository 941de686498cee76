import { isIP } from 'node:net';
import pg from 'pg';
import type { QueryResult } from 'kysely';
import type { DatabaseConfig } from '../config.ts';
import { withCaller } from './connection-errors.ts';
import { certificatesOf } from './certificates.ts';
import type { RawConnection } from './pool.ts';
import type { SessionLimits } from './session-limits.ts';

type ServerConfig = Extract<DatabaseConfig, { host: string }>;

/** int8 as a number: every bigint of the panel is a time or a size below 2^53. On these connections only. */
const types: pg.CustomTypesConfig = {
  getTypeParser(id, format) {
    if (Number(id) === pg.types.builtins.INT8) return Number;
    return pg.types.getTypeParser(id, format) as (value: string) => unknown;
  },
};

const changes = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

/** Opens one connection to PostgreSQL. Throws what the driver throws. */
export async function openPostgres(config: ServerConfig, limits: SessionLimits): Promise<RawConnection> {
  const client = new pg.Client({
    host: config.socketPath ?? config.host,
    port: config.port,
    user: config.user,
    password: config.password,
    database: config.name,
    ssl: sslOf(config),
    types,
    connectionTimeoutMillis: limits.connectMs,
    statement_timeout: limits.statementMs,
    idle_in_transaction_session_timeout: limits.idleInTransactionMs,
    application_name: limits.applicationName,
    keepAlive: true,
    keepAliveInitialDelayMillis: limits.keepAliveMs,
  });
  // Without a listener a connection that the server closes ends the process.
  let whenLost: ((error: unknown) => void) | undefined;
  let isOver = false;
  function lost(error: unknown): void {
    if (isOver) return;
    isOver = true;
    whenLost?.(error);
  }
  client.on('error', lost);
  client.on('end', () => lost(new Error('the server ended the connection')));
  await client.connect();
  return {
    async query(sql, parameters): Promise<QueryResult<unknown>> {
      try {
        const { command, rowCount, rows } = await client.query<Record<string, unknown>>(sql, parameters.map(storable));
        if (command === 'COMMIT' || command === 'ROLLBACK') return { rows: [{ command }] };
        if (!changes.has(command)) return { rows };
        return { rows, numAffectedRows: BigInt(rowCount ?? 0) };
      } catch (error) {
        throw withCaller(error);
      }
    },
    async ping() {
      await client.query('select 1');
    },
    async reset() {
      await client.query('discard all');
    },
    end() {
      isOver = true;
      return client.end();
    },
    destroy() {
      isOver = true;
      const { stream } = (client as unknown as { connection: { stream: { destroy(): void } } }).connection;
      stream.destroy();
    },
    onLost(callback) {
      whenLost = callback;
      if (isOver) callback(new Error('the server ended the connection'));
    },
  };
}

/** PostgreSQL keeps no NUL in a text and would refuse the statement: its place is taken by the sign for what cannot be shown. */
function storable(value: unknown): unknown {
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value;
}

function sslOf(config: ServerConfig): pg.ClientConfig['ssl'] {
  if (config.tls === 'off') return false;
  if (config.tls === 'require') return { rejectUnauthorized: false };
  const name = isIP(config.host) === 0 ? { servername: config.host } : {};
  return { rejectUnauthorized: true, ...certificatesOf(config), ...name };
}
