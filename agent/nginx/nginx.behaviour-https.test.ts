import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { sitePhp } from '#shared/site-php.ts';
import { siteBehaviour } from '#shared/site-behaviour.ts';
import { withCertificates } from '#server/core/testing/certificates.ts';
import { certificatesHandlers } from '../certificates/certificates.actions.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { keepPassword } from '../sites/site-passwords.ts';
import { sitesHandlers } from '../sites/sites.actions.ts';
import { ask, type Asked, type Question } from '../testing/asking.ts';
import { hasPhp, installPhp, stopPhp } from '../testing/php.ts';
import type { Rules } from '../testing/behaviour-sites.ts';
import { call, hasNginx, makeWorld, newChangeId, specOf, visitUntil, type World } from '../testing/world.ts';

/*
 * Rules of a site that runs PHP and is served over HTTPS, with plain HTTP sent on to it: all kinds at once, each asked of
 * scripts, of files, and of the server that only sends on.
 */

const made = withCertificates((make) =>
  make.selfSigned('DNS:shop.test,DNS:www.shop.test,DNS:own.test,DNS:closed.test'),
);
const marks: Rules = { security: { isNosniff: true, frame: 'deny' }, headers: [{ name: 'X-Own', value: 'ours' }] };

let world: World;
let machine: Machine;
let app: Server;
/** Other rules for a site. */
let change: (name: string, behaviour: Rules) => Promise<void>;
const siteIds = new Map<string, string>();

const at = (host: string, path = '/', more: Partial<Question> = {}): Promise<Asked> =>
  ask({ port: world.tlsPort, host, path, isSecure: true, ...more });
const plainly = (host: string, path = '/', more: Partial<Question> = {}): Promise<Asked> =>
  ask({ port: world.port, host, path, ...more });

const script = `<?php
header('X-Frame-Options: ALLOWALL'); header('X-Own: theirs');
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($path === '/gone') { http_response_code(404); }
if ($path === '/broken') { http_response_code(500); }
if ($path === '/fatal') { error_log('x'); throw new Exception('secret'); }
echo 'front ', $path, ' ', $_SERVER['HTTPS'] ?? 'plain', ' ', $_SERVER['REMOTE_USER'] ?? '', ' ', strlen(file_get_contents('php://input'));`;

