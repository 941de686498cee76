import { AppError } from '#shared/errors.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import type { SiteSettings } from '#shared/site-settings.ts';
import type { SiteDomain } from '#shared/sites.ts';
import type { AppRecord } from '../apps/app-record.ts';
import { listNames, look, makeFolders, readBytes, readText, sha256 } from '../core/files.ts';
import { logLine, type Machine } from '../core/machine.ts';
import type { Want } from '../core/steps.ts';
import { reservedUsers } from '../unix-users/reservations.ts';

/** What the agent itself knows of a site: written in the same transaction as the site's files. */
export type SiteRecord = {
  readonly siteId: string;
  readonly slug: string;
  readonly linuxUser: string;
  readonly uid: number | null;
  readonly root: string;
  readonly domains: readonly SiteDomain[];
  readonly isEnabled: boolean;
  /** Its time was over when its files were written: nothing runs for it. Records of sites that go on lack it. */
  readonly isEnded?: true;
  /** What a site is made of again without the panel; records of earlier versions lack both. */
  readonly kind?: SiteSpec['kind'];
  readonly upstream?: SiteSpec['upstream'];
  /** Records from before a setting was there lack it. */
  readonly settings?: Partial<SiteSettings>;
  /** Of a site with an application: how it runs. */
  readonly app?: AppRecord;
  /** SHA-256 of each file as we wrote it, by its path without prefix. */
  readonly files: Readonly<Record<string, string>>;
  /** What is served of a site that is deployed; null: its folder itself. Records from before releases lack it. */
  readonly release?: SiteRelease | null;
  /** The text in place is somebody's own; `renderedSum`: what we would have written when it was accepted. */
  readonly adopted: { readonly renderedSum: string } | null;
  /** Set aside: nginx refused the file that somebody changed by hand. */
  readonly isolated: { readonly reason: string; readonly at: number } | null;
};

/** A folder of `releases`, and the part of it that visitors get (empty, or `/public`). */
export type SiteRelease = { readonly id: string; readonly folder: string };

/** Whether nginx answers for its names: while it is switched off by its page, which somebody's own text does not have. */
export function isServed({ isEnabled, isolated, adopted }: SiteRecord): boolean {
  return isolated === null && (isEnabled || adopted === null);
}

/** What is kept of a removed site until its removal is taken back. */
export type RemovalRecord = {
  readonly record: SiteRecord;
  readonly recycledTo: string | null;
  readonly moves: readonly { readonly from: string; readonly to: string }[];
  /** When and by whom it was deleted, epoch ms; deletions of earlier versions lack both. */
  readonly at?: number;
  readonly by?: { readonly id: string; readonly name: string };
};

/** What reading records needs. */
type Where = Pick<Machine, 'stateFolder'>;

const known = new WeakMap<Where, Map<string, SiteRecord>>();

const folderOf = (machine: Where): string => `${machine.stateFolder}/sites`;
const pathOf = (machine: Machine, slug: string): string => `${folderOf(machine)}/${slug}.json`;

export function allRecords(machine: Where): Map<string, SiteRecord> {
  const loaded = known.get(machine);
  if (loaded !== undefined) return loaded;
  for (const folder of ['sites', 'removals', 'chores', 'candidate']) makeFolders(`${machine.stateFolder}/${folder}`);
  const records = new Map<string, SiteRecord>();
  for (const name of listNames(folderOf(machine))) {
    const slug = /^([^.].*)\.json$/.exec(name)?.[1];
    const text = slug === undefined ? undefined : readText(`${folderOf(machine)}/${name}`);
    if (slug === undefined || text === undefined) continue;
    try {
      records.set(slug, JSON.parse(text) as SiteRecord);
    } catch {
      // A worn disk must not stop the others: this site shows as unknown until somebody overwrites or adopts it.
      logLine('error', 'the record of a site cannot be read', { slug });
    }
  }
  known.set(machine, records);
  return records;
}

export function findRecord(machine: Machine, slug: string): SiteRecord | undefined {
  return allRecords(machine).get(slug);
}

/** Takes up what a committed change wrote. */
export function noteRecord(machine: Machine, slug: string, record: SiteRecord | null): void {
  if (record === null) allRecords(machine).delete(slug);
  else allRecords(machine).set(slug, record);
}

export function recordWant(machine: Machine, record: SiteRecord): Want {
  return privateFile(machine, pathOf(machine, record.slug), `${JSON.stringify(record)}\n`);
}

export function dropRecordWant(machine: Machine, slug: string): Want {
  return { kind: 'remove', path: pathOf(machine, slug) };
}

/** A file of the agent's own state. */
export function privateFile(machine: Machine, path: string, text: string): Want {
  return { kind: 'file', path, bytes: Buffer.from(text), mode: 0o600, ...selfOwner(machine) };
}

export function selfOwner(machine: Pick<Machine, 'isRoot'>): { uid: number; gid: number } {
  return machine.isRoot ? { uid: 0, gid: 0 } : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}

/**
 * Names of Linux users that belong to a site, to a removed one that is not cleaned up yet, or are kept: for one whose files
 * are being gathered, or of a removed one because somebody wanted that. `own`: kept for whoever asks.
 */
export function takenUsers(machine: Machine, own = ''): Set<string> {
  const names = [...allRecords(machine).values()].map(({ linuxUser }) => linuxUser);
  const kept = [...reservedUsers(machine), ...listNames(`${machine.stateFolder}/kept-accounts`)].filter(
    (name) => name !== own,
  );
  return new Set([...names, ...kept, ...listNames(`${machine.stateFolder}/chores`)]);
}

export type Drift = { readonly path: string; readonly kind: 'changed' | 'missing' };

/** The first file that is not as we wrote it. */
export function findDrift(machine: Machine, record: SiteRecord): Drift | undefined {
  for (const [path, sum] of Object.entries(record.files)) {
    const found = look(machine.prefix + path);
    if (found.type === 'missing') return { path, kind: 'missing' };
    if (found.type !== 'file' || sha256(readBytes(machine.prefix + path, 4 * 1024 * 1024) ?? '') !== sum)
      return { path, kind: 'changed' };
  }
  return undefined;
}

export function driftError({ path }: Pick<Drift, 'path'>): AppError {
  return new AppError('changed_meanwhile', 'A file of this site was changed by hand.', {
    reason: 'site_drift',
    params: { path },
  });
}

/** A slug belongs to one site for ever: another id under it is a mix-up. */
export function checkOwner(record: SiteRecord | undefined, { siteId, slug }: Pick<SiteSpec, 'siteId' | 'slug'>): void {
  // Without an id it only says that a file nobody knows was set aside.
  if (record === undefined || record.siteId === '' || record.siteId === siteId) return;
  throw new AppError('already_exists', 'Another site has this name.', { reason: 'slug_taken', params: { slug } });
}

export function removalPath(machine: Where, changeId: string): string {
  return `${machine.stateFolder}/removals/${changeId}.json`;
}
