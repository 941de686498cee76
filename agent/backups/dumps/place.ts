import { existsSync } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import { listAccounts, type Account } from '../../core/machine.ts';
import type { DumpPart } from '../manifest.ts';
import type { BackupWork } from '../work.ts';
import { panelPlace } from './panel-place.ts';

/** How a server is reached: its Unix socket as its superuser, or an address with credentials. */
export type ServerAddress =
  | { readonly kind: 'socket'; readonly path: string; readonly user: string; readonly account: Account | undefined }
  | {
      readonly kind: 'credentials';
      readonly host: string;
      readonly port: number;
      readonly socketPath: string | null;
      readonly user: string;
      readonly password: string;
      readonly tls: 'off' | 'require' | 'verify';
    };

export type ServerPlace = {
  readonly engine: 'mariadb' | 'postgresql';
  readonly database: string;
  readonly address: ServerAddress;
};

/** Where the database of a part is. */
export type DumpPlace = ServerPlace | { readonly engine: 'sqlite'; readonly path: string };

type Machine = Pick<BackupWork, 'prefix'>;

export async function placeOf(work: BackupWork, source: DumpPart['source']): Promise<DumpPlace> {
  if (source.kind === 'sqlite') return { engine: 'sqlite', path: `${work.prefix}${source.path}` };
  if (source.kind === 'panel') return await panelPlace(work);
  return { engine: source.engine, database: source.database, address: superuserOf(work, source.engine) };
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

/** Undefined when we are an ordinary user already, or when there is no such account. */
export function accountOf(name: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  return listAccounts().find((account) => account.name === name);
}

/** What people call it in messages. */
export function nameOf(place: DumpPlace): string {
  return place.engine === 'sqlite' ? place.path : place.database;
}

export function toolMissing(tool: string): AppError {
  return new AppError('internal', 'A program that is needed is not installed.', {
    reason: 'backup_tool_missing',
    params: { tool },
  });
}
