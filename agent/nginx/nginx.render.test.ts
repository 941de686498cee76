import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { siteApp } from '#shared/site-app.ts';
import { defaultSettings } from '#shared/site-defaults.ts';
import { sitePhp } from '#shared/site-php.ts';
import { siteReach } from '#shared/site-reach.ts';
import { siteBehaviour } from '#shared/site-behaviour.ts';
import { checkNginx } from '../sites/site-checks.ts';
import { parseDirectives } from './nginx.tokens.ts';
import { nginxBuild, plainBuild, readBuild } from './nginx.build.ts';
import { markerOf, renderShared, renderSite, withoutNobody } from './nginx.render.ts';
import { word } from './nginx.words.ts';

const spec: SiteSpec = {
  siteId: 'abcdefghijklmnop',
  slug: 'example.com',
  kind: 'static',
  domains: [{ host: 'example.com', port: 80 }],
  isEnabled: true,
  root: '/www/wwwroot/example.com',
  upstream: null,
  customDirectives: '',
  ...defaultSettings,
};
const context = {
  hasIpv6: true,
  prefix: '',
  customPath: '/etc/nginx/aapanel/custom/example.com.conf',
  logBase: '/www/wwwlogs/example.com',
  tls: {
    ports: { http: 80, https: 443 },
    build: plainBuild,
    certificates: '/var/lib/aapanel-agent/certificates',
  },
};
const newBuild = {
  hasRejectHandshake: true,
  hasHttp2Directive: true,
  hasMlKem: true,
  hasHttp3: true,
  hasSubFilter: true,
  hasBrotli: true,
};
const tls: NonNullable<SiteSpec['tls']> = {
  certificateId: 'abcdefghijklmnop',
  profile: 'intermediate',
  isForced: false,
  isHttp2: true,
  isHttp3: false,
  hsts: null,
};
const rules = (given: z.input<typeof siteBehaviour>): Partial<SiteSpec> => ({ behaviour: siteBehaviour.parse(given) });
const golden = (name: string): string => `testdata/${name}.golden.conf`;

