import type { SiteSpec } from '#shared/agent/sites.ts';
import type { ErrorReason } from '#shared/error-reasons.ts';
import { AppError } from '#shared/errors.ts';
import { giveLog, listNames, look, removeEmptyFolder, removeFile, sha256, trimLog, Unsynced } from '../core/files.ts';
import { findGroup, type Machine } from '../core/machine.ts';
import type { Want } from '../core/steps.ts';
import { shownPath } from '../nginx/nginx.check.ts';
import { nginxLock, poll } from '../nginx/nginx.process.ts';
import { poolIdentity, type PoolIdentity } from '../php/php.user.ts';
import type { Companion, CompanionInput } from '../sites/site-companion.ts';
import { mayRun, wasServed } from '../sites/site-end.ts';
import { findRecord, selfOwner, type SiteRecord } from '../sites/site-records.ts';
import { waitHealthy, type Start } from './apps.health.ts';
import {
  appLog,
  appSocket,
  bootFolder,
  bootLink,
  environmentFile,
  innerSocketFolder,
  slots,
  socketFolder,
  socketRoot,
  socketRule,
  unitFolder,
  unitName,
  unitPath,
} from './apps.paths.ts';
import type { AppPlan } from './apps.plan.ts';
import { findAppProgram, hasWorkingFolder, searchPathOf } from './apps.programs.ts';
import { renderSocketRule, renderUnit } from './apps.render.ts';
import { checkSecrets, dropSecrets, writeEnvironment } from './apps.secrets.ts';
import { unitsOf } from './apps.units.ts';

/** nginx's old processes still send requests to the old application for so long at most. */
const oldWorkersMs = 10_000;
const mib = 1_024 * 1_024;
/** Nobody turns these logs over: a larger one is cut when its application starts, and when the agent does. */
export const largestLog = 64 * mib;
export const keptOfLog = mib;
/** What is left of the deadline for nginx and for taking everything back. */
const reserveMs = 15_000;

/** The application of a site as a part of the site's change. */
export function createAppCompanion(machine: Machine, input: CompanionInput, plan: AppPlan | null): Companion {
  const { spec, user, existing, isKept, isGated, deadlineAt } = input;
  const { prefix } = machine;
  const units = unitsOf(machine);
  const identity = poolIdentity(machine, user.name);
  const place = plan === null || !plan.isRunning ? null : placeOf(machine, spec, plan, identity);
  const before = existing?.app;
  const oldUnit = before === undefined || existing === undefined ? null : unitName(existing.slug, before.slot);
  const wasRunning = before?.isOn === true && existing !== undefined && wasServed(existing);
  let hasBegun = false;

  async function begin(): Promise<void> {
    if (plan === null || place === null) return;
    await writeEnvironment(machine, spec.siteId, plan.record.slot, plan.app);
    await units.reload();
    if (!plan.isStarted) return;
    const start = prepare(place, plan);
    if (wasRunning && !plan.isBeside && oldUnit !== null) await units.stop(oldUnit);
    await units.start(place.unit);
    if (!isGated) return;
    await waitHealthy(
      machine,
      units,
      start,
      Math.min(Date.now() + plan.app.healthSeconds * 1_000, deadlineAt - reserveMs),
    );
  }

  function prepare({ unit }: Place, { app, port, record }: AppPlan): Start {
    const { uid, gid } = identity;
    const log = `${prefix}${appLog(spec.slug)}`;
    trimLog(log, largestLog, keptOfLog);
    giveLog(log, 0o640, machine.isRoot ? { uid: 0, gid } : null);
    const found = look(log);
    return {
      unit,
      spec,
      app,
      where: port === null ? { socketPath: `${prefix}${appSocket(spec.siteId, record.slot)}` } : { port },
      uid,
      log,
      logFrom: found.type === 'file' ? found.size : 0,
    };
  }

  /** The old files are in place again. */
  async function goBack(): Promise<void> {
    if (place !== null && plan?.isStarted === true) await units.stop(place.unit);
    await units.reload();
    const app = existing?.settings?.app;
    if (!wasRunning || before === undefined || oldUnit === null || app == null) return;
    await writeEnvironment(machine, spec.siteId, before.slot, app);
    const { state } = await units.stateOf(oldUnit);
    if (state === 'stopped') await units.start(oldUnit);
  }

  return {
    wants: isKept || plan === null ? [] : wantsOf(machine, spec, plan, place, identity),
    files: place === null || isKept ? {} : place.files,
    validate() {
      if (isKept || plan === null || !isGated) return Promise.resolve();
      // A site whose secrets were lost can be changed otherwise all the same.
      const isChanged = JSON.stringify(existing?.settings?.app ?? null) !== JSON.stringify(spec.app);
      if (isChanged || plan.isStarted) checkSecrets(machine, spec.siteId, plan.app);
      if (plan.isStarted) checkStart(machine, spec, plan);
      return Promise.resolve();
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
      if (plan !== null && !isKept) machine.later('old application', () => stopOthers(machine, spec.slug, hasLetGo));
    },
  };
}

