import { z } from 'zod';
import { empty, line, type Operation } from './http.ts';
import { maxSshKeys, parseSshKey } from './site-sftp.ts';

/** Names of new users and groups, as Debian's adduser takes them, at most the 32 characters of useradd(8). */
export const accountNamePattern = /^[a-z][a-z0-9_-]{0,31}$/;

/** Names that are there already may have more: capitals, dots, a dollar sign at the end. */
const presentName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,31}\$?$/, { error: 'account_name_invalid' });

/** Users and groups of the panel, of its sites and of nobody: neither made nor changed here. */
export function isReservedAccount(name: string): boolean {
  return name === 'root' || name === 'nobody' || name === 'nogroup' || /^(?:aapanel|site-)/.test(name);
}

/** Whoever is in one of these groups can become root, or read and write everything. Sorted. */
export const rootGroups = [
  'admin',
  'disk',
  'docker',
  'incus',
  'incus-admin',
  'kmem',
  'libvirt',
  'lxd',
  'root',
  'shadow',
  'sudo',
  'wheel',
] as const;

export function rootGroupsOf(names: readonly string[]): string[] {
  return names.filter((name) => rootGroups.some((each) => each === name));
}

/** Who an account of the machine is for: `system` ones belong to packages, `site` and `panel` ones to the panel. */
export const accountKinds = ['person', 'panel', 'root', 'site', 'system'] as const;

export const machineAccount = z.object({
  name: z.string(),
  uid: z.int(),
  /** Name of its own group. */
  group: z.string(),
  /** Other groups, sorted. */
  groups: z.array(z.string()),
  fullName: z.string(),
  home: z.string(),
  loginShell: z.string(),
  kind: z.enum(accountKinds),
  /** Has a shell that lets somebody in, and its day has not come. */
  canSignIn: z.boolean(),
  /** Expired for good, so that no way of signing in is left. Null where shadow(5) cannot be read. */
  isLocked: z.boolean().nullable(),
  /** The day from which nobody signs in any more. Null: never, or not known. */
  expiresOn: z.string().nullable(),
  hasPassword: z.boolean().nullable(),
  /** By the panel: accounts of people only. */
  canChange: z.boolean(),
});
export type MachineAccount = z.infer<typeof machineAccount>;

export const machineGroup = z.object({
  name: z.string(),
  gid: z.int(),
  /** Those whom group(5) names, sorted. */
  members: z.array(z.string()),
  /** Users whose own group it is. */
  primaryOf: z.array(z.string()),
  /** Whoever is in it can become root. */
  isRoot: z.boolean(),
  canChange: z.boolean(),
  canDelete: z.boolean(),
});
export type MachineGroup = z.infer<typeof machineGroup>;

export const machineAccounts = z.object({
  items: z.array(machineAccount),
  groups: z.array(machineGroup),
  /** What can be chosen: shells(5), and one that lets nobody in. */
  shells: z.array(z.string()),
  /** Whether accounts can be changed on this machine. */
  tools: z.enum(['ready', 'no_root', 'missing']),
});
export type MachineAccounts = z.infer<typeof machineAccounts>;

/** Name and key of one line of authorized_keys; the name is what stands behind the key. */
const presentKey = z.object({ name: z.string(), key: z.string() });

export const accountFacts = z.object({
  account: machineAccount,
  keys: z.array(presentKey),
  /** Lines of authorized_keys that the panel leaves alone: with options, or of other kinds. */
  otherKeyLines: z.int(),
  home: z.object({
    /** `other`: no folder, or not the user's own; nothing is done there. */
    state: z.enum(['folder', 'missing', 'other', 'unknown']),
    /** Null where it takes too long to count. */
    sizeBytes: z.number().nullable(),
  }),
  /** Sessions that systemd knows of. */
  sessions: z.int(),
  processes: z.array(z.object({ pid: z.int(), name: z.string() })),
  processCount: z.int(),
  /** Lines of its crontab that run something. */
  crontabLines: z.int(),
  /** Scheduled jobs of the panel that run as this user. */
  jobs: z.array(z.object({ jobId: z.string(), name: z.string() })),
});
export type AccountFacts = z.infer<typeof accountFacts>;

/** No comma and no equals sign either: in passwd(5) they part the field from others. */
const fullName = line(100).refine((text) => !/[:,=]/.test(text), { error: 'full_name_invalid' });
const loginShell = z.string().regex(/^\/[A-Za-z0-9._/+-]{1,127}$/, { error: 'path_invalid' });
const groups = z.array(presentName).max(64);
const day = z.iso.date().refine((text) => text >= '2000-01-01' && text < '2100-01-01', { error: 'invalid' });

const newKey = z.strictObject({
  name: line(60, 1),
  key: z
    .string()
    .max(6_100)
    .superRefine((text, context) => {
      const parsed = parseSshKey(text);
      if (!parsed.ok) context.addIssue({ code: 'custom', message: parsed.code });
      else if (parsed.key !== text) context.addIssue({ code: 'custom', message: 'ssh_key_invalid' });
    }),
});
const newKeys = z.array(newKey).max(maxSshKeys);

