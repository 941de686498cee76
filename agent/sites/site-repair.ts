import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  type Stats,
} from 'node:fs';
import type { ActionParams } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { AppError } from '#shared/errors.ts';
import type { SiteRepair } from '#shared/site-upkeep.ts';
import { wwwlogs, wwwroot } from '#shared/site-folders.ts';
import { raiseFence } from '../apps/apps.fence.ts';
import { specOfRecord } from '../apps/apps.take-up.ts';
import type { Call } from '../core/call.ts';
import { errnoOf, look, openFolder } from '../core/files.ts';
import { listAccounts, type Machine } from '../core/machine.ts';
import { giveLink } from '../core/trees.ts';
import { binName } from '../files/file-names.ts';
import { mainFacts } from '../nginx/nginx.files.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import { privateFolders, privateRoot } from '../php/php.paths.ts';
import { poolIdentity } from '../php/php.user.ts';
import { checkOwner, findDrift, findRecord, selfOwner, type SiteRecord } from './site-records.ts';
import { applySite, siteOwner } from './sites.apply.ts';

/*
 * Owners and modes of a site as they are when it is made: its files, logs and private folders, then the files of its
 * configuration, by the transaction that every change goes through. Contents are never touched. The site's user may move
 * things meanwhile: every folder is opened below its opened parent and no link is followed.
 */

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
const maxDepth = 500;
const mostShown = 20;
/** The change of the configuration that follows has its own patience. */
const restMs = 25_000;
/** Read by the site's own programs only: the group of nginx is not let in. */
const secretName = /^(?:\.env(?:\..*)?|.*\.(?:key|pem))$/;

type Looks = {
  readonly uid: number;
  readonly gid: number;
  /** Of folders, exactly. */
  readonly folderMode: number;
  readonly fileMode: number;
};

type Tally = { checked: number; repaired: number; left: number; paths: string[]; isWhole: boolean };

export async function repairSite(
  machine: Machine,
  { site }: ActionParams<AgentActions['sites.repair']>,
  call: Call,
): Promise<SiteRepair> {
  const record = findRecord(machine, site.slug);
  checkOwner(record, site);
  if (record === undefined) throw new AppError('not_found', 'There is no such site.', { reason: 'site_unknown' });
  const tally: Tally = { checked: 0, repaired: 0, left: 0, paths: [], isWhole: true };
  const endsAt = call.deadlineAt - restMs;
  repairShared(machine, tally);
  const owner = siteOwner(machine, { name: record.linuxUser, uid: record.uid });
  const looks: Looks = {
    uid: owner.uid,
    gid: owner.gid,
    folderMode: owner.isReadableByNginx ? 0o2750 : 0o2755,
    fileMode: owner.isReadableByNginx ? 0o640 : 0o644,
  };
  await repairTree(machine, record.root, looks, tally, endsAt);
  const { uid, gid } = poolIdentity(machine, record.linuxUser);
  if (record.linuxUser !== '')
    await repairTree(
      machine,
      privateFolders(record.linuxUser).own,
      { uid, gid, folderMode: 0o700, fileMode: 0o600 },
      tally,
      endsAt,
    );
  repairLogs(machine, record, { uid, gid }, tally);
  const isConfigChecked = await repairConfig(machine, record, call);
  await raiseFence(machine);
  return { ...tally, isConfigChecked };
}

/** What lies above the site, and above its configuration. */
function repairShared(machine: Machine, tally: Tally): void {
  const folders: readonly (readonly [string, number])[] = [
    ['/www', 0o755],
    [wwwroot, 0o755],
    [wwwlogs, 0o711],
    [privateRoot, 0o711],
    ...['', '/sites', '/custom', '/enabled'].map((name) => [`/etc/nginx/aapanel${name}`, 0o755] as const),
  ];
  for (const [path, mode] of folders) repairOne(machine, path, { ...selfOwner(machine), mode }, tally);
}

function repairLogs(
  machine: Machine,
  { slug }: SiteRecord,
  own: { readonly uid: number; readonly gid: number },
  tally: Tally,
): void {
  if (!machine.isRoot) return;
  const nginx = listAccounts().find(({ name }) => name === mainFacts(machine.prefix).user);
  const owners = {
    access: { uid: nginx?.uid ?? 0, gid: 0 },
    error: { uid: nginx?.uid ?? 0, gid: 0 },
    app: { uid: 0, gid: own.gid },
    php: own,
  };
  for (const [kind, owner] of Object.entries(owners))
    repairOne(machine, `${wwwlogs}/${slug}.${kind}.log`, { ...owner, mode: 0o640 }, tally);
}

