import { setImmediate as breathe } from 'node:timers/promises';
import type { ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { readText } from '../core/files.ts';
import { firstMac, isSealed, readHead, readLine, type Head } from './chain.ts';
import { headPath, listSegments, readSegment, type Segment } from './segments.ts';

export type Verified = ActionResult<AgentActions['audit.verify']>;
type Fault = NonNullable<Verified['fault']>;

/** Other requests get their turn between so many lines. */
const linesAtOnce = 500;

/** Walks the whole chain from its first line to its head, and stops at the first line that is not as it was written. */
export async function verifyChain(stateFolder: string, key: Buffer): Promise<Verified> {
  const segments = listSegments(stateFolder);
  // Before the lines: those that are added meanwhile are behind it.
  const head = readHead(key, readText(headPath(stateFolder)));
  let mac = firstMac;
  let sequence = 0;
  for (const segment of segments) {
    const { lines, torn } = readSegment(segment);
    for (const [index, text] of lines.entries()) {
      const fault = faultOf(key, text, sequence + 1, mac, () => isLater(segments, segment, index, sequence + 1));
      if (fault !== undefined) return { lineCount: sequence, fault: { ...fault, file: segment.name } };
      sequence += 1;
      mac = readLine(text)?.mac ?? mac;
      if (sequence % linesAtOnce === 0) await breathe();
    }
    // The end of the last one may be a line that is just being written, or that a crash cut off before it was answered.
    if (torn.length > 0 && segment !== segments.at(-1))
      return { lineCount: sequence, fault: { sequence: sequence + 1, kind: 'unreadable', file: segment.name } };
  }
  return { lineCount: sequence, fault: faultAtEnd(head, sequence, mac, segments.at(-1)) };
}

type LineFault = Pick<Fault, 'sequence' | 'kind'>;

function faultOf(
  key: Buffer,
  text: string,
  wanted: number,
  before: string,
  isWantedLater: () => boolean,
): LineFault | undefined {
  const line = readLine(text);
  if (line === undefined) return { sequence: wanted, kind: 'unreadable' };
  if (line.sequence < wanted) return { sequence: line.sequence, kind: 'moved' };
  if (line.sequence > wanted) return { sequence: wanted, kind: isWantedLater() ? 'moved' : 'missing' };
  return isSealed(key, line, before) ? undefined : { sequence: wanted, kind: 'changed' };
}

/** Whether the line with this number stands behind the place where it belongs. */
function isLater(segments: readonly Segment[], from: Segment, index: number, sequence: number): boolean {
  return segments.slice(segments.indexOf(from)).some((segment) => {
    const { lines } = readSegment(segment);
    return lines.slice(segment === from ? index + 1 : 0).some((text) => readLine(text)?.sequence === sequence);
  });
}

function faultAtEnd(head: Head | undefined, last: number, mac: string, segment: Segment | undefined): Fault | null {
  const at = (sequence: number, kind: Fault['kind']): Fault => ({ sequence, kind, file: segment?.name ?? 'head.json' });
  // Nothing was ever written: there is no head either.
  if (head === undefined) return last === 0 && segment === undefined ? null : at(last + 1, 'cut_off');
  if (head.lostAt !== null) return at(head.lostAt, 'cut_off');
  if (head.sequence > last) return at(last + 1, 'cut_off');
  // Lines behind the head are whole: they were written just now, or a crash came before the head.
  return head.sequence === last && head.mac !== mac ? at(last, 'changed') : null;
}
