import { pipeline, type Readable } from 'node:stream';
import { run, type Program } from '../../core/run.ts';
import type { BackupWork, Dump } from '../work.ts';
import { clientFailure, databaseMissing, dumpFailed } from './dump-errors.ts';
import { DumpScanner } from './dump-scanner.ts';
import type { DumpReader } from './scanner-facts.ts';

/** Facts of a database that its dump does not hold, as the first line: a comment for every client. */
const headMark = '-- aapanel ';

export function headLine(head: object): string {
  // JSON has no line ends of its own.
  return `${headMark}${JSON.stringify(head)}\n`;
}

/** undefined when the first line is none of ours. */
export function parseHead(line: string): unknown {
  if (!line.startsWith(headMark)) return undefined;
  try {
    return JSON.parse(line.slice(headMark.length));
  } catch {
    return undefined;
  }
}

/** Without any progress for so long, the tool is given up. */
export const silenceMs = 300_000;

/** Turns a running dump tool into a `Dump`. The stream ends only when the tool ended well and wrote its last line. */
export function streamDump(
  work: Pick<BackupWork, 'signal'>,
  given: {
    readonly database: string;
    readonly child: Program;
    readonly head: object;
    readonly reader: DumpReader;
    readonly serverVersion: string;
    readonly toolVersion: string;
    readonly release: () => void;
    /** Whether the database is still there; asked when the tool failed. */
    readonly isThere: () => Promise<boolean>;
    readonly silenceMs?: number;
  },
): Dump {
  const { database, child } = given;
  const facts = Promise.withResolvers<Awaited<Dump['facts']>>();
  // The stream tells first; whoever asks later still gets the reason.
  facts.promise.catch(() => undefined);
  let isSilent = false;
  const scanner = new DumpScanner(given.reader, async (isComplete) => {
    const { code, stderr, isKilled } = await child.ended;
    work.signal.throwIfAborted();
    if (isSilent) throw dumpFailed(database, new Error('the tool made no progress'));
    if (code !== 0 || isKilled) throw await failureOf(stderr);
    if (!isComplete) throw dumpFailed(database, new Error('the dump has no last line'));
  });
  const failureOf = async (stderr: string): Promise<Error> => {
    const isThere = await given.isThere().catch(() => true);
    return isThere ? clientFailure(database, stderr) : databaseMissing(database, new Error(stderr.slice(-2000)));
  };
  scanner.write(headLine(given.head));
  const limit = given.silenceMs ?? silenceMs;
  const watch = setInterval(
    () => {
      if (scanner.silentMs < limit) return;
      isSilent = true;
      child.kill();
    },
    Math.max(50, limit / 20),
  );
  const onAbort = (): void => void scanner.destroy(abortReason(work.signal));
  work.signal.addEventListener('abort', onAbort, { once: true });
  pipeline(child.stdout, scanner, (error) => {
    clearInterval(watch);
    work.signal.removeEventListener('abort', onAbort);
    if (error != null) child.kill();
    void child.ended.then(
      () => given.release(),
      () => given.release(),
    );
    if (error != null) facts.reject(dumpFailed(database, error));
    else
      facts.resolve({
        ...scanner.facts(),
        serverVersion: given.serverVersion.slice(0, 200),
        toolVersion: given.toolVersion.slice(0, 200),
      });
  });
  return { fileName: 'dump.sql', stream: scanner, facts: facts.promise };
}

function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('stopped');
}

/** First line of `--version`. */
export async function toolVersion(program: string): Promise<string> {
  const { stdout } = await run(program, ['--version'], { timeoutMs: 10_000 });
  return stdout.split('\n')[0]?.trim() ?? '';
}

/** Reads a stream to its end and drops it. */
export async function readAll(stream: Readable): Promise<void> {
  for await (const _ of stream);
}
