import { backupRequest, type BackupSet } from '#shared/backups.ts';
import { openBackups, pickSet, pickTarget, sentenceOf, type BackupConsole } from '../backup-console.ts';
import { isAgreed, runAndSay, startAndFollow } from '../backup-follow.ts';
import { CommandError, exitCodes, UsageError, type Command, type CommandContext } from '../command.ts';
import { parseOptions } from '../options.ts';

/** Promises of P4.2-10, in minutes. */
const goals = { rto: 15, rpo: 60 } as const;

/**
 * `backup restore SET|latest [--target T] [--part NAME …] [--member PATH] [--into FOLDER | --database NAME] [--dry-run]
 * [--yes]`. Without `--into` and `--database` in place, after a safety backup.
 */
export const restore: Command = async (ctx) => {
  const { options, words } = parseOptions(
    ctx.args,
    {
      target: 'string',
      part: 'strings',
      member: 'string',
      into: 'string',
      database: 'string',
      'dry-run': 'boolean',
      yes: 'boolean',
      json: 'boolean',
    },
    1,
  );
  if (words[0] === undefined) throw new UsageError('restore SET');
  const console = openBackups(ctx);
  const state = await console.call('backups.state', {});
  const targetId = options.target === undefined ? null : pickTarget(ctx, state, options.target).id;
  const set = await pickSet(ctx, console, { word: words[0], targetId });
  const isAside = options.into !== undefined || options.database !== undefined;
  const isDryRun = options['dry-run'] === true;
  const request = backupRequest.safeParse({
    kind: 'restore',
    targetId: set.targetId,
    setId: set.setId,
    parts: options.part ?? null,
    member: options.member ?? null,
    way: isAside
      ? { kind: 'aside', path: options.into ?? null, databaseName: options.database ?? null }
      : { kind: 'in_place' },
    isDryRun,
  });
  if (!request.success) {
    const fields = request.error.issues.map(({ path }) => path.map(String).join('.')).join(', ');
    throw new CommandError(ctx.text('backupWrongValues', { fields }));
  }
  const question = ctx.text('backupRestoreAsk', { at: set.at, parts: (options.part ?? ['*']).join(' ') });
  if (!isDryRun && !isAside && !(await isAgreed(ctx, question, options.yes === true))) return exitCodes.failure;
  return runAndSay(ctx, console, request.data, options.json === true);
};

type Measured = {
  readonly target: string;
  readonly setId: string | null;
  readonly state: 'proven' | 'failed' | 'not_run';
  readonly reason: string | null;
  /** What a restore took. */
  readonly rtoSeconds: number | null;
  /** What would be lost now: the age of the newest backup when the test began. */
  readonly rpoSeconds: number | null;
  readonly isRtoMet: boolean;
  readonly isRpoMet: boolean;
};

/**
 * `backup test-restore [SET] [--target T] [--rto MINUTES] [--rpo MINUTES]`: restores into a throw-away place, compares every
 * file, table and count with the signed manifest, and measures. Exit code 1 when something differs, could not be tested,
 * or took or would lose more than promised.
 */
export const testRestore: Command = async (ctx) => {
  const { options, words } = parseOptions(
    ctx.args,
    { target: 'string', rto: 'string', rpo: 'string', json: 'boolean' },
    1,
  );
  const rto = minutesOf(options.rto, goals.rto);
  const rpo = minutesOf(options.rpo, goals.rpo);
  const console = openBackups(ctx);
  const state = await console.call('backups.state', {});
  const isJson = options.json === true;
  const set = words[0] === undefined ? undefined : await pickSet(ctx, console, { word: words[0], targetId: null });
  const named = set?.targetId ?? (options.target === undefined ? undefined : pickTarget(ctx, state, options.target).id);
  const targets = state.targets.filter(({ id }) => named === undefined || id === named);
  if (targets.length === 0) throw new CommandError(ctx.text('backupNoTarget'));
  const measured: Measured[] = [];
  for (const target of targets) {
    const chosen = set ?? (await newestOf(console, target.id));
    measured.push(await measure(ctx, console, { target, set: chosen, rto, rpo, isJson }));
  }
  const isPassed = measured.every(({ state: each, isRtoMet, isRpoMet }) => each === 'proven' && isRtoMet && isRpoMet);
  const facts = { rtoLimitSeconds: rto * 60, rpoLimitSeconds: rpo * 60, isPassed, targets: measured };
  if (isJson) ctx.out(JSON.stringify(facts, null, 2));
  else for (const each of measured) sayMeasured(ctx, each);
  return isPassed ? exitCodes.success : exitCodes.failure;
};

