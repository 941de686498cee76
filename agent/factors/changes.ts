import type { ActionParams } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { AppError } from '#shared/errors.ts';
import { ownKey } from '../core/keys.ts';
import type { OwnState } from '../core/machine.ts';
import { hasSecondFactor, isHeldBack, newVersion, permissionsOf, type PersonRecord } from '../people/person.ts';
import { getActor, registerOf, type People } from '../people/register.ts';
import { beginAttempt } from './limits.ts';
import { addPasskey, checkRegistration } from './passkeys.ts';
import { hashPassword, verifyPassword } from '#shared/password-hash.ts';
import { newRecoveryCodes, recoveryHash } from './recovery.ts';
import { findStep } from './totp.ts';

export type FactorChange = ActionParams<AgentActions['factors.change']>['change'];
/** Done inside a change of the register. */
type Step = (person: PersonRecord, people: People) => void;

/** API tokens that stand for a fresh factor; the panel has its own, lower limit. */
const maxTokens = 100;

/** Changes the acting person's factors; answers new recovery codes, which are shown once. */
export async function changeFactors(
  state: OwnState,
  personId: string,
  change: FactorChange,
  deadlineAt: number,
): Promise<string[] | null> {
  const register = registerOf(state);
  const step = await prepare(state, getActor(register.all(), personId), change);
  const key = await ownKey(state.stateFolder, 'recovery');
  return await register.change(deadlineAt, (people) => {
    const person = getActor(people, personId);
    const hadSecondFactor = hasSecondFactor(person);
    const wasHeldBack = isHeldBack(person);
    step(person, people);
    if (isHeldBack(person) && !wasHeldBack) throw lastFactor();
    const isFirst = !hadSecondFactor && hasSecondFactor(person);
    const codes = isFirst || change.kind === 'new_recovery_codes' ? newRecoveryCodes() : null;
    if (codes !== null) person.recoveryHashes = codes.map((code) => recoveryHash(key, personId, code));
    // Alone they would be a second factor that nobody chose.
    if (!hasSecondFactor(person)) person.recoveryHashes = [];
    if (!keepsElevations.includes(change.kind)) person.version = newVersion();
    return codes;
  });
}

/** A name is no factor; tokens are known by their own id in what is signed for them. */
const keepsElevations: readonly FactorChange['kind'][] = ['rename_passkey', 'add_token', 'remove_token'];

/** What takes time or uses something up comes before the change of the register. */
async function prepare(state: OwnState, person: PersonRecord, change: FactorChange): Promise<Step> {
  switch (change.kind) {
    case 'set_password':
      return await setPassword(state, person, change);
    case 'add_totp': {
      const { secret, code } = change;
      const lastStep = findStep(secret, code, state.now(), 0);
      if (lastStep === undefined) throw wrongField('code', 'totp_code_wrong');
      // The code that proves it is used up with that.
      return (own) => void (own.totp = { secret, addedAt: state.now(), lastStep });
    }
    case 'remove_totp':
      return (own) => {
        if (own.totp === null) throw unknownFactor();
        own.totp = null;
      };
    case 'add_passkey': {
      if (/[\u0000-\u001f\u007f\u2028\u2029]/.test(change.name)) throw wrongField('name', 'control_characters');
      const passkey = { ...checkRegistration(state, change.registration, person.id), name: change.name };
      return (own, people) => addPasskey(people, own, passkey);
    }
    case 'rename_passkey':
      if (/[\u0000-\u001f\u007f\u2028\u2029]/.test(change.name)) throw wrongField('name', 'control_characters');
      return (own) => void (getPasskey(own, change.passkeyId).name = change.name);
    case 'remove_passkey':
      return (own) => {
        const gone = getPasskey(own, change.passkeyId);
        own.passkeys = own.passkeys.filter((passkey) => passkey !== gone);
        if (own.passkeys.length === 0 && own.password === null) throw lastFactor();
      };
    case 'new_recovery_codes':
      return (own) => {
        if (!hasSecondFactor(own))
          throw new AppError('not_allowed', 'Add a second factor first.', { reason: 'second_factor_needed' });
      };
    case 'add_token':
      return (own) => addToken(own, change, state.now());
    case 'remove_token':
      return (own) => void (own.tokens = own.tokens.filter(({ id }) => id !== change.tokenId));
  }
}

async function setPassword(
  state: OwnState,
  person: PersonRecord,
  { current, password }: Extract<FactorChange, { kind: 'set_password' }>,
): Promise<Step> {
  if (person.password !== null) {
    const attempt = beginAttempt(state, person, 'password');
    const [isRight] = await Promise.all([verifyPassword(current, person.password.hash), attempt.counted]);
    if (!isRight) throw wrongField('current', 'password_wrong');
    await attempt.takeBack();
  }
  const hash = await hashPassword(password);
  return (own) => {
    // Somebody else set one while this was hashed.
    if (own.password?.hash !== person.password?.hash) throw wrongField('current', 'password_wrong');
    own.password = { hash, changedAt: state.now() };
    own.invitation = null;
  };
}

function addToken(person: PersonRecord, change: Extract<FactorChange, { kind: 'add_token' }>, now: number): void {
  const { tokenId: id, tokenHash: hash, permissions } = change;
  const own = permissionsOf(person);
  if (permissions.some((permission) => !own.includes(permission)))
    throw new AppError('not_allowed', 'A token cannot do more than its person.', { reason: 'more_than_own' });
  // Expired ones are of no use to anybody.
  person.tokens = person.tokens.filter((token) => token.id !== id && token.expiresAt > now);
  if (person.tokens.length >= maxTokens)
    throw new AppError('invalid_request', 'There are too many tokens.', {
      fields: [{ field: 'change', code: 'too_many', params: { max: maxTokens } }],
    });
  person.tokens.push({ id, hash, permissions: [...permissions], expiresAt: Date.parse(change.expiresAt) });
}

function getPasskey({ passkeys }: PersonRecord, passkeyId: string) {
  const passkey = passkeys.find(({ id }) => id === passkeyId);
  if (passkey === undefined) throw unknownFactor();
  return passkey;
}

function wrongField(field: string, code: string): AppError {
  return new AppError('invalid_request', 'Some fields are not valid.', { fields: [{ field, code }] });
}

function unknownFactor(): AppError {
  return new AppError('not_found', 'There is no such factor.', { reason: 'factor_unknown' });
}

function lastFactor(): AppError {
  return new AppError('not_allowed', 'This is the last way in that fits the rules.', { reason: 'last_factor' });
}
