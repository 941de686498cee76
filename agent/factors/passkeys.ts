import { AppError } from '#shared/errors.ts';
import { maxPasskeys, type PasskeyAssertion, type PasskeyRegistration, type RelyingParty } from '#shared/factors.ts';
import type { OwnState } from '../core/machine.ts';
import type { PasskeyRecord, PersonRecord } from '../people/person.ts';
import type { People } from '../people/register.ts';
import { takeChallenge, type Challenge, type Purpose } from './challenges.ts';
import {
  importKey,
  isKeyOf,
  isSignatureRight,
  readAuthenticatorData,
  readClientData,
  sha256Of,
  type AuthenticatorData,
} from './webauthn.ts';

/** Throws `not_allowed` (`passkey_place`): the place must be the page's own host name, over HTTPS or on this machine. */
export function checkPlace({ id, origin }: RelyingParty): void {
  const url = URL.parse(origin);
  const isHere = url !== null && url.origin === origin && url.hostname === id;
  const isSecure = url?.protocol === 'https:' || id === 'localhost';
  if (!isHere || !isSecure)
    throw new AppError('not_allowed', 'Passkeys need a host name over HTTPS.', { reason: 'passkey_place' });
}

/** What the challenge says of an answer; undefined when the answer is to another question. */
function takeAnswered(state: OwnState, clientDataJson: string, purpose: Purpose): Challenge | undefined {
  const data = readClientData(clientDataJson);
  if (data === undefined) return undefined;
  // Used up first: a wrong answer costs the question.
  const challenge = takeChallenge(state, data.challenge, purpose);
  const type = purpose === 'register' ? 'webauthn.create' : 'webauthn.get';
  const isOurs =
    data.type === type &&
    data.origin === challenge?.relyingParty.origin &&
    data.crossOrigin !== true &&
    data.topOrigin === undefined;
  return isOurs ? challenge : undefined;
}

/** 7.1 and 7.2: the place, presence and verification of the person. */
function isFor(data: AuthenticatorData, { relyingParty }: Challenge): boolean {
  return data.rpIdHash.equals(sha256Of(relyingParty.id)) && data.isUserPresent && data.isUserVerified;
}

export type CheckedAssertion = {
  readonly personId: string;
  readonly passkeyId: string;
  readonly signCount: number;
};

/**
 * WebAuthn 7.2 Verifying an Authentication Assertion. undefined when anything is wrong; `personId` null: whoever the
 * passkey belongs to. What is right must still be taken with `takeAssertion`.
 */
export function checkAssertion(
  state: OwnState,
  people: ReadonlyMap<string, PersonRecord>,
  { id, response }: PasskeyAssertion,
  purpose: 'sign_in' | 'elevate',
  personId: string | null,
): CheckedAssertion | undefined {
  const challenge = takeAnswered(state, response.clientDataJSON, purpose);
  if (challenge === undefined || challenge.personId !== personId) return undefined;
  const owner = [...people.values()].find(({ passkeys }) => passkeys.some((passkey) => passkey.id === id));
  const passkey = owner?.passkeys.find((each) => each.id === id);
  // Steps 5 and 6: the credential is the person's own.
  if (owner === undefined || passkey === undefined || (personId !== null && owner.id !== personId)) return undefined;
  const { userHandle } = response;
  if (personId === null && userHandle === null) return undefined;
  if (userHandle !== null && Buffer.from(userHandle, 'base64url').toString('utf8') !== owner.id) return undefined;
  const bytes = Buffer.from(response.authenticatorData, 'base64url');
  const data = readAuthenticatorData(bytes);
  if (data === undefined || !isFor(data, challenge) || passkey.rpId !== challenge.relyingParty.id) return undefined;
  const key = importKey(Buffer.from(passkey.publicKey, 'base64url'), passkey.algorithm);
  const clientData = Buffer.from(response.clientDataJSON, 'base64url');
  const signature = Buffer.from(response.signature, 'base64url');
  if (key === undefined || !isSignatureRight(key, passkey.algorithm, bytes, clientData, signature)) return undefined;
  return { personId: owner.id, passkeyId: id, signCount: data.signCount };
}

/** Step 22, inside a change of the register: a counter that does not rise is a copy's. False: refused. */
export function takeAssertion(
  people: People,
  { personId, passkeyId, signCount }: CheckedAssertion,
  now: number,
): boolean {
  const passkey = people.get(personId)?.passkeys.find(({ id }) => id === passkeyId);
  if (passkey === undefined) return false;
  const isCounting = signCount > 0 || passkey.signCount > 0;
  if (isCounting && signCount <= passkey.signCount) return false;
  passkey.signCount = signCount;
  passkey.lastUsedAt = now;
  return true;
}

/**
 * WebAuthn 7.1 Registering a New Credential, without attestation: any authenticator is welcome. Throws `invalid_request`
 * (`challenge_void`, or the field `registration`).
 */
export function checkRegistration(
  state: OwnState,
  { id, response }: PasskeyRegistration,
  personId: string,
): Omit<PasskeyRecord, 'name'> {
  const challenge = takeAnswered(state, response.clientDataJSON, 'register');
  if (challenge === undefined || challenge.personId !== personId)
    throw new AppError('invalid_request', 'This challenge was used or has expired.', { reason: 'challenge_void' });
  const invalid = new AppError('invalid_request', 'This is no passkey for here.', {
    fields: [{ field: 'registration', code: 'invalid' }],
  });
  const bytes = Buffer.from(response.authenticatorData, 'base64url');
  const data = readAuthenticatorData(bytes);
  if (data?.attested === undefined || !isFor(data, challenge)) throw invalid;
  if (!data.attested.credentialId.equals(Buffer.from(id, 'base64url'))) throw invalid;
  // The parts that browsers give for convenience must be those that the authenticator made.
  if (!Buffer.from(response.attestationObject, 'base64url').includes(bytes)) throw invalid;
  const key = importKey(Buffer.from(response.publicKey, 'base64url'), response.publicKeyAlgorithm);
  if (key === undefined || !isKeyOf(key, data.attested.coseKey)) throw invalid;
  return {
    id,
    rpId: challenge.relyingParty.id,
    publicKey: response.publicKey,
    algorithm: response.publicKeyAlgorithm,
    signCount: data.signCount,
    addedAt: state.now(),
    lastUsedAt: null,
  };
}

/** Step 26 and the limit, inside a change of the register. Throws `passkey_known`, `passkey_limit`. */
export function addPasskey(people: People, person: PersonRecord, passkey: PasskeyRecord): void {
  for (const { passkeys } of people.values())
    if (passkeys.some(({ id }) => id === passkey.id))
      throw new AppError('already_exists', 'This passkey is known.', { reason: 'passkey_known' });
  if (person.passkeys.length >= maxPasskeys)
    throw new AppError('not_allowed', 'There are too many passkeys.', { reason: 'passkey_limit' });
  person.passkeys.push(passkey);
}