describe('the text for nginx is, byte by byte, the golden file of', () => {
  const cases: Record<string, Partial<SiteSpec>> = {
    static: {},
    off: {
      kind: 'php',
      php: sitePhp.parse({ version: '8.2' }),
      isEnabled: false,
      customDirectives: 'add_header X-Own yes;\n',
      tls: { ...tls, isForced: true },
      ...rules({ security: { frame: 'deny' }, rewrites: { preset: 'wordpress' } }),
      reach: siteReach.parse({ isDefault: true, offPage: { title: 'مغلق', text: 'نعود' } }),
    },
    'many-names': {
      domains: [
        { host: 'example.com', port: 80 },
        { host: '*.example.com', port: 80 },
        { host: 'xn--4gbrim.test', port: 80 },
        { host: 'example.com', port: 8080 },
      ],
      root: '/www/wwwroot/example.com/public',
    },
    proxy: { kind: 'proxy', upstream: { url: 'http://127.0.0.1:3000', isWebsocket: true } },
    'proxy-https-path': { kind: 'proxy', upstream: { url: 'https://app.internal:8443/base', isWebsocket: false } },
    'proxy-socket-forward': {
      kind: 'proxy',
      upstream: { url: 'unix:/run/shop/app.sock', isWebsocket: true },
      ...rules({
        forward: {
          sentHost: 'own',
          ownHost: 'shop.internal:8080',
          connectSeconds: 3,
          sendSeconds: 20,
          readSeconds: 300,
          replacements: [{ from: 'http://shop.internal:8080', to: 'https://example.com' }],
        },
        proxyCache: { minutes: 10, cookieNames: ['session', 'a.b'] },
        proxies: [
          {
            path: '/api',
            servers: [{ address: 'unix:/run/api.sock' }, { address: '127.0.0.1:3000' }],
            sentHost: 'own',
            ownHost: 'api.internal',
            sendSeconds: 5,
            cacheMinutes: 60,
          },
          { path: '/live', servers: [{ address: 'unix:/run/live.sock' }], sentHost: 'server' },
        ],
      }),
    },
    php: { kind: 'php', php: sitePhp.parse({ version: '8.2' }) },
    'php-own-main': {
      kind: 'php',
      php: sitePhp.parse({ version: '8.4', noScripts: [] }),
      customDirectives: 'location / {\n    return 204;\n}\n',
    },
    tls: { tls },
    'tls-forced': {
      domains: [
        { host: 'example.com', port: 80 },
        { host: 'example.com', port: 8080 },
        { host: 'only-secure.com', port: 443 },
      ],
      customDirectives: 'etag off;\n',
      tls: {
        ...tls,
        isForced: true,
        profile: 'modern',
        hsts: { maxAgeSeconds: 63_072_000, includesSubdomains: true, isPreload: true },
      },
    },
    index: { behaviour: siteBehaviour.parse({ index: ['home.html', 'index.html'] }) },
    'rules-redirects': rules({
      mainHost: { host: 'example.com' },
      redirects: [
        { match: 'exact', path: '/old', target: '/new' },
        { match: 'prefix', path: '/blog', target: 'https://blog.example.com/', isPathKept: true, status: 308 },
        { match: 'regex', path: '^/p/(\\d+)$', target: '/posts?id=$1', hosts: ['example.com'], isQueryKept: false },
        { match: 'site', target: 'https://example.org', isPathKept: true, status: 302 },
      ],
    }),
    'rules-headers': rules({
      security: { isNosniff: true, frame: 'deny', referrer: 'no-referrer', contentPolicy: "default-src 'self'" },
      headers: [{ name: 'X-Own', value: 'a "b"' }],
      cors: { origins: ['https://app.example.com'], headers: ['X-Token'], hasCredentials: true },
    }),
    'rules-access': rules({
      access: {
        addresses: [
          {
            path: '/admin',
            lines: [
              { action: 'allow', range: '10.0.0.0/8' },
              { action: 'deny', range: '10.1.0.0/16' },
            ],
            others: 'deny',
          },
        ],
        methods: ['GET', 'POST'],
        agents: ['badbot', 'curl/'],
        denied: [{ path: '/uploads', suffixes: ['php'] }, { path: '/private' }],
      },
    }),
    'rules-rewrites': {
      ...rules({
        rewrites: { preset: 'mediawiki', rules: [{ path: '^/item/(\\d+)$', target: '/show.php?id=$1' }] },
      }),
      kind: 'php',
      php: sitePhp.parse({ version: '8.2' }),
    },
    'rules-passwords': rules({
      passwords: [
        {
          path: '/',
          users: [{ name: 'sara', passwordId: 'abcdefghijklmnop' }],
          addresses: ['192.0.2.0/24'],
          paths: ['/health'],
        },
        { path: '/admin', realm: 'Deep (inside)', users: [{ name: 'omar', passwordId: 'abcdefghijklmnop' }] },
      ],
    }),
    'rules-pages': rules({
      maintenance: { isOn: true, until: '2027-01-01T00:00:00.000Z', addresses: ['192.0.2.0/24'], paths: ['/health'] },
      errorPages: { pages: [{ code: 404, title: 'Not here', text: 'One < two\n$three' }] },
    }),
    'rules-limits': rules({
      limits: {
        connectionsPerSite: 100,
        connectionsPerAddress: 10,
        requestsPerSecond: 5,
        kibPerSecond: 512,
        bodyMib: 64,
        addresses: ['::1'],
      },
    }),
    'rules-files': rules({
      hotlink: { isOn: true, hosts: ['friend.example'], replacement: '/no.png' },
      cache: [{ suffixes: ['css', 'js'], minutes: 1440 }],
      compression: { gzip: 'on' },
      isListingOn: true,
    }),
    'rules-proxies': rules({
      fallback: 'spa',
      security: { frame: 'deny' },
      proxies: [
        {
          path: '/api',
          servers: [
            { address: '127.0.0.1:3000', weight: 3 },
            { address: '[::1]:3001', isBackup: true },
          ],
          isPathStripped: true,
          headers: [{ name: 'X-Key', value: 'a b' }],
        },
        {
          path: '/live/',
          scheme: 'https',
          servers: [{ address: 'app.internal:8443' }],
          sentHost: 'server',
          isWebsocket: false,
          replacements: [
            { from: 'href="http://app.internal', to: 'href="/live' },
            { from: 'powered by us', to: '' },
          ],
          isReplacedOnce: true,
        },
      ],
    }),
    'rules-and-custom': {
      ...rules({
        security: { frame: 'deny', isNosniff: true },
        cache: [{ suffixes: ['css'], minutes: 5 }],
        compression: { gzip: 'on' },
        limits: { bodyMib: 5 },
        errorPages: { pages: [{ code: 404 }] },
      }),
      customDirectives:
        'add_header x-frame-options SAMEORIGIN;\ngzip off;\nexpires 1h;\nclient_max_body_size 1m;\nerror_page 404 /404.html;\nreturn 301 /x;\n',
    },
    'php-served-folder': {
      kind: 'php',
      php: sitePhp.parse({ version: '8.2' }),
      ...rules({ servedFolder: 'public', rewrites: { preset: 'laravel' } }),
    },
    'log-short': rules({ accessLog: { format: 'short' } }),
    'log-off': { ...rules({ accessLog: { isOn: false } }), tls: { ...tls, isForced: true } },
    'reach-cloudflare': {
      tls,
      reach: {
        ...defaultSettings.reach,
        isDefault: true,
        front: { kind: 'cloudflare' },
        endsAt: '2027-01-01T00:00:00.000Z',
      },
    },
    'reach-own': {
      reach: {
        ...defaultSettings.reach,
        front: { kind: 'own', ranges: ['10.0.0.0/8', '2001:db8::1'], header: 'X-Forwarded-For' },
      },
    },
    custom: { customDirectives: 'index home.html;\nlocation / {\n    autoindex on;\n}\naccess_log off;\n' },
  };
  it.each(Object.keys(cases))('CONF-1 %s', async (name) => {
    await expect(renderSite({ ...spec, ...cases[name] }, context)).toMatchFileSnapshot(golden(name));
  });

  it.each([
    ['app', ['127.0.0.1:21000'], {}],
    ['app-socket', ['unix:/run/aapanel-apps/abcdefghijklmnop/s/a.sock'], { isWebsocket: false }],
    ['app-off', [], {}],
    ['app-instances', ['127.0.0.1:21000', '127.0.0.1:21001'], { instances: 2 }],
    [
      'app-instances-socket',
      ['a', 'a2', 'a3'].map((name) => `unix:/run/aapanel-apps/abcdefghijklmnop/s/${name}.sock`),
      { instances: 3, listen: { kind: 'socket' } },
    ],
  ])('CONF-1 %s', async (name, appTargets, more) => {
    const app = siteApp.parse({ program: 'node', ...more });
    await expect(renderSite({ ...spec, kind: 'app', app }, { ...context, appTargets })).toMatchFileSnapshot(
      golden(name),
    );
  });

  it('T-1 tls with an nginx and OpenSSL that know more', async () => {
    const context2 = { ...context, tls: { ...context.tls, build: newBuild } };
    await expect(renderSite({ ...spec, tls }, context2)).toMatchFileSnapshot(golden('tls-new-build'));
    const wordpress = { kind: 'php', php: sitePhp.parse({ version: '8.2' }), tls: { ...tls, isHttp3: true } } as const;
    const proxied = siteBehaviour.parse({
      proxies: [{ path: '/api', servers: [{ address: '127.0.0.1:3000' }] }],
      redirects: [{ match: 'regex', path: '^/old/(.*)$', target: '/$1' }],
    });
    await expect(renderSite({ ...spec, ...wordpress, behaviour: proxied }, context2)).toMatchFileSnapshot(
      golden('tls-http3'),
    );
  });

  it('CONF-1 rules-brotli, of which nothing is said where nginx lacks the module', async () => {
    const packed = (given: object): SiteSpec => ({ ...spec, ...rules({ compression: given }) });
    const with2 = { ...context, tls: { ...context.tls, build: newBuild } };
    const both = packed({ gzip: 'on', brotli: 'on' });
    await expect(renderSite(both, with2)).toMatchFileSnapshot(golden('rules-brotli'));
    expect(renderSite(packed({ brotli: 'off' }), with2)).toContain('\n    brotli off;\n');
    // Caches on the way keep one answer for each, whichever of both is on; never said twice.
    expect(renderSite(packed({ brotli: 'on' }), with2).match(/gzip_vary on;/g)).toHaveLength(1);
    const withoutMarker = (text: string): string => text.replaceAll(/[0-9a-f]{32}/g, '');
    expect(withoutMarker(renderSite(both, context))).toBe(withoutMarker(renderSite(packed({ gzip: 'on' }), context)));
  });

  it('T-3 nothing asks for a stapled answer, which few authorities give any more', () => {
    for (const profile of ['intermediate', 'modern'] as const)
      for (const build of [context.tls.build, newBuild]) {
        const text = renderSite({ ...spec, tls: { ...tls, profile } }, { ...context, tls: { ...context.tls, build } });
        expect(text).toContain('ssl_certificate ');
        expect(text).not.toContain('stapling');
      }
  });

  it('the shared file', async () => {
    const none = { prefix: '', alreadySet: new Set<string>(), nobody: null };
    await expect(renderShared(none)).toMatchFileSnapshot(golden('shared'));
    const nobody = { ports: context.tls.ports, build: newBuild, hasIpv6: true, isOverTcp: true, isOverQuic: false };
    await expect(renderShared({ ...none, nobody })).toMatchFileSnapshot(golden('shared-tls'));
    expect(withoutNobody(renderShared({ ...none, nobody }))).toBe(renderShared(none));
    const old = { ...nobody, build: plainBuild };
    await expect(renderShared({ ...none, nobody: old })).toMatchFileSnapshot(golden('shared-tls-old'));
    expect(withoutNobody(renderShared({ ...none, nobody: old }))).toBe(renderShared(none));
    const overQuic = { ...nobody, isOverTcp: false, isOverQuic: true };
    await expect(renderShared({ ...none, nobody: overQuic })).toMatchFileSnapshot(golden('shared-quic'));
    expect(withoutNobody(renderShared({ ...none, nobody: overQuic }))).toBe(renderShared(none));
  });
});

