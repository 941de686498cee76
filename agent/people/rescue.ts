import { permissions } from '#shared/access.ts';
import { AppError } from '#shared/errors.ts';
import { newPerson, newVersion, type PersonRecord } from './person.ts';
import type { People } from './register.ts';

/*
 * What root may change from the console. No right and no ticket is asked for: whoever is root on the machine has the file.
 */

export const removableFactors = ['totp', 'passkeys', 'recovery', 'all'] as const;
export type RemovableFactor = (typeof removableFactors)[number];

/** Throws `not_found` (`person_unknown`). */
export function getByName(people: People, name: string): PersonRecord {
  for (const person of people.values()) if (person.name === name) return person;
  throw new AppError('not_found', 'The register has nobody of this name.', { reason: 'person_unknown' });
}

/** `ownerId`: somebody of this name becomes an owner, or is added as one with this id when the register lost them. */
export function givePassword(
  people: People,
  { name, hash, ownerId, now }: { name: string; hash: string; ownerId: string | undefined; now: number },
): void {
  const person = ownerId === undefined ? getByName(people, name) : makeOwner(people, name, ownerId);
  person.password = { hash, changedAt: now };
  person.invitation = null;
  person.forgivenAt = now;
  person.version = newVersion();
}

function makeOwner(people: People, name: string, id: string): PersonRecord {
  const known = [...people.values()].find((person) => person.name === name);
  if (known === undefined && people.has(id))
    throw new AppError('already_exists', 'Somebody else has this id.', { reason: 'user_name_taken' });
  const rights = { isOwner: true, permissions: [...permissions], isDisabled: false };
  const owner = Object.assign(
    known ?? newPerson({ id, name, mustHaveSecondFactor: false, recording: 'chosen', ...rights }),
    rights,
  );
  people.set(owner.id, owner);
  return owner;
}

export function dropFactor(people: People, name: string, factor: RemovableFactor): void {
  const person = getByName(people, name);
  if (factor === 'totp' || factor === 'all') person.totp = null;
  if (factor === 'passkeys' || factor === 'all') person.passkeys = [];
  if (factor === 'all') person.tokens = [];
  // Recovery codes stand for a second factor: without one they are none.
  if (factor === 'recovery' || (person.totp === null && person.passkeys.length === 0)) person.recoveryHashes = [];
  person.version = newVersion();
}

export function enablePerson(people: People, name: string, now: number): void {
  const person = getByName(people, name);
  person.isDisabled = false;
  person.forgivenAt = now;
  person.version = newVersion();
}
