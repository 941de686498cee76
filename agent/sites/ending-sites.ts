import { z } from 'zod';
import { alertsFolder } from '../alerts/hooks.ts';
import { raise } from '../alerts/raise.ts';
import { backupsFolder } from '../backups/work-of.ts';
import { listNames, readText, removeFile } from '../core/files.ts';
import { putJsonFile } from '../core/json-file.ts';
import { logLine, type Machine } from '../core/machine.ts';
import { allRecords, type SiteRecord } from './site-records.ts';

/*
 * Sites that end soon, and those that have ended, are told to those who hear the alerts: a week before and on the day, each
 * once for each date. One whose date was moved is told anew when its new day comes near.
 */

type Teller = Pick<Machine, 'stateFolder' | 'now'>;

const weekMs = 7 * 24 * 60 * 60 * 1_000;
const prefix = 'site.';
const told = z.object({ endsAt: z.string(), isOver: z.boolean() });

/** Never keeps anything else of the timer's from being done. */
export async function tellEndingSites(machine: Teller): Promise<void> {
  try {
    await tellAll(machine);
  } catch (error) {
    logLine('error', 'which sites end was not told', { error: String(error) });
  }
}

async function tellAll(machine: Teller): Promise<void> {
  const folder = backupsFolder(machine.stateFolder);
  const toldFolder = `${alertsFolder(folder)}/troubles`;
  const now = machine.now();
  const near = [...allRecords(machine).values()].filter((record) => leftOf(record, now) <= weekMs);
  for (const record of near) {
    const { siteId, slug } = record;
    const endsAt = record.settings?.reach?.endsAt ?? '';
    const isOver = leftOf(record, now) <= 0;
    const path = `${toldFolder}/${prefix}${siteId}.json`;
    const text = readText(path);
    const before = text === undefined ? undefined : told.safeParse(JSON.parse(text)).data;
    if (before?.endsAt === endsAt && (before.isOver || !isOver)) continue;
    const none = {
      planId: null,
      targetId: null,
      runId: null,
      what: null,
      check: null,
      reason: null,
      recoveredFrom: null,
    };
    await raise(
      folder,
      { ...none, event: 'site_ending', dueAt: endsAt, site: { siteId, name: slug, endsAt, isOver } },
      now,
    );
    await putJsonFile(path, { endsAt, isOver });
  }
  const names = new Set(near.map(({ siteId }) => `${prefix}${siteId}.json`));
  for (const name of listNames(toldFolder))
    if (name.startsWith(prefix) && !names.has(name)) removeFile(`${toldFolder}/${name}`);
}

/** Ms until a site that is switched on ends; infinite for others. */
function leftOf({ isEnabled, settings }: SiteRecord, now: number): number {
  const endsAt = settings?.reach?.endsAt ?? null;
  return isEnabled && endsAt !== null ? Date.parse(endsAt) - now : Number.POSITIVE_INFINITY;
}
