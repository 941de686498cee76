import { timingSafeEqual } from 'node:crypto';
import type { ActionParams } from '#shared/agent/action.ts';
import { elevationMs } from '#shared/agent/people.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { AppError } from '#shared/errors.ts';
import { sha256 } from '../core/files.ts';
import { ownKey } from '../core/keys.ts';
import type { OwnState } from '../core/machine.ts';
import { prove, wrongCredentials } from '../factors/proofs.ts';
import { secondKinds, type PersonRecord } from '../people/person.ts';
import { getActor, registerOf } from '../people/register.ts';
import { sign, unsign } from './signatures.ts';

/*
 * Elevation: this person, in this session, has just proven who they are. A signed statement; nothing of it is kept here, so
 * it outlives the agent's idle exit. It is void with the next change of the person's factors or rights.
 */

const use = 'aapanel elevation 1';
/** What a token stands for is asked anew all the time: nobody has to type anything. */
const tokenElevationMs = 60 * 1000;

type Elevation = {
  readonly person: string;
  readonly session: string;
  readonly version: string;
  readonly until: number;
  /** The API token that it was opened with; it can do what the token may. */
  readonly token: string | null;
};

type OpenParams = ActionParams<AgentActions['elevation.open']>;
type Opened = { readonly elevation: string; readonly expiresAt: string };

export async function openElevation(
  state: OwnState,
  personId: string,
  { sessionId, proof }: OpenParams,
  deadlineAt: number,
): Promise<Opened> {
  const actor = getActor(registerOf(state).all(), personId);
  if (proof.kind === 'token') {
    const token = findToken(actor, proof.token, state.now());
    if (token === undefined) throw wrongCredentials();
    const until = Math.min(state.now() + tokenElevationMs, token.expiresAt);
    return await statement(state, actor, { session: sessionId, until, token: token.id });
  }
  if (proof.kind === 'password' && secondKinds(actor).length > 0)
    throw new AppError('not_allowed', 'A password is not enough for this person.', {
      reason: 'stronger_factor_needed',
    });
  const person = await prove(state, personId, proof, 'elevate', deadlineAt);
  // They added one while the password was hashed.
  if (proof.kind === 'password' && secondKinds(person).length > 0) throw wrongCredentials();
  return await statement(state, person, { session: sessionId, until: state.now() + elevationMs, token: null });
}

function findToken({ tokens }: PersonRecord, given: string, now: number) {
  const hash = Buffer.from(sha256(given));
  return tokens.find((token) => token.expiresAt > now && timingSafeEqual(Buffer.from(token.hash), hash));
}

async function statement(
  state: OwnState,
  { id, version }: PersonRecord,
  { session, until, token }: Pick<Elevation, 'session' | 'until' | 'token'>,
): Promise<Opened> {
  const facts: Elevation = { person: id, session, version, until, token };
  const key = await ownKey(state.stateFolder, 'elevation');
  return { elevation: sign(key, use, facts), expiresAt: new Date(until).toISOString() };
}

/** Throws `elevation_required` (`elevation_void`) unless it is this person's, in this session, and still true. */
export async function checkElevation(
  state: OwnState,
  person: PersonRecord,
  session: string,
  signed: string,
): Promise<{ readonly token: PersonRecord['tokens'][number] | null }> {
  const key = await ownKey(state.stateFolder, 'elevation');
  const facts = unsign(key, use, signed) as Elevation | undefined;
  const now = state.now();
  const token = person.tokens.find(({ id, expiresAt }) => id === facts?.token && expiresAt > now) ?? null;
  const isTrue =
    facts !== undefined &&
    facts.person === person.id &&
    facts.session === session &&
    facts.version === person.version &&
    facts.until > now &&
    (facts.token === null || token !== null);
  if (!isTrue) throw new AppError('elevation_required', 'A fresh factor is needed.', { reason: 'elevation_void' });
  return { token };
}
