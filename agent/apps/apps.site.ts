import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { SiteSpec } from '#shared/agent/sites.ts';
import type { ErrorReason } from '#shared/error-reasons.ts';
import { AppError } from '#shared/errors.ts';
import { completeApp } from '#shared/site-app.ts';
import { apart } from '../core/apart.ts';
import { listNames, look, removeEmptyFolder, removeFile, sha256, Unsynced } from '../core/files.ts';
import { findGroup, type Machine } from '../core/machine.ts';
import type { Want } from '../core/steps.ts';
import { shownPath } from '../nginx/nginx.check.ts';
import { nginxLock, poll } from '../nginx/nginx.process.ts';
import { isPhpUnit } from '../php/php.pools.ts';
import { poolIdentity, type PoolIdentity } from '../php/php.user.ts';
import type { Companion, CompanionInput } from '../sites/site-companion.ts';
import { wasServed } from '../sites/site-end.ts';
import { findRecord, selfOwner, type SiteRecord } from '../sites/site-records.ts';
import { closableIn, closableOf, closePorts, freedOf, lookForDatagrams, openPorts } from './apps.fence.ts';
import { instancePlaces, restartInstances, startInstances, type InstancePlace } from './apps.instances.ts';
import {
  bootFolder,
  bootLink,
  environmentFile,
  innerSocketFolder,
  slots,
  socketFolder,
  socketRoot,
  socketRule,
  restartTimer,
  timerFolder,
  timerLink,
  unitFolder,
  unitName,
  unitOwner,
  unitPath,
} from './apps.paths.ts';
import type { AppPlan } from './apps.plan.ts';
import { findAppProgram, hasWorkingFolder, searchPathOf } from './apps.programs.ts';
import { renderSocketRule, renderTimer, type UnitContext } from './apps.render.ts';
import { checkSecrets, dropSecrets, writeEnvironment } from './apps.secrets.ts';
import { checkTimer, startTimer, stopTimer } from './apps.timers.ts';
import { unitsOf } from './apps.units.ts';
import { allUnitsOf, instancesOf, instanceUnits, numbersTo, wantedUnits } from './apps.wanted.ts';
import { checkWorkers, startWorkers, stopAll, workerPlaces, type WorkerPlace } from './apps.workers.ts';

/** nginx's old processes still send requests to the old application for so long at most. */
const oldWorkersMs = 10_000;
/** What is left of the deadline for nginx and for taking everything back. */
const reserveMs = 15_000;
/** Of an application that was told to end. */
const longestEndMs = 75_000;
const lookMs = 250;

