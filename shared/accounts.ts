import { z } from 'zod';
import { permissions, siteScopes } from './access.ts';
import {
  base64url,
  factorKinds,
  passkeyAssertion,
  passkeyRegistration,
  proof,
  recoveryCode,
  relyingParty,
  totpCode,
  totpSecret,
} from './factors.ts';
import { id, instant, line, type Operation } from './http.ts';
import { preferences } from './settings.ts';

/*
 * Signing in, and what a person does with their own account.
 */

/** 3 to 32 of a-z, 0-9, dot, hyphen, underscore; compared in lower case so that two people never share a form. */
export const userName = z
  .string()
  .max(64)
  .transform((text) => text.trim().toLowerCase())
  .pipe(z.string().regex(/^[a-z0-9][a-z0-9._-]{2,31}$/, { error: 'user_name_invalid' }));

/** 8 to 128 characters (NFKC), no composition rules; common passwords are refused by the server. */
export const newPassword = z
  .string()
  .max(512)
  .transform((text) => text.normalize('NFKC'))
  .pipe(z.string().min(8, { error: 'password_too_short' }).max(128, { error: 'password_too_long' }));

/** A built-in role, or the id of a role of the panel's own. */
export const roleId = z.string().regex(/^([a-z_]{3,32}|[a-z2-7]{16})$/);

export const person = z.object({
  id,
  name: z.string(),
  displayName: z.string(),
  role: roleId,
  /** Name of a role of the panel's own; `` for a built-in one, which every language names itself. */
  roleName: z.string(),
  createdAt: instant,
});

/** Who is looking at the panel. */
export const me = z.object({
  person,
  permissions: z.array(z.enum(permissions)),
  siteScope: z.enum(siteScopes),
  preferences,
  session: z.object({ id, createdAt: instant, expiresAt: instant }),
  /** Dangerous actions need no new factor until then; null: the next one asks. */
  elevatedUntil: instant.nullable(),
  /** They must add a second factor before anything else works (`second_factor_needed`). */
  mustAddSecondFactor: z.boolean(),
  /** Something new to know, e.g. a sign-in from a device never seen before; until it is dismissed. */
  notices: z.array(
    z.object({
      id,
      kind: z.enum(['new_device', 'recovery_code_used', 'few_recovery_codes']),
      at: instant,
      address: z.string(),
      userAgent: z.string(),
      /** Only of `few_recovery_codes`. */
      left: z.int().nullable(),
    }),
  ),
});
export type Me = z.infer<typeof me>;

/** What signing in ends with: in, or one more factor. `step` is secret, 5 minutes, for this sign-in only. */
export const signInAnswer = z.discriminatedUnion('state', [
  z.object({ state: z.literal('signed_in'), me }),
  z.object({ state: z.literal('second_factor'), step: base64url(32, 32), kinds: z.array(z.enum(factorKinds)) }),
]);
export type SignInAnswer = z.infer<typeof signInAnswer>;

/** For `navigator.credentials.get()`: userVerification is always `required`, timeout 5 minutes. */
export const passkeyChallenge = z.object({
  challenge: base64url(32, 32),
  rpId: z.string(),
  /** Empty: any passkey of this place (sign-in without a name). */
  passkeyIds: z.array(base64url(1023)),
});

export const passkey = z.object({
  id: base64url(1023),
  name: z.string(),
  rpId: z.string(),
  addedAt: instant,
  lastUsedAt: instant.nullable(),
});

/** One's own ways of signing in. */
export const factors = z.object({
  passwordChangedAt: instant.nullable(),
  totp: z.object({ addedAt: instant }).nullable(),
  passkeys: z.array(passkey),
  recoveryCodesLeft: z.int(),
  /** What the elevation dialog offers, strongest first. */
  elevationKinds: z.array(z.enum(factorKinds)),
  /** Passkeys need a host name over HTTPS, or localhost; else the reason. */
  passkeyPlace: z.discriminatedUnion('isPossible', [
    z.object({ isPossible: z.literal(true), relyingParty }),
    z.object({ isPossible: z.literal(false), reason: z.enum(['address', 'insecure']) }),
  ]),
});
export type Factors = z.infer<typeof factors>;

export const sessionRow = z.object({
  id,
  isCurrent: z.boolean(),
  createdAt: instant,
  lastUsedAt: instant,
  expiresAt: instant,
  address: z.string(),
  userAgent: z.string(),
});

const accepted = { response: z.undefined(), status: 204 } as const;

