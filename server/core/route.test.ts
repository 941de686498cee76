import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { builtInRoleFacts, type RouteAccess } from '#shared/access.ts';
import { AppError } from '#shared/errors.ts';
import type { Operation } from '#shared/http.ts';
import { problem } from '#shared/problem.ts';
import { features, type Feature } from '../app.ts';
import { makeTestApp, type TestApp, type TestClient } from '../testing.ts';
import { checkIfMatch, setEtag } from './etag.ts';
import { isAccess, route } from './route.ts';
import { securityHeaders } from './security-headers.ts';

const body = z.strictObject({
  name: z.string().min(1).max(5),
  size: z.number().max(10).optional(),
  kind: z.enum(['a', 'b']).optional(),
  tags: z.array(z.string()).max(2).optional(),
  host: z.string().regex(/^x/, { error: 'domain_invalid' }).optional(),
});
const thing = z.object({ name: z.string(), runs: z.int() });
const operations = {
  read: {
    id: 'readThing',
    method: 'GET',
    path: '/api/v1/test-things/{thingId}',
    access: 'sites.read',
    summary: 'test',
    params: z.object({ thingId: z.string().regex(/^[a-z]+$/) }),
    query: z.object({ page: z.coerce.number().int().default(1) }),
    response: thing,
  },
  write: {
    id: 'writeThing',
    method: 'POST',
    path: '/api/v1/test-things',
    access: 'sites.write',
    summary: 'test',
    body,
    response: thing,
    status: 201,
  },
  change: {
    id: 'changeThing',
    method: 'PATCH',
    path: '/api/v1/test-things/{thingId}',
    access: 'sites.write',
    summary: 'test',
    params: z.object({ thingId: z.string() }),
    body,
    response: thing,
  },
  remove: {
    id: 'removeThing',
    method: 'DELETE',
    path: '/api/v1/test-things/{thingId}',
    access: 'signedIn',
    summary: 'test',
    params: z.object({ thingId: z.string() }),
    response: z.undefined(),
    status: 204,
  },
} as const satisfies Record<string, Operation>;

let runs = 0;
const revision = 7;

const things: Feature = (app) => {
  route(app, operations.read, async ({ params, reply }) => {
    setEtag(reply, revision);
    if (params.thingId === 'secret') throw new Error('SELECT password FROM /etc/shadow');
    if (params.thingId === 'wrong') return { name: 'x', runs: 1.5 };
    const answer = { name: params.thingId, runs, password: 'must not leave' };
    return answer;
  });
  route(app, operations.write, async ({ body: input }) => {
    runs += 1;
    if (input.name === 'away') throw new AppError('agent_unavailable', 'away', { reason: 'agent_not_running' });
    if (input.name === 'used') throw new AppError('in_use', 'used');
    return { name: input.name, runs };
  });
  route(app, operations.change, async ({ request, body: input }) => {
    checkIfMatch(request, revision);
    runs += 1;
    return { name: input.name, runs };
  });
  route(app, operations.remove, async () => {
    runs += 1;
  });
};

let test: TestApp;
let owner: TestClient;
let viewer: TestClient;

beforeAll(async () => {
  test = await makeTestApp({ features: [...features, things] });
  owner = await test.signIn();
  viewer = await test.signIn('viewer');
});
afterAll(() => test.close());

const path = '/api/v1/test-things';

