import { databaseCharsets, type DatabaseEngine } from '#shared/databases.ts';
import { maintenanceOf, type DatabaseMaintenance, type MaintenanceKind } from '#shared/database-maintenance.ts';
import { quoted } from '../../backups/dumps/client.ts';

/* What is said to a server to look after a table, and what its answer means. `table`: as it stands in a statement. */

export type Wish = Pick<DatabaseMaintenance, 'charset' | 'collation' | 'kind'>;

export const isKindOf = (engine: DatabaseEngine, kind: MaintenanceKind): boolean =>
  (maintenanceOf[engine] as readonly MaintenanceKind[]).includes(kind);

/** Waiting for a lock must not make everybody else wait behind it. */
const lockSeconds = 15;

/** `seconds`: for a statement. */
export function settingsSql(engine: DatabaseEngine, seconds: number): string {
  return engine === 'mariadb'
    ? `set session max_statement_time = ${seconds}, lock_wait_timeout = ${lockSeconds}, lc_messages = 'en_US',
        sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'`
    : `set statement_timeout = ${seconds * 1_000}; set lock_timeout = ${lockSeconds * 1_000}`;
}

export function statementOf(engine: DatabaseEngine, { kind, charset, collation }: Wish, table: string): string {
  if (engine === 'postgresql') {
    if (kind === 'reindex') return `reindex table ${table}`;
    return `${kind === 'optimize' ? 'vacuum (full, analyze)' : kind === 'vacuum' ? 'vacuum (analyze)' : 'analyze'} ${table}`;
  }
  if (kind === 'convert_storage') return `alter table ${table} engine = InnoDB`;
  if (kind === 'convert_charset') return `alter table ${table} convert to ${charsetSql({ charset, collation })}`;
  return `${kind} table ${table}`;
}

function charsetSql({ charset, collation }: Pick<Wish, 'charset' | 'collation'>): string {
  const to = charset ?? 'utf8mb4';
  return `character set ${quoted('mariadb', to)} collate ${quoted('mariadb', collation ?? databaseCharsets[to])}`;
}

/** For tables that are made later. */
export const defaultCharsetSql = (database: string, wish: Wish): string =>
  `alter database ${quoted('mariadb', database)} ${charsetSql(wish)}`;

export type Outcome = { readonly outcome: 'done' | 'failed' | 'unsupported'; readonly said: string };

/** Of rows of MariaDB: table, operation, kind of message, text. Statements that answer none have worked. */
export function outcomeOf(rows: readonly (readonly (string | null)[])[]): Outcome {
  const said = rows.map(([, , kind, text]) => ({ kind: (kind ?? '').toLowerCase(), text: text ?? '' }));
  // What the server calls a table that it only did not get to.
  const words = said
    .filter(({ kind, text }) => text !== 'OK' && !(kind === 'error' && text === 'Corrupt'))
    .map(({ text }) => text)
    .join('; ');
  if (said.some(({ kind, text }) => kind === 'note' && /doesn't support/i.test(text)))
    return { outcome: 'unsupported', said: words };
  const isGood = said.every(
    ({ kind, text }) => kind !== 'error' && (kind !== 'status' || /^(OK|Table is already up to date)$/.test(text)),
  );
  return { outcome: isGood ? 'done' : 'failed', said: words };
}
