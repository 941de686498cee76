import { resolve } from 'node:path';
import { takeApartDatabaseUrl, type TlsMode } from '#shared/database-url.ts';
import type { DatabaseConfig, PoolConfig } from './config-type.ts';

export { defaultPortOf, engineOfUrl, isLegacyUrl, type TlsMode } from '#shared/database-url.ts';

export type DatabaseType = DatabaseConfig['type'];

export const driverOf = { sqlite: 'sqlite', postgresql: 'pg', mysql: 'mysql2' } as const satisfies Record<
  DatabaseType,
  DatabaseConfig['driver']
>;

/** Where a database is: the parts of an address, decoded. */
export type DatabaseAddress =
  | { readonly type: 'sqlite'; readonly path: string }
  | {
      readonly type: 'postgresql' | 'mysql';
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly password: string;
      readonly name: string;
      readonly socketPath: string | null;
      readonly tls: TlsMode;
      /** File of the authorities that are believed; null: those of the system. */
      readonly caPath: string | null;
    };

/** What holds where the URL says nothing. */
export type TlsDefaults = { readonly tls: TlsMode | undefined; readonly caPath: string | null };
const noTls: TlsDefaults = { tls: undefined, caPath: null };

/** A file of authorities is there to be believed: naming one turns the check on, unless TLS is off. */
export function tlsOf({ tls, caPath }: TlsDefaults): { readonly tls: TlsMode; readonly caPath: string | null } {
  if (caPath === null) return { tls: tls ?? 'off', caPath };
  return { tls: tls === 'off' ? 'off' : 'verify', caPath };
}

/** Parses DATABASE_URL; undefined when it names no database. Relative paths in it are below `cwd`. */
export function parseDatabaseUrl(
  given: string,
  cwd: string,
  defaults: TlsDefaults = noTls,
): DatabaseAddress | undefined {
  const url = takeApartDatabaseUrl(given);
  if (url === undefined) return undefined;
  if (url.type === 'sqlite') return { type: 'sqlite', path: resolve(cwd, url.path) };
  const caPath = url.caPath === null ? defaults.caPath : resolve(cwd, url.caPath);
  return { ...url, ...tlsOf({ tls: url.tls ?? defaults.tls, caPath }) };
}

/** The typed part of the configuration, with the address also as one URL whose parts are percent-encoded. */
export function databaseConfig(address: DatabaseAddress, pool: PoolConfig, isSqlShown: boolean): DatabaseConfig {
  const common = { pool, isSqlShown };
  if (address.type === 'sqlite') return { ...common, type: 'sqlite', driver: 'sqlite', path: address.path };
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  const query = new URLSearchParams();
  if (address.tls !== 'off') query.set('sslmode', address.tls === 'require' ? 'require' : 'verify-full');
  if (address.caPath !== null) query.set(address.type === 'postgresql' ? 'sslrootcert' : 'ssl-ca', address.caPath);
  if (address.socketPath !== null) query.set(address.type === 'postgresql' ? 'host' : 'socket', address.socketPath);
  const credentials = `${encodeURIComponent(address.user)}:${encodeURIComponent(address.password)}`;
  const tail = query.size === 0 ? '' : `?${query.toString()}`;
  const url = `${address.type}://${credentials}@${host}:${address.port}/${encodeURIComponent(address.name)}${tail}`;
  const driver = address.type === 'postgresql' ? driverOf.postgresql : driverOf.mysql;
  return { ...common, ...address, driver, url };
}
