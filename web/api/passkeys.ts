import type { PasskeyAssertion, PasskeyRegistration } from '#shared/factors.ts';
import type { accountsApi } from '#shared/accounts.ts';
import type { ResponseOf } from '#shared/http.ts';

/*
 * The browser's own dialog for passkeys. @simplewebauthn/browser is loaded when it is first wanted.
 */

export type PasskeyChallenge = ResponseOf<typeof accountsApi.passkeySignInOptions>;
export type NewPasskey = ResponseOf<typeof accountsApi.newPasskey>;

/** `left`: closed, or not answered in time; `known`: this device has one already; `failed`: everything else. */
export type PasskeyTrouble = 'left' | 'known' | 'failed';

/** The browser's dialog ended without a passkey. */
export class PasskeyError extends Error {
  readonly trouble: PasskeyTrouble;

  constructor(trouble: PasskeyTrouble, cause: unknown) {
    super(`no passkey: ${trouble}`, { cause });
    this.name = 'PasskeyError';
    this.trouble = trouble;
  }
}

const timeout = 5 * 60_000;

/** Whether this browser knows passkeys at all; the panel says whether they work at this address. */
export function knowsPasskeys(): boolean {
  return typeof PublicKeyCredential === 'function';
}

/** Whether the browser offers passkeys in the list under the name field. */
export async function canOfferPasskeys(): Promise<boolean> {
  if (!knowsPasskeys()) return false;
  const ask = (PublicKeyCredential as { isConditionalMediationAvailable?: () => Promise<boolean> })
    .isConditionalMediationAvailable;
  return ask === undefined ? false : ask.call(PublicKeyCredential).catch(() => false);
}

/** Asks for one of the person's passkeys. `isOffer`: waits in the list under the name field instead of opening a dialog. */
export async function askForPasskey(
  { challenge, rpId, passkeyIds }: PasskeyChallenge,
  { isOffer = false }: { readonly isOffer?: boolean } = {},
): Promise<PasskeyAssertion> {
  const { startAuthentication } = await import('@simplewebauthn/browser');
  const answer = await startAuthentication({
    optionsJSON: {
      challenge,
      rpId,
      timeout,
      userVerification: 'required',
      allowCredentials: passkeyIds.map((id) => ({ id, type: 'public-key' })),
    },
    useBrowserAutofill: isOffer,
  }).catch(fail);
  const { clientDataJSON, authenticatorData, signature, userHandle } = answer.response;
  return {
    id: answer.id,
    response: { clientDataJSON, authenticatorData, signature, userHandle: userHandle ?? null },
  };
}

/** Makes a passkey on the device or key that the person chooses. */
export async function makePasskey(wish: NewPasskey): Promise<PasskeyRegistration> {
  const { startRegistration } = await import('@simplewebauthn/browser');
  const answer = await startRegistration({
    optionsJSON: {
      challenge: wish.challenge,
      rp: { id: wish.rpId, name: wish.rpName },
      user: { id: wish.userId, name: wish.userName, displayName: wish.userDisplayName },
      pubKeyCredParams: ([-7, -8, -257] as const).map((alg) => ({ alg, type: 'public-key' })),
      timeout,
      attestation: 'none',
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
      excludeCredentials: wish.excludedIds.map((id) => ({ id, type: 'public-key' })),
    },
  }).catch(fail);
  const { clientDataJSON, attestationObject, authenticatorData, publicKey, publicKeyAlgorithm } = answer.response;
  if (authenticatorData === undefined || publicKey === undefined || !isKnownAlgorithm(publicKeyAlgorithm))
    throw new PasskeyError('failed', 'the browser did not give the public key');
  return {
    id: answer.id,
    response: { clientDataJSON, attestationObject, authenticatorData, publicKey, publicKeyAlgorithm },
  };
}

/** Takes the offer under the name field back, for example because the person signs in with a password. */
export async function withdrawPasskeyOffer(): Promise<void> {
  const { WebAuthnAbortService } = await import('@simplewebauthn/browser');
  WebAuthnAbortService.cancelCeremony();
}

function isKnownAlgorithm(algorithm: number | undefined): algorithm is -7 | -8 | -257 {
  return algorithm === -7 || algorithm === -8 || algorithm === -257;
}

function fail(error: unknown): never {
  throw new PasskeyError(troubleOf(error), error);
}

/** What happened, from the names that browsers give (WebAuthn Level 3, 5.1.3 and 5.1.4). */
export function troubleOf(error: unknown): PasskeyTrouble {
  const names = [error, error instanceof Error ? error.cause : undefined].map((each) =>
    each instanceof Error ? each.name : '',
  );
  if (names.includes('InvalidStateError')) return 'known';
  return names.some((name) => name === 'NotAllowedError' || name === 'AbortError') ? 'left' : 'failed';
}
