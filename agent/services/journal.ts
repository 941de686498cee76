import { z } from 'zod';
import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { journalCursor } from '#shared/services.ts';
import { findProgram, run } from '../core/run.ts';
import { plain } from './unit-facts.ts';

const longestText = 2_000;
const mostChars = 1_000_000;

/** One line of `journalctl --output=json`; a message that is no UTF-8 comes as its bytes (systemd.journal-fields(7)). */
const entry = z.object({
  __CURSOR: journalCursor,
  __REALTIME_TIMESTAMP: z.string().regex(/^\d{1,17}$/),
  MESSAGE: z.union([z.string(), z.array(z.number()), z.null()]).optional(),
  PRIORITY: z
    .string()
    .regex(/^[0-7]$/)
    .optional(),
  SYSLOG_IDENTIFIER: z.string().optional(),
  _COMM: z.string().optional(),
});
type Line = ActionResult<AgentActions['services.journal']>['lines'][number];

/** The newest lines of a service, oldest first. */
export async function readJournal({
  unit,
  after,
  lines,
  priority,
}: ActionParams<AgentActions['services.journal']>): Promise<ActionResult<AgentActions['services.journal']>> {
  const program = findProgram('journalctl');
  if (program === undefined) return { lines: [], cursor: null };
  const { stdout } = await run(
    program,
    [
      '--quiet',
      '--no-pager',
      '--all',
      '--output=json',
      '--output-fields=MESSAGE,PRIORITY,SYSLOG_IDENTIFIER,_COMM',
      `--priority=${priority}`,
      `--lines=${lines}`,
      ...(after === null ? [] : [`--after-cursor=${after}`]),
      `--unit=${unit}`,
    ],
    { timeoutMs: 12_000, maxOutputBytes: 16 * 1024 * 1024 },
  );
  const read = readEntries(stdout);
  return { lines: newestWithin(read.map(({ line }) => line)), cursor: read.at(-1)?.cursor ?? after };
}

/** Whatever is no entry is left out: the output may be cut in the middle of one. */
export function readEntries(text: string): { readonly cursor: string; readonly line: Line }[] {
  return text.split('\n').flatMap((row) => {
    const parsed = entry.safeParse(jsonOf(row));
    if (!parsed.success) return [];
    const { __CURSOR: cursor, __REALTIME_TIMESTAMP: micros, ...said } = parsed.data;
    const message = Array.isArray(said.MESSAGE) ? Buffer.from(said.MESSAGE).toString('utf8') : (said.MESSAGE ?? '');
    const shown = plain(message);
    const line = {
      at: new Date(Number(micros) / 1_000).toISOString(),
      priority: Number(said.PRIORITY ?? '6'),
      source: plain(said.SYSLOG_IDENTIFIER ?? said._COMM ?? '').slice(0, 80),
      text: shown.length > longestText ? `${shown.slice(0, longestText)}…` : shown,
    };
    return [{ cursor, line }];
  });
}

function jsonOf(row: string): unknown {
  try {
    return JSON.parse(row);
  } catch {
    return undefined;
  }
}

function newestWithin(lines: readonly Line[]): Line[] {
  let left = mostChars;
  const from = lines.findLastIndex(({ text }) => (left -= text.length + 100) < 0);
  return lines.slice(from + 1);
}
