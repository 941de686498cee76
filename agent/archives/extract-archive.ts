import { randomBytes, randomInt } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { AppError } from '#shared/errors.ts';
import { makeFolder, removeOwnFolder } from '../core/files.ts';
import { listAccounts, logLine, type Machine } from '../core/machine.ts';
import { startProgram, type Program, type ProgramEnd } from '../core/run.ts';
import type { ExtractReport, ExtractRules } from './extract.ts';
import type { ExtractLimits } from './limits.ts';
import { extractorFailed, readAnswer, writePreface, type Listed } from './protocol.ts';
import { sandboxed, stopUnit, withoutNetwork } from './sandbox.ts';
import { withoutXz } from './xz.ts';

export type ExtractRequest = {
  /** The archive: tar, tar.gz, tar.zst or zip, a foreign one also tar.xz where the machine has xz. What breaks it (an error of the stream) is thrown as it is. */
  readonly input: AsyncIterable<Buffer>;
  /** A folder that does not exist yet, in one of the agent's own. */
  readonly into: string;
  readonly mode: ExtractRules['mode'];
  readonly limits: ExtractLimits;
  /** Exactly what an archive of our own must hold, from its verified manifest. */
  readonly expected?: Iterable<Listed>;
  /** By the same rules, but nothing is made: the report says what is in it. The folder goes with the answer. */
  readonly onlyLists?: boolean;
  readonly machine: Pick<Machine, 'settings' | 'isRoot' | 'hasSystemd'>;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
};

// Numbers that neither distributions nor systemd give to anybody (systemd.io/UIDS-GIDS). Each extraction has its own, so
// that two at once cannot reach into each other.
const firstUser = 60_578;
const lastUser = 61_183;
const maxAnswerBytes = 256 * 1024;
const usersInUse = new Set<number>();

/**
 * Unpacks an archive into a new folder, in a process without rights. The folder belongs to a user that nobody is; owners
 * and modes of the content are the caller's to give, from what it trusts. On any error nothing of it remains.
 */
export async function extractArchive(request: ExtractRequest): Promise<ExtractReport> {
  const { into, machine } = request;
  if ((request.mode === 'own') !== (request.expected !== undefined))
    throw new TypeError('a list is expected of our own archives only');
  const user = machine.isRoot ? takeUser() : undefined;
  try {
    makeFolder(into, user === undefined ? { mode: 0o700 } : { mode: 0o700, uid: user, gid: user });
    return await extractHere(request, user);
  } finally {
    if (user !== undefined) usersInUse.delete(user);
  }
}

async function extractHere(request: ExtractRequest, user: number | undefined): Promise<ExtractReport> {
  const { into, machine, signal, timeoutMs } = request;
  const unit = `aapanel-extract-${randomBytes(6).toString('hex')}`;
  try {
    const [program, ...args] = await sandboxed(machine, {
      folder: into,
      args: ['--extract', into, user === undefined ? '-' : String(user)],
      unit,
    });
    const child = startProgram(program, args, {
      stdin: 'pipe',
      ...(signal !== undefined && { signal }),
      ...(timeoutMs !== undefined && { timeoutMs }),
    });
    const [said, broken] = await Promise.all([readUpTo(child, maxAnswerBytes), feed(child, everything(request))]);
    const end = await child.ended;
    if (broken !== undefined) throw broken.error;
    const report = reportOf(end, said);
    if (request.onlyLists === true) removeOwnFolder(into);
    return report;
  } catch (error) {
    await stopUnit(machine, unit);
    removeOwnFolder(into);
    throw error;
  }
}

async function readUpTo({ stdout }: Program, most: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stdout as AsyncIterable<Buffer>) {
    if (length < most) chunks.push(chunk);
    length += chunk.length;
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Gives the extractor the stream until it has enough. Answers what broke the stream itself; then nothing is kept. */
async function feed(child: Program, input: AsyncIterable<Buffer>): Promise<{ readonly error: unknown } | undefined> {
  let broken: { readonly error: unknown } | undefined;
  const watched = async function* (): AsyncGenerator<Buffer> {
    try {
      yield* input;
    } catch (error) {
      broken = { error };
      child.kill();
      throw error;
    }
  };
  // An extractor that ends early breaks the pipe: why it ended is in its answer. A source in the middle of a read is not
  // waited for then: it answers only when there is something to read.
  const ended = child.ended.then(
    () => undefined,
    () => undefined,
  );
  await Promise.race([pipeline(watched, child.stdin).catch(() => undefined), ended]);
  return broken;
}

function reportOf({ code, stderr, isKilled }: ProgramEnd, said: string): ExtractReport {
  if (isKilled)
    throw new AppError('timeout', 'Unpacking the archive was stopped; nothing was kept.', { reason: 'action_timeout' });
  const answer = readAnswer(said);
  if (answer instanceof AppError) throw answer;
  if (answer !== undefined && code === 0) return answer;
  logLine('error', 'the extractor ended early', { code, stderr: stderr.slice(-2000) });
  throw extractorFailed(stderr.slice(-2000));
}

async function* everything(request: ExtractRequest): AsyncGenerator<Buffer> {
  const { mode, limits, expected, onlyLists, input, machine, signal } = request;
  yield* writePreface(mode, limits, expected, onlyLists);
  if (mode === 'own') return yield* input;
  // A user of its own: it must not reach into the extractor either.
  const user = machine.isRoot ? takeUser() : undefined;
  try {
    const before = machine.isRoot ? await withoutNetwork() : [];
    yield* withoutXz(input, { user, before, limits, signal });
  } finally {
    if (user !== undefined) usersInUse.delete(user);
  }
}

function takeUser(): number {
  const taken = new Set([...usersInUse, ...listAccounts().map(({ uid }) => uid)]);
  const free = Array.from({ length: lastUser - firstUser + 1 }, (_, index) => firstUser + index).filter(
    (user) => !taken.has(user),
  );
  // By chance: operations run in processes of their own, which know nothing of each other's.
  const user = free[randomInt(Math.max(free.length, 1))];
  if (user !== undefined) {
    usersInUse.add(user);
    return user;
  }
  throw new AppError('busy', 'Too many archives are being unpacked.', { reason: 'agent_busy' });
}
