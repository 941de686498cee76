import { AppError } from '#shared/errors.ts';
import { bootId } from './boot.ts';
import { openContentStore } from './content.ts';
import { errnoOf, makeFolders, Unsynced } from './files.ts';
import { openJournal, type JournalRecord } from './journal.ts';
import type { FileDiff } from './diff.ts';
import { applyStep, cleanStep, diffsOf, neededSums, planSteps, takeStepBack, type Step, type Want } from './steps.ts';

/*
 * validate → apply → activate → probe → commit. Whatever ends the process in between, the journal holds every step with
 * the state before it, on the disk before the first write: the next start puts the old state back. Only the commit
 * record makes the new state the one that stays.
 *
 * Where the time goes: the begin record reaches the disk while the real tool validates the candidate; the new files
 * reach it while the program loads them. A power cut before that loses nothing, since then the old state comes back.
 */

export type Change = {
  readonly changeId: string;
  readonly action: string;
  readonly actor: string;
  readonly wants: readonly Want[];
  /** Asks the real tool about the candidate; throws to refuse. Nothing has been written yet. */
  readonly validate?: () => Promise<void>;
  /** Makes the running program take up what the files say. Called again after going back, when it was called before. */
  readonly activate?: () => Promise<void>;
  /** Throws unless the new state works. */
  readonly probe?: () => Promise<void>;
  /** Small facts kept with the outcome, for answering a repeated request. */
  readonly facts?: () => Readonly<Record<string, unknown>>;
};

export type Outcome = {
  readonly state: 'committed' | 'rolled_back';
  readonly action: string;
  readonly files: FileDiff[];
  readonly facts: Readonly<Record<string, unknown>>;
};

export type Recovered = { readonly changeId: string; readonly outcome: 'committed' | 'rolled_back' | 'stuck' };

export type Engine = {
  run(change: Change): Promise<Outcome>;
  /** How a change ended; `open` while it is under way or cannot be taken back. */
  find(changeId: string): Outcome | 'open' | undefined;
  /** Puts back what a crash left open; `takeUp` makes the programs load it, before the journal says that all is done. */
  recover(takeUp?: () => Promise<void>): Promise<Recovered[]>;
  /** Keeps journal and contents within their bounds. */
  tidy(): Promise<void>;
  close(): void;
};

/** For tests: called at every named point. */
export type Checkpoint = (point: string) => void | Promise<void>;

const bounds = { maxChanges: 20_000, maxBytes: 48 * 1024 * 1024 };
const contentBounds = { maxBytes: 128 * 1024 * 1024, maxFiles: 40_000 };

