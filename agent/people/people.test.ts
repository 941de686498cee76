import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { builtInRoleFacts, permissions, type Permission } from '#shared/access.ts';
import { startTestAgent, type TestAgent } from '../testing/panel.ts';
import {
  askElevated,
  askTicket,
  elevate,
  foundOwner,
  mustWork,
  newTotpSecret,
  panel,
  somebody,
  totpCodeAt,
  type TestPerson,
} from '../testing/people.ts';

let agent: TestAgent;
let owner: TestPerson;

beforeEach(async () => {
  agent = await startTestAgent();
  owner = await foundOwner(agent.ask);
});
afterEach(() => agent.close());

const facts = ({ id, name }: TestPerson, more: object = {}) => ({
  id,
  name,
  isOwner: false,
  permissions: [...builtInRoleFacts.administrator.permissions],
  isDisabled: false,
  mustHaveSecondFactor: false,
  ...more,
});
/** Elevations that are open; a password is hashed for each. */
const opened = new WeakMap<TestPerson, string>();
async function as(actor: TestPerson, action: string, params: unknown, proof?: object) {
  const before = proof === undefined ? opened.get(actor) : undefined;
  const { result } = before === undefined ? {} : await askTicket(agent.ask, actor, before, action, params);
  if (result !== undefined) return await agent.ask(action, params, actor, String(result['ticket']));
  const elevation = await elevate(agent.ask, actor, proof);
  opened.set(actor, elevation);
  return await askElevated(agent.ask, actor, elevation, action, params);
}
const put = (actor: TestPerson, ...people: object[]) => as(actor, 'people.put', { people });
const register = (): string => readFileSync(`${agent.world.settings.stateFolder}/people.json`, 'utf8');
const list = async () => (await agent.ask('people.list', {}, panel)).result?.['people'] as Record<string, unknown>[];

/** In the register, with a password. */
async function added(name: string, more: object = {}): Promise<TestPerson> {
  const person = somebody(name);
  mustWork(await put(owner, facts(person, more)));
  const { result } = mustWork(await as(owner, 'people.invite', { personId: person.id, clear: false }));
  mustWork(await agent.ask('people.accept', { token: result?.['token'], password: person.password }, panel));
  return person;
}

async function expectRefused(answer: () => Promise<object>, wanted: object): Promise<void> {
  const before = register();
  expect(await answer()).toMatchObject(wanted);
  expect(register()).toBe(before);
}

describe('an empty register', () => {
  it('is founded once, by whoever asks first, and only once', async () => {
    const other = somebody('other');
    const params = { id: other.id, name: other.name, password: other.password };
    await expectRefused(() => agent.ask('people.found', params, panel), {
      code: 'not_allowed',
      reason: 'register_not_empty',
    });
    expect(await list()).toEqual([
      expect.objectContaining({ id: owner.id, isOwner: true, permissions: [...permissions], hasPassword: true }),
    ]);
  });

  it('of two who found it at once one is the owner', async () => {
    const fresh = await startTestAgent();
    const answers = await Promise.all(
      ['first', 'second'].map((name) => {
        const { id, password } = somebody(name);
        return fresh.ask('people.found', { id, name, password }, panel);
      }),
    );
    expect(answers.map(({ reason }) => reason ?? 'founded').sort()).toEqual(['founded', 'register_not_empty']);
    await fresh.close();
  });

  it('a damaged one is not taken for an empty one', async () => {
    writeFileSync(`${agent.world.settings.stateFolder}/people.json`, '{"format": 1, "people": [');
    const { id, name, password } = somebody('thief');
    expect(await agent.ask('people.found', { id, name, password }, panel)).toMatchObject({ code: 'internal' });
    expect(register()).not.toContain('thief');
  });
});

