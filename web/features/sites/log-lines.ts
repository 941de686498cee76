import type { LogLine } from '../../ui/LogView.tsx';
import type { Mark } from '../../ui/log-marks.ts';

/** More than a person scrolls through; what is older leaves. */
export const maxLines = 20_000;
/** A repeated end is recognised by this many lines. */
const enough = 3;

export type FollowedLog = {
  readonly lines: readonly LogLine[];
  /** What lies before the first line was not read. */
  readonly isCut: boolean;
};

export const emptyLog: FollowedLog = { lines: [], isCut: false };

/**
 * A log with one more piece. After a break the stream may begin again with the end of the log (`mayRepeat`): lines that
 * are there already are left out.
 */
export function withPiece(
  before: FollowedLog,
  piece: { readonly lines: readonly string[]; readonly isTruncated: boolean },
  mayRepeat: boolean,
): FollowedLog {
  const isFirst = before.lines.length === 0;
  const skip = isFirst || !mayRepeat ? 0 : repeated(before.lines, piece.lines);
  const fresh = piece.lines.slice(skip);
  const isCut = isFirst ? piece.isTruncated : before.isCut;
  if (fresh.length === 0) return isCut === before.isCut ? before : { ...before, isCut };
  let key = Number(before.lines.at(-1)?.key ?? 0);
  const lines = [...before.lines, ...fresh.map((text) => ({ key: (key += 1), text }))];
  return lines.length > maxLines ? { lines: lines.slice(-maxLines), isCut: true } : { lines, isCut };
}

/** How many lines at the beginning of a piece are the end of what is there. */
function repeated(before: readonly LogLine[], piece: readonly string[]): number {
  for (let end = piece.length; end > 0; end -= 1) {
    const compared = Math.min(end, before.length, 20);
    if (compared < Math.min(enough, before.length)) break;
    let matching = 0;
    while (matching < compared && piece[end - 1 - matching] === before[before.length - 1 - matching]?.text)
      matching += 1;
    if (matching === compared) return end;
  }
  return 0;
}

/** Lines with this text, without regard to case. */
export function matching(lines: readonly LogLine[], search: string): readonly LogLine[] {
  const wanted = search.toLowerCase();
  return wanted === '' ? lines : lines.filter(({ text }) => text.toLowerCase().includes(wanted));
}

const statusTones = ['info', 'good', 'info', 'warn', 'bad'] as const;

/** The status code of a request, coloured by its class. */
export function accessMarks(text: string): readonly Mark[] {
  const place = /" (\d{3}) /.exec(text);
  const tone = statusTones[Number(place?.[1]?.[0]) - 1];
  return place === null || tone === undefined ? [] : [{ from: place.index + 2, to: place.index + 5, tone }];
}

/** The level of a line of nginx's error log. */
export function errorMarks(text: string): readonly Mark[] {
  const place = /\[(debug|info|notice|warn|error|crit|alert|emerg)\]/.exec(text);
  if (place === null) return [];
  const level = place[1] ?? '';
  const tone = level === 'warn' ? 'warn' : ['debug', 'info', 'notice'].includes(level) ? 'soft' : 'bad';
  return [{ from: place.index, to: place.index + place[0].length, tone }];
}
