import { existsSync } from 'node:fs';
import type { MachineAccount } from '#shared/machine-settings.ts';
import { readText } from '../core/files.ts';

const maxFileBytes = 16 * 1_024 * 1_024;
const most = 5_000;

/** Accounts of passwd(5) with the groups of group(5); people first, then by number. */
export function listMachineAccounts(prefix: string): MachineAccount[] {
  const rows = (name: string): string[][] =>
    (readText(`${prefix}/etc/${name}`, maxFileBytes) ?? '').split('\n').map((line) => line.split(':'));
  const groups = rows('group').flatMap(([name, , gid, members]) =>
    name === undefined || gid === undefined ? [] : [{ name, gid: Number(gid), members: (members ?? '').split(',') }],
  );
  const nameOf = new Map(groups.map(({ name, gid }) => [gid, name]));
  const groupsOf = new Map<string, string[]>();
  for (const { name, members } of groups)
    for (const member of members) groupsOf.set(member, [...(groupsOf.get(member) ?? []), name]);
  const accounts = rows('passwd').flatMap(([name, , uid, gid, , home, shell]): MachineAccount[] => {
    if (name === undefined || name === '' || uid === undefined || gid === undefined) return [];
    return [
      {
        name,
        uid: Number(uid),
        group: nameOf.get(Number(gid)) ?? gid,
        groups: (groupsOf.get(name) ?? []).sort(),
        home: home ?? '',
        loginShell: shell ?? '',
        kind: kindOf(name, Number(uid)),
        canSignIn: isShell(prefix, shell ?? ''),
      },
    ];
  });
  const rank = (kind: MachineAccount['kind']): number => order.indexOf(kind);
  return accounts.sort((one, other) => rank(one.kind) - rank(other.kind) || one.uid - other.uid).slice(0, most);
}

const order: readonly MachineAccount['kind'][] = ['root', 'person', 'panel', 'site', 'system'];

/** Numbers as Debian gives them (policy, 9.2.2): people have 1000 to 59999. */
function kindOf(name: string, uid: number): MachineAccount['kind'] {
  if (uid === 0) return 'root';
  if (name === 'aapanel') return 'panel';
  if (/^site-[a-z2-7]{8}$/.test(name)) return 'site';
  return uid >= 1_000 && uid < 60_000 ? 'person' : 'system';
}

/** One that lets somebody in: none of those that only say no. An empty field means `/bin/sh`. */
function isShell(prefix: string, shell: string): boolean {
  if (shell === '') return true;
  return !/\/(?:nologin|false|true|sync|shutdown|halt)$/.test(shell) && existsSync(prefix + shell);
}
