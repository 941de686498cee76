import { randomBytes } from 'node:crypto';
import type { ActionParams } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { AppError } from '#shared/errors.ts';
import { factorKinds, maxPasskeys, recoveryCodeCount, type FactorKind, type Proof } from '#shared/factors.ts';
import type { FakeActions } from '../agent-fake.ts';
import { createFakePasskeys } from './passkeys.ts';
import {
  digest,
  hasSecondFactor,
  isPassword,
  newPasswordRecord,
  permissionsOf,
  type FakePerson,
  type FakeRegister,
} from './register.ts';
import { matchTotp } from './totp.ts';

const failureWindowMs = 5 * 60 * 1000;
const maxFailures = 10;

export type FakeFactorCheck = {
  /** Throws `not_signed_in` (`wrong_credentials`) or `rate_limited`. */
  check(person: FakePerson, proof: Proof, purpose: 'sign_in' | 'elevate'): void;
  /** Throws `not_allowed` (`stronger_factor_needed`). */
  isStrongEnough(person: FakePerson, kind: FactorKind): void;
};

type FactorActionName = Extract<keyof FakeActions, `factors.${string}`>;

export function createFakeFactors(register: FakeRegister): {
  readonly actions: Pick<FakeActions, FactorActionName>;
  readonly factorCheck: FakeFactorCheck;
} {
  const passkeys = createFakePasskeys(register);
  const failures = new Map<string, number[]>();

  function checkRate(personId: string, kind: FactorKind): void {
    const recent = (failures.get(personId) ?? []).filter((at) => register.now() - at < failureWindowMs);
    failures.set(personId, recent);
    if (recent.length < maxFailures || kind === 'passkey') return;
    throw new AppError('rate_limited', 'Too many wrong tries; wait a few minutes.', {
      reason: 'sign_in_rate_limited',
      params: { retryAfterSeconds: Math.ceil(((recent[0] ?? 0) + failureWindowMs - register.now()) / 1000) },
    });
  }

  function isRight(person: FakePerson, proof: Proof, purpose: 'sign_in' | 'elevate'): boolean {
    switch (proof.kind) {
      case 'password':
        return isPassword(person, proof.password);
      case 'totp': {
        const { totp } = person;
        const step = totp === null ? undefined : matchTotp(totp.secret, proof.code, register.now(), totp.lastStep);
        if (totp === null || step === undefined) return false;
        totp.lastStep = step;
        return true;
      }
      case 'recovery': {
        const index = person.recoveryHashes.indexOf(digest(proof.code));
        if (index !== -1) person.recoveryHashes.splice(index, 1);
        return index !== -1;
      }
      case 'passkey':
        return passkeys.check(proof.assertion, purpose, person.id) === person;
    }
  }

  const factorCheck: FakeFactorCheck = {
    check(person, proof, purpose) {
      checkRate(person.id, proof.kind);
      if (!isRight(person, proof, purpose) || person.isDisabled) {
        failures.get(person.id)?.push(register.now());
        throw wrong();
      }
      register.save();
    },
    isStrongEnough(person, kind) {
      if (elevationKindsOf(person).includes(kind)) return;
      throw new AppError('not_allowed', 'Use a stronger factor.', { reason: 'stronger_factor_needed' });
    },
  };

  return {
    factorCheck,
    actions: {
      async 'factors.list'({ personId }) {
        const person = register.people.get(personId);
        return {
          password: person?.password == null ? null : { changedAt: iso(person.password.changedAt) },
          totp: person?.totp == null ? null : { addedAt: iso(person.totp.addedAt) },
          passkeys: (person?.passkeys ?? []).map(({ id, name, rpId, addedAt, lastUsedAt }) => ({
            id,
            name,
            rpId,
            addedAt: iso(addedAt),
            lastUsedAt: lastUsedAt === null ? null : iso(lastUsedAt),
          })),
          recoveryCodesLeft: person?.recoveryHashes.length ?? 0,
          elevationKinds: person === undefined ? [] : elevationKindsOf(person),
        };
      },
      async 'factors.challenge'({ purpose, personId, relyingParty }) {
        const known = personId === null ? [] : (register.people.get(personId)?.passkeys ?? []);
        return {
          challenge: passkeys.challenge(purpose, personId, relyingParty),
          passkeyIds: known.filter(({ rpId }) => rpId === relyingParty.id).map(({ id }) => id),
        };
      },
      async 'factors.check'({ personId, proof }) {
        if (personId === null && proof.kind === 'passkey') {
          const owner = passkeys.check(proof.assertion, 'sign_in', null);
          if (owner === undefined || owner.isDisabled) throw wrong();
          register.save();
          return { personId: owner.id, needs: [] };
        }
        const person = personId === null ? undefined : register.people.get(personId);
        if (person === undefined) throw wrong();
        factorCheck.check(person, proof, 'sign_in');
        return { personId: person.id, needs: proof.kind === 'password' ? secondKindsOf(person) : [] };
      },
      async 'factors.change'({ change }, { actor }) {
        const person = register.getActive(actor.id);
        const hadSecondFactor = hasSecondFactor(person);
        const before = structuredClone(person);
        apply(person, change, passkeys, register.now());
        if (person.mustHaveSecondFactor && hadSecondFactor && !hasSecondFactor(person)) {
          Object.assign(person, before);
          throw new AppError('not_allowed', 'A second factor has to stay.', { reason: 'last_factor' });
        }
        const isFirst = !hadSecondFactor && hasSecondFactor(person);
        const codes = isFirst || change.kind === 'new_recovery_codes' ? newRecoveryCodes() : null;
        if (codes !== null) person.recoveryHashes = codes.map(digest);
        if (!hasSecondFactor(person)) person.recoveryHashes = [];
        if (!['rename_passkey', 'add_token', 'remove_token'].includes(change.kind)) person.version += 1;
        register.save();
        return { recoveryCodes: codes?.map((code) => `${code.slice(0, 5)}-${code.slice(5)}`) ?? null };
      },
    },
  };
}

