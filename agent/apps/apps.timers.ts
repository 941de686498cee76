import { nextTimedRestart } from '#shared/app-restart.ts';
import type { AppTimedRestart } from '#shared/site-app.ts';
import { readText } from '../core/files.ts';
import { findProgram, run, type RunResult } from '../core/run.ts';
import { AppError } from '#shared/errors.ts';
import { restartTimer, unitName, unitPath, type Slot } from './apps.paths.ts';
import { calendarOf, readTimer } from './apps.render.ts';
import type { AppHost } from './apps.unit.ts';
import { unitsOf } from './apps.units.ts';

/*
 * What starts applications anew by the clock: a timer of systemd for each, or the application's own supervisor, which reads
 * the same file.
 */

type Host = Pick<AppHost, 'hasSystemd'>;

/** Takes up a timer whose file is new or has changed. */
export async function startTimer({ hasSystemd }: Host, slug: string): Promise<void> {
  if (hasSystemd) await systemctl(['restart', restartTimer(slug)]);
}

export async function stopTimer({ hasSystemd }: Host, slug: string): Promise<void> {
  if (hasSystemd) await systemctl(['stop', restartTimer(slug)]);
}

/** Asks systemd whether it knows these moments: it has its own list of zones. */
export async function checkTimer({ hasSystemd }: Host, restart: AppTimedRestart): Promise<void> {
  const program = hasSystemd ? findProgram('systemd-analyze') : undefined;
  if (program === undefined) return;
  const { code } = await run(program, ['calendar', calendarOf(restart)], { timeoutMs: 10_000 });
  if (code !== 0)
    throw new AppError('invalid_request', 'The machine does not know the time zone.', {
      fields: [{ field: 'app.timedRestart.timeZone', code: 'time_zone_invalid' }],
    });
}

/** The next moment of a timer that is really set, epoch ms; null: nothing would start the application anew. */
export async function nextRestartOf(
  host: AppHost,
  { slug, slot }: { readonly slug: string; readonly slot: Slot },
): Promise<number | null> {
  const text = readText(host.prefix + unitPath(restartTimer(slug)));
  const timer = text === undefined ? undefined : readTimer(text);
  if (timer === undefined) return null;
  const computed = (): number | null => nextTimedRestart(timer.restart, host.now()) ?? null;
  if (!host.hasSystemd) {
    const { state } = await unitsOf(host).stateOf(unitName(slug, slot));
    return state === 'running' || state === 'starting' ? computed() : null;
  }
  const asked = '--property=ActiveState,NextElapseUSecRealtime';
  const { stdout } = await systemctl(['show', '--timestamp=unix', asked, restartTimer(slug)]);
  if (!/^ActiveState=active$/m.test(stdout)) return null;
  const seconds = /^NextElapseUSecRealtime=@(\d{1,12})/m.exec(stdout)?.[1];
  return seconds === undefined ? computed() : Number(seconds) * 1_000;
}

async function systemctl(args: readonly string[]): Promise<RunResult> {
  const program = findProgram('systemctl');
  if (program === undefined) throw new Error('systemctl is missing');
  return await run(program, args, { timeoutMs: 10_000 });
}

/** How often a supervisor looks whether its moment has come. */
const lookMs = 1_000;

/** For a supervisor: calls `launch` at each moment that the file names, whatever it names by then. */
export function watchTimer(where: {
  readonly read: () => string | undefined;
  readonly now: () => number;
  readonly launch: (siteId: string) => Promise<void>;
}): { readonly look: () => void; readonly stop: () => void } {
  let known: { readonly text: string; readonly next: number } | undefined;
  const look = (): void => {
    const now = where.now();
    const text = where.read();
    const timer = text === undefined ? undefined : readTimer(text);
    if (text === undefined || timer === undefined) return void (known = undefined);
    const after = (): number => nextTimedRestart(timer.restart, now) ?? Number.POSITIVE_INFINITY;
    // Counted from when it was first seen: a moment that was before is not made up for.
    if (known?.text !== text) known = { text, next: after() };
    if (known.next > now) return;
    known = { text, next: after() };
    where.launch(timer.siteId).catch(() => undefined);
  };
  const timer = setInterval(look, lookMs).unref();
  return { look, stop: () => clearInterval(timer) };
}