function minutesOf(word: string | undefined, otherwise: number): number {
  if (word === undefined) return otherwise;
  if (!/^\d{1,6}(\.\d{1,3})?$/.test(word) || Number(word) === 0) throw new UsageError(word);
  return Number(word);
}

async function newestOf(
  console: BackupConsole,
  targetId: string,
  planId: string | null = null,
): Promise<BackupSet | undefined> {
  const given = { targetId, planId, setId: null, part: null, offset: 0, limit: 1 };
  return (await console.call('backups.sets', given)).items[0];
}

type Test = {
  readonly target: { readonly id: string; readonly name: string };
  readonly set: BackupSet | undefined;
  readonly rto: number;
  readonly rpo: number;
  readonly isJson: boolean;
};

async function measure(
  ctx: CommandContext,
  console: BackupConsole,
  { target, set, rto, rpo, isJson }: Test,
): Promise<Measured> {
  const none = {
    target: target.name,
    setId: null,
    rtoSeconds: null,
    rpoSeconds: null,
    isRtoMet: false,
    isRpoMet: false,
  };
  if (set === undefined) return { ...none, state: 'not_run', reason: 'backup_set_unknown' };
  // Of the newest backup of the same plan, also when an older one is tried: a backup of something else saves nothing here.
  const newest = (await newestOf(console, target.id, set.planId)) ?? set;
  const rpoSeconds = Math.max(0, Math.round((Date.now() - Date.parse(newest.at)) / 1000));
  const { run } = await startAndFollow(ctx, console, { kind: 'prove', targetId: target.id, setId: set.setId }, isJson);
  const proof = (await pickSet(ctx, console, { word: set.setId, targetId: target.id })).lastProof;
  const isProven = run.state === 'succeeded' && proof?.kind === 'restore' && proof.state === 'proven';
  const rtoSeconds = isProven ? Math.ceil(proof.durationMs / 1000) : null;
  return {
    target: target.name,
    setId: set.setId,
    state: isProven ? 'proven' : proof?.kind === 'restore' && proof.state === 'not_run' ? 'not_run' : 'failed',
    reason: run.failure?.reason ?? proof?.reason ?? null,
    rtoSeconds,
    rpoSeconds,
    isRtoMet: rtoSeconds !== null && rtoSeconds < rto * 60,
    isRpoMet: rpoSeconds < rpo * 60,
  };
}

function sayMeasured(ctx: CommandContext, each: Measured): void {
  ctx.out(`${each.target}  ${ctx.text(`backupProof_${each.state}`)}`);
  if (each.state !== 'proven') ctx.err(`  ${sentenceOf(ctx, each.reason, ctx.text('backupProofFailed'))}`);
  const { rtoSeconds, rpoSeconds } = each;
  if (rtoSeconds !== null)
    ctx.out(`  ${ctx.text(each.isRtoMet ? 'backupRtoMet' : 'backupRtoOver', { seconds: rtoSeconds })}`);
  if (rpoSeconds !== null)
    ctx.out(`  ${ctx.text(each.isRpoMet ? 'backupAgeMet' : 'backupAgeOver', { seconds: rpoSeconds })}`);
}
