import { rightsOf, type AccountGrant, type DatabaseAccount } from '#shared/database-servers.ts';
import { databaseEngines, type DatabaseEngine } from '#shared/databases.ts';
import { AppError } from '#shared/errors.ts';
import type { ServerProcess } from '#shared/database-server-state.ts';
import type { FakeActions } from '../agent-fake.ts';
import { fakeSettings, fakeSettingsView, fakeSlow, type KeptSettings } from './database-server-settings.ts';
import { fakeProcesses, fakeState } from './database-server-state.ts';

type ServersAction = Extract<keyof FakeActions, `database_servers.${string}`>;
type Kept = { account: DatabaseAccount; grants: AccountGrant[] };

const idOf = (name: string, host: string | null): string =>
  Buffer.from(JSON.stringify([name, host])).toString('base64url');

function accountOf(name: string, host: string | null, more: Partial<DatabaseAccount> = {}): DatabaseAccount {
  const plain = { databaseId: null, hasPassword: true, isLocked: false, requiresTls: false, isSystem: false };
  return { id: idOf(name, host), name, host, ...plain, ...more };
}

/** The part of the fake agent that keeps accounts of database servers. `databases`: their names on a server. */
export function createFakeDatabaseServers({
  isInstalled,
  databases,
}: {
  readonly isInstalled: (engine: DatabaseEngine) => boolean;
  readonly databases: (engine: DatabaseEngine) => string[];
}): Pick<FakeActions, ServersAction> {
  const servers = new Map<DatabaseEngine, Kept[]>(
    databaseEngines.map((engine) => {
      const isMaria = engine === 'mariadb';
      const root = accountOf(isMaria ? 'root' : 'postgres', isMaria ? 'localhost' : null, { isSystem: true });
      const reporting = accountOf('reporting', isMaria ? '192.0.2.%' : null);
      return [engine, [root, reporting].map((account) => ({ account, grants: [] }))];
    }),
  );

  function of(engine: DatabaseEngine): Kept[] {
    if (!isInstalled(engine))
      throw new AppError('in_use', 'No database server is installed.', { reason: 'database_server_missing' });
    return servers.get(engine) ?? [];
  }

  function get(engine: DatabaseEngine, accountId: string): Kept {
    const found = of(engine).find(({ account }) => account.id === accountId);
    if (found === undefined)
      throw new AppError('not_found', 'There is no such account.', { reason: 'database_account_unknown' });
    return found;
  }

  function ordinary(engine: DatabaseEngine, accountId: string): Kept {
    const found = get(engine, accountId);
    if (!found.account.isSystem) return found;
    throw new AppError('not_allowed', 'This account belongs to the server or to the system.', {
      reason: 'database_account_system',
      params: { name: found.account.name },
    });
  }

  let kept: KeptSettings = fakeSettings;
  const processes = new Map<DatabaseEngine, ServerProcess[]>(
    databaseEngines.map((each) => [each, fakeProcesses(each)]),
  );

  return {
    async 'database_servers.state'({ engine }) {
      of(engine);
      return fakeState(engine, databases(engine).length, processes.get(engine) ?? []);
    },
    async 'database_servers.settings'() {
      of('mariadb');
      return fakeSettingsView(kept);
    },
    async 'database_servers.put_settings'({ settings, revision }) {
      of('mariadb');
      if (revision !== fakeSettingsView(kept).revision)
        throw new AppError('changed_meanwhile', 'The settings were changed in the meantime.', {
          reason: 'database_settings_changed',
        });
      kept = { settings, previous: kept.settings };
      return fakeSettingsView(kept);
    },
    async 'database_servers.slow_statements'() {
      of('mariadb');
      return { isOn: kept.settings.slowLog.isOn, items: kept.settings.slowLog.isOn ? fakeSlow : [], isCut: false };
    },
    async 'database_servers.end_process'({ engine, processId, what }) {
      of(engine);
      const all = processes.get(engine) ?? [];
      const found = all.find(({ id }) => id === processId);
      if (found === undefined)
        throw new AppError('not_found', 'This connection has ended.', { reason: 'database_process_gone' });
      if (!found.canEnd)
        throw new AppError('not_allowed', 'This is a thread of the server itself.', {
          reason: 'database_process_system',
        });
      const left = all.filter((each) => each !== found);
      processes.set(
        engine,
        what === 'connection' ? left : [...left, { ...found, isRunning: false, sinceMs: 0, statement: '', state: '' }],
      );
      return {};
    },
    async 'database_servers.list_accounts'({ engine }) {
      const items = of(engine).map(({ account, grants }) => ({
        ...account,
        rights: engine === 'mariadb' ? rightsOf(engine, grants) : null,
      }));
      return { items, databases: databases(engine) };
    },
    async 'database_servers.read_account'({ engine, accountId }) {
      return get(engine, accountId);
    },
    async 'database_servers.create_account'({ engine, name, hosts, password, requiresTls }) {
      const places = engine === 'mariadb' ? hosts : [null];
      if (places.length === 0)
        throw new AppError('invalid_request', 'The hosts are not valid.', {
          fields: [{ field: 'hosts', code: 'required' }],
        });
      const kept = of(engine);
      if (kept.some(({ account }) => account.name === name && places.some((host) => host === account.host)))
        throw new AppError('already_exists', 'There is a database user of this name.', {
          reason: 'database_user_exists',
          params: { user: name },
          fields: [{ field: 'user', code: 'database_user_exists', params: { user: name } }],
        });
      const items = places.map((host) => accountOf(name, host, { requiresTls }));
      kept.push(...items.map((account) => ({ account, grants: [] })));
      return { password: password ?? 'FakeAccountPassword234567', items };
    },
    async 'database_servers.change_account'({ engine, accountId, host, requiresTls, isLocked }) {
      const found = ordinary(engine, accountId);
      const { name, host: before } = found.account;
      found.account = accountOf(name, host ?? before, { requiresTls, isLocked });
      return found.account;
    },
    async 'database_servers.set_account_password'({ engine, accountId, password }) {
      ordinary(engine, accountId);
      return { password: password ?? 'FakeAnotherPassword234567' };
    },
    async 'database_servers.set_grant'({ engine, accountId, database, table, privileges, canGrant }) {
      const found = ordinary(engine, accountId);
      if (!databases(engine).includes(database))
        throw new AppError('not_allowed', 'The server keeps this database for itself.', {
          reason: 'database_grant_system',
          params: { name: database },
        });
      found.grants = found.grants.filter((each) => each.database !== database || each.table !== table);
      if (privileges.length > 0) found.grants.push({ database, table, privileges, canGrant, isEditable: true });
      return { grants: found.grants };
    },
    async 'database_servers.drop_account'({ engine, accountId }) {
      ordinary(engine, accountId);
      servers.set(
        engine,
        of(engine).filter(({ account }) => account.id !== accountId),
      );
      return {};
    },
    async 'database_servers.set_root_password'({ engine, password }) {
      of(engine);
      return { password: password ?? 'FakeRootPassword234567890' };
    },
  };
}
