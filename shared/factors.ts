import { z } from 'zod';

/*
 * Ways to prove who somebody is: the words that browser, web process and agent share.
 */

/** How a person can confirm; strongest first. */
export const factorKinds = ['passkey', 'totp', 'recovery', 'password'] as const;
export type FactorKind = (typeof factorKinds)[number];

/** Base64url without padding (RFC 4648, 5), as WebAuthn's JSON uses it. */
export function base64url(maxBytes: number, minBytes = 1) {
  return z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/)
    .min(Math.ceil((minBytes * 4) / 3))
    .max(Math.ceil((maxBytes * 4) / 3));
}

/** Six digits of RFC 6238 (30 s, SHA-1); blanks between them are dropped. */
export const totpCode = z
  .string()
  .max(16)
  .transform((text) => text.replaceAll(/\s/g, ''))
  .pipe(z.string().regex(/^\d{6}$/, { error: 'totp_code_invalid' }));

/** `xxxxx-xxxxx` of lower-case base 32 (50 bits); blanks and hyphens are ignored, case too. */
export const recoveryCode = z
  .string()
  .max(32)
  .transform((text) => text.toLowerCase().replaceAll(/[\s-]/g, ''))
  .pipe(z.string().regex(/^[a-z2-7]{10}$/, { error: 'recovery_code_invalid' }));

/** 160-bit secret in base 32 (RFC 4648, 6), as authenticator apps take it. */
export const totpSecret = z.string().regex(/^[A-Z2-7]{32}$/);

/** What `navigator.credentials.get()` answers, as JSON (WebAuthn Level 3, AuthenticationResponseJSON; the parts we use). */
export const passkeyAssertion = z.strictObject({
  id: base64url(1023),
  response: z.strictObject({
    clientDataJSON: base64url(4096),
    authenticatorData: base64url(4096, 37),
    signature: base64url(1024),
    userHandle: base64url(64).nullable(),
  }),
});
export type PasskeyAssertion = z.infer<typeof passkeyAssertion>;

/** What `navigator.credentials.create()` answers, as JSON (RegistrationResponseJSON; the parts we use). */
export const passkeyRegistration = z.strictObject({
  id: base64url(1023),
  response: z.strictObject({
    clientDataJSON: base64url(4096),
    attestationObject: base64url(64 * 1024),
    authenticatorData: base64url(4096, 37),
    /** SubjectPublicKeyInfo, DER. */
    publicKey: base64url(2048),
    /** COSE algorithm: -7 ES256, -8 EdDSA, -257 RS256. */
    publicKeyAlgorithm: z.union([z.literal(-7), z.literal(-8), z.literal(-257)]),
  }),
});
export type PasskeyRegistration = z.infer<typeof passkeyRegistration>;

/** One way of proving oneself. */
export const proof = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('password'), password: z.string().min(1).max(512) }),
  z.strictObject({ kind: z.literal('totp'), code: totpCode }),
  z.strictObject({ kind: z.literal('recovery'), code: recoveryCode }),
  z.strictObject({ kind: z.literal('passkey'), assertion: passkeyAssertion }),
]);
export type Proof = z.infer<typeof proof>;

export const recoveryCodeCount = 10;
export const maxPasskeys = 20;

/** Where a passkey lives: a host name, never an address (WebAuthn: rpId is a domain). */
export const relyingParty = z.strictObject({
  id: z
    .string()
    .max(253)
    .regex(/^(localhost|([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*)$/),
  /** Exact origin of the page, e.g. `https://panel.example.com:5000`. */
  origin: z
    .string()
    .max(300)
    .regex(/^https?:\/\/[^/\s]+$/),
});
export type RelyingParty = z.infer<typeof relyingParty>;