it('without IPv6 there is no listener for it, and a candidate writes no log', () => {
  const text = renderSite(spec, { ...context, hasIpv6: false, logBase: null });
  expect(text).not.toContain('[::]');
  expect(text).not.toContain('wwwlogs');
  expect(text).toContain('access_log off;');
});

it('a setting of the http block that stands elsewhere is not said twice', () => {
  expect(renderShared({ prefix: '', alreadySet: new Set(['server_names_hash_max_size']), nobody: null })).not.toContain(
    'server_names_hash_max_size',
  );
});

it('the marker of a text changes with every fact, custom directives too', () => {
  const marker = (more: Partial<SiteSpec>): string | undefined => markerOf(renderSite({ ...spec, ...more }, context));
  const all = [
    marker({}),
    marker({ domains: [{ host: 'other.com', port: 80 }] }),
    marker({ customDirectives: 'etag off;' }),
    marker({ customDirectives: 'etag on;' }),
  ];
  expect(all.every((each) => /^[0-9a-f]{32}$/.test(each ?? ''))).toBe(true);
  expect(new Set(all).size).toBe(4);
});

describe('a word', () => {
  it.each([
    'plain/path-1.2_3',
    'with space',
    'semi;colon',
    'brace{}',
    'quote"inside',
    "apos'trophe",
    'back\\slash',
    '#hash',
    'سلام',
    '\\"',
  ])('CONF-5 %j is read back by nginx as it was', (value) => {
    expect(parseDirectives(`x ${word(value)};`)[0]?.args).toEqual([value]);
  });
  it.each(['', 'new\nline', 'return\rhere', 'nul\0', '$variable', 'tab\there', 'del\u007f'])(
    'CONF-1 %j is refused',
    (value) => {
      expect(() => word(value)).toThrow(expect.objectContaining({ reason: 'value_not_allowed' }));
    },
  );
});

