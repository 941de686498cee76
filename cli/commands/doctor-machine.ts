import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '#server/config.ts';
import type { CommandContext } from '../command.ts';
import { ask } from '../rescue-process.ts';

export type Outcome = { readonly state: 'passed' | 'failed' | 'not_run'; readonly detail: string };

export const passed = (detail: string): Outcome => ({ state: 'passed', detail });
export const failed = (detail: string): Outcome => ({ state: 'failed', detail });
export const notRun = (detail: string): Outcome => ({ state: 'not_run', detail });

const units = ['aapanel.service', 'aapanel-agent.socket'];
const dayMs = 86_400_000;

/** An installed panel runs as units; a tree that somebody tries out does not. */
export async function checkUnits(ctx: CommandContext, config: Config): Promise<Outcome> {
  if (!config.isProduction || !existsSync('/run/systemd/system')) return notRun(ctx.text('noSystemd'));
  const states = await Promise.all(
    units.map(async (unit) => ({ unit, answer: await ask(ctx, '/usr/bin/systemctl', ['is-active', unit]) })),
  );
  if (states.some(({ answer }) => answer === undefined)) return notRun(ctx.text('noSystemd'));
  const stopped = states.filter(({ answer }) => answer?.code !== 0).map(({ unit }) => unit);
  return stopped.length === 0
    ? passed(ctx.text('unitsActive'))
    : failed(ctx.text('unitsNot', { names: stopped.join(', ') }));
}

/** Of the panel itself, as it is served after the next start. */
export async function checkCertificate(ctx: CommandContext, { tls }: Config): Promise<Outcome> {
  if (tls === null) return notRun(ctx.text('noTls'));
  try {
    const end = new X509Certificate(await readFile(tls.certPath)).validToDate;
    const days = Math.floor((end.getTime() - Date.now()) / dayMs);
    return days < 0
      ? failed(ctx.text('certificateOver', { date: end.toISOString() }))
      : passed(ctx.text('certificateFor', { days }));
  } catch {
    return failed(ctx.text('certificateUnreadable'));
  }
}

/** systemd-timesyncd leaves a mark once the network has set the clock; without it only gross errors can be seen. */
export async function checkClock(ctx: CommandContext): Promise<Outcome> {
  const now = new Date().toISOString();
  const made = await stat(join(import.meta.dirname, '..', '..', 'package.json')).catch(() => undefined);
  if (made !== undefined && Date.now() < made.mtimeMs - dayMs) return failed(ctx.text('clockBehind', { now }));
  return existsSync('/run/systemd/timesync/synchronized')
    ? passed(ctx.text('clockSynchronised'))
    : notRun(ctx.text('clockUnknown', { now }));
}
