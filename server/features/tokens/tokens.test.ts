import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtInRoleFacts } from '#shared/access.ts';
import { tokenRequestsPerMinute, type ApiToken } from '#shared/tokens.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';
import { listen } from '../jobs/testing.ts';
import { createTestSite } from '../sites/testing.ts';

const clock = { time: Date.now(), now: () => clock.time };
let test: TestApp;
let owner: TestClient;
beforeAll(async () => {
  test = await makeTestApp({ clock });
  owner = await (await test.signIn('owner')).elevate();
});
afterAll(() => test.close());

async function make(more: object = {}, by = owner): Promise<{ token: ApiToken; secret: string }> {
  const body = { name: 'ci', scopes: ['sites.read'], expiresInDays: 2, ...more };
  const answer = await by.post('/api/v1/me/tokens', body);
  expect(answer.status).toBe(201);
  return answer.json as { token: ApiToken; secret: string };
}

/** As a program asks: no cookie, no headers of a browser. */
function ask(
  secret: string,
  path: string,
  {
    method = 'GET',
    body,
    from = '127.0.0.1',
  }: { method?: 'GET' | 'POST' | 'DELETE'; body?: unknown; from?: string } = {},
) {
  const headers = {
    authorization: `Bearer ${secret}`,
    origin: undefined,
    'x-aapanel': undefined,
    'sec-fetch-site': undefined,
  };
  return test.anonymous.request(path, {
    method,
    headers,
    remoteAddress: from,
    ...(body === undefined ? {} : { body }),
  });
}