describe('access', () => {
  it('a route without access stops the start, whether it comes through route() or not', async () => {
    const open = { ...operations.read, access: undefined as unknown as RouteAccess };
    const viaRoute: Feature = (app) => route(app, open, async () => ({ name: '', runs: 0 }));
    await expect(makeTestApp({ features: [viaRoute] })).rejects.toThrow('readThing declares no access');
    const aside: Feature = ({ server }) => void server.get('/api/v1/open', () => 'open');
    await expect(makeTestApp({ features: [aside] })).rejects.toThrow('/api/v1/open declares no access');
    const misspelt: Feature = ({ server }) =>
      void server.get('/x', { config: { access: 'sites.raed' as RouteAccess } }, () => 'open');
    await expect(makeTestApp({ features: [misspelt] })).rejects.toThrow('declares no access');
  });

  it('P0-10 PERM-8 every registered route declares its access, and public ones are on the list', async () => {
    const routes: { method: string; url: string; access: unknown }[] = [];
    const collect: Feature = ({ server }) => {
      server.addHook('onRoute', ({ method, url, config }) => {
        routes.push({ method: String(method), url, access: config?.access });
      });
    };
    const walked = await makeTestApp({ features: [collect, ...features] });
    await walked.close();
    expect(routes.length).toBeGreaterThan(10);
    expect(routes.filter(({ access }) => !isAccess(access))).toEqual([]);
    const open = new Set(routes.filter(({ access }) => access === 'public').map(({ url }) => url));
    expect([...open].toSorted()).toEqual([
      // The same text as in the public source; nothing of this installation.
      '/api/docs',
      '/api/docs/',
      '/api/docs/openapi.json',
      '/api/v1/first-run',
      // A push, signed with the secret of a site.
      '/api/v1/hooks/:hookId',
      '/api/v1/invitation',
      '/api/v1/invitation/accept',
      '/api/v1/openapi.json',
      '/api/v1/sign-in',
      '/api/v1/sign-in/link',
      '/api/v1/sign-in/passkey',
      '/api/v1/sign-in/passkey/challenge',
      '/api/v1/sign-in/second',
      '/health',
      '/health/live',
      '/health/ready',
      '/health/startup',
      // A link to a file, by a token that cannot be guessed.
      '/s/:token',
      '/s/:token/file',
    ]);
  });

  it('AUTH-1 S-7 a stranger gets 401 and a wrong role 403 on every operation, with every method, and nothing happens', async () => {
    const before = runs;
    let checked = 0;
    const all: Operation[] = [];
    const collect: Feature = ({ operations: registered }) => void all.push(...registered);
    const config = { cors: { origins: [] } };
    const walked = await makeTestApp({ features: [...features, things, collect], config });
    const stranger = walked.anonymous;
    const weak = await walked.signIn('viewer');
    for (const operation of all.filter(({ access }) => access !== 'public')) {
      const url = operation.path.replaceAll(/\{\w+\}/g, 'aaaaaaaaaaaaaaaa');
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const) {
        const refused = await stranger.request(url, { method });
        expect([refused.status, operation.id, method]).toEqual([401, operation.id, method]);
        expect(refused.headers).toMatchObject(securityHeaders);
      }
      if (operation.access === 'signedIn' || operation.access === 'public') continue;
      if (builtInRoleFacts.viewer.permissions.includes(operation.access)) continue;
      const refused = await weak.request(url, { method: operation.method });
      expect([refused.status, operation.id]).toEqual([403, operation.id]);
      checked += 1;
    }
    await walked.close();
    expect(checked).toBeGreaterThan(3);
    expect(runs).toBe(before);
  });

  it('AUTH-1 an unknown method is 405 with Allow, only for people who may use the path', async () => {
    const refused = await owner.request(`${path}/abc`, { method: 'PUT', body: {} });
    expect(refused.status).toBe(405);
    expect(refused.headers['allow']).toBe('GET, PATCH, DELETE, HEAD');
    expect(refused.json).toMatchObject({ code: 'invalid_request', reason: 'method_not_allowed' });
    expect((await test.anonymous.request(`${path}/abc`, { method: 'PUT', body: {} })).status).toBe(401);
    // An address is read as the router reads it.
    const statusOf = async (url: string): Promise<number> =>
      (await owner.request(url, { method: 'PUT', body: {} })).status;
    const encoded = `/%61pi${path.slice('/api'.length)}/%C3%A9?a=b/c`;
    expect(await statusOf(encoded)).toBe(405);
    for (const url of [`${path}/`, `${path}/a/b`, `${path}/${'a'.repeat(301)}`, `${path}s/abc`])
      expect([url, await statusOf(url)]).toEqual([url, 404]);
    expect((await owner.request(path, { method: 'GET', headers: { origin: undefined } })).status).toBe(403);
  });

  it('AUD-2 a change that a role forbids leaves a row of the audit and nothing else', async () => {
    const before = runs;
    expect((await viewer.post(path, { name: 'abc' })).status).toBe(403);
    expect(runs).toBe(before);
    const rows = await test.ctx.db
      .selectFrom('audit')
      .selectAll()
      .where('actor_id', '=', viewer.personId ?? '')
      .execute();
    expect(rows.map(({ action, outcome }) => [action, outcome])).toContainEqual(['writeThing', 'refused']);
  });
});

