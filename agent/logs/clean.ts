import { wwwlogs } from '#shared/site-folders.ts';
import { closeFile, listNames, look, openFile, removeFile } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { allRecords } from '../sites/site-records.ts';
import { lookAfterLogsHeld } from './due.ts';
import { keptFolder, logNamesOf, logPath } from './logs.paths.ts';
import { takeLogsLock } from './logs.lock.ts';

/*
 * Old logs of sites go by age and size. Only what was set aside: the log that is written now stays, and so does the one
 * before it (`.1`) unless it has become too old, as programs may still write to it.
 */

type Where = Pick<Machine, 'prefix' | 'stateFolder' | 'isRoot' | 'now'>;

export type Cleaning = {
  /** null: of all sites, also of those that are gone. */
  readonly siteId: string | null;
  readonly rotates: boolean;
  readonly maxAgeDays: number | null;
  readonly maxMib: number | null;
};

export type Cleaned = {
  readonly removed: readonly { readonly path: string; readonly bytes: number }[];
  /** Logs that could not be set aside. */
  readonly failures: number;
};

const lockPatienceMs = 60_000;
const dayMs = 24 * 60 * 60 * 1000;
const mib = 1024 * 1024;

/** undefined: somebody else has been at the logs for too long. */
export async function cleanSiteLogs(where: Where, cleaning: Cleaning): Promise<Cleaned | undefined> {
  const lock = await takeLogsLock(where, lockPatienceMs);
  if (lock === undefined) return undefined;
  try {
    const { siteId, rotates } = cleaning;
    const failures = rotates ? await lookAfterLogsHeld(where, { siteId, isForced: true }) : 0;
    return { removed: slugsOf(where, siteId).flatMap((slug) => cleanOne(where, slug, cleaning)), failures };
  } finally {
    lock.release();
  }
}

function slugsOf(where: Where, siteId: string | null): string[] {
  const present = [...allRecords(where).values()];
  if (siteId !== null) return present.filter((each) => each.siteId === siteId).map(({ slug }) => slug);
  const kept = `${where.prefix}${wwwlogs}/kept`;
  const gone = look(kept).type === 'folder' ? listNames(kept) : [];
  return [...new Set([...present.map(({ slug }) => slug), ...gone])]
    .filter((slug) => /^[a-z0-9.-]+$/.test(slug))
    .sort();
}

/** `access-20260501-031500-123-00.log.zst`: when it was last written to stands in its name. */
const keptName = /^[a-z][a-z0-9@-]*-(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-\d{3}-\d{2,}\.log\.zst$/;

type Old = { readonly path: string; readonly bytes: number; readonly at: number };

function cleanOne(where: Where, slug: string, { maxAgeDays, maxMib }: Cleaning): Old[] {
  const folder = where.prefix + keptFolder(slug);
  const names = look(folder).type === 'folder' ? listNames(folder) : [];
  const kept = names.flatMap((name): Old[] => {
    const [, year, month, day, hour, minute, second] = keptName.exec(name) ?? [];
    const found = look(`${folder}/${name}`);
    if (year === undefined || found.type !== 'file') return [];
    const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
    return [{ path: `${folder}/${name}`, bytes: found.size, at }];
  });
  const oldest = maxAgeDays === null ? Number.NEGATIVE_INFINITY : where.now() - maxAgeDays * dayMs;
  const last = logNamesOf(allRecords(where).get(slug) ?? {}).flatMap((kind): Old[] => {
    const path = `${logPath(where, slug, kind)}.1`;
    const file = openFile(path);
    if (file === undefined) return [];
    closeFile(file.fd);
    return [{ path, bytes: file.stats.size, at: file.stats.mtimeMs }];
  });
  let left = maxMib === null ? Number.POSITIVE_INFINITY : maxMib * mib;
  const large = kept
    .toSorted((one, other) => other.at - one.at)
    .filter(({ bytes }) => {
      left -= bytes;
      return left < 0;
    });
  const going = [...kept, ...last].filter((each) => each.at < oldest || large.includes(each));
  for (const { path } of going) removeFile(path);
  return going;
}