type Change = ActionParams<AgentActions['factors.change']>['change'];

function apply(person: FakePerson, change: Change, passkeys: ReturnType<typeof createFakePasskeys>, now: number): void {
  switch (change.kind) {
    case 'set_password':
      if (person.password !== null && !isPassword(person, change.current))
        throw wrongField('current', 'password_wrong');
      person.password = newPasswordRecord(change.password.normalize('NFKC'), now);
      return;
    case 'add_totp': {
      const step = matchTotp(change.secret, change.code, now, 0);
      if (step === undefined) throw wrongField('code', 'totp_code_wrong');
      person.totp = { secret: change.secret, addedAt: now, lastStep: step };
      return;
    }
    case 'remove_totp':
      if (person.totp === null) throw unknownFactor();
      person.totp = null;
      return;
    case 'add_passkey': {
      const added = passkeys.register(change.registration, person.id);
      if (person.passkeys.some(({ id }) => id === added.id)) {
        throw new AppError('already_exists', 'This passkey is known.', { reason: 'passkey_known' });
      }
      if (person.passkeys.length >= maxPasskeys) {
        throw new AppError('not_allowed', 'There are too many passkeys.', { reason: 'passkey_limit' });
      }
      person.passkeys.push({ ...added, name: change.name });
      return;
    }
    case 'rename_passkey': {
      const passkey = person.passkeys.find(({ id }) => id === change.passkeyId);
      if (passkey === undefined) throw unknownFactor();
      passkey.name = change.name;
      return;
    }
    case 'remove_passkey':
      if (!person.passkeys.some(({ id }) => id === change.passkeyId)) throw unknownFactor();
      if (person.passkeys.length === 1 && person.password === null) {
        throw new AppError('not_allowed', 'This is the only way in.', { reason: 'last_factor' });
      }
      person.passkeys = person.passkeys.filter(({ id }) => id !== change.passkeyId);
      return;
    case 'new_recovery_codes':
      if (!hasSecondFactor(person)) {
        throw new AppError('not_allowed', 'Add a second factor first.', { reason: 'second_factor_needed' });
      }
      return;
    case 'add_token':
      if (change.permissions.some((permission) => !permissionsOf(person).includes(permission))) {
        throw new AppError('not_allowed', 'A token cannot do more than its person.', { reason: 'more_than_own' });
      }
      person.tokens.push({
        id: change.tokenId,
        hash: change.tokenHash,
        permissions: change.permissions,
        expiresAt: Date.parse(change.expiresAt),
      });
      return;
    case 'remove_token':
      person.tokens = person.tokens.filter(({ id }) => id !== change.tokenId);
  }
}

/** Strongest first. A password is enough only for who has nothing else. */
function elevationKindsOf(person: FakePerson): FactorKind[] {
  const kinds = secondKindsOf(person);
  return kinds.length > 0 ? kinds : person.password === null ? [] : ['password'];
}

function secondKindsOf(person: FakePerson): FactorKind[] {
  const has: Record<FactorKind, boolean> = {
    passkey: person.passkeys.length > 0,
    totp: person.totp !== null,
    recovery: person.recoveryHashes.length > 0,
    password: false,
  };
  return factorKinds.filter((kind) => has[kind]);
}

function newRecoveryCodes(): string[] {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  return Array.from({ length: recoveryCodeCount }, () =>
    Array.from(randomBytes(10), (byte) => alphabet[byte & 31]).join(''),
  );
}

function wrong(): AppError {
  return new AppError('not_signed_in', 'This is not right.', { reason: 'wrong_credentials' });
}

function wrongField(field: string, code: string): AppError {
  return new AppError('invalid_request', 'Some fields are not valid.', { fields: [{ field, code }] });
}

function unknownFactor(): AppError {
  return new AppError('not_found', 'There is no such factor.', { reason: 'factor_unknown' });
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
