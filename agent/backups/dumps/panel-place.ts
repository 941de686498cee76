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
  const tls = tlsOf(given('DB_SSL_MODE'), given('DB_SSL_CA'), home);
  const url = given('DATABASE_URL');
  if (url !== undefined) return placeOfUrl(url, home, tls);
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
      ...tls,
    },
  };
}

type Tls = { readonly tls: TlsMode; readonly caPath: string | null };

function placeOfUrl(text: string, home: string, byDefault: Tls): DumpPlace | undefined {
  const url = takeApartDatabaseUrl(text);
  if (url === undefined) return undefined;
  if (url.type === 'sqlite') return { engine: 'sqlite', path: resolve(home, url.path) };
  const { host, port, user, password, name, socketPath } = url;
  const caPath = url.caPath === null ? byDefault.caPath : resolve(home, url.caPath);
  const mode = url.tls ?? byDefault.tls;
  const tls = caPath !== null && mode !== 'off' ? 'verify' : mode;
  return {
    engine: url.type === 'mysql' ? 'mariadb' : 'postgresql',
    database: name,
    address: { kind: 'credentials', host, port, socketPath, user, password, tls, caPath },
  };
}

/** As in server/config: a file of authorities turns the check on, unless TLS is off. */
function tlsOf(mode: string | undefined, ca: string | undefined, home: string): Tls {
  const caPath = ca === undefined ? null : resolve(home, ca);
  if (mode === undefined) return { tls: caPath === null ? 'off' : 'verify', caPath };
  if (/^verify/i.test(mode) || (caPath !== null && /^require/i.test(mode))) return { tls: 'verify', caPath };
  return { tls: /^require/i.test(mode) ? 'require' : 'off', caPath };
}
