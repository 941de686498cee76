import { setTimeout as wait } from 'node:timers/promises';
import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { Deployment } from '#shared/deployments.ts';
import { AppError } from '#shared/errors.ts';
import type { DeployTarget } from '#shared/site-deploy.ts';
import type { Call } from '../core/call.ts';
import { listNames, look } from '../core/files.ts';
import { launchOwn } from '../core/launch.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram } from '../core/run.ts';
import { nameFault } from '../core/transaction.ts';
import { checkOwner, findRecord, type SiteRecord } from '../sites/site-records.ts';
import { findKey } from './deploy-key.ts';
import { deployOwner, removeAsSite } from './deploy-owner.ts';
import { deployPaths } from './deployment-paths.ts';
import {
  askToCancel,
  findDeployment,
  isInterrupted,
  isUnderWay,
  listDeployments,
  maxAttempts,
  openDeploymentLog,
  readDeploymentLog,
  shownDeployment,
  writeDeployment,
  type DeploymentRecord,
} from './deployment-records.ts';
import { switchRelease, type Switched } from './switch-release.ts';

type SiteRef = { readonly siteId: string; readonly slug: string };
const mostShown = 60;
const cancelPatienceMs = 15_000;

/** By the agent's own record: an id in the request reaches nobody else's releases. */
export function siteOf(machine: Machine, site: SiteRef): SiteRecord {
  const record = findRecord(machine, site.slug);
  checkOwner(record, site);
  if (record === undefined) throw new AppError('not_found', 'There is no such site.', { reason: 'site_unknown' });
  return record;
}

export const releasePattern = /^\d{8}-\d{6}-[0-9a-f]{8}$/;

/** The release that `current` names, and those that can be gone back to. */
function releasesOf(
  machine: Machine,
  { root, siteId }: SiteRecord,
): { currentReleaseId: string | null; kept: Set<string> } {
  const paths = deployPaths(machine.prefix, root);
  const found = look(paths.current);
  const target = found.type === 'link' ? /^releases\/([^/]+)$/.exec(found.target)?.[1] : undefined;
  const proven = new Set(
    listDeployments(machine, siteId).flatMap(({ releaseId, state }) =>
      releaseId !== null && (state === 'succeeded' || state === 'switched') ? [releaseId] : [],
    ),
  );
  const kept = listNames(paths.releases).filter((name) => releasePattern.test(name) && proven.has(name));
  return { currentReleaseId: target !== undefined && releasePattern.test(target) ? target : null, kept: new Set(kept) };
}

function shown(machine: Machine, site: SiteRecord, record: DeploymentRecord): Deployment {
  return shownDeployment(record, releasesOf(machine, site));
}

export function readState(machine: Machine, ref: SiteRef): ActionResult<AgentActions['deployments.state']> {
  const site = siteOf(machine, ref);
  const releases = releasesOf(machine, site);
  return {
    isGitInstalled: findProgram('git') !== undefined && findProgram('ssh') !== undefined,
    key: findKey(machine, site.siteId),
    currentReleaseId: releases.currentReleaseId,
    items: listDeployments(machine, site.siteId)
      .slice(0, mostShown)
      .map((record) => shownDeployment(record, releases)),
  };
}

/** Starts a deployment as a process of its own, finds it, or takes it up again when its process died. */
export async function startDeployment(
  machine: Machine,
  {
    site: ref,
    deploymentId,
    trigger,
    target,
  }: ActionParams<AgentActions['deployments.start']> & { readonly target?: DeployTarget },
  { actor }: Call,
): Promise<Deployment> {
  const site = siteOf(machine, ref);
  const now = Date.now();
  const present = findDeployment(machine, site.siteId, deploymentId);
  if (present !== undefined && !isInterrupted(present, now)) return shown(machine, site, present);
  if (present !== undefined && present.attempt >= maxAttempts) {
    const failure = { reason: 'deploy_interrupted', params: {} };
    return shown(
      machine,
      site,
      await writeDeployment(machine, { ...present, state: 'failed', failure, endedAt: now, plan: null }),
    );
  }
  const other = listDeployments(machine, site.siteId).find(
    (each) => each.deploymentId !== deploymentId && isUnderWay(each, now),
  );
  if (other !== undefined)
    throw new AppError('busy', 'A deployment of this site is under way.', { reason: 'deploy_under_way' });
  const record =
    present === undefined
      ? newRecord(site, { deploymentId, trigger, actor, target })
      : { ...present, state: 'starting' as const, attempt: present.attempt + 1, attemptedAt: now, process: null };
  await writeDeployment(machine, record);
  await launchOwn(machine, {
    args: ['--deployment', site.siteId, deploymentId],
    unit: `aapanel-deployment-${deploymentId}-${record.attempt}`,
    properties: ['KillMode=mixed', 'TimeoutStopSec=30', 'UMask=0027', 'CPUWeight=50', 'IOWeight=50'],
    openOutput: () => openDeploymentLog(machine, site.siteId, deploymentId),
  });
  return shown(machine, site, record);
}

