import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '#shared/errors.ts';
import type { ErrorReason } from '#shared/error-reasons.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import type { AppWorker, SiteApp } from '#shared/site-app.ts';
import { giveLog, look, trimLog } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { lastWords } from './apps.health.ts';
import { workerLog, workerUnit } from './apps.paths.ts';
import { findAppProgram, type FoundProgram } from './apps.programs.ts';
import { renderWorker, type UnitContext } from './apps.render.ts';
import { keptOfLog, largestLog } from './apps.limits.ts';
import type { Units } from './apps.unit.ts';

/*
 * Further programs of an application: services of their own in the same change. There is never one of a name twice, as an
 * application has while the new one starts beside the old one: whoever plans jobs must not do so twice.
 */

export type WorkerPlace = { readonly worker: AppWorker; readonly unit: string; readonly text: string };

/** It has to last so long; it answers nobody who could ask it. */
const proofMs = 1_000;
const roundMs = 100;

export function workerPlaces(
  machine: Machine,
  spec: SiteSpec,
  app: SiteApp,
  context: Omit<UnitContext, 'program' | 'log'>,
): WorkerPlace[] {
  return app.workers.map((worker) => ({
    worker,
    unit: workerUnit(spec.slug, worker.name),
    text: renderWorker(spec, app, worker, {
      ...context,
      program: programOf(machine, spec, app, worker).path,
      log: `${machine.prefix}${workerLog(spec.slug, worker.name)}`,
    }),
  }));
}

function programOf({ prefix }: Machine, spec: SiteSpec, app: SiteApp, { program }: AppWorker): FoundProgram {
  return findAppProgram(prefix, spec, { ...app, program });
}

/** What is seen to be wrong before anything is stopped. */
export function checkWorkers(machine: Machine, spec: SiteSpec, app: SiteApp): void {
  for (const worker of app.workers) {
    const { path, problem } = programOf(machine, spec, app, worker);
    if (problem === null) continue;
    const shown = machine.prefix === '' ? path : path.replaceAll(machine.prefix, '');
    throw refused(problem === 'missing' ? 'app_worker_missing' : 'app_worker_not_executable', {
      worker: worker.name,
      path: worker.program.includes('/') ? shown : worker.program,
    });
  }
}

/** All at once: each may take its time to end in peace. */
export async function stopAll(units: Units, names: readonly string[], options?: { isWaiting: boolean }): Promise<void> {
  await Promise.all(names.map((unit) => units.stop(unit, options)));
}

/** Starts them, and with `isGated` ends only when each has lasted for a moment; throws in words which one did not. */
export async function startWorkers(
  machine: Machine,
  units: Units,
  given: {
    readonly spec: SiteSpec;
    readonly places: readonly WorkerPlace[];
    /** That may read their logs; null: the group of whoever makes them. */
    readonly gid: number | null;
    readonly isGated: boolean;
  },
): Promise<void> {
  const { spec, places, gid, isGated } = given;
  if (places.length === 0) return;
  const logs = places.map(({ worker }) => {
    const log = `${machine.prefix}${workerLog(spec.slug, worker.name)}`;
    trimLog(log, largestLog, keptOfLog);
    giveLog(log, 0o640, machine.isRoot && gid !== null ? { uid: 0, gid } : null);
    const found = look(log);
    return { log, logFrom: found.type === 'file' ? found.size : 0 };
  });
  await Promise.all(places.map(({ unit }) => units.start(unit)));
  if (!isGated) return;
  const endsAt = Date.now() + proofMs;
  do {
    await wait(roundMs);
    const states = await units.statesOf(places.map(({ unit }) => unit));
    for (const [index, { state, end, restarts }] of states.entries()) {
      const place = places[index];
      const log = logs[index];
      if (place === undefined || log === undefined) continue;
      if (state !== 'failed' && state !== 'stopped' && end === null && restarts === 0) continue;
      const message = lastWords(machine, { spec, ...log });
      const worker = place.worker.name;
      throw end === null || end.kind === 'exit'
        ? refused('app_worker_ended', { worker, code: end?.code ?? 0, message })
        : refused('app_worker_failed', { worker, message });
    }
  } while (Date.now() < endsAt);
}

function refused(reason: ErrorReason, params: Readonly<Record<string, string | number>>): AppError {
  return new AppError('config_rejected', 'A worker of the application does not run; what was before is back.', {
    reason,
    params,
  });
}
