import { environmentInfo, validateConfig } from '#server/config.ts';
import { environmentReasons } from '#server/environment.ts';
import { exitCodes, UsageError, type Command } from '../command.ts';
import { parseOptions } from '../options.ts';
import { printReport } from '../report.ts';

/** `aapanel env info`: which environment, and why. */
export const envInfo: Command = (ctx) => {
  const { options } = parseOptions(ctx.args, { json: 'boolean' });
  const info = environmentInfo(ctx.input);
  if (options.json === true) {
    ctx.out(JSON.stringify(info, null, 2));
    return Promise.resolve(exitCodes.success);
  }
  for (const [name, value] of Object.entries(info)) {
    if (name !== 'reasons') ctx.out(`${name.padEnd(16)} ${value === null ? '-' : String(value)}`);
  }
  ctx.out(`${ctx.text('reasons')}:`);
  for (const reason of info.reasons) ctx.out(`  ${environmentReasons[reason][ctx.language]}`);
  return Promise.resolve(exitCodes.success);
};

/** `aapanel env validate`: exit code 1 with errors, and with warnings under `--strict`. */
export const envValidate: Command = (ctx) => {
  const { options } = parseOptions(ctx.args, {
    dev: 'boolean',
    development: 'boolean',
    prod: 'boolean',
    production: 'boolean',
    quiet: 'boolean',
    json: 'boolean',
    strict: 'boolean',
  });
  const isDevelopment = options.dev === true || options.development === true;
  if (isDevelopment && (options.prod === true || options.production === true)) throw new UsageError('--dev --prod');
  const report = validateConfig(ctx.input);
  if (options.json === true) {
    ctx.out(JSON.stringify(report, null, 2));
  } else {
    const shown = options.quiet === true ? { ...report, warnings: [], info: [] } : report;
    printReport(shown, ctx.language, ctx.out);
    if (options.quiet !== true) ctx.out(report.summary[ctx.language]);
  }
  const isAccepted = report.is_valid && !(options.strict === true && report.has_warnings);
  return Promise.resolve(isAccepted ? exitCodes.success : exitCodes.failure);
};
