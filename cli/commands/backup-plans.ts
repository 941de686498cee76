import { backupPlan, type BackupPlan } from '#shared/backups.ts';
import { openBackups, pickPlan, pickTarget } from '../backup-console.ts';
import { isAgreed, newRunId } from '../backup-follow.ts';
import { exitCodes, UsageError, type Command, type CommandContext } from '../command.ts';
import { parseOptions } from '../options.ts';
import { readJson, readJsonOf } from './backup-move.ts';
import { readSource } from './backup-runs.ts';

/** Kept unless said otherwise: a week of days, a month of weeks, a year of months. */
const usualRetention = { last: 3, hourly: 0, daily: 7, weekly: 4, monthly: 12, yearly: 0 };

const types = {
  file: 'string',
  id: 'string',
  target: 'strings',
  source: 'strings',
  exclude: 'strings',
  every: 'string',
  at: 'string',
  cron: 'string',
  zone: 'string',
  proof: 'string',
  yes: 'boolean',
  json: 'boolean',
} as const;

/**
 * `backup plans` · `plans add NAME --source S … --target T … [--every daily --at 03:00 | --cron "…"] [--zone Z]` ·
 * `plans add --file FILE|-` · `plans remove PLAN [--yes]`.
 */
export const plans: Command = async (ctx) => {
  const { options, words } = parseOptions(ctx.args, types, 2);
  const [verb, word] = words;
  const console = openBackups(ctx);
  const state = await console.call('backups.state', {});
  if (verb === undefined) {
    if (options.json === true) ctx.out(JSON.stringify(state.plans, null, 2));
    else for (const { id, plan, nextRunAt } of state.plans) ctx.out(`${id}  ${plan.name}  ${nextRunAt ?? '-'}`);
    if (options.json !== true && state.plans.length === 0) ctx.out(ctx.text('backupNoPlans'));
    return exitCodes.success;
  }
  if (verb === 'remove') {
    if (word === undefined) throw new UsageError('plans remove PLAN');
    const { id: planId, plan } = pickPlan(ctx, state, word);
    const question = ctx.text('backupPlanRemoveAsk', { plan: plan.name });
    if (!(await isAgreed(ctx, question, options.yes === true))) return exitCodes.failure;
    await console.call('backups.remove_plan', { planId });
    ctx.out(ctx.text('backupDone'));
    return exitCodes.success;
  }
  if (verb !== 'add') throw new UsageError(`plans ${verb}`);
  const plan =
    options.file === undefined
      ? readJsonOf(
          ctx,
          {
            name: word,
            sources: (options.source ?? []).map((source) => readSource(ctx, source)),
            targetIds: (options.target ?? [undefined]).map((target) => pickTarget(ctx, state, target).id),
            excludes: options.exclude ?? [],
            schedule: scheduleOf(options),
            retention: usualRetention,
            proof: options.proof ?? 'monthly',
            isPaused: false,
          },
          backupPlan,
        )
      : readJson(ctx, options.file, backupPlan);
  const planId = options.id ?? newRunId();
  const after = await console.call('backups.put_plan', { planId, plan });
  sayAdded(
    ctx,
    after.plans.find(({ id }) => id === planId),
    options.json === true,
  );
  return exitCodes.success;
};

type ScheduleOptions = {
  readonly every?: string;
  readonly at?: string;
  readonly cron?: string;
  readonly zone?: string;
};

function scheduleOf({ every, at = '03:00', cron, zone }: ScheduleOptions): unknown {
  if (every === undefined && cron === undefined) return null;
  const time = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(at);
  if (time === null || (every !== undefined && cron !== undefined)) throw new UsageError(`--at ${at}`);
  return {
    every: cron === undefined ? every : 'cron',
    atMinute: Number(time[1]) * 60 + Number(time[2]),
    cron: cron ?? '',
    timeZone: zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
  } satisfies Record<keyof NonNullable<BackupPlan['schedule']>, unknown>;
}

function sayAdded(
  ctx: CommandContext,
  added: { readonly id: string; readonly nextRunAt: string | null; readonly rpoMinutes: number | null } | undefined,
  isJson: boolean,
): void {
  if (isJson) return ctx.out(JSON.stringify(added, null, 2));
  ctx.out(ctx.text('backupPlanAdded', { id: added?.id ?? '', next: added?.nextRunAt ?? ctx.text('backupByHand') }));
}
