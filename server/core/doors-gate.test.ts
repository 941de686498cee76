import { connect } from 'node:net';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cookiesOf, ownHeaders, startDoorsTest, type Asked, type DoorsTest } from '../features/doors/testing.ts';
import { createTestSite } from '../features/sites/testing.ts';
import { securityHeaders } from './security-headers.ts';

const entryPath = 'Very-Secret_Way1';
let doors: DoorsTest;
let web: string;

beforeAll(async () => {
  web = await mkdtemp(join(tmpdir(), 'aapanel-web-'));
  await mkdir(join(web, 'assets'), { recursive: true });
  await writeFile(join(web, 'index.html'), '<p>page</p>');
  await writeFile(join(web, 'assets', 'main-abc.js'), 'script');
  const env = { ENTRY_PATH: entryPath, TRUSTED_PROXIES: '127.0.0.1', WEB_DIST_DIR: web };
  doors = await startDoorsTest({ env });
});
beforeEach(async () => {
  await doors.test.ctx.db.deleteFrom('ban').execute();
  await doors.test.ctx.bans.reload();
});
afterAll(async () => {
  await doors.close();
  await rm(web, { recursive: true, force: true });
});

const stranger = { 'x-forwarded-for': '203.0.113.9' };
/** Everything but the time of day. */
const bytesOf = ({ status, rawHeaders, text }: Asked): string => {
  const at = rawHeaders.findIndex((name) => name.toLowerCase() === 'date');
  return JSON.stringify([status, rawHeaders.filter((_, index) => index !== at && index !== at + 1), text]);
};
async function openEntry(): Promise<string> {
  const answer = await doors.ask(`/${entryPath}`, { headers: stranger });
  return cookiesOf({ headers: answer.headers as never });
}

