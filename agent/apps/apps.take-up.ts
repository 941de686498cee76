import { AppError } from '#shared/errors.ts';
import type { AppStatus, AppWish } from '#shared/apps.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { completeApp } from '#shared/site-app.ts';
import { completeSettings } from '#shared/site-defaults.ts';
import type { Call } from '../core/call.ts';
import type { FileDiff } from '../core/diff.ts';
import { readText } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import type { Want } from '../core/steps.ts';
import { nginxPaths } from '../nginx/nginx.files.ts';
import { nginxLock } from '../nginx/nginx.process.ts';
import { mayRun } from '../sites/site-end.ts';
import { poolIdentity } from '../php/php.user.ts';
import { checkOwner, findDrift, findRecord, type SiteRecord } from '../sites/site-records.ts';
import { applySite } from '../sites/sites.apply.ts';
import { arePortsClosed } from './apps.fence.ts';
import { restartInstances } from './apps.instances.ts';
import { appSocket } from './apps.paths.ts';
import { instancePorts } from './apps.plan.ts';
import { missingSecrets } from './apps.secrets.ts';
import { noUnit, type UnitState } from './apps.unit.ts';
import { measureLoad } from './apps.load.ts';
import { nextRestartOf } from './apps.timers.ts';
import { unitsOf } from './apps.units.ts';
import { instancesOf, instanceUnits, numbersTo, workersOf, workerUnitsOf } from './apps.wanted.ts';
import { stopAll } from './apps.workers.ts';

export type SiteRef = { readonly siteId: string; readonly slug: string };

export type TakeUp = {
  readonly changeId: string;
  /** Default `restart`. */
  readonly wish?: AppWish;
  /** For the journal; default `apps.switch`. */
  readonly action?: string;
  /** Done in the same transaction before the application starts, and taken back with it: a link to another release. */
  readonly wantsBefore?: readonly Want[];
};

/**
 * Starts the application of a site anew from what lies in its folder now, and ends when it answers and nginx sends
 * visitors to it. Throws in words why it does not: then everything is as before, the old one still serves, and what
 * `wantsBefore` did is undone. Takes the lock of nginx itself.
 */
export async function takeUpApp(
  machine: Machine,
  site: SiteRef,
  { changeId, wish = 'restart', action = 'apps.switch', wantsBefore = [] }: TakeUp,
  call: Call,
): Promise<{ readonly files: readonly FileDiff[] }> {
  return await machine.locks.hold(nginxLock, call.deadlineAt, async () => {
    const record = getAppRecord(machine, site);
    if (!record.isEnabled && wish !== 'stop')
      throw new AppError('in_use', 'The site is switched off.', { reason: 'app_site_off' });
    if (!mayRun(record, machine.now()) && wish !== 'stop')
      throw new AppError('in_use', 'The time of the site is over.', { reason: 'app_site_ended' });
    const spec = specOfRecord(machine, record);
    const input = { spec, changeId, isNew: false, onDrift: 'refuse', action, appWish: wish, wantsBefore } as const;
    if (isInHand(machine, record)) {
      await restartInPlace(machine, record, wish);
      return { files: [] };
    }
    const { files } = await applySite(machine, input, call);
    return { files };
  });
}

/** Throws `not_found`, also for a site of another kind. */
export function getAppRecord(
  machine: Machine,
  site: SiteRef,
): SiteRecord & { readonly app: NonNullable<SiteRecord['app']> } {
  const record = findRecord(machine, site.slug);
  checkOwner(record, site);
  if (record?.app === undefined)
    throw new AppError('not_found', 'The site has no application.', { reason: 'site_unknown' });
  return { ...record, app: record.app };
}

/** Everything that the panel once asked for, from the agent's own record. */
export function specOfRecord(machine: Machine, record: SiteRecord): SiteSpec {
  const { siteId, slug, kind = 'static', domains, isEnabled, root, upstream = null, settings } = record;
  const customDirectives = readText(nginxPaths(machine.prefix).customOf(slug)) ?? '';
  return {
    siteId,
    slug,
    kind,
    domains: [...domains],
    isEnabled,
    root,
    upstream,
    customDirectives,
    ...completeSettings(settings ?? {}),
  };
}

