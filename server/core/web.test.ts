import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTestApp, type TestApp } from '../testing.ts';
import { securityHeaders } from './security-headers.ts';

let test: TestApp;
const script = `console.log('${'x'.repeat(200)}')`;

beforeAll(async () => {
  test = await makeTestApp({ config: { cors: { origins: [] } } });
  const web = join(test.dataDir, 'web');
  await mkdir(join(web, 'assets'), { recursive: true });
  await writeFile(join(web, 'index.html'), '<script nonce="__CSP_NONCE__">1</script><meta content="__CSP_NONCE__">');
  await writeFile(join(web, 'assets', 'main-abc.js'), script);
  await writeFile(join(web, 'assets', 'main-abc.js.br'), brotliCompressSync(script));
  await writeFile(join(web, 'favicon.svg'), '<svg/>');
  await writeFile(join(test.dataDir, 'secret.txt'), 'secret');
  await symlink(join(test.dataDir, 'secret.txt'), join(web, 'link.txt'));
  // The application looks for a new build every two seconds.
  await new Promise((resolve) => setTimeout(resolve, 2_050));
});
afterAll(() => test.close());

const page = { accept: 'text/html,application/xhtml+xml' };

describe('files of the browser application', () => {
  it('every page is index.html with a nonce of its own that the policy allows', async () => {
    const answers = await Promise.all(['/', '/sites/abc', '/sign-in'].map((path) => test.anonymous.get(path, page)));
    const nonces = answers.map(({ text, headers, status }) => {
      expect(status).toBe(200);
      expect(headers['cache-control']).toBe('no-store');
      const [, nonce = ''] = /nonce="([\w-]{22})"/.exec(text) ?? [];
      expect(text).not.toContain('__CSP_NONCE__');
      expect(text).toContain(`content="${nonce}"`);
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain(`script-src 'self' 'nonce-${nonce}'`);
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(policy).toContain("require-trusted-types-for 'script'; trusted-types default");
      return nonce;
    });
    expect(new Set(nonces).size).toBe(3);
  });

  it('fingerprinted files are kept for ever and come compressed to who understands it', async () => {
    const plain = await test.anonymous.get('/assets/main-abc.js');
    expect([plain.text, plain.headers['content-type']]).toEqual([script, 'text/javascript; charset=utf-8']);
    expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    const packed = await test.anonymous.get('/assets/main-abc.js', { 'accept-encoding': 'gzip, br' });
    expect(packed.headers['content-encoding']).toBe('br');
    expect(Number(packed.headers['content-length'])).toBeLessThan(script.length);
    const refused = await test.anonymous.get('/assets/main-abc.js', { 'accept-encoding': 'br;q=0' });
    expect(refused.headers['content-encoding']).toBeUndefined();
    expect((await test.anonymous.get('/favicon.svg')).headers['cache-control']).toBe('no-cache');
    const etag = String(plain.headers['etag']);
    expect((await test.anonymous.get('/assets/main-abc.js', { 'if-none-match': etag })).status).toBe(304);
    const head = await test.anonymous.request('/assets/main-abc.js', { method: 'HEAD' });
    expect([head.status, head.text, Number(head.headers['content-length'])]).toEqual([200, '', script.length]);
  });

  it.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/%5c..%5csecret.txt',
    '//etc/passwd',
    '/link.txt',
    '/index.html%00.js',
    '/assets/main-abc.js.br',
    '/assets/missing.js',
  ])('%s is no file of ours', async (path) => {
    const answer = await test.anonymous.get(path, page);
    expect(answer.text).not.toContain('secret');
    expect(answer.text).not.toContain('root:');
    expect([200, 400, 404]).toContain(answer.status);
    // A page at most: never the content of a file.
    if (answer.status === 200) expect(answer.text).toContain('<script nonce=');
  });

  it('without a build a page says so in both languages', async () => {
    const bare = await makeTestApp();
    const answer = await bare.anonymous.get('/', page);
    expect(answer.status).toBe(503);
    expect(answer.text).toContain('لم تُبنَ واجهة المتصفح بعد');
    expect(answer.text).toContain('is not built yet');
    expect((await bare.anonymous.get('/api/v1/sign-in')).status).toBe(200);
    await bare.close();
  });

  it('a new build is served without a restart', async () => {
    const web = join(test.dataDir, 'web');
    await rm(join(web, 'favicon.svg'));
    await writeFile(join(web, 'index.html'), '<p>second</p>');
    await new Promise((resolve) => setTimeout(resolve, 2_050));
    expect((await test.anonymous.get('/', page)).text).toBe('<p>second</p>');
    expect((await test.anonymous.get('/favicon.svg')).status).toBe(404);
  });
});