export function openEngine(stateFolder: string, checkpoint: Checkpoint = () => undefined): Engine {
  makeFolders(stateFolder);
  const journal = openJournal(`${stateFolder}/journal.log`);
  const contents = openContentStore(`${stateFolder}/content`);
  /** Open changes that this process itself is carrying out. */
  const underWay = new Set<string>();

  async function run(change: Change): Promise<Outcome> {
    await settleEarlier();
    const { changeId, action, actor } = change;
    const kept = new Unsynced();
    underWay.add(changeId);
    try {
      const steps = planSteps(change.wants, contents, kept);
      const begin: JournalRecord = { type: 'begin', changeId, action, actor, at: Date.now(), boot: bootId(), steps };
      if (steps.length === 0) return await end(begin, 'committed', [], change.facts?.());
      await together(begun(begin, kept), change.validate?.() ?? Promise.resolve(), () => end(begin, 'rolled_back', []));
      await checkpoint('begun');
      return await carryOut(change, steps, begin);
    } catch (error) {
      throw nameFault(error);
    } finally {
      underWay.delete(changeId);
    }
  }

  async function begun(begin: JournalRecord, kept: Unsynced): Promise<void> {
    // Both reach the disk at once; neither is of use without the other.
    await Promise.all([kept.flush(), journal.append(begin)]);
  }

  /** Waits for both. When one failed the change is over before anything was written. */
  async function together(
    record: Promise<void>,
    validation: Promise<void>,
    undo: () => Promise<unknown>,
  ): Promise<void> {
    const [recorded, validated] = await Promise.allSettled([record, validation]);
    if (recorded.status === 'fulfilled' && validated.status === 'fulfilled') return;
    await undo().catch(() => undefined);
    throw validated.status === 'rejected' ? validated.reason : (recorded as PromiseRejectedResult).reason;
  }

  async function carryOut(change: Change, steps: readonly Step[], begin: JournalRecord): Promise<Outcome> {
    const unsynced = new Unsynced();
    const { changeId } = change;
    let isActivated = false;
    try {
      for (const [index, step] of steps.entries()) {
        applyStep(step, changeId, contents, unsynced);
        await checkpoint(`applied ${index + 1}/${steps.length}`);
      }
      isActivated = change.activate !== undefined;
      await change.activate?.();
      await checkpoint('activated');
      const [flushed, probed] = await Promise.allSettled([unsynced.flush(), change.probe?.() ?? Promise.resolve()]);
      if (probed.status === 'rejected') throw probed.reason;
      if (flushed.status === 'rejected') throw flushed.reason;
      await checkpoint('probed');
      const outcome = await end(begin, 'committed', diffsOf(steps, contents), change.facts?.());
      await checkpoint('committed');
      for (const step of steps) cleanStep(step, changeId);
      return outcome;
    } catch (error) {
      await unsynced.flush().catch(() => undefined);
      if (journal.last(changeId)?.type === 'committed') throw error;
      await goBack(change, begin, isActivated, error);
      throw error;
    }
  }

  async function goBack(change: Change, begin: JournalRecord, isActivated: boolean, why: unknown): Promise<void> {
    try {
      await takeBackAll(begin);
      await checkpoint('taken back');
      if (isActivated) await change.activate?.();
    } catch (error) {
      throw new AppError('internal', 'The change failed and the old state could not be put back completely.', {
        reason: 'rollback_failed',
        params: { changeId: change.changeId },
        cause: new AggregateError([why, error]),
      });
    }
    // The old state is back. On a disk that takes no more lines the change stays open, and is settled before the next.
    await end(begin, 'rolled_back', []).catch(() => undefined);
  }

  async function takeBackAll(begin: JournalRecord): Promise<void> {
    const { changeId } = begin;
    const mayBeTorn = begin['boot'] !== bootId();
    const unsynced = new Unsynced();
    const failures: unknown[] = [];
    for (const step of stepsOf(begin).toReversed()) {
      try {
        takeStepBack(step, changeId, contents, unsynced, mayBeTorn);
      } catch (error) {
        // The others are put back all the same.
        failures.push(error);
      }
    }
    await unsynced.flush();
    if (failures.length > 0) throw new AggregateError(failures, 'some steps could not be taken back');
  }

  async function end(
    begin: JournalRecord,
    type: Outcome['state'],
    files: FileDiff[],
    facts: Readonly<Record<string, unknown>> = {},
  ): Promise<Outcome> {
    const { changeId, action, actor } = begin;
    const wasOpen = journal.last(changeId)?.type === 'begin';
    const record = { type, changeId, action, actor, at: Date.now(), files, facts, steps: placesOf(begin) };
    // Nothing was written: losing this line only means that going back is tried once more, and finds nothing to do.
    await journal.append(record, { isLazy: type === 'rolled_back' && !wasOpen });
    return { state: type, action: String(action), files, facts };
  }

  /** An earlier change whose going back failed must be settled before its files are touched again. */
  async function settleEarlier(): Promise<void> {
    const open = journal.withLast('begin').filter(({ changeId }) => !underWay.has(changeId));
    for (const begin of open.toReversed()) {
      try {
        await takeBackAll(begin);
        await end(begin, 'rolled_back', []);
      } catch (error) {
        throw new AppError('busy', 'An earlier change could not be taken back yet.', {
          reason: 'earlier_change_stuck',
          params: { changeId: begin.changeId },
          cause: error,
        });
      }
    }
  }

  return {
    run,
    find(changeId) {
      const record = journal.last(changeId);
      if (record === undefined) return undefined;
      return record.type === 'begin' ? 'open' : outcomeOf(record);
    },
    async recover(takeUp) {
      const recovered: Recovered[] = [];
      const back: JournalRecord[] = [];
      for (const begin of journal.withLast('begin').toReversed()) {
        const { changeId } = begin;
        try {
          await takeBackAll(begin);
          back.push(begin);
        } catch {
          recovered.push({ changeId, outcome: 'stuck' });
        }
      }
      if (back.length > 0) await takeUp?.();
      for (const begin of back) {
        await end(begin, 'rolled_back', []);
        recovered.push({ changeId: begin.changeId, outcome: 'rolled_back' });
      }
      // A crash right after the commit leaves names beside the files; only the newest change can have some.
      const newest = journal.newest();
      if (newest?.type === 'committed') for (const step of stepsOf(newest)) cleanStep(step, newest.changeId);
      return recovered;
    },
    async tidy() {
      if (underWay.size > 0) return;
      const open = journal.withLast('begin');
      await journal.compact(bounds, ({ type }) => type === 'begin');
      contents.prune(contentBounds, new Set(open.flatMap((begin) => neededSums(stepsOf(begin)))));
    },
    close: () => journal.close(),
  };
}

function stepsOf(record: JournalRecord): readonly Step[] {
  return (record['steps'] as readonly Step[] | undefined) ?? [];
}

/** The end record keeps only where files were put: what cleaning up after it needs. */
function placesOf(begin: JournalRecord): readonly { kind: 'put'; path: string }[] {
  return stepsOf(begin).flatMap((step) => (step.kind === 'put' ? [{ kind: 'put' as const, path: step.path }] : []));
}

function outcomeOf(record: JournalRecord): Outcome {
  return {
    state: record.type === 'committed' ? 'committed' : 'rolled_back',
    action: String(record['action']),
    files: record['files'] as FileDiff[],
    facts: (record['facts'] as Readonly<Record<string, unknown>> | undefined) ?? {},
  };
}

/** Gives the usual faults of a machine a name that people can act on. */
export function nameFault(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const code = errnoOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new AppError('internal', 'The disk is full; nothing was changed.', { reason: 'disk_full', cause: error });
  if (code === 'EROFS')
    return new AppError('internal', 'The file system is read-only; nothing was changed.', {
      reason: 'read_only_file_system',
      cause: error,
    });
  if (code === 'EXDEV')
    return new AppError('internal', 'The recycle bin lies on another file system; nothing was changed.', {
      reason: 'other_file_system',
      cause: error,
    });
  return error;
}