/** The application of a site as a part of the site's change. */
export function createAppCompanion(machine: Machine, input: CompanionInput, plan: AppPlan | null): Companion {
  const { spec, user, existing, isKept, isGated, deadlineAt } = input;
  const units = unitsOf(machine);
  const identity = poolIdentity(machine, user.name);
  const place = plan === null || !plan.isRunning ? null : placeOf(machine, spec, plan, identity);
  const before = existing?.app;
  const wasRunning = before?.isOn === true && existing !== undefined && wasServed(existing);
  const oldUnits = before === undefined || existing === undefined ? [] : instanceUnits(existing, before.slot);
  const oldWorkers = workersIn(existing);
  const oldTimer = existing?.files[unitPath(restartTimer(spec.slug))];
  const closable = plan === null ? [] : closableOf(user.uid, plan.app, plan.record.ports);
  let hasBegun = false;
  /** Instances that are other processes than before. */
  const touched = new Set<number>();
  let hasTouchedWorkers = false;

  async function begin(): Promise<void> {
    if (plan === null || place === null) return;
    await closePorts(machine, closable);
    // The other way round an old unit could meet an environment that it does not read.
    await units.reload();
    await writeEnvironment(machine, spec, plan.record.slot, plan.app);
    if (plan.isStarted) {
      await startAll(plan, place);
      machine.later('datagrams', () => lookForDatagrams(machine));
    }
    if (place.timer !== null && (!wasRunning || oldTimer !== place.files[unitPath(restartTimer(spec.slug))]))
      await startTimer(machine, spec.slug);
    if (place.timer === null && oldTimer !== undefined) await stopTimer(machine, spec.slug);
  }

  async function startAll(plan: AppPlan, place: Place): Promise<void> {
    const { app, record, isBeside, isScaled } = plan;
    const isSame = ({ unit, text }: InstancePlace): boolean => existing?.files[unitPath(unit)] === sha256(text);
    const stay = isScaled ? place.instances.filter(isSame) : [];
    await startInstances(machine, units, {
      spec,
      app,
      record,
      identity,
      isGated,
      endsAt: deadlineAt - reserveMs,
      numbers: place.instances.filter((each) => !stay.includes(each)).map(({ number }) => number),
      isRunning: (number) => wasRunning && !isBeside && number <= oldUnits.length,
      onTouched: (number) => touched.add(number),
    });
    if (isScaled) return;
    hasTouchedWorkers = true;
    await stopAll(units, oldWorkers);
    await startWorkers(machine, units, { spec, places: place.workers, gid: identity.gid, isGated });
  }

  /** The old files are in place again. */
  async function goBack(): Promise<void> {
    // One that takes the place of an old one is stopped when that one can be started again.
    const isInPlace = wasRunning && plan?.isBeside === false;
    const fresh = [...touched].filter((number) => !isInPlace || number > oldUnits.length);
    if (plan !== null) {
      const { slot } = plan.record;
      await stopAll(
        units,
        fresh.map((number) => unitName(spec.slug, slot, number)),
      );
    }
    if (place !== null && hasTouchedWorkers)
      await stopAll(
        units,
        place.workers.map(({ unit }) => unit),
      );
    await openPorts(machine, closable);
    await units.reload();
    if (oldTimer !== undefined) await startTimer(machine, spec.slug);
    else if (place?.timer != null) await stopTimer(machine, spec.slug);
    const app = existing?.settings?.app;
    if (!wasRunning || before === undefined || app == null) return;
    await writeEnvironment(machine, spec, before.slot, app);
    const replaced = [...touched].filter((number) => !fresh.includes(number)).toReversed();
    const old = { spec, app: completeApp(app), record: before, identity };
    await restartInstances(machine, units, { ...old, numbers: replaced });
    const states = await units.statesOf(oldUnits);
    for (const [index, unit] of oldUnits.entries()) if (states[index]?.state === 'stopped') await units.start(unit);
    if (hasTouchedWorkers) for (const unit of oldWorkers) await units.start(unit);
  }

  return {
    wants: isKept || plan === null ? [] : wantsOf(machine, spec, plan, { place, oldWorkers, existing }, identity),
    files: place === null || isKept ? {} : place.files,
    async validate() {
      if (isKept || plan === null || !isGated) return;
      // A site whose secrets were lost can be changed otherwise all the same.
      const stored = existing?.settings?.app;
      const isChanged = !isDeepStrictEqual(stored == null ? null : completeApp(stored), spec.app);
      if (isChanged || plan.isStarted) checkSecrets(machine, spec.siteId, plan.app);
      if (plan.isStarted) checkStart(machine, spec, plan);
      if (plan.isStarted) checkWorkers(machine, spec, plan.app);
      if (isChanged && plan.app.timedRestart !== null) await checkTimer(machine, plan.app.timedRestart);
    },
    async activate() {
      if (isKept || plan === null) return;
      const isBack = hasBegun;
      hasBegun = true;
      if (isBack) await goBack();
      else await begin();
    },
    probe: () => Promise.resolve(),
    settle(hasLetGo) {
      if (plan === null || isKept) return;
      const known = [...knownUnits(spec, plan, existing), ...oldWorkers];
      const hadTimer = oldTimer !== undefined && place?.timer == null;
      const ports = closableIn(existing);
      machine.later('old application', () => stopOthers(machine, spec.slug, { known, hadTimer, ports }, hasLetGo));
    },
  };
}

