/*
 * What a DATABASE_URL says, without touching the machine: the web process and the agent read the same.
 */

export type TlsMode = 'off' | 'require' | 'verify';

/** The parts of an address, decoded. Paths are as written: whoever reads them knows what they are relative to. */
export type DatabaseUrl =
  | { readonly type: 'sqlite'; readonly path: string }
  | {
      readonly type: 'postgresql' | 'mysql';
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly password: string;
      readonly name: string;
      readonly socketPath: string | null;
      /** null: the URL says nothing of it. */
      readonly tls: TlsMode | null;
      readonly caPath: string | null;
    };

export const defaultPortOf = { postgresql: 5432, mysql: 3306 } as const;

/** Old spellings, with the name of a driver behind the engine. */
export const legacySchemes = ['postgresql+psycopg2', 'mysql+pymysql', 'mysql+mysqlclient'] as const;

const typeOfScheme: Readonly<Record<string, DatabaseUrl['type']>> = {
  sqlite: 'sqlite',
  postgresql: 'postgresql',
  postgres: 'postgresql',
  mysql: 'mysql',
  mariadb: 'mysql',
};

/** Scheme without the old driver suffix; undefined when the engine is not known. */
export function engineOfUrl(url: string): DatabaseUrl['type'] | undefined {
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
 * Takes a URL apart; undefined when it names no database. `sqlite:///data/a.db` is relative, `sqlite:////srv/a.db`
 * absolute. `?sslmode=`, `?sslrootcert=` (`?ssl-mode=`, `?ssl-ca=`) and `?host=/socket/folder` (`?socket=` for MySQL)
 * are understood.
 */
export function takeApartDatabaseUrl(given: string): DatabaseUrl | undefined {
  const text = withoutLegacySuffix(given);
  const type = engineOfUrl(given);
  if (type === undefined) return undefined;
  if (type === 'sqlite') {
    const path = decode(text.slice('sqlite:///'.length).replace(/\?.*$/, ''));
    return path === undefined || path === '' ? undefined : { type, path };
  }
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.hash !== '') return undefined;
  const user = decode(url.username);
  const password = decode(url.password);
  const name = decode(url.pathname.slice(1));
  const host = decode(url.hostname.replace(/^\[(.*)\]$/, '$1'));
  const mode = url.searchParams.get('sslmode') ?? url.searchParams.get('ssl-mode');
  const tls = mode === null ? null : tlsMode(mode);
  if (user === undefined || password === undefined || host === undefined || tls === undefined) return undefined;
  if (name === undefined || !/^[A-Za-z0-9_$.-]{1,63}$/.test(name)) return undefined;
  const socket = url.searchParams.get(type === 'postgresql' ? 'host' : 'socket');
  const socketPath = socket !== null && socket.startsWith('/') ? socket : null;
  if (host === '' && socketPath === null) return undefined;
  const port = url.port === '' ? defaultPortOf[type] : Number(url.port);
  const caPath = url.searchParams.get('sslrootcert') ?? url.searchParams.get('ssl-ca');
  return { type, host: host === '' ? 'localhost' : host, port, user, password, name, socketPath, tls, caPath };
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

/** undefined for a stray percent sign. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
