import { CommandError, type CommandContext } from './command.ts';

/** Turns what the migrations throw into sentences for the person; anything else is handed on. */
export async function inWords<T>(
  ctx: CommandContext,
  work: () => Promise<T>,
  copy: () => string | undefined,
): Promise<T> {
  const errors = await import('#server/db/migrate.ts');
  try {
    return await work();
  } catch (error) {
    if (error instanceof errors.MigrationHistoryError) {
      throw new CommandError(error.problems.map((problem) => problemText(ctx, problem)).join('\n'));
    }
    if (error instanceof errors.MigrationLockedError) throw new CommandError(ctx.text('migrationLocked'));
    if (error instanceof errors.MigrationTargetError) {
      const { migration, kind, message } = error;
      const detail = message.slice(migration.length + 2);
      const key = kind === 'unknown' ? 'migrationUnknown' : 'migrationIrreversible';
      throw new CommandError(ctx.text(key, { name: migration, detail }));
    }
    if (!(error instanceof errors.MigrationFailedError)) throw error;
    const { migration: name, restored } = error;
    const { redactText } = await import('#server/core/log.ts');
    const cause = error.cause instanceof Error ? error.cause.message : String(error.cause);
    const lines = [ctx.text('migrationFailed', { name, detail: redactText(cause.split('\n', 1)[0] ?? '') })];
    const path = copy();
    if (restored) lines.push(ctx.text('migrationRestored'));
    else if (path !== undefined) lines.push(ctx.text('migrationStays', { path }));
    throw new CommandError(lines.join('\n'));
  }
}

type Problem = { readonly kind: 'newer' | 'gone' | 'edited' | 'order'; readonly name: string };

export function problemText(ctx: CommandContext, { kind, name }: Problem): string {
  const keys = {
    newer: 'migrationNewer',
    gone: 'migrationGone',
    edited: 'migrationEdited',
    order: 'migrationOrder',
  } as const;
  return ctx.text(keys[kind], { name });
}
