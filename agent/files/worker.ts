import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { AppError } from '#shared/errors.ts';
import { become } from '../core/become.ts';
import { createFolderWork, type FolderWork } from './folder-work.ts';
import { createTransferWork, type TransferWork } from './transfer-work.ts';
import { createLongWork, type LongWork } from './work.ts';

/*
 * The process that works on the files of one site: it is given a handle on the site's folder as descriptor 3, becomes the
 * site's Linux user as its first act, and then answers one line of JSON for each it reads. Bytes of files take the ways that
 * come after that descriptor. It ends with its input.
 */

export type Work = FolderWork & TransferWork & LongWork;

export type Question = { readonly id: number; readonly verb: keyof Work; readonly wish: unknown };
export type Answer =
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  | { readonly id: number; readonly ok: false; readonly error: Told };
type Told = Pick<AppError, 'code' | 'message' | 'reason' | 'params'>;

const rootFd = 3;
/** Transfers at once; who comes after waits. */
export const wayCount = 8;

/** `args`: numbers of the user and the groups to become (its own first, then at most one besides); `-` to stay who it is. */
export async function runFilesHelper(args: readonly string[]): Promise<void> {
  const [uid, gids] = args;
  if (uid === undefined || gids === undefined || args.length !== 2) throw new Error('usage: UID GID[,GID]');
  if (uid !== '-') become(Number(uid), gids.split(',').map(Number));
  process.umask(0o022);
  const ways = new Map<number, Socket>();
  const wayOf = (number: number): Socket => {
    const present = ways.get(number);
    if (present !== undefined) return present;
    const way = new Socket({ fd: rootFd + 1 + number, readable: true, writable: true });
    // Whoever sends or reads on it sees that it is gone.
    way.on('error', () => undefined);
    ways.set(number, way);
    return way;
  };
  const work: Work = {
    ...createFolderWork(rootFd),
    ...createTransferWork(rootFd, wayOf),
    ...createLongWork(rootFd),
  };
  // Not waited for: a long copy must not hold up the look at a folder.
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    const question = questionOf(line);
    if (question !== undefined)
      void answer(work, question).then((told) => process.stdout.write(`${JSON.stringify(told)}\n`));
  }
  for (const way of ways.values()) way.destroy();
  await work.workEnd();
}

/** Half a line is what an agent that was killed leaves. */
function questionOf(line: string): Question | undefined {
  try {
    return JSON.parse(line) as Question;
  } catch {
    return undefined;
  }
}

async function answer(work: Work, { id, verb, wish }: Question): Promise<Answer> {
  try {
    // One function per verb, each with its own types: the agent's side has checked them.
    const act = work[verb] as (wish: unknown) => Promise<unknown>;
    return { id, ok: true, result: await act(wish) };
  } catch (error) {
    const known =
      error instanceof AppError
        ? error
        : new AppError('internal', error instanceof Error ? error.message : String(error), { reason: 'files_failed' });
    const { code, message, reason, params } = known;
    return { id, ok: false, error: { code, message, reason, params } };
  }
}
