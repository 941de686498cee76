import { existsSync, readdirSync } from 'node:fs';
import type { DatabaseServer } from '#shared/databases.ts';
import { AppError } from '#shared/errors.ts';
import type { ServerAddress } from '../../backups/dumps/address.ts';
import { ask } from '../../backups/dumps/client.ts';
import { superuserOf } from '../../backups/dumps/place.ts';
import { ownSettings } from '../../backups/dumps/postgres-settings.ts';
import { makeFolders } from '../../core/files.ts';
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
 * The PostgreSQL of this machine, asked by its own client over its Unix socket as the Unix account `postgres`: peer
 * authentication, so no password of the superuser exists that could leak.
 */

/** The first with `drop database … with (force)`. */
const oldestMajor = 13;

/** One row a line, as `json_build_array` answers it. Throws a `database_server_*` reason. */
export async function askPostgresql(
  where: Where,
  sql: string,
  { address, database = 'postgres', timeoutMs = 30_000 }: AskOptions = {},
): Promise<string[][]> {
  const signal = AbortSignal.timeout(timeoutMs);
  makeFolders(scratchOf(where));
  try {
    const place = {
      engine: 'postgresql',
      database,
      address: address ?? where.remote?.address ?? superuserOf(where, 'postgresql'),
    } as const;
    const settings = address === undefined ? ownSettings : '';
    return await ask({ scratch: scratchOf(where), signal }, place, `\\set VERBOSITY sqlstate\n${settings}\n${sql}`);
  } catch (error) {
    throw signal.aborted ? serverAway(error) : failureOf(where, error);
  }
}

/** Over this machine's own address: over the socket the server goes by the Unix account. */
export function asPostgresUser(where: Where, user: string, password: string): ServerAddress {
  if (where.remote !== undefined) return { ...where.remote.address, user, password };
  const loopback = { host: '127.0.0.1', socketPath: null, tls: 'off', caPath: null } as const;
  return { kind: 'credentials', user, password, ...loopback, port: portIn(folderOf(where)) ?? 5432 };
}

function failureOf(where: Where, error: unknown): AppError {
  if (where.remote === undefined && !isInstalled(where)) return serverMissing();
  const text = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
  const state = /(?:ERROR|FATAL|PANIC):\s+([0-9A-Z]{5})\b/.exec(text)?.[1];
  if (state !== undefined) return serverRefused(state, error);
  if (/authentication failed|is not permitted to log in|no pg_hba\.conf entry/i.test(text)) return serverDenied(error);
  // Said before a statement is: without its code.
  if (/permission denied for database/i.test(text)) return serverRefused('42501', error);
  return serverAway(error);
}

function folderOf(where: Where): string {
  return (superuserOf(where, 'postgresql') as Extract<ServerAddress, { kind: 'socket' }>).path;
}

/** Of the server whose socket is there: the usual one, or the first where there is only another. */
function portIn(folder: string): number | undefined {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const ports = names.flatMap((name) => /^\.s\.PGSQL\.(\d+)$/.exec(name)?.[1] ?? []).map(Number);
  return ports.includes(5432) ? 5432 : ports.sort((one, other) => one - other)[0];
}

function isInstalled(where: Where): boolean {
  if (portIn(folderOf(where)) !== undefined) return true;
  const root = `${where.prefix}/usr/lib/postgresql`;
  return existsSync(root) && readdirSync(root).some((name) => existsSync(`${root}/${name}/bin/postgres`));
}

const loopback = new Set(['127.0.0.1', '::1', 'localhost', '']);

export async function lookAtPostgresql(where: Where): Promise<DatabaseServer> {
  const none: Omit<DatabaseServer, 'state'> = {
    engine: 'postgresql',
    version: null,
    socketPath: null,
    port: null,
    isOpenToNetwork: false,
    locales: [],
  };
  const isRemote = where.remote !== undefined;
  if (!isRemote && !isInstalled(where)) return { ...none, state: 'missing' };
  let rows: string[][];
  try {
    const sql = `select json_build_array(current_setting('server_version'), current_setting('server_version_num'),
        current_setting('port'), current_setting('listen_addresses'));
      select json_build_array(collname) from pg_collation
        where collprovider in ('c', 'd') and collname not in ('default', 'ucs_basic', 'POSIX') and collencoding in (-1, 6)
        order by collname limit 200;`;
    rows = await askPostgresql(where, sql, { timeoutMs: 8_000 });
  } catch (error) {
    // Of a server elsewhere it is said why: nobody can look at it from here.
    if (isRemote) throw error;
    return { ...none, state: 'stopped' };
  }
  const [[version = '', number = '0', port = '', listen = ''] = [], ...locales] = rows;
  const addresses = listen.split(',').map((each) => each.trim());
  return {
    engine: 'postgresql',
    state: Number(number) >= oldestMajor * 10_000 ? 'running' : 'other',
    version: version.split(' ')[0] ?? '',
    socketPath: isRemote ? null : folderOf(where).slice(where.prefix.length),
    port: listen === '' ? null : Number(port),
    isOpenToNetwork: !addresses.every((each) => loopback.has(each)),
    locales: [...new Set(locales.flatMap(([name]) => name ?? []))],
  };
}

/** `C.UTF-8` where the server knows it: letters of every language, sorted by code point, the same on every machine. */
export async function localeFor(where: Where, encoding: string, wanted: string | null): Promise<string> {
  const { locales } = await lookAtPostgresql(where);
  const known = new Set(locales);
  if (wanted === null)
    return (encoding === 'UTF8' ? ['C.utf8', 'C.UTF-8'].find((each) => known.has(each)) : null) ?? 'C';
  // Locales other than C belong to an encoding, and those that the server lists are of UTF8.
  if (wanted === 'C' || (encoding === 'UTF8' && known.has(wanted))) return wanted;
  throw new AppError('invalid_request', 'The server does not know this locale for this encoding.', {
    fields: [{ field: 'locale', code: 'database_locale_unknown' }],
  });
}
