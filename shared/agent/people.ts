import { z } from 'zod';
import { permissions, roleRecordings } from '../access.ts';
import { base64url, factorKinds, passkeyRegistration, proof, relyingParty, totpCode, totpSecret } from '../factors.ts';
import { id, instant } from '../http.ts';
import type { AgentAction } from './action.ts';

/*
 * The agent's register of people: who may do what, and how they prove who they are. See decision 18.
 */

/** Lower case, as people sign in. */
const personName = z.string().regex(/^[a-z0-9][a-z0-9._-]{2,31}$/);
/** Already in NFKC, rules checked by the web process; here only the size. */
const password = z.string().min(8).max(512);
const token = base64url(64, 32);

/** What the agent must know of a person to judge their actions. */
export const registeredPerson = z.strictObject({
  id,
  name: personName,
  isOwner: z.boolean(),
  permissions: z.array(z.enum(permissions)).max(permissions.length),
  isDisabled: z.boolean(),
  /** Without a second factor of their own they can do nothing but add one. */
  mustHaveSecondFactor: z.boolean(),
  /** Of their role: it decides for all their terminals. */
  recording: z.enum(roleRecordings).default('chosen'),
});
export type RegisteredPerson = z.infer<typeof registeredPerson>;

/** The first owner, while the register is empty; else `not_allowed` (`register_not_empty`). */
export const peopleFound = {
  name: 'people.found',
  permission: 'panel',
  ticket: 'never',
  params: z.strictObject({ id, name: personName, password }),
  result: z.object({}),
  isReadOnly: false,
  isIdempotent: false,
  timeoutMs: 10_000,
  maxResultBytes: 1024,
  summary: 'Make the first owner of an empty register',
} as const satisfies AgentAction;

/**
 * Adds people or changes what they may do; factors stay. Refused with `not_allowed`: giving a permission that the actor
 * lacks (`more_than_own`), touching or making an owner without being one (`owner_only`), leaving no enabled owner
 * (`last_owner`). All or nothing.
 */
export const peoplePut = {
  name: 'people.put',
  permission: 'people.write',
  ticket: 'always',
  params: z.strictObject({ people: z.array(registeredPerson).min(1).max(500) }),
  result: z.object({}),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 1024,
  summary: 'Add people to the register or change their rights',
} as const satisfies AgentAction;

/** Refusals as for `people.put`. Unknown ids are fine. */
export const peopleRemove = {
  name: 'people.remove',
  permission: 'people.write',
  ticket: 'always',
  params: z.strictObject({ personId: id }),
  result: z.object({}),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 1024,
  summary: 'Remove a person with all their factors',
} as const satisfies AgentAction;

/**
 * A single-use secret with which this person sets a password; earlier ones are void. With `clear` their second factors
 * and passkeys go when it is used (for somebody who lost them). Valid for three days. Refusals as for `people.put`.
 */
export const peopleInvite = {
  name: 'people.invite',
  permission: 'people.write',
  ticket: 'always',
  params: z.strictObject({ personId: id, clear: z.boolean() }),
  result: z.object({ token, expiresAt: instant }),
  isReadOnly: false,
  isIdempotent: false,
  timeoutMs: 5_000,
  maxResultBytes: 1024,
  summary: 'Make a single-use secret with which a person sets their password',
} as const satisfies AgentAction;

