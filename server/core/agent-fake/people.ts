import { randomBytes } from 'node:crypto';
import { permissions } from '#shared/access.ts';
import type { RegisteredPerson } from '#shared/agent/people.ts';
import { AppError } from '#shared/errors.ts';
import type { FakeActions } from '../agent-fake.ts';
import {
  digest,
  newFakePerson,
  newPasswordRecord,
  permissionsOf,
  type FakePerson,
  type FakeRegister,
} from './register.ts';

const invitationMs = 3 * 24 * 60 * 60 * 1000;

type PeopleActionName = Extract<keyof FakeActions, `people.${string}`>;

/** The part of the fake agent that knows people. */
export function createFakePeople(register: FakeRegister): Pick<FakeActions, PeopleActionName> {
  const { people } = register;

  function byInvitation(token: string): FakePerson {
    const hash = digest(token);
    const found = [...people.values()].find(
      ({ invitation, isDisabled }) =>
        !isDisabled && invitation !== null && invitation.hash === hash && invitation.expiresAt > register.now(),
    );
    if (found !== undefined) return found;
    throw new AppError('not_allowed', 'This link was used, has expired or never existed.', { reason: 'link_void' });
  }

  function checkMayTouch(actor: FakePerson, before: FakePerson | undefined, after?: RegisteredPerson): void {
    if (!actor.isOwner && (before?.isOwner === true || after?.isOwner === true)) {
      throw new AppError('not_allowed', 'Only an owner changes owners.', { reason: 'owner_only' });
    }
    const touched = [...(before?.permissions ?? []), ...(after?.permissions ?? [])];
    if (touched.some((permission) => !permissionsOf(actor).includes(permission))) {
      throw new AppError('not_allowed', 'Nobody gives what they do not have.', { reason: 'more_than_own' });
    }
  }

  function checkOwnerStays(next: ReadonlyMap<string, RegisteredPerson>): void {
    if ([...next.values()].some(({ isOwner, isDisabled }) => isOwner && !isDisabled)) return;
    throw new AppError('not_allowed', 'One owner has to stay.', { reason: 'last_owner' });
  }

  return {
    async 'people.found'({ id, name, password }) {
      if (people.size > 0) {
        throw new AppError('not_allowed', 'The panel has an owner already.', { reason: 'register_not_empty' });
      }
      const facts = { isOwner: true, isDisabled: false, mustHaveSecondFactor: false, recording: 'chosen' } as const;
      const owner = newFakePerson({ id, name, permissions: [...permissions], ...facts });
      people.set(id, { ...owner, password: newPasswordRecord(password, register.now()) });
      register.save();
      return {};
    },
    async 'people.put'({ people: given }, { actor }) {
      const asker = register.getActive(actor.id);
      const next = new Map(people);
      for (const facts of given) {
        const before = people.get(facts.id);
        checkMayTouch(asker, before, facts);
        const isTaken = [...next.values()].some(({ id, name }) => name === facts.name && id !== facts.id);
        if (isTaken) throw new AppError('already_exists', 'This name is taken.', { reason: 'user_name_taken' });
        const known = before ?? newFakePerson(facts);
        const { recording } = facts;
        const isSame = before !== undefined && sameRights(before) === sameRights(facts);
        next.set(facts.id, isSame ? { ...known, recording } : { ...known, ...facts, version: known.version + 1 });
      }
      checkOwnerStays(next);
      for (const [id, person] of next) people.set(id, person);
      register.save();
      return {};
    },
    async 'people.remove'({ personId }, { actor }) {
      const asker = register.getActive(actor.id);
      const person = people.get(personId);
      if (person === undefined) return {};
      checkMayTouch(asker, person);
      const next = new Map(people);
      next.delete(personId);
      checkOwnerStays(next);
      people.delete(personId);
      register.save();
      return {};
    },
    async 'people.invite'({ personId, clear }, { actor }) {
      const asker = register.getActive(actor.id);
      const person = people.get(personId);
      if (person === undefined) {
        throw new AppError('not_found', 'The agent does not know this person.', { reason: 'person_unknown' });
      }
      checkMayTouch(asker, person);
      const token = randomBytes(32).toString('base64url');
      const expiresAt = register.now() + invitationMs;
      person.invitation = { hash: digest(token), expiresAt, clear };
      register.save();
      return { token, expiresAt: new Date(expiresAt).toISOString() };
    },
    async 'people.invitation'({ token }) {
      return { personId: byInvitation(token).id };
    },
    async 'people.accept'({ token, password }) {
      const person = byInvitation(token);
      if (person.invitation?.clear === true) {
        Object.assign(person, { totp: null, passkeys: [], recoveryHashes: [], tokens: [] });
      }
      Object.assign(person, {
        invitation: null,
        password: newPasswordRecord(password, register.now()),
        version: person.version + 1,
      });
      register.save();
      return { personId: person.id };
    },
    async 'people.list'() {
      return {
        people: [...people.values()].map((person) => ({
          id: person.id,
          name: person.name,
          isOwner: person.isOwner,
          permissions: person.permissions,
          isDisabled: person.isDisabled,
          mustHaveSecondFactor: person.mustHaveSecondFactor,
          recording: person.recording,
          hasPassword: person.password !== null,
          hasTotp: person.totp !== null,
          passkeyCount: person.passkeys.length,
          recoveryCodesLeft: person.recoveryHashes.length,
          invitedUntil: invitedUntil(person, register.now()),
        })),
      };
    },
  };
}

const sameRights = ({ name, isOwner, isDisabled, mustHaveSecondFactor, permissions: own }: RegisteredPerson): string =>
  [name, isOwner, isDisabled, mustHaveSecondFactor, ...[...new Set(own)].sort()].join();

function invitedUntil({ invitation }: FakePerson, now: number): string | null {
  if (invitation === null || invitation.expiresAt <= now) return null;
  return new Date(invitation.expiresAt).toISOString();
}