/** One file or folder that lies in a folder of root's. */
function repairOne(
  { prefix }: Machine,
  path: string,
  wanted: { readonly uid: number; readonly gid: number; readonly mode: number },
  tally: Tally,
): void {
  const { type } = look(prefix + path);
  if (type !== 'file' && type !== 'folder') return;
  const parent = openFolder(prefix + path.slice(0, path.lastIndexOf('/')) || '/');
  try {
    const fd = openSync(
      `/proc/self/fd/${parent}/${path.slice(path.lastIndexOf('/') + 1)}`,
      O_RDONLY | O_NOFOLLOW | O_NONBLOCK,
    );
    try {
      set(fd, fstatSync(fd), wanted, wanted.mode, path, tally);
    } finally {
      closeSync(fd);
    }
  } finally {
    closeSync(parent);
  }
}

function set(
  fd: number,
  { uid, gid, mode }: Stats,
  owner: { readonly uid: number; readonly gid: number },
  wanted: number,
  path: string,
  tally: Tally,
): void {
  tally.checked++;
  const isOwned = uid === owner.uid && gid === owner.gid;
  if (isOwned && (mode & 0o7777) === wanted) return;
  if (!isOwned) fchownSync(fd, owner.uid, owner.gid);
  // After the owner: giving a file away takes bits of its mode.
  fchmodSync(fd, wanted);
  tally.repaired++;
  if (tally.paths.length < mostShown) tally.paths.push(path);
}

async function repairTree(
  { prefix }: Machine,
  root: string,
  looks: Looks,
  tally: Tally,
  endsAt: number,
): Promise<void> {
  if (root === '' || look(prefix + root).type !== 'folder') return;
  const top = openFolder(prefix + root);
  const { dev } = fstatSync(top);
  const walk = async (folder: number, path: string, depth: number, here: Looks): Promise<void> => {
    try {
      set(folder, fstatSync(folder), here, here.folderMode, path, tally);
      if (depth > maxDepth) throw new Error('the folders are nested too deep');
      for (const name of readdirSync(`/proc/self/fd/${folder}`, 'latin1')) {
        if (Date.now() > endsAt) tally.isWhole = false;
        if (!tally.isWhole) return;
        if (tally.checked % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
        const at = Buffer.from(`/proc/self/fd/${folder}/${name}`, 'latin1');
        const shown = `${path}/${Buffer.from(name, 'latin1').toString('utf8')}`;
        const stats = lstatSync(at, { throwIfNoEntry: false });
        if (stats === undefined) continue;
        // What the site keeps for itself stays closed to nginx.
        const inside = depth === 0 && name === binName ? { ...here, folderMode: 0o700, fileMode: 0o600 } : here;
        if (stats.isDirectory() && stats.dev === dev) {
          const below = openOr(at, O_DIRECTORY);
          if (below !== undefined) await walk(below, shown, depth + 1, inside);
        } else if (stats.isFile())
          repairFile(at, secretName.test(name) ? { ...inside, fileMode: 0o600 } : inside, shown, tally);
        else if (stats.isSymbolicLink() && stats.uid !== here.uid) giveLink(at, here);
      }
    } finally {
      closeSync(folder);
    }
  };
  await walk(top, root, 0, looks);
}

function repairFile(at: Buffer, looks: Looks, path: string, tally: Tally): void {
  const fd = openOr(at, 0);
  if (fd === undefined) return;
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) return;
    // A second name of somebody else's file must not become a way to own it.
    if (stats.nlink > 1 && stats.uid !== looks.uid) {
      tally.left++;
      return;
    }
    const isFine = isReadable(stats.mode, looks.fileMode);
    // Who reads it may run it, when its owner may.
    const runs = (stats.mode & 0o100) === 0 ? 0 : (looks.fileMode & 0o444) >> 2;
    const mode = isFine ? stats.mode & 0o777 : looks.fileMode | runs;
    set(fd, stats, looks, mode, path, tally);
  } finally {
    closeSync(fd);
  }
}

/** As it should be, or readable for more: others do not get past the folders. Nobody but the owner writes. */
function isReadable(mode: number, wanted: number): boolean {
  return (mode & wanted) === wanted && (mode & 0o7022) === 0 && (wanted !== 0o600 || (mode & 0o077) === 0);
}

function openOr(at: Buffer, flags: number): number | undefined {
  try {
    return openSync(at, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | flags);
  } catch (error) {
    // Moved meanwhile, or a link by now.
    if (['ENOENT', 'ELOOP', 'ENOTDIR', 'ENXIO'].includes(errnoOf(error))) return undefined;
    throw error;
  }
}

/** False where somebody's own text stands: that is for them to decide. */
async function repairConfig(machine: Machine, record: SiteRecord, call: Call): Promise<boolean> {
  if (record.adopted !== null || record.isolated !== null || findDrift(machine, record) !== undefined) return false;
  const change = { spec: specOfRecord(machine, record), changeId: newChangeId(), isNew: false } as const;
  await applySite(machine, { ...change, onDrift: 'refuse', action: 'sites.repair' }, call);
  return true;
}
