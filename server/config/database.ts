import { resolve } from 'node:path';
import type { DatabaseConfig, PoolConfig } from './config-type.ts';
import { legacySchemes } from './variables-database.ts';

export type DatabaseType = DatabaseConfig['type'];

export const driverOf = { sqlite: 'sqlite', postgresql: 'pg', mysql: 'mysql2' } as const satisfies Record<
  DatabaseType,
  DatabaseConfig['driver']
>;
export const defaultPortOf = { postgresql: 5432, mysql: 3306 } as const;

const typeOfScheme: Readonly<Record<string, DatabaseType>> = {
  sqlite: 'sqlite',
  postgresql: 'postgresql',
  postgres: 'postgresql',
  mysql: 'mysql',
  mariadb: 'mysql',
};

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

export type TlsMode = 'off' | 'require' | 'verify';
/** What holds where the URL says nothing. */
export type TlsDefaults = { readonly tls: TlsMode | undefined; readonly caPath: string | null };
const noTls: TlsDefaults = { tls: undefined, caPath: null };

/** A file of authorities is there to be believed: naming one turns the check on, unless TLS is off. */
export function tlsOf({ tls, caPath }: TlsDefaults): { readonly tls: TlsMode; readonly caPath: string | null } {
  if (caPath === null) return { tls: tls ?? 'off', caPath };
  return { tls: tls === 'off' ? 'off' : 'verify', caPath };
}

/** Scheme without the old driver suffix; undefined when the engine is not known. */
export function engineOfUrl(url: string): DatabaseType | undefined {
  const text = withoutLegacySuffix(url);
  return typeOfScheme[text.slice(0, Math.max(0, text.indexOf('://'))).toLowerCase()];
}

export function isLegacyUrl(url: string): boolean {
  return legacySchemes.some((scheme) => url.toLowerCase().startsWith(`${scheme}://`));
}

function withoutLegacySuffix(url: string): string {
  return isLegacyUrl(url) ? url.replace(/\+[^:]*/, '') : url;
}

/**
 * Parses DATABASE_URL; undefined when it names no database. `sqlite:///data/a.db` is relative to `cwd`,
 * `sqlite:////srv/a.db` absolute. `?sslmode=`, `?sslrootcert=` (`?ssl-mode=`, `?ssl-ca=`) and `?host=/socket/folder`
 * (`?socket=` for MySQL) are understood.
 */
export function parseDatabaseUrl(
  given: string,
  cwd: string,
  defaults: TlsDefaults = noTls,
): DatabaseAddress | undefined {
  const text = withoutLegacySuffix(given);
  const type = engineOfUrl(given);
  if (type === undefined) return undefined;
  if (type === 'sqlite') {
    const path = decode(text.slice('sqlite:///'.length).replace(/\?.*$/, ''));
    return path === undefined || path === '' ? undefined : { type, path: resolve(cwd, path) };
  }
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.hash !== '') return undefined;
  const user = decode(url.username);
  const password = decode(url.password);
  const name = decode(url.pathname.slice(1));
  const host = decode(url.hostname.replace(/^\[(.*)\]$/, '$1'));
  const mode = url.searchParams.get('sslmode') ?? url.searchParams.get('ssl-mode');
  const namedTls = mode === null ? defaults.tls : tlsMode(mode);
  const ca = url.searchParams.get('sslrootcert') ?? url.searchParams.get('ssl-ca');
  const caPath = ca === null ? defaults.caPath : resolve(cwd, ca);
  if (user === undefined || password === undefined || host === undefined) return undefined;
  if (mode !== null && namedTls === undefined) return undefined;
  if (name === undefined || !/^[A-Za-z0-9_$.-]{1,63}$/.test(name)) return undefined;
  const socket = url.searchParams.get(type === 'postgresql' ? 'host' : 'socket');
  const socketPath = socket !== null && socket.startsWith('/') ? socket : null;
  if (host === '' && socketPath === null) return undefined;
  const port = url.port === '' ? defaultPortOf[type] : Number(url.port);
  const encryption = tlsOf({ tls: namedTls, caPath });
  return { type, host: host === '' ? 'localhost' : host, port, user, password, name, socketPath, ...encryption };
}

function tlsMode(text: string): TlsMode | undefined {
  switch (text.toLowerCase()) {
    case '':
    case 'disable':
    case 'disabled':
    case 'prefer':
    case 'preferred':
    case 'allow':
      return 'off';
    case 'require':
    case 'required':
      return 'require';
    case 'verify-ca':
    case 'verify-full':
    case 'verify_ca':
    case 'verify_identity':
      return 'verify';
    default:
      return undefined;
  }
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

/** undefined for a stray percent sign. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
