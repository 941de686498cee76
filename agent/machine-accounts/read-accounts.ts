import { existsSync } from 'node:fs';
import {
  isReservedAccount,
  rootGroupsOf,
  type MachineAccount,
  type MachineAccounts,
  type MachineGroup,
} from '#shared/machine-accounts.ts';
import { look, readText } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram } from '../core/run.ts';

const maxFileBytes = 16 * 1_024 * 1_024;
const most = 5_000;

/** People's numbers as Debian gives them (policy, 9.2.2). */
const firstPersonId = 1_000;
const endOfPeople = 60_000;
/** The shell that lets nobody in; no line of shells(5). */
export const noLogin = '/usr/sbin/nologin';
/** shadow(5) counts days since 1970. An account that expired on this day is a locked one (usermod(8), --lock). */
export const lockedDay = 1;
const dayMs = 86_400_000;

type Where = Pick<Machine, 'prefix' | 'isRoot'>;

export const accountTools = ['useradd', 'usermod', 'userdel', 'groupadd', 'groupdel', 'gpasswd', 'chpasswd'] as const;

/** Accounts of passwd(5) with the groups of group(5); people first, then by number. */
export function listMachineAccounts(where: Where): MachineAccounts {
  const { prefix } = where;
  const groups = rowsOf(prefix, 'group').flatMap(([name, , gid, members]) =>
    name === undefined || gid === undefined
      ? []
      : [{ name, gid: Number(gid), members: (members ?? '').split(',').filter((each) => each !== '') }],
  );
  const nameOf = new Map(groups.map(({ name, gid }) => [gid, name]));
  const groupsOf = new Map<string, string[]>();
  for (const { name, members } of groups)
    for (const member of members) groupsOf.set(member, [...(groupsOf.get(member) ?? []), name]);
  const shadow = readShadow(where);
  const primaries = new Map<number, string[]>();
  const rows = rowsOf(prefix, 'passwd');
  const numbers = rows.map(([, , uid]) => uid);
  // What runs as a number that two accounts share, and what it owns, is not one's own.
  const isShared = (uid: string): boolean => numbers.indexOf(uid) !== numbers.lastIndexOf(uid);
  const accounts = rows.flatMap(([name, , uid, gid, gecos, home, shell]): MachineAccount[] => {
    if (name === undefined || name === '' || uid === undefined || gid === undefined) return [];
    primaries.set(Number(gid), [...(primaries.get(Number(gid)) ?? []), name]);
    const kind = kindOf(name, Number(uid));
    const secret = shadow?.get(name);
    return [
      {
        name,
        uid: Number(uid),
        group: nameOf.get(Number(gid)) ?? gid,
        groups: (groupsOf.get(name) ?? []).sort(),
        fullName: (gecos ?? '').split(',')[0] ?? '',
        home: home ?? '',
        loginShell: shell ?? '',
        kind,
        canSignIn: isShell(prefix, shell ?? '') && secret?.isOver !== true,
        isLocked: shadow === undefined ? null : secret?.isLocked === true,
        expiresOn: secret?.expiresOn ?? null,
        hasPassword: shadow === undefined ? null : secret?.hasPassword === true,
        canChange:
          kind === 'person' && !isReservedAccount(name) && Number(uid) !== process.getuid?.() && !isShared(uid),
      },
    ];
  });
  const rank = (kind: MachineAccount['kind']): number => order.indexOf(kind);
  return {
    items: accounts.sort((one, other) => rank(one.kind) - rank(other.kind) || one.uid - other.uid).slice(0, most),
    groups: groups
      .map(({ name, gid, members }) => groupOf(name, gid, members, primaries.get(gid) ?? []))
      .sort((one, other) => one.name.localeCompare(other.name, 'en'))
      .slice(0, most),
    shells: listShells(prefix),
    tools: toolsOf(where),
  };
}