/** Of both places, as many instances as there were and are. */
function knownUnits({ slug }: SiteSpec, { app }: AppPlan, existing: SiteRecord | undefined): string[] {
  const count = Math.max(app.instances, instancesOf(existing?.settings));
  return slots.flatMap((slot) => numbersTo(count).map((number) => unitName(slug, slot, number)));
}

type Place = {
  readonly instances: readonly InstancePlace[];
  readonly workers: readonly WorkerPlace[];
  readonly rule: string | null;
  readonly timer: string | null;
  /** Every text, by its path without prefix. */
  readonly texts: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
};

/** Further programs that a site has files of, by its record. */
function workersIn(record: Pick<SiteRecord, 'files'> | undefined): string[] {
  return Object.keys(record?.files ?? {}).flatMap((path) => {
    const unit = path.startsWith(`${unitFolder}/`) ? path.slice(unitFolder.length + 1) : '';
    return unitOwner(unit)?.worker == null ? [] : [unit];
  });
}

function placeOf(machine: Machine, spec: SiteSpec, plan: AppPlan, identity: PoolIdentity): Place {
  const { prefix, stateFolder, settings } = machine;
  const { app, record, ports } = plan;
  const context: Omit<UnitContext, 'program' | 'log' | 'port'> = {
    prefix,
    runsAs: identity.runsAs,
    slot: record.slot,
    searchPath: searchPathOf(prefix, app),
    environmentFile: environmentFile(stateFolder, spec.siteId, record.slot),
    apart: apart(),
    hidden: [stateFolder, settings.socketPath.slice(0, settings.socketPath.lastIndexOf('/'))],
    nonce: record.nonce,
  };
  const instances = instancePlaces(machine, spec, plan, context);
  const workers = workerPlaces(machine, spec, app, { ...context, port: ports?.[0] ?? null });
  const rule = ports === null ? renderSocketRule(spec, identity.socketGroup) : null;
  const timer = app.timedRestart === null ? null : renderTimer(spec, app.timedRestart);
  const texts = {
    ...Object.fromEntries(instances.map((each) => [unitPath(each.unit), each.text])),
    ...Object.fromEntries(workers.map((each) => [unitPath(each.unit), each.text])),
    ...(rule === null ? {} : { [socketRule(spec.slug)]: rule }),
    ...(timer === null ? {} : { [unitPath(restartTimer(spec.slug))]: timer }),
  };
  const files = Object.fromEntries(Object.entries(texts).map(([path, each]) => [path, sha256(each)]));
  return { instances, workers, rule, timer, texts, files };
}

/** The texts that the panel would write, by path without prefix; none while the application is off. */
export function appTexts(
  machine: Machine,
  spec: SiteSpec,
  linuxUser: string,
  plan: AppPlan | null,
): Record<string, string> {
  if (plan === null || !plan.isRunning || linuxUser === '') return {};
  return placeOf(machine, spec, plan, poolIdentity(machine, linuxUser)).texts;
}

