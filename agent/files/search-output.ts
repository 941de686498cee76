import type { FoundPlace } from './excerpts.ts';

/*
 * What ripgrep writes with `--null --line-number --byte-offset --only-matching`: the path, NUL, `line:offset:` and what was
 * found, up to the end of the line. Paths hold any byte but NUL, and what was found may be as long as a file.
 */

const mostOfPath = 8 * 1024;
/** Of what was found; the rest is left out. */
export const mostOfMatch = 300;
const mostOfRest = 32 + mostOfMatch;
const feed = 0x0a;

export type OutputReader = {
  /** Places of the next bytes: one for each line of a file, however often it is found there. */
  read(chunk: Buffer): FoundPlace[];
  /** Of all that was written, also of what was found in one line. */
  readonly count: number;
};

export function createOutputReader(): OutputReader {
  let path = Buffer.alloc(0);
  let rest = Buffer.alloc(0);
  let isInPath = true;
  let isTooLong = false;
  let last = '';
  let count = 0;

  function place(): FoundPlace | undefined {
    count++;
    const text = rest.toString('latin1');
    const [start, line = '', offset = ''] = /^(\d{1,15}):(\d{1,15}):/.exec(text) ?? [];
    if (start === undefined || isTooLong) return undefined;
    const name = path.toString('latin1').replace(/^\.\//, '');
    const key = `${line}:${name}`;
    if (key === last) return undefined;
    last = key;
    const head = rest.subarray(start.length, start.length + mostOfMatch).toString('base64');
    return { path: name, line: Number(line), offset: Number(offset), head };
  }

  return {
    get count() {
      return count;
    },
    read(chunk) {
      const found: FoundPlace[] = [];
      for (let at = 0; at < chunk.length; ) {
        const end = chunk.indexOf(isInPath ? 0 : feed, at);
        const piece = chunk.subarray(at, end === -1 ? chunk.length : end);
        at += piece.length + 1;
        if (isInPath) {
          if (path.length + piece.length > mostOfPath) isTooLong = true;
          else path = Buffer.concat([path, piece]);
        } else if (rest.length < mostOfRest) rest = Buffer.concat([rest, piece.subarray(0, mostOfRest - rest.length)]);
        if (end === -1) break;
        if (!isInPath) {
          const one = place();
          if (one !== undefined) found.push(one);
          path = Buffer.alloc(0);
          rest = Buffer.alloc(0);
          isTooLong = false;
        }
        isInPath = !isInPath;
      }
      return found;
    },
  };
}