describe('an owner', () => {
  it('adds people, changes what they may do, disables and removes them', async () => {
    const admin = await added('admin');
    mustWork(await put(owner, facts(admin, { permissions: ['sites.read'], isDisabled: true })));
    expect(await list()).toContainEqual(
      expect.objectContaining({ name: 'admin', permissions: ['sites.read'], isDisabled: true, hasPassword: true }),
    );
    const proof = { kind: 'password', password: admin.password };
    expect(await agent.ask('factors.check', { personId: admin.id, proof }, panel)).toMatchObject({
      reason: 'wrong_credentials',
    });
    mustWork(await as(owner, 'people.remove', { personId: admin.id }));
    mustWork(await as(owner, 'people.remove', { personId: admin.id }));
    expect(await list()).toHaveLength(1);
  });

  it('USER-6 stays: the last one who can sign in is neither removed, disabled nor made less', async () => {
    const second = somebody('second');
    // An owner who was invited and never came cannot sign in.
    mustWork(await put(owner, facts(second, { isOwner: true })));
    const lastOwner = { code: 'not_allowed', reason: 'last_owner' };
    await expectRefused(() => put(owner, facts(owner, { isOwner: false })), lastOwner);
    await expectRefused(() => put(owner, facts(owner, { isOwner: true, isDisabled: true })), lastOwner);
    await expectRefused(() => as(owner, 'people.remove', { personId: owner.id }), lastOwner);
  });

  it('cannot give two people one name, and of several nobody is changed when one is refused', async () => {
    const first = somebody('same');
    await expectRefused(
      () => put(owner, facts(somebody('fine')), facts(first), facts({ ...somebody('x'), name: 'same' })),
      {
        code: 'already_exists',
        reason: 'user_name_taken',
      },
    );
  });

  it('who puts what is there already ends nobody’s elevation', async () => {
    const admin = await added('admin');
    const elevation = await elevate(agent.ask, admin);
    const before = register();
    mustWork(await put(owner, facts(admin)));
    expect(register()).toBe(before);
    const params = { sessionId: admin.sessionId, elevation, action: 'people.put', digest: '0'.repeat(64) };
    mustWork(await agent.ask('elevation.ticket', params, admin));
  });
});

describe('somebody who is no owner', () => {
  it('USER-6 neither makes, changes, invites nor removes an owner', async () => {
    const admin = await added('admin');
    const ownerOnly = { code: 'not_allowed', reason: 'owner_only' };
    await expectRefused(() => put(admin, facts(admin, { isOwner: true })), ownerOnly);
    await expectRefused(() => put(admin, facts(somebody('new'), { isOwner: true })), ownerOnly);
    await expectRefused(() => put(admin, facts(owner, { isOwner: true, isDisabled: true })), ownerOnly);
    await expectRefused(() => as(admin, 'people.remove', { personId: owner.id }), ownerOnly);
    await expectRefused(() => as(admin, 'people.invite', { personId: owner.id, clear: true }), ownerOnly);
  });

  it('USER-6 gives nothing that they lack, and touches nobody who has more', async () => {
    const own: Permission[] = ['people.read', 'people.write', 'sites.read'];
    const clerk = await added('clerk', { permissions: own });
    const admin = await added('admin');
    const moreThanOwn = { code: 'not_allowed', reason: 'more_than_own' };
    await expectRefused(() => put(clerk, facts(clerk, { permissions: [...own, 'sites.write'] })), moreThanOwn);
    await expectRefused(() => put(clerk, facts(somebody('new'), { permissions: ['sites.delete'] })), moreThanOwn);
    await expectRefused(
      () => put(clerk, facts(somebody('fine'), { permissions: own }), facts(admin, { permissions: own })),
      moreThanOwn,
    );
    await expectRefused(() => as(clerk, 'people.invite', { personId: admin.id, clear: true }), moreThanOwn);
    await expectRefused(() => as(clerk, 'people.remove', { personId: admin.id }), moreThanOwn);
    mustWork(await put(clerk, facts(somebody('fine'), { permissions: ['sites.read'] })));
  });

  it('without the permission changes nobody', async () => {
    const viewer = await added('viewer', { permissions: ['sites.read'] });
    await expectRefused(() => put(viewer, facts(somebody('new'), { permissions: ['sites.read'] })), {
      code: 'not_allowed',
      params: { permission: 'people.write' },
    });
  });

  it('who must have a second factor adds one, and until then does nothing else', async () => {
    const admin = await added('admin', { mustHaveSecondFactor: true });
    await expectRefused(() => put(admin, facts(somebody('new'))), { reason: 'second_factor_needed' });
    expect(await agent.ask('audit.read', { from: 1, limit: 1 }, admin)).toMatchObject({
      code: 'not_allowed',
      reason: 'second_factor_needed',
    });
    const secret = newTotpSecret();
    const change = { kind: 'add_totp', secret, code: totpCodeAt(secret, agent.now()) };
    mustWork(await as(admin, 'factors.change', { change }));
    mustWork(await agent.ask('audit.read', { from: 1, limit: 1 }, admin));
    agent.wait(60_000);
    const elevation = await elevate(agent.ask, admin, { kind: 'totp', code: totpCodeAt(secret, agent.now()) });
    await expectRefused(
      () => askElevated(agent.ask, admin, elevation, 'factors.change', { change: { kind: 'remove_totp' } }),
      { code: 'not_allowed', reason: 'last_factor' },
    );
    expect((await list()).find(({ name }) => name === 'admin')).toMatchObject({ hasTotp: true });
  });
});

