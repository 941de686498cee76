import { statfsSync } from 'node:fs';
import type { DatabaseEngine } from '#shared/databases.ts';
import { AppError } from '#shared/errors.ts';
import { errnoOf } from '../../core/files.ts';
import type { Where } from '../engines/engine.ts';
import { engineOf } from '../engines/engines.ts';
import type { DatabaseRecord } from '../records.ts';
import { loginOf } from '../wire/connect.ts';
import { ServerError, type ServerLink } from '../wire/link.ts';
import { connectMariadb } from '../wire/mariadb-statements.ts';
import { connectPostgresql } from '../wire/postgresql-statements.ts';
import { importFault } from './import-faults.ts';

/* What an import asks of its server besides statements: a connection as the account, its end, and room on its disk. */

/** As a site connects, with the rights of the account. Throws `database_import_login`. */
export async function connectAs(where: Where, record: DatabaseRecord, password: string): Promise<ServerLink> {
  const { engine, user } = record;
  const login = loginOf(where, record, user, password);
  try {
    const connect = engine === 'mariadb' ? connectMariadb : connectPostgresql;
    return await connect(login);
  } catch (error) {
    if (error instanceof ServerError)
      throw new AppError('in_use', 'The account of the database is not let in.', {
        reason: 'database_import_login',
        params: { user },
        cause: error,
      });
    throw new AppError('in_use', 'The database server does not answer.', {
      reason: 'database_server_away',
      cause: error,
    });
  }
}

/** Never throws: it may have ended by itself. */
export async function endSession(where: Where, engine: DatabaseEngine, id: number): Promise<void> {
  const sql =
    engine === 'mariadb'
      ? `kill hard ${Math.trunc(id)};`
      : `select json_build_array(pg_terminate_backend(${Math.trunc(id)})::text);`;
  await engineOf({ engine })
    .ask(where, sql)
    .catch(() => undefined);
}

/** A server goes on with a statement whose client is gone: it is told to stop. */
export async function untilStopped<T>(
  work: Where & { readonly signal: AbortSignal },
  link: ServerLink,
  record: DatabaseRecord,
  load: () => Promise<T>,
): Promise<T> {
  const end = (): void => {
    link.close();
    void endSession(work, record.engine, link.id);
  };
  work.signal.addEventListener('abort', end, { once: true });
  try {
    return await load();
  } catch (error) {
    work.signal.throwIfAborted();
    if (error instanceof AppError || error instanceof ServerError) throw error;
    if (errnoOf(error) === undefined && !(error instanceof Error && /connection/.test(error.message))) throw error;
    throw new AppError('in_use', 'The database server does not answer.', {
      reason: 'database_server_away',
      cause: error,
    });
  } finally {
    work.signal.removeEventListener('abort', end);
  }
}

/** Left free for the server, the sites and the agent's own journal. */
const reservedBytes = 512 * 1024 * 1024;

/** The disks of the server's data and of our copies. */
export async function watchRoom(
  where: Where,
  engine: DatabaseEngine,
  freeBytes: (path: string) => number = freeOn,
): Promise<{ check: (neededBytes: number) => void }> {
  const sql =
    engine === 'mariadb' ? 'select @@datadir;' : `select json_build_array(current_setting('data_directory'));`;
  const [[data = ''] = []] = await engineOf({ engine }).ask(where, sql);
  const folders = [data, where.stateFolder];
  return {
    check(neededBytes) {
      const free = Math.min(...folders.map(freeBytes));
      if (free < neededBytes + reservedBytes) throw importFault.noRoom(neededBytes + reservedBytes, free);
    },
  };
}

function freeOn(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}