function wantsOf(
  machine: Machine,
  spec: SiteSpec,
  plan: AppPlan,
  {
    place,
    oldWorkers,
    existing,
  }: {
    readonly place: Place | null;
    readonly oldWorkers: readonly string[];
    readonly existing: SiteRecord | undefined;
  },
  { uid, gid, socketGroup }: PoolIdentity,
): Want[] {
  const { prefix } = machine;
  const self = selfOwner(machine);
  const folder = (path: string, looks: { mode: number; uid: number; gid: number }): Want => ({
    kind: 'folder',
    path: prefix + path,
    ...looks,
  });
  const file = (path: string, text: string): Want => {
    const absolute = prefix + path;
    return {
      kind: 'file',
      path: absolute,
      bytes: Buffer.from(text),
      mode: 0o644,
      ...self,
      shownAs: shownPath(absolute, prefix),
    };
  };
  const services = place === null ? [] : [...place.instances, ...place.workers];
  const running = services.map(({ unit }) => unit);
  const known = [...knownUnits(spec, plan, existing), ...oldWorkers];
  const gone = known.filter((unit) => !running.includes(unit));
  const hasBoot = place !== null && plan.app.isAtBoot;
  const hasTimer = place !== null && place.timer !== null;
  const removals = [
    ...gone.flatMap((unit) => [bootLink(unit), unitPath(unit)]),
    ...(hasBoot ? [] : known.map(bootLink)),
    ...(place?.rule == null ? [socketRule(spec.slug)] : []),
    ...(hasTimer ? [] : [unitPath(restartTimer(spec.slug))]),
    ...(hasTimer && hasBoot ? [] : [timerLink(spec.slug)]),
  ];
  const link = (path: string, name: string): Want => ({
    kind: 'link',
    path: prefix + path,
    target: `../${name}`,
    shownAs: path,
  });
  const unique = [...new Set(removals)].map((path): Want => ({ kind: 'remove', path: prefix + path, shownAs: path }));
  if (place === null) return unique;
  const plain = { mode: 0o755, ...self };
  return [
    ...['/etc/systemd', unitFolder, bootFolder].map((path) => folder(path, plain)),
    ...(place.rule === null
      ? []
      : [
          folder('/etc/tmpfiles.d', plain),
          folder(socketRoot, plain),
          ...socketLooks(machine, { uid, gid: findGroup(socketGroup) ?? gid }).map((looks, index) =>
            folder([socketFolder, innerSocketFolder][index]?.(spec.siteId) ?? '', looks),
          ),
          file(socketRule(spec.slug), place.rule),
        ]),
    ...unique,
    ...services.map(({ unit, text }) => file(unitPath(unit), text)),
    ...(hasBoot ? running.map((unit) => link(bootLink(unit), unit)) : []),
    ...(place.timer === null ? [] : [file(unitPath(restartTimer(spec.slug)), place.timer)]),
    ...(place.timer !== null && hasBoot
      ? [folder(timerFolder, plain), link(timerLink(spec.slug), restartTimer(spec.slug))]
      : []),
  ];
}

/**
 * Of the folder and the one in it. Without systemd an application has no mount namespace that brings it there, so both
 * are its user's, and links in them are that user's affair.
 */
function socketLooks(
  { hasSystemd }: Machine,
  site: { readonly uid: number; readonly gid: number },
): { mode: number; uid: number; gid: number }[] {
  if (!hasSystemd) return [0o2750, 0o2750].map((mode) => ({ mode, ...site }));
  return [0o750, 0o3777].map((mode) => ({ mode, uid: 0, gid: site.gid }));
}

/** What is seen to be wrong before anything is stopped. */
function checkStart(machine: Machine, spec: SiteSpec, { app }: AppPlan): void {
  const { prefix } = machine;
  const refuse = (reason: ErrorReason, params: Record<string, string>): AppError =>
    new AppError('config_rejected', 'The application cannot be started.', { reason, params });
  if (!hasWorkingFolder(prefix, spec, app))
    throw refuse('app_file_missing', { path: `${spec.root}${app.folder === '' ? '' : `/${app.folder}`}` });
  const { path, problem } = findAppProgram(prefix, spec, app);
  const shown = prefix === '' ? path : path.replaceAll(prefix, '');
  if (problem === 'missing')
    throw refuse('app_file_missing', { path: app.program.includes('/') ? shown : app.program });
  if (problem === 'not_executable') throw refuse('app_not_executable', { path: shown });
}

