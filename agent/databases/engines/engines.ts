import type { DatabaseEngine, DatabaseServer } from '#shared/databases.ts';
import { databaseEngines } from '#shared/databases.ts';
import { AppError } from '#shared/errors.ts';
import { serverAway, serverMissing, type ServerEngine, type Where } from './engine.ts';
import { mariadb } from './mariadb.ts';
import { postgresql } from './postgresql.ts';

const engines: Readonly<Record<DatabaseEngine, ServerEngine>> = { mariadb, postgresql };

export function engineOf({ engine }: { readonly engine: DatabaseEngine }): ServerEngine {
  return engines[engine];
}

/** What there is on this machine, one for each engine. */
export function lookAtServers(where: Where): Promise<DatabaseServer[]> {
  return Promise.all(databaseEngines.map((engine) => engines[engine].look(where)));
}

/** Throws unless it is one that the panel works with, and runs. */
export async function mustRun(where: Where, engine: DatabaseEngine): Promise<void> {
  const { state } = await engines[engine].look(where);
  if (state === 'running') return;
  if (state === 'other')
    throw new AppError('in_use', 'This is a server that the panel does not work with.', {
      reason: 'database_server_unsupported',
    });
  throw state === 'missing' ? serverMissing() : serverAway(undefined);
}
