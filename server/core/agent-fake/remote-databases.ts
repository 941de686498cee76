import { createHash } from 'node:crypto';
import { charsetsOf, databaseCharsets, type DatabaseCharset } from '#shared/databases.ts';
import { AppError } from '#shared/errors.ts';
import type { ErrorReason } from '#shared/error-reasons.ts';
import { isRemoteCharset, type RemoteDatabase, type RemoteServer } from '#shared/remote-databases.ts';
import type { FakeActions } from '../agent-fake.ts';
import { newId } from '../id.ts';

type Name = Extract<keyof FakeActions, `remote_databases.${string}`>;
type Kept = { readonly server: Omit<RemoteServer, 'databases'>; readonly items: Map<string, RemoteDatabase> };

const said = (reason: ErrorReason, params: Record<string, string | number> = {}): AppError =>
  new AppError('in_use', 'The database server is not reached.', { reason, params });

/** Hosts and passwords that say what goes wrong: `refused.test`, `unknown.test`, `plain.test`, `wrong password`. */
function mustReach({
  host,
  port,
  user,
  tls,
  password,
}: {
  host: string;
  port: number;
  user: string;
  tls: string;
  password: string | null;
}): void {
  if (host === 'unknown.test') throw said('remote_server_name_unknown', { host });
  if (host === 'refused.test') throw said('remote_server_refused', { host, port });
  if (host === 'plain.test' && tls === 'verify') throw said('remote_server_no_tls');
  if (password === 'wrong password') throw said('remote_server_login', { user });
}

const foreign: RemoteDatabase = {
  databaseId: null,
  engine: 'mariadb',
  name: 'reporting',
  user: null,
  charset: 'utf8mb4',
  collation: 'utf8mb4_general_ci',
  sizeBytes: 52_428_800,
  tables: 34,
  createdAt: null,
  state: 'foreign',
};

/** The part of the fake agent that keeps database servers on other machines. */
export function createFakeRemoteDatabases(now: () => number): Pick<FakeActions, Name> {
  const servers = new Map<string, Kept>();

  function get(serverId: string): Kept {
    const found = servers.get(serverId);
    if (found === undefined)
      throw new AppError('not_found', 'There is no such server.', { reason: 'remote_server_unknown' });
    return found;
  }

  function getDatabase(serverId: string, databaseId: string): RemoteDatabase {
    const found = get(serverId).items.get(databaseId);
    if (found === undefined)
      throw new AppError('not_found', 'There is no such database.', { reason: 'database_unknown' });
    return found;
  }

  const shown = ({ server, items }: Kept): RemoteServer => ({ ...server, databases: items.size });
  const previewOf = (serverId: string, databaseId: string) => {
    const { name, user, tables, sizeBytes } = getDatabase(serverId, databaseId);
    const confirm = createHash('sha256').update(`${databaseId} ${name}`).digest('hex');
    return {
      name,
      user: user ?? '',
      isUserKept: false,
      tables: tables ?? 0,
      rows: 0,
      sizeBytes: sizeBytes ?? 0,
      connections: 0,
      confirm,
    };
  };
  const newPassword = (): string => `Fake${newId()}`;

  return {
    'remote_databases.servers': () =>
      Promise.resolve({
        items: [...servers.values()].map(shown).sort((one, other) => one.name.localeCompare(other.name)),
      }),
    async 'remote_databases.put_server'({ isNew, isTrial, password, ...way }) {
      const before = isNew ? servers.get(way.serverId) : get(way.serverId);
      const isNamed = [...servers.values()].some(
        ({ server }) => server.serverId !== way.serverId && server.name === way.name,
      );
      if (!isTrial && isNamed)
        throw new AppError('already_exists', 'There is a server of this name.', {
          reason: 'remote_server_exists',
          params: { name: way.name },
          fields: [{ field: 'name', code: 'remote_server_exists', params: { name: way.name } }],
        });
      if (before !== undefined && !isTrial && before.server.engine !== way.engine) throw said('remote_server_fixed');
      const parts = ['engine', 'host', 'port', 'user', 'tls', 'authority'] as const;
      const isSame = before !== undefined && parts.every((part) => before.server[part] === way[part]);
      if (password === null && !isSame)
        throw new AppError('invalid_request', 'The password is needed again.', {
          fields: [{ field: 'password', code: before === undefined ? 'required' : 'remote_password_again' }],
        });
      mustReach({ ...way, password });
      const version = way.engine === 'mariadb' ? '11.4.5' : '16.8';
      const found = { version, isEncrypted: way.tls === 'verify' };
      if (isTrial) return Promise.resolve({ server: null, found });
      const usersHost = way.engine === 'postgresql' ? '' : way.usersFrom === 'any' ? '%' : '192.0.2.10';
      const addedAt = before?.server.addedAt ?? new Date(now()).toISOString();
      const kept: Kept = {
        server: { ...way, version, usersHost, addedAt },
        items: before?.items ?? new Map<string, RemoteDatabase>(),
      };
      servers.set(way.serverId, kept);
      return Promise.resolve({ server: shown(kept), found });
    },
    async 'remote_databases.remove_server'({ serverId }) {
      const { name } = get(serverId).server;
      servers.delete(serverId);
      return Promise.resolve({ name });
    },
    async 'remote_databases.list'({ serverId }) {
      const kept = get(serverId);
      const { engine } = kept.server;
      const items = [
        ...kept.items.values(),
        { ...foreign, engine, tables: engine === 'mariadb' ? foreign.tables : null },
      ];
      const locales = engine === 'postgresql' ? ['C', 'C.utf8', 'ar_SA.utf8'] : [];
      return Promise.resolve({ server: shown(kept), items, locales });
    },
    async 'remote_databases.create'({ serverId, databaseId, name, user, password, charset: wanted }) {
      const { server, items } = get(serverId);
      const charset = wanted ?? charsetsOf[server.engine][0];
      if (!isRemoteCharset(server.engine, charset))
        throw new AppError('invalid_request', 'This server has no such character set.', {
          fields: [{ field: 'charset', code: 'database_charset_engine' }],
        });
      if (name === foreign.name || [...items.values()].some((each) => each.name === name))
        throw new AppError('already_exists', 'There is a database of this name.', {
          reason: 'database_exists',
          params: { name },
          fields: [{ field: 'name', code: 'database_exists', params: { name } }],
        });
      const database: RemoteDatabase = {
        databaseId,
        engine: server.engine,
        name,
        user,
        charset,
        collation: server.engine === 'mariadb' ? databaseCharsets[charset as DatabaseCharset] : 'C.utf8',
        sizeBytes: 0,
        tables: server.engine === 'mariadb' ? 0 : null,
        createdAt: new Date(now()).toISOString(),
        state: 'ready',
      };
      items.set(databaseId, database);
      return Promise.resolve({ database, password: password ?? newPassword() });
    },
    async 'remote_databases.change_password'({ serverId, databaseId, password }) {
      getDatabase(serverId, databaseId);
      return Promise.resolve({ password: password ?? newPassword() });
    },
    async 'remote_databases.preview_removal'({ serverId, databaseId }) {
      return Promise.resolve(previewOf(serverId, databaseId));
    },
    async 'remote_databases.remove'({ serverId, databaseId, confirm }) {
      const { name, confirm: expected } = previewOf(serverId, databaseId);
      if (confirm !== expected)
        throw new AppError('changed_meanwhile', 'The list of what would be removed has changed.', {
          reason: 'removal_list_changed',
        });
      get(serverId).items.delete(databaseId);
      return Promise.resolve({ name });
    },
  };
}
