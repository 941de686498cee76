import { X509Certificate } from 'node:crypto';
import { AppError } from '#shared/errors.ts';
import { makeFolders, putFile, readText, sha256, Unsynced } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import type { RemotePlace } from '../databases/engines/engine.ts';
import { unseal } from '../databases/seal.ts';
import { addressOf } from './address.ts';
import { checkServer } from './check.ts';
import { whyUnreached } from './probe.ts';
import { folderOf, type KeptServer } from './servers.ts';

/** What everything about databases works with, in place of the machine itself. */
export type RemoteMachine = Pick<Machine, 'locks' | 'now' | 'prefix' | 'stateFolder'> & {
  readonly remote: RemotePlace;
};

type Open = Pick<Machine, 'locks' | 'now' | 'prefix' | 'stateFolder'>;
type Way = Pick<KeptServer, 'authority' | 'engine' | 'host' | 'port' | 'serverId' | 'tls' | 'user' | 'usersHost'>;

/**
 * Does something on a server on another machine as its administrator. What goes wrong on the way is said in words of its
 * own: `remote_*` reasons.
 */
export async function onServer<T>(
  machine: Open,
  server: KeptServer,
  work: (place: RemoteMachine) => Promise<T>,
): Promise<T> {
  const stateFolder = folderOf(machine, server.serverId);
  const password = await unseal({ stateFolder }, server.serverId, server.password);
  return await onWay(machine, stateFolder, server, password, work);
}

/** The same for one that is only tried. */
export async function onWay<T>(
  machine: Open,
  stateFolder: string,
  way: Way,
  password: string,
  work: (place: RemoteMachine) => Promise<T>,
): Promise<T> {
  const { engine, host, port, user, tls, usersHost, serverId } = way;
  const hostAddress = await addressOf(host, port);
  const caPath = await authorityFile(stateFolder, way.authority);
  const address = {
    kind: 'credentials',
    host,
    port,
    hostAddress,
    socketPath: null,
    user,
    password,
    tls,
    caPath,
  } as const;
  // Its databases are nobody else's business: one that does not answer keeps no other one waiting.
  const locks: Machine['locks'] = {
    heldCount: 0,
    hold: (resource, deadlineAt, within) => machine.locks.hold(`${resource} ${serverId}`, deadlineAt, within),
  };
  const { now, prefix } = machine;
  const place = { locks, now, prefix, stateFolder, remote: { address, usersHost } };
  try {
    return await work(place);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw await meaningOf(error, place, engine, way.authority);
  }
}

/** The clients of the servers read it from a file. */
async function authorityFile(stateFolder: string, authority: string | null): Promise<string | null> {
  if (authority === null) return null;
  const path = `${stateFolder}/authority-${sha256(authority).slice(0, 16)}.pem`;
  if (readText(path) === authority) return path;
  makeFolders(stateFolder);
  const unsynced = new Unsynced();
  putFile(path, Buffer.from(authority), { mode: 0o600 }, 'authority', unsynced);
  await unsynced.flush();
  return path;
}

/** Throws for a field when one of them is none. */
export function checkAuthority(authority: string | null): void {
  if (authority === null) return;
  const pieces = authority.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    for (const piece of pieces) new X509Certificate(piece);
    if (pieces.length > 0) return;
  } catch {
    // Said below.
  }
  throw new AppError('invalid_request', 'These are no certificates.', {
    fields: [{ field: 'authority', code: 'remote_authority_invalid' }],
  });
}

const packages = { mariadb: 'mariadb-client', postgresql: 'postgresql-client' } as const;
/** ER_HOST_IS_BLOCKED, ER_HOST_NOT_PRIVILEGED: it does not even ask for a password. */
const keptOut: readonly unknown[] = [1129, 1130];
/** ER_DBACCESS_DENIED_ERROR, ER_TABLEACCESS_DENIED_ERROR, ER_SPECIFIC_ACCESS_DENIED_ERROR and others; PostgreSQL's own. */
const mayNot: readonly unknown[] = [1044, 1142, 1227, 1410, '42501'];

async function meaningOf(
  error: AppError,
  place: RemoteMachine,
  engine: KeptServer['engine'],
  authority: string | null,
): Promise<AppError> {
  const { address } = place.remote;
  const said = (
    reason: 'remote_client_missing' | 'remote_server_login' | 'remote_server_lost',
    params = {},
  ): AppError =>
    new AppError('in_use', 'The panel did not come in to the database server.', { reason, params, cause: error });
  const code = error.params['code'];
  if (error.reason === 'database_server_denied' || keptOut.includes(code))
    return said('remote_server_login', { user: address.user });
  if (error.reason === 'database_server_refused' && mayNot.includes(code))
    return await whatIsLacking(error, place, engine);
  if (error.reason !== 'database_server_away') return error;
  if (isToolMissing(error)) return said('remote_client_missing', { package: packages[engine] });
  const { host, hostAddress, port, tls } = address;
  const why = await whyUnreached({ engine, host, address: hostAddress ?? host, port, tls, authority });
  return why ?? said('remote_server_lost');
}

/** Says which rights the administrator lacks, when these are what it is about. */
async function whatIsLacking(error: AppError, place: RemoteMachine, engine: KeptServer['engine']): Promise<AppError> {
  try {
    await checkServer(place, engine);
    return error;
  } catch (said) {
    return said instanceof AppError ? said : error;
  }
}

function isToolMissing(error: AppError): boolean {
  return error.cause instanceof AppError && error.cause.reason === 'backup_tool_missing';
}
