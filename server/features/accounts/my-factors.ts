import { randomBytes } from 'node:crypto';
import type { ActionParamsInput } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { Factors } from '#shared/accounts.ts';
import { AppError } from '#shared/errors.ts';
import type { PasskeyRegistration, Proof, RelyingParty } from '#shared/factors.ts';
import type { Context } from '../../context.ts';
import type { Actor } from '../../core/actor.ts';
import { panelActor } from '../../core/agent-client.ts';
import { newId } from '../../core/id.ts';
import { readFactors } from './open-session.ts';
import type { PasskeyPlace } from './relying-party.ts';

type Asker = { readonly actor: Actor; readonly requestId: string };
type Change = ActionParamsInput<AgentActions['factors.change']>['change'];

export async function myFactors(
  ctx: Pick<Context, 'agent'>,
  { actor, requestId }: Asker,
  passkeyPlace: PasskeyPlace,
): Promise<Factors> {
  const known = await ctx.agent.call('factors.list', { personId: actor.id }, { actor: panelActor, requestId });
  return {
    passwordChangedAt: known.password?.changedAt ?? null,
    totp: known.totp,
    passkeys: known.passkeys,
    recoveryCodesLeft: known.recoveryCodesLeft,
    elevationKinds: known.elevationKinds,
    passkeyPlace,
  };
}

/**
 * Changes one's own factors; the agent wants a fresh one first. A change of what signs somebody in ends all other
 * sessions and every elevation. Answers new recovery codes, which are shown once.
 */
export async function changeFactors(
  ctx: Pick<Context, 'agent' | 'db' | 'log' | 'sessions'>,
  { actor, requestId }: Asker,
  change: Change,
): Promise<string[] | null> {
  const { recoveryCodes } = await ctx.agent.call('factors.change', { change }, { actor, requestId });
  if (change.kind !== 'rename_passkey') {
    await readFactors(ctx, actor.id, requestId);
    await ctx.sessions.endAllOf(actor.id, actor.sessionId);
    await ctx.sessions.endElevations(actor.id);
  }
  return recoveryCodes;
}

/** A fresh factor → elevation for the session under its new id. */
export async function elevate(
  ctx: Pick<Context, 'agent' | 'sessions'>,
  { actor, requestId }: Asker,
  proof: Proof,
): Promise<{ token: string; elevation: string; until: number }> {
  const sessionId = newId();
  const given =
    proof.kind === 'password' ? { ...proof, password: proof.password.normalize('NFKC').slice(0, 512) } : proof;
  const opened = await ctx.agent.call('elevation.open', { sessionId, proof: given }, { actor, requestId });
  const until = Date.parse(opened.expiresAt);
  const token = await ctx.sessions.renew(actor.sessionId, { id: sessionId, elevatedUntil: until });
  return { token, elevation: opened.elevation, until };
}

/** A challenge for confirming with a passkey, or for adding one. */
export async function myChallenge(
  ctx: Pick<Context, 'agent'>,
  { actor, requestId }: Asker,
  purpose: 'elevate' | 'register',
  relyingParty: RelyingParty,
): Promise<{ challenge: string; passkeyIds: string[] }> {
  const asked = { purpose, personId: actor.id, relyingParty };
  return ctx.agent.call('factors.challenge', asked, { actor: panelActor, requestId });
}

/** 160 random bits in base 32, and what the QR code holds (Google's key URI format). */
export function newTotpSecret(issuer: string, name: string): { secret: string; uri: string } {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const secret = Array.from(randomBytes(32), (byte) => alphabet[byte & 31]).join('');
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(name)}`;
  const query = `secret=${secret}&issuer=${encodeURIComponent(issuer)}&algorithm=SHA1&digits=6&period=30`;
  return { secret, uri: `otpauth://totp/${label}?${query}` };
}

/**
 * Checks a new passkey as a whole (attestation, place, user verified) and that the key the agent will keep is the one
 * the authenticator attested. The agent checks challenge and signatures again. Throws `invalid_request`.
 */
export async function checkRegistration(registration: PasskeyRegistration, place: RelyingParty): Promise<void> {
  const { id, response } = registration;
  const { verifyRegistrationResponse } = await import('@simplewebauthn/server');
  const { cose, decodeAttestationObject, decodeCredentialPublicKey } = await import('@simplewebauthn/server/helpers');
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: {
        id,
        rawId: id,
        type: 'public-key',
        clientExtensionResults: {},
        response: { clientDataJSON: response.clientDataJSON, attestationObject: response.attestationObject },
      },
      // Whether it is ours, and used once, is the agent's to say.
      expectedChallenge: () => true,
      expectedOrigin: place.origin,
      expectedRPID: place.id,
      requireUserVerification: true,
      supportedAlgorithmIDs: [-7, -8, -257],
    });
    if (!verified || registrationInfo?.credential.id !== id) throw new Error('not verified');
    const attested = decodeCredentialPublicKey(registrationInfo.credential.publicKey) as Map<number, unknown>;
    if (attested.get(cose.COSEKEYS.alg) !== response.publicKeyAlgorithm) throw new Error('another algorithm');
    const object = decodeAttestationObject(new Uint8Array(Buffer.from(response.attestationObject, 'base64url')));
    const isSame = Buffer.from(object.get('authData')).equals(Buffer.from(response.authenticatorData, 'base64url'));
    if (!isSame || !isSameKey(attested, response.publicKey)) throw new Error('another key');
  } catch (error) {
    throw new AppError('invalid_request', 'This passkey cannot be used.', { reason: 'challenge_void', cause: error });
  }
}

/** The coordinates (or the modulus) of the attested key stand at the end of the DER of the same key. */
function isSameKey(attested: Map<number, unknown>, spki: string): boolean {
  const der = Buffer.from(spki, 'base64url');
  const parts = [-2, -3, -1].map((label) => attested.get(label)).filter((part) => part instanceof Uint8Array);
  return parts.length > 0 && parts.every((part) => der.includes(Buffer.from(part)));
}

/** What WebAuthn calls the user's handle: the person's id, shown to nobody. */
export function userHandleOf(personId: string): string {
  return Buffer.from(personId).toString('base64url');
}
