import { existsSync } from 'node:fs';
import type { DatabaseServer } from '#shared/databases.ts';
import type { AppError } from '#shared/errors.ts';
import { makeFolders } from '../../core/files.ts';
import { findProgram } from '../../core/run.ts';
import type { ServerAddress } from '../../backups/dumps/address.ts';
import { ask } from '../../backups/dumps/client.ts';
import { superuserOf } from '../../backups/dumps/place.ts';
import {
  scratchOf,
  serverAway,
  serverDenied,
  serverMissing,
  serverRefused,
  type AskOptions,
  type Where,
} from './engine.ts';

/*
 * The MariaDB of this machine, asked by its own client over its Unix socket as its superuser: the server knows root by the
 * account of the process, so no password of its exists that could leak.
 */

/** Comments of databases came with it: they say which ones are the panel's. */
const oldest = [10, 5] as const;

/** Rows of what is asked, each value as text, NULL as `NULL`. Throws a `database_server_*` reason. */
export async function askMariadb(
  where: Where,
  sql: string,
  { address, database = '', timeoutMs = 30_000 }: AskOptions = {},
): Promise<string[][]> {
  const signal = AbortSignal.timeout(timeoutMs);
  makeFolders(scratchOf(where));
  try {
    const place = {
      engine: 'mariadb',
      database,
      address: address ?? where.remote?.address ?? superuserOf(where, 'mariadb'),
    } as const;
    return await ask({ scratch: scratchOf(where), signal }, place, sql);
  } catch (error) {
    throw signal.aborted ? serverAway(error) : failureOf(where, error);
  }
}

/**
 * The statement goes to the server as bytes in hexadecimal and is put together there: the client itself reads backslashes
 * in quoted names as its own commands, and its commands start programs.
 */
export const wrapped = (sql: string): string => `execute immediate _utf8mb4 x'${Buffer.from(sql).toString('hex')}';`;

/** As somebody who has the password, the way a site connects. */
export function asUser(where: Where, user: string, password: string): ServerAddress {
  if (where.remote !== undefined) return { ...where.remote.address, user, password };
  const { path } = superuserOf(where, 'mariadb') as Extract<ServerAddress, { kind: 'socket' }>;
  const socket = { host: 'localhost', port: 3306, socketPath: path, tls: 'off', caPath: null } as const;
  return { kind: 'credentials', user, password, ...socket };
}

function failureOf(where: Where, error: unknown): AppError {
  const code = serverCode(error);
  if (where.remote === undefined && !isInstalled(where)) return serverMissing();
  if (code === undefined || (code >= 2000 && code < 3000)) return serverAway(error);
  return code === 1045 || code === 1698 ? serverDenied(error) : serverRefused(code, error);
}

/** The server's own number of what went wrong. */
function serverCode(error: unknown): number | undefined {
  const text = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
  const found = /ERROR (\d{4})\b/.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

function socketOf(where: Where): string {
  return (superuserOf(where, 'mariadb') as Extract<ServerAddress, { kind: 'socket' }>).path;
}

function isInstalled(where: Where): boolean {
  return existsSync(socketOf(where)) || ['mariadbd', 'mysqld'].some((name) => findProgram(name, where.prefix));
}

const loopback = new Set(['127.0.0.1', '::1', 'localhost']);

export async function lookAtMariadb(where: Where): Promise<DatabaseServer> {
  const none: Omit<DatabaseServer, 'state'> = {
    engine: 'mariadb',
    version: null,
    socketPath: null,
    port: null,
    isOpenToNetwork: false,
    locales: [],
  };
  const isRemote = where.remote !== undefined;
  if (!isRemote && !isInstalled(where)) return { ...none, state: 'missing' };
  let row: string[] | undefined;
  try {
    const sql = `select version(), @@port, @@skip_networking, ifnull(@@bind_address, ''), @@socket;`;
    [row] = await askMariadb(where, sql, { timeoutMs: 8_000 });
  } catch (error) {
    // Of a server elsewhere it is said why: nobody can look at it from here.
    if (isRemote) throw error;
    return { ...none, state: 'stopped' };
  }
  const [version = '', port, isLocal, bound = ''] = row ?? [];
  const isOpen = isLocal !== '1' && !bound.split(',').every((each) => loopback.has(each.trim()));
  const state = isOurs(version) ? 'running' : 'other';
  const socketPath = isRemote ? null : socketOf(where).slice(where.prefix.length);
  return {
    engine: 'mariadb',
    state,
    version: version.split('-')[0] ?? '',
    socketPath,
    port: isLocal === '1' ? null : Number(port),
    isOpenToNetwork: isOpen,
    locales: [],
  };
}

function isOurs(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map((each) => Number.parseInt(each, 10));
  return /mariadb/i.test(version) && (major > oldest[0] || (major === oldest[0] && minor >= oldest[1]));
}
