import type { CronFacts } from '#shared/cron-work.ts';
import { baseOf } from '../copies/copy-paths.ts';
import { look, readText } from '../core/files.ts';
import { listAccounts, type Machine } from '../core/machine.ts';
import { poolIdentity } from '../php/php.user.ts';
import { allRecords, takenUsers, type SiteRecord } from '../sites/site-records.ts';

/** The Linux user of a job, and the folder it begins in. */
export type CronAccount = {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
};

type Where = Pick<Machine, 'stateFolder' | 'prefix' | 'isRoot'>;

export function hasSite(where: Where, siteId: string): boolean {
  return siteOfJob(where, { siteId }) !== undefined;
}

/** The site that a job belongs to; undefined for one of the machine, and when the site is gone. */
export function siteOfJob(where: Where, { siteId }: Pick<CronFacts, 'siteId'>): SiteRecord | undefined {
  return siteId === null ? undefined : [...allRecords(where).values()].find((each) => each.siteId === siteId);
}

/** By the machine and the agent's own records; undefined when the user or the site is gone. */
export function accountOf(where: Where, { siteId, work }: Pick<CronFacts, 'siteId' | 'work'>): CronAccount | undefined {
  if (work.kind !== 'script') return undefined;
  if (siteId === null) return work.linuxUser === null ? undefined : findAccount(where, work.linuxUser);
  const record = siteOfJob(where, { siteId });
  if (record === undefined) return undefined;
  const home = where.prefix + baseOf(record);
  // Behind a prefix no account of the site's exists.
  const own = findAccount(where, record.linuxUser);
  if (own !== undefined || (where.isRoot && where.prefix === ''))
    return own === undefined ? undefined : { ...own, home: folderOr(home) };
  const { runsAs, uid, gid } = poolIdentity(where, record.linuxUser);
  return { name: runsAs?.user ?? record.linuxUser, uid, gid, home: folderOr(home) };
}

const folderOr = (path: string): string => (look(path).type === 'folder' ? path : '/');

function findAccount({ isRoot }: Where, name: string): CronAccount | undefined {
  const found = listAccounts().find((each) => each.name === name);
  if (found === undefined) return undefined;
  // Who is not root runs everything as itself, and nothing as others.
  if (!isRoot && found.uid !== process.getuid?.()) return undefined;
  return { ...found, home: folderOr(homeOf(name)) };
}

function homeOf(name: string): string {
  for (const each of (readText('/etc/passwd', 16 * 1024 * 1024) ?? '').split('\n')) {
    const fields = each.split(':');
    if (fields[0] === name) return fields[5] ?? '/';
  }
  return '/';
}

const firstPersonUid = 1_000;
const nobodyUid = 65_534;

/** Those that a job of the machine may be given to; users of sites have theirs by their site. */
export function choosableUsers(machine: Machine): string[] {
  const taken = takenUsers(machine);
  return listAccounts()
    .filter(({ uid, name }) => uid === 0 || name === 'www-data' || (uid >= firstPersonUid && uid !== nobodyUid))
    .filter(({ uid, name }) => !taken.has(name) && (machine.isRoot || uid === process.getuid?.()))
    .map(({ name }) => name);
}
