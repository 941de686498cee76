import type { Call } from '../core/call.ts';
import type { Handlers } from '../core/handlers.ts';
import type { Machine } from '../core/machine.ts';
import { databasesLock } from '../databases/records.ts';
import {
  changeAccount,
  createAccount,
  dropAccount,
  listAccounts,
  readAccount,
  setAccountPassword,
  setGrant,
  setRootPassword,
} from './accounts.ts';
import { putSettings, readSettings } from './settings/settings.ts';
import { listSlowStatements } from './settings/slow-statements.ts';
import { endProcess, readState } from './state.ts';

/** One change at a time, also beside those of databases and their own users. */
function held<P, R>(work: (machine: Machine, params: P) => Promise<R>) {
  return (machine: Machine, params: P, { deadlineAt }: Call): Promise<R> =>
    machine.locks.hold(databasesLock, deadlineAt, () => work(machine, params));
}

export const databaseServersHandlers: Pick<Handlers, Extract<keyof Handlers, `database_servers.${string}`>> = {
  'database_servers.change_account': held(changeAccount),
  'database_servers.create_account': held(createAccount),
  'database_servers.drop_account': held(async (machine, params) => {
    await dropAccount(machine, params);
    return {};
  }),
  'database_servers.end_process': async (machine, params) => {
    await endProcess(machine, params);
    return {};
  },
  'database_servers.list_accounts': (machine, { engine }) => listAccounts(machine, engine),
  'database_servers.put_settings': putSettings,
  'database_servers.read_account': (machine, params) => readAccount(machine, params),
  'database_servers.set_account_password': held(setAccountPassword),
  'database_servers.set_grant': held(setGrant),
  'database_servers.set_root_password': held(setRootPassword),
  'database_servers.settings': (machine) => readSettings(machine),
  'database_servers.slow_statements': (machine) => listSlowStatements(machine),
  'database_servers.state': (machine, { engine }) => readState(machine, engine),
};
