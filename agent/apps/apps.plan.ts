import { isDeepStrictEqual } from 'node:util';
import type { SiteSpec } from '#shared/agent/sites.ts';
import type { SiteApp } from '#shared/site-app.ts';
import type { AppWish } from '#shared/apps.ts';
import { sha256 } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import { wasServed } from '../sites/site-end.ts';
import { allRecords, type SiteRecord } from '../sites/site-records.ts';
import type { AppRecord } from './app-record.ts';
import { appSocket, otherSlot, type Slot } from './apps.paths.ts';
import { portsFor, portsOf, runOf } from './apps.ports.ts';
import { findAppProgram, hasWorkingFolder } from './apps.programs.ts';
import { instancesOf, numbersTo } from './apps.wanted.ts';

/** The link to the release that is live. */
const current = 'current';

/** What becomes of an application by a change of its site. */
export type AppPlan = {
  readonly app: SiteApp;
  readonly record: AppRecord;
  /** It runs when the change is done. */
  readonly isRunning: boolean;
  /** It is started by this change. */
  readonly isStarted: boolean;
  /** It starts while the old one still serves. */
  readonly isBeside: boolean;
  /** Only the number of its instances is another one: those that run and stay are left alone. */
  readonly isScaled: boolean;
  /** Of each instance; null: they are on sockets. */
  readonly ports: readonly number[] | null;
};

/**
 * null: the site has no application. `isDeployed`: it runs from the release that is live. `isEnded`: the time of the site is
 * over, so it does not run whatever people wish.
 */
export function planApp(
  machine: Machine,
  spec: SiteSpec,
  existing: SiteRecord | undefined,
  {
    wish,
    isDeployed,
    isEnded,
  }: { readonly wish?: AppWish | undefined; readonly isDeployed: boolean; readonly isEnded: boolean },
): AppPlan | null {
  if (spec.app === null) return null;
  const app = isDeployed ? inRelease(spec.app) : spec.app;
  const before = existing?.app;
  const isOn = wish === undefined ? (before?.isOn ?? canStart(machine, spec, app)) : wish !== 'stop';
  const isRunning = isOn && spec.isEnabled && !isEnded;
  const sum = sha256(JSON.stringify([startFacts(app), spec.root]));
  const wasRunning = before?.isOn === true && existing !== undefined && wasServed(existing);
  const isAnew = wish === 'start' || wish === 'restart';
  const isGiven = app.listen.kind === 'port' && app.listen.port !== null;
  const ports =
    isGiven || app.listen.kind === 'socket'
      ? null
      : portsFor(existing, app.instances, takenPorts(machine, spec.siteId));
  const isWhole = isAnew || !wasRunning || before.sum !== sum || !isDeepStrictEqual(before.ports, ports);
  const isScaled = isRunning && !isWhole && instancesOf(existing.settings) !== app.instances;
  const isStarted = isRunning && (isWhole || isScaled);
  const isBeside = isRunning && isWhole && wasRunning && app.isOverlapping && !isGiven;
  const slot = isBeside ? otherSlot(before.slot) : (before?.slot ?? 'a');
  const nonce = isAnew ? newChangeId() : (before?.nonce ?? '');
  return {
    app,
    record: { slot, ports, isOn, nonce, sum },
    isRunning,
    isStarted,
    isBeside,
    isScaled,
    ports: instancePorts(app, ports, slot),
  };
}

/**
 * Facts that call for a start of everything when they change; as they were before there were workers and instances. Of
 * several each is told its number, the only one is not.
 */
function startFacts(app: SiteApp): Partial<SiteApp> & { readonly isOneOfSeveral?: true } {
  const facts: Partial<SiteApp> = { ...app };
  delete facts.timedRestart;
  delete facts.instances;
  if (app.workers.length === 0) delete facts.workers;
  return app.instances === 1 ? facts : { ...facts, isOneOfSeveral: true };
}

/** Its working folder is meant within the release, whether somebody wrote `current` before it or not. */
function inRelease(app: SiteApp): SiteApp {
  const { folder } = app;
  if (folder === current || folder.startsWith(`${current}/`)) return app;
  return { ...app, folder: folder === '' ? current : `${current}/${folder}` };
}

/** A new site's folder is empty most often: then it waits to be started. */
function canStart({ prefix }: Machine, spec: SiteSpec, app: SiteApp): boolean {
  return hasWorkingFolder(prefix, spec, app) && findAppProgram(prefix, spec, app).problem === null;
}

/** Of each instance in this place; null: they are on sockets. */
export function instancePorts(
  { listen, instances }: Pick<SiteApp, 'listen' | 'instances'>,
  ports: AppRecord['ports'],
  slot: Slot,
): number[] | null {
  const first = listen.kind === 'socket' ? null : (listen.port ?? ports?.[slot] ?? null);
  return first === null ? null : runOf(first, instances);
}

/** Of nginx and of other sites. */
function takenPorts(machine: Machine, siteId: string): Set<number> {
  const ports = [...allRecords(machine).values()].flatMap((record) => [
    ...record.domains.map(({ port }) => port),
    ...(record.siteId === siteId ? [] : portsOf(record)),
  ]);
  return new Set(ports);
}

/** Where nginx sends requests, as it names servers; none while the application is off. */
export function targetsOf(prefix: string, { siteId }: Pick<SiteSpec, 'siteId'>, plan: AppPlan | null): string[] {
  if (plan === null || !plan.isRunning) return [];
  const { ports, record, app } = plan;
  return ports === null
    ? numbersTo(app.instances).map((number) => `unix:${prefix}${appSocket(siteId, record.slot, number)}`)
    : ports.map((port) => `127.0.0.1:${port}`);
}
