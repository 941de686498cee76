import type { BackupSet, BackupState } from '#shared/backups.ts';
import { openBackups, pickPlan, pickSet, pickTarget, type BackupConsole } from '../backup-console.ts';
import { follow, sayEnd } from '../backup-follow.ts';
import { CommandError, exitCodes, UsageError, type Command, type CommandContext } from '../command.ts';
import { parseOptions } from '../options.ts';
import { ask } from '../rescue-process.ts';

/** The promise that P4.2-10 names: at most this much may be lost. */
const rpoGoalMinutes = 60;

/** `backup list [--target TARGET] [--plan PLAN]`: complete backups, newest first. */
export const list: Command = async (ctx) => {
  const { options } = parseOptions(ctx.args, { target: 'string', plan: 'string', json: 'boolean' });
  const console = openBackups(ctx);
  // Each question starts a process: what names and words are not needed for is not asked.
  let known: BackupState | undefined;
  const state = async (): Promise<BackupState> => (known ??= await console.call('backups.state', {}));
  const targetId = options.target === undefined ? null : pickTarget(ctx, await state(), options.target).id;
  const planId = options.plan === undefined ? null : pickPlan(ctx, await state(), options.plan).id;
  const items = await allSets(console, { targetId, planId });
  if (options.json === true) ctx.out(JSON.stringify({ items, total: items.length }, null, 2));
  else if (items.length === 0) ctx.out(ctx.text('backupNone'));
  else for (const set of items) ctx.out(setLine(ctx, await state(), set));
  return exitCodes.success;
};

async function allSets(
  console: BackupConsole,
  filter: { readonly targetId: string | null; readonly planId: string | null },
): Promise<BackupSet[]> {
  const found: BackupSet[] = [];
  for (;;) {
    const given = { ...filter, setId: null, part: null, offset: found.length, limit: 200 };
    const { items, total } = await console.call('backups.sets', given);
    found.push(...items);
    if (items.length === 0 || found.length >= total) return found;
  }
}

function setLine(ctx: CommandContext, state: BackupState, set: BackupSet): string {
  const target = state.targets.find(({ id }) => id === set.targetId)?.name ?? set.targetId;
  const proof = ctx.text(`backupProof_${set.lastProof?.state ?? 'not_run'}`);
  const name = set.planName === '' ? set.kind : set.planName;
  return [
    set.setId,
    set.at,
    sizeOf(set.bytes),
    `+${sizeOf(set.addedBytes)}`,
    target,
    name,
    proof,
    set.isPinned ? '📌' : '',
  ]
    .join('  ')
    .trimEnd();
}

