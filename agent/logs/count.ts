import { closeFile, openFile } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { parseAccessLine } from './access-line.ts';
import { dayOf } from './days.ts';
import { addLine, readFigures, writeFigures, type Figures, type SiteRef } from './figures.ts';
import { logPath } from './logs.paths.ts';
import { readWholeLines } from './whole-lines.ts';

type Where = Pick<Machine, 'prefix' | 'stateFolder' | 'now'>;
type Opened = NonNullable<ReturnType<typeof openFile>>;

export type Counted = { readonly figures: Figures; readonly isBehind: boolean };

/** Reads the access log of a site on from where it was left, also across one rotation. Call it under the lock of logs. */
export async function countSite(where: Where, site: SiteRef, endsAt: number): Promise<Counted> {
  const figures = readFigures(where, site);
  const files = openUncounted(where, site, figures);
  const startedAt = where.now();
  try {
    let isBehind = false;
    let isChanged = false;
    for (const { fd, stats } of files) {
      const inode = String(stats.ino);
      const isSame = figures.log?.inode === inode;
      // A file that has become shorter was cut by somebody.
      const from = isSame && (figures.log?.offset ?? 0) <= stats.size ? (figures.log?.offset ?? 0) : 0;
      const next = readOn(where, site, figures, { fd, from, endsAt });
      isChanged ||= !isSame || next !== figures.log?.offset;
      figures.log = { inode, offset: next };
      isBehind = performance.now() >= endsAt;
      if (isBehind) break;
    }
    if (!isBehind) figures.countedUntil = startedAt;
    if (isChanged) await writeFigures(where, site, figures);
    return { figures, isBehind };
  } finally {
    for (const { fd } of files) closeFile(fd);
  }
}

/** The rest of the file that was set aside meanwhile, then the present one. */
function openUncounted(where: Where, { slug }: SiteRef, { log }: Figures): Opened[] {
  const path = logPath(where, slug, 'access');
  const current = openFile(path);
  if (log === null || String(current?.stats.ino) === log.inode) return current === undefined ? [] : [current];
  const before = openFile(`${path}.1`);
  const isOurs = before !== undefined && String(before.stats.ino) === log.inode;
  if (before !== undefined && !isOurs) closeFile(before.fd);
  return [...(isOurs ? [before] : []), ...(current === undefined ? [] : [current])];
}

function readOn(
  where: Where,
  site: SiteRef,
  figures: Figures,
  { fd, from, endsAt }: { readonly fd: number; readonly from: number; readonly endsAt: number },
): number {
  const now = where.now();
  const clock = { newest: now / 1_000, today: dayOf(now) };
  return readWholeLines(fd, from, {
    line(text) {
      const line = text === undefined ? undefined : parseAccessLine(text);
      if (line === undefined) figures.unreadable++;
      else addLine(where, site, figures, line, clock);
    },
    isOver: () => performance.now() >= endsAt,
  });
}