describe('WEB-3 same origin', () => {
  it.each([
    ['no X-Aapanel header', { 'x-aapanel': undefined }],
    ['another X-Aapanel header', { 'x-aapanel': 'yes' }],
    ['no Origin', { origin: undefined }],
    ['a foreign Origin', { origin: 'http://evil.test' }],
    ['a null Origin', { origin: 'null' }],
    ['another port', { origin: 'http://localhost:5001' }],
    ['a host that only starts the same', { origin: 'http://localhost:5000.evil.test' }],
    ['a file', { origin: 'file://localhost:5000' }],
    ['a fetch from another site', { 'sec-fetch-site': 'cross-site' }],
    ['a fetch from a sister host', { 'sec-fetch-site': 'same-site' }],
  ])('WEB-3 a change with %s is refused and does nothing', async (_name, headers) => {
    const before = runs;
    const refused = await owner.post(path, { name: 'abc' }, headers);
    expect(refused.status).toBe(403);
    expect((refused.json as { reason: string }).reason).toMatch(/^(foreign_origin|csrf_header_missing)$/);
    expect(runs).toBe(before);
  });

  it('WEB-3 signing in needs the same origin too', async () => {
    const input = { name: 'owner', password: 'some password' };
    expect((await test.anonymous.post('/api/v1/sign-in', input, { origin: 'http://evil.test' })).status).toBe(403);
    expect((await test.anonymous.post('/api/v1/sign-in', input)).status).toBe(401);
  });

  it('a change from the panel itself works, and a reading needs no Origin', async () => {
    expect((await owner.post(path, { name: 'abc' })).status).toBe(201);
    expect((await owner.get(`${path}/abc`, { 'sec-fetch-site': undefined })).status).toBe(200);
  });
});

describe('requests', () => {
  it('PERM-3 wrong and unknown fields are listed with stable codes', async () => {
    const before = runs;
    const refused = await owner.post(path, {
      name: 'too long a name',
      size: 11,
      kind: 'c',
      tags: ['a', 'b', 'c'],
      host: 'a;b',
      isAdmin: true,
    });
    expect(refused.status).toBe(400);
    expect(refused.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    const { fields } = problem.parse(refused.json);
    expect(Object.fromEntries(fields.map(({ field, code }) => [field, code]))).toEqual({
      name: 'too_long',
      size: 'too_high',
      kind: 'not_a_choice',
      tags: 'too_many',
      host: 'domain_invalid',
      isAdmin: 'unknown_field',
    });
    expect(fields.find(({ field }) => field === 'name')?.params).toEqual({ max: 5 });
    const missing = await owner.post(path, { size: 'x' });
    expect(problem.parse(missing.json).fields).toEqual([
      { field: 'name', code: 'required' },
      { field: 'size', code: 'not_a_number' },
    ]);
    expect(problem.parse((await owner.post(path, { name: '' })).json).fields[0]?.code).toBe('required');
    expect(problem.parse((await owner.get(`${path}/abc?page=1&sort=x`)).json).fields).toEqual([
      { field: 'sort', code: 'unknown_field' },
    ]);
    expect((await owner.get(`${path}/abc?page=1&page=2`)).status).toBe(400);
    expect((await owner.request(`${path}/abc`, { method: 'DELETE', body: { force: true } })).status).toBe(400);
    expect(runs).toBe(before);
  });

  it.each([
    ['broken JSON', '{"name":', {}, 400, 'malformed_json'],
    ['a form', 'name=abc', { 'content-type': 'application/x-www-form-urlencoded' }, 400, 'json_only'],
    ['plain text', '{"name":"abc"}', { 'content-type': 'text/plain' }, 400, 'json_only'],
    ['a prototype', '{"name":"abc","__proto__":{"isAdmin":true}}', {}, 400, 'malformed_json'],
  ])('%s is refused', async (_name, text, headers, status, reason) => {
    const refused = await owner.post(path, text, headers);
    expect([refused.status, (refused.json as { reason: string }).reason]).toEqual([status, reason]);
  });

  it('P1.2-5 a body above the limit is 413, and one from a stranger is never read', async () => {
    const small = await makeTestApp({ features: [...features, things], env: { BODY_LIMIT_BYTES: '2048' } });
    const person = await small.signIn();
    const big = { name: 'x'.repeat(3000) };
    const refused = await person.post(path, big);
    expect([refused.status, (refused.json as { code: string }).code]).toEqual([413, 'too_large']);
    expect((await small.anonymous.post(path, big)).status).toBe(401);
    await small.close();
    const huge = { name: 'x', password: 'x'.repeat(20_000) };
    expect((await test.anonymous.post('/api/v1/sign-in', huge)).status).toBe(413);
  });

  it('an address that does not exist is a problem for everybody alike', async () => {
    for (const client of [owner, test.anonymous]) {
      const missing = await client.get('/api/v1/nothing', { accept: 'text/html' });
      expect(missing.status).toBe(404);
      expect(problem.parse(missing.json).code).toBe('not_found');
    }
    expect((await owner.get(`${path}/NOT-AN-ID`)).status).toBe(404);
    expect((await owner.get('/api/v1/%zz')).status).toBe(400);
  });

  it('P1.4-2 an unknown error is internal, with the request id and nothing of the inside', async () => {
    const failed = await owner.get(`${path}/secret`);
    expect(failed.status).toBe(500);
    const { code, requestId } = problem.parse(failed.json);
    expect(code).toBe('internal');
    expect(requestId).toBe(failed.headers['x-request-id']);
    expect(failed.text).not.toMatch(/SELECT|shadow|stack|node:|\.ts/);
    expect(failed.headers['etag']).toBeUndefined();
  });

  it('PERM-4 only listed fields leave the server, and an answer that breaks its contract is an internal error', async () => {
    expect((await owner.get(`${path}/abc`)).json).toEqual({ name: 'abc', runs });
    expect((await owner.get(`${path}/wrong`)).status).toBe(500);
  });

  it('If-Match with another revision is 412 and changes nothing', async () => {
    const read = await owner.get(`${path}/abc`);
    expect(read.headers['etag']).toBe('"7"');
    const before = runs;
    const stale = await owner.patch(`${path}/abc`, { name: 'n' }, { 'if-match': '"6"' });
    expect([stale.status, (stale.json as { code: string }).code]).toEqual([412, 'changed_meanwhile']);
    expect((await owner.patch(`${path}/abc`, { name: 'n' }, { 'if-match': 'W/"7"' })).status).toBe(400);
    expect(runs).toBe(before);
    expect((await owner.patch(`${path}/abc`, { name: 'n' }, { 'if-match': '"7"' })).status).toBe(200);
  });
});

describe('Idempotency-Key', () => {
  it('the same key and body give the same answer and act once', async () => {
    const key = { 'idempotency-key': 'key-1' };
    const first = await owner.post(path, { name: 'one' }, key);
    const before = runs;
    const second = await owner.post(path, { name: 'one' }, key);
    expect([second.status, second.text]).toEqual([first.status, first.text]);
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect(runs).toBe(before);
  });

  it('ten at once act once', async () => {
    const before = runs;
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => owner.post(path, { name: 'ten' }, { 'idempotency-key': 'key-10' })),
    );
    expect(runs).toBe(before + 1);
    expect(answers.every(({ status }) => status === 201 || status === 423)).toBe(true);
  });

  it('the same key with another body is refused', async () => {
    await owner.post(path, { name: 'one' }, { 'idempotency-key': 'key-2' });
    const refused = await owner.post(path, { name: 'two' }, { 'idempotency-key': 'key-2' });
    expect([refused.status, (refused.json as { reason: string }).reason]).toEqual([409, 'idempotency_key_reused']);
  });

  it('a failed request can be tried again with its key, and keys of two people never meet', async () => {
    const key = { 'idempotency-key': 'key-3' };
    expect((await owner.post(path, { name: 'away' }, key)).status).toBe(503);
    expect((await owner.post(path, { name: 'away' }, key)).status).toBe(503);
    const other = await test.signIn();
    await owner.post(path, { name: 'mine' }, { 'idempotency-key': 'key-4' });
    expect((await other.post(path, { name: 'their' }, { 'idempotency-key': 'key-4' })).status).toBe(201);
  });
});