describe('the secret entry', () => {
  it('PERM-8 strangers get one answer, byte for byte, whatever they ask', async () => {
    const paths = [
      '/',
      '/sign-in',
      '/first-run',
      '/api/v1/me',
      '/api/v1/sign-in',
      '/api/v1/nothing',
      '/api/v1/%zz',
      '/api/reference',
      '/assets/main-abc.js',
      '/health/live',
      '/health/../api/v1/me',
      '/.well-known/acme-challenge/x',
      '/metrics',
      `/${entryPath.toLowerCase()}`,
      `/${entryPath}x`,
      `/${entryPath}//evil.test`,
      `//${entryPath}`,
      `/${entryPath}/../sign-in`,
      `/x?${entryPath}`,
      `/${'a'.repeat(2_000)}`,
      `/s/${'a'.repeat(43)}`,
      `/s/${'a'.repeat(43)}/file`,
      `/s/${'a'.repeat(43)}?lang=en`,
      '/s/a',
    ];
    const answers: string[] = [];
    for (const path of paths) answers.push(bytesOf(await doors.ask(path, { headers: stranger })));
    const page = { ...stranger, accept: 'text/html', 'accept-encoding': 'gzip, br', origin: 'https://evil.test' };
    answers.push(bytesOf(await doors.ask('/', { headers: page })));
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'TRACE']) {
      for (const path of ['/', '/api/v1/sign-in', `/${entryPath}`, `/s/${'a'.repeat(43)}`]) {
        answers.push(bytesOf(await doors.ask(path, { method, headers: stranger })));
      }
    }
    const body = { name: 'owner', password: 'wrong' };
    answers.push(bytesOf(await doors.ask('/api/v1/sign-in', { method: 'POST', headers: stranger, body })));
    const cookies = [
      'aapanel_dev-entry=forged',
      `aapanel_dev-entry=${'A'.repeat(43)}`,
      `aapanel_dev=${'A'.repeat(43)}`,
    ];
    for (const cookie of cookies) answers.push(bytesOf(await doors.ask('/', { headers: { ...stranger, cookie } })));
    const bearer = { ...stranger, authorization: `Bearer aap_${'a'.repeat(16)}_${'A'.repeat(43)}` };
    answers.push(bytesOf(await doors.ask('/api/v1/me', { headers: bearer })));
    const upgrade = { ...stranger, connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
    const refused = await doors.ask('/api/v1/terminal', { headers: { ...upgrade, 'sec-websocket-key': 'x' } });
    expect([refused.status, refused.text]).toEqual([404, '404 Not Found\n']);
    expect(new Set(answers)).toEqual(new Set([answers[0]]));
    expect(answers[0]).toContain('404 Not Found');
    const head = await doors.ask('/sign-in', { method: 'HEAD', headers: stranger });
    expect([head.status, head.headers['content-length'], head.text]).toEqual([404, '14', '']);
  });

  it('PERM-8 a living link to a file opens that file and nothing else, under the address of the settings', async () => {
    const { site } = await createTestSite(doors.owner, ['linked.test']);
    const links = `/api/v1/sites/${site.id}/file-links`;
    const made = await doors.owner.post(links, { path: 'index.html', hours: 1 });
    const { url } = made.json as { url: string };
    expect(url).toMatch(new RegExp(`^http://localhost:${doors.port}/s/[\\w-]{43}$`));
    const { pathname } = new URL(url);
    for (const path of [pathname, `${pathname}?lang=en`, `${pathname}/file`])
      expect((await doors.ask(path, { headers: stranger })).status).toBe(200);
    const hidden = bytesOf(await doors.ask('/', { headers: stranger }));
    for (const path of [`${pathname}/`, `${pathname}/../../sign-in`, `${pathname}?x=1`, `${pathname.toLowerCase()}x`])
      expect([path, bytesOf(await doors.ask(path, { headers: stranger }))]).toEqual([path, hidden]);
    expect(bytesOf(await doors.ask(pathname, { method: 'PUT', headers: stranger }))).toBe(hidden);
    doors.clock.time += 60 * 60_000;
    expect(bytesOf(await doors.ask(pathname, { headers: stranger }))).toBe(hidden);
    doors.clock.time -= 60 * 60_000;
  });

  it('WEB-2 opening it gives a cookie and leads to the sign-in page of this very panel, whatever the Host', async () => {
    for (const path of [`/${entryPath}`, `/${entryPath}/`, `/${entryPath}?x=//evil.test`]) {
      const answer = await doors.ask(path, {
        headers: { ...stranger, host: 'evil.test', 'x-forwarded-host': 'evil.test' },
      });
      expect([answer.status, answer.headers.location]).toEqual([302, '/sign-in']);
      expect(answer.headers['set-cookie']?.[0]).toMatch(
        /^aapanel_dev-entry=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/,
      );
      expect(answer.headers).toMatchObject(securityHeaders);
      expect(answer.text + answer.rawHeaders.join()).not.toContain(entryPath);
    }
    expect((await doors.ask(`/${entryPath}/first-run`, { headers: stranger })).headers.location).toBe('/first-run');
    const cookie = await openEntry();
    expect((await doors.ask('/sign-in', { headers: { ...stranger, accept: 'text/html', cookie } })).text).toBe(
      '<p>page</p>',
    );
    expect((await doors.ask('/api/v1/me', { headers: { ...stranger, cookie } })).status).toBe(401);
    expect((await doors.ask('/api/v1/me', { headers: { ...stranger, cookie: `${cookie}; ${cookie}` } })).status).toBe(
      404,
    );
  });

  it('a living session and a living token need no entry; over they are strangers', async () => {
    const headers = { ...ownHeaders(doors.owner, `http://localhost:${doors.port}`), ...stranger };
    expect((await doors.ask('/api/v1/me', { headers })).status).toBe(200);
    const made = await doors.owner.post('/api/v1/me/tokens', {
      name: 'program',
      scopes: ['system.read'],
      addresses: [],
      isElevated: false,
      expiresInDays: 1,
    });
    expect([made.status, made.text]).toEqual([201, expect.any(String)]);
    const { secret } = made.json as { secret: string };
    const authorization = `Bearer ${secret}`;
    expect((await doors.ask('/api/v1/me', { headers: { ...stranger, authorization } })).status).toBe(200);
    doors.clock.time += 2 * 24 * 60 * 60 * 1000;
    expect((await doors.ask('/api/v1/me', { headers })).status).toBe(404);
    expect((await doors.ask('/api/v1/me', { headers: { ...stranger, authorization } })).status).toBe(404);
  });

  it('health is for this machine itself', async () => {
    expect((await doors.ask('/health/live')).status).toBe(200);
    expect((await doors.ask('/health/ready')).status).not.toBe(404);
    expect((await doors.ask('/health/live', { headers: stranger })).status).toBe(404);
    expect((await doors.ask('/sign-in')).status).toBe(404);
  });

  it('what the parser cannot read gets the same words, with the headers, and the connection ends', async () => {
    for (const text of ['GARBAGE\r\n\r\n', 'GET / HTTP/1.1\r\nHost: a\r\nHost\r\n\r\n', `GET /${'a'.repeat(40_000)}`]) {
      const answer = await raw(doors.port, text);
      expect(answer).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
      for (const [name, value] of Object.entries(securityHeaders)) expect(answer).toContain(`${name}: ${value}`);
      expect(answer.endsWith('\r\n\r\n404 Not Found\n')).toBe(true);
    }
  });
});

