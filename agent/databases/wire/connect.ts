import type { AppError } from '#shared/errors.ts';
import { serverAway, serverDenied, type Where } from '../engines/engine.ts';
import { engineOf, mustRun } from '../engines/engines.ts';
import type { DatabaseRecord } from '../records.ts';
import { unseal } from '../seal.ts';
import { ServerError, type Login } from './link.ts';
import { queryMariadb } from './mariadb-query.ts';
import { queryPostgresql } from './postgresql-query.ts';
import type { Wire } from './query.ts';

/** As the account of the database itself. Throws `database_server_*`. */
export async function openOwner(machine: Where, record: DatabaseRecord): Promise<Wire> {
  const password = await unseal(machine, record.databaseId, record.password);
  try {
    return await connect(machine, record, record.user, password);
  } catch (error) {
    throw await whyAway(machine, record, error);
  }
}

/** As an account that has a password, over the way by which a site connects. */
export function connect(machine: Where, record: DatabaseRecord, user: string, password: string): Promise<Wire> {
  const login = loginOf(machine, record, user, password);
  return record.engine === 'mariadb' ? queryMariadb(login) : queryPostgresql(login);
}

/** Of an account in a database of ours. */
export function loginOf(where: Where, { engine, name }: DatabaseRecord, user: string, password: string): Login {
  const address = engineOf({ engine }).asUser(where, user, password);
  if (address.kind !== 'credentials') throw new TypeError('the account has no password');
  const { socketPath, port } = address;
  return { user, password, database: name, at: socketPath === null ? { port } : { socketPath } };
}

/** What of the server keeps somebody out. */
export async function whyAway(machine: Where, record: DatabaseRecord, error: unknown): Promise<AppError> {
  if (error instanceof ServerError) return serverDenied(error);
  // Says it better where no server is installed or running.
  await mustRun(machine, record.engine);
  return serverAway(error);
}