const newName = z
  .string()
  .regex(accountNamePattern, { error: 'account_name_invalid' })
  .refine((name) => !isReservedAccount(name), { error: 'account_name_reserved' });

/** `becomesRoot`: whoever asks knows that a group among these makes its members as mighty as root. */
export const newMachineAccount = z.strictObject({
  name: newName,
  fullName: fullName.default(''),
  loginShell,
  groups: groups.default([]),
  keys: newKeys.default([]),
  becomesRoot: z.boolean().default(false),
});

export const machineAccountChange = z.strictObject({
  fullName: fullName.optional(),
  loginShell: loginShell.optional(),
  groups: groups.optional(),
  /** Null: never. A locked account gets it when it is unlocked. */
  expiresOn: day.nullable().optional(),
  isLocked: z.boolean().optional(),
  becomesRoot: z.boolean().default(false),
});

export const accountKeysChange = z.strictObject({
  add: newKeys.default([]),
  remove: z.array(z.string().max(6_100)).max(200).default([]),
});

/** At least twelve: whoever guesses it is on the machine. Control characters would end it early. */
export const leastAccountPassword = 12;
export const accountPassword = z.strictObject({
  password: z
    .string()
    .min(leastAccountPassword)
    .max(128)
    .regex(/^[^\u0000-\u001f\u007f]*$/, { error: 'control_characters' }),
});

export const accountRemoval = z.strictObject({
  /** Ends what still runs as the user; without it a user that has processes is not removed. */
  endsProcesses: z.boolean().default(false),
});

export const newMachineGroup = z.strictObject({ name: newName });
export const groupMembersChange = z.strictObject({
  add: z.array(presentName).max(200).default([]),
  remove: z.array(presentName).max(200).default([]),
  becomesRoot: z.boolean().default(false),
});

export const accountRef = z.strictObject({ name: presentName });

const base = '/api/v1/machine' as const;
const account = { params: z.object({ name: presentName }), access: 'terminals.root' } as const;

export const machineAccountsApi = {
  list: {
    id: 'listMachineAccounts',
    method: 'GET',
    path: `${base}/accounts`,
    access: 'services.read',
    summary: 'Users and groups of the machine',
    response: machineAccounts,
  },
  create: {
    id: 'createMachineAccount',
    method: 'POST',
    path: `${base}/accounts`,
    access: 'terminals.root',
    summary: 'Make a user of the machine',
    body: newMachineAccount,
    status: 201,
    response: machineAccount,
  },
  get: {
    ...account,
    id: 'getMachineAccount',
    method: 'GET',
    path: `${base}/accounts/{name}`,
    access: 'services.read',
    summary: 'One user of the machine: keys, home, processes, and what would end with it',
    response: accountFacts,
  },
  change: {
    ...account,
    id: 'changeMachineAccount',
    method: 'PATCH',
    path: `${base}/accounts/{name}`,
    summary: 'Change name, shell, groups or expiry of a user of the machine, or lock it',
    body: machineAccountChange,
    response: machineAccount,
  },
  setKeys: {
    ...account,
    id: 'changeMachineAccountKeys',
    method: 'POST',
    path: `${base}/accounts/{name}/keys`,
    summary: 'Add and remove SSH keys of a user of the machine',
    body: accountKeysChange,
    response: z.object({ keys: z.array(presentKey) }),
  },
  setPassword: {
    ...account,
    id: 'setMachineAccountPassword',
    method: 'PUT',
    path: `${base}/accounts/{name}/password`,
    summary: 'Give a user of the machine a password',
    body: accountPassword,
    status: 204,
    response: empty,
  },
  remove: {
    ...account,
    id: 'deleteMachineAccount',
    method: 'POST',
    path: `${base}/accounts/{name}/delete`,
    summary: 'Remove a user of the machine; the home stays and becomes root’s',
    body: accountRemoval,
    status: 204,
    response: empty,
  },
  createGroup: {
    id: 'createMachineGroup',
    method: 'POST',
    path: `${base}/groups`,
    access: 'terminals.root',
    summary: 'Make a group of the machine',
    body: newMachineGroup,
    status: 201,
    response: machineGroup,
  },
  setMembers: {
    ...account,
    id: 'changeMachineGroupMembers',
    method: 'POST',
    path: `${base}/groups/{name}/members`,
    summary: 'Put users of the machine into a group and take them out',
    body: groupMembersChange,
    response: machineGroup,
  },
  removeGroup: {
    ...account,
    id: 'deleteMachineGroup',
    method: 'DELETE',
    path: `${base}/groups/{name}`,
    summary: 'Remove a group of the machine',
    status: 204,
    response: empty,
  },
} as const satisfies Record<string, Operation>;
