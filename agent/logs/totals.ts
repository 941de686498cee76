import { z } from 'zod';
import { closeFile, openFile, readAt } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { dayOf, midnightBefore } from './days.ts';
import { counts, mainFile, readFigures } from './figures.ts';

/** Holds 31 days with room to spare. */
const headBytes = 8 * 1024;
const head = z.object({ countedUntil: z.number().nullable(), days: z.record(z.string(), counts) });

export type SiteTotals = {
  readonly requests: number;
  readonly bytes: number;
  /** Epoch ms. */
  readonly countedUntil: number | null;
};

/** Names of today and so many days before it, for `readTotals`. */
export function lastDays(now: number, days: number): string[] {
  return Array.from({ length: days }, (_, back) => dayOf(midnightBefore(now, back)));
}

/**
 * Requests and bytes of a site in these days, as they were last counted; undefined: nothing was counted yet. Of what may
 * be megabytes it reads the beginning only, so that thousands of sites can be asked about at once.
 */
export function readTotals(
  where: Pick<Machine, 'stateFolder'>,
  siteId: string,
  days: readonly string[],
): SiteTotals | undefined {
  const found = openFile(mainFile(where, siteId));
  if (found === undefined) return undefined;
  let text: string;
  try {
    text = readAt(found.fd, 0, Math.min(found.stats.size, headBytes)).toString('utf8');
  } finally {
    closeFile(found.fd);
  }
  const { countedUntil, of } = readHead(text) ?? readWhole(where, siteId);
  const counted = days.map(of).filter((each) => each !== undefined);
  return {
    countedUntil,
    requests: counted.reduce((sum, [requests]) => sum + requests, 0),
    bytes: counted.reduce((sum, [, bytes]) => sum + bytes, 0),
  };
}

/** What stands before the hours; undefined where an earlier version wrote the hours first. */
function readHead(text: string) {
  const end = text.indexOf(',"hours":');
  if (end === -1) return undefined;
  try {
    const { countedUntil, days } = head.parse(JSON.parse(`${text.slice(0, end)}}`));
    return { countedUntil, of: (day: string) => days[day] };
  } catch {
    return undefined;
  }
}

function readWhole(where: Pick<Machine, 'stateFolder'>, siteId: string) {
  const { countedUntil, days } = readFigures(where, { siteId });
  return { countedUntil, of: (day: string) => days.get(day) };
}
