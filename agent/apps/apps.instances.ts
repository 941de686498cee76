import { setTimeout as wait } from 'node:timers/promises';
import type { SiteSpec } from '#shared/agent/sites.ts';
import type { SiteApp } from '#shared/site-app.ts';
import { giveLog, look, trimLog } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import type { PoolIdentity } from '../php/php.user.ts';
import type { AppRecord } from './app-record.ts';
import { waitHealthy, type Start } from './apps.health.ts';
import { keptOfLog, largestLog } from './apps.limits.ts';
import { appLog, appSocket, unitName } from './apps.paths.ts';
import { instancePorts, type AppPlan } from './apps.plan.ts';
import { findAppProgram } from './apps.programs.ts';
import { renderUnit, type UnitContext } from './apps.render.ts';
import type { Units } from './apps.unit.ts';
import { numbersTo } from './apps.wanted.ts';

/*
 * The instances of an application: each a service of its own, on a port or socket of its own. They are started in rounds of
 * a quarter, each round only when the one before answers, so that most of them serve at every moment.
 */

/** `number`: from 1 on. */
export type InstancePlace = { readonly number: number; readonly unit: string; readonly text: string };

/** So long nginx may leave out one that refused it (`fail_timeout` in nginx.instances.ts, counted in whole seconds). */
const leftOutMs = 2_100;
/** Of everything that is put back as it was: whoever asked waits for it. */
const backMs = 10_000;

export function instancePlaces(
  machine: Machine,
  spec: SiteSpec,
  { app, record, ports }: Pick<AppPlan, 'app' | 'record' | 'ports'>,
  context: Omit<UnitContext, 'program' | 'log' | 'port' | 'instance'>,
): InstancePlace[] {
  const program = findAppProgram(machine.prefix, spec, app).path;
  return numbersTo(app.instances).map((number) => {
    const own = {
      program,
      log: `${machine.prefix}${appLog(spec.slug, number)}`,
      port: ports?.[number - 1] ?? null,
      instance: app.instances === 1 ? null : number,
    };
    return {
      number,
      unit: unitName(spec.slug, record.slot, number),
      text: renderUnit(spec, app, { ...context, ...own }),
    };
  });
}

function inRounds<T>(list: readonly T[]): T[][] {
  const size = Math.ceil(list.length / 4);
  return Array.from({ length: Math.ceil(list.length / (size || 1)) }, (_, round) =>
    list.slice(round * size, (round + 1) * size),
  );
}

/** What is started, and how it is seen to answer. */
export type Instances = {
  readonly spec: SiteSpec;
  readonly app: SiteApp;
  readonly record: Pick<AppRecord, 'slot' | 'ports'>;
  readonly identity: Pick<PoolIdentity, 'uid' | 'gid'>;
};

/**
 * Starts these, with `isGated` one round after the other; throws in words why one does not answer. `isRunning`: whether
 * nginx sends requests to it now, so that it ends first and others take over meanwhile. `onTouched`: it is about to change.
 */
export async function startInstances(
  machine: Machine,
  units: Units,
  given: Instances & {
    readonly numbers: readonly number[];
    readonly isGated: boolean;
    /** Epoch ms. */
    readonly endsAt: number;
    readonly isRunning: (number: number) => boolean;
    readonly onTouched: (number: number) => void;
  },
): Promise<void> {
  const { app, numbers, isGated, isRunning } = given;
  const rounds = inRounds(numbers);
  for (const [index, round] of rounds.entries()) {
    const isReplacing = round.some(isRunning);
    const done = await Promise.allSettled(
      round.map(async (number) => {
        const start = prepare(machine, given, number);
        given.onTouched(number);
        if (isRunning(number)) await units.stop(start.unit);
        await units.start(start.unit);
        if (isGated)
          await waitHealthy(machine, units, start, Math.min(Date.now() + app.healthSeconds * 1_000, given.endsAt));
      }),
    );
    for (const each of done) if (each.status === 'rejected') throw each.reason;
    if (isGated && isReplacing && index < rounds.length - 1) await wait(leftOutMs);
  }
}

/** Starts these anew as they lie there, one after the other; one that does not answer stops nothing. */
export async function restartInstances(
  machine: Machine,
  units: Units,
  given: Instances & { readonly numbers: readonly number[] },
): Promise<void> {
  const endsAt = Date.now() + backMs;
  const { numbers } = given;
  for (const [index, number] of numbers.entries()) {
    const start = prepare(machine, given, number);
    await units.stop(start.unit);
    await units.start(start.unit);
    if (Date.now() >= endsAt) continue;
    await waitHealthy(machine, units, start, endsAt).catch(() => undefined);
    if (index < numbers.length - 1) await wait(Math.max(0, Math.min(leftOutMs, endsAt - Date.now())));
  }
}

function prepare(machine: Machine, { spec, app, record, identity }: Instances, number: number): Start {
  const { prefix, isRoot } = machine;
  const { uid, gid } = identity;
  const log = `${prefix}${appLog(spec.slug, number)}`;
  trimLog(log, largestLog, keptOfLog);
  giveLog(log, 0o640, isRoot ? { uid: 0, gid } : null);
  const found = look(log);
  const port = instancePorts(app, record.ports, record.slot)?.[number - 1];
  return {
    unit: unitName(spec.slug, record.slot, number),
    spec,
    app,
    number,
    where: port === undefined ? { socketPath: `${prefix}${appSocket(spec.siteId, record.slot, number)}` } : { port },
    uid,
    log,
    logFrom: found.type === 'file' ? found.size : 0,
  };
}
