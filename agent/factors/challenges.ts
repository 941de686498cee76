import { randomBytes } from 'node:crypto';
import type { RelyingParty } from '#shared/factors.ts';
import type { OwnState } from '../core/machine.ts';

/*
 * Challenges that passkeys answer: in memory only, each for one purpose, person and place, for five minutes, once.
 */

export type Purpose = 'sign_in' | 'elevate' | 'register';

export type Challenge = {
  readonly purpose: Purpose;
  /** null: a sign-in that starts with the passkey itself. */
  readonly personId: string | null;
  readonly relyingParty: RelyingParty;
  readonly expiresAt: number;
};

const challengeMs = 5 * 60 * 1000;
/** Of one purpose: strangers who ask for challenges to sign in cannot push out those of people at work. */
const mostPerPurpose = 2_000;

const open = new WeakMap<OwnState, Map<string, Challenge>>();

function challengesOf(state: OwnState): Map<string, Challenge> {
  const known = open.get(state) ?? new Map<string, Challenge>();
  open.set(state, known);
  return known;
}

export function newChallenge(
  state: OwnState,
  purpose: Purpose,
  personId: string | null,
  relyingParty: RelyingParty,
): string {
  const challenges = challengesOf(state);
  dropExpired(state);
  const same = [...challenges].filter(([, each]) => each.purpose === purpose);
  if (same.length >= mostPerPurpose) challenges.delete(same[0]?.[0] ?? '');
  const challenge = randomBytes(32).toString('base64url');
  challenges.set(challenge, { purpose, personId, relyingParty, expiresAt: state.now() + challengeMs });
  return challenge;
}

/** Uses it up, whatever comes of it; undefined when it was never made, is used, has expired or is for something else. */
export function takeChallenge(state: OwnState, challenge: string, purpose: Purpose): Challenge | undefined {
  const challenges = challengesOf(state);
  const found = challenges.get(challenge);
  challenges.delete(challenge);
  if (found === undefined || found.purpose !== purpose || found.expiresAt <= state.now()) return undefined;
  return found;
}

/** While one is open the process must not end: the answer would find nobody who knows the question. */
export function hasOpenChallenge(state: OwnState): boolean {
  dropExpired(state);
  return challengesOf(state).size > 0;
}

function dropExpired(state: OwnState): void {
  const challenges = challengesOf(state);
  const now = state.now();
  // All last for the same time: the oldest come first.
  for (const [challenge, { expiresAt }] of challenges) {
    if (expiresAt > now) return;
    challenges.delete(challenge);
  }
}
