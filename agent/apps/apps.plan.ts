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
import { choosePorts } from './apps.ports.ts';
import { findAppProgram, hasWorkingFolder } from './apps.programs.ts';

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
  /** null: on its socket. */
  readonly port: number | null;
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
  const isStarted = isRunning && (isAnew || !wasRunning || before.sum !== sum);
  const isGiven = app.listen.kind === 'port' && app.listen.port !== null;
  const isBeside = isStarted && wasRunning && app.isOverlapping && !isGiven;
  const slot = isBeside ? otherSlot(before.slot) : (before?.slot ?? 'a');
  const ports = isGiven || app.listen.kind === 'socket' ? null : (before?.ports ?? choosePorts(takenPorts(machine)));
  const nonce = isAnew ? newChangeId() : (before?.nonce ?? '');
  return {
    app,
    record: { slot, ports, isOn, nonce, sum },
    isRunning,
    isStarted,
    isBeside,
    port: portOf(app, ports, slot),
  };
}

/** Facts that call for a start when they change; as they were before there were workers. */
function startFacts(app: SiteApp): Partial<SiteApp> {
  const facts: Partial<SiteApp> = { ...app };
  delete facts.timedRestart;
  if (app.workers.length === 0) delete facts.workers;
  return facts;
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

function portOf(app: SiteApp, ports: AppRecord['ports'], slot: Slot): number | null {
  return app.listen.kind === 'socket' ? null : (app.listen.port ?? ports?.[slot] ?? null);
}

function takenPorts(machine: Machine): Set<number> {
  const ports = [...allRecords(machine).values()].flatMap(({ app, domains, settings }) => [
    ...domains.map(({ port }) => port),
    ...(app?.ports == null ? [] : [app.ports.a, app.ports.b]),
    ...(settings?.app?.listen.kind === 'port' ? [settings.app.listen.port ?? 0] : []),
  ]);
  return new Set(ports);
}

/** Where nginx sends requests; undefined while the application is off. */
export function targetOf(
  prefix: string,
  { siteId }: Pick<SiteSpec, 'siteId'>,
  plan: AppPlan | null,
): string | undefined {
  if (plan === null || !plan.isRunning) return undefined;
  const { port, record } = plan;
  return port === null ? `http://unix:${prefix}${appSocket(siteId, record.slot)}` : `http://127.0.0.1:${port}`;
}
