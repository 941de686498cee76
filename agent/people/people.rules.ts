import type { RegisteredPerson } from '#shared/agent/people.ts';
import { AppError } from '#shared/errors.ts';
import { newPerson, newVersion, permissionsOf, type PersonRecord } from './person.ts';
import type { People } from './register.ts';

/** More than any panel has; so that the file and its list stay small. */
const maxPeople = 2_000;

type Facts = Pick<RegisteredPerson, 'isOwner' | 'permissions'>;

/** Throws `not_allowed`: nobody touches or makes who has more than they have themselves, and only an owner an owner. */
export function checkMayTouch(actor: PersonRecord, ...touched: readonly (Facts | undefined)[]): void {
  const own = permissionsOf(actor);
  for (const facts of touched) {
    if (facts === undefined) continue;
    if (facts.isOwner && !actor.isOwner)
      throw new AppError('not_allowed', 'Only an owner changes owners.', { reason: 'owner_only' });
    if (facts.permissions.some((permission) => !own.includes(permission)))
      throw new AppError('not_allowed', 'Nobody gives what they do not have.', { reason: 'more_than_own' });
  }
}

/** Throws `not_allowed` (`last_owner`) when nobody is left who can sign in and is an owner. */
function checkOwnerStays(people: People): void {
  const isLeft = [...people.values()].some(
    ({ isOwner, isDisabled, password, passkeys }) =>
      isOwner && !isDisabled && (password !== null || passkeys.length > 0),
  );
  if (!isLeft) throw new AppError('not_allowed', 'One owner has to stay.', { reason: 'last_owner' });
}

/** Adds or changes one after another; a refusal of one is thrown, and the caller throws all of them away. */
export function putPeople(people: People, actor: PersonRecord, given: readonly RegisteredPerson[]): void {
  for (const facts of given) {
    const before = people.get(facts.id);
    const isAsBefore = before !== undefined && isSame(before, facts);
    if (isAsBefore && before.recording === facts.recording) continue;
    checkMayTouch(actor, before, facts);
    // What was confirmed stays confirmed when only their terminals are recorded otherwise.
    const version = isAsBefore ? before.version : newVersion();
    people.set(facts.id, { ...(before ?? newPerson(facts)), ...facts, version });
  }
  const names = new Set([...people.values()].map(({ name }) => name));
  if (names.size !== people.size)
    throw new AppError('already_exists', 'Two people cannot have one name.', { reason: 'user_name_taken' });
  if (people.size > maxPeople)
    throw new AppError('invalid_request', 'There are too many people.', {
      fields: [{ field: 'people', code: 'too_many', params: { max: maxPeople } }],
    });
  checkOwnerStays(people);
}

/** An unknown id is fine: somebody who asks twice. */
export function removePerson(people: People, actor: PersonRecord, personId: string): void {
  const person = people.get(personId);
  if (person === undefined) return;
  checkMayTouch(actor, person);
  people.delete(personId);
  checkOwnerStays(people);
}

function isSame(before: PersonRecord, facts: RegisteredPerson): boolean {
  return (
    before.name === facts.name &&
    before.isOwner === facts.isOwner &&
    before.isDisabled === facts.isDisabled &&
    before.mustHaveSecondFactor === facts.mustHaveSecondFactor &&
    [...new Set(before.permissions)].sort().join() === [...new Set(facts.permissions)].sort().join()
  );
}
