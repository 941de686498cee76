import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { ActionParamsInput, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { actionOf } from '#shared/agent/lookup.ts';
import type { BackupSet, BackupState, BackupTarget, PlannedBackup } from '#shared/backups.ts';
import { loadConfig } from '#server/config.ts';
import { CommandError, type CommandContext } from './command.ts';
import { typedPath } from './options.ts';
import { installedCommand, isRoot, runAgentConsole, type ConsolePlace } from './rescue-process.ts';
import type { TextKey } from './texts.ts';

/*
 * Backups as root on the machine asks for them: of the agent's console, so that they work with web process and agent down.
 * What holds a secret goes over standard input.
 */

type BackupAction = Exclude<Extract<keyof AgentActions, `backups.${string}`>, 'backups.revive_sites'>;
type RootCommand = 'backup-recover' | 'backup-import' | 'backup-import-legacy';

/** Each throws CommandError with a sentence for the person. */
export type BackupConsole = {
  call<N extends BackupAction>(
    name: N,
    params: ActionParamsInput<AgentActions[N]>,
  ): Promise<ActionResult<AgentActions[N]>>;
  /** What needs a secret that only a person has. Its progress is written to standard error. */
  obey(command: RootCommand, input: object): Promise<unknown>;
};

const answerForm = z.union([
  z.object({ ok: z.literal(true), result: z.unknown() }),
  z.object({
    ok: z.literal(false),
    error: z.object({
      code: z.string(),
      reason: z.string().optional(),
      message: z.string(),
      fields: z.array(z.object({ field: z.string(), code: z.string() })).optional(),
    }),
  }),
]);

/** A command of the agent's console as root on the machine. Throws CommandError with a sentence for the person. */
export async function askConsole(
  ctx: CommandContext,
  args: readonly string[],
  input: object,
  place: ConsolePlace = placeOf(ctx),
): Promise<unknown> {
  const parsed = answerForm.safeParse(await runAgentConsole(ctx, args, { ...place, input: JSON.stringify(input) }));
  if (!parsed.success) throw new CommandError(ctx.text('consoleSilent'));
  if (parsed.data.ok) return parsed.data.result;
  throw new CommandError(refusal(ctx, parsed.data.error));
}

export function openBackups(ctx: CommandContext): BackupConsole {
  const place = placeOf(ctx);
  const tell = (args: readonly string[], input: object): Promise<unknown> => askConsole(ctx, args, input, place);
  return {
    async call(name, params) {
      const command = `backup-${name.slice('backups.'.length).replaceAll('_', '-')}`;
      const result = (await actionOf(name)).result.safeParse(await tell([command], params));
      if (!result.success) throw new CommandError(ctx.text('consoleSilent'));
      return result.data as ActionResult<AgentActions[typeof name]>;
    },
    obey: async (command, input) => tell([command], input),
  };
}

function placeOf(ctx: CommandContext): ConsolePlace {
  if (installedCommand(ctx) === undefined) {
    const config = loadConfig(ctx.input);
    if (config.agent.mode === 'fake') throw new CommandError(ctx.text('backupFakeAgent'));
    if (!config.isProduction) {
      const { env } = ctx.input;
      // As bin/start gives them to the agent of a tree.
      const stateFolder = env['AAPANEL_AGENT_STATE'] ?? join(config.dataDir, 'agent');
      const more = {
        prefix: env['AAPANEL_AGENT_PREFIX'] ?? '',
        panelEnv: env['AAPANEL_AGENT_PANEL_ENV'] ?? '',
      };
      if (!isRoot() && more.prefix === '') throw new CommandError(ctx.text('needsRoot'));
      return { stateFolder, socketPath: config.agent.socketPath, ...more };
    }
  }
  if (!isRoot()) throw new CommandError(ctx.text('needsRoot'));
  return {};
}

/** Sentences for what happens most; the rest is said in the agent's own words. */
const sentences: Readonly<Record<string, TextKey>> = {
  backup_chain_broken: 'backupChainBroken',
  backup_member_unknown: 'backupMemberUnknown',
  backup_mismatch: 'backupMismatch',
  backup_part_unknown: 'backupPartUnknown',
  backup_plan_unknown: 'backupPlanUnknown',
  backup_proof_failed: 'backupProofFailed',
  backup_recovery_key_invalid: 'backupRecoveryKeyInvalid',
  backup_run_unknown: 'backupRunUnknown',
  backup_set_unknown: 'backupSetUnknown',
  backup_target_busy: 'backupTargetBusy',
  backup_target_in_use: 'backupTargetInUse',
  backup_target_unknown: 'backupTargetUnknown',
  backup_target_unreachable: 'backupTargetAway',
};

/** What went wrong, with the key that docs and logs know it by. */
export function sentenceOf(ctx: CommandContext, reason: string | null | undefined, otherwise: string): string {
  if (reason === null || reason === undefined) return otherwise;
  const key = sentences[reason];
  return key === undefined ? `${otherwise} (${reason})` : `${ctx.text(key)} (${reason})`;
}

type Refused = {
  readonly reason?: string | undefined;
  readonly message: string;
  readonly fields?: { field: string }[] | undefined;
};

function refusal(ctx: CommandContext, { reason, message, fields = [] }: Refused): string {
  const names = fields.map(({ field }) => field).join(', ');
  const detail = sentenceOf(ctx, reason, message);
  return ctx.text('consoleRefused', { detail: names === '' ? detail : `${detail} [${names}]` });
}

/** By its id or its name. Throws CommandError. */
export function pickTarget(ctx: CommandContext, state: BackupState, word: string | undefined): BackupTarget {
  const [only, ...others] = state.targets;
  if (word === undefined && only !== undefined && others.length === 0) return only;
  if (word === undefined) throw new CommandError(ctx.text(only === undefined ? 'backupNoTarget' : 'backupWhichTarget'));
  const found = state.targets.filter(({ id, name }) => id === word || name === word);
  if (found[0] === undefined || found.length > 1) throw new CommandError(ctx.text('backupTargetUnknown'));
  return found[0];
}

/** By its id or its name. Throws CommandError. */
export function pickPlan(ctx: CommandContext, state: BackupState, word: string): PlannedBackup {
  const found = state.plans.filter(({ id, plan }) => id === word || plan.name === word);
  if (found[0] === undefined || found.length > 1) throw new CommandError(ctx.text('backupPlanUnknown'));
  return found[0];
}

/** The set of this id, or the newest. Throws CommandError. */
export async function pickSet(
  ctx: CommandContext,
  console: BackupConsole,
  { word, targetId }: { readonly word: string | undefined; readonly targetId: string | null },
): Promise<BackupSet> {
  const setId = word === undefined || word === 'latest' ? null : word;
  if (setId !== null && !/^[a-z2-7]{16}$/.test(setId)) throw new CommandError(ctx.text('backupSetUnknown'));
  const given = { targetId, planId: null, setId, part: null, offset: 0, limit: 1 };
  const [found] = (await console.call('backups.sets', given)).items;
  if (found === undefined) throw new CommandError(ctx.text('backupSetUnknown'));
  return found;
}

/** A secret or a document: from a file, or from standard input for `-`. Never from the command line itself. */
export function readGiven(ctx: CommandContext, path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : typedPath(ctx, path), 'utf8').replace(/\r?\n$/, '');
  } catch {
    throw new CommandError(ctx.text('backupFileUnread', { path }));
  }
}
