import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import type { PasskeyAssertion, PasskeyRegistration, RelyingParty } from '#shared/factors.ts';
import { AppError } from '#shared/errors.ts';
import type { FakePasskey, FakePerson, FakeRegister } from './register.ts';

const challengeMs = 5 * 60 * 1000;

type Purpose = 'sign_in' | 'elevate' | 'register';
type Challenge = {
  readonly purpose: Purpose;
  readonly personId: string | null;
  readonly relyingParty: RelyingParty;
  readonly expiresAt: number;
};

export type FakePasskeys = {
  challenge(purpose: Purpose, personId: string | null, relyingParty: RelyingParty): string;
  /** Whose assertion it is; undefined when anything about it is wrong. */
  check(assertion: PasskeyAssertion, purpose: Purpose, personId: string | null): FakePerson | undefined;
  /** Throws `invalid_request` (`challenge_void`). */
  register(registration: PasskeyRegistration, personId: string): Omit<FakePasskey, 'name'>;
};

/** Passkeys checked for real, with Node's own cryptography (WebAuthn Level 3, 7.1 and 7.2, the parts that matter). */
export function createFakePasskeys(register: FakeRegister): FakePasskeys {
  const challenges = new Map<string, Challenge>();

  /** Uses the challenge up. */
  function take(clientDataJson: string, type: string, purpose: Purpose): Challenge | undefined {
    const data = parseClientData(clientDataJson);
    const challenge = challenges.get(data?.challenge ?? '');
    if (data === undefined || challenge === undefined) return undefined;
    challenges.delete(data.challenge);
    const isFitting =
      data.type === type &&
      data.origin === challenge.relyingParty.origin &&
      challenge.purpose === purpose &&
      challenge.expiresAt > register.now();
    return isFitting ? challenge : undefined;
  }

  return {
    challenge(purpose, personId, relyingParty) {
      const challenge = randomBytes(32).toString('base64url');
      challenges.set(challenge, { purpose, personId, relyingParty, expiresAt: register.now() + challengeMs });
      return challenge;
    },
    check({ id, response }, purpose, personId) {
      const challenge = take(response.clientDataJSON, 'webauthn.get', purpose);
      if (challenge === undefined || challenge.personId !== personId) return undefined;
      const owner = [...register.people.values()].find(({ passkeys }) => passkeys.some((passkey) => passkey.id === id));
      const passkey = owner?.passkeys.find((known) => known.id === id);
      if (owner === undefined || passkey === undefined) return undefined;
      if (personId !== null && owner.id !== personId) return undefined;
      const { userHandle } = response;
      if (userHandle === null && personId === null) return undefined;
      if (userHandle !== null && Buffer.from(userHandle, 'base64url').toString('utf8') !== owner.id) return undefined;
      const data = Buffer.from(response.authenticatorData, 'base64url');
      if (!isFor(data, challenge.relyingParty.id) || passkey.rpId !== challenge.relyingParty.id) return undefined;
      const clientHash = createHash('sha256').update(Buffer.from(response.clientDataJSON, 'base64url')).digest();
      const key = createPublicKey({ key: Buffer.from(passkey.publicKey, 'base64url'), format: 'der', type: 'spki' });
      const signed = Buffer.concat([data, clientHash]);
      const algorithm = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
      if (!verify(algorithm, signed, key, Buffer.from(response.signature, 'base64url'))) return undefined;
      const signCount = data.readUInt32BE(33);
      if (signCount !== 0 && signCount <= passkey.signCount) return undefined;
      passkey.signCount = signCount;
      passkey.lastUsedAt = register.now();
      return owner;
    },
    register({ id, response }, personId) {
      const challenge = take(response.clientDataJSON, 'webauthn.create', 'register');
      const data = Buffer.from(response.authenticatorData, 'base64url');
      if (challenge === undefined || challenge.personId !== personId || !isFor(data, challenge.relyingParty.id)) {
        throw new AppError('invalid_request', 'This challenge was used or has expired.', { reason: 'challenge_void' });
      }
      return {
        id,
        rpId: challenge.relyingParty.id,
        publicKey: response.publicKey,
        signCount: data.readUInt32BE(33),
        addedAt: register.now(),
        lastUsedAt: null,
      };
    },
  };
}

/** Hash of the place, user present (bit 0) and verified (bit 2). */
function isFor(authenticatorData: Buffer, rpId: string): boolean {
  const hash = createHash('sha256').update(rpId).digest();
  return authenticatorData.subarray(0, 32).equals(hash) && ((authenticatorData[32] ?? 0) & 0b101) === 0b101;
}

function parseClientData(text: string): { type: string; challenge: string; origin: string } | undefined {
  try {
    const data = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Record<string, unknown> | null;
    const { type, challenge, origin } = data ?? {};
    if (typeof type !== 'string' || typeof challenge !== 'string' || typeof origin !== 'string') return undefined;
    return { type, challenge, origin };
  } catch {
    return undefined;
  }
}
