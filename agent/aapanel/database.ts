import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { AppError } from '#shared/errors.ts';
import { closeFile, openFile } from '../core/files.ts';

/*
 * aaPanel's own database, which is read and never written: opened by the handle of a file that is reached through no link,
 * as a file that cannot change, with nothing of its schema that could run anything. Passwords are not asked for.
 */

export type AapanelRows = {
  readonly sites: readonly Row[];
  readonly domains: readonly Row[];
  readonly bindings: readonly Row[];
  readonly databases: readonly Row[];
  readonly categories: readonly Row[];
  readonly ftpAccounts: number;
  readonly cronJobs: number;
};
export type Row = Readonly<Record<string, string | number | null>>;

const maxFileBytes = 256 * 1024 * 1024;
const maxText = 8_192;

/** By table, from the newest form of it to the oldest: the first one counts whose columns are all there. */
const statements = {
  sites: [
    'select id, name, path, status, ps, type_id, edate, project_type, substr(project_config, 1, 20000) as project_config from sites limit 5000',
    'select id, name, path, status, ps, type_id, edate, project_type from sites limit 5000',
    'select id, name, path, status, ps, type_id, edate from sites limit 5000',
    'select id, name, path, status, ps from sites limit 5000',
  ],
  domain: ['select pid, name, port from domain limit 50000'],
  binding: ['select pid, domain, path from binding limit 5000'],
  databases: [
    'select pid, name, username, type from databases limit 5000',
    'select pid, name, username from databases limit 5000',
  ],
  site_types: ['select id, name from site_types limit 5000'],
} as const;
const counts = {
  ftps: 'select count(*) as n from ftps',
  crontab: 'select count(*) as n from crontab',
} as const;

/** Throws `aapanel_database_invalid`; undefined when there is no such file. */
export function openAapanelDatabase(path: string): AapanelDatabase | undefined {
  const file = openFile(path);
  if (file === undefined) return undefined;
  if (!file.stats.isFile() || file.stats.size > maxFileBytes) {
    closeFile(file.fd);
    throw invalid(path);
  }
  const url = pathToFileURL(`/proc/self/fd/${file.fd}`);
  url.searchParams.set('immutable', '1');
  try {
    const db = new DatabaseSync(url, { readOnly: true, allowExtension: false });
    db.exec('pragma trusted_schema = off; pragma query_only = on; pragma cell_size_check = on;');
    return databaseOf(db, path, file.fd);
  } catch (error) {
    closeFile(file.fd);
    throw asInvalid(error, path);
  }
}

export type AapanelDatabase = {
  /** None when there is no table of this name, or one with other columns. */
  readonly rows: (table: keyof typeof statements) => Row[];
  readonly count: (table: 'ftps' | 'crontab') => number;
  readonly has: (table: string) => boolean;
  readonly close: () => void;
};

function databaseOf(db: DatabaseSync, path: string, fd: number): AapanelDatabase {
  // A view or a virtual table of this name would run what somebody wrote into it.
  const isTable = db.prepare(
    "select count(*) as n from sqlite_schema where name = ? and type = 'table' and sql not like 'create virtual%'",
  );
  const has = (table: string): boolean => Number((isTable.get(table) as { n: number }).n) > 0;
  const guarded = <T>(read: () => T): T => {
    try {
      return read();
    } catch (error) {
      throw asInvalid(error, path);
    }
  };
  return {
    has: (table) => guarded(() => has(table)),
    rows: (table) =>
      guarded(() => {
        if (!has(table)) return [];
        const found = firstThatFits(db, statements[table])?.all() ?? [];
        return found.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])));
      }),
    count: (table) => guarded(() => (has(table) ? Number(db.prepare(counts[table]).get()?.['n'] ?? 0) : 0)),
    close() {
      db.close();
      closeFile(fd);
    },
  };
}

function firstThatFits(db: DatabaseSync, texts: readonly string[]): StatementSync | undefined {
  for (const text of texts) {
    try {
      return db.prepare(text);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes('no such column')) throw error;
    }
  }
  return undefined;
}

/** Texts as they may be shown: no control characters, cut; anything else than text and numbers is nothing. */
function plain(value: unknown): string | number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string') return null;
  return value.replaceAll(/[\u0000-\u001f\u007f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, ' ').slice(0, maxText);
}

function asInvalid(error: unknown, path: string): unknown {
  return error instanceof AppError ? error : invalid(path, error);
}

function invalid(path: string, cause?: unknown): AppError {
  return new AppError('invalid_request', 'This is no database of aaPanel.', {
    reason: 'aapanel_database_invalid',
    params: { path },
    ...(cause === undefined ? {} : { cause }),
  });
}
