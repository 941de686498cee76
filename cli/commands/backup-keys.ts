import { hostname } from 'node:os';
import type { BackupState } from '#shared/backups.ts';
import { openBackups } from '../backup-console.ts';
import { isAgreed } from '../backup-follow.ts';
import { exitCodes, UsageError, type Command, type CommandContext } from '../command.ts';
import { parseOptions } from '../options.ts';
import { say } from '../texts.ts';
import { placeLine } from './backup-targets.ts';

/**
 * `backup keys` · `keys rotate` · `keys retire ID [--yes]` · `keys recovery [--yes]`, which prints the recovery sheet: the
 * new recovery key is shown this once and kept nowhere.
 */
export const keys: Command = async (ctx) => {
  const { options, words } = parseOptions(ctx.args, { yes: 'boolean', json: 'boolean' }, 2);
  const [verb, keyId] = words;
  const isYes = options.yes === true;
  const console = openBackups(ctx);
  const state = await console.call('backups.state', {});
  if (verb === undefined) {
    show(ctx, state, options.json === true);
    return exitCodes.success;
  }
  if (verb === 'rotate') {
    show(ctx, (await console.call('backups.keys', { operation: 'rotate' })).state, options.json === true);
    return exitCodes.success;
  }
  if (verb === 'retire') {
    if (keyId === undefined) throw new UsageError('keys retire ID');
    const count = state.keys.find((key) => key.keyId === keyId)?.setCount ?? 0;
    if (!(await isAgreed(ctx, ctx.text('backupRetireAsk', { keyId, count }), isYes))) return exitCodes.failure;
    show(ctx, (await console.call('backups.keys', { operation: 'retire', keyId })).state, options.json === true);
    return exitCodes.success;
  }
  if (verb !== 'recovery') throw new UsageError(`keys ${verb}`);
  const isReplaced = state.recovery !== null;
  if (isReplaced && !(await isAgreed(ctx, ctx.text('backupRecoveryAsk'), isYes))) return exitCodes.failure;
  const { recoveryKey, state: after } = await console.call('backups.keys', { operation: 'new_recovery' });
  if (options.json === true) ctx.out(JSON.stringify({ recovery: after.recovery, recoveryKey }, null, 2));
  else printSheet(ctx, after, recoveryKey ?? '');
  return exitCodes.success;
};

function show(ctx: CommandContext, { keys: known, recovery }: BackupState, isJson: boolean): void {
  if (isJson) return ctx.out(JSON.stringify({ keys: known, recovery }, null, 2));
  for (const { keyId, state, createdAt, setCount } of known) {
    ctx.out(
      `${keyId}  ${ctx.text(`backupKey_${state}`)}  ${createdAt}  ${ctx.text('backupKeySets', { count: setCount })}`,
    );
  }
  ctx.out(recovery === null ? ctx.text('backupNoRecovery') : ctx.text('backupRecoveryOf', { at: recovery.createdAt }));
}

/** For print, in both languages: whoever finds it in a safe may read either. */
function printSheet(ctx: CommandContext, { targets, recovery }: BackupState, recoveryKey: string): void {
  const rule = '─'.repeat(72);
  ctx.out(rule);
  for (const language of ['ar', 'en'] as const) {
    ctx.out(say(language, 'backupSheetTitle', { host: hostname(), at: recovery?.createdAt ?? '' }));
    ctx.out(say(language, 'backupSheetText'));
    ctx.out('');
  }
  ctx.out(`    ${recoveryKey}`);
  ctx.out('');
  for (const { name, place } of targets) ctx.out(`    ${name}: ${placeLine(place)}`);
  ctx.out('');
  ctx.out('    aapanel backup recover --local FOLDER | --place-file FILE [--secret-file FILE]');
  ctx.out(rule);
}
