import { z } from 'zod';
import { AppError } from '#shared/errors.ts';
import { logLine, type OwnState } from '../core/machine.ts';
import { openStateFile } from '../core/state-file.ts';
import type { PersonRecord } from '../people/person.ts';

/*
 * How often somebody may be wrong. A try counts as a failure before it is judged and is taken back when it was right, so
 * that many at once are not judged together. Kept in a file: the agent ends when idle, and guessing must not begin anew.
 */

const windowMs = 5 * 60 * 1000;
const mostInWindow = 10;
/**
 * Six digits, three of them right at any time: ten tries in five minutes would be one chance in 120 on each day. Thirty a
 * day are one in 11,000, and only for somebody who has the password or the web process already.
 */
const dayMs = 24 * 60 * 60 * 1000;
const mostCodesPerDay = 30;

const failure = z.object({ at: z.int(), isCode: z.boolean() });
type Failure = z.infer<typeof failure>;
type Failures = Map<string, Failure[]>;

export type Attempt = {
  /** Counted on the disk too: nothing is answered before. Beside the work, so that it tells nobody by its time. */
  readonly counted: Promise<void>;
  /** It was right: it does not count. */
  takeBack(): Promise<void>;
};

type Limits = { readonly failures: Failures; readonly save: () => Promise<void> };
const open = new WeakMap<OwnState, Limits>();

function limitsOf(state: OwnState): Limits {
  const known = open.get(state);
  if (known !== undefined) return known;
  const file = openStateFile(`${state.stateFolder}/failures.json`, parse);
  const failures: Failures = new Map(file.read());
  const write = async (): Promise<void> => {
    try {
      await file.write(JSON.stringify(Object.fromEntries(failures)));
    } catch (error) {
      // On a full disk it still counts in memory: people must get in to make room.
      logLine('error', 'failed tries could not be written down', { error: String(error) });
    }
  };
  const save = (): Promise<void> => state.locks.hold('failures', Number.POSITIVE_INFINITY, write);
  const limits: Limits = { failures, save };
  open.set(state, limits);
  return limits;
}

/** Throws `rate_limited` (`sign_in_rate_limited`) when too many were wrong. */
export function beginAttempt(
  state: OwnState,
  { id, forgivenAt }: Pick<PersonRecord, 'id' | 'forgivenAt'>,
  kind: 'password' | 'code',
): Attempt {
  const { failures, save } = limitsOf(state);
  const now = state.now();
  const counting = (failures.get(id) ?? []).filter(({ at }) => at > Math.max(forgivenAt, now - dayMs));
  const recent = counting.filter(({ at }) => at > now - windowMs);
  const codes = counting.filter(({ isCode }) => isCode);
  if (recent.length >= mostInWindow) throw tooMany(recent.at(-mostInWindow), windowMs, now);
  if (kind === 'code' && codes.length >= mostCodesPerDay) throw tooMany(codes.at(-mostCodesPerDay), dayMs, now);
  const mine: Failure = { at: now, isCode: kind === 'code' };
  failures.set(id, [...counting, mine]);
  return {
    counted: save(),
    async takeBack() {
      const left = (failures.get(id) ?? []).filter((each) => each !== mine);
      if (left.length > 0) failures.set(id, left);
      else failures.delete(id);
      await save();
    },
  };
}

function tooMany(first: Failure | undefined, lastsMs: number, now: number): AppError {
  const retryAfterSeconds = Math.max(1, Math.ceil(((first?.at ?? now) + lastsMs - now) / 1000));
  return new AppError('rate_limited', 'Too many wrong tries; wait a while.', {
    reason: 'sign_in_rate_limited',
    params: { retryAfterSeconds },
  });
}

function parse(text: string | undefined): Failures {
  if (text === undefined) return new Map();
  try {
    return new Map(Object.entries(z.record(z.string(), z.array(failure)).parse(JSON.parse(text))));
  } catch {
    // Counts only: a damaged file must not keep everybody out.
    logLine('error', 'the list of failed tries cannot be read and begins anew');
    return new Map();
  }
}