it.each([
  ['nginx version: nginx/1.18.0\nbuilt with OpenSSL 1.1.1k  25 Mar 2021', false, false],
  [
    'nginx version: nginx/1.22.1\nbuilt with OpenSSL 3.0.22 25 Aug 2026 (running with OpenSSL 3.0.19 27 Jan 2026)',
    false,
    false,
  ],
  ['nginx version: nginx/1.25.0\nbuilt with OpenSSL 3.0.2 15 Mar 2022', false, false],
  ['nginx version: nginx/1.25.1\nbuilt with OpenSSL 3.1.1 30 May 2023', true, false],
  ['nginx version: nginx/1.26.3\nbuilt with OpenSSL 3.5.1 1 Jul 2025', true, true],
  [
    'nginx version: nginx/1.26.3\nbuilt with OpenSSL 3.5.1 1 Jul 2025 (running with OpenSSL 3.4.0 1 Jan 2025)',
    true,
    false,
  ],
  ['nginx version: openresty/2.0.0 (x)\nbuilt with OpenSSL 4.0.1 1 Jul 2026', true, true],
  ['no such thing', false, false],
])('T-1 directives fit the installed pair: %s', (words, hasHttp2Directive, hasMlKem) => {
  const hasRejectHandshake = hasMlKem || !/\/1\.18|such/.test(words);
  const rest = { hasHttp3: false, hasSubFilter: false, hasBrotli: false };
  expect(readBuild(words)).toEqual({ hasRejectHandshake, hasHttp2Directive, hasMlKem, ...rest });
});

it.each([
  ['1.26.3', '--with-http_v2_module --with-http_v3_module --with-threads', true],
  ['1.26.3', '--with-http_v3_module', true],
  ['1.26.3', '--with-http_v2_module', false],
  ['1.26.3', '--add-module=x--with-http_v3_module-not', false],
  ['1.24.0', '--with-http_v3_module', false],
])('T-14 nginx %s with %s: HTTP/3 %s', (version, modules, hasHttp3) => {
  const words = `nginx version: nginx/${version}\nbuilt with OpenSSL 3.5.1 1 Jul 2025\nconfigure arguments: ${modules}\n`;
  expect(readBuild(words).hasHttp3).toBe(hasHttp3);
});