/** Once nginx has let go: whatever of a site's application is not what is in use is stopped. */
async function stopOthers(
  machine: Machine,
  slug: string,
  {
    known,
    hadTimer,
    ports,
  }: {
    readonly known: readonly string[];
    readonly hadTimer: boolean;
    readonly ports: ReturnType<typeof closableIn>;
  },
  hasLetGo: () => boolean,
): Promise<void> {
  await poll(hasLetGo, Date.now() + oldWorkersMs);
  const ending = await machine.locks.hold(nginxLock, Number.POSITIVE_INFINITY, async () => {
    // It may have come back meanwhile.
    const record = findRecord(machine, slug);
    const current = record === undefined ? [] : wantedUnits(record, machine.now());
    const units = unitsOf(machine);
    const others = known.filter((unit) => !current.includes(unit));
    const states = await units.statesOf(others);
    for (const [index, unit] of others.entries())
      if (states[index]?.state !== 'stopped') await units.stop(unit, { isWaiting: false });
    if (hadTimer && record?.files[unitPath(restartTimer(slug))] === undefined) await stopTimer(machine, slug);
    return others;
  });
  if (freedOf(machine, ports).length === 0) return;
  await untilStopped(machine, ending);
  await machine.locks.hold(nginxLock, Number.POSITIVE_INFINITY, () => openPorts(machine, ports));
}

/** One that ends in peace still listens. */
async function untilStopped(machine: Machine, ending: readonly string[]): Promise<void> {
  const endsAt = Date.now() + longestEndMs;
  while (Date.now() < endsAt) {
    const states = await unitsOf(machine).statesOf(ending);
    if (states.every(({ state }) => state === 'stopped' || state === 'failed')) return;
    await wait(lookMs);
  }
}

/** The site is gone: its application ends, and its secrets with it. */
export async function dropApp(
  machine: Machine,
  record: Pick<SiteRecord, 'slug' | 'siteId' | 'uid' | 'app' | 'settings'> | undefined,
): Promise<void> {
  if (record?.app === undefined) return;
  await machine.locks.hold(nginxLock, Number.POSITIVE_INFINITY, async () => {
    // Taken back meanwhile: then all of it is needed.
    if (findRecord(machine, record.slug) !== undefined) return;
    const units = unitsOf(machine);
    await units.reload();
    await stopTimer(machine, record.slug);
    await stopAll(units, allUnitsOf(record));
    await openPorts(machine, closableIn(record));
    dropSecrets(machine, record.siteId);
    dropSocketFolder(machine, record.siteId);
  });
}

/** Never with what lies deeper: the folder was somebody else's to fill. */
function dropSocketFolder({ prefix }: Machine, siteId: string): void {
  const unsynced = new Unsynced();
  for (const folder of [innerSocketFolder(siteId), socketFolder(siteId)].map((path) => prefix + path)) {
    for (const name of listNames(folder))
      if (look(`${folder}/${name}`).type !== 'folder') removeFile(`${folder}/${name}`, unsynced);
    removeEmptyFolder(folder, unsynced);
  }
  unsynced.drop();
}

/** Files of an application that a site has on the machine, by its record: paths without prefix. */
export function unitsIn(record: Pick<SiteRecord, 'files'> | undefined): string[] {
  const isOurs = (path: string): boolean =>
    (path.startsWith(`${unitFolder}/aapanel-`) && !isPhpUnit(path)) || path.startsWith('/etc/tmpfiles.d/');
  return Object.keys(record?.files ?? {}).filter(isOurs);
}

/** Wants that take away everything of a site's application. */
export function appRemovals({ prefix }: Machine, record: SiteRecord | undefined): Want[] {
  if (record?.app === undefined) return [];
  const { slug } = record;
  const paths = [...slots.flatMap((slot) => instanceUnits(record, slot)), ...workersIn(record)].flatMap((unit) => [
    bootLink(unit),
    unitPath(unit),
  ]);
  return [...paths, socketRule(slug), timerLink(slug), unitPath(restartTimer(slug))].map((path) => ({
    kind: 'remove',
    path: prefix + path,
    shownAs: path,
  }));
}
