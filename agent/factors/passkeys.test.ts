import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assert, newDevice, register, type AlgorithmName, type Device, type Lies } from '../testing/authenticator.ts';
import { startTestAgent, type TestAgent } from '../testing/panel.ts';
import { askElevated, elevate, foundOwner, mustWork, panel, somebody, type TestPerson } from '../testing/people.ts';

/* Passkeys made and used by a device in software, against every check of WebAuthn 7.1 and 7.2 that the agent makes. */

const place = { id: 'panel.test', origin: 'https://panel.test:5000' };

let agent: TestAgent;
let owner: TestPerson;
const ids = (): string[] => devices.map(({ id }) => id);
const devices: Device[] = [];

beforeAll(async () => {
  agent = await startTestAgent();
  owner = await foundOwner(agent.ask);
});
afterAll(() => agent.close());

type Purpose = 'sign_in' | 'elevate' | 'register';

async function challengeFor(purpose: Purpose, personId: string | null = owner.id, at = place): Promise<string> {
  const asked = await agent.ask('factors.challenge', { purpose, personId, relyingParty: at }, owner);
  return String(mustWork(asked).result?.['challenge']);
}

/** With the strongest that they have. */
async function elevation(): Promise<string> {
  const device = devices[0];
  if (device === undefined) return await elevate(agent.ask, owner);
  const assertion = assert(device, place, await challengeFor('elevate'), owner.id);
  return await elevate(agent.ask, owner, { kind: 'passkey', assertion });
}

async function add(registration: object, name = 'phone') {
  const params = { change: { kind: 'add_passkey', name, registration } };
  return await askElevated(agent.ask, owner, await elevation(), 'factors.change', params);
}

const signIn = (assertion: object, personId: string | null = owner.id) =>
  agent.ask('factors.check', { personId, proof: { kind: 'passkey', assertion } }, panel);

const wrong = { code: 'not_signed_in', reason: 'wrong_credentials' };

describe.each<AlgorithmName>(['ES256', 'EdDSA', 'RS256'])('a passkey with %s', (algorithm) => {
  it('is registered, signs in with and without a name, and confirms', async () => {
    const device = newDevice(algorithm);
    mustWork(await add(register(device, place, await challengeFor('register'))));
    devices.push(device);
    const named = await signIn(assert(device, place, await challengeFor('sign_in'), owner.id));
    expect(named.result).toEqual({ personId: owner.id, needs: [] });
    const unnamed = await signIn(assert(device, place, await challengeFor('sign_in', null), owner.id), null);
    expect(unnamed.result).toEqual({ personId: owner.id, needs: [] });
    const assertion = assert(device, place, await challengeFor('elevate'), owner.id);
    expect(await elevate(agent.ask, owner, { kind: 'passkey', assertion })).toMatch(/\./);
    const { result } = await agent.ask('factors.list', { personId: owner.id }, panel);
    expect(result?.['passkeys']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: device.id, rpId: place.id, lastUsedAt: expect.any(String) }),
      ]),
    );
  });
});

it('the challenge names the passkeys of its place and no other', async () => {
  const relyingParty = { id: 'other.test', origin: 'https://other.test' };
  const here = await agent.ask(
    'factors.challenge',
    { purpose: 'sign_in', personId: owner.id, relyingParty: place },
    panel,
  );
  const there = await agent.ask('factors.challenge', { purpose: 'sign_in', personId: owner.id, relyingParty }, panel);
  expect(here.result?.['passkeyIds']).toEqual(ids());
  expect(there.result?.['passkeyIds']).toEqual([]);
});

