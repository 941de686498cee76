import { findGroup, listAccounts, type Machine } from '../core/machine.ts';
import { readText } from '../core/files.ts';
import { mainFacts } from '../nginx/nginx.files.ts';
import { selfOwner } from '../sites/site-records.ts';

/** Who runs a site's scripts, and who may ask for it. */
export type PoolIdentity = {
  /** null: FPM is not root and runs everything as itself. */
  readonly runsAs: { readonly user: string; readonly group: string } | null;
  readonly socketGroup: string;
  readonly uid: number;
  readonly gid: number;
};

/** Behind a prefix no account of the site's exists: nginx's own stands for it there. */
export function poolIdentity(machine: Pick<Machine, 'prefix' | 'isRoot'>, name: string): PoolIdentity {
  const accounts = listAccounts();
  const nginx = accounts.find((account) => account.name === mainFacts(machine.prefix).user);
  const nginxGid = nginx?.gid ?? findGroup('www-data') ?? 0;
  const socketGroup = groupName(nginxGid);
  if (!machine.isRoot) return { runsAs: null, socketGroup, ...selfOwner(machine) };
  const own = accounts.find((account) => account.name === name) ?? nginx;
  if (own === undefined) return { runsAs: null, socketGroup, ...selfOwner(machine) };
  const { name: user, uid, gid } = own;
  return { runsAs: { user, group: groupName(gid) }, socketGroup, uid, gid };
}

/** The number itself for a group without a name. */
export function groupName(gid: number): string {
  for (const line of (readText('/etc/group', 16 * 1024 * 1024) ?? '').split('\n')) {
    const [name, , number] = line.split(':');
    if (name !== undefined && number !== undefined && Number(number) === gid) return name;
  }
  return String(gid);
}