/** Somebody's own text stays, so nothing is written: what lies there is started again. */
export function isInHand(machine: Machine, record: SiteRecord): boolean {
  return record.adopted !== null || record.isolated !== null || findDrift(machine, record) !== undefined;
}

async function restartInPlace(machine: Machine, record: SiteRecord, wish: AppWish): Promise<void> {
  const { app, settings } = record;
  if (app === undefined || settings?.app == null) return;
  const units = unitsOf(machine);
  const workers = workerUnitsOf(record);
  await units.reload();
  if (wish === 'stop') return await stopAll(units, [...instanceUnits(record, app.slot), ...workers]);
  await restartInstances(machine, units, {
    spec: specOfRecord(machine, record),
    app: completeApp(settings.app),
    record: app,
    identity: poolIdentity(machine, record.linuxUser),
    numbers: numbersTo(instancesOf(settings)),
  });
  await stopAll(units, workers);
  for (const unit of workers) await units.start(unit);
}

export async function statusOfApp(machine: Machine, site: SiteRef): Promise<AppStatus> {
  const record = getAppRecord(machine, site);
  const { app, settings } = record;
  const facts = settings?.app ?? null;
  const names = instanceUnits(record, app.slot);
  const units = unitsOf(machine);
  const workers = workersOf(settings);
  const mayBeUp = app.isOn && mayRun(record, machine.now());
  const states = mayBeUp ? await units.statesOf([...names, ...workerUnitsOf(record)]) : [];
  const all = names.map((_, index) => states[index] ?? noUnit);
  const seenWorkers = states.slice(names.length);
  const running = names.filter((_, index) => all[index]?.state === 'running');
  const nextRestart = mayBeUp ? await nextRestartOf(machine, { slug: record.slug, slot: app.slot }) : null;
  const ports = facts === null ? null : instancePorts(completeApp(facts), app.ports, app.slot);
  const listensOn = (number: number): string => {
    const port = ports?.[number - 1];
    return port === undefined ? appSocket(record.siteId, app.slot, number) : `127.0.0.1:${port}`;
  };
  const together = togetherOf(all);
  return {
    ...together,
    ...measureLoad(running.length === 0 ? [] : units.pidsOf(running)),
    since: isoOrNull(together.since),
    isOn: app.isOn,
    isPortClosed: ports === null || !mayBeUp ? null : await arePortsClosed(machine, ports),
    listensOn: listensOn(1),
    missingSecrets: facts === null ? [] : missingSecrets(machine, record.siteId, facts),
    instances: all.map(({ state, since, pid, memoryBytes, cpuMs, restarts, end }, index) => ({
      number: index + 1,
      state,
      since: isoOrNull(since),
      pid,
      memoryBytes,
      cpuMs,
      restarts,
      end,
      listensOn: listensOn(index + 1),
    })),
    workers: workers.map(({ name }, index) => {
      const { state, since, memoryBytes, restarts, end } = seenWorkers[index] ?? noUnit;
      return { name, state, since: isoOrNull(since), memoryBytes, restarts, end };
    }),
    nextRestartAt: isoOrNull(nextRestart),
  };
}

/** All instances as one: it runs while one of them does. */
function togetherOf(all: readonly UnitState[]): UnitState {
  const first = all.find(({ state }) => state === 'running') ?? all[0] ?? noUnit;
  const ofAll = (part: (each: UnitState) => number | null): number | null => {
    const known = all.flatMap((each) => part(each) ?? []);
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
  };
  return {
    ...first,
    memoryBytes: ofAll((each) => each.memoryBytes),
    cpuMs: ofAll((each) => each.cpuMs),
    tasks: ofAll((each) => each.tasks),
    restarts: ofAll((each) => each.restarts) ?? 0,
    end: all.find(({ end }) => end !== null)?.end ?? null,
  };
}

const isoOrNull = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