describe('an assertion is refused', () => {
  it.each<[string, Lies]>([
    ['of another type', { type: 'webauthn.create' }],
    ['from another origin', { origin: 'https://evil.test' }],
    ['from another port', { origin: 'https://panel.test:5001' }],
    ['over plain HTTP', { origin: 'http://panel.test:5000' }],
    ['for another place', { rpId: 'evil.test' }],
    ['made inside a frame of somebody else', { crossOrigin: true }],
    ['made below another page', { topOrigin: 'https://evil.test' }],
    ['without the person being there', { flags: 0x04 }],
    ['without the person being verified', { flags: 0x01 }],
    ['that is backed up and cannot be', { flags: 0x15 }],
    ['with bytes that no flag speaks of', { more: Buffer.from([0]) }],
    ['with a challenge that nobody made', { challenge: Buffer.alloc(32, 7).toString('base64url') }],
    ['that names another person', { userHandle: 'a'.repeat(16) }],
  ])('%s', async (_, lies) => {
    const device = devices[0] as Device;
    expect(await signIn(assert(device, place, await challengeFor('sign_in'), owner.id, lies))).toMatchObject(wrong);
  });

  it('a second time, and when a wrong one came first: the challenge is used up', async () => {
    const device = devices[0] as Device;
    const challenge = await challengeFor('sign_in');
    const assertion = assert(device, place, challenge, owner.id);
    mustWork(await signIn(assertion));
    expect(await signIn(assertion)).toMatchObject(wrong);
    const second = await challengeFor('sign_in');
    expect(await signIn(assert(device, place, second, owner.id, { origin: 'https://evil.test' }))).toMatchObject(wrong);
    expect(await signIn(assert(device, place, second, owner.id))).toMatchObject(wrong);
  });

  it.each<[Purpose, string | null]>([
    ['elevate', 'own'],
    ['register', 'own'],
    ['sign_in', null],
  ])('at sign-in with a name, for a challenge to %s made for %s', async (purpose, whose) => {
    const challenge = await challengeFor(purpose, whose === null ? null : owner.id);
    expect(await signIn(assert(devices[0] as Device, place, challenge, owner.id))).toMatchObject(wrong);
  });

  it('without a name when it does not say whose it is', async () => {
    const assertion = assert(devices[0] as Device, place, await challengeFor('sign_in', null), null);
    expect(await signIn(assertion, null)).toMatchObject(wrong);
  });

  it('after five minutes', async () => {
    const assertion = assert(devices[0] as Device, place, await challengeFor('sign_in'), owner.id);
    agent.wait(5 * 60_000);
    expect(await signIn(assertion)).toMatchObject(wrong);
  });

  it('signed by another key, or changed after signing', async () => {
    const device = devices[0] as Device;
    const thief = { ...newDevice('ES256'), id: device.id, signCount: 1000 };
    expect(await signIn(assert(thief, place, await challengeFor('sign_in'), owner.id))).toMatchObject(wrong);
    const assertion = assert(device, place, await challengeFor('sign_in'), owner.id);
    const bytes = Buffer.from(assertion.response.authenticatorData, 'base64url');
    bytes.writeUInt32BE(99_999, 33);
    const changed = { ...assertion.response, authenticatorData: bytes.toString('base64url') };
    expect(await signIn({ ...assertion, response: changed })).toMatchObject(wrong);
  });

  it('from a copy: its counter did not rise', async () => {
    const device = devices[0] as Device;
    const copy = { ...device };
    mustWork(await signIn(assert(device, place, await challengeFor('sign_in'), owner.id)));
    expect(await signIn(assert(copy, place, await challengeFor('sign_in'), owner.id))).toMatchObject(wrong);
    const zero = assert(device, place, await challengeFor('sign_in'), owner.id, { signCount: 0 });
    expect(await signIn(zero)).toMatchObject(wrong);
    mustWork(await signIn(assert(device, place, await challengeFor('sign_in'), owner.id)));
  });

  it('of a passkey of another place', async () => {
    const other = { id: 'other.test', origin: 'https://other.test' };
    const challenge = await challengeFor('sign_in', owner.id, other);
    expect(await signIn(assert(devices[0] as Device, other, challenge, owner.id))).toMatchObject(wrong);
  });

  it('of a passkey that nobody has', async () => {
    expect(await signIn(assert(newDevice(), place, await challengeFor('sign_in'), owner.id))).toMatchObject(wrong);
  });
});

