import type { z } from 'zod';
import type { siteBehaviour } from '#shared/site-behaviour.ts';

/** What a person sends of a site's behaviour. */
export type Rules = z.input<typeof siteBehaviour>;

/** Origins of others. */
export const far = { origins: ['https://app.example.com', 'https://*.wide.example.com'], headers: ['X-Token'] };
/** A site for each kind of rule, by its name. */
export const sites: Record<string, Rules> = {
  plain: {},
  redirects: {
    redirects: [
      { match: 'exact', path: '/old', target: '/new' },
      { match: 'exact', path: '/once', target: 'https://other.example/x?a=1', status: 302 },
      { match: 'exact', path: '/kept', target: 'https://other.example/x?a=1', status: 307 },
      { match: 'exact', path: '/قديم', target: 'https://other.example/جديد', isQueryKept: false },
      { match: 'prefix', path: '/blog', target: 'https://blog.example/b/', isPathKept: true },
      { match: 'prefix', path: '/shop', target: 'https://shop.example', isPathKept: true, status: 308 },
      { match: 'prefix', path: '/flat', target: '/new', isQueryKept: false },
      { match: 'regex', path: '^/p/(\\d{1,4})/([a-z-]+)$', target: 'https://other.example/$2?id=$1', status: 301 },
      { match: 'regex', path: '^/q/(.*)$', target: 'https://other.example/$1', status: 308 },
      { match: 'regex', path: '^/r/(.*)$', target: '/$1', status: 302 },
      { match: 'exact', path: '/old', target: '/never' },
      { match: 'exact', path: '/off', target: '/never', isEnabled: false },
      { match: 'exact', path: '/index.html', target: '/' },
      {
        match: 'site',
        hosts: ['alias.redirects.test'],
        target: 'https://alias.example/in',
        isPathKept: true,
        status: 308,
      },
      { match: 'prefix', path: '/some', hosts: ['*.redirects.test'], target: '/other', status: 307 },
      { match: 'prefix', path: '/both', hosts: ['alias2.redirects.test'], target: '/other', status: 301 },
    ],
  },
  everything: { redirects: [{ match: 'site', target: 'https://elsewhere.example', isPathKept: true }] },
  main: { mainHost: { host: 'main.test', status: 308 } },
  headers: {
    security: {
      isNosniff: true,
      frame: 'sameorigin',
      referrer: 'strict-origin-when-cross-origin',
      permissions: 'camera=(), geolocation=(self "https://maps.example")',
      contentPolicy: "default-src 'self'; img-src * data:",
    },
    headers: [
      { name: 'X-Own', value: 'a; "b" \\ {c}' },
      { name: 'x-frame-options', value: 'DENY' },
    ],
    redirects: [{ match: 'exact', path: '/old', target: '/new' }],
  },
  cors: { cors: { ...far, methods: ['GET', 'PUT'], hasCredentials: true, maxAgeSeconds: 60 } },
  open: { cors: { origins: ['*'] } },
  addresses: {
    access: {
      addresses: [
        { path: '/', lines: [{ action: 'deny', range: '127.0.0.66' }], others: 'allow' },
        {
          path: '/admin',
          lines: [
            { action: 'deny', range: '127.0.5.0/24' },
            { action: 'allow', range: '127.0.0.0/16' },
            { action: 'deny', range: '127.0.1.0/24' },
          ],
          others: 'deny',
        },
      ],
    },
  },
  access: {
    access: {
      methods: ['GET', 'POST'],
      agents: ['BadBot', 'curl/7.', '(weird)'],
      denied: [{ path: '/private' }, { suffixes: ['sql', 'tar.gz'] }, { path: '/uploads', suffixes: ['php'] }],
    },
  },
  closed: {
    maintenance: {
      isOn: true,
      title: 'نعود <b>قريبًا</b>',
      text: 'سطر أول $host\nline "two" \\',
      colour: 'night',
      addresses: ['127.0.7.0/24', '::1'],
      paths: ['/health'],
    },
    errorPages: { pages: [{ code: 404 }] },
  },
  ended: { maintenance: { isOn: true, until: '2024-01-31T12:00:00.000Z' } },
  until: { maintenance: { isOn: true, until: '2099-01-31T12:00:00.000Z' } },
  lost: { errorPages: { pages: [{ code: 404 }], lost: { target: '/start?from=lost', status: 301 } } },
  away: { errorPages: { lost: { target: 'https://elsewhere.example/' } } },
  pages: {
    errorPages: {
      pages: [
        { code: 404, title: 'Lost & found', text: 'Try the <start> page', colour: 'sand' },
        { code: 403 },
        { code: 502 },
      ],
    },
    access: { denied: [{ path: '/private' }] },
  },
  limited: { limits: { requestsPerSecond: 1, burst: 2, bodyMib: 1, kibPerSecond: 64, addresses: ['127.0.9.9'] } },
  connections: {
    limits: { connectionsPerSite: 2, connectionsPerAddress: 1, kibPerSecond: 64, addresses: ['127.0.9.9'] },
  },
  hotlink: { hotlink: { isOn: true, suffixes: ['png'], hosts: ['*.friend.example'] } },
  replaced: { hotlink: { isOn: true, suffixes: ['png'], isEmptyAllowed: false, replacement: '/no.txt' } },
  cached: {
    cache: [
      { suffixes: ['css'], minutes: 60 },
      { suffixes: ['css', 'png'], minutes: 1 },
      { suffixes: ['json'], minutes: 0 },
    ],
    compression: { gzip: 'on' },
    isListingOn: true,
  },
};
