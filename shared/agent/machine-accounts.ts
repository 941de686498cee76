import { z } from 'zod';
import {
  accountFacts,
  accountKeysChange,
  accountPassword,
  accountRef,
  accountRemoval,
  groupMembersChange,
  machineAccount,
  machineAccountChange,
  machineAccounts,
  machineGroup,
  newMachineAccount,
  newMachineGroup,
} from '../machine-accounts.ts';
import type { AgentAction } from './action.ts';

/*
 * Whoever may make accounts, or get into those of others, is as mighty as root: all changes need the permission of a
 * terminal of root's, and a fresh factor.
 */
const change = {
  permission: 'terminals.root',
  ticket: 'always',
  isReadOnly: false,
  isIdempotent: false,
  // The tools wait a quarter of a minute for a lock of somebody else's.
  timeoutMs: 60_000,
  maxResultBytes: 256 * 1_024,
} as const;

const look = {
  permission: 'services.read',
  ticket: 'never',
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 30_000,
} as const;

export const machineAccountsAddGroup = {
  ...change,
  name: 'machine_accounts.add_group',
  params: newMachineGroup,
  result: machineGroup,
  summary: 'Make a group of the machine',
} as const satisfies AgentAction;

export const machineAccountsChange = {
  ...change,
  name: 'machine_accounts.change',
  params: machineAccountChange.extend({ name: accountRef.shape.name }),
  result: z.object({ before: machineAccount, account: machineAccount }),
  isIdempotent: true,
  summary: 'Change name, shell, groups or expiry of a user of the machine, or lock it',
} as const satisfies AgentAction;

export const machineAccountsCreate = {
  ...change,
  name: 'machine_accounts.create',
  params: newMachineAccount,
  result: machineAccount,
  summary: 'Make a user of the machine with home and SSH keys',
} as const satisfies AgentAction;

export const machineAccountsList = {
  ...look,
  name: 'machine_accounts.list',
  params: z.strictObject({}),
  result: machineAccounts,
  maxResultBytes: 8 * 1_024 * 1_024,
  summary: 'Users and groups of the machine',
} as const satisfies AgentAction;

export const machineAccountsRead = {
  ...look,
  name: 'machine_accounts.read',
  params: accountRef,
  result: accountFacts,
  maxResultBytes: 512 * 1_024,
  summary: 'One user of the machine, and what would end with it',
} as const satisfies AgentAction;

export const machineAccountsRemove = {
  ...change,
  name: 'machine_accounts.remove',
  params: accountRemoval.extend({ name: accountRef.shape.name }),
  result: z.object({ before: machineAccount }),
  summary: 'Remove a user of the machine; the home stays and becomes root’s',
} as const satisfies AgentAction;

export const machineAccountsRemoveGroup = {
  ...change,
  name: 'machine_accounts.remove_group',
  params: accountRef,
  result: z.object({ before: machineGroup }),
  summary: 'Remove a group of the machine',
} as const satisfies AgentAction;

export const machineAccountsSetKeys = {
  ...change,
  name: 'machine_accounts.set_keys',
  params: accountKeysChange.extend({ name: accountRef.shape.name }),
  result: z.object({ before: accountFacts.shape.keys, keys: accountFacts.shape.keys }),
  isIdempotent: true,
  summary: 'Add and remove SSH keys of a user of the machine',
} as const satisfies AgentAction;

export const machineAccountsSetMembers = {
  ...change,
  name: 'machine_accounts.set_members',
  params: groupMembersChange.extend({ name: accountRef.shape.name }),
  result: z.object({ before: machineGroup, group: machineGroup }),
  isIdempotent: true,
  summary: 'Put users of the machine into a group and take them out',
} as const satisfies AgentAction;

export const machineAccountsSetPassword = {
  ...change,
  name: 'machine_accounts.set_password',
  params: accountPassword.extend({ name: accountRef.shape.name }),
  result: z.object({}),
  isIdempotent: true,
  summary: 'Give a user of the machine a password',
} as const satisfies AgentAction;
