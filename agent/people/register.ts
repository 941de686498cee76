import { z } from 'zod';
import type { ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { AppError } from '#shared/errors.ts';
import { takeLockFile } from '../core/lock.ts';
import type { OwnState } from '../core/machine.ts';
import { openStateFile } from '../core/state-file.ts';
import { personRecord, type PersonRecord } from './person.ts';

/*
 * `people.json`: the only place where a credential is kept. Somebody who is root on the machine changes it from the console
 * while the agent runs, so every look asks the file whether it is still the one that was read.
 */

const fileForm = z.object({ format: z.literal(1), people: z.array(personRecord) });

export type People = Map<string, PersonRecord>;

export type Register = {
  /** Not to be changed: `change` is for that. */
  readonly all: () => ReadonlyMap<string, PersonRecord>;
  readonly find: (id: string) => PersonRecord | undefined;
  /**
   * One change at a time, also against the console. `work` changes the people it is given; when it throws nothing is
   * changed, and what it answers is true on the disk when the promise ends.
   */
  readonly change: <T>(deadlineAt: number, work: (people: People) => T) => Promise<T>;
};

const peopleLock = 'people';
const patienceMs = 5_000;
const open = new WeakMap<OwnState, Register>();

/** The register of this state folder, opened once. */
export function registerOf(state: OwnState): Register {
  const known = open.get(state);
  if (known !== undefined) return known;
  const register = openRegister(state);
  open.set(state, register);
  return register;
}

function openRegister({ stateFolder, locks }: OwnState): Register {
  const file = openStateFile(`${stateFolder}/people.json`, parse);
  return {
    all: () => file.read(),
    find: (id) => file.read().get(id),
    change: async (deadlineAt, work) =>
      await locks.hold(peopleLock, deadlineAt, async () => {
        const lock = await takeLockFile(`${stateFolder}/people.lock`, patienceMs);
        try {
          const before = file.read();
          const people: People = structuredClone(new Map(before));
          const answer = work(people);
          const text = render(people);
          if (text !== render(before)) await file.write(text);
          return answer;
        } finally {
          lock.release();
        }
      }),
  };
}

function parse(text: string | undefined): ReadonlyMap<string, PersonRecord> {
  if (text === undefined) return new Map();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw damaged();
  }
  const parsed = fileForm.safeParse(json);
  if (!parsed.success) throw damaged();
  return new Map(parsed.data.people.map((person) => [person.id, person]));
}

/** Never taken for an empty register: that one anybody could found. */
function damaged(): AppError {
  return new AppError('internal', 'The register of people cannot be read.', { cause: 'people.json is damaged' });
}

function render(people: ReadonlyMap<string, PersonRecord>): string {
  return `${JSON.stringify({ format: 1, people: [...people.values()] })}\n`;
}

/** The enabled person who acts. Throws `not_allowed` (`person_unknown`, `person_disabled`). */
export function getActor(people: ReadonlyMap<string, PersonRecord>, id: string): PersonRecord {
  const person = people.get(id);
  if (person === undefined)
    throw new AppError('not_allowed', 'The register has no such person.', { reason: 'person_unknown' });
  if (person.isDisabled) throw new AppError('not_allowed', 'This person is disabled.', { reason: 'person_disabled' });
  return person;
}

type Listed = ActionResult<AgentActions['people.list']>['people'][number];

/** Everybody, without secrets. */
export function listPeople(state: OwnState): Listed[] {
  const now = state.now();
  return [...registerOf(state).all().values()].map((person) => ({
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
    invitedUntil: invitedUntil(person, now),
  }));
}

function invitedUntil({ invitation }: PersonRecord, now: number): string | null {
  return invitation === null || invitation.expiresAt <= now ? null : new Date(invitation.expiresAt).toISOString();
}