export function newRecord(
  site: SiteRecord,
  {
    deploymentId,
    trigger,
    actor,
    target,
  }: Pick<DeploymentRecord, 'deploymentId' | 'trigger'> & {
    readonly actor: Call['actor'];
    /** Instead of what is configured. */
    readonly target?: DeployTarget | undefined;
  },
): DeploymentRecord {
  const deploy = site.settings?.deploy ?? null;
  if (deploy === null || deploy.source === null)
    throw new AppError('in_use', 'The site is connected with no repository.', { reason: 'deploy_not_connected' });
  const { source, folder, build, sharedFolders, sharedFiles, keep, memoryMb, minutes } = deploy;
  const { root, linuxUser } = site;
  return {
    deploymentId,
    siteId: site.siteId,
    slug: site.slug,
    kind: 'deploy',
    trigger,
    actor: { id: actor.id, name: actor.name },
    state: 'starting',
    phase: 'fetch',
    attempt: 1,
    process: null,
    plan: {
      root,
      linuxUser,
      source,
      ...(target === undefined ? {} : { target }),
      build,
      sharedFolders,
      sharedFiles,
      keep,
      memoryMb,
      minutes,
    },
    ref: target?.name ?? source.ref.name,
    commit: null,
    releaseId: null,
    folder,
    previousReleaseId: null,
    isUnchanged: false,
    health: null,
    switchMs: null,
    failure: null,
    startedAt: Date.now(),
    endedAt: null,
  };
}

export function followDeployment(
  machine: Machine,
  { site: ref, deploymentId, offset }: ActionParams<AgentActions['deployments.follow']>,
): ActionResult<AgentActions['deployments.follow']> {
  const site = siteOf(machine, ref);
  const record = findDeployment(machine, site.siteId, deploymentId);
  if (record === undefined) return { deployment: null, isInterrupted: false, text: '', nextOffset: offset };
  const { text, next } = readDeploymentLog(machine, record, offset);
  return {
    deployment: shown(machine, site, record),
    isInterrupted: isInterrupted(record, Date.now()),
    text,
    nextOffset: next,
  };
}

/** What a deployment built becomes the live release. Called by its process; also again, when it could not hear the answer. */
export async function settleDeployment(
  machine: Machine,
  { site: ref, deploymentId }: ActionParams<AgentActions['deployments.settle']>,
  call: Call,
): Promise<void> {
  const site = siteOf(machine, ref);
  const record = findDeployment(machine, site.siteId, deploymentId);
  if (record === undefined || record.releaseId === null || record.state !== 'built') return;
  const release = { id: record.releaseId, folder: record.folder };
  const { currentReleaseId } = releasesOf(machine, site);
  const asking: Call = { ...call, actor: record.actor, isElevated: false, may: () => true };
  try {
    const switched = await switchRelease(machine, {
      site,
      release,
      changeId: deploymentId,
      action: 'deployments.settle',
      call: asking,
    });
    await writeDeployment(machine, {
      ...record,
      ...switched,
      state: 'switched',
      phase: 'tidy',
      previousReleaseId: currentReleaseId === release.id ? record.previousReleaseId : currentReleaseId,
    });
  } catch (error) {
    const named = nameFault(error);
    const health = isHealthFault(named) ? ('failed' as const) : record.health;
    await writeDeployment(machine, { ...record, health, failure: failureOf(named) });
    throw named;
  }
}

const isHealthFault = (error: unknown): boolean =>
  error instanceof AppError && (error.reason === 'deploy_health_failed' || error.reason === 'deploy_no_answer');

/** As a record keeps it. */
export function failureOf(error: unknown): NonNullable<Deployment['failure']> {
  if (!(error instanceof AppError)) return { reason: 'deploy_failed', params: {} };
  const params = Object.fromEntries(Object.entries(error.params).map(([name, value]) => [name, String(value)]));
  return { reason: error.reason ?? 'deploy_failed', params };
}

