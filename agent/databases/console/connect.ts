import type { AppError } from '#shared/errors.ts';
import type { Machine } from '../../core/machine.ts';
import { serverAway, serverDenied } from '../engines/engine.ts';
import { mustRun } from '../engines/engines.ts';
import { asUser } from '../engines/mariadb-server.ts';
import { asPostgresUser } from '../engines/postgresql-server.ts';
import type { DatabaseRecord } from '../records.ts';
import { unseal } from '../seal.ts';
import { openMariadb } from './mariadb-wire.ts';
import { openPostgresql } from './postgresql-wire.ts';
import { WireRefusal, type Wire } from './wire.ts';

/** As the account of the database itself. Throws `database_server_*`. */
export async function openOwner(machine: Machine, record: DatabaseRecord): Promise<Wire> {
  const password = await unseal(machine, record.databaseId, record.password);
  try {
    return await connect(machine, record, record.user, password);
  } catch (error) {
    throw await whyAway(machine, record, error);
  }
}

/** As an account that has a password, over the way by which a site connects. */
export function connect(
  machine: Machine,
  { engine, name }: DatabaseRecord,
  user: string,
  password: string,
): Promise<Wire> {
  if (engine === 'mariadb') {
    const address = asUser(machine, user, password);
    const socketPath = address.kind === 'credentials' ? (address.socketPath ?? '') : address.path;
    return openMariadb({ socketPath, user, password, database: name });
  }
  const address = asPostgresUser(machine, user, password);
  const [host, port] = address.kind === 'credentials' ? [address.host, address.port] : ['127.0.0.1', 5432];
  return openPostgresql({ host, port, user, password, database: name });
}

/** What of the server keeps somebody out. */
export async function whyAway(machine: Machine, record: DatabaseRecord, error: unknown): Promise<AppError> {
  if (error instanceof WireRefusal) return serverDenied(error);
  // Says it better where no server is installed or running.
  await mustRun(machine, record.engine);
  return serverAway(error);
}
