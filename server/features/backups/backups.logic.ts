import type { ActionParamsInput, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { Permission } from '#shared/access.ts';
import type { BackupHook, BackupTrouble } from '#shared/backup-alerts.ts';
import type { BackupRequest, BackupSet, BackupState } from '#shared/backups.ts';
import { AppError } from '#shared/errors.ts';
import type { Context } from '../../context.ts';
import { can, type Actor } from '../../core/actor.ts';

export type Asking = { readonly actor: Actor; readonly requestId: string };
type BackupAction = Extract<keyof AgentActions, `backups.${string}`>;

/** One action of the agent's for this person, with their ticket where it needs one. */
export function ask<N extends BackupAction>(
  ctx: Pick<Context, 'agent'>,
  asking: Asking,
  action: N,
  given: ActionParamsInput<AgentActions[N]>,
): Promise<ActionResult<AgentActions[N]>> {
  const { actor, requestId } = asking;
  return ctx.agent.call(action, given, { actor, requestId });
}

/** A backup holds all sites and databases: whoever has some sites only gets none of it. Throws `not_allowed`. */
export function checkScope(actor: Pick<Actor, 'siteScope'>): void {
  if (actor.siteScope === 'all') return;
  throw new AppError('not_allowed', 'Backups are for people who may see every site.', { reason: 'all_sites_needed' });
}

/**
 * What starting this run needs besides `backups.create`. Files that leave or enter the machine need both: to see what is in
 * a backup, and to decide where backups are.
 */
export function permissionsFor(request: BackupRequest): readonly Permission[] {
  switch (request.kind) {
    case 'restore':
    case 'fetch':
      return ['backups.restore'];
    case 'export':
    case 'import':
      return ['backups.restore', 'backups.manage'];
    case 'prune':
      return request.isDryRun ? [] : ['backups.manage'];
    case 'remove':
    case 'check_target':
      return ['backups.manage'];
    default:
      return [];
  }
}

/** Throws `not_allowed` with the permission that is missing. */
export function checkMayStart(actor: Pick<Actor, 'permissions'>, request: BackupRequest): void {
  const permission = permissionsFor(request).find((needed) => !can(actor, needed));
  if (permission === undefined) return;
  throw new AppError('not_allowed', 'Your role does not allow this.', { params: { permission } });
}

/** Throws `not_found`. */
export async function getSet(
  ctx: Pick<Context, 'agent'>,
  asking: Asking,
  { targetId, setId }: { targetId: string; setId: string },
): Promise<BackupSet> {
  const given = { targetId, setId, planId: null, part: null, offset: 0, limit: 1 };
  const [found] = (await ask(ctx, asking, 'backups.sets', given)).items;
  if (found !== undefined) return found;
  throw new AppError('not_found', 'There is no such backup.', { reason: 'backup_set_unknown' });
}

/** What the audit log says of an alert hook. */
export function hookFacts({ name, events, language, isEnabled, origin }: BackupHook): Record<string, unknown> {
  return { name, events, language, isEnabled, origin };
}

/** What a person should see without looking for it: as the alerts of the agent tell it. */
export function troublesOf({ plans, targets }: Pick<BackupState, 'plans' | 'targets'>): BackupTrouble[] {
  const ofPlans = plans.flatMap(({ plan, lastRun, isOverdue, nextRunAt }): BackupTrouble[] => {
    if (plan.isPaused) return [];
    if (lastRun?.state === 'failed')
      return [{ kind: 'run_failed', name: plan.name, at: lastRun.at, runId: lastRun.runId }];
    const at = nextRunAt ?? lastRun?.at;
    return isOverdue && at !== undefined ? [{ kind: 'overdue', name: plan.name, at, runId: null }] : [];
  });
  const ofTargets = targets.flatMap(({ name, state: { lastProof } }): BackupTrouble[] => {
    if (lastProof === null || lastProof.state === 'proven') return [];
    const kind = lastProof.state === 'failed' ? 'proof_failed' : 'proof_not_run';
    return [{ kind, name, at: lastProof.at, runId: null }];
  });
  return [...ofPlans, ...ofTargets];
}

/** Page of a list as the agent counts. */
export function sliceOf({ page, pageSize }: { page: number; pageSize: number }): { offset: number; limit: number } {
  return { offset: (page - 1) * pageSize, limit: pageSize };
}

/** What the audit log says of a run: which, where and how, never a list of thousands. */
export function auditOf(request: BackupRequest): Record<string, string | number | boolean> {
  const detail: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(request)) {
    if (['string', 'number', 'boolean'].includes(typeof value)) detail[key] = value as string | number | boolean;
    else if (Array.isArray(value)) detail[`${key}Count`] = value.length;
  }
  if (request.kind !== 'restore') return detail;
  detail['way'] = request.way.kind;
  if (request.parts !== null && request.parts.length <= 20)
    detail['partNames'] = request.parts.join(', ').slice(0, 1_000);
  return detail;
}
