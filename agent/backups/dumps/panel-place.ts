import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { defaultPortOf, takeApartDatabaseUrl, type TlsMode } from '#shared/database-url.ts';
import { readText } from '../../core/files.ts';
import type { BackupWork } from '../work.ts';
import { databaseUnreachable } from './dump-errors.ts';
import type { DumpPlace } from './address.ts';

type Values = Readonly<Record<string, string | undefined>>;

/** The panel's own database, as its settings name it: the same names and defaults as in server/config. */
export async function panelPlace(work: Pick<BackupWork, 'prefix' | 'settings'>): Promise<DumpPlace> {
  const path = work.settings.panelEnvironment ?? `${work.prefix}/etc/aapanel/panel.env`;
  const content = readText(path) ?? '';
  const values = parseEnv(content.replace(/^\uFEFF/, ''));
  const place = placeOfSettings(values, work.prefix);
  if (place === undefined) throw databaseUnreachable('panel', new Error('the settings name no database'));
  return await Promise.resolve(place);
}

/** undefined when the settings are of no use. `prefix` stands before the default folder and absolute paths only. */
export function placeOfSettings(values: Values, prefix: string): DumpPlace | undefined {
  const given = (name: string): string | undefined => {
    const text = values[name]?.trim() ?? '';
    return text === '' ? undefined : text;
  };
  const home = given('DATA_DIR') ?? `${prefix}/var/lib/aapanel`;
  const url = given('DATABASE_URL');
  if (url !== undefined) return placeOfUrl(url, home, tlsOf(given('DB_SSL_MODE')));
  const type = given('DATABASE_TYPE')?.toLowerCase() ?? 'postgresql';
  if (type === 'sqlite') {
    const isProduction = (given('ENVIRONMENT') ?? 'production').startsWith('prod');
    const file = `db/${isProduction ? 'panel.db' : 'dev_database.db'}`;
    return { engine: 'sqlite', path: resolve(home, given('DEV_DATABASE_PATH') ?? file) };
  }
  const engine = ['mysql', 'mariadb'].includes(type) ? 'mariadb' : 'postgresql';
  const name = given('DB_NAME') ?? 'aapanel';
  return {
    engine,
    database: name,
    address: {
      kind: 'credentials',
      host: given('DB_HOST') ?? 'localhost',
      port: Number(given('DB_PORT') ?? (engine === 'mariadb' ? defaultPortOf.mysql : defaultPortOf.postgresql)),
      socketPath: null,
      user: given('DB_USER') ?? 'root',
      // As it is: spaces at its ends belong to it.
      password: values['DB_PASSWORD'] ?? '',
      tls: tlsOf(given('DB_SSL_MODE')),
    },
  };
}

function placeOfUrl(text: string, home: string, tls: TlsMode): DumpPlace | undefined {
  const url = takeApartDatabaseUrl(text);
  if (url === undefined) return undefined;
  if (url.type === 'sqlite') return { engine: 'sqlite', path: resolve(home, url.path) };
  const { host, port, user, password, name, socketPath } = url;
  return {
    engine: url.type === 'mysql' ? 'mariadb' : 'postgresql',
    database: name,
    address: { kind: 'credentials', host, port, socketPath, user, password, tls: url.tls ?? tls },
  };
}

function tlsOf(mode: string | undefined): TlsMode {
  if (mode === undefined) return 'off';
  if (/^verify/i.test(mode)) return 'verify';
  return /^require/i.test(mode) ? 'require' : 'off';
}
