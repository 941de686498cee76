import { z } from 'zod';
import { backupPlan, type BackupPlan } from '#shared/backups.ts';
import { AppError } from '#shared/errors.ts';
import { id } from '#shared/http.ts';
import { makeFolders, readText } from '../core/files.ts';
import { isSchedule } from './schedule.ts';
import { putJsonFile } from '../core/json-file.ts';
import { takeLockFile } from '../core/lock.ts';
import { getTarget } from './targets.ts';

/*
 * What is saved, where to and when. What is due is the agent's to know: nightly runs need no panel.
 */

const planRecord = z.strictObject({
  planId: id,
  plan: backupPlan,
  /** Epoch ms: when the schedule began to count. */
  since: z.number(),
});
export type PlanRecord = z.infer<typeof planRecord>;

const path = (folder: string): string => `${folder}/plans.json`;

export function listPlans(folder: string): PlanRecord[] {
  const text = readText(path(folder), 16 * 1024 * 1024);
  return text === undefined ? [] : z.array(planRecord).parse(JSON.parse(text));
}

export function findPlan(folder: string, planId: string): PlanRecord | undefined {
  return listPlans(folder).find((each) => each.planId === planId);
}

/** Throws `backup_plan_unknown`. */
export function getPlan(folder: string, planId: string): PlanRecord {
  const found = findPlan(folder, planId);
  if (found === undefined) throw new AppError('not_found', 'There is no such plan.', { reason: 'backup_plan_unknown' });
  return found;
}

/** Throws `backup_target_unknown`, or `invalid_request` for a schedule that never comes. */
export async function putPlan(folder: string, planId: string, plan: BackupPlan, now: number): Promise<void> {
  for (const targetId of plan.targetIds) getTarget(folder, targetId);
  if (plan.schedule !== null && !isSchedule(plan.schedule))
    throw new AppError('invalid_request', 'This schedule never comes.', {
      fields: [{ field: 'plan.schedule.cron', code: 'cron_invalid' }],
    });
  await changePlans(folder, (plans) => {
    const before = plans.find((each) => each.planId === planId);
    const isSameSchedule =
      before !== undefined &&
      !before.plan.isPaused &&
      JSON.stringify(before.plan.schedule) === JSON.stringify(plan.schedule);
    const record: PlanRecord = { planId, plan, since: isSameSchedule ? before.since : now };
    return [...plans.filter((each) => each.planId !== planId), record];
  });
}

export async function removePlan(folder: string, planId: string): Promise<void> {
  await changePlans(folder, (plans) => plans.filter((each) => each.planId !== planId));
}

/** A database is called otherwise now: plans that name it save it as before. */
export async function renameInPlans(
  folder: string,
  engine: 'mariadb' | 'postgresql',
  from: string,
  to: string,
): Promise<void> {
  const isIt = (source: BackupPlan['sources'][number]): boolean =>
    source.kind === 'database' && source.engine === engine && source.name === from;
  // Most databases stand in no plan.
  if (!listPlans(folder).some(({ plan }) => plan.sources.some(isIt))) return;
  await changePlans(folder, (plans) =>
    plans.map((record) => {
      const sources = record.plan.sources.map((source) => (isIt(source) ? { ...source, name: to } : source));
      return { ...record, plan: { ...record.plan, sources } };
    }),
  );
}

/** The agent and the process that renames a database both write here: one after the other, each on what it finds then. */
async function changePlans(folder: string, change: (plans: PlanRecord[]) => PlanRecord[]): Promise<void> {
  makeFolders(folder);
  const lock = await takeLockFile(`${folder}/plans.lock`, 10_000);
  try {
    await putJsonFile(path(folder), change(listPlans(folder)));
  } finally {
    lock.release();
  }
}
