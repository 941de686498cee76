import { randomBytes } from 'node:crypto';
import { permissions } from '#shared/access.ts';
import { AppError } from '#shared/errors.ts';
import { listNames, sha256 } from '../core/files.ts';
import type { Handlers } from '../core/handlers.ts';
import type { Machine } from '../core/machine.ts';
import { hashPassword } from '#shared/password-hash.ts';
import { terminalsFolder } from '../terminals/terminal-records.ts';
import { newPerson, newVersion, type PersonRecord } from './person.ts';
import { checkMayTouch, putPeople, removePerson } from './people.rules.ts';
import { getActor, listPeople, registerOf } from './register.ts';

/** How long somebody has to use an invitation. */
const invitationMs = 3 * 24 * 60 * 60 * 1000;

function byInvitation(people: ReadonlyMap<string, PersonRecord>, token: string, now: number): PersonRecord {
  // The secret has 256 bits: its hash can be looked for without care for the time that takes.
  const hash = sha256(token);
  for (const person of people.values())
    if (!person.isDisabled && person.invitation?.hash === hash && person.invitation.expiresAt > now) return person;
  throw new AppError('not_allowed', 'This link was used, has expired, or never was.', { reason: 'link_void' });
}

export const peopleHandlers: Pick<Handlers, `people.${string}` & keyof Handlers> = {
  'people.accept': async (machine, { token, password }, { deadlineAt }) => {
    const register = registerOf(machine);
    // Looked up before hashing, so that made-up secrets cost nothing.
    byInvitation(register.all(), token, machine.now());
    const hash = await hashPassword(password);
    return await register.change(deadlineAt, (people) => {
      const now = machine.now();
      const person = byInvitation(people, token, now);
      if (person.invitation?.clear === true)
        Object.assign(person, { totp: null, passkeys: [], recoveryHashes: [], tokens: [] });
      person.invitation = null;
      person.password = { hash, changedAt: now };
      person.version = newVersion();
      person.forgivenAt = now;
      return { personId: person.id };
    });
  },
  'people.found': async (machine, { id, name, password }, { deadlineAt }) => {
    const register = registerOf(machine);
    const refuse = (): never => {
      throw new AppError('not_allowed', 'The panel has an owner already.', { reason: 'register_not_empty' });
    };
    if (register.all().size > 0) refuse();
    const hash = await hashPassword(password);
    return await register.change(deadlineAt, (people) => {
      if (people.size > 0) refuse();
      const facts = { isOwner: true, isDisabled: false, mustHaveSecondFactor: false, recording: 'chosen' } as const;
      const owner = newPerson({ id, name, permissions: [...permissions], ...facts });
      people.set(id, { ...owner, password: { hash, changedAt: machine.now() } });
      return {};
    });
  },
  'people.invitation': (machine, { token }) =>
    Promise.resolve().then(() => ({ personId: byInvitation(registerOf(machine).all(), token, machine.now()).id })),
  'people.invite': async (machine, { personId, clear }, { actor, deadlineAt }) => {
    const token = randomBytes(32).toString('base64url');
    return await registerOf(machine).change(deadlineAt, (people) => {
      const person = people.get(personId);
      if (person === undefined)
        throw new AppError('not_found', 'The register has no such person.', { reason: 'person_unknown' });
      // Whoever holds the secret becomes this person.
      checkMayTouch(getActor(people, actor.id), person);
      const expiresAt = machine.now() + invitationMs;
      person.invitation = { hash: sha256(token), expiresAt, clear };
      return { token, expiresAt: new Date(expiresAt).toISOString() };
    });
  },
  'people.list': (machine) => Promise.resolve().then(() => ({ people: listPeople(machine) })),
  async 'people.put'(machine, { people: given }, { actor, deadlineAt }) {
    const done = await registerOf(machine).change(deadlineAt, (people) => {
      putPeople(people, getActor(people, actor.id), given);
      return {};
    });
    machine.later('terminals of people', () => endForbiddenTerminals(machine));
    return done;
  },
  async 'people.remove'(machine, { personId }, { actor, deadlineAt }) {
    const done = await registerOf(machine).change(deadlineAt, (people) => {
      removePerson(people, getActor(people, actor.id), personId);
      return {};
    });
    machine.later('terminals of people', () => endForbiddenTerminals(machine));
    return done;
  },
};

/** Loaded only where somebody has a terminal open. */
async function endForbiddenTerminals(machine: Machine): Promise<void> {
  if (listNames(terminalsFolder(machine)).length === 0) return;
  const { endForbidden } = await import('../terminals/forbidden.ts');
  await endForbidden(machine);
}