it('a device without a counter goes on being taken', async () => {
  const device = newDevice('EdDSA');
  mustWork(await add(register(device, place, await challengeFor('register'))));
  for (let round = 0; round < 2; round++)
    mustWork(await signIn(assert(device, place, await challengeFor('sign_in'), owner.id, { signCount: 0 })));
});

describe('a registration is refused', () => {
  const invalid = { code: 'invalid_request' };
  it.each<[string, Lies]>([
    ['of another type', { type: 'webauthn.get' }],
    ['from another origin', { origin: 'https://evil.test' }],
    ['for another place', { rpId: 'evil.test' }],
    ['without the person being there', { flags: 0x44 }],
    ['without the person being verified', { flags: 0x41 }],
    ['without a credential in it', { flags: 0x05 }],
    ['whose credential has another id', { credentialId: Buffer.alloc(16, 1) }],
    ['whose credential has no id', { credentialId: Buffer.alloc(0) }],
  ])('%s', async (_, lies) => {
    const registration = register(newDevice(), place, await challengeFor('register'), lies);
    expect(await add(registration)).toMatchObject(invalid);
  });

  it.each<Purpose>(['sign_in', 'elevate'])('for a challenge to %s', async (purpose) => {
    expect(await add(register(newDevice(), place, await challengeFor(purpose)))).toMatchObject({
      ...invalid,
      reason: 'challenge_void',
    });
  });

  it('with a key of another kind than it says, a short RSA key, or no key', async () => {
    for (const change of [
      { publicKeyAlgorithm: -257 },
      { publicKeyAlgorithm: -8 },
      { publicKey: Buffer.alloc(91, 3).toString('base64url') },
    ]) {
      const given = register(newDevice(), place, await challengeFor('register'));
      expect(await add({ ...given, response: { ...given.response, ...change } })).toMatchObject(invalid);
    }
  });

  it('with another key than the one that the authenticator made', async () => {
    const given = register(newDevice(), place, await challengeFor('register'));
    const { publicKey } = register(newDevice(), place, await challengeFor('register')).response;
    expect(await add({ ...given, response: { ...given.response, publicKey } })).toMatchObject(invalid);
  });

  it('of a passkey that is known, and of the twenty-first', async () => {
    const known = { ...(devices[0] as Device) };
    expect(await add(register(known, place, await challengeFor('register')))).toMatchObject({
      code: 'already_exists',
      reason: 'passkey_known',
    });
    for (let count = 4; count < 20; count++)
      mustWork(await add(register(newDevice(), place, await challengeFor('register'))));
    expect(await add(register(newDevice(), place, await challengeFor('register')))).toMatchObject({
      reason: 'passkey_limit',
    });
  }, 120_000);
});

it.each([
  ['an origin of another host', { id: 'panel.test', origin: 'https://evil.test' }],
  ['the name of a parent', { id: 'test.test', origin: 'https://panel.test.test' }],
  ['plain HTTP', { id: 'panel.test', origin: 'http://panel.test' }],
])('there is no challenge for %s', async (_, relyingParty) => {
  const params = { purpose: 'sign_in', personId: owner.id, relyingParty };
  expect(await agent.ask('factors.challenge', params, panel)).toMatchObject({ reason: 'passkey_place' });
});

it('there is no challenge to confirm or to add for somebody else, or for nobody', async () => {
  for (const purpose of ['elevate', 'register']) {
    const params = { purpose, personId: owner.id, relyingParty: place };
    expect(await agent.ask('factors.challenge', params, somebody('other'))).toMatchObject({ code: 'invalid_request' });
    expect(await agent.ask('factors.challenge', { ...params, personId: null }, panel)).toMatchObject({
      code: 'invalid_request',
    });
  }
});
