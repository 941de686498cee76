import { setTimeout as wait } from 'node:timers/promises';
import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { DependencyRun, DependencyWork } from '#shared/dependencies.ts';
import { AppError } from '#shared/errors.ts';
import type { Call } from '../core/call.ts';
import { look } from '../core/files.ts';
import { launchOwn } from '../core/launch.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram } from '../core/run.ts';
import { readyPhpFolder } from '../php/php-command.ts';
import { siteOf } from '../deployments/deployments.ts';
import { stopUnits } from '../deployments/run-as-site.ts';
import type { SiteRecord } from '../sites/site-records.ts';
import { ownFolderOf, projectFolderOf, readPackage, readProject, searchPathFor } from './project.ts';
import {
  askToCancel,
  findRun,
  forgetOldRuns,
  isInterrupted,
  isUnderWay,
  listRuns,
  maxAttempts,
  openRunLog,
  readRunLog,
  shownRun,
  writeRun,
  type RunPlan,
  type RunRecord,
} from './run-records.ts';
import { stepsOf } from './work-steps.ts';

type SiteRef = { readonly siteId: string; readonly slug: string };
const mostShown = 5;
const cancelPatienceMs = 20_000;

export function projectOf(machine: Machine, ref: SiteRef): ActionResult<AgentActions['dependencies.project']> {
  const site = siteOf(machine, ref);
  return {
    ...readProject(machine, site),
    runs: listRuns(machine, site.siteId).slice(0, mostShown).map(shownRun),
  };
}

/** Starts a run as a process of its own, finds it, or takes it up again when its process died. */
export async function startDependencies(
  machine: Machine,
  { site: ref, runId, work }: ActionParams<AgentActions['dependencies.start']>,
  { actor }: Call,
): Promise<DependencyRun> {
  const site = siteOf(machine, ref);
  const now = machine.now();
  const present = findRun(machine, site.siteId, runId);
  if (present !== undefined && !isInterrupted(present, now)) return shownRun(present);
  if (present !== undefined && present.attempt >= maxAttempts) {
    const failure = { reason: 'dependency_interrupted', params: {} };
    return shownRun(await writeRun(machine, { ...present, state: 'failed', failure, endedAt: now, plan: null }));
  }
  const isBusy = listRuns(machine, site.siteId).some((each) => each.runId !== runId && isUnderWay(each, now));
  if (isBusy)
    throw new AppError('busy', 'Packages of this site are being installed.', { reason: 'dependency_under_way' });
  // One whose process died may have left its programs behind.
  if (present !== undefined) await stopUnits(machine, unitOf(runId));
  const record: RunRecord =
    present === undefined
      ? {
          runId,
          siteId: site.siteId,
          slug: site.slug,
          work,
          actorName: actor.name,
          state: 'starting',
          attempt: 1,
          process: null,
          plan: planOf(machine, site, work),
          failure: null,
          startedAt: now,
          endedAt: null,
        }
      : { ...present, state: 'starting', attempt: present.attempt + 1, process: null, startedAt: now };
  await writeRun(machine, record);
  forgetOldRuns(machine, site.siteId);
  await launchOwn(machine, {
    args: ['--dependencies', site.siteId, runId],
    nodeFlags: ['--max-semi-space-size=1'],
    unit: `aapanel-dependencies-${runId}-${record.attempt}`,
    properties: ['KillMode=mixed', 'TimeoutStopSec=30', 'UMask=0027', 'CPUWeight=50', 'IOWeight=50'],
    openOutput: () => openRunLog(machine, site.siteId, runId),
  });
  return shownRun(record);
}

/** Beginning of the names of the units in which the tools run. */
export const unitOf = (runId: string): string => `aapanel-dependency-${runId}-`;

/** Refuses here what cannot work: whoever asked hears it at once. */
function planOf(machine: Machine, site: SiteRecord, work: DependencyWork): RunPlan {
  const folder = projectFolderOf(machine, site);
  const needed = neededFile(work);
  if (needed !== null && typeAt(`${folder}/${needed}`) !== 'file') throw fileMissing(needed);
  if (work.kind === 'script' && !readPackage(folder).scripts.includes(work.script))
    throw new AppError('in_use', 'package.json has no such script.', {
      reason: 'dependency_script_missing',
      params: { script: work.script },
    });
  const { version } = site.settings?.php ?? {};
  const searchPath = searchPathFor(machine, site);
  const { steps, environment } = stepsOf(work, {
    folder,
    searchPath,
    hasEnvironment: typeAt(`${folder}/venv/pyvenv.cfg`) === 'file',
    php: version === undefined ? null : (findProgram(`php${version}`, machine.prefix) ?? null),
  });
  return {
    linuxUser: site.linuxUser,
    own: ownFolderOf(machine, site),
    folder,
    steps,
    // What Composer's own scripts call `php` is the site's version too.
    environment: { ...environment, PATH: [...readyPhpFolder(machine, site), ...searchPath].join(':') },
  };
}

function neededFile(work: DependencyWork): string | null {
  if (work.kind === 'composer') return 'composer.json';
  return work.kind === 'python' ? work.requirements : 'package.json';
}

function typeAt(path: string): string {
  try {
    return look(path).type;
  } catch {
    // A link stands in the path.
    return 'other';
  }
}

function fileMissing(file: string): AppError {
  return new AppError('in_use', `${file} is not in the folder.`, {
    reason: 'dependency_file_missing',
    params: { file },
  });
}

export function followDependencies(
  machine: Machine,
  { site: ref, runId, offset }: ActionParams<AgentActions['dependencies.follow']>,
): ActionResult<AgentActions['dependencies.follow']> {
  const site = siteOf(machine, ref);
  const record = findRun(machine, site.siteId, runId);
  if (record === undefined) return { run: null, isInterrupted: false, text: '', nextOffset: offset };
  const { text, next } = readRunLog(machine, record, offset);
  return {
    run: shownRun(record),
    isInterrupted: isInterrupted(record, machine.now()),
    text,
    nextOffset: next,
  };
}

/** Ends when nothing of the run is left; what it has written stays, as after a Ctrl-C. */
export async function cancelDependencies(
  machine: Machine,
  { site: ref, runId }: ActionParams<AgentActions['dependencies.cancel']>,
): Promise<DependencyRun | null> {
  const site = siteOf(machine, ref);
  const find = (): RunRecord | undefined => findRun(machine, site.siteId, runId);
  let record = find();
  if (record === undefined) return null;
  if (record.endedAt === null) askToCancel(machine, site.siteId, runId);
  const endsAt = Date.now() + cancelPatienceMs;
  while (isUnderWay(record, machine.now()) && Date.now() < endsAt) {
    await wait(100);
    record = find() ?? record;
  }
  if (isUnderWay(record, machine.now()))
    throw new AppError('busy', 'It has not stopped yet.', { reason: 'dependency_under_way' });
  if (!isInterrupted(record, machine.now())) return shownRun(record);
  await stopUnits(machine, unitOf(runId));
  return shownRun(await writeRun(machine, { ...record, state: 'cancelled', endedAt: machine.now(), plan: null }));
}
