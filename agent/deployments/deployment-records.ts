import type { DeployTarget, SiteDeploy } from '#shared/site-deploy.ts';
import type { Deployment, DeploymentPhase } from '#shared/deployments.ts';
import { isAlive, type ProcessMark } from '../core/alive.ts';
import { listNames, look, makeFolders, openForAppend, putFile, readText, removeFile, Unsynced } from '../core/files.ts';
import { readLogText, type LogText } from '../core/log-text.ts';
import type { Machine } from '../core/machine.ts';

/*
 * Deployments of sites: one record and one log each. The process that carries a deployment out writes its record, the agent
 * writes it while it switches; whether the process still lives is seen from outside.
 */

/** What the process works with, as it was when the deployment began. */
export type DeployPlan = {
  readonly root: string;
  readonly linuxUser: string;
  readonly source: NonNullable<SiteDeploy['source']>;
  /** What is deployed this once; otherwise what the source names. */
  readonly target?: DeployTarget;
} & Pick<SiteDeploy, 'build' | 'sharedFolders' | 'sharedFiles' | 'keep' | 'memoryMb' | 'minutes'>;

export type DeploymentRecord = {
  readonly deploymentId: string;
  readonly siteId: string;
  readonly slug: string;
  readonly kind: Deployment['kind'];
  readonly trigger: Deployment['trigger'];
  readonly actor: { readonly id: string; readonly name: string };
  /** `built`: waits for the agent; `switched`: is live, and what is left is to tidy. */
  readonly state: 'starting' | 'running' | 'built' | 'switched' | 'succeeded' | 'failed' | 'cancelled';
  readonly phase: DeploymentPhase;
  /** Its build waits for others; records from before there was a line lack it. */
  readonly isWaiting?: boolean;
  /** Counts from 1; one whose process died is taken up again. */
  readonly attempt: number;
  readonly process: ProcessMark | null;
  /** null once it has ended. */
  readonly plan: DeployPlan | null;
  readonly ref: string;
  readonly commit: Deployment['commit'];
  readonly releaseId: string | null;
  /** Folder of the release that is served. */
  readonly folder: string;
  readonly previousReleaseId: string | null;
  readonly isUnchanged: boolean;
  readonly health: Deployment['health'];
  readonly switchMs: number | null;
  readonly failure: Deployment['failure'];
  readonly startedAt: number;
  /** When the present attempt began; records from before it was noted lack it. */
  readonly attemptedAt?: number;
  readonly endedAt: number | null;
};

type Where = Pick<Machine, 'stateFolder'>;

export const maxAttempts = 3;
/** A process that cannot be started within this time never will. */
const startPatienceMs = 30_000;
const mostKept = 200;

const folderOf = ({ stateFolder }: Where, siteId: string): string => `${stateFolder}/deployments/${siteId}`;
const pathOf = (where: Where, siteId: string, id: string, end: string): string =>
  `${folderOf(where, siteId)}/${id}.${end}`;

export async function writeDeployment(where: Where, record: DeploymentRecord): Promise<DeploymentRecord> {
  makeFolders(folderOf(where, record.siteId));
  const unsynced = new Unsynced();
  const path = pathOf(where, record.siteId, record.deploymentId, 'json');
  putFile(path, Buffer.from(`${JSON.stringify(record)}\n`), { mode: 0o600 }, 'deployment', unsynced);
  await unsynced.flush();
  return record;
}

export function findDeployment(where: Where, siteId: string, deploymentId: string): DeploymentRecord | undefined {
  const text = readText(pathOf(where, siteId, deploymentId, 'json'));
  return text === undefined ? undefined : (JSON.parse(text) as DeploymentRecord);
}

/** Newest first. */
export function listDeployments(where: Where, siteId: string): DeploymentRecord[] {
  return listNames(folderOf(where, siteId))
    .flatMap((name) => /^([a-z2-7]{16})\.json$/.exec(name)?.[1] ?? [])
    .flatMap((id) => findDeployment(where, siteId, id) ?? [])
    .sort((one, other) => other.startedAt - one.startedAt);
}

/** Whether somebody still works on it. `switched` is live whatever becomes of its process. */
export function isUnderWay(record: DeploymentRecord, now: number): boolean {
  if (record.state === 'starting') return now - (record.attemptedAt ?? record.startedAt) < startPatienceMs;
  if (record.state !== 'running' && record.state !== 'built') return false;
  return record.process !== null && isAlive(record.process);
}

/** Its process has gone before the release was live, without a word. */
export function isInterrupted(record: DeploymentRecord, now: number): boolean {
  return ['starting', 'running', 'built'].includes(record.state) && !isUnderWay(record, now);
}

/** As people see it. */
export function shownDeployment(
  record: DeploymentRecord,
  { currentReleaseId, kept }: { readonly currentReleaseId: string | null; readonly kept: ReadonlySet<string> },
): Deployment {
  const { deploymentId, kind, trigger, actor, phase, ref, commit, releaseId, isUnchanged, health, switchMs } = record;
  const state =
    record.state === 'succeeded' || record.state === 'failed' || record.state === 'cancelled'
      ? record.state
      : 'running';
  return {
    id: deploymentId,
    kind,
    trigger,
    actorName: actor.name,
    state: record.state === 'switched' && !hasProcess(record) ? 'succeeded' : state,
    phase,
    isWaiting: record.isWaiting === true && state === 'running',
    ref,
    commit,
    releaseId,
    isUnchanged,
    health,
    switchMs,
    failure: record.failure,
    startedAt: new Date(record.startedAt).toISOString(),
    endedAt: record.endedAt === null ? null : new Date(record.endedAt).toISOString(),
    isKept: releaseId !== null && kept.has(releaseId),
    isCurrent: releaseId !== null && releaseId === currentReleaseId,
  };
}

function hasProcess({ process }: DeploymentRecord): boolean {
  return process !== null && isAlive(process);
}

export function openDeploymentLog(where: Where, siteId: string, deploymentId: string): number {
  makeFolders(folderOf(where, siteId));
  return openForAppend(pathOf(where, siteId, deploymentId, 'log'));
}

export function readDeploymentLog(where: Where, record: DeploymentRecord, offset: number): LogText {
  const path = pathOf(where, record.siteId, record.deploymentId, 'log');
  if (look(path).type !== 'file') return { text: '', next: 0 };
  return readLogText(path, offset, record.endedAt !== null);
}

export function askToCancel(where: Where, siteId: string, deploymentId: string): void {
  const unsynced = new Unsynced();
  putFile(pathOf(where, siteId, deploymentId, 'cancel'), Buffer.alloc(0), { mode: 0o600 }, 'cancel', unsynced);
  unsynced.drop();
}

export function isCancelWanted(where: Where, siteId: string, deploymentId: string): boolean {
  return look(pathOf(where, siteId, deploymentId, 'cancel')).type === 'file';
}

/** Keeps the newest; those whose release is still on the machine are never forgotten. */
export function forgetOldDeployments(where: Where, siteId: string, kept: ReadonlySet<string>): void {
  for (const [index, { deploymentId, releaseId }] of listDeployments(where, siteId).entries()) {
    if (index < mostKept || (releaseId !== null && kept.has(releaseId))) continue;
    for (const end of ['json', 'log', 'cancel']) removeFile(pathOf(where, siteId, deploymentId, end));
  }
}
