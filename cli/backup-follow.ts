import { setTimeout as wait } from 'node:timers/promises';
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import type { BackupRequest, BackupRun, ReportLine } from '#shared/backups.ts';
import { exitCodes, type CommandContext } from './command.ts';
import { sentenceOf, type BackupConsole } from './backup-console.ts';

/*
 * Starts a run and shows what it says until it ends. The run is the agent's: Ctrl-C ends the looking, not the run.
 */

/** Each look is a process of the agent's: short waits at first, longer ones once it takes its time. */
const firstPollMs = 500;
const lastPollMs = 3_000;

export type Followed = { readonly run: BackupRun; readonly report: readonly ReportLine[] };

/** A new id of the panel's form. */
export function newRunId(): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  return Array.from(randomBytes(16), (byte) => alphabet[byte & 31]).join('');
}

/** Live lines go to standard output, with `isJson` to standard error. */
export async function startAndFollow(
  ctx: CommandContext,
  console: BackupConsole,
  request: BackupRequest,
  isJson: boolean,
): Promise<Followed> {
  const runId = newRunId();
  await console.call('backups.start', { runId, request });
  const say = isJson ? ctx.err : ctx.out;
  const onSignal = (): void => {
    ctx.err(ctx.text('backupGoesOn', { runId }));
    process.exit(exitCodes.failure);
  };
  process.once('SIGINT', onSignal);
  try {
    return await follow(ctx, console, runId, say);
  } finally {
    process.off('SIGINT', onSignal);
  }
}

/** Until it has ended. Throws CommandError when nobody knows the run. */
export async function follow(
  ctx: CommandContext,
  console: BackupConsole,
  runId: string,
  say: (line: string) => void,
): Promise<Followed> {
  let pollMs = firstPollMs;
  let offset = 0;
  let shownPhase = '';
  for (;;) {
    const answer = await console.call('backups.run', { runId, offset });
    for (const line of answer.text.split('\n')) if (line !== '') say(line);
    const { run, report, nextOffset } = answer;
    const hasMore = nextOffset > offset;
    offset = nextOffset;
    if (run === null) {
      ctx.err(ctx.text('backupRunUnknown'));
      throw new Error('the run is gone');
    }
    if (run.state !== 'running' && !hasMore) return { run, report };
    const phase = `${run.phase ?? ''} ${run.progress === null ? '' : `${Math.floor(run.progress)} %`}`.trim();
    if (phase !== '' && phase !== shownPhase && run.state === 'running') {
      shownPhase = phase;
      say(`· ${phase}`);
    }
    if (hasMore) continue;
    await wait(pollMs);
    pollMs = Math.min(lastPollMs, pollMs * 1.3);
  }
}

/** How it ended, for a person. Answers the exit code. */
export function sayEnd(ctx: CommandContext, { run, report }: Followed, say: (line: string) => void): number {
  for (const line of report.slice(0, 200)) say(`  ${reportLine(line)}`);
  if (report.length > 200) say(ctx.text('backupReportCut', { count: report.length - 200 }));
  if (run.state === 'succeeded') {
    say(run.setIds.length > 0 ? ctx.text('backupMade', { ids: run.setIds.join(' ') }) : ctx.text('backupDone'));
    return exitCodes.success;
  }
  if (run.state === 'cancelled') ctx.err(ctx.text('backupCancelled'));
  else ctx.err(ctx.text('backupFailed', { detail: sentenceOf(ctx, run.failure?.reason, run.failure?.code ?? '') }));
  return exitCodes.failure;
}

function reportLine({ what, subject, reason, params }: ReportLine): string {
  const facts = Object.entries(params).map(([name, value]) => `${name}=${value}`);
  return [what, subject, ...(reason === null ? [] : [reason]), ...facts].join(' ');
}

/** Starts, shows, says how it ended; with `isJson` the run and its report as one object. Answers the exit code. */
export async function runAndSay(
  ctx: CommandContext,
  console: BackupConsole,
  request: BackupRequest,
  isJson: boolean,
): Promise<number> {
  const followed = await startAndFollow(ctx, console, request, isJson);
  if (!isJson) return sayEnd(ctx, followed, ctx.out);
  ctx.out(JSON.stringify(followed, null, 2));
  return followed.run.state === 'succeeded' ? exitCodes.success : exitCodes.failure;
}

/** Asks before what cannot be taken back. Only yes, y or نعم is a yes; the end of the input is a no. */
export async function isAgreed(ctx: CommandContext, question: string, isYes: boolean): Promise<boolean> {
  if (isYes) return true;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  const answer = await Promise.race([lines.question(`${question} `), closed]);
  lines.close();
  if (/^(yes|y|نعم)$/i.test(answer.trim().normalize('NFC'))) return true;
  ctx.err(ctx.text('backupNotAgreed'));
  return false;
}
