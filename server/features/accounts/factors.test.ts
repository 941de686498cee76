import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { me as meSchema, type Factors, type Me } from '#shared/accounts.ts';
import { totpAt, totpStep } from '../../core/agent-fake/totp.ts';
import { cookiesOf, makeTestApp, type TestAnswer, type TestApp, type TestClient } from '../../testing.ts';
import { createCredential, getAssertion, newSecurityKey } from '../../testing/passkey.ts';

const clock = { time: Date.now(), now: () => clock.time };
let test: TestApp;
let count = 0;
let from = '';

beforeAll(async () => {
  // The panel's own address as the test's requests name it.
  test = await makeTestApp({ clock, config: { publicUrl: 'http://localhost:5000' } });
});
afterAll(() => test.close());
beforeEach(() => {
  count += 1;
  from = `198.51.100.${count}`;
  clock.time += 10 * 60 * 1000;
});

function send(path: string, body: unknown, cookie = ''): Promise<TestAnswer> {
  const headers = cookie === '' ? {} : { cookie };
  return test.anonymous.request(path, { method: 'POST', body, remoteAddress: from, headers });
}

const nextCode = (secret: string) => {
  clock.time += 30_000;
  return totpAt(secret, totpStep(clock.time));
};

async function addTotp(client: TestClient): Promise<{ secret: string; codes: string[] }> {
  const { secret } = (await client.post('/api/v1/me/totp/secret')).json as { secret: string };
  await client.elevate();
  const added = await client.post('/api/v1/me/totp', { secret, code: nextCode(secret) });
  expect(added.status).toBe(201);
  return { secret, codes: (added.json as { recoveryCodes: string[] }).recoveryCodes };
}

function startSignIn({ person }: TestClient): Promise<TestAnswer> {
  return send('/api/v1/sign-in', { name: person?.name, password: person?.password });
}

async function stepOf(client: TestClient): Promise<string> {
  const answer = await startSignIn(client);
  expect(answer.json).toMatchObject({ state: 'second_factor' });
  return (answer.json as { step: string }).step;
}

describe('an authenticator app', () => {
  it('is asked for after the password, each code counts once, and the answer of the password alone opens nothing', async () => {
    const client = await test.signIn('viewer');
    const { secret } = await addTotp(client);
    const first = await startSignIn(client);
    expect(first.headers['set-cookie']).toBeUndefined();
    expect(first.json).toMatchObject({ state: 'second_factor', kinds: ['totp', 'recovery'] });
    const { step } = first.json as { step: string };
    const code = nextCode(secret);
    const done = await send('/api/v1/sign-in/second', { step, proof: { kind: 'totp', code } });
    expect(done.json).toMatchObject({ state: 'signed_in' });
    expect((await test.anonymous.get('/api/v1/me', { cookie: cookiesOf(done) })).status).toBe(200);
    const replayed = await send('/api/v1/sign-in/second', { step, proof: { kind: 'totp', code } });
    expect(replayed.json).toMatchObject({ reason: 'sign_in_step_void' });
    const again = await send('/api/v1/sign-in/second', {
      step: await stepOf(client),
      proof: { kind: 'totp', code },
    });
    expect(again.json).toMatchObject({ code: 'not_signed_in', reason: 'wrong_credentials' });
  });

  it('a step ends after five wrong codes and after five minutes', async () => {
    const client = await test.signIn('viewer');
    const { secret } = await addTotp(client);
    const step = await stepOf(client);
    for (let index = 0; index < 5; index += 1) {
      const wrong = await send('/api/v1/sign-in/second', { step, proof: { kind: 'totp', code: '000000' } });
      expect(wrong.json).toMatchObject({ reason: 'wrong_credentials' });
    }
    const right = { step, proof: { kind: 'totp', code: nextCode(secret) } };
    expect((await send('/api/v1/sign-in/second', right)).json).toMatchObject({ reason: 'sign_in_step_void' });
    const late = await stepOf(client);
    clock.time += 5 * 60 * 1000;
    const body = { step: late, proof: { kind: 'totp', code: nextCode(secret) } };
    expect((await send('/api/v1/sign-in/second', body)).json).toMatchObject({ reason: 'sign_in_step_void' });
  });

  it('a password is no second factor, and no elevation once there is a stronger one', async () => {
    const client = await test.signIn('owner');
    await addTotp(client);
    const proof = { kind: 'password', password: client.person?.password };
    const second = await send('/api/v1/sign-in/second', { step: await stepOf(client), proof });
    expect(second.json).toMatchObject({ reason: 'wrong_credentials' });
    const answer = await client.post('/api/v1/me/elevation', { proof });
    expect(answer.json).toMatchObject({ code: 'not_allowed', reason: 'stronger_factor_needed' });
  });
});

