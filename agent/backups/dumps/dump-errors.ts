import { AppError } from '#shared/errors.ts';
import type { DumpContent } from './scanner-facts.ts';

/** The dump is not whole, whatever the tool says of it. */
export function dumpFailed(database: string, cause?: unknown): AppError {
  if (cause instanceof AppError) return cause;
  return new AppError('internal', 'The database could not be dumped or loaded as a whole.', {
    reason: 'backup_dump_failed',
    params: { database },
    cause,
  });
}

export function databaseMissing(database: string, cause?: unknown): AppError {
  return new AppError('not_found', 'There is no such database.', {
    reason: 'backup_database_missing',
    params: { database },
    cause,
  });
}

export function databaseUnreachable(database: string, cause?: unknown): AppError {
  return new AppError('internal', 'The database server does not answer, or does not let us in.', {
    reason: 'backup_database_unreachable',
    params: { database },
    cause,
  });
}

export function databaseExists(database: string): AppError {
  return new AppError('already_exists', 'There is such a database already.', {
    reason: 'backup_database_exists',
    params: { database },
  });
}

/** What a client complains of, as one of our reasons. Its text stays in the cause: it may name hosts and users. */
export function clientFailure(database: string, stderr: string): AppError {
  const cause = new Error(stderr.slice(-2000));
  const isMissing = /Unknown database|ERROR 1049|\b1049\b|database ".*" does not exist/s;
  const isAway =
    /Can't connect|Access denied|\b(2002|2003|2005|2006|2013|1045|1040|1698)\b|Lost connection|server has gone away|connection to server|could not connect|authentication failed|server closed the connection|terminating connection|the database system is/i;
  if (isMissing.test(stderr)) return databaseMissing(database, cause);
  if (isAway.test(stderr)) return databaseUnreachable(database, cause);
  return dumpFailed(database, cause);
}

/** Throws `backup_mismatch` for the first table or count that is not as the manifest says. */
export function mustBeEqual(expected: DumpContent, found: DumpContent, database: string): void {
  const differing = firstDifference(expected, found);
  if (differing === undefined) return;
  throw new AppError('internal', 'What was loaded is not what was saved.', {
    reason: 'backup_mismatch',
    params: { subject: `${database}: ${differing}` },
  });
}

export function firstDifference(expected: DumpContent, found: DumpContent): string | undefined {
  const left = new Map(found.tables.map((table) => [table.name, table]));
  for (const table of expected.tables) {
    const other = left.get(table.name);
    if (other?.rows !== table.rows || other.sha256 !== table.sha256) return table.name;
    left.delete(table.name);
  }
  const [extra] = left.keys();
  if (extra !== undefined) return extra;
  const kinds = ['routines', 'triggers', 'views', 'events'] as const;
  return kinds.find((kind) => expected.counts[kind] !== found.counts[kind]);
}

export function toolMissing(tool: string): AppError {
  return new AppError('internal', 'A program that is needed is not installed.', {
    reason: 'backup_tool_missing',
    params: { tool },
  });
}
