import { createHash, createHmac, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { RegisteredPerson } from '#shared/agent/people.ts';
import { permissions, type Permission } from '#shared/access.ts';
import { AppError } from '#shared/errors.ts';

/*
 * The register of the fake agent: what the real one keeps in files of root. Hashes are quick ones: nothing here guards a
 * machine.
 */

export type FakePasskey = {
  id: string;
  name: string;
  rpId: string;
  /** SubjectPublicKeyInfo, DER, base64url. */
  publicKey: string;
  signCount: number;
  addedAt: number;
  lastUsedAt: number | null;
};

export type FakePerson = RegisteredPerson & {
  password: { salt: string; hash: string; changedAt: number } | null;
  totp: { secret: string; addedAt: number; lastStep: number } | null;
  passkeys: FakePasskey[];
  recoveryHashes: string[];
  invitation: { hash: string; expiresAt: number; clear: boolean } | null;
  tokens: { id: string; hash: string; permissions: Permission[]; expiresAt: number }[];
  /** Rises with every change of factors or rights: elevations from before are void. */
  version: number;
};

type State = { readonly key: string; readonly people: FakePerson[] };

export type FakeRegister = {
  readonly people: Map<string, FakePerson>;
  /** Signs elevations; like the real one's it survives a restart. */
  readonly key: string;
  readonly now: () => number;
  /** Writes it down. */
  save(): void;
  /** The enabled person; throws `not_allowed`. */
  getActive(id: string): FakePerson;
};

/** `path`: kept there, so that the people of a development panel survive its restart; else in memory only. */
export function openFakeRegister(path: string | undefined, now: () => number = Date.now): FakeRegister {
  const state = read(path);
  const people = new Map(state.people.map((person) => [person.id, person]));
  return {
    people,
    key: state.key,
    now,
    save() {
      if (path === undefined) return;
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(`${path}.new`, JSON.stringify({ key: state.key, people: [...people.values()] }), { mode: 0o600 });
      renameSync(`${path}.new`, path);
    },
    getActive(id) {
      const person = people.get(id);
      if (person === undefined) {
        throw new AppError('not_allowed', 'The agent does not know this person.', { reason: 'person_unknown' });
      }
      if (person.isDisabled) {
        throw new AppError('not_allowed', 'This person is disabled.', { reason: 'person_disabled' });
      }
      return person;
    },
  };
}

function read(path: string | undefined): State {
  const empty = { key: randomBytes(32).toString('base64url'), people: [] };
  if (path === undefined) return empty;
  try {
    const state = JSON.parse(readFileSync(path, 'utf8')) as State;
    // Of an earlier version: without what this one has added.
    return { ...state, people: state.people.map((person) => ({ ...person, recording: person.recording ?? 'chosen' })) };
  } catch {
    return empty;
  }
}

export function newFakePerson(facts: RegisteredPerson): FakePerson {
  return {
    ...facts,
    password: null,
    totp: null,
    passkeys: [],
    recoveryHashes: [],
    invitation: null,
    tokens: [],
    version: 1,
  };
}

export function hasSecondFactor(person: FakePerson): boolean {
  return person.totp !== null || person.passkeys.length > 0;
}

/** An owner may do everything there is, also what was added after they became one. */
export function permissionsOf({ isOwner, permissions: own }: FakePerson): readonly Permission[] {
  return isOwner ? permissions : own;
}

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function newPasswordRecord(password: string, now: number): { salt: string; hash: string; changedAt: number } {
  const salt = randomBytes(12).toString('base64url');
  return { salt, hash: digest(`${salt} ${password}`), changedAt: now };
}

export function isPassword(person: FakePerson, password: string): boolean {
  const known = person.password;
  return known !== null && digest(`${known.salt} ${password.normalize('NFKC')}`) === known.hash;
}

/** `<payload>.<HMAC>` as the contract's `elevationToken`. */
export function sign(key: string, payload: object): string {
  const text = Buffer.from(JSON.stringify(payload)).toString('base64url');
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
}

/** The payload, or undefined when the signature is another's. */
export function unsign<T>(key: string, signed: string): T | undefined {
  const [text = '', mac] = signed.split('.');
  if (createHmac('sha256', key).update(text).digest('base64url') !== mac) return undefined;
  return JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as T;
}
