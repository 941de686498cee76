import { keptOutputBytes } from '#shared/cron-work.ts';
import { append, closeFile, openForAppend } from '../core/files.ts';

/** What a run says, in a file that never grows beyond twice `keptOutputBytes`: its beginning, and its end. */
export type CronOutput = {
  add(chunk: Buffer): void;
  /** A line of our own. */
  say(line: string): void;
  readonly totalBytes: number;
  /** Writes the end and says what was left out; answers how many bytes. */
  finish(): number;
};

export function openCronOutput(path: string): CronOutput {
  const fd = openForAppend(path);
  let room = keptOutputBytes;
  let total = 0;
  let tail: Buffer[] = [];
  let tailBytes = 0;
  let dropped = 0;
  const add = (chunk: Buffer): void => {
    total += chunk.length;
    const head = chunk.subarray(0, room);
    if (head.length > 0) append(fd, head);
    room -= head.length;
    const rest = chunk.subarray(head.length);
    if (rest.length === 0) return;
    tail.push(Buffer.from(rest));
    tailBytes += rest.length;
    while (tailBytes > keptOutputBytes) {
      const [first = Buffer.alloc(0), ...others] = tail;
      const over = Math.min(tailBytes - keptOutputBytes, first.length);
      tail = over === first.length ? others : [first.subarray(over), ...others];
      tailBytes -= over;
      dropped += over;
    }
  };
  return {
    add,
    say: (line) => add(Buffer.from(`${line}\n`)),
    get totalBytes() {
      return total;
    },
    finish() {
      if (dropped > 0) append(fd, `\n[… ${dropped} bytes …]\n`);
      for (const piece of tail) append(fd, piece);
      closeFile(fd);
      return dropped;
    },
  };
}
