import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { permissions, roleRecordings, type Permission } from '#shared/access.ts';
import { registeredPerson, type RegisteredPerson } from '#shared/agent/people.ts';
import type { FactorKind } from '#shared/factors.ts';

/** Permissions that a later version knew, or an earlier one, give nothing. */
const knownPermissions = z
  .array(z.string())
  .transform((list): Permission[] => permissions.filter((permission) => list.includes(permission)));

const passkeyRecord = z.object({
  id: z.string(),
  name: z.string(),
  rpId: z.string(),
  /** SubjectPublicKeyInfo, DER, base64url. */
  publicKey: z.string(),
  algorithm: z.union([z.literal(-7), z.literal(-8), z.literal(-257)]),
  signCount: z.int(),
  addedAt: z.int(),
  lastUsedAt: z.int().nullable(),
});
export type PasskeyRecord = z.infer<typeof passkeyRecord>;

/** One person as `people.json` has them. Times are epoch ms. */
export const personRecord = z.object({
  ...registeredPerson.shape,
  permissions: knownPermissions,
  /** Of an earlier version: as it was. What only a later one knows is taken for the strictest. */
  recording: z.enum(roleRecordings).default('chosen').catch('always'),
  /** Another one with every change of factors or rights: what was signed for an earlier one is void. */
  version: z.string(),
  /** argon2id in the PHC form. */
  password: z.object({ hash: z.string(), changedAt: z.int() }).nullable(),
  /** `lastStep`: the time step of the last code that was taken; it and earlier ones are used up. */
  totp: z.object({ secret: z.string(), addedAt: z.int(), lastStep: z.int() }).nullable(),
  passkeys: z.array(passkeyRecord),
  /** HMACs of the recovery codes that are left. */
  recoveryHashes: z.array(z.string()),
  tokens: z.array(z.object({ id: z.string(), hash: z.string(), permissions: knownPermissions, expiresAt: z.int() })),
  invitation: z.object({ hash: z.string(), expiresAt: z.int(), clear: z.boolean() }).nullable(),
  /** Failed tries before that count no more. */
  forgivenAt: z.int(),
});
export type PersonRecord = z.infer<typeof personRecord>;

export function newPerson(facts: RegisteredPerson): PersonRecord {
  return {
    ...facts,
    permissions: [...facts.permissions],
    version: newVersion(),
    password: null,
    totp: null,
    passkeys: [],
    recoveryHashes: [],
    tokens: [],
    invitation: null,
    forgivenAt: 0,
  };
}

/** Random, so that a register put back from a copy does not bring old statements back to life. */
export function newVersion(): string {
  return randomBytes(12).toString('base64url');
}

/** An owner may do everything there is, also what was added after they became one. */
export function permissionsOf({ isOwner, permissions: own }: PersonRecord): readonly Permission[] {
  return isOwner ? permissions : own;
}

export function hasSecondFactor({ totp, passkeys }: PersonRecord): boolean {
  return totp !== null || passkeys.length > 0;
}

/** They must add a second factor before anything else. */
export function isHeldBack(person: PersonRecord): boolean {
  return person.mustHaveSecondFactor && !hasSecondFactor(person);
}

/** Factors besides the password, strongest first. */
export function secondKinds({ passkeys, totp, recoveryHashes }: PersonRecord): FactorKind[] {
  const kinds: FactorKind[] = [];
  if (passkeys.length > 0) kinds.push('passkey');
  if (totp !== null) kinds.push('totp');
  if (recoveryHashes.length > 0) kinds.push('recovery');
  return kinds;
}

/** What `elevation.open` takes, strongest first: a password only of somebody who has nothing else. */
export function elevationKinds(person: PersonRecord): FactorKind[] {
  const kinds = secondKinds(person);
  if (kinds.length > 0) return kinds;
  return person.password === null ? [] : ['password'];
}