describe('headers', () => {
  it('WEB-5 S-7 every answer carries the security headers, errors and redirects too', async () => {
    const owner = await test.signIn();
    const answers = [
      await test.anonymous.get('/', page),
      await test.anonymous.get('/assets/main-abc.js'),
      await test.anonymous.get('/api/v1/me'),
      await test.anonymous.get('/api/v1/nothing'),
      await test.anonymous.get('/health/live'),
      await test.anonymous.get('/api/v1/%zz'),
      await owner.post('/api/v1/sign-out', '{broken'),
    ];
    for (const { headers } of answers) {
      expect(headers).toMatchObject(securityHeaders);
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(headers['x-powered-by']).toBeUndefined();
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
    expect(answers[2]?.headers['cache-control']).toBe('no-store');
  });

  it('P1.2-5 a session cookie in production is Secure, HttpOnly, SameSite=Strict and lasts as configured', async () => {
    const cookie = { isSecure: true, sameSite: 'strict', lifetimeSeconds: 3600 } as const;
    const strict = await makeTestApp({ config: { cookie } });
    const owner = await strict.signIn();
    expect(owner.cookie).toMatch(/^__Host-aapanel=/);
    expect((await owner.get('/api/v1/me')).status).toBe(200);
    const out = await owner.post('/api/v1/sign-out');
    expect(out.headers['set-cookie']).toContain(
      '__Host-aapanel=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0',
    );
    await strict.close();
  });

  it('P1.2-5 plain HTTP that a trusted proxy reports is redirected, what a stranger claims is not believed', async () => {
    const env = { PUBLIC_URL: 'https://panel.example.com', TRUSTED_PROXIES: '10.0.0.0/8' };
    const strict = await makeTestApp({ env, config: { requireHttps: true } });
    const ask = (remoteAddress: string, proto?: string) =>
      strict.anonymous.request('/api/v1/sign-in?a=1', {
        remoteAddress,
        headers: { host: 'evil.test', ...(proto === undefined ? {} : { 'x-forwarded-proto': proto }) },
      });
    const moved = await ask('10.1.2.3', 'http');
    expect([moved.status, moved.headers['location']]).toEqual([308, 'https://panel.example.com/api/v1/sign-in?a=1']);
    const secure = await ask('10.1.2.3', 'https');
    expect(secure.headers['strict-transport-security']).toBe('max-age=31536000');
    const stranger = await ask('192.0.2.1', 'https');
    expect(stranger.headers['strict-transport-security']).toBeUndefined();
    expect((await ask('192.0.2.1', 'http')).headers['location']).toBeUndefined();
    await strict.close();
  });

  it('WEB-1 the address of a client comes from the connection, and from the hop of a trusted proxy only', async () => {
    const proxied = await makeTestApp({ env: { TRUSTED_PROXIES: '127.0.0.1,::1' } });
    const tryFrom = async (remoteAddress: string, forwarded: string) => {
      await proxied.anonymous.request('/api/v1/sign-in', {
        method: 'POST',
        body: { name: 'nobody', password: 'some password' },
        remoteAddress,
        headers: { 'x-forwarded-for': forwarded, 'x-real-ip': '6.6.6.6', 'cf-connecting-ip': '6.6.6.6' },
      });
      const row = await proxied.ctx.db
        .selectFrom('audit')
        .select('address')
        .orderBy('at', 'desc')
        .limit(1)
        .executeTakeFirstOrThrow();
      await proxied.ctx.db.deleteFrom('audit').execute();
      return row.address;
    };
    expect(await tryFrom('192.0.2.7', '6.6.6.6')).toBe('192.0.2.7');
    expect(await tryFrom('127.0.0.1', '6.6.6.6, 203.0.113.5')).toBe('203.0.113.5');
    await proxied.close();
  });

  it('P1.2-5 only listed origins may read across origins, and only * in development opens reading to all', async () => {
    const listed = await makeTestApp({ config: { cors: { origins: ['https://a.example'] } } });
    const ask = (origin: string, method: 'GET' | 'OPTIONS' = 'GET') =>
      listed.anonymous.request('/api/v1/sign-in', { method, headers: { origin } });
    expect((await ask('https://a.example')).headers).toMatchObject({
      'access-control-allow-origin': 'https://a.example',
      'access-control-allow-credentials': 'true',
    });
    expect((await ask('https://a.example', 'OPTIONS')).status).toBe(204);
    expect((await ask('https://b.example')).headers['access-control-allow-origin']).toBeUndefined();
    const owner = await listed.signIn();
    const write = (origin: string) =>
      owner.put(
        '/api/v1/settings',
        { panelName: '', defaultLanguage: 'ar' },
        { origin, 'sec-fetch-site': 'cross-site' },
      );
    expect((await write('https://a.example')).status).toBe(200);
    expect((await write('https://b.example')).status).toBe(403);
    await listed.close();
    const all = await makeTestApp({ config: { cors: { origins: '*' } } });
    const reading = await all.anonymous.get('/api/v1/sign-in', { origin: 'https://b.example' });
    expect(reading.headers['access-control-allow-origin']).toBe('*');
    expect(reading.headers['access-control-allow-credentials']).toBeUndefined();
    const writer = await all.signIn();
    expect((await writer.post('/api/v1/sign-out', undefined, { origin: 'https://b.example' })).status).toBe(403);
    await all.close();
  });
});
