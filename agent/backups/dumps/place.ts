import { existsSync } from 'node:fs';
import type { DumpPart } from '../manifest.ts';
import type { BackupWork } from '../work.ts';
import { accountOf, type DumpPlace, type ServerAddress, type ServerPlace } from './address.ts';
import { ask } from './client.ts';
import { panelPlace } from './panel-place.ts';

type Machine = Pick<BackupWork, 'prefix'>;

export async function placeOf(work: BackupWork, source: DumpPart['source']): Promise<DumpPlace> {
  if (source.kind === 'sqlite') return { engine: 'sqlite', path: `${work.prefix}${source.path}` };
  if (source.kind === 'panel') return await panelPlace(work);
  return { engine: source.engine, database: source.database, address: superuserOf(work, source.engine) };
}

/**
 * The same for a restore, which makes and drops databases: where a server of this machine is meant, as its superuser,
 * because the panel's own account may do neither.
 */
export async function restorePlaceOf(work: BackupWork, source: DumpPart['source']): Promise<DumpPlace> {
  const place = await placeOf(work, source);
  if (place.engine === 'sqlite' || place.address.kind === 'socket') return place;
  const { host, port, socketPath } = place.address;
  if (socketPath === null && !['localhost', '127.0.0.1', '::1'].includes(host)) return place;
  const local: ServerPlace = { ...place, address: superuserOf(work, place.engine) };
  return (await portOf(work, local)) === port ? local : place;
}

/** undefined when there is no such server here, or when it does not let us in. */
async function portOf(work: BackupWork, place: ServerPlace): Promise<number | undefined> {
  const isMariadb = place.engine === 'mariadb';
  const sql = isMariadb ? 'select @@port;' : `select json_build_array(current_setting('port'));`;
  const rows = await ask(work, { ...place, database: isMariadb ? '' : 'postgres' }, sql).catch(() => []);
  return rows[0]?.[0] === undefined ? undefined : Number(rows[0][0]);
}

/** The server of this machine, as its superuser through the socket: no password exists that could leak. */
export function superuserOf({ prefix }: Machine, engine: 'mariadb' | 'postgresql'): ServerAddress {
  if (engine === 'mariadb') {
    const paths = ['/run/mysqld/mysqld.sock', '/var/run/mysqld/mysqld.sock'].map((path) => `${prefix}${path}`);
    const path = paths.find((each) => existsSync(each)) ?? `${prefix}/run/mysqld/mysqld.sock`;
    return { kind: 'socket', path, user: 'root', account: undefined };
  }
  const folders = ['/run/postgresql', '/var/run/postgresql'].map((path) => `${prefix}${path}`);
  const path = folders.find((each) => existsSync(each)) ?? `${prefix}/run/postgresql`;
  return { kind: 'socket', path, user: 'postgres', account: accountOf('postgres') };
}