describe('a token', () => {
  it('is shown once, kept as a hash, works without a cookie, and what it does stands in the audit log with its id', async () => {
    const { token, secret } = await make({ scopes: ['sites.create', 'sites.read', 'sites.write'] });
    const stored = JSON.stringify(await test.ctx.db.selectFrom('api_token').selectAll().execute());
    expect(stored).not.toContain(secret.slice(-43));
    const made = await ask(secret, '/api/v1/sites', {
      method: 'POST',
      body: { kind: 'static', domains: ['token.test'] },
    });
    expect(made.status).toBe(201);
    const row = await test.ctx.db.selectFrom('audit').selectAll().where('action', '=', 'createSite').executeTakeFirst();
    expect(row?.detail_json).toContain(token.id);
    const listed = (await owner.get('/api/v1/me/tokens')).json as { items: ApiToken[] };
    expect(listed.items.find(({ id }) => id === token.id)?.lastAddress).toBe('127.0.0.1');
  });

  it('AUTH-3 never speaks together with a cookie, and a wrong or planted one opens nothing', async () => {
    const { secret } = await make();
    const both = await owner.get('/api/v1/sites', { authorization: `Bearer ${secret}` });
    expect(both.json).toMatchObject({ code: 'invalid_request', reason: 'malformed_request' });
    const wrong = [`${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`, 'aap_x', '', secret.toUpperCase()];
    for (const text of wrong) expect((await ask(text, '/api/v1/sites')).status).toBe(401);
  });

  it('AUTH-6 can neither make tokens nor change factors, whatever its scopes', async () => {
    const { secret } = await make({ isElevated: true, scopes: ['people.write', 'sites.read'] });
    const body = { name: 'more', scopes: ['sites.read'], expiresInDays: 1 };
    const asked = [
      ask(secret, '/api/v1/me/tokens', { method: 'POST', body }),
      ask(secret, '/api/v1/me/totp/secret', { method: 'POST' }),
      ask(secret, '/api/v1/me/elevation', { method: 'POST', body: { proof: { kind: 'password', password: 'x' } } }),
      ask(secret, '/api/v1/me/sessions', { method: 'DELETE' }),
    ];
    for (const answer of await Promise.all(asked)) {
      expect(answer.json).toMatchObject({ code: 'not_allowed', reason: 'not_with_token' });
    }
  });

  it('AUTH-6 ends with its time, when it is deleted, and with its person', async () => {
    const late = await make();
    clock.time += 2 * 24 * 60 * 60 * 1000 + 1;
    expect((await ask(late.secret, '/api/v1/sites')).status).toBe(401);
    owner = await (await test.signIn('owner')).elevate();
    const gone = await make();
    expect((await ask(gone.secret, '/api/v1/sites')).status).toBe(200);
    expect((await owner.delete(`/api/v1/me/tokens/${gone.token.id}`)).status).toBe(204);
    expect((await ask(gone.secret, '/api/v1/sites')).status).toBe(401);
    const person = await (await test.signIn('administrator')).elevate();
    const theirs = await make({}, person);
    expect((await ask(theirs.secret, '/api/v1/sites')).status).toBe(200);
    await owner.patch(`/api/v1/people/${person.personId}`, { isDisabled: true });
    expect((await ask(theirs.secret, '/api/v1/sites')).status).toBe(401);
  });

  it('AUTH-6 PERM-6 does no more than its person may now', async () => {
    const person = await (await test.signIn('administrator')).elevate();
    const { secret } = await make({ scopes: ['audit.read', 'sites.read'] }, person);
    expect((await ask(secret, '/api/v1/audit')).status).toBe(200);
    await owner.patch(`/api/v1/people/${person.personId}`, { role: 'viewer' });
    expect((await ask(secret, '/api/v1/audit')).status).toBe(403);
    expect((await ask(secret, '/api/v1/sites')).status).toBe(200);
  });

  it('AUTH-6 opens a stream only within its scopes and from its addresses, and the stream ends with it', async () => {
    const port = await listen(test);
    const follow = (secret: string, path: string) =>
      fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: `Bearer ${secret}` } });
    const log = `/api/v1/sites/${(await createTestSite(owner, ['stream.test'])).site.id}/logs/access/stream`;
    const statusOf = async (given: object): Promise<number> => {
      const answer = await follow((await make(given)).secret, log);
      await answer.body?.cancel();
      return answer.status;
    };
    expect(await statusOf({ scopes: ['sites.read'] })).toBe(200);
    expect(await statusOf({ scopes: ['audit.read'] })).toBe(403);
    expect(await statusOf({ addresses: ['192.0.2.0/24'] })).toBe(403);
    const living = await make();
    const stream = await follow(living.secret, '/api/v1/events');
    expect(stream.status).toBe(200);
    const isOver = stream.text();
    const from = performance.now();
    expect((await owner.delete(`/api/v1/me/tokens/${living.token.id}`)).status).toBe(204);
    await isOver;
    expect(performance.now() - from).toBeLessThan(1_000);
    expect((await follow(living.secret, '/api/v1/events')).status).toBe(401);
  });

  it('AUTH-6 works only from its addresses, and nobody gives one more than they have', async () => {
    const { secret } = await make({ addresses: ['192.0.2.0/24', '2001:db8::/32'] });
    expect((await ask(secret, '/api/v1/sites', { from: '192.0.2.77' })).status).toBe(200);
    expect((await ask(secret, '/api/v1/sites', { from: '2001:db8:5::1' })).status).toBe(200);
    const refused = await ask(secret, '/api/v1/sites', { from: '198.51.100.1' });
    expect(refused.json).toMatchObject({ code: 'not_allowed', reason: 'address_not_allowed' });
    const viewer = await (await test.signIn('viewer')).elevate();
    const body = { name: 'x', scopes: ['sites.read', 'sites.delete'], expiresInDays: 1, addresses: ['10.0.0.0/99'] };
    expect((await viewer.post('/api/v1/me/tokens', body)).json).toMatchObject({
      fields: [
        { field: 'scopes.1', code: 'not_a_choice' },
        { field: 'addresses.0', code: 'address_invalid' },
      ],
    });
  });

  it('is limited by itself: the one request too many is 429, another token goes on', async () => {
    const [one, two] = [await make(), await make()];
    for (let index = 0; index < tokenRequestsPerMinute; index += 1) await ask(one.secret, '/api/v1/me');
    const refused = await ask(one.secret, '/api/v1/me');
    expect(refused.json).toMatchObject({ code: 'rate_limited', reason: 'token_rate_limited' });
    expect((await ask(two.secret, '/api/v1/me')).status).toBe(200);
    clock.time += 60_000;
    expect((await ask(one.secret, '/api/v1/me')).status).toBe(200);
  });

  it('AUTH-6 does dangerous things only when it was made for them, and only within its scopes', async () => {
    owner = await (await test.signIn('owner')).elevate();
    // A viewer's rights, to be able to give them.
    const scopes = [...builtInRoleFacts.viewer.permissions, 'people.read', 'people.write'];
    const plain = await make({ scopes });
    const able = await make({ scopes, isElevated: true });
    const body = { name: 'by-token', role: 'viewer' };
    const refused = await ask(plain.secret, '/api/v1/people', { method: 'POST', body });
    expect(refused.json).toMatchObject({ code: 'elevation_required' });
    const done = await ask(able.secret, '/api/v1/people', { method: 'POST', body });
    expect(done.status).toBe(201);
    const wider = await ask(able.secret, '/api/v1/people', {
      method: 'POST',
      body: { name: 'wider', role: 'operator' },
    });
    expect(wider.json).toMatchObject({ reason: 'more_than_own' });
  });
});
