import type { ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { AppError } from '#shared/errors.ts';
import { mostUsageEntries, mostUsageSeconds, type FileUsage } from '#shared/file-usage.ts';
import type { Machine } from '../core/machine.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import type { LongDone, LongWish, WorkState } from './work.ts';
import { askHelper, type Place } from './workers.ts';

/*
 * Long work by its id: it goes on while nobody asks, and what became of it is known for a while. It ends with the agent; what it
 * had made by then is taken away before the next one begins.
 */

type State = NonNullable<ActionResult<AgentActions['files.work_state']>['work']>;
type Kept = { readonly siteId: string; readonly going: Going; ended: State | null; endedAt: number };
/** Work under way. */
export type Going = {
  readonly done: Promise<LongDone>;
  /** null: it ended in this moment. */
  readonly state: () => Promise<WorkState | null>;
  readonly stop: () => Promise<void>;
};

const keptMs = 60 * 60 * 1_000;
const mostKept = 500;
/** At the same time, for one site. */
const mostRunning = 3;

const works = new WeakMap<object, Map<string, Kept>>();

type Beginning = { readonly siteId: string; readonly workId: string; readonly start: () => Going };

/** Begins it, unless it is known already. */
export function beginWork(machine: Machine, { siteId, workId, start }: Beginning): void {
  const all = works.get(machine) ?? new Map<string, Kept>();
  works.set(machine, all);
  if (all.has(workId)) return;
  const running = [...all.values()].filter((each) => each.siteId === siteId && each.ended === null).length;
  if (running >= mostRunning)
    throw new AppError('busy', 'Too much is going on in the files of this site.', {
      reason: 'file_work_many',
      params: { most: mostRunning },
    });
  for (const [id, { ended, endedAt }] of all)
    if (ended !== null && (all.size > mostKept || Date.now() - endedAt > keptMs)) all.delete(id);
  const going = start();
  const kept: Kept = { siteId, going, ended: null, endedAt: 0 };
  all.set(workId, kept);
  const end = (state: State): void => {
    kept.ended = state;
    kept.endedAt = Date.now();
  };
  going.done.then(
    (done) => end({ ...done, state: 'done', failure: null }),
    (error: unknown) => end(failed(error)),
  );
}

/** Work of a process that is the site's own user. */
export function helperWork(
  machine: Machine,
  place: Place,
  wish: { readonly workId: string; readonly by: string; readonly wish: LongWish },
): Going {
  const { workId } = wish;
  const long = { ...place, isLong: true, hasNetwork: wish.wish.kind === 'fetch' };
  return {
    done: askHelper(machine, long, 'work', wish),
    state: async () => await askHelper(machine, long, 'workState', { workId }).catch(() => null),
    stop: async () => void (await askHelper(machine, long, 'workStop', { workId })),
  };
}

/** A walk through a folder that ends when whoever asked has gone. */
export async function measure(
  machine: Machine,
  place: Place,
  path: string,
  signal: AbortSignal | undefined,
): Promise<FileUsage> {
  const long = { ...place, isLong: true };
  const workId = newChangeId();
  const stop = (): void => void askHelper(machine, long, 'workStop', { workId }).catch(() => undefined);
  const limits = { mostSeconds: mostUsageSeconds, mostEntries: mostUsageEntries };
  const walk = askHelper(machine, long, 'usage', { workId, path, ...limits });
  signal?.addEventListener('abort', stop);
  if (signal?.aborted === true) stop();
  try {
    return await walk;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

type Ref = { readonly siteId: string; readonly workId: string };

export async function readWork(machine: Machine, { siteId, workId }: Ref): Promise<State | null> {
  const kept = works.get(machine)?.get(workId);
  if (kept?.siteId !== siteId) return null;
  if (kept.ended !== null) return kept.ended;
  const state = await kept.going.state();
  // It ended in this moment.
  if (kept.ended !== null) return kept.ended;
  return { ...nothing, ...state, state: 'running', failure: null };
}

/** False: nothing is known of it (any more). */
export async function stopWork(machine: Machine, { siteId, workId }: Ref): Promise<boolean> {
  const kept = works.get(machine)?.get(workId);
  if (kept?.siteId !== siteId) return false;
  if (kept.ended !== null) return true;
  await kept.going.stop();
  return true;
}

export function isRunning(machine: Machine, workId: string): boolean {
  return works.get(machine)?.get(workId)?.ended === null;
}

const nothing: LongDone = { files: 0, bytes: 0, allFiles: 0, allBytes: 0, leftOut: 0, leftOutNames: [], paths: [] };

function failed(error: unknown): State {
  const { reason = 'files_failed', params = {} } = error instanceof AppError ? error : {};
  if (reason === 'file_work_stopped') return { ...nothing, state: 'stopped', failure: null };
  return { ...nothing, state: 'failed', failure: { reason, params } };
}
