import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { migrationsFolder } from '#server/db/migrate-source.ts';
import { makeMigration, MigrationNameError } from '#server/db/validate/new-migration.ts';
import { ruleOf } from '#server/db/validate/rules.ts';
import { sarifOf } from '#server/db/validate/sarif.ts';
import { validatePaths, ValidatorUnavailableError, type Report } from '#server/db/validate/validate.ts';
import { CommandError, exitCodes, UsageError, type Command, type CommandContext } from '../command.ts';
import { parseOptions } from '../options.ts';

/** `aapanel migrate new <words>`: the next file from the template. The words become a safe name and nothing else. */
export const migrateNew: Command = async (ctx) => {
  const { options, words } = parseOptions(ctx.args, { dir: 'string', json: 'boolean' }, 20);
  if (words.length === 0) throw new UsageError('migrate new <words>');
  const dir = options.dir === undefined ? ownFolder(ctx) : resolve(ctx.input.cwd, options.dir);
  try {
    const path = await available(ctx, () => makeMigration(dir, words.join(' ')));
    ctx.out(options.json === true ? JSON.stringify({ path }) : ctx.text('migrationMade', { path }));
    return exitCodes.success;
  } catch (error) {
    if (error instanceof MigrationNameError) throw new CommandError(ctx.text('migrationNameEmpty'));
    throw error;
  }
};

/** `aapanel migrate validate [--file F | --dir D] [--format text|json|sarif]`: ends with 1 on any error. */
export const migrateValidate: Command = async (ctx) => {
  const { options } = parseOptions(ctx.args, {
    file: 'string',
    dir: 'string',
    format: 'string',
    json: 'boolean',
    'no-color': 'boolean',
  });
  const format = options.json === true ? 'json' : (options.format ?? 'text');
  if (!['text', 'json', 'sarif'].includes(format)) throw new UsageError(format);
  if (options.file !== undefined && options.dir !== undefined) throw new UsageError('--file --dir');
  const at = (path: string | undefined) => (path === undefined ? undefined : resolve(ctx.input.cwd, path));
  const dir = options.file === undefined ? (at(options.dir) ?? ownFolder(ctx)) : undefined;
  const report = await available(ctx, () => validatePaths({ file: at(options.file), dir }));
  if (format === 'json') ctx.out(JSON.stringify(report, null, 2));
  else if (format === 'sarif') ctx.out(JSON.stringify(sarifOf(report), null, 2));
  else print(ctx, report);
  return report.files_with_errors === 0 ? exitCodes.success : exitCodes.failure;
};

function print(ctx: CommandContext, report: Report): void {
  for (const { path, findings } of report.files) {
    for (const { rule, severity, line, detail, allowed } of findings) {
      const { explanation, recipe } = ruleOf(rule);
      const level = ctx.text(severity === 'error' ? 'levelError' : 'levelWarning');
      if (allowed !== null) {
        ctx.out(`${path}:${line}: ${rule}: ${ctx.text('validatorAllowed', { reason: allowed })}`);
        continue;
      }
      ctx.out(`${path}:${line}: ${level} ${rule}: ${explanation[ctx.language]} (${detail})`);
      ctx.out(`  ${ctx.text('validatorRecipe', { recipe: recipe[ctx.language] })}`);
    }
  }
  const { total_files, valid_files, files_with_errors, files_with_warnings } = report;
  const counts = { total: total_files, valid: valid_files, errors: files_with_errors, warnings: files_with_warnings };
  ctx.out(ctx.text('validatorSum', counts));
}

/** The sources of this panel; a release has none. */
function ownFolder(ctx: CommandContext): string {
  if (existsSync(migrationsFolder)) return migrationsFolder;
  throw new CommandError(ctx.text('validatorMissing'));
}

/** A release carries neither the sources nor the parser. */
async function available<T>(ctx: CommandContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ValidatorUnavailableError) throw new CommandError(ctx.text('validatorMissing'));
    throw error;
  }
}
