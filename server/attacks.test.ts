import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditRow } from '#shared/audit.ts';
import { listen } from './features/jobs/testing.ts';
import { createTestSite } from './features/sites/testing.ts';
import { cookiesOf, makeTestApp, type TestApp, type TestClient } from './testing.ts';
import { dumpDatabase } from './testing/matrix.ts';

/*
 * What attackers of panels do (docs/threat-model.md), against the whole web process.
 */

let test: TestApp;
let owner: TestClient;
let port: number;
const lines: string[] = [];

beforeAll(async () => {
  test = await makeTestApp({ onLogLine: (line) => lines.push(line) });
  port = await listen(test);
  owner = await (await test.signIn('owner')).elevate();
});
afterAll(() => test.close());

const sites = '/api/v1/sites';

/** Bytes as they are, which no client library would send. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.setTimeout(5_000, () => socket.destroy(new Error('no answer')));
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

const get = (headers: string) =>
  raw(`GET /api/v1/me HTTP/1.1\r\nHost: localhost:5000\r\nConnection: close\r\n${headers}\r\n\r\n`);
const statusOf = (answer: string) => Number(answer.slice(9, 12));

describe('sessions', () => {
  it('S-6 AUTH-5 a session id that was planted before sign-in never becomes anybody’s', async () => {
    const { person } = await test.signIn('viewer');
    const planted = `aapanel_dev=${'A'.repeat(43)}`;
    const body = { name: person?.name, password: person?.password };
    const signedIn = await test.anonymous.request('/api/v1/sign-in', {
      method: 'POST',
      body,
      headers: { cookie: planted },
    });
    expect(signedIn.status).toBe(200);
    expect(cookiesOf(signedIn)).not.toContain('A'.repeat(43));
    expect((await test.anonymous.get('/api/v1/me', { cookie: planted })).status).toBe(401);
  });

  it('S-6 AUTH-5 nothing of a session works after sign-out: not its cookie, not its elevation', async () => {
    const client = await (await test.signIn('owner')).elevate();
    const cookie = client.cookie ?? '';
    await client.post('/api/v1/sign-out');
    expect((await test.anonymous.get('/api/v1/me', { cookie })).status).toBe(401);
    const other = await test.signIn('owner');
    const elevation = cookie.split('; ').find((pair) => pair.includes('elevation')) ?? '';
    const body = { name: 'replayed', role: 'viewer' };
    const headers = { cookie: `${other.cookie}; ${elevation}` };
    const refused = await test.anonymous.request('/api/v1/people', { method: 'POST', body, headers });
    expect(refused.json).toMatchObject({ code: 'elevation_required' });
  });

  it('a viewer who confirms with a fresh factor is still a viewer', async () => {
    const viewer = await (await test.signIn('viewer')).elevate();
    const before = await dumpDatabase(test);
    for (const path of ['/api/v1/people', '/api/v1/roles', sites]) {
      expect((await viewer.post(path, {})).json).toMatchObject({ code: 'not_allowed' });
    }
    expect(await dumpDatabase(test)).toBe(before);
  });

  it('S-6 AUTH-5 two cookies of the name, one of 8 KB, and bytes that are none, sign nobody in and break nothing', async () => {
    const { cookie = '' } = await test.signIn('viewer');
    expect(statusOf(await get(`Cookie: ${cookie}`))).toBe(200);
    expect(statusOf(await get(`Cookie: ${cookie}; ${cookie}`))).toBe(401);
    expect(statusOf(await get(`Cookie: ${cookie}\r\nCookie: ${cookie}`))).toBe(401);
    expect(statusOf(await get(`Cookie: aapanel_dev=${'x'.repeat(8_192)}`))).toBe(401);
    expect(statusOf(await get(`Cookie: ${cookie}\0`))).toBe(400);
    expect([400, 401]).toContain(statusOf(await get(`Cookie: aapanel_dev=a\nuser=owner`)));
    expect([400, 431]).toContain(statusOf(await get(`Cookie: ${'y'.repeat(40_000)}`)));
    expect((await test.anonymous.get('/health/live')).status).toBe(200);
  });
});

describe('requests that pretend', () => {
  it('S-6 OUT-1 CR, LF and NUL in names stay text: no row, no log line and no header of their own', async () => {
    lines.length = 0;
    const name = 'eve\r\nuser=owner\0<script>\u202E\u001b[31m';
    expect((await test.anonymous.post('/api/v1/sign-in', { name, password: 'x\r\n' })).status).toBe(401);
    const row = await test.ctx.db
      .selectFrom('audit')
      .selectAll()
      .where('target', 'like', 'eve%')
      .executeTakeFirstOrThrow();
    expect(row.target).not.toMatch(/[\u0000-\u001f\u007f]/);
    for (const line of lines) {
      expect(line.trim()).not.toMatch(/[\u0000-\u001f]/);
      expect(() => JSON.parse(line) as unknown).not.toThrow();
    }
    const listed = (await owner.get('/api/v1/audit?search=eve')).json as { items: AuditRow[] };
    expect(listed.items[0]?.target).toContain('<script>');
  });

  it('S-6 CR and LF in a header, a cookie or an address begin no header and no line of their own', async () => {
    lines.length = 0;
    const given = ['Host', 'Origin', 'Cookie', 'User-Agent', 'Accept-Language', 'Referer', 'X-Aapanel', 'X-Request-Id'];
    const also = [
      'X-Forwarded-For',
      'X-Forwarded-Host',
      'Authorization',
      'If-Match',
      'Idempotency-Key',
      'Last-Event-ID',
    ];
    for (const name of [...given, ...also])
      for (const end of ['\r', '\n', '\r\n', '%0d%0a']) {
        const answer = await get(`${name}: a${end}Set-Cookie: planted=1${end}${end}planted`);
        expect([name, end, [400, 401].includes(statusOf(answer)), answer.includes('planted')]).toEqual([
          name,
          end,
          true,
          false,
        ]);
      }
    const path = '/%0d%0aSet-Cookie:%20planted=1';
    for (const each of [path, `/api/v1${path}`, `/assets${path}`])
      expect(await raw(`GET ${each} HTTP/1.1\r\nHost: localhost:5000\r\nConnection: close\r\n\r\n`)).not.toMatch(
        /^set-cookie|^ ?planted/im,
      );
    for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
  });

  it('PERM-3 __proto__ and constructor.prototype are refused and change no object', async () => {
    for (const body of [
      '{"kind":"static","domains":["p.test"],"__proto__":{"isAdmin":true}}',
      '{"kind":"static","domains":["p.test"],"constructor":{"prototype":{"isAdmin":true}}}',
    ]) {
      expect((await owner.post(sites, body)).status).toBe(400);
    }
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  it('AUTH-1 a method that is said beside the request, or another one than the route has, does nothing', async () => {
    const { site } = await createTestSite(owner, ['method.test']);
    const before = await dumpDatabase(test);
    const override = { 'x-http-method-override': 'DELETE', 'x-http-method': 'DELETE', 'x-method-override': 'PATCH' };
    expect((await owner.get(`${sites}/${site.id}`, override)).status).toBe(200);
    expect((await owner.get(`${sites}/${site.id}?_method=DELETE`)).status).toBe(400);
    expect((await owner.put(sites, { kind: 'static', domains: ['put.test'] })).status).toBe(405);
    expect((await owner.put('/api/v1/people', { name: 'x', role: 'owner' })).status).toBe(405);
    const same = { origin: 'http://localhost:5000', 'x-aapanel': '1' };
    expect((await owner.get('/api/v1/sign-out', same)).status).toBe(405);
    expect(await dumpDatabase(test)).toBe(before);
  });

  it('PERM-3 a parameter given twice, an unknown one, or one that is SQL is refused; bodies take no unknown field', async () => {
    for (const query of [
      'page=1&page=2',
      'search=a&search=b',
      'sort=name;drop table site',
      'sort=name,(select 1)',
      'order=asc--',
      'order[]=asc',
      'pageSize=1000000',
      'pageSize=-1',
    ]) {
      expect([query, (await owner.get(`${sites}?${query}`)).status]).toEqual([query, 400]);
    }
    expect((await owner.get(`${sites}?search=' or 1=1 --`)).json).toMatchObject({ total: 0 });
    const extra = { language: 'ar', theme: 'auto', digits: 'latn', timeZone: 'auto', role: 'owner', isOwner: true };
    expect((await owner.put('/api/v1/me/preferences', extra)).status).toBe(400);
  });

  it('WEB-1 WEB-2 no header of a stranger changes from where they come, or where the panel is', async () => {
    const forged = {
      'x-forwarded-for': '203.0.113.5',
      'x-real-ip': '203.0.113.5',
      'cf-connecting-ip': '203.0.113.5',
      'true-client-ip': '203.0.113.5',
      forwarded: 'for=203.0.113.5;host=evil.test',
      'x-forwarded-host': 'evil.test',
    };
    await test.anonymous.post('/api/v1/sign-in', { name: 'forger', password: 'x' }, forged);
    const row = await test.ctx.db
      .selectFrom('audit')
      .select('address')
      .where('target', '=', 'forger')
      .executeTakeFirst();
    expect(row?.address).toBe('127.0.0.1');
    // Another word about the address each time makes nobody another one: the limit and the ban are for who connected.
    const tries: number[] = [];
    for (let index = 0; index < 12; index += 1) {
      const answer = await test.anonymous.request('/api/v1/sign-in', {
        method: 'POST',
        body: { name: `forger-${index}`, password: 'x' },
        remoteAddress: '198.51.100.44',
        headers: { ...forged, 'x-forwarded-for': `203.0.113.${index}`, 'x-real-ip': `203.0.113.${index}` },
      });
      tries.push(answer.status);
    }
    expect([tries[0], tries.at(-1)]).toEqual([401, 403]);
    // Written down beside the answer.
    const banned = async (): Promise<string[]> =>
      (await test.ctx.db.selectFrom('ban').select('value').execute()).map(({ value }) => value);
    await expect.poll(banned).toEqual(['198.51.100.44']);
    const invited = await owner.post(
      '/api/v1/people',
      { name: 'host-check', role: 'viewer' },
      {
        'x-forwarded-host': 'evil.test',
      },
    );
    const { url } = (invited.json as { invitation: { url: string } }).invitation;
    expect(url.startsWith(`${test.ctx.config.publicUrl}/`)).toBe(true);
    const foreign = await owner.post(sites, { kind: 'static', domains: ['h.test'] }, { host: 'evil.test' });
    expect(foreign.json).toMatchObject({ reason: 'foreign_origin' });
  });

  it('WEB-3 WEB-4 a request of another page, also with the right cookie, changes nothing and opens no stream', async () => {
    const before = await dumpDatabase(test);
    const evil = { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' };
    expect((await owner.post('/api/v1/people', { name: 'csrf', role: 'owner' }, evil)).status).toBe(403);
    expect((await owner.get('/api/v1/events', evil)).status).toBe(403);
    expect(await dumpDatabase(test)).toBe(before);
  });
});

describe('names that nobody has', () => {
  it('AUTH-7 are limited as those of people are: the limit does not tell who exists', async () => {
    const { person } = await test.signIn('viewer');
    const statuses: Record<string, string[]> = { known: [], unknown: [] };
    for (let index = 0; index < 14; index += 1) {
      for (const [key, name] of [
        ['known', person?.name],
        ['unknown', 'nobody-at-all'],
      ] as const) {
        const answer = await test.anonymous.request('/api/v1/sign-in', {
          method: 'POST',
          body: { name, password: 'wrong' },
          remoteAddress: `2001:db8:${index + 1}::1`,
        });
        const { code, reason, detail } = answer.json as { code: string; reason: string; detail: string };
        statuses[key]?.push(`${answer.status} ${code} ${reason} ${detail}`);
      }
    }
    expect(statuses['unknown']).toEqual(statuses['known']);
    expect(new Set(statuses['known']).size).toBe(2);
  });
});