/** Whose invitation this is. Throws `not_allowed` (`link_void`) when unknown, used, expired, or its person disabled. */
export const peopleInvitation = {
  name: 'people.invitation',
  permission: 'panel',
  ticket: 'never',
  params: z.strictObject({ token }),
  result: z.object({ personId: id }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 1024,
  summary: 'Look an invitation up',
} as const satisfies AgentAction;

/** Uses an invitation. Throws `not_allowed` (`link_void`). */
export const peopleAccept = {
  name: 'people.accept',
  permission: 'panel',
  ticket: 'never',
  params: z.strictObject({ token, password }),
  result: z.object({ personId: id }),
  isReadOnly: false,
  isIdempotent: false,
  timeoutMs: 10_000,
  maxResultBytes: 1024,
  summary: 'Set a password with an invitation',
} as const satisfies AgentAction;

export const peopleList = {
  name: 'people.list',
  permission: 'panel',
  ticket: 'never',
  params: z.strictObject({}),
  result: z.object({
    people: z.array(
      registeredPerson.extend({
        hasPassword: z.boolean(),
        hasTotp: z.boolean(),
        passkeyCount: z.int(),
        recoveryCodesLeft: z.int(),
        invitedUntil: instant.nullable(),
      }),
    ),
  }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 1024 * 1024,
  summary: 'Everybody in the register, without secrets',
} as const satisfies AgentAction;

export const factorsList = {
  name: 'factors.list',
  permission: 'panel',
  ticket: 'never',
  params: z.strictObject({ personId: id }),
  result: z.object({
    password: z.object({ changedAt: instant }).nullable(),
    totp: z.object({ addedAt: instant }).nullable(),
    passkeys: z.array(
      z.object({
        id: base64url(1023),
        name: z.string(),
        rpId: z.string(),
        addedAt: instant,
        lastUsedAt: instant.nullable(),
      }),
    ),
    recoveryCodesLeft: z.int(),
    /** What `elevation.open` takes from this person now. */
    elevationKinds: z.array(z.enum(factorKinds)),
  }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 64 * 1024,
  summary: "A person's factors, without secrets",
} as const satisfies AgentAction;

/**
 * A random challenge for one passkey operation: 5 minutes, once, for this purpose, person and place only. Lost when the
 * agent ends (it stays while one is open).
 */
export const factorsChallenge = {
  name: 'factors.challenge',
  permission: 'panel',
  ticket: 'never',
  params: z.strictObject({
    purpose: z.enum(['sign_in', 'elevate', 'register']),
    /** null: a sign-in that starts with the passkey itself. */
    personId: id.nullable(),
    relyingParty,
  }),
  result: z.object({ challenge: base64url(32, 32), passkeyIds: z.array(base64url(1023)) }),
  isReadOnly: false,
  isIdempotent: false,
  timeoutMs: 5_000,
  maxResultBytes: 64 * 1024,
  summary: 'Make a challenge for a passkey',
} as const satisfies AgentAction;

/**
 * Checks one factor at sign-in. `personId` null: nobody has that name (the same work is done and refused), or a passkey
 * that names its owner itself. Everything wrong is `not_signed_in` (`wrong_credentials`) after the same work; more than 10
 * failures of one person in 5 minutes are `rate_limited` for passwords, codes and recovery codes, never for passkeys; so
 * are more than 30 wrong codes in a day, for codes.
 * After a right password `needs` lists what must follow; it is empty when the person is in. A passkey is enough by itself.
 */
export const factorsCheck = {
  name: 'factors.check',
  permission: 'panel',
  ticket: 'never',
  params: z.strictObject({ personId: id.nullable(), proof }),
  result: z.object({ personId: id, needs: z.array(z.enum(factorKinds)) }),
  isReadOnly: false,
  isIdempotent: false,
  timeoutMs: 10_000,
  maxResultBytes: 1024,
  summary: 'Check a factor at sign-in',
} as const satisfies AgentAction;

const factorChange = z.discriminatedUnion('kind', [
  /** `current` is checked when the person has a password: `invalid_request`, field `current`, `password_wrong`. */
  z.strictObject({ kind: z.literal('set_password'), current: z.string().max(512), password }),
  /** The secret was shown to the person; `code` proves that their app has it: else field `code`, `totp_code_wrong`. */
  z.strictObject({ kind: z.literal('add_totp'), secret: totpSecret, code: totpCode }),
  z.strictObject({ kind: z.literal('remove_totp') }),
  z.strictObject({
    kind: z.literal('add_passkey'),
    name: z.string().min(1).max(60),
    registration: passkeyRegistration,
  }),
  z.strictObject({ kind: z.literal('rename_passkey'), passkeyId: base64url(1023), name: z.string().min(1).max(60) }),
  z.strictObject({ kind: z.literal('remove_passkey'), passkeyId: base64url(1023) }),
  /** Ten new ones; the old are void. */
  z.strictObject({ kind: z.literal('new_recovery_codes') }),
  /** Lets an API token of this person stand for a fresh factor until `expiresAt`. */
  z.strictObject({
    kind: z.literal('add_token'),
    tokenId: id,
    /** SHA-256 of the whole token as `elevation.open` gets it, hex. */
    tokenHash: z.string().regex(/^[0-9a-f]{64}$/),
    permissions: z.array(z.enum(permissions)),
    expiresAt: instant,
  }),
  z.strictObject({ kind: z.literal('remove_token'), tokenId: id }),
]);

/** The acting person changes their own factors. The first second factor comes with recovery codes. */
export const factorsChange = {
  name: 'factors.change',
  permission: 'panel',
  ticket: 'always',
  params: z.strictObject({ change: factorChange }),
  /** Shown once. */
  result: z.object({ recoveryCodes: z.array(z.string()).nullable() }),
  isReadOnly: false,
  isIdempotent: false,
  timeoutMs: 10_000,
  maxResultBytes: 4096,
  summary: "Change the acting person's own factors",
} as const satisfies AgentAction;

/** Signed by the agent, opaque to everybody else. */
export const elevationToken = z
  .string()
  .max(600)
  .regex(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}$/);
export const elevationTicket = elevationToken;

/** How long an elevation lasts. */
export const elevationMs = 10 * 60 * 1000;

/**
 * A fresh factor of the acting person → elevation for this session. Refusals as for `factors.check`; the password of
 * somebody who has a passkey or TOTP is `not_allowed` (`stronger_factor_needed`). Recovery codes count as TOTP does.
 */
export const elevationOpen = {
  name: 'elevation.open',
  permission: 'panel',
  ticket: 'never',
  params: z.strictObject({
    sessionId: id,
    proof: z.union([
      proof,
      /** An API token that was made for dangerous actions; its elevation lasts for one minute. */
      z.strictObject({ kind: z.literal('token'), token: z.string().min(20).max(200) }),
    ]),
  }),
  result: z.object({ elevation: elevationToken, expiresAt: instant }),
  isReadOnly: false,
  isIdempotent: false,
  timeoutMs: 10_000,
  maxResultBytes: 2048,
  summary: 'Confirm with a fresh factor for ten minutes',
} as const satisfies AgentAction;

/**
 * A ticket for one action with exactly these parameters, within 60 seconds, once. `action` is an agent action, or
 * `panel.<operation id>` for what the panel itself guards. Throws `elevation_required` when the elevation is void.
 */
export const elevationTicketAction = {
  name: 'elevation.ticket',
  permission: 'panel',
  ticket: 'never',
  params: z.strictObject({
    sessionId: id,
    elevation: elevationToken,
    action: z.string().regex(/^[a-zA-Z0-9_.]{3,80}$/),
    /** SHA-256 of `canonicalJson(params)`, hex. */
    digest: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  result: z.object({ ticket: elevationTicket }),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 2048,
  summary: 'Get a ticket for one dangerous action',
} as const satisfies AgentAction;

/** JSON with sorted keys and without `undefined`: the same text for the same facts on both sides of the socket. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}
