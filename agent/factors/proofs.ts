import { AppError } from '#shared/errors.ts';
import type { Proof } from '#shared/factors.ts';
import { ownKey } from '../core/keys.ts';
import type { OwnState } from '../core/machine.ts';
import type { PersonRecord } from '../people/person.ts';
import { registerOf } from '../people/register.ts';
import { beginAttempt } from './limits.ts';
import { checkAssertion, takeAssertion } from './passkeys.ts';
import { hashPassword, isWeakHash, verifyPassword } from '#shared/password-hash.ts';
import { findRecoveryHash, recoveryHash } from './recovery.ts';
import { findStep } from './totp.ts';

/** Everything that is wrong, whatever it is. */
export function wrongCredentials(): AppError {
  return new AppError('not_signed_in', 'This is not right.', { reason: 'wrong_credentials' });
}

type Kind<K extends Proof['kind']> = Extract<Proof, { kind: K }>;

/**
 * Checks one factor and uses it up. `personId` null: nobody has the name, or a passkey says itself whose it is. Throws
 * `not_signed_in` (`wrong_credentials`) for everything wrong, `rate_limited` after too many of that.
 */
export async function prove(
  state: OwnState,
  personId: string | null,
  proof: Proof,
  purpose: 'sign_in' | 'elevate',
  deadlineAt: number,
): Promise<PersonRecord> {
  if (proof.kind === 'passkey') return await provePasskey(state, personId, proof, purpose, deadlineAt);
  const person = personId === null ? undefined : registerOf(state).find(personId);
  if (person === undefined) {
    // The same work as for somebody who is there.
    if (proof.kind === 'password') await verifyPassword(proof.password, undefined);
    throw wrongCredentials();
  }
  const attempt = beginAttempt(state, person, proof.kind === 'password' ? 'password' : 'code');
  const [proven] = await Promise.all([proveSecret(state, person, proof, deadlineAt), attempt.counted]);
  if (proven === undefined) throw wrongCredentials();
  await attempt.takeBack();
  return proven;
}

async function proveSecret(
  state: OwnState,
  person: PersonRecord,
  proof: Exclude<Proof, { kind: 'passkey' }>,
  deadlineAt: number,
): Promise<PersonRecord | undefined> {
  if (proof.kind === 'password') return await provePassword(state, person, proof, deadlineAt);
  if (person.isDisabled) return undefined;
  if (proof.kind === 'totp') return await proveTotp(state, person, proof, deadlineAt);
  return await proveRecovery(state, person, proof, deadlineAt);
}

async function provePassword(
  state: OwnState,
  { id, password, isDisabled }: PersonRecord,
  { password: given }: Kind<'password'>,
  deadlineAt: number,
): Promise<PersonRecord | undefined> {
  const isRight = await verifyPassword(given, password?.hash);
  if (!isRight || password === null || isDisabled) return undefined;
  const register = registerOf(state);
  // Hashing takes a while: what was right meanwhile may be changed.
  const isCurrent = (person: PersonRecord | undefined): person is PersonRecord =>
    person !== undefined && !person.isDisabled && person.password?.hash === password.hash;
  if (isWeakHash(password.hash)) {
    const hash = await hashPassword(given);
    await register.change(deadlineAt, (people) => {
      const person = people.get(id);
      if (isCurrent(person)) person.password = { ...password, hash };
    });
    return register.find(id);
  }
  const person = register.find(id);
  return isCurrent(person) ? person : undefined;
}

async function proveTotp(
  state: OwnState,
  { id, totp }: PersonRecord,
  { code }: Kind<'totp'>,
  deadlineAt: number,
): Promise<PersonRecord | undefined> {
  if (totp === null || findStep(totp.secret, code, state.now(), totp.lastStep) === undefined) return undefined;
  return await registerOf(state).change(deadlineAt, (people) => {
    const person = people.get(id);
    if (person?.totp == null || person.isDisabled) return undefined;
    // Again with what stands there now: of two at once only one gets the code.
    const step = findStep(person.totp.secret, code, state.now(), person.totp.lastStep);
    if (step === undefined) return undefined;
    person.totp.lastStep = step;
    return person;
  });
}

async function proveRecovery(
  state: OwnState,
  { id, recoveryHashes }: PersonRecord,
  { code }: Kind<'recovery'>,
  deadlineAt: number,
): Promise<PersonRecord | undefined> {
  const wanted = recoveryHash(await ownKey(state.stateFolder, 'recovery'), id, code);
  if (findRecoveryHash(recoveryHashes, wanted) === -1) return undefined;
  return await registerOf(state).change(deadlineAt, (people) => {
    const person = people.get(id);
    const index = findRecoveryHash(person?.recoveryHashes ?? [], wanted);
    if (person === undefined || person.isDisabled || index === -1) return undefined;
    person.recoveryHashes.splice(index, 1);
    return person;
  });
}

/** Never limited: a signature cannot be guessed, and this way in must stay open for who is locked out of the others. */
async function provePasskey(
  state: OwnState,
  personId: string | null,
  { assertion }: Kind<'passkey'>,
  purpose: 'sign_in' | 'elevate',
  deadlineAt: number,
): Promise<PersonRecord> {
  const register = registerOf(state);
  const checked = checkAssertion(state, register.all(), assertion, purpose, personId);
  if (checked === undefined) throw wrongCredentials();
  return await register.change(deadlineAt, (people) => {
    const person = people.get(checked.personId);
    if (person === undefined || person.isDisabled || !takeAssertion(people, checked, state.now()))
      throw wrongCredentials();
    return person;
  });
}