describe('bans', () => {
  it('a banned address is told until when, on every way that takes a secret; a session is not cut off', async () => {
    const cookie = await openEntry();
    const headers = { ...stranger, cookie, origin: `http://localhost:${doors.port}`, 'x-aapanel': '1' };
    const host = `localhost:${doors.port}`;
    const tryIn = () =>
      doors.ask('/api/v1/sign-in', {
        method: 'POST',
        headers: { ...headers, host },
        body: { name: `n${Math.random()}`, password: 'some long password' },
      });
    const statuses = [];
    for (let index = 0; index < 11; index += 1) statuses.push((await tryIn()).status);
    expect(statuses.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 401));
    const refused = await tryIn();
    expect([refused.status, refused.json['reason']]).toEqual([403, 'banned']);
    expect(refused.json['params']).toEqual({ until: new Date(doors.clock.time + 5 * 60_000).toISOString() });
    expect((await doors.ask('/api/v1/me', { headers })).json['reason']).toBe('banned');
    // The page, and what passkeys need, stay.
    expect((await doors.ask('/sign-in', { headers: { ...headers, accept: 'text/html' } })).status).toBe(200);
    expect((await doors.ask('/api/v1/sign-in', { headers })).status).toBe(200);
    const owner = await doors.test.signIn();
    const own = { ...ownHeaders(owner, `http://localhost:${doors.port}`), ...stranger };
    expect((await doors.ask('/api/v1/me', { headers: own })).status).toBe(200);
    expect((await doors.ask('/api/v1/me', { headers: { ...headers, 'x-forwarded-for': '203.0.113.10' } })).status).toBe(
      401,
    );
    doors.clock.time += 5 * 60_000;
    expect((await tryIn()).status).toBe(401);
  });

  it('what somebody banned by hand gets nothing, pages and passkeys neither', async () => {
    const owner = await doors.test.signIn();
    const made = await owner.post('/api/v1/bans', { value: '203.0.113.0/24', note: 'noise', minutes: null });
    expect(made.json).toMatchObject({ kind: 'network', reason: 'by_hand', until: null, note: 'noise', times: 1 });
    const cookie = await openEntry();
    for (const path of ['/sign-in', '/api/v1/sign-in', '/assets/main-abc.js']) {
      const answer = await doors.ask(path, { headers: { ...stranger, cookie } });
      expect([path, answer.status, answer.json['reason']]).toEqual([path, 403, 'banned']);
    }
    const shown = await doors.ask('/sign-in', { headers: { ...stranger, cookie, accept: 'text/html' } });
    expect([shown.status, shown.headers['content-type']]).toEqual([403, 'text/html; charset=utf-8']);
    expect(shown.text).toMatch(/هذا العنوان محظور[^]*This address is banned/);
    const listed = await owner.get('/api/v1/bans');
    expect(listed.json).toMatchObject({
      total: 1,
      items: [{ value: '203.0.113.0/24', actorName: owner.person?.name }],
    });
    const { id } = made.json as { id: string };
    expect((await owner.delete(`/api/v1/bans/${id}`)).status).toBe(204);
    expect((await doors.ask('/api/v1/sign-in', { headers: { ...stranger, cookie } })).status).toBe(200);
    expect((await owner.delete(`/api/v1/bans/${id}`)).status).toBe(404);
  });

  it('nobody bans themselves or this machine', async () => {
    const owner = await doors.test.signIn();
    const tryBan = (value: string, remoteAddress = '198.51.100.4') =>
      owner.request('/api/v1/bans', { method: 'POST', body: { value, minutes: 5 }, remoteAddress });
    expect((await tryBan('198.51.100.0/24')).json).toMatchObject({ reason: 'ban_own_address' });
    for (const value of ['127.0.0.1', '0.0.0.0/0', '::/0', '300.1.1.1', '1.2.3.4/33']) {
      expect((await tryBan(value)).json).toMatchObject({ fields: [{ field: 'value', code: 'address_invalid' }] });
    }
    expect((await tryBan('2001:DB8::5/64')).json).toMatchObject({ kind: 'network', value: '2001:db8:0:0::/64' });
  });

  it('who may only read bans changes none', async () => {
    const operator = await doors.test.signIn('operator');
    expect((await operator.post('/api/v1/bans', { value: '192.0.2.1', minutes: 5 })).status).toBe(403);
    expect((await operator.get('/api/v1/bans')).json).toMatchObject({ total: 0 });
  });
});

/** What a connection answers to these bytes. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let received = '';
    socket.setEncoding('utf8').on('data', (part: string) => (received += part));
    socket.on('error', reject).on('close', () => resolve(received));
  });
}