it('DOM-1 brotli is there only where nginx has it built in or loads its module', async () => {
  const prefix = mkdtempSync(join(tmpdir(), 'aapanel-brotli-'));
  const put = (path: string, text: string, mode = 0o644): void => {
    mkdirSync(dirname(join(prefix, path)), { recursive: true });
    writeFileSync(join(prefix, path), text, { mode });
  };
  const install = (words: string): void => put('usr/sbin/nginx', `#!/bin/sh\necho "${words}" >&2\n`, 0o755);
  const packed = { ...spec, ...rules({ compression: { brotli: 'on' } }) };
  const has = async (): Promise<boolean> => (await nginxBuild(prefix)).hasBrotli;
  install('nginx version: nginx/1.26.3');
  put('etc/nginx/nginx.conf', 'include /nowhere/*.conf;\nhttp {\n}\n');
  expect(await has()).toBe(false);
  await expect(checkNginx({ prefix }, packed, undefined)).rejects.toMatchObject({
    fields: [{ field: 'behaviour.compression.brotli', code: 'brotli_unavailable' }],
  });
  // A site that packs by it already keeps its other changes.
  await checkNginx({ prefix }, packed, { settings: { behaviour: packed.behaviour } } as Parameters<
    typeof checkNginx
  >[2]);
  put('etc/nginx/nginx.conf', 'include modules-enabled/*.conf;\nhttp {\n}\n');
  put(
    'etc/nginx/modules-enabled/50-mod-http-brotli-static.conf',
    'load_module modules/ngx_http_brotli_static_module.so;\n',
  );
  expect(await has()).toBe(false);
  put(
    'etc/nginx/modules-enabled/50-mod-http-brotli-filter.conf',
    'load_module modules/ngx_http_brotli_filter_module.so;\n',
  );
  expect(await has()).toBe(true);
  await checkNginx({ prefix }, packed, undefined);
  rmSync(join(prefix, 'etc/nginx/modules-enabled'), { recursive: true });
  expect(await has()).toBe(false);
  install('nginx version: nginx/1.26.3\nconfigure arguments: --add-module=/usr/src/ngx_brotli --with-threads');
  expect(await has()).toBe(true);
  rmSync(prefix, { recursive: true });
});

it('DOM-1 words are replaced only where nginx has the module; a site that does so already keeps its other changes', async () => {
  const prefix = mkdtempSync(join(tmpdir(), 'aapanel-build-'));
  const nginx = join(prefix, 'usr/sbin/nginx');
  mkdirSync(dirname(nginx), { recursive: true });
  const install = (modules: string): void =>
    writeFileSync(nginx, `#!/bin/sh\necho "nginx version: nginx/1.26.3\nconfigure arguments: ${modules}" >&2\n`, {
      mode: 0o755,
    });
  const replaced = { ...spec, ...rules({ forward: { replacements: [{ from: 'a', to: 'b' }] } }) };
  const before = (settings: object): Parameters<typeof checkNginx>[2] =>
    ({ settings }) as Parameters<typeof checkNginx>[2];
  install('--with-http_ssl_module');
  for (const earlier of [
    undefined,
    before({ behaviour: siteBehaviour.parse({}) }),
    before({ behaviour: { proxies: [] } }),
  ])
    await expect(checkNginx({ prefix }, replaced, earlier)).rejects.toMatchObject({
      fields: [{ field: 'behaviour.forward.replacements', code: 'sub_filter_unavailable' }],
    });
  await checkNginx({ prefix }, spec, undefined);
  await checkNginx({ prefix }, replaced, before({ behaviour: replaced.behaviour }));
  install('--with-http_ssl_module --with-http_sub_module');
  await checkNginx({ prefix }, replaced, undefined);
  rmSync(prefix, { recursive: true });
});

it('T-14 HTTP/3 that the installed nginx lacks is no line of the text: neither QUIC nor Alt-Svc', () => {
  const secure = { ...spec, tls: { ...tls, isHttp3: true } };
  const with3 = (build: typeof newBuild): string => renderSite(secure, { ...context, tls: { ...context.tls, build } });
  expect(with3({ ...newBuild, hasHttp3: false })).not.toMatch(/quic|Alt-Svc/);
  expect(with3(newBuild).match(/ quic;/g)).toHaveLength(2);
});
