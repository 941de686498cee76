import { aapanelReport, type AapanelSite } from '#shared/aapanel.ts';
import { askConsole } from '../backup-console.ts';
import { CommandError, exitCodes, type Command } from '../command.ts';
import { parseOptions } from '../options.ts';

const words = { ready: 'importReady', differs: 'importDiffers', blocked: 'importBlocked' } as const;

/**
 * `aapanel import aapanel --dry-run [--from DIR] [--json]`: what of an aaPanel on this server, or in a copy of another one,
 * can be brought over, and how. Writes nothing; exit code 1 when no site can be.
 */
export const importAapanel: Command = async (ctx) => {
  const { options } = parseOptions(ctx.args, { 'dry-run': 'boolean', from: 'string', json: 'boolean' });
  if (options['dry-run'] !== true) throw new CommandError(ctx.text('importOnlyDry'));
  const base = (options.from ?? '').replace(/\/+$/, '');
  const parsed = aapanelReport.safeParse(await askConsole(ctx, ['aapanel-read'], { base }));
  if (!parsed.success) throw new CommandError(ctx.text('consoleSilent'));
  const report = parsed.data;
  const ready = report.sites.filter(({ state }) => state !== 'blocked').length;
  const code = ready > 0 ? exitCodes.success : exitCodes.failure;
  if (options.json === true) {
    ctx.out(JSON.stringify(report, null, 2));
    return code;
  }
  for (const site of report.sites) {
    ctx.out(`${marks[site.state]} ${site.name.padEnd(32)} ${ctx.text(words[site.state])}`);
    for (const { code: note, params } of site.notes) ctx.out(`    ${note}${shown(params)}`);
  }
  ctx.out(ctx.text('importSummary', { ready, all: report.sites.length }));
  return code;
};

const marks: Readonly<Record<AapanelSite['state'], string>> = { ready: '✓', differs: '·', blocked: '✗' };

/** The texts of rules are for the panel and for `--json`: here a line is a line. */
function shown(params: Readonly<Record<string, string>>): string {
  const values = Object.entries(params).flatMap(([name, value]) => (name === 'text' ? [] : [value]));
  return values.length === 0 ? '' : `: ${values.join(', ')}`;
}
