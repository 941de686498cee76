import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { siteBehaviour } from '#shared/site-behaviour.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { sitesHandlers } from '../sites/sites.actions.ts';
import { ask, type Asked, type Question } from '../testing/asking.ts';
import { far, sites, type Rules } from '../testing/behaviour-sites.ts';
import { call, hasNginx, makeWorld, newChangeId, specOf, visitUntil, type World } from '../testing/world.ts';
import { markerOf } from './nginx.render.ts';

/*
 * Every kind of rule, asked of the real nginx: what it does, that it does nothing to a site beside it, and that the
 * challenges of certificates and the panel's own question pass it.
 */

let world: World;
let machine: Machine;
let upstream: Server;
let socket: Server;
let upstreamPort = 0;
const markers = new Map<string, string>();

const hostOf = (name: string): string => `${name}.test`;
const at = (name: string, path = '/', more: Partial<Question> = {}): Promise<Asked> =>
  ask({ port: world.port, host: hostOf(name), path, ...more });

async function apply(name: string, rules: Rules, more: Parameters<typeof specOf>[2] = {}): Promise<void> {
  const host = hostOf(name);
  const names = name === 'redirects' ? ['', 'alias.', 'alias2.'] : name === 'main' ? ['', 'www.', 'old.'] : [''];
  const domains = names.map((prefix) => ({ host: `${prefix}${host}`, port: world.port }));
  const spec = specOf(world, host, { domains, behaviour: siteBehaviour.parse(rules), ...more });
  await sitesHandlers['sites.apply'](
    machine,
    { spec, changeId: newChangeId(), isNew: true, onDrift: 'refuse' },
    call(60),
  );
  markers.set(name, markerOf(readFileSync(world.path(`/etc/nginx/aapanel/sites/${host}.conf`), 'utf8')) ?? '');
  if (spec.kind !== 'static') return;
  const put = (path: string, text: string): void => {
    const folder = world.path(`/www/wwwroot/${host}${path.slice(0, path.lastIndexOf('/'))}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(world.path(`/www/wwwroot/${host}${path}`), text);
  };
  put('/.well-known/acme-challenge/token-1', 'token');
  for (const path of [
    '/new',
    '/health/live',
    '/admin/x.txt',
    '/no.txt',
    '/photo.png',
    '/a.css',
    '/a.json',
    '/files/x.txt',
  ])
    put(path, `${name} ${path} ${'-'.repeat(700)}`);
  for (const path of ['/private/x.txt', '/dump.SQL', '/uploads/a.php', '/uploads/a.txt']) put(path, path);
  put('/large.txt', 'x'.repeat(100_000));
}

describe.runIf(hasNginx)('a rule acts where it stands, and nowhere else', () => {
  beforeAll(async () => {
    world = await makeWorld({ nginx: 'running' });
    machine = await openMachine(world.settings);
    upstream = createServer((request, response) => {
      response.writeHead(request.url === '/none' ? 404 : 200, {
        'access-control-allow-origin': 'https://wrong.example',
        'x-frame-options': 'ALLOWALL',
        ...(request.url?.includes('words') === true && { 'content-type': 'text/html' }),
      });
      if (request.url === '/silent') return;
      const { connection, upgrade, host } = request.headers;
      const isAboutHeaders = request.url === '/headers';
      const told = `${connection} ${upgrade} ${host} ${String(request.headers['x-key'])}`;
      const packed = String(request.headers['accept-encoding']);
      response.end(isAboutHeaders ? told : `app ${request.url}${request.url === '/words/packed' ? packed : ''}`);
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    mkdirSync(world.path('/run/shop'), { recursive: true });
    socket = createServer((request, response) => {
      response.setHeader('content-type', 'text/html').end(`socket ${request.headers.host} ${request.url}`);
    });
    await new Promise<void>((resolve) => socket.listen(world.path('/run/shop/app.sock'), resolve));
    chmodSync(world.path('/run/shop/app.sock'), 0o666);
    const address = upstream.address();
    upstreamPort = typeof address === 'object' && address !== null ? address.port : 0;
    for (const [name, rules] of Object.entries(sites)) await apply(name, rules);
    await apply(
      'proxied',
      {
        security: { frame: 'deny' },
        cors: far,
        errorPages: { pages: [{ code: 404, title: 'Ours' }], isUpstreamToo: true },
        limits: { bodyMib: 1 },
      },
      { kind: 'proxy', upstream: { url: `http://127.0.0.1:${upstreamPort}`, isWebsocket: true } },
    );
    const servers = [{ address: `127.0.0.1:${upstreamPort}` }];
    const forwarded = { kind: 'proxy', upstream: { url: 'unix:/run/shop/app.sock', isWebsocket: false } } as const;
    const replacements = [{ from: 'shop', to: 'store' }];
    await apply(
      'socket',
      { forward: { sentHost: 'own', ownHost: 'shop.internal:8080', readSeconds: 300, replacements } },
      forwarded,
    );
    await apply(
      'sent',
      {
        forward: {
          sentHost: 'upstream',
          readSeconds: 1,
          replacements: [{ from: 'app', to: '' }],
          isReplacedOnce: true,
        },
        proxies: [
          { path: '/sock', servers: [{ address: 'unix:/run/shop/app.sock' }], sentHost: 'own', ownHost: 'x.internal' },
          { path: '/sockname', servers: [{ address: 'unix:/run/shop/app.sock' }], sentHost: 'server' },
        ],
      },
      { kind: 'proxy', upstream: { url: `http://localhost:${upstreamPort}`, isWebsocket: false } },
    );
    const dead = { address: '127.0.0.1:1', weight: 1 };
    await apply('paths', {
      fallback: 'spa',
      security: { frame: 'deny' },
      proxies: [
        { path: '/api', servers, isPathStripped: true, headers: [{ name: 'X-Key', value: 'secret' }] },
        { path: '/raw/', servers },
        { path: '/both', servers: [...servers, dead], balance: 'least_conn' },
        {
          path: '/words/',
          servers,
          replacements: [
            { from: 'app', to: '<b>"our"</b>' },
            { from: 'words', to: 'word' },
          ],
        },
      ],
    });
    await apply('html', { fallback: 'clean' });
    writeFileSync(world.path('/www/wwwroot/html.test/page.html'), 'page');
    // The last text answers, so all before it do.
    await visitUntil(world.port, 'html.test', ({ body }) => body === 'page', '/page');
  }, 120_000);
  afterAll(async () => {
    upstream.closeAllConnections();
    upstream.close();
    socket.close();
    await machine.settled();
    machine.close();
    world.destroy();
  });

  describe('the challenge of a certificate and the panel’s own question pass every kind of rule', () => {
    it.each([...Object.keys(sites), 'paths', 'html'])('DOM-4 TLS-2 %s', async (name) => {
      const headers = { 'user-agent': 'BadBot', referer: 'https://thief.example/', origin: 'https://app.example.com' };
      const seen = await at(name, '/.well-known/acme-challenge/token-1', { headers, from: '127.0.0.66' });
      expect(seen).toMatchObject({ status: 200, body: 'token' });
      const marker = markers.get(name) ?? '';
      // With a query, as it is asked through a CDN.
      expect(await at(name, `/.well-known/aapanel/${marker}?0a1b`)).toMatchObject({ status: 200, body: marker });
    });
  });

  describe('redirects', () => {
    const cases: [string, number, string | null][] = [
      ['/old', 301, 'http://redirects.test/new'],
      ['/old?x=1', 301, 'http://redirects.test/new?x=1'],
      ['/old/below', 404, null],
      ['/off', 404, null],
      ['/once', 302, 'https://other.example/x?a=1'],
      ['/once?b=2', 302, 'https://other.example/x?a=1&b=2'],
      ['/kept?b=2', 307, 'https://other.example/x?a=1&b=2'],
      ['/kept', 307, 'https://other.example/x?a=1'],
      ['/%D9%82%D8%AF%D9%8A%D9%85?x', 301, 'https://other.example/%D8%AC%D8%AF%D9%8A%D8%AF'],
      ['/blog', 301, 'https://blog.example/b/'],
      ['/blog/a/b?x=1', 301, 'https://blog.example/b/a/b?x=1'],
      ['/blog/%D9%82%23%25', 301, 'https://blog.example/b/%D9%82%23%25'],
      ['/blog/a%3Fb', 404, null],
      ['/blogs', 404, null],
      ['/shop/a', 308, 'https://shop.example/a'],
      ['/shop', 308, 'https://shop.example/'],
      ['/flat/a/b?x=1', 301, 'http://redirects.test/new'],
      ['/p/12/some-name', 301, 'https://other.example/some-name?id=12'],
      ['/p/12345/some-name', 404, null],
      ['/q/a/b', 308, 'https://other.example/a/b'],
      ['/new', 200, null],
      // The index of a folder has an address of its own; asked for by the folder it is no redirect.
      ['/index.html', 301, 'http://redirects.test/'],
      ['/', 200, null],
    ];
    it.each(cases)('DOM-1 %s → %i %s', async (path, status, location) => {
      const seen = await at('redirects', path);
      expect(seen.status).toBe(status);
      const shown = seen.headers.location?.replace(`:${world.port}`, '');
      expect(shown ?? null).toBe(location);
      expect((await at('plain', path)).headers.location).toBeUndefined();
    });

    it('DOM-1 for some names only', async () => {
      const alias = await at('redirects', '/any?x=1', { host: 'alias.redirects.test' });
      expect(alias).toMatchObject({ status: 308, headers: { location: 'https://alias.example/in/any?x=1' } });
      expect((await at('redirects', '/some/x', { host: 'alias2.redirects.test' })).status).toBe(307);
      expect((await at('redirects', '/both/x', { host: 'alias2.redirects.test' })).status).toBe(301);
      expect((await at('redirects', '/some/x')).status).toBe(404);
      expect((await at('redirects', '/both/x')).status).toBe(404);
    });

    it('DOM-1 the whole site, and its other names to the main one', async () => {
      const whole = await at('everything', '/a%20b/?q=%0d');
      expect(whole).toMatchObject({ status: 301, headers: { location: 'https://elsewhere.example/a%20b/?q=%0d' } });
      const www = await at('main', '/a?b', { host: 'www.main.test' });
      expect(www).toMatchObject({ status: 308, headers: { location: `http://main.test:${world.port}/a?b` } });
      expect((await at('main', '/')).status).toBe(200);
    });

    it.each(['/q/', '/r/', '/blog/', '/p/1/a', '/shop/'])(
      'what a visitor writes into the address never ends a header or names another host: %s',
      async (path) => {
        for (const bad of [
          '%0d%0aX-Evil:1',
          '%0aX-Evil:1',
          '%5Cevil.example',
          '/evil.example',
          '%2Fevil.example',
          '@evil.example',
        ]) {
          const seen = await at('redirects', `${path}${bad}`);
          expect(seen.headers['x-evil']).toBeUndefined();
          const { location } = seen.headers;
          if (location === undefined) continue;
          expect(location).toMatch(/^[!-~]+$/);
          expect(['other.example', 'blog.example', 'shop.example', 'redirects.test']).toContain(
            new URL(location).hostname,
          );
        }
      },
    );
  });

  it('DOM-1 headers are on every answer: files, errors and redirects', async () => {
    for (const [path, status] of [
      ['/', 200],
      ['/none', 404],
      ['/old', 301],
      ['/.hidden', 404],
    ] as const) {
      const seen = await at('headers', path);
      expect(seen.status).toBe(status);
      expect(seen.headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'strict-origin-when-cross-origin',
        'permissions-policy': 'camera=(), geolocation=(self "https://maps.example")',
        'content-security-policy': "default-src 'self'; img-src * data:",
        'x-own': 'a; "b" \\ {c}',
      });
    }
    expect((await at('plain')).headers['x-content-type-options']).toBeUndefined();
  });

  it('DOM-1 CORS: origins of the list are answered and asked ahead, others are not', async () => {
    const good = await at('cors', '/', { headers: { origin: 'https://app.example.com' } });
    expect(good.headers).toMatchObject({
      'access-control-allow-origin': 'https://app.example.com',
      'access-control-allow-credentials': 'true',
      vary: 'Origin',
    });
    const preflight = {
      method: 'OPTIONS',
      headers: { origin: 'https://a.wide.example.com', 'access-control-request-method': 'PUT' },
    };
    expect(await at('cors', '/any', preflight)).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': 'https://a.wide.example.com',
        'access-control-allow-methods': 'GET, PUT',
        'access-control-allow-headers': 'X-Token',
        'access-control-max-age': '60',
      },
    });
    for (const origin of [
      'https://app.example.com.evil.example',
      'http://app.example.com',
      'https://wide.example.com',
      'null',
    ]) {
      const seen = await at('cors', '/', { headers: { origin } });
      expect(seen.headers['access-control-allow-origin']).toBeUndefined();
      expect((await at('cors', '/', { ...preflight, headers: { ...preflight.headers, origin } })).status).not.toBe(204);
    }
    expect(
      (await at('open', '/', { headers: { origin: 'https://any.example' } })).headers['access-control-allow-origin'],
    ).toBe('*');
    expect(
      (await at('plain', '/', { headers: { origin: 'https://any.example' } })).headers['access-control-allow-origin'],
    ).toBeUndefined();
  });

  it('DOM-1 addresses: the first line that has one decides, for the site and for a path', async () => {
    const from = async (address: string, path: string): Promise<number> =>
      (await at('addresses', path, { from: address })).status;
    expect(await from('127.0.0.66', '/')).toBe(403);
    expect(await from('127.0.0.1', '/')).toBe(200);
    expect(await from('127.0.0.1', '/admin/x.txt')).toBe(200);
    // An earlier line covers the later one.
    expect(await from('127.0.1.1', '/admin/x.txt')).toBe(200);
    expect(await from('127.0.5.1', '/admin/x.txt')).toBe(403);
    expect(await from('127.9.0.1', '/admin/x.txt')).toBe(403);
    expect(await from('127.9.0.1', '//admin/./x.txt')).toBe(403);
    expect(await from('127.9.0.1', '/%61dmin/x.txt')).toBe(403);
    expect(await from('127.9.0.1', '/administrators')).toBe(404);
    expect((await at('plain', '/admin/x.txt', { from: '127.9.0.1' })).status).toBe(200);
  });

  it('DOM-1 methods, programs by name, paths and suffixes are turned away', async () => {
    const status = async (path: string, more: Partial<Question> = {}): Promise<number> =>
      (await at('access', path, more)).status;
    expect(await status('/', { method: 'DELETE' })).toBe(405);
    expect(await status('/', { method: 'HEAD' })).toBe(200);
    expect(await status('/', { headers: { 'user-agent': 'Some badbot/2' } })).toBe(403);
    expect(await status('/', { headers: { 'user-agent': 'x (weird) y' } })).toBe(403);
    expect(await status('/', { headers: { 'user-agent': 'curl/78' } })).toBe(200);
    for (const path of [
      '/private',
      '/private/x.txt',
      '/dump.SQL',
      '/dump.tar.gz',
      '/uploads/a.php',
      '/uploads/a.php/x',
      '/uploads/a.PHP',
    ])
      expect(await status(path), path).toBe(403);
    for (const path of ['/privateer', '/a.php', '/dump.sqlite']) expect(await status(path), path).toBe(404);
    expect(await status('/uploads/a.txt')).toBe(200);
    expect((await at('plain', '/dump.SQL', { headers: { 'user-agent': 'badbot' } })).status).toBe(200);
  });

  it('DOM-1 a closed site: one page with 503, and what may pass passes', async () => {
    const seen = await at('closed', '/any');
    expect(seen).toMatchObject({
      status: 503,
      headers: { 'retry-after': '3600', 'content-type': 'text/html; charset=utf-8' },
    });
    expect(seen.body).toContain('نعود &#60;b&#62;قريبًا&#60;/b&#62;');
    expect(seen.body).toContain('سطر أول &#36;host<br>line &#34;two&#34; &#92;');
    expect((await at('closed', '/', { from: '127.0.7.3' })).status).toBe(200);
    expect((await at('closed', '/none', { from: '127.0.7.3' })).body).toContain('الصفحة غير موجودة');
    expect((await at('closed', '/health/live')).status).toBe(200);
    expect((await at('ended')).status).toBe(200);
    const until = await at('until');
    expect(until).toMatchObject({ status: 503, headers: { 'retry-after': 'Sat, 31 Jan 2099 12:00:00 GMT' } });
    expect(until.body).toContain('الموقع تحت الصيانة');
    expect(until.body).toContain('Down for maintenance');
    expect((await at('plain')).status).toBe(200);
  });

  it('DOM-1 own error pages keep their code', async () => {
    const lost = await at('pages', '/none');
    expect(lost.status).toBe(404);
    expect(lost.body).toContain('Lost &#38; found');
    expect(lost.body).toContain('Try the &#60;start&#62; page');
    expect(await at('pages', '/private/x')).toMatchObject({
      status: 403,
      body: expect.stringContaining('الدخول غير مسموح') as string,
    });
    expect((await at('plain', '/none')).body).not.toContain('Lost');
  });

  it('DOM-1 whoever asks for what is not there is sent to one address, and never round in a circle', async () => {
    const seen = await at('lost', '/none?x=1');
    expect(seen.status).toBe(301);
    expect(seen.headers.location).toMatch(/^http:\/\/lost\.test:\d+\/start\?from=lost$/);
    expect((await at('lost', '/start')).status).toBe(404);
    expect((await at('lost', '/')).status).toBe(200);
    expect((await at('away', '/none')).headers.location).toBe('https://elsewhere.example/');
    expect((await at('plain', '/none')).status).toBe(404);
  });

  it('DOM-1 limits: requests, size of a request; addresses of the list are not counted', async () => {
    const many = (from: string): Promise<number[]> =>
      Promise.all(Array.from({ length: 8 }, async () => (await at('limited', '/', { from })).status));
    const seen = await many('127.0.9.1');
    expect(seen).toContain(429);
    expect(seen.filter((status) => status === 200).length).toBeGreaterThanOrEqual(3);
    expect(new Set(await many('127.0.9.9'))).toEqual(new Set([200]));
    const challenge = Array.from({ length: 8 }, () =>
      at('limited', '/.well-known/acme-challenge/token-1', { from: '127.0.9.1' }),
    );
    expect(new Set((await Promise.all(challenge)).map(({ status }) => status))).toEqual(new Set([200]));
    const body = 'x'.repeat(1_100_000);
    expect((await at('limited', '/', { method: 'POST', body, from: '127.0.9.9' })).status).toBe(413);
    expect((await at('proxied', '/', { method: 'POST', body })).status).toBe(413);
  });

  it('DOM-1 limits: connections at the same time, and how fast one answer is', async () => {
    const begun = performance.now();
    const both = await Promise.all([
      at('connections', '/large.txt', { from: '127.0.9.1' }),
      at('connections', '/large.txt', { from: '127.0.9.1' }),
    ]);
    expect(new Set(both.map(({ status }) => status))).toEqual(new Set([200, 429]));
    expect(performance.now() - begun).toBeGreaterThan(300);
    const free = await Promise.all([1, 2, 3].map(() => at('connections', '/', { from: '127.0.9.9' })));
    expect(free.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it('DOM-1 pictures are not shown in pages of others', async () => {
    const status = async (name: string, path: string, referer?: string): Promise<number> =>
      (await at(name, path, referer === undefined ? {} : { headers: { referer } })).status;
    expect(await status('hotlink', '/photo.png', 'https://thief.example/x')).toBe(403);
    expect(await status('hotlink', '/photo.png', 'https://hotlink.test/')).toBe(200);
    expect(await status('hotlink', '/photo.png', 'https://a.friend.example/')).toBe(200);
    expect(await status('hotlink', '/photo.png')).toBe(200);
    expect(await status('hotlink', '/new', 'https://thief.example/x')).toBe(200);
    expect(await status('plain', '/photo.png', 'https://thief.example/x')).toBe(200);
    expect((await at('replaced', '/photo.png')).body).toContain('/no.txt');
  });

  it('DOM-1 files are kept by browsers for as long as the first rule says, compressed, and listed', async () => {
    const css = await at('cached', '/a.css', { headers: { 'accept-encoding': 'gzip' } });
    expect(css.headers['cache-control']).toBe('max-age=3600');
    expect((await at('cached', '/photo.png')).headers['cache-control']).toBe('max-age=60');
    expect((await at('cached', '/a.json')).headers['cache-control']).toBe('no-cache');
    expect((await at('cached', '/none.css')).headers['cache-control']).toBeUndefined();
    expect((await at('cached', '/')).headers['cache-control']).toBeUndefined();
    expect((await at('cached', '/files/')).body).toContain('x.txt');
    expect((await at('plain', '/files/')).status).toBe(403);
    expect((await at('plain', '/a.css')).headers['cache-control']).toBeUndefined();
  });

  it('DOM-1 a path goes to an application, shared by weight, and what is not there to the start page', async () => {
    expect((await at('paths', '/api/x%20y?z=1')).body).toBe('app /x%20y?z=1');
    expect((await at('paths', '/api')).body).toBe('app /');
    expect((await at('paths', '/raw/x')).body).toBe('app /raw/x');
    expect((await at('paths', '/raw/x')).headers['x-frame-options']).toBe('DENY');
    expect((await at('paths', '/apis')).body).toContain('paths.test');
    expect((await at('paths', '/clean/route')).body).toContain('paths.test');
    expect((await at('plain', '/api/x')).status).toBe(404);
    // The second server is dead: nobody sees it.
    const seen = await Promise.all(Array.from({ length: 10 }, () => at('paths', '/both/x')));
    expect(new Set(seen.map(({ body }) => body))).toEqual(new Set(['app /both/x']));
    const headers = { connection: 'upgrade', upgrade: 'websocket' };
    expect((await at('paths', '/api/headers', { headers })).body).toBe('upgrade websocket paths.test secret');
    expect((await at('html', '/page')).body).toBe('page');
    // Wherever it stands, in order, and only below that path.
    const packed = { headers: { 'accept-encoding': 'gzip' } };
    expect((await at('paths', '/words/app/app', packed)).body).toBe('<b>"our"</b> /word/<b>"our"</b>/<b>"our"</b>');
    expect((await at('paths', '/words/packed', packed)).body).toContain('packedundefined');
    expect((await at('paths', '/raw/words')).body).toBe('app /raw/words');
  });

  it('DOM-1 a proxied site: what the application says of the same does not stand beside ours', async () => {
    const seen = await at('proxied', '/');
    expect(seen.body).toBe('app /');
    expect(seen.headers['x-frame-options']).toBe('DENY');
    expect(seen.headers['access-control-allow-origin']).toBeUndefined();
    const none = await at('proxied', '/none');
    expect(none.status).toBe(404);
    expect(none.body).toContain('Ours');
  });

  it('DOM-1 an application on a socket, the name that it is asked for, and how long it may be silent', async () => {
    const packed = { headers: { 'accept-encoding': 'gzip' } };
    expect((await at('socket', '/a?b')).body).toBe('socket store.internal:8080 /a?b');
    expect((await at('socket', '/shop/shop', packed)).body).toBe('socket store.internal:8080 /store/store');
    const sent = await at('sent', '/headers');
    expect(sent.body).toContain(` localhost:${upstreamPort} `);
    // Only where it stands first, and what has a path of its own says for itself what becomes of its words.
    expect((await at('sent', '/words/app/app', packed)).body).toBe(' /words/app/app');
    expect((await at('sent', '/words/packed', packed)).body).toBe(' /words/packedundefined');
    expect((await at('sent', '/sock/app')).body).toBe('socket x.internal /sock/app');
    expect((await at('sent', '/sock/x')).body).toBe('socket x.internal /sock/x');
    expect((await at('sent', '/sockname')).body).toBe('socket localhost /sockname');
    // The others would be waited for a minute.
    expect((await at('sent', '/silent')).status).toBe(504);
  });
});
