import { readFileSync } from 'node:fs';
import { readText, trimLog } from '../core/files.ts';
import { logLine, type Machine } from '../core/machine.ts';
import { nginxLock } from '../nginx/nginx.process.ts';
import { allRecords, type SiteRecord } from '../sites/site-records.ts';
import { raiseFence } from './apps.fence.ts';
import { appLog, unitOwner, unitPath, workerLog } from './apps.paths.ts';
import { keptOfLog, largestLog } from './apps.limits.ts';
import { appMarkerOf } from './apps.render.ts';
import { dropSecrets, sitesWithSecrets, writeEnvironment } from './apps.secrets.ts';
import type { AppHost } from './apps.unit.ts';
import { unitsOf } from './apps.units.ts';
import { instancesOf, numbersTo, wantedUnits, workersOf } from './apps.wanted.ts';

/*
 * After a crash, and where systemd is not also after a start of the machine: what runs is made what the records say.
 */

/** What was put back after a crash is started again, and what the change had started ends. */
export async function takeUpAppsNow(host: AppHost): Promise<void> {
  const records = allRecords(host);
  const units = unitsOf(host);
  const known = await units.list();
  const withApp = [...records.values()].filter(({ app }) => app !== undefined);
  if (known.length === 0 && withApp.length === 0) return;
  await raiseFence(host);
  await units.reload();
  for (const unit of known) {
    const record = records.get(unitOwner(unit)?.slug ?? '');
    if (record !== undefined && wantedUnits(record, host.now()).includes(unit)) continue;
    await units.stop(unit);
  }
  for (const record of withApp) await startAsRecorded(host, record);
}

async function startAsRecorded(host: AppHost, record: SiteRecord): Promise<void> {
  const app = record.settings?.app;
  if (record.app === undefined || app == null) return;
  const units = unitsOf(host);
  const wanted = wantedUnits(record, host.now());
  // Also for what still runs: systemd starts it again by itself, from the unit that was put back.
  if (wanted.length > 0) await writeEnvironment(host, record, record.app.slot, app);
  for (const unit of wanted) {
    const { state, pid } = await units.stateOf(unit);
    const marker = appMarkerOf(readText(host.prefix + unitPath(unit)) ?? '');
    const isCurrent = pid !== null && marker !== undefined && hasMarker(pid, marker);
    // One that ended by itself and was given up stays so until somebody starts it.
    if (isCurrent || state === 'failed') continue;
    await units.start(unit);
  }
}

/** Whether a process was started from the unit's present text. */
function hasMarker(pid: number, marker: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`AAPANEL_APP=${marker}`);
  } catch {
    return false;
  }
}

/** For the start of the agent: nothing is left of applications and secrets that no site has any more. */
export async function settleApps(machine: Machine): Promise<void> {
  await machine.locks.hold(nginxLock, Number.POSITIVE_INFINITY, async () => {
    try {
      const isAlone = !machine.hasSystemd;
      if (isAlone) await takeUpAppsNow(machine);
      else {
        await raiseFence(machine);
        await stopLeftOver(machine);
      }
      for (const { slug, app, settings } of allRecords(machine).values())
        if (app !== undefined)
          for (const log of [
            ...numbersTo(instancesOf(settings)).map((number) => appLog(slug, number)),
            ...workersOf(settings).map(({ name }) => workerLog(slug, name)),
          ])
            trimLog(machine.prefix + log, largestLog, keptOfLog);
      const sites = new Set([...allRecords(machine).values()].map(({ siteId }) => siteId));
      for (const siteId of sitesWithSecrets(machine)) if (!sites.has(siteId)) dropSecrets(machine, siteId);
    } catch (error) {
      logLine('error', 'the applications could not be looked after', { error: String(error) });
    }
  });
}

async function stopLeftOver(machine: Machine): Promise<void> {
  const records = allRecords(machine);
  const hasApps = [...records.values()].some(({ app }) => app !== undefined);
  if (!hasApps && sitesWithSecrets(machine).length === 0) return;
  const units = unitsOf(machine);
  for (const unit of await units.list()) {
    const record = records.get(unitOwner(unit)?.slug ?? '');
    if (record === undefined || !wantedUnits(record, machine.now()).includes(unit)) await units.stop(unit);
  }
}