describe('recovery codes', () => {
  it('each signs in once, leaves a notice, and few of them another', async () => {
    const client = await test.signIn('viewer');
    const { codes } = await addTotp(client);
    expect(codes).toHaveLength(10);
    let last: Me | undefined;
    for (const code of codes.slice(0, 7)) {
      const done = await send('/api/v1/sign-in/second', {
        step: await stepOf(client),
        proof: { kind: 'recovery', code },
      });
      last = (done.json as { me: Me }).me;
      clock.time += 60_000;
    }
    expect(last?.notices.map(({ kind }) => kind).filter((kind) => kind !== 'new_device')).toContain(
      'recovery_code_used',
    );
    expect(last?.notices.find(({ kind }) => kind === 'few_recovery_codes')).toMatchObject({ left: 3 });
    const used = { step: await stepOf(client), proof: { kind: 'recovery', code: codes[0] } };
    expect((await send('/api/v1/sign-in/second', used)).json).toMatchObject({ reason: 'wrong_credentials' });
  });
});

describe('passkeys', () => {
  const place = (challenge: string) => ({ rpId: 'localhost', origin: 'http://localhost:5000', challenge });

  async function addPasskey(client: TestClient) {
    const key = newSecurityKey();
    await client.elevate();
    const { challenge, rpId, userId } = (await client.post('/api/v1/me/passkeys/challenge')).json as {
      challenge: string;
      rpId: string;
      userId: string;
    };
    expect([rpId, Buffer.from(userId, 'base64url').toString()]).toEqual(['localhost', client.personId]);
    return { key, registration: createCredential(key, place(challenge)) };
  }

  it('is registered, named, signs in alone, confirms, and is removed', async () => {
    const client = await test.signIn('owner');
    const { key, registration } = await addPasskey(client);
    const added = await client.post('/api/v1/me/passkeys', { name: 'my key', registration });
    expect([added.status, (added.json as { recoveryCodes: string[] }).recoveryCodes?.length]).toEqual([201, 10]);
    const { challenge } = (await send('/api/v1/sign-in/passkey/challenge', { step: null })).json as {
      challenge: string;
    };
    const assertion = getAssertion(key, place(challenge), client.personId ?? '');
    const signedIn = await send('/api/v1/sign-in/passkey', { assertion });
    expect(signedIn.json).toMatchObject({ state: 'signed_in' });
    expect((await send('/api/v1/sign-in/passkey', { assertion })).json).toMatchObject({ reason: 'wrong_credentials' });

    const cookie = cookiesOf(signedIn);
    const asked = (await send('/api/v1/me/elevation/challenge', undefined, cookie)).json as { challenge: string };
    const proof = { kind: 'passkey', assertion: getAssertion(key, place(asked.challenge), client.personId ?? '') };
    const elevated = await send('/api/v1/me/elevation', { proof }, cookie);
    expect((elevated.json as Me).elevatedUntil).not.toBeNull();
    const now = cookiesOf(elevated);
    const listed = (await test.anonymous.get('/api/v1/me/factors', { cookie: now })).json as Factors;
    expect(listed).toMatchObject({ passkeys: [{ id: key.id, name: 'my key', rpId: 'localhost' }] });
    expect(listed.elevationKinds).toEqual(['passkey', 'recovery']);
    const removal = { method: 'DELETE', headers: { cookie: now } } as const;
    expect((await test.anonymous.request(`/api/v1/me/passkeys/${key.id}`, removal)).status).toBe(204);
  });

  it('one whose key is another than the attested one, or of another place, is refused', async () => {
    const client = await test.signIn('owner');
    const { registration } = await addPasskey(client);
    const other = newSecurityKey();
    const publicKey = other.publicKey.export({ format: 'der', type: 'spki' }).toString('base64url');
    const swapped = { ...registration, response: { ...registration.response, publicKey } };
    const refused = await client.post('/api/v1/me/passkeys', { name: 'x', registration: swapped });
    expect(refused.json).toMatchObject({ code: 'invalid_request' });
    const { challenge } = (await client.post('/api/v1/me/passkeys/challenge')).json as { challenge: string };
    const elsewhere = createCredential(newSecurityKey(), { ...place(challenge), origin: 'https://evil.test' });
    const foreign = await client.post('/api/v1/me/passkeys', { name: 'x', registration: elsewhere });
    expect(foreign.json).toMatchObject({ code: 'invalid_request' });
    expect((await client.get('/api/v1/me/factors')).json).toMatchObject({ passkeys: [] });
  });

  it('WEB-2 AUTH-9 a forged Host gives no other place for passkeys', async () => {
    const headers = { host: 'evil.test', origin: 'http://evil.test' };
    const body = { step: null };
    const asked = await test.anonymous.request('/api/v1/sign-in/passkey/challenge', { method: 'POST', body, headers });
    expect(asked.json).toMatchObject({ reason: 'passkey_place' });
    const byAddress = await test.anonymous.get('/api/v1/sign-in', { host: '203.0.113.9:5000' });
    expect(byAddress.json).toMatchObject({ canUsePasskey: false });
  });
});

