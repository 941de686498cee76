import { closeSync, fstatSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { AppError } from '#shared/errors.ts';
import type { AccountFacts } from '#shared/machine-accounts.ts';
import { become } from '../core/become.ts';
import { setAccessOf } from '../core/below.ts';
import { errnoOf, openFolder } from '../core/files.ts';
import { findProgram, run } from '../core/run.ts';
import { nameFault } from '../core/transaction.ts';
import { changeKeys, keysIn, readKeys } from './authorized-keys.ts';

/*
 * The process that looks at the home of one user of the machine, outside the sandbox of the agent, which does not see homes.
 * It reads one wish from its input and answers on its output. The way to the home is opened as root without following a
 * link; for the keys it becomes the user first.
 */

type Keys = AccountFacts['keys'];
type Place = { readonly path: string; readonly uid: number; readonly gid: number };
export type Looked = Pick<AccountFacts, 'home' | 'keys' | 'otherKeyLines'>;
export type Access = { readonly uid: number; readonly gid: number; readonly mode: number };

/** Each verb with what it is told and what it answers. */
export type HomeWork = {
  readonly look: (place: Place) => Promise<Looked>;
  readonly keys: (place: Place & { add: Keys; remove: readonly string[] }) => { before: Keys; keys: Keys };
  /** Gives a home to root alone, so that no later user of the same number owns it; null when there is none of the user's. */
  readonly retire: (place: Place) => Access | null;
  readonly giveBack: (place: Place & { access: Access }) => null;
};

export type HomeWish = { readonly verb: keyof HomeWork; readonly wish: unknown };
export type HomeAnswer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: Pick<AppError, 'code' | 'message' | 'reason' | 'params'> };

const countMs = 12_000;

export const homeWork: HomeWork = {
  async look(place) {
    const home = await lookAtHome(place);
    if (home.state !== 'folder') return { home, keys: [], otherKeyLines: 0 };
    try {
      return { home, ...asUser(place, (folder) => keysIn(readKeys(folder, place.uid))) };
    } catch (error) {
      if (error instanceof AppError && error.reason === 'account_keys_unsafe')
        return { home: { ...home, state: 'other' }, keys: [], otherKeyLines: 0 };
      throw error;
    }
  },
  keys: ({ add, remove, ...place }) => asUser(place, (folder) => changeKeys(folder, place.uid, add, remove)),
  retire(place) {
    const folder = openOwn(place);
    if (typeof folder === 'string') return null;
    try {
      const { uid, gid, mode } = fstatSync(folder);
      setAccessOf(folder, { uid: 0, gid: 0 }, 0o700);
      return { uid, gid, mode: mode & 0o7777 };
    } finally {
      closeSync(folder);
    }
  },
  giveBack({ path, access: { uid, gid, mode } }) {
    const folder = openFolder(path);
    try {
      if (fstatSync(folder).uid === 0) setAccessOf(folder, { uid, gid }, mode);
      return null;
    } finally {
      closeSync(folder);
    }
  },
};

async function lookAtHome(place: Place): Promise<Looked['home']> {
  const folder = openOwn(place);
  if (typeof folder === 'string') return { state: folder, sizeBytes: null };
  closeSync(folder);
  const du = findProgram('du');
  if (du === undefined) return { state: 'folder', sizeBytes: null };
  const { code, stdout } = await run(du, ['-sxk', '--', place.path], { timeoutMs: countMs });
  const kib = /^\d+/.exec(stdout)?.[0];
  return { state: 'folder', sizeBytes: code === null || kib === undefined ? null : Number(kib) * 1_024 };
}

/** The home itself, when it is a folder that belongs to the user. */
function openOwn({ path, uid }: Place): number | 'missing' | 'other' {
  let folder: number;
  try {
    folder = openFolder(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return 'missing';
    if (error instanceof AppError || ['ENOTDIR', 'ELOOP'].includes(errnoOf(error))) return 'other';
    throw error;
  }
  if (fstatSync(folder).uid === uid) return folder;
  closeSync(folder);
  return 'other';
}

function asUser<T>(place: Place, work: (folder: number) => T): T {
  const folder = openOwn(place);
  if (typeof folder === 'string')
    throw new AppError('not_allowed', 'The home is not the user’s own folder.', { reason: 'account_home_unfit' });
  try {
    if (process.getuid?.() === 0) become(place.uid, [place.gid]);
    process.umask(0o077);
    return work(folder);
  } finally {
    closeSync(folder);
  }
}

/** Nothing is loaded after the rights were given up. */
export async function runHomeWorker(): Promise<void> {
  process.stdout.write(`${JSON.stringify(await answer(await text(process.stdin)))}\n`);
}

async function answer(line: string): Promise<HomeAnswer> {
  try {
    const { verb, wish } = JSON.parse(line) as HomeWish;
    // One function per verb, each with its own types: the agent's side has checked them.
    const act = homeWork[verb] as (wish: unknown) => unknown;
    return { ok: true, result: await act(wish) };
  } catch (error) {
    const named = nameFault(error);
    const known =
      named instanceof AppError
        ? named
        : new AppError('internal', 'The home could not be worked on.', {
            reason: 'account_home_failed',
            params: { message: error instanceof Error ? error.message.slice(0, 300) : '' },
          });
    const { code, message, reason, params } = known;
    return { ok: false, error: { code, message, reason, params } };
  }
}
