import { z } from 'zod';
import {
  accountGrant,
  accountHost,
  accountId,
  anyName,
  databaseAccount,
  listedAccount,
  privilege,
} from '../database-servers.ts';
import { serverSettingsView, settingsChangeOfAgent, slowStatements } from '../database-server-settings.ts';
import { processEnds, processId, serverState } from '../database-server-state.ts';
import { databaseEngines, databasePassword, databaseUser } from '../databases.ts';
import type { AgentAction } from './action.ts';

const engine = z.enum(databaseEngines);
const serverRef = z.strictObject({ engine });
const accountRef = z.strictObject({ engine, accountId });
const newPassword = z.object({ password: z.string() });
const changing = {
  permission: 'databases.manage',
  ticket: 'always',
  isReadOnly: false,
  timeoutMs: 60_000,
} as const;
const reading = {
  permission: 'databases.manage',
  ticket: 'never',
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 60_000,
  maxResultBytes: 4 * 1024 * 1024,
} as const;

export const databaseServersListAccounts = {
  ...reading,
  name: 'database_servers.list_accounts',
  params: serverRef,
  result: z.object({ items: z.array(listedAccount), databases: z.array(z.string()) }),
  summary: 'Accounts of a database server; no passwords',
} as const satisfies AgentAction;

export const databaseServersReadAccount = {
  ...reading,
  name: 'database_servers.read_account',
  params: accountRef,
  result: z.object({ account: databaseAccount, grants: z.array(accountGrant) }),
  summary: 'Rights of an account on databases and tables',
} as const satisfies AgentAction;

export const databaseServersCreateAccount = {
  ...changing,
  name: 'database_servers.create_account',
  params: z.strictObject({
    engine,
    name: databaseUser,
    hosts: z.array(accountHost).max(20),
    /** null: a random one is made. */
    password: databasePassword.nullable(),
    requiresTls: z.boolean(),
  }),
  result: z.object({ password: z.string(), items: z.array(databaseAccount) }),
  isIdempotent: false,
  maxResultBytes: 64 * 1024,
  summary: 'Make an account without rights on a database server, for each host or for none',
} as const satisfies AgentAction;

export const databaseServersChangeAccount = {
  ...changing,
  name: 'database_servers.change_account',
  params: accountRef.extend({
    /** null: as it is. */
    host: accountHost.nullable(),
    requiresTls: z.boolean(),
    isLocked: z.boolean(),
  }),
  result: databaseAccount,
  isIdempotent: true,
  maxResultBytes: 16 * 1024,
  summary: 'Where an account comes from, whether over TLS only, whether at all; system accounts are refused',
} as const satisfies AgentAction;

export const databaseServersSetAccountPassword = {
  ...changing,
  name: 'database_servers.set_account_password',
  params: accountRef.extend({ password: databasePassword.nullable() }),
  result: newPassword,
  isIdempotent: false,
  maxResultBytes: 4 * 1024,
  summary: 'Another password for an account that is neither of the system nor of a database of the panel',
} as const satisfies AgentAction;

export const databaseServersSetGrant = {
  ...changing,
  name: 'database_servers.set_grant',
  params: accountRef.extend({
    database: anyName,
    table: anyName.nullable(),
    privileges: z.array(privilege).max(40),
    canGrant: z.boolean(),
  }),
  result: z.object({ grants: z.array(accountGrant) }),
  isIdempotent: true,
  maxResultBytes: 4 * 1024 * 1024,
  summary: 'Exactly these rights on a database or a table; never on what the server keeps for itself',
} as const satisfies AgentAction;

export const databaseServersDropAccount = {
  ...changing,
  name: 'database_servers.drop_account',
  params: accountRef,
  result: z.object({}),
  isIdempotent: true,
  maxResultBytes: 1_024,
  summary: 'Drop an account that is neither of the system nor of a database of the panel',
} as const satisfies AgentAction;

export const databaseServersSetRootPassword = {
  ...changing,
  name: 'database_servers.set_root_password',
  params: serverRef.extend({ password: databasePassword.nullable() }),
  result: newPassword,
  isIdempotent: false,
  maxResultBytes: 4 * 1024,
  summary: 'A password for the superuser, who keeps coming in over the socket without one',
} as const satisfies AgentAction;

export const databaseServersState = {
  ...reading,
  name: 'database_servers.state',
  params: serverRef,
  result: serverState,
  summary: 'Uptime, size, connections and processes of a database server, with the beginning of their statements',
} as const satisfies AgentAction;

/** The work of a connection is taken back by the server; whoever had it comes in again. */
export const databaseServersEndProcess = {
  ...changing,
  name: 'database_servers.end_process',
  ticket: 'never',
  params: serverRef.extend({ processId, what: z.enum(processEnds) }),
  result: z.object({}),
  isIdempotent: false,
  maxResultBytes: 1_024,
  summary: 'Stop the statement of a connection, or the connection; never threads of the server itself',
} as const satisfies AgentAction;

export const databaseServersSettings = {
  ...reading,
  name: 'database_servers.settings',
  params: z.strictObject({}),
  result: serverSettingsView,
  maxResultBytes: 64 * 1024,
  summary: 'Settings of MariaDB that the panel keeps, and what each choice would change',
} as const satisfies AgentAction;

/** Checked by the server itself, taken up without a restart, and taken back when it does not work. */
export const databaseServersPutSettings = {
  ...changing,
  name: 'database_servers.put_settings',
  params: settingsChangeOfAgent,
  result: serverSettingsView,
  isIdempotent: false,
  timeoutMs: 120_000,
  maxResultBytes: 64 * 1024,
  summary: 'Write the settings of MariaDB that the panel keeps into a file of its own',
} as const satisfies AgentAction;

export const databaseServersSlowStatements = {
  ...reading,
  name: 'database_servers.slow_statements',
  params: z.strictObject({}),
  result: slowStatements,
  summary: 'Slow statements by their shape, from the end of the log that MariaDB writes; never a value',
} as const satisfies AgentAction;
