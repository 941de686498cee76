import { bootLink, timerLink } from '../apps/apps.paths.ts';
import { isInHand, specOfRecord, type SiteRef } from '../apps/apps.take-up.ts';
import { stopTimer } from '../apps/apps.timers.ts';
import { unitsOf } from '../apps/apps.units.ts';
import { allUnitsOf } from '../apps/apps.wanted.ts';
import { askOrDo } from '../core/ask-or-do.ts';
import type { Call } from '../core/call.ts';
import { logLine, type AgentSettings, type Machine } from '../core/machine.ts';
import type { Want } from '../core/steps.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import { applySite, nginxLock } from './sites.apply.ts';
import { hasEnded, wasServed } from './site-end.ts';
import { allRecords, findRecord, noteRecord, recordWant, type SiteRecord } from './site-records.ts';

/*
 * nginx ends a site in the second of its end, whatever else is up. Here what runs for it ends too: its application and its
 * PHP pool, in a transaction like any other change. A later end brings them back by the change that sets it.
 */

type Where = Pick<Machine, 'stateFolder' | 'now'> & { readonly settings: AgentSettings };

const limitMs = 60_000;

/** Those for which something may still run although their time is over. */
function endedSites(where: Pick<Machine, 'stateFolder' | 'now'>): SiteRecord[] {
  return [...allRecords(where).values()].filter((record) => isToSettle(record, where.now()));
}

function isToSettle(record: SiteRecord, now: number): boolean {
  return wasServed(record) && record.isolated === null && hasEnded(record.settings?.reach, now);
}

/** For the timer: the agent does it, under its lock. */
export async function settleEndedSites(where: Where): Promise<void> {
  for (const { siteId, slug } of endedSites(where)) {
    const site = { siteId, slug };
    await askOrDo(where.settings, 'sites.settle_end', { site }, (machine) => settleEnd(machine, site, ownCall())).catch(
      (error: unknown) => logLine('error', 'a site that has ended was not settled', { slug, error: String(error) }),
    );
  }
}

/** For the start of the agent: the machine may have been off while the time of a site ran out. */
export async function settleEndedNow(machine: Machine): Promise<void> {
  for (const { siteId, slug } of endedSites(machine)) {
    try {
      await machine.locks.hold(nginxLock, Number.POSITIVE_INFINITY, () =>
        settleEnd(machine, { siteId, slug }, ownCall()),
      );
    } catch (error) {
      logLine('error', 'a site that has ended was not settled', { slug, error: String(error) });
    }
  }
}

/** Call it with nginx's lock held. Does nothing for a site whose time is not over. */
export async function settleEnd(machine: Machine, site: SiteRef, call: Call): Promise<void> {
  const record = findRecord(machine, site.slug);
  if (record?.siteId !== site.siteId || !isToSettle(record, machine.now())) return;
  if (isInHand(machine, record)) await stopInPlace(machine, record, call);
  else {
    const input = {
      spec: specOfRecord(machine, record),
      changeId: newChangeId(),
      isNew: false,
      onDrift: 'refuse',
    } as const;
    await applySite(machine, { ...input, action: 'sites.settle_end' }, call);
  }
  logLine('info', 'nothing runs any more for a site that has ended', { slug: site.slug });
}

/** Somebody's own texts stay as they are: its application only ends, and is not started by the machine. */
async function stopInPlace(machine: Machine, record: SiteRecord, call: Call): Promise<void> {
  const units = allUnitsOf(record);
  const links = [...units.map(bootLink), timerLink(record.slug)];
  const ended: SiteRecord = { ...record, isEnded: true };
  await machine.engine.run({
    changeId: newChangeId(),
    action: 'sites.settle_end',
    actor: call.actor.id,
    wants: [
      ...links.map((link): Want => ({ kind: 'remove', path: machine.prefix + link, shownAs: link })),
      recordWant(machine, ended),
    ],
    validate: () => Promise.resolve(),
    activate: () => Promise.resolve(),
    probe: () => Promise.resolve(),
  });
  noteRecord(machine, record.slug, ended);
  if (record.app === undefined) return;
  const known = unitsOf(machine);
  await stopTimer(machine, record.slug);
  for (const unit of units) await known.stop(unit);
}

function ownCall(): Call {
  return {
    actor: { id: 'agent', name: 'agent' },
    requestId: 'end-of-site',
    deadlineAt: Date.now() + limitMs,
    isElevated: false,
    may: () => true,
  };
}