describe('who must have a second factor', () => {
  it('can do nothing but add one, and then everything', async () => {
    const client = await test.signIn('owner', { mustHaveSecondFactor: true });
    expect(meSchema.parse((await client.get('/api/v1/me')).json).mustAddSecondFactor).toBe(true);
    for (const path of ['/api/v1/sites', '/api/v1/me/tokens', '/api/v1/people', '/api/v1/events']) {
      expect((await client.get(path)).json).toMatchObject({ code: 'not_allowed', reason: 'second_factor_needed' });
    }
    await addTotp(client);
    expect(meSchema.parse((await client.get('/api/v1/me')).json).mustAddSecondFactor).toBe(false);
    expect((await client.get('/api/v1/sites')).status).toBe(200);
    await client.post('/api/v1/me/elevation', { proof: { kind: 'password', password: 'x' } });
  });
});

describe('elevation', () => {
  it('AUTH-5 gives the session a new id, is shown until it ends, and ends with a factor, on demand and at sign-out', async () => {
    const client = await test.signIn('owner');
    const before = client.cookie ?? '';
    await client.elevate();
    expect((await test.anonymous.get('/api/v1/me', { cookie: before })).status).toBe(401);
    expect(meSchema.parse((await client.get('/api/v1/me')).json).elevatedUntil).not.toBeNull();
    const ended = await client.delete('/api/v1/me/elevation');
    expect(String(ended.headers['set-cookie'])).toMatch(/^aapanel_dev-elevation=; .*Max-Age=0/);
    expect(meSchema.parse((await client.get('/api/v1/me')).json).elevatedUntil).toBeNull();
    await client.elevate();
    clock.time += 10 * 60 * 1000;
    const late = await client.post('/api/v1/people', { name: 'too-late', role: 'viewer' });
    expect(late.json).toMatchObject({ code: 'elevation_required', reason: 'elevation_void' });
    expect(String(late.headers['set-cookie'])).toContain('aapanel_dev-elevation=;');
  });

  it('AUTH-9 one of another session, or of another person, is worth nothing', async () => {
    const [one, two] = await Promise.all([test.signIn('owner'), test.signIn('owner')]);
    await one.elevate();
    const stolen = (one.cookie ?? '').split('; ').find((pair) => pair.startsWith('aapanel_dev-elevation'));
    const cookie = `${two.cookie ?? ''}; ${stolen}`;
    const body = { name: 'not-mine', role: 'viewer' };
    const refused = await test.anonymous.request('/api/v1/people', { method: 'POST', body, headers: { cookie } });
    expect(refused.json).toMatchObject({ code: 'elevation_required' });
  });
});

describe('devices', () => {
  it('a browser never seen before leaves a notice that can be put away; a known one leaves none', async () => {
    const client = await test.signIn('viewer');
    const first = await startSignIn(client);
    expect((first.json as { me: Me }).me.notices).toEqual([]);
    const again = await send(
      '/api/v1/sign-in',
      { name: client.person?.name, password: client.person?.password },
      cookiesOf(first),
    );
    expect((again.json as { me: Me }).me.notices).toEqual([]);
    const other = await startSignIn(client);
    const [notice] = (other.json as { me: Me }).me.notices;
    expect(notice).toMatchObject({ kind: 'new_device', address: from });
    const headers = { cookie: cookiesOf(other) };
    const away = await test.anonymous.request(`/api/v1/me/notices/${notice?.id}`, { method: 'DELETE', headers });
    expect(away.status).toBe(204);
    expect(meSchema.parse((await test.anonymous.get('/api/v1/me', headers)).json).notices).toEqual([]);
  });
});