describe.runIf(hasNginx && hasPhp)('rules of a PHP site behind HTTPS', () => {
  beforeAll(async () => {
    world = await makeWorld({ nginx: 'running' });
    installPhp(world, '8.2');
    machine = await openMachine(world.settings);
    app = createServer((request, response) =>
      response.end(`app ${request.url} ${String(request.headers['x-forwarded-proto'])}`),
    );
    await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
    const address = app.address();
    const server = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    const certificateId = newChangeId();
    const given = { certificateId, changeId: newChangeId(), isNew: true, name: '', ...made };
    await certificatesHandlers['certificates.put'](machine, given, call());
    const tls = {
      certificateId,
      profile: 'intermediate',
      isForced: true,
      isHttp2: true,
      isHttp3: false,
      hsts: null,
    } as const;
    const apply = (spec: SiteSpec, isNew = true) =>
      sitesHandlers['sites.apply'](machine, { spec, changeId: newChangeId(), isNew, onDrift: 'refuse' }, call(60));
    change = async (name, behaviour) => {
      const domains = [{ host: name, port: world.port }];
      const siteId = siteIds.get(name) ?? '';
      const spec = specOf(world, name, { kind: 'php', php: sitePhp.parse({ version: '8.2' }), domains, tls, siteId });
      await apply({ ...spec, behaviour: siteBehaviour.parse(behaviour) }, false);
    };
    const make = async (name: string, make: (siteId: string) => Promise<Rules> | Rules): Promise<void> => {
      const domains = (name === 'shop.test' ? ['', 'www.'] : ['']).map((prefix) => ({
        host: `${prefix}${name}`,
        port: world.port,
      }));
      const spec = specOf(world, name, { kind: 'php', php: sitePhp.parse({ version: '8.2' }), domains, tls });
      await apply(spec);
      siteIds.set(name, spec.siteId);
      await apply({ ...spec, behaviour: siteBehaviour.parse(await make(spec.siteId)) }, false);
      for (const folder of ['uploads', '.well-known/acme-challenge'])
        mkdirSync(world.path(`${spec.root}/${folder}`), { recursive: true });
      writeFileSync(world.path(`${spec.root}/index.php`), script);
      writeFileSync(world.path(`${spec.root}/uploads/x.php`), '<?php echo "ran";');
      writeFileSync(world.path(`${spec.root}/a.css`), 'css');
      writeFileSync(world.path(`${spec.root}/a.png`), 'png');
      writeFileSync(world.path(`${spec.root}/.well-known/acme-challenge/t`), 'token');
    };
    await make('shop.test', async (siteId) => {
      const { passwordId } = await keepPassword(machine, { siteId, password: 'saras long one' }, call());
      return {
        ...marks,
        mainHost: { host: 'shop.test', status: 308 },
        redirects: [{ match: 'exact', path: '/old', target: '/new?a=1' }],
        cors: { origins: ['https://app.example'] },
        passwords: [{ path: '/staff', users: [{ name: 'sara', passwordId }] }],
        access: {
          denied: [{ path: '/uploads', suffixes: ['php'] }],
          addresses: [{ path: '/local', lines: [{ action: 'allow', range: '127.0.7.0/24' }], others: 'deny' }],
        },
        errorPages: {
          isUpstreamToo: true,
          pages: [
            { code: 404, title: 'Ours 404' },
            { code: 500, title: 'Ours 500' },
            { code: 403, title: 'Ours 403' },
          ],
        },
        limits: { bodyMib: 1 },
        hotlink: { isOn: true, suffixes: ['png'] },
        cache: [{ suffixes: ['css'], minutes: 60 }],
        proxies: [{ path: '/api', servers: [{ address: server }] }],
      };
    });
    await make('own.test', () => ({ errorPages: { pages: [{ code: 404, title: 'Ours 404' }] } }));
    await make('closed.test', () => ({
      ...marks,
      maintenance: { isOn: true, title: 'Back soon', addresses: ['127.0.7.7'], paths: ['/health'] },
    }));
    await visitUntil(world.port, 'closed.test', ({ status }) => status === 503);
  }, 120_000);
  afterAll(async () => {
    app.close();
    await machine.settled();
    machine.close();
    stopPhp(world);
    world.destroy();
  });

  const cases: [string, Partial<Question>, number, string][] = [
    ['/', {}, 200, 'front / on  0'],
    ['/some/page', {}, 200, 'front /some/page on  0'],
    ['/a.css', {}, 200, 'css'],
    ['/gone', {}, 404, 'Ours 404'],
    ['/broken', {}, 500, 'Ours 500'],
    ['/fatal', {}, 500, 'Ours 500'],
    ['/none.php', {}, 404, 'Ours 404'],
    ['/.env', {}, 404, 'Ours 404'],
    ['/uploads/x.php', {}, 403, 'Ours 403'],
    ['/uploads/x.php/y', {}, 403, 'Ours 403'],
    ['/local', {}, 403, 'Ours 403'],
    ['/local', { from: '127.0.7.1' }, 200, 'front /local on  0'],
    ['/old', {}, 301, ''],
    ['/staff/x', {}, 401, ''],
    [
      '/staff/x',
      { headers: { authorization: `Basic ${Buffer.from('sara:saras long one').toString('base64')}` } },
      200,
      'front /staff/x on sara 0',
    ],
    ['/post', { method: 'POST', body: 'x'.repeat(1_000_000) }, 200, 'front /post on  1000000'],
    ['/post', { method: 'POST', body: 'x'.repeat(1_100_000) }, 413, ''],
    ['/a.png', { headers: { referer: 'https://thief.example/' } }, 403, 'Ours 403'],
    ['/a.png', { headers: { referer: 'https://shop.test/x' } }, 200, 'png'],
    ['/api/x?y', {}, 200, 'app /api/x?y https'],
    ['/.well-known/acme-challenge/t', {}, 200, 'token'],
  ];
  it.each(cases)(
    'DOM-1 %s %o is answered with %i, and has the headers of the site',
    async (path, more, status, text) => {
      const seen = await at('shop.test', path, more);
      expect(seen.status).toBe(status);
      expect(seen.body).toContain(text);
      expect(seen.body).not.toContain('secret');
      expect(seen.headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'x-own': 'ours',
      });
    },
  );

  it('DOM-1 redirects stay on HTTPS, and questions of other origins are answered', async () => {
    const host = `shop.test:${world.tlsPort}`;
    expect((await at(host, '/old?b=2')).headers.location).toBe(`https://${host}/new?a=1&b=2`);
    expect((await at(`www.${host}`, '/x?y')).headers.location).toBe(`https://${host}/x?y`);
    const origin = { origin: 'https://app.example', 'access-control-request-method': 'POST' };
    expect(await at('shop.test', '/any', { method: 'OPTIONS', headers: origin })).toMatchObject({
      status: 204,
      headers: { 'access-control-allow-origin': 'https://app.example' },
    });
    expect((await at('shop.test', '/a.css')).headers['cache-control']).toBe('max-age=3600');
    expect((await at('shop.test', '/')).headers['cache-control']).toBeUndefined();
  });

  it('DOM-1 without the switch a script’s own error page stays, and nginx’s gives way', async () => {
    expect(await at('own.test', '/gone')).toMatchObject({ status: 404, body: 'front /gone on  0' });
    const none = await at('own.test', '/none.php');
    expect([none.status, none.body.includes('Ours 404')]).toEqual([404, true]);
  });

  it('over plain HTTP nothing is told but the way to HTTPS, with the headers of the site and without a password', async () => {
    for (const path of ['/', '/a.css', '/staff/x', '/uploads/x.php', '/local', '/api/x', '/old']) {
      const seen = await plainly('shop.test', path);
      expect([seen.status, seen.headers.location]).toEqual([308, `https://shop.test:${world.tlsPort}${path}`]);
      expect(seen.headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'x-own': 'ours',
      });
      expect(seen.headers['strict-transport-security']).toBeUndefined();
    }
    expect((await plainly('own.test')).headers['x-own']).toBeUndefined();
  });

  const refused = ({ status }: Asked): boolean => status >= 400;
  const sentAway = ({ status }: Asked): boolean => status === 301;
  const foreign = { referer: 'https://elsewhere.example/' };
  const browser = { 'user-agent': 'Mozilla/5.0 (compatible; validation server)' };
  /** Rules, and what shows that they act: a path and what becomes of it. */
  const closing: [string, Rules, string, (seen: Asked) => boolean][] = [
    [
      'a redirect of everything',
      { redirects: [{ match: 'site', target: 'https://elsewhere.example', isPathKept: true }] },
      '/x',
      sentAway,
    ],
    [
      'a redirect by a pattern',
      { redirects: [{ match: 'regex', path: '^/(.*)$', target: 'https://elsewhere.example/$1' }] },
      '/x',
      sentAway,
    ],
    [
      'a rewrite of everything',
      { rewrites: { rules: [{ path: '^/(.*)$', target: '/index.php', isOnlyMissing: false }] } },
      '/a.css',
      ({ body }) => body.startsWith('front'),
    ],
    [
      'addresses that are all turned away',
      { access: { addresses: [{ path: '/', lines: [{ action: 'deny', range: '127.0.0.0/8' }], others: 'deny' }] } },
      '/x',
      refused,
    ],
    ['methods', { access: { methods: ['POST'] } }, '/x', refused],
    ['programs of visitors', { access: { agents: ['Mozilla'] } }, '/x', refused],
    ['a closed folder', { access: { denied: [{ path: '/.well-known' }] } }, '/.well-known/x', refused],
    ['closed suffixes', { access: { denied: [{ path: '/', suffixes: ['t'] }] } }, '/x.t', refused],
    [
      'a part that another server answers',
      { proxies: [{ path: '/.well-known', servers: [{ address: '127.0.0.1:9' }] }] },
      '/.well-known/x',
      refused,
    ],
    ['maintenance', { maintenance: { isOn: true, title: 'Back soon' } }, '/x', refused],
    ['hotlinks', { hotlink: { isOn: true, suffixes: ['png', 't'] } }, '/a.png', refused],
    ['limits', { limits: { requestsPerSecond: 1, burst: 0, connectionsPerAddress: 1 } }, '/x', refused],
  ];
  it.each(closing)(
    'TLS-2 the path of challenges is not swallowed by %s, over HTTP and HTTPS',
    async (_, behaviour, path, isClosed) => {
      await change('own.test', behaviour);
      const many = async (asked: string): Promise<Asked[]> =>
        await Promise.all(
          // Authorities come from several places at once.
          [plainly, at, plainly, at].map((ask) => ask('own.test', asked, { headers: { ...browser, ...foreign } })),
        );
      // Old processes of nginx know nothing of the rules yet.
      for (let tries = 0; !(await many(path)).filter((_answer, index) => index % 2 === 1).some(isClosed); tries++)
        if (tries > 60) throw new Error('the rules do not act');
      for (let round = 0; round < 3; round++)
        for (const { status, body } of await many('/.well-known/acme-challenge/t'))
          expect([status, body]).toEqual([200, 'token']);
    },
  );

  it('TLS-2 nor by a password of the whole site', async () => {
    const siteId = siteIds.get('own.test') ?? '';
    const { passwordId } = await keepPassword(machine, { siteId, password: 'saras long one' }, call());
    await change('own.test', { passwords: [{ path: '/', users: [{ name: 'sara', passwordId }] }] });
    for (let tries = 0; (await at('own.test', '/x')).status !== 401; tries++)
      if (tries > 60) throw new Error('the password does not act');
    for (const ask of [at, plainly])
      expect(await ask('own.test', '/.well-known/acme-challenge/t')).toMatchObject({ status: 200, body: 'token' });
  });

  it('TLS-2 nor by one main name, to which other names are sent', async () => {
    for (const ask of [at, plainly])
      expect(await ask('www.shop.test', '/.well-known/acme-challenge/t')).toMatchObject({ status: 200, body: 'token' });
  });

  it('DOM-4 TLS-2 a closed site is closed over plain HTTP too, and what may pass passes on both', async () => {
    for (const ask of [at, plainly]) {
      const seen = await ask('closed.test', '/x');
      expect(seen).toMatchObject({ status: 503, headers: { 'retry-after': '3600', 'x-own': 'ours' } });
      expect(seen.body).toContain('Back soon');
      expect(await ask('closed.test', '/.well-known/acme-challenge/t')).toMatchObject({ status: 200, body: 'token' });
    }
    expect((await plainly('closed.test', '/x', { from: '127.0.7.7' })).status).toBe(308);
    expect((await plainly('closed.test', '/health')).status).toBe(308);
    expect((await at('closed.test', '/x', { from: '127.0.7.7' })).body).toBe('front /x on  0');
    expect((await at('closed.test', '/health')).body).toBe('front /health on  0');
  });
});