describe('audit', () => {
  it('P0-10 every change leaves a row with its outcome', async () => {
    const person = await test.signIn();
    await person.post(path, { name: 'good' });
    await person.post(path, { name: 'used' });
    await person.post(path, { name: 'away' });
    await person.get(`${path}/abc`);
    const rows = await test.ctx.db
      .selectFrom('audit')
      .selectAll()
      .where('actor_id', '=', person.personId ?? '')
      .execute();
    expect(rows.map(({ action, outcome }) => `${action} ${outcome}`).toSorted()).toEqual([
      'writeThing done',
      'writeThing failed',
      'writeThing refused',
    ]);
    const failed = rows.find(({ outcome }) => outcome === 'failed');
    expect(JSON.parse(failed?.detail_json ?? '{}')).toEqual({
      failure: { code: 'agent_unavailable', reason: 'agent_not_running' },
    });
  });

  it('PERM-5 AUD-2 without an audit row nothing happens', async () => {
    const broken = await makeTestApp({ features: [...features, things] });
    const person = await broken.signIn();
    await broken.ctx.db.schema.alterTable('audit').renameTo('audit_gone').execute();
    const before = runs;
    expect((await person.post(path, { name: 'abc' })).status).toBe(500);
    expect(runs).toBe(before);
    await broken.close();
  });
});