export const accountsApi = {
  /** Never says whether a name exists. `isFirstRun` is true until the owner exists; `panelName` is `` unless set. */
  signInState: {
    id: 'getSignInState',
    method: 'GET',
    path: '/api/v1/sign-in',
    access: 'public',
    summary: 'What the sign-in screen needs',
    response: z.object({
      isFirstRun: z.boolean(),
      isSignedIn: z.boolean(),
      version: z.string(),
      panelName: z.string(),
      defaultLanguage: z.enum(['auto', 'ar', 'en']),
      /** Whether passkeys can work at this address. */
      canUsePasskey: z.boolean(),
      /** SHA-256 of the panel's certificate, when it is self-signed and the reader meets it itself: for comparing. */
      selfSignedFingerprint: z.string().nullable(),
    }),
  },
  signIn: {
    id: 'signIn',
    method: 'POST',
    path: '/api/v1/sign-in',
    access: 'public',
    summary: 'Sign in with name and password',
    body: z.strictObject({ name: z.string().min(1).max(128), password: z.string().min(1).max(512) }),
    response: signInAnswer,
  },
  /** After a right password; a passkey here must be one of the person's. */
  signInSecond: {
    id: 'signInSecond',
    method: 'POST',
    path: '/api/v1/sign-in/second',
    access: 'public',
    summary: 'Finish signing in with a second factor',
    body: z.strictObject({ step: base64url(32, 32), proof }),
    response: signInAnswer,
  },
  /** `step` of a sign-in under way, or null to start with the passkey. */
  passkeySignInOptions: {
    id: 'getPasskeySignInOptions',
    method: 'POST',
    path: '/api/v1/sign-in/passkey/challenge',
    access: 'public',
    summary: 'Challenge for signing in with a passkey',
    body: z.strictObject({ step: base64url(32, 32).nullable() }),
    response: passkeyChallenge,
  },
  signInWithPasskey: {
    id: 'signInWithPasskey',
    method: 'POST',
    path: '/api/v1/sign-in/passkey',
    access: 'public',
    summary: 'Sign in with a passkey alone',
    body: z.strictObject({ assertion: passkeyAssertion }),
    response: signInAnswer,
  },
  signOut: {
    id: 'signOut',
    method: 'POST',
    path: '/api/v1/sign-out',
    access: 'signedIn',
    summary: 'End this session',
    ...accepted,
  },
  /** `token` is the one-time secret of the printed link; sent in the body, never in a URL the server sees. */
  createOwner: {
    id: 'createOwner',
    method: 'POST',
    path: '/api/v1/first-run',
    access: 'public',
    summary: 'Create the owner with the one-time link',
    body: z.strictObject({
      token: z.string().min(1).max(200),
      name: userName,
      displayName: line(80).default(''),
      password: newPassword,
    }),
    response: me,
    status: 201,
  },
  /** Same one-time secret, for an owner who already exists (printed by `aapanel link`). */
  signInWithLink: {
    id: 'signInWithLink',
    method: 'POST',
    path: '/api/v1/sign-in/link',
    access: 'public',
    summary: 'Sign in with a one-time link',
    body: z.strictObject({ token: z.string().min(1).max(200) }),
    response: me,
  },
  /** Whose invitation this is, for the screen that asks for a password. Throws `not_allowed` (`link_void`). */
  invitation: {
    id: 'getInvitation',
    method: 'POST',
    path: '/api/v1/invitation',
    access: 'public',
    summary: 'Look an invitation up',
    body: z.strictObject({ token: base64url(64, 32) }),
    response: z.object({ name: z.string(), displayName: z.string(), panelName: z.string() }),
  },
  acceptInvitation: {
    id: 'acceptInvitation',
    method: 'POST',
    path: '/api/v1/invitation/accept',
    access: 'public',
    summary: 'Set a password with an invitation and sign in',
    body: z.strictObject({ token: base64url(64, 32), password: newPassword }),
    response: signInAnswer,
  },
  me: {
    id: 'getMe',
    method: 'GET',
    path: '/api/v1/me',
    access: 'signedIn',
    summary: 'The signed-in person',
    response: me,
  },
  setPreferences: {
    id: 'setPreferences',
    method: 'PUT',
    path: '/api/v1/me/preferences',
    access: 'signedIn',
    summary: 'Language, theme, digits, time zone',
    body: preferences,
    response: me,
  },
  dismissNotice: {
    id: 'dismissNotice',
    method: 'DELETE',
    path: '/api/v1/me/notices/{noticeId}',
    access: 'signedIn',
    summary: 'Put a notice away',
    params: z.object({ noticeId: id }),
    ...accepted,
  },
  factors: {
    id: 'getFactors',
    method: 'GET',
    path: '/api/v1/me/factors',
    access: 'signedIn',
    summary: 'My ways of signing in',
    response: factors,
  },
  /** The answer's cookie carries the elevation; the session gets a new id. */
  elevate: {
    id: 'elevate',
    method: 'POST',
    path: '/api/v1/me/elevation',
    access: 'signedIn',
    summary: 'Confirm with a fresh factor for ten minutes',
    body: z.strictObject({ proof }),
    response: me,
  },
  endElevation: {
    id: 'endElevation',
    method: 'DELETE',
    path: '/api/v1/me/elevation',
    access: 'signedIn',
    summary: 'End the elevation now',
    ...accepted,
  },
  elevationChallenge: {
    id: 'getElevationChallenge',
    method: 'POST',
    path: '/api/v1/me/elevation/challenge',
    access: 'signedIn',
    summary: 'Challenge for confirming with a passkey',
    response: passkeyChallenge,
  },
  /** Elevated. Ends all other sessions. */
  changePassword: {
    id: 'changePassword',
    method: 'POST',
    path: '/api/v1/me/password',
    access: 'signedIn',
    summary: 'Change the own password; ends all other sessions',
    body: z.strictObject({ current: z.string().max(512), next: newPassword }),
    ...accepted,
  },
  /** A new secret for an authenticator app; nothing is kept until `addTotp`. `uri` goes into the QR code. */
  newTotp: {
    id: 'newTotp',
    method: 'POST',
    path: '/api/v1/me/totp/secret',
    access: 'signedIn',
    summary: 'Make a secret for an authenticator app',
    response: z.object({ secret: totpSecret, uri: z.string() }),
  },
  /** Elevated. With the first second factor come recovery codes, shown once. */
  addTotp: {
    id: 'addTotp',
    method: 'POST',
    path: '/api/v1/me/totp',
    access: 'signedIn',
    summary: 'Add an authenticator app',
    body: z.strictObject({ secret: totpSecret, code: totpCode }),
    response: z.object({ recoveryCodes: z.array(recoveryCode).nullable() }),
    status: 201,
  },
  removeTotp: {
    id: 'removeTotp',
    method: 'DELETE',
    path: '/api/v1/me/totp',
    access: 'signedIn',
    summary: 'Remove the authenticator app',
    ...accepted,
  },
  /** For `navigator.credentials.create()`. */
  newPasskey: {
    id: 'newPasskey',
    method: 'POST',
    path: '/api/v1/me/passkeys/challenge',
    access: 'signedIn',
    summary: 'Challenge for adding a passkey',
    response: z.object({
      challenge: base64url(32, 32),
      rpId: z.string(),
      rpName: z.string(),
      /** Base64url of the person's id; shown to nobody. */
      userId: z.string(),
      userName: z.string(),
      userDisplayName: z.string(),
      excludedIds: z.array(base64url(1023)),
    }),
  },
  addPasskey: {
    id: 'addPasskey',
    method: 'POST',
    path: '/api/v1/me/passkeys',
    access: 'signedIn',
    summary: 'Add a passkey',
    body: z.strictObject({ name: line(60, 1), registration: passkeyRegistration }),
    response: z.object({ recoveryCodes: z.array(recoveryCode).nullable() }),
    status: 201,
  },
  renamePasskey: {
    id: 'renamePasskey',
    method: 'PATCH',
    path: '/api/v1/me/passkeys/{passkeyId}',
    access: 'signedIn',
    summary: 'Rename a passkey',
    params: z.object({ passkeyId: base64url(1023) }),
    body: z.strictObject({ name: line(60, 1) }),
    ...accepted,
  },
  removePasskey: {
    id: 'removePasskey',
    method: 'DELETE',
    path: '/api/v1/me/passkeys/{passkeyId}',
    access: 'signedIn',
    summary: 'Remove a passkey',
    params: z.object({ passkeyId: base64url(1023) }),
    ...accepted,
  },
  newRecoveryCodes: {
    id: 'newRecoveryCodes',
    method: 'POST',
    path: '/api/v1/me/recovery-codes',
    access: 'signedIn',
    summary: 'Make ten new recovery codes; the old ones are void',
    response: z.object({ recoveryCodes: z.array(recoveryCode) }),
    status: 201,
  },
  sessions: {
    id: 'listMySessions',
    method: 'GET',
    path: '/api/v1/me/sessions',
    access: 'signedIn',
    summary: 'Where I am signed in',
    response: z.object({ items: z.array(sessionRow) }),
  },
  endSession: {
    id: 'endMySession',
    method: 'DELETE',
    path: '/api/v1/me/sessions/{sessionId}',
    access: 'signedIn',
    summary: 'End one of my sessions',
    params: z.object({ sessionId: id }),
    ...accepted,
  },
  endOtherSessions: {
    id: 'endMyOtherSessions',
    method: 'DELETE',
    path: '/api/v1/me/sessions',
    access: 'signedIn',
    summary: 'End all my other sessions',
    ...accepted,
  },
} as const satisfies Record<string, Operation>;