function groupOf(name: string, gid: number, members: string[], primaryOf: string[]): MachineGroup {
  const canChange = !isReservedAccount(name);
  const canDelete = canChange && gid >= firstPersonId && gid < endOfPeople && primaryOf.length === 0;
  return {
    name,
    gid,
    members: members.sort(),
    primaryOf: primaryOf.sort().slice(0, 100),
    isRoot: rootGroupsOf([name]).length > 0,
    canChange,
    canDelete,
  };
}

const order: readonly MachineAccount['kind'][] = ['root', 'person', 'panel', 'site', 'system'];

function kindOf(name: string, uid: number): MachineAccount['kind'] {
  if (uid === 0) return 'root';
  if (name === 'aapanel') return 'panel';
  if (/^site-[a-z2-7]{8}$/.test(name)) return 'site';
  return uid >= firstPersonId && uid < endOfPeople ? 'person' : 'system';
}

/** One that lets somebody in: none of those that only say no. An empty field means `/bin/sh`. */
function isShell(prefix: string, shell: string): boolean {
  if (shell === '') return true;
  return !/\/(?:nologin|false|true|sync|shutdown|halt)$/.test(shell) && existsSync(prefix + shell);
}

/** shells(5), and the one that lets nobody in. */
function listShells(prefix: string): string[] {
  const lines = (readText(`${prefix}/etc/shells`) ?? '').split('\n').map((line) => line.trim());
  const shells = lines.filter((line) => /^\/[A-Za-z0-9._/+-]{1,127}$/.test(line));
  return [...new Set([...shells, noLogin])].slice(0, 50);
}

function toolsOf({ prefix, isRoot }: Where): MachineAccounts['tools'] {
  if (!isRoot) return 'no_root';
  const hasFiles = ['passwd', 'group', 'shadow'].every((name) => look(`${prefix}/etc/${name}`).type === 'file');
  return hasFiles && accountTools.every((name) => findProgram(name) !== undefined) ? 'ready' : 'missing';
}

type Secret = {
  readonly isLocked: boolean;
  /** Its day has come. */
  readonly isOver: boolean;
  readonly expiresOn: string | null;
  readonly hasPassword: boolean;
};

/** Never the passwords themselves. Undefined for who may not read it. */
function readShadow({ prefix, isRoot }: Where): Map<string, Secret> | undefined {
  if (!isRoot || look(`${prefix}/etc/shadow`).type !== 'file') return undefined;
  return new Map(
    rowsOf(prefix, 'shadow').flatMap(([name, password, , , , , , expires]) =>
      name === undefined || name === '' ? [] : [[name, secretOf(password ?? '', expires ?? '')] as const],
    ),
  );
}

function secretOf(password: string, expires: string): Secret {
  const days = /^\d{1,7}$/.test(expires) ? Number(expires) : undefined;
  const isLocked = days !== undefined && days <= lockedDay;
  return {
    isLocked,
    isOver: days !== undefined && days * dayMs <= Date.now(),
    expiresOn: days === undefined || isLocked ? null : new Date(days * dayMs).toISOString().slice(0, 10),
    // Behind the mark of a locked one a sum may stand; alone it is no password at all.
    hasPassword: /^!*[^!*]{2,}/.test(password),
  };
}

/** The whole fifth field of passwd(5): the full name stands before its first comma. */
export function gecosOf(prefix: string, name: string): string {
  return rowsOf(prefix, 'passwd').find((row) => row[0] === name)?.[4] ?? '';
}

/** The number of an account's own group; undefined when there is no such account. */
export function groupIdOf(prefix: string, name: string): number | undefined {
  const gid = rowsOf(prefix, 'passwd').find((row) => row[0] === name)?.[3];
  return gid === undefined ? undefined : Number(gid);
}

function rowsOf(prefix: string, name: 'group' | 'passwd' | 'shadow'): string[][] {
  return (readText(`${prefix}/etc/${name}`, maxFileBytes) ?? '').split('\n').map((line) => line.split(':'));
}