/** Back to a kept release. The way there is written down as a deployment of its own kind. */
export async function rollBack(
  machine: Machine,
  { site: ref, deploymentId, changeId }: ActionParams<AgentActions['deployments.rollback']>,
  call: Call,
): Promise<Deployment> {
  const site = siteOf(machine, ref);
  const done = findDeployment(machine, site.siteId, changeId);
  if (done !== undefined) return shown(machine, site, done);
  const target = findDeployment(machine, site.siteId, deploymentId);
  const { currentReleaseId, kept } = releasesOf(machine, site);
  if (target === undefined || target.releaseId === null || !kept.has(target.releaseId))
    throw new AppError('not_found', 'This release is not on the machine any more.', { reason: 'deploy_release_gone' });
  if (target.releaseId === currentReleaseId)
    throw new AppError('in_use', 'This release is the live one.', { reason: 'deploy_release_live' });
  const startedAt = Date.now();
  const release = { id: target.releaseId, folder: target.folder };
  const switched: Switched = await switchRelease(machine, {
    site,
    release,
    changeId,
    action: 'deployments.rollback',
    call,
  });
  const record: DeploymentRecord = {
    ...target,
    ...switched,
    deploymentId: changeId,
    kind: 'rollback',
    trigger: 'person',
    actor: { id: call.actor.id, name: call.actor.name },
    state: 'succeeded',
    phase: 'tidy',
    process: null,
    plan: null,
    previousReleaseId: currentReleaseId,
    isUnchanged: false,
    failure: null,
    startedAt,
    endedAt: Date.now(),
  };
  return shown(machine, site, await writeDeployment(machine, record));
}

/** Stops what runs and takes away what it made. One that is live already goes back to the release before it. */
export async function cancelDeployment(
  machine: Machine,
  { site: ref, deploymentId }: ActionParams<AgentActions['deployments.cancel']>,
  call: Call,
): Promise<Deployment | null> {
  const site = siteOf(machine, ref);
  const find = (): DeploymentRecord | undefined => findDeployment(machine, site.siteId, deploymentId);
  const first = find();
  if (first === undefined) return null;
  if (first.endedAt === null) askToCancel(machine, site.siteId, deploymentId);
  const endsAt = Math.min(Date.now() + cancelPatienceMs, call.deadlineAt - 5_000);
  let record = first;
  while (isUnderWay(record, Date.now()) && Date.now() < endsAt) {
    await wait(100);
    record = find() ?? record;
  }
  if (isUnderWay(record, Date.now()))
    throw new AppError('busy', 'The deployment has not stopped yet.', { reason: 'deploy_under_way' });
  if (isInterrupted(record, Date.now())) {
    await dropRelease(machine, site, record);
    record = await writeDeployment(machine, {
      ...record,
      state: 'cancelled',
      releaseId: null,
      endedAt: Date.now(),
      plan: null,
    });
  }
  const isLive = record.state === 'switched' || record.state === 'succeeded';
  const { currentReleaseId, kept } = releasesOf(machine, site);
  const { previousReleaseId } = record;
  if (isLive && previousReleaseId !== null && currentReleaseId === record.releaseId && kept.has(previousReleaseId)) {
    const before = listDeployments(machine, site.siteId).find(
      ({ releaseId, kind }) => releaseId === previousReleaseId && kind === 'deploy',
    );
    const changeId = `${deploymentId.slice(0, 15)}${deploymentId.endsWith('a') ? 'b' : 'a'}`;
    if (before !== undefined) await rollBack(machine, { site: ref, deploymentId: before.deploymentId, changeId }, call);
  }
  return shown(machine, site, find() ?? record);
}

async function dropRelease(
  machine: Machine,
  site: SiteRecord,
  { releaseId, deploymentId }: DeploymentRecord,
): Promise<void> {
  const paths = deployPaths(machine.prefix, site.root);
  const owner = deployOwner(machine, site.linuxUser);
  const unit = `aapanel-deploy-${deploymentId}-drop`;
  if (releaseId !== null && releasesOf(machine, site).currentReleaseId !== releaseId)
    await removeAsSite(machine, owner, paths.release(releaseId), unit);
  await removeAsSite(machine, owner, paths.repository, unit);
}
