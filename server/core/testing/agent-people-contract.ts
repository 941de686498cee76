import { createHash, randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { assert, newDevice, register } from '#agent/testing/authenticator.ts';
import { newTotpSecret, totpCodeAt } from '#agent/testing/people.ts';
import { permissions, type Permission } from '#shared/access.ts';
import type { ActionParamsInput } from '#shared/agent/action.ts';
import type { AgentActionName, AgentActions } from '#shared/agent/index.ts';
import { canonicalJson } from '#shared/agent/people.ts';
import type { Proof } from '#shared/factors.ts';
import type { AgentClient } from '../agent-client.ts';
import { newId } from '../id.ts';
import { ownerPassword, type TestOwner } from './owner.ts';

/* For tests: the part of the agent's contract about people, their factors, tickets and the audit log. */

type Person = { readonly id: string; readonly name: string; readonly sessionId: string; readonly password: string };

const panel = { id: 'panel', name: 'panel' };
const place = { id: 'localhost', origin: 'http://localhost:5000' };
const wrong = { code: 'not_signed_in', reason: 'wrong_credentials' };

/** `getAgent` and `getOwner` answer once the tests run. */
export function peopleContract(getAgent: () => AgentClient, getOwner: () => TestOwner): void {
  const call = <N extends AgentActionName>(
    action: N,
    params: ActionParamsInput<AgentActions[N]>,
    actor: { readonly id: string; readonly name: string } = panel,
    ticket?: string,
  ) => {
    const { id, name } = actor;
    return getAgent().call(action, params, {
      actor: { id, name },
      requestId: 'contract',
      ...(ticket === undefined ? {} : { ticket }),
    });
  };
  /** With the owner's elevation: the client gets the ticket. */
  const asOwner = <N extends AgentActionName>(action: N, params: ActionParamsInput<AgentActions[N]>) =>
    getAgent().call(action, params, { actor: getOwner(), requestId: 'contract' });

  const facts = ({ id, name }: Pick<Person, 'id' | 'name'>, more: object = {}) => ({
    id,
    name,
    isOwner: false,
    permissions: [...permissions],
    isDisabled: false,
    mustHaveSecondFactor: false,
    ...more,
  });

  const check = (personId: string | null, given: Proof) => call('factors.check', { personId, proof: given });
  const open = async (person: Person, given: Proof) =>
    (await call('elevation.open', { sessionId: person.sessionId, proof: given }, person)).elevation;
  const password = ({ password: text }: Person): Proof => ({ kind: 'password', password: text });
  const ticketOf = async (person: Person, elevation: string, action: string, params: unknown) => {
    const digest = createHash('sha256').update(canonicalJson(params)).digest('hex');
    const given = { sessionId: person.sessionId, elevation, action, digest };
    return (await call('elevation.ticket', given, person)).ticket;
  };
  const change = async (
    person: Person,
    elevation: string,
    given: ActionParamsInput<AgentActions['factors.change']>['change'],
  ) => {
    const params = { change: given };
    return await call('factors.change', params, person, await ticketOf(person, elevation, 'factors.change', params));
  };

  /** Somebody new with a password, added and invited by the owner. */
  async function invited(name: string, more: object = {}): Promise<Person> {
    const person = {
      id: newId(),
      name: `${name}-${newId().slice(0, 6)}`,
      sessionId: newId(),
      password: `of ${name} 12`,
    };
    await asOwner('people.put', { people: [facts(person, more)] });
    const { token } = await asOwner('people.invite', { personId: person.id, clear: false });
    expect(await call('people.invitation', { token })).toEqual({ personId: person.id });
    expect(await call('people.accept', { token, password: person.password })).toEqual({ personId: person.id });
    await expect(call('people.accept', { token, password: 'another one' })).rejects.toMatchObject({
      code: 'not_allowed',
      reason: 'link_void',
    });
    return person;
  }

  describe('people', () => {
    it('are founded once, listed without secrets, and the last owner stays', async () => {
      const other = { id: newId(), name: 'mallory', password: 'the second owner' };
      await expect(call('people.found', other)).rejects.toMatchObject({
        code: 'not_allowed',
        reason: 'register_not_empty',
      });
      const { people } = await call('people.list', {});
      expect(people.filter(({ isOwner }) => isOwner)).toMatchObject([{ id: getOwner().id, hasPassword: true }]);
      expect(JSON.stringify(people)).not.toContain(ownerPassword);
      await expect(asOwner('people.remove', { personId: getOwner().id })).rejects.toMatchObject({
        code: 'not_allowed',
        reason: 'last_owner',
      });
    });

    it('USER-6 give nothing that they lack, touch no owner, and what is refused changes nobody', async () => {
      const own: Permission[] = ['people.write', 'sites.read'];
      const clerk = await invited('clerk', { permissions: own });
      const elevation = await open(clerk, password(clerk));
      const put = async (...people: ReturnType<typeof facts>[]) => {
        const params = { people };
        return await call('people.put', params, clerk, await ticketOf(clerk, elevation, 'people.put', params));
      };
      const fine = facts({ id: newId(), name: `fine-${newId()}` }, { permissions: ['sites.read'] });
      await expect(put(fine, facts(clerk))).rejects.toMatchObject({ code: 'not_allowed', reason: 'more_than_own' });
      await expect(put(facts(clerk, { isOwner: true, permissions: own }))).rejects.toMatchObject({
        code: 'not_allowed',
        reason: 'owner_only',
      });
      expect((await call('people.list', {})).people.map(({ id }) => id)).not.toContain(fine.id);
      await put(fine);
      expect((await call('people.list', {})).people.map(({ id }) => id)).toContain(fine.id);
    });

    it('who are unknown, disabled, or lack the right or a second factor do nothing', async () => {
      const read = (actor: { id: string; name: string }) => call('audit.read', { from: 1, limit: 1 }, actor);
      const viewer = await invited('viewer', { permissions: ['sites.read'] });
      await expect(read({ id: newId(), name: 'x' })).rejects.toMatchObject({ reason: 'person_unknown' });
      await expect(read(viewer)).rejects.toMatchObject({ code: 'not_allowed', params: { permission: 'audit.read' } });
      await asOwner('people.put', { people: [facts(viewer, { mustHaveSecondFactor: true })] });
      await expect(read(viewer)).rejects.toMatchObject({ reason: 'second_factor_needed' });
      await asOwner('people.put', { people: [facts(viewer)] });
      await read(viewer);
      await asOwner('people.put', { people: [facts(viewer, { isDisabled: true })] });
      await expect(read(viewer)).rejects.toMatchObject({ reason: 'person_disabled' });
      await expect(check(viewer.id, password(viewer))).rejects.toMatchObject(wrong);
    });
  });

  it('whose terminals are recorded is kept of each, by who may change them, and ends no confirmation', async () => {
    const clerk = await invited('recorder', { permissions: ['people.write'] });
    const person = await invited('recorded', { permissions: ['people.write'] });
    const elevation = await open(person, password(person));
    const recordingOf = async () =>
      (await call('people.list', {})).people.find(({ id }) => id === person.id)?.recording;
    const put = (more: object) => facts(person, { permissions: ['people.write'], ...more });
    expect(await recordingOf()).toBe('chosen');
    await asOwner('people.put', { people: [put({ recording: 'always' })] });
    expect(await recordingOf()).toBe('always');
    await ticketOf(person, elevation, 'people.put', {});
    const ofOwner = { people: [facts(getOwner(), { isOwner: true, recording: 'never' })] };
    const clerks = await open(clerk, password(clerk));
    const refused = call('people.put', ofOwner, clerk, await ticketOf(clerk, clerks, 'people.put', ofOwner));
    await expect(refused).rejects.toMatchObject({ code: 'not_allowed' });
    await asOwner('people.put', { people: [put({ mustHaveSecondFactor: true, recording: 'never' })] });
    await expect(ticketOf(person, elevation, 'people.put', {})).rejects.toMatchObject({ code: 'elevation_required' });
  });

  describe('factors', () => {
    it('USER-7 a right password is in; a wrong one, an unknown person and nobody are refused alike', async () => {
      const person = await invited('plain');
      expect(await check(person.id, password(person))).toEqual({ personId: person.id, needs: [] });
      await expect(check(person.id, { kind: 'password', password: 'no' })).rejects.toMatchObject(wrong);
      await expect(check(newId(), password(person))).rejects.toMatchObject(wrong);
      await expect(check(null, password(person))).rejects.toMatchObject(wrong);
    });

    it('an authenticator app brings recovery codes, its codes work once, and a password confirms no more', async () => {
      const person = await invited('totp');
      const secret = newTotpSecret();
      const elevation = await open(person, password(person));
      const code = totpCodeAt(secret, Date.now());
      const { recoveryCodes } = await change(person, elevation, { kind: 'add_totp', secret, code });
      expect(recoveryCodes).toHaveLength(10);
      // A change of the factors ends every elevation.
      await expect(ticketOf(person, elevation, 'people.put', {})).rejects.toMatchObject({
        code: 'elevation_required',
        reason: 'elevation_void',
      });
      expect((await check(person.id, password(person))).needs).toEqual(['totp', 'recovery']);
      await expect(check(person.id, { kind: 'totp', code })).rejects.toMatchObject(wrong);
      await expect(open(person, password(person))).rejects.toMatchObject({
        code: 'not_allowed',
        reason: 'stronger_factor_needed',
      });
      const next: Proof = { kind: 'totp', code: totpCodeAt(secret, Date.now(), 1) };
      expect(await check(person.id, next)).toEqual({ personId: person.id, needs: [] });
      await expect(open(person, next)).rejects.toMatchObject(wrong);
      const recovery: Proof = { kind: 'recovery', code: (recoveryCodes?.[0] ?? '').toUpperCase() };
      await open(person, recovery);
      await expect(check(person.id, recovery)).rejects.toMatchObject(wrong);
      expect(await call('factors.list', { personId: person.id })).toMatchObject({
        recoveryCodesLeft: 9,
        elevationKinds: ['totp', 'recovery'],
      });
    });

    it('S-9 after ten failures passwords and codes are refused, and a passkey still is a way in', async () => {
      const person = await invited('passkey');
      const device = newDevice();
      const challenge = async (purpose: 'register' | 'sign_in', personId: string | null = person.id) =>
        (await call('factors.challenge', { purpose, personId, relyingParty: place })).challenge;
      const elevation = await open(person, password(person));
      const registration = register(device, place, await challenge('register')) as never;
      await change(person, elevation, { kind: 'add_passkey', name: 'phone', registration });
      for (let round = 0; round < 10; round++)
        await expect(check(person.id, { kind: 'recovery', code: 'aaaaaaaaaa' })).rejects.toMatchObject(wrong);
      await expect(check(person.id, password(person))).rejects.toMatchObject({
        code: 'rate_limited',
        reason: 'sign_in_rate_limited',
      });
      const assertion = assert(device, place, await challenge('sign_in'), person.id);
      expect(await check(person.id, { kind: 'passkey', assertion })).toEqual({ personId: person.id, needs: [] });
      await expect(check(person.id, { kind: 'passkey', assertion })).rejects.toMatchObject(wrong);
      const unnamed = assert(device, place, await challenge('sign_in', null), person.id);
      expect(await check(null, { kind: 'passkey', assertion: unnamed })).toEqual({ personId: person.id, needs: [] });
      expect((await call('factors.list', { personId: person.id })).passkeys).toMatchObject([
        { id: device.id, name: 'phone', rpId: place.id },
      ]);
    });
  });

  describe('tickets', () => {
    let person: Person;
    let elevation: string;
    beforeAll(async () => {
      person = await invited('admin');
      elevation = await open(person, password(person));
    });
    const params = () => ({ people: [facts({ id: newId(), name: `new-${newId()}` })] });
    const refused = { code: 'elevation_required' };

    it('USER-3 S-5 are for one action with exactly these parameters by this person, once', async () => {
      const given = params();
      await expect(call('people.put', given, person)).rejects.toMatchObject(refused);
      await expect(call('people.put', given, panel)).rejects.toMatchObject({ isOutcomeKnown: true });
      const ticket = await ticketOf(person, elevation, 'people.put', given);
      await expect(call('people.put', params(), person, ticket)).rejects.toMatchObject(refused);
      await expect(call('people.invite', { personId: person.id, clear: true }, person, ticket)).rejects.toMatchObject(
        refused,
      );
      const { id, name } = getOwner();
      await expect(call('people.put', given, { id, name }, ticket)).rejects.toMatchObject(refused);
      const fresh = await ticketOf(person, elevation, 'people.put', given);
      await call('people.put', given, person, fresh);
      await expect(call('people.put', given, person, fresh)).rejects.toMatchObject({
        ...refused,
        reason: 'ticket_void',
      });
    });

    it('are given for this session and this person only', async () => {
      const elsewhere = { ...person, sessionId: newId() };
      await expect(ticketOf(elsewhere, elevation, 'people.put', {})).rejects.toMatchObject({
        ...refused,
        reason: 'elevation_void',
      });
      const { id, name } = getOwner();
      await expect(ticketOf({ ...person, id, name }, elevation, 'people.put', {})).rejects.toMatchObject(refused);
    });

    it('come from an API token that was made for it, for what the token may', async () => {
      const token = `aap_${newId()}_${randomBytes(32).toString('base64url')}`;
      const tokenId = newId();
      const tokenHash = createHash('sha256').update(token).digest('hex');
      const expiresAt = new Date(Date.now() + 60_000).toISOString();
      const own = await open(person, password(person));
      await change(person, own, { kind: 'add_token', tokenId, tokenHash, permissions: ['people.write'], expiresAt });
      const opening = () =>
        call('elevation.open', { sessionId: person.sessionId, proof: { kind: 'token', token } }, person);
      const opened = await opening();
      const given = params();
      await call('people.put', given, person, await ticketOf(person, opened.elevation, 'people.put', given));
      const again = await open(person, password(person));
      await change(person, again, { kind: 'remove_token', tokenId });
      await expect(opening()).rejects.toMatchObject(wrong);
    });
  });

  describe('the audit log', () => {
    const addition = (outcome: 'started' | 'done', entryId = newId()) => ({
      entryId,
      outcome,
      at: new Date().toISOString(),
      actorId: newId(),
      actorName: 'somebody',
      action: 'contract.test',
      target: 'x',
      address: '192.0.2.1',
      requestId: 'contract',
      detail: '{}',
    });

    it('AUD-1 L-9 numbers its lines, takes each once, and is whole', async () => {
      const started = addition('started');
      const done = addition('done', started.entryId);
      const { lines } = await call('audit.append', { additions: [started, done] });
      const [first, second] = lines;
      expect(second?.sequence).toBe((first?.sequence ?? 0) + 1);
      expect((await call('audit.append', { additions: [started] })).lines).toEqual([first]);
      const read = await call('audit.read', { from: first?.sequence ?? 0, limit: 500 });
      expect(read.last).toBe(second?.sequence);
      expect(read.lines).toMatchObject([
        { ...started, ...first },
        { ...done, ...second },
      ]);
      expect(await call('audit.verify', {})).toEqual({ lineCount: second?.sequence, fault: null });
    });
  });
}
