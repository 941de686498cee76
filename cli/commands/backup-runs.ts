import { backupSource, type BackupRequest, type BackupSource } from '#shared/backups.ts';
import { openBackups, pickPlan, pickSet, pickTarget } from '../backup-console.ts';
import { isAgreed, runAndSay } from '../backup-follow.ts';
import { CommandError, exitCodes, UsageError, type Command, type CommandContext } from '../command.ts';
import { parseOptions } from '../options.ts';

/** `backup create --plan PLAN` or `backup create --source SOURCE … [--target TARGET] [--exclude PATTERN …]`. */
export const create: Command = async (ctx) => {
  const { options } = parseOptions(ctx.args, {
    plan: 'string',
    target: 'string',
    source: 'strings',
    exclude: 'strings',
    json: 'boolean',
  });
  if ((options.plan === undefined) === (options.source === undefined)) throw new UsageError('--plan | --source');
  const console = openBackups(ctx);
  const state = await console.call('backups.state', {});
  const request: BackupRequest =
    options.plan === undefined
      ? {
          kind: 'create_now',
          targetId: pickTarget(ctx, state, options.target).id,
          sources: (options.source ?? []).map((word) => readSource(ctx, word)),
          excludes: options.exclude ?? [],
        }
      : { kind: 'create', planId: pickPlan(ctx, state, options.plan).id };
  return runAndSay(ctx, console, request, options.json === true);
};

/**
 * `panel`, `sites`, `site:SLUG`, `folder:PATH`, `sqlite:PATH`, `database:ENGINE:NAME`, `databases:ENGINE`. Throws CommandError.
 */
export function readSource(ctx: CommandContext, word: string): BackupSource {
  const [kind = '', ...rest] = word.split(':');
  const value = rest.join(':');
  const [engine = '', ...name] = rest;
  const forms: Readonly<Record<string, unknown>> = {
    panel: { kind: 'panel' },
    sites: { kind: 'all_sites' },
    site: { kind: 'site', slug: value },
    folder: { kind: 'folder', path: value },
    sqlite: { kind: 'sqlite', path: value },
    database: { kind: 'database', engine, name: name.join(':') },
    databases: { kind: 'all_databases', engine },
  };
  const parsed = backupSource.safeParse(Object.hasOwn(forms, kind) ? forms[kind] : undefined);
  if (!parsed.success) throw new CommandError(ctx.text('backupSourceForm', { word }));
  return parsed.data;
}

/** `backup verify [SET] [--target TARGET] [--full]`. */
export const verify: Command = async (ctx) => {
  const { options, words } = parseOptions(ctx.args, { target: 'string', full: 'boolean', json: 'boolean' }, 1);
  const console = openBackups(ctx);
  const state = await console.call('backups.state', {});
  const named = options.target === undefined ? undefined : pickTarget(ctx, state, options.target).id;
  const set =
    words[0] === undefined ? undefined : await pickSet(ctx, console, { word: words[0], targetId: named ?? null });
  const targetId = set?.targetId ?? named ?? pickTarget(ctx, state, undefined).id;
  const request: BackupRequest = { kind: 'verify', targetId, setId: set?.setId ?? null, isFull: options.full === true };
  return runAndSay(ctx, console, request, options.json === true);
};

/** `backup prune [--target TARGET] [--plan PLAN] [--dry-run] [--yes]`: removes what the retention does not keep. */
export const prune: Command = async (ctx) => {
  const { options } = parseOptions(ctx.args, {
    target: 'string',
    plan: 'string',
    'dry-run': 'boolean',
    yes: 'boolean',
    json: 'boolean',
  });
  const console = openBackups(ctx);
  const state = await console.call('backups.state', {});
  const target = pickTarget(ctx, state, options.target);
  const planId = options.plan === undefined ? null : pickPlan(ctx, state, options.plan).id;
  const isDryRun = options['dry-run'] === true;
  const question = ctx.text('backupPruneAsk', { target: target.name });
  if (!isDryRun && !(await isAgreed(ctx, question, options.yes === true))) return exitCodes.failure;
  return runAndSay(ctx, console, { kind: 'prune', targetId: target.id, planId, isDryRun }, options.json === true);
};

/** `backup remove SET … [--target TARGET] [--yes]`. */
export const remove: Command = async (ctx) => {
  const { options, words } = parseOptions(ctx.args, { target: 'string', yes: 'boolean', json: 'boolean' }, 200);
  if (words.length === 0) throw new UsageError('remove SET');
  const console = openBackups(ctx);
  const state = await console.call('backups.state', {});
  const named = options.target === undefined ? null : pickTarget(ctx, state, options.target).id;
  const sets = await Promise.all(words.map((word) => pickSet(ctx, console, { word, targetId: named })));
  const [targetId, ...others] = new Set(sets.map((set) => set.targetId));
  if (targetId === undefined || others.length > 0) throw new CommandError(ctx.text('backupWhichTarget'));
  const question = ctx.text('backupRemoveAsk', { count: sets.length });
  if (!(await isAgreed(ctx, question, options.yes === true))) return exitCodes.failure;
  const setIds = sets.map(({ setId }) => setId);
  return runAndSay(ctx, console, { kind: 'remove', targetId, setIds }, options.json === true);
};