/** Bytes as people read them; exact ones are in `--json`. */
export function sizeOf(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** `backup show SET`: one backup and its parts; `latest` is the newest. */
export const show: Command = async (ctx) => {
  const { options, words } = parseOptions(ctx.args, { target: 'string', json: 'boolean' }, 1);
  if (words[0] === undefined) throw new UsageError('show SET');
  const console = openBackups(ctx);
  const state = await console.call('backups.state', {});
  const targetId = options.target === undefined ? null : pickTarget(ctx, state, options.target).id;
  const set = await pickSet(ctx, console, { word: words[0], targetId });
  if (options.json === true) {
    ctx.out(JSON.stringify(set, null, 2));
    return exitCodes.success;
  }
  ctx.out(setLine(ctx, state, set));
  for (const part of set.parts) {
    const left = part.leftOutCount === 0 ? '' : `  ${ctx.text('backupLeftOut', { count: part.leftOutCount })}`;
    ctx.out(`  ${part.name}  ${part.kind}  ${sizeOf(part.bytes)}  ${part.count}${left}`);
  }
  return exitCodes.success;
};

/** `backup sources`: what can be saved here, as `create --source` takes it. */
export const sources: Command = async (ctx) => {
  const { options } = parseOptions(ctx.args, { json: 'boolean' });
  const found = await openBackups(ctx).call('backups.sources', {});
  if (options.json === true) {
    ctx.out(JSON.stringify(found, null, 2));
    return exitCodes.success;
  }
  ctx.out('panel');
  for (const { slug, root } of found.sites) ctx.out(`site:${slug}  ${root}`);
  for (const { engine, name, bytes } of found.databases)
    ctx.out(`database:${engine}:${name}${bytes === null ? '' : `  ${sizeOf(bytes)}`}`);
  return exitCodes.success;
};

/** `backup runs [ID | cancel ID]`: the last runs, also those of the timer; one is followed to its end. */
export const runs: Command = async (ctx) => {
  const { options, words } = parseOptions(ctx.args, { json: 'boolean' }, 2);
  const console = openBackups(ctx);
  const isJson = options.json === true;
  const [word, runId] = words;
  if (word === 'cancel') {
    if (runId === undefined) throw new UsageError('runs cancel ID');
    const { wasRunning } = await console.call('backups.cancel', { runId });
    ctx.out(ctx.text(wasRunning ? 'backupCancelAsked' : 'backupNotRunning'));
    return exitCodes.success;
  }
  if (word !== undefined) {
    const followed = await follow(ctx, console, word, isJson ? ctx.err : ctx.out);
    if (!isJson) return sayEnd(ctx, followed, ctx.out);
    ctx.out(JSON.stringify(followed, null, 2));
    return followed.run.state === 'succeeded' ? exitCodes.success : exitCodes.failure;
  }
  const found = await console.call('backups.runs', { offset: 0, limit: 50 });
  if (isJson) ctx.out(JSON.stringify(found, null, 2));
  else
    for (const run of found.items) {
      const reason = run.failure === null ? '' : `  ${run.failure.reason ?? run.failure.code}`;
      ctx.out(`${run.runId}  ${run.startedAt}  ${run.request.kind}  ${run.state}  ${run.actorName}${reason}`);
    }
  return exitCodes.success;
};

/**
 * `backup schedule`: for each plan when it runs next, and the figures that monitoring wants: age, size, duration and
 * result of the last run. Exit code 1 when a plan is late or its last run failed.
 */
export const schedule: Command = async (ctx) => {
  const { options } = parseOptions(ctx.args, { json: 'boolean' });
  const console = openBackups(ctx);
  const state = await console.call('backups.state', {});
  const plans = [];
  for (const { id, plan, nextRunAt, lastRun, isOverdue, rpoMinutes, rtoMs } of state.plans) {
    const given = { targetId: null, planId: id, setId: null, part: null, offset: 0, limit: 1 };
    const [newest] = (await console.call('backups.sets', given)).items;
    plans.push({
      planId: id,
      name: plan.name,
      isPaused: plan.isPaused,
      nextRunAt,
      isOverdue,
      rpoMinutes,
      isRpoGoalMet: rpoMinutes !== null && rpoMinutes <= rpoGoalMinutes,
      rtoSeconds: rtoMs === null ? null : Math.round(rtoMs / 1000),
      lastResult: lastRun?.state ?? null,
      ageSeconds: newest === undefined ? null : Math.round((Date.now() - Date.parse(newest.at)) / 1000),
      bytes: newest?.bytes ?? null,
      durationSeconds: newest === undefined ? null : Math.round(newest.durationMs / 1000),
    });
  }
  const isFine = plans.every(({ isOverdue, lastResult }) => !isOverdue && lastResult !== 'failed');
  if (options.json === true) ctx.out(JSON.stringify({ scheduler: state.scheduler, plans }, null, 2));
  else {
    ctx.out(ctx.text(`backupScheduler_${state.scheduler}`));
    for (const plan of plans) sayPlan(ctx, plan);
    if (plans.length === 0) ctx.out(ctx.text('backupNoPlans'));
  }
  return isFine ? exitCodes.success : exitCodes.failure;
};

type ShownPlan = {
  readonly name: string;
  readonly nextRunAt: string | null;
  readonly isOverdue: boolean;
  readonly rpoMinutes: number | null;
  readonly rtoSeconds: number | null;
  readonly lastResult: string | null;
};

function sayPlan(ctx: CommandContext, plan: ShownPlan): void {
  const { rpoMinutes, rtoSeconds } = plan;
  const next = plan.nextRunAt ?? ctx.text('backupByHand');
  ctx.out(`${plan.name}  ${next}  ${plan.lastResult ?? '-'}${plan.isOverdue ? `  ${ctx.text('backupOverdue')}` : ''}`);
  if (rpoMinutes === null) return;
  const key = rpoMinutes <= rpoGoalMinutes ? 'backupRpoMet' : 'backupRpoMissed';
  ctx.out(`  ${ctx.text(key, { minutes: rpoMinutes, goal: rpoGoalMinutes })}`);
  if (rtoSeconds !== null) ctx.out(`  ${ctx.text('backupRtoMeasured', { seconds: rtoSeconds })}`);
}

/** `backup due`: starts what is due now, as the timer does every five minutes. */
export const due: Command = async (ctx) => {
  const { options } = parseOptions(ctx.args, { json: 'boolean' });
  const console = openBackups(ctx);
  const { scheduler } = await console.call('backups.state', {});
  if (scheduler === 'systemd') return startUnit(ctx, options.json === true);
  const { runIds } = await console.call('backups.due', {});
  if (options.json === true) ctx.out(JSON.stringify({ runIds }));
  else
    ctx.out(runIds.length === 0 ? ctx.text('backupNothingDue') : ctx.text('backupStarted', { ids: runIds.join(' ') }));
  return exitCodes.success;
};

/** Where systemd has the timer, its own unit looks: never two at once. */
async function startUnit(ctx: CommandContext, isJson: boolean): Promise<number> {
  const unit = 'aapanel-backup.service';
  const answer = await ask(ctx, '/usr/bin/systemctl', ['start', '--no-block', unit]);
  if (answer?.code !== 0) throw new CommandError(ctx.text('backupUnitNotStarted', { unit }));
  ctx.out(isJson ? JSON.stringify({ unit }) : ctx.text('backupUnitStarted', { unit }));
  return exitCodes.success;
}