type Place = {
  readonly unit: string;
  readonly text: string;
  readonly files: Readonly<Record<string, string>>;
  readonly rule: string | null;
};

function placeOf(machine: Machine, spec: SiteSpec, plan: AppPlan, identity: PoolIdentity): Place {
  const unit = unitName(spec.slug, plan.record.slot);
  const text = unitTextOf(machine, spec, plan, identity);
  const rule = plan.port === null ? renderSocketRule(spec, identity.socketGroup) : null;
  return {
    unit,
    text,
    rule,
    files: { [unitPath(unit)]: sha256(text), ...(rule === null ? {} : { [socketRule(spec.slug)]: sha256(rule) }) },
  };
}

function unitTextOf(machine: Machine, spec: SiteSpec, plan: AppPlan, identity: PoolIdentity): string {
  const { prefix, stateFolder, settings } = machine;
  const { app, record, port } = plan;
  return renderUnit(spec, app, {
    prefix,
    runsAs: identity.runsAs,
    slot: record.slot,
    port,
    program: findAppProgram(prefix, spec, app).path,
    searchPath: searchPathOf(prefix, app),
    environmentFile: environmentFile(stateFolder, spec.siteId, record.slot),
    log: `${prefix}${appLog(spec.slug)}`,
    hidden: [stateFolder, settings.socketPath.slice(0, settings.socketPath.lastIndexOf('/'))],
    nonce: record.nonce,
  });
}

/** The texts that the panel would write, by path without prefix; none while the application is off. */
export function appTexts(
  machine: Machine,
  spec: SiteSpec,
  linuxUser: string,
  plan: AppPlan | null,
): Record<string, string> {
  if (plan === null || !plan.isRunning || linuxUser === '') return {};
  const { unit, text, rule } = placeOf(machine, spec, plan, poolIdentity(machine, linuxUser));
  return { [unitPath(unit)]: text, ...(rule === null ? {} : { [socketRule(spec.slug)]: rule }) };
}

function wantsOf(
  machine: Machine,
  spec: SiteSpec,
  plan: AppPlan,
  place: Place | null,
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
  const kept = new Set(place === null ? [] : [place.unit]);
  const gone = slots.map((slot) => unitName(spec.slug, slot)).filter((unit) => !kept.has(unit));
  const removals = [
    ...gone.flatMap((unit) => [bootLink(unit), unitPath(unit)]),
    ...(place === null || !plan.app.isAtBoot ? slots.map((slot) => bootLink(unitName(spec.slug, slot))) : []),
    ...(place?.rule == null ? [socketRule(spec.slug)] : []),
  ];
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
    file(unitPath(place.unit), place.text),
    ...(plan.app.isAtBoot
      ? [
          {
            kind: 'link',
            path: prefix + bootLink(place.unit),
            target: `../${place.unit}`,
            shownAs: bootLink(place.unit),
          } as const,
        ]
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

/** Once nginx has let go: whatever of a site's application is not the one in use is stopped. */
async function stopOthers(machine: Machine, slug: string, hasLetGo: () => boolean): Promise<void> {
  await poll(hasLetGo, Date.now() + oldWorkersMs);
  await machine.locks.hold(nginxLock, Number.POSITIVE_INFINITY, async () => {
    // It may have come back meanwhile.
    const record = findRecord(machine, slug);
    const current =
      record?.app?.isOn === true && mayRun(record, machine.now()) ? unitName(slug, record.app.slot) : undefined;
    const units = unitsOf(machine);
    for (const slot of slots) {
      const unit = unitName(slug, slot);
      if (unit === current) continue;
      const { state } = await units.stateOf(unit);
      if (state !== 'stopped') await units.stop(unit, { isWaiting: false });
    }
  });
}

/** The site is gone: its application ends, and its secrets with it. */
export async function dropApp(
  machine: Machine,
  record: Pick<SiteRecord, 'slug' | 'siteId' | 'app'> | undefined,
): Promise<void> {
  if (record?.app === undefined) return;
  await machine.locks.hold(nginxLock, Number.POSITIVE_INFINITY, async () => {
    // Taken back meanwhile: then all of it is needed.
    if (findRecord(machine, record.slug) !== undefined) return;
    const units = unitsOf(machine);
    await units.reload();
    for (const slot of slots) await units.stop(unitName(record.slug, slot));
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
    path.startsWith(`${unitFolder}/aapanel-app-`) || path.startsWith('/etc/tmpfiles.d/');
  return Object.keys(record?.files ?? {}).filter(isOurs);
}

/** Wants that take away everything of a site's application. */
export function appRemovals({ prefix }: Machine, record: SiteRecord | undefined): Want[] {
  if (record?.app === undefined) return [];
  const paths = slots.flatMap((slot) => {
    const unit = unitName(record.slug, slot);
    return [bootLink(unit), unitPath(unit)];
  });
  return [...paths, socketRule(record.slug)].map((path) => ({ kind: 'remove', path: prefix + path, shownAs: path }));
}
