import { alertEvents, hookBody, type BackupHook } from '#shared/backup-alerts.ts';
import type { BackupState } from '#shared/backups.ts';
import { openBackups } from '../backup-console.ts';
import { isAgreed, newRunId } from '../backup-follow.ts';
import { CommandError, exitCodes, UsageError, type Command, type CommandContext } from '../command.ts';
import { parseOptions } from '../options.ts';
import { readJson } from './backup-move.ts';

/** Address and secret come in a file or on standard input, so that they stand in no argument. */
const hookFile = hookBody.extend({
  events: hookBody.shape.events.default([...alertEvents]),
  language: hookBody.shape.language.default('ar'),
  isEnabled: hookBody.shape.isEnabled.default(true),
  url: hookBody.shape.url.default(null),
  secret: hookBody.shape.secret.default(null),
});

/** `backup hooks [list]` · `hooks add --file FILE|- [--id ID]` · `hooks test HOOK` · `hooks remove HOOK [--yes]`. */
export const hooks: Command = async (ctx) => {
  const { options, words } = parseOptions(
    ctx.args,
    { file: 'string', id: 'string', yes: 'boolean', json: 'boolean' },
    2,
  );
  const [verb = 'list', word] = words;
  const console = openBackups(ctx);
  if (verb === 'list') {
    list(ctx, (await console.call('backups.state', {})).hooks, options.json === true);
    return exitCodes.success;
  }
  if (verb === 'add') {
    if (options.file === undefined) throw new UsageError('hooks add --file FILE');
    const hook = readJson(ctx, options.file, hookFile);
    const hookId = options.id ?? newRunId();
    await console.call('backups.put_hook', { hookId, ...hook });
    const added = { id: hookId, name: hook.name };
    ctx.out(options.json === true ? JSON.stringify(added, null, 2) : ctx.text('backupHookAdded', added));
    return exitCodes.success;
  }
  if ((verb !== 'test' && verb !== 'remove') || word === undefined) throw new UsageError(`hooks ${verb} HOOK`);
  const hook = pickHook(ctx, await console.call('backups.state', {}), word);
  if (verb === 'test') {
    const { outcome } = await console.call('backups.test_hook', { hookId: hook.id });
    if (options.json === true) ctx.out(JSON.stringify(outcome, null, 2));
    else ctx.out(outcomeLine(ctx, { ...hook, lastOutcome: outcome }));
    return outcome.isDelivered ? exitCodes.success : exitCodes.failure;
  }
  const question = ctx.text('backupHookRemoveAsk', { hook: hook.name });
  if (!(await isAgreed(ctx, question, options.yes === true))) return exitCodes.failure;
  await console.call('backups.remove_hook', { hookId: hook.id });
  ctx.out(ctx.text('backupDone'));
  return exitCodes.success;
};

function list(ctx: CommandContext, found: readonly BackupHook[], isJson: boolean): void {
  if (isJson) ctx.out(JSON.stringify(found, null, 2));
  else if (found.length === 0) ctx.out(ctx.text('backupNoHooks'));
  else
    for (const hook of found) {
      const off = hook.isEnabled ? '' : `  ${ctx.text('backupHookOff')}`;
      ctx.out(`${hook.id}  ${hook.name}  ${hook.origin}  ${hook.events.join(',')}${off}  ${outcomeLine(ctx, hook)}`);
    }
}

function outcomeLine(ctx: CommandContext, { lastOutcome }: BackupHook): string {
  if (lastOutcome === null) return ctx.text('backupHookNever');
  const { at, isDelivered, status, reason } = lastOutcome;
  const answer = status === null ? (reason ?? '') : `HTTP ${status}`;
  return ctx.text(isDelivered ? 'backupHookDelivered' : 'backupHookFailed', { at, answer });
}

/** By its id or its name. Throws CommandError. */
function pickHook(ctx: CommandContext, state: BackupState, word: string): BackupHook {
  const found = state.hooks.filter(({ id, name }) => id === word || name === word);
  if (found[0] === undefined || found.length > 1) throw new CommandError(ctx.text('backupHookUnknown'));
  return found[0];
}
