import { z } from 'zod';
import { listNames, look, readText, removeFile, removeOwnFolder } from '../core/files.ts';
import { putJsonFile } from '../core/json-file.ts';
import { logLine, type Machine } from '../core/machine.ts';
import { findMaster } from '../nginx/nginx.process.ts';
import { allRecords } from '../sites/site-records.ts';
import { countSite } from './count.ts';
import { periodOf } from './days.ts';
import { readFigures } from './figures.ts';
import { logNamesOf, logPath, logsFolder } from './logs.paths.ts';
import { takeLogsLock } from './logs.lock.ts';
import { noteRun, readRotation } from './rotation.ts';
import { setAside } from './set-aside.ts';

/*
 * What the timer does: the access logs are counted on, then the logs whose time has come, or that are too large, are set
 * aside. One site's trouble is never another's.
 */

type Where = Pick<Machine, 'prefix' | 'stateFolder' | 'isRoot' | 'now'>;

const longestPerSiteMs = 60_000;
const keptAfterMs = 31 * 24 * 60 * 60 * 1000;
const mib = 1024 * 1024;

/** When each log was begun, epoch ms, by its name. */
const begun = z.record(z.string(), z.number());

/** Answers whether it was this one that did it: another may be at it. */
export async function lookAfterLogs(where: Where): Promise<boolean> {
  const lock = await takeLogsLock(where, 0);
  if (lock === undefined) return false;
  try {
    const failures = await lookAfterLogsHeld(where, { siteId: null, isForced: false });
    await noteRun(where, { at: where.now(), failures });
    return true;
  } finally {
    lock.release();
  }
}

type Asked = {
  /** null: of all sites. */
  readonly siteId: string | null;
  /** Whether the logs are set aside before their time. */
  readonly isForced: boolean;
};

/** Under the lock. Answers how many logs could not be set aside. */
export async function lookAfterLogsHeld(where: Where, { siteId: only, isForced }: Asked): Promise<number> {
  const mark = `${logsFolder(where)}/reopen`;
  // Cut off between the new log and the word to nginx: the old one is still written to.
  if (look(mark).type !== 'missing') reopenLogs(where, mark);
  const rotation = readRotation(where);
  const known = readBegun(where);
  const next: Record<string, number> = only === null ? {} : { ...known };
  const now = where.now();
  let failures = 0;
  for (const record of allRecords(where).values()) {
    const { siteId, slug } = record;
    if (only !== null && siteId !== only) continue;
    const isCounted = await countOn(where, { siteId, slug });
    for (const kind of logNamesOf(record)) {
      const size = sizeOf(logPath(where, slug, kind));
      if (size === undefined) continue;
      const name = `${slug}.${kind}`;
      const since = known[name] ?? now;
      next[name] = since;
      const isOver = periodOf(since, rotation.every) !== periodOf(now, rotation.every);
      if (!isForced && !isOver && size <= rotation.maxMib * mib) continue;
      if (size === 0) {
        next[name] = now;
        continue;
      }
      // What is not counted yet must stay where it can be read.
      if (kind === 'access' && !isCounted) continue;
      try {
        if (kind === 'access' || kind === 'error') await putJsonFile(mark, {});
        await setAside(where, slug, kind, rotation);
        next[name] = now;
      } catch (error) {
        failures++;
        logLine('error', 'a log could not be set aside', { slug, kind, error: String(error) });
      }
    }
  }
  if (look(mark).type !== 'missing') reopenLogs(where, mark);
  forgetGoneSites(where);
  if (JSON.stringify(known) !== JSON.stringify(next)) await putJsonFile(begunFile(where), next);
  return failures;
}

/** False: there is more to count than there was time for. Figures that cannot be written keep no disk from being freed. */
async function countOn(where: Where, site: { siteId: string; slug: string }): Promise<boolean> {
  try {
    return !(await countSite(where, site, performance.now() + longestPerSiteMs)).isBehind;
  } catch (error) {
    logLine('error', 'the visitors of a site could not be counted', { slug: site.slug, error: String(error) });
    return true;
  }
}

function sizeOf(path: string): number | undefined {
  const found = look(path);
  return found.type === 'file' ? found.size : undefined;
}

/** nginx opens all its logs by their names again: also the processes that are about to end. */
function reopenLogs({ prefix }: Where, mark: string): void {
  const master = findMaster(prefix);
  if (master !== undefined) process.kill(master, 'SIGUSR1');
  removeFile(mark);
}

/** Figures of a site that is gone are kept as long as its removal may be taken back, and a while longer. */
function forgetGoneSites(where: Where): void {
  const present = new Set([...allRecords(where).values()].map(({ siteId }) => siteId));
  const traffic = `${logsFolder(where)}/traffic`;
  for (const siteId of listNames(traffic)) {
    if (present.has(siteId)) continue;
    const { countedUntil } = readFigures(where, { siteId });
    if (countedUntil === null || countedUntil + keptAfterMs < where.now()) removeOwnFolder(`${traffic}/${siteId}`);
  }
}

const begunFile = (where: Where): string => `${logsFolder(where)}/begun.json`;

function readBegun(where: Where): Record<string, number> {
  const text = readText(begunFile(where), 64 * mib);
  try {
    return text === undefined ? {} : begun.parse(JSON.parse(text));
  } catch {
    return {};
  }
}