describe('an invitation', () => {
  const look = (token: unknown) => agent.ask('people.invitation', { token }, panel);
  const accept = (token: unknown, password = 'a new password') =>
    agent.ask('people.accept', { token, password }, panel);
  const invite = async (person: TestPerson, clear = false) =>
    mustWork(await as(owner, 'people.invite', { personId: person.id, clear })).result?.['token'];
  const linkVoid = { code: 'not_allowed', reason: 'link_void' };

  it('says whose it is, sets a password once, and earlier ones are void', async () => {
    const admin = somebody('admin');
    mustWork(await put(owner, facts(admin)));
    const first = await invite(admin);
    const token = await invite(admin);
    expect(await look(first)).toMatchObject(linkVoid);
    expect((await look(token)).result).toEqual({ personId: admin.id });
    expect((await accept(token)).result).toEqual({ personId: admin.id });
    expect(await accept(token, 'a second password')).toMatchObject(linkVoid);
    expect(await look(token)).toMatchObject(linkVoid);
    expect(register()).not.toContain(String(token));
  });

  it('is void after three days, while its person is disabled, and for who was never invited', async () => {
    const admin = somebody('admin');
    mustWork(await put(owner, facts(admin)));
    const token = await invite(admin);
    mustWork(await put(owner, facts(admin, { isDisabled: true })));
    expect(await accept(token)).toMatchObject(linkVoid);
    mustWork(await put(owner, facts(admin)));
    expect((await look(token)).code).toBeUndefined();
    agent.wait(3 * 24 * 3_600_000);
    expect(await accept(token)).toMatchObject(linkVoid);
    expect(await accept('A'.repeat(43))).toMatchObject(linkVoid);
    expect(await as(owner, 'people.invite', { personId: somebody('x').id, clear: false })).toMatchObject({
      code: 'not_found',
      reason: 'person_unknown',
    });
  });

  it.each([
    [false, true],
    [true, false],
  ])('with clear %s leaves the second factor: %s', async (clear, hasTotp) => {
    const admin = await added('admin');
    const secret = newTotpSecret();
    const change = { kind: 'add_totp', secret, code: totpCodeAt(secret, agent.now()) };
    mustWork(await as(admin, 'factors.change', { change }));
    mustWork(await accept(await invite(admin, clear)));
    expect((await list()).find(({ name }) => name === 'admin')).toMatchObject({
      hasTotp,
      recoveryCodesLeft: hasTotp ? 10 : 0,
    });
  });
});

it('a change by the console is seen with the next request', async () => {
  const admin = await added('admin');
  const path = `${agent.world.settings.stateFolder}/people.json`;
  const file = JSON.parse(register()) as { people: { name: string; isDisabled: boolean }[] };
  for (const person of file.people) if (person.name === 'admin') person.isDisabled = true;
  writeFileSync(path, JSON.stringify(file));
  expect(await agent.ask('audit.read', { from: 1, limit: 1 }, admin)).toMatchObject({ reason: 'person_disabled' });
});

it('many changes at once are all there in the end', async () => {
  const people = Array.from({ length: 12 }, (_, index) => somebody(`person-${index}`));
  const elevation = await elevate(agent.ask, owner);
  await Promise.all(
    people.map(async (person) =>
      mustWork(await askElevated(agent.ask, owner, elevation, 'people.put', { people: [facts(person)] })),
    ),
  );
  expect(await list()).toHaveLength(13);
});
