import { describe, expect, it } from 'vitest';
import { defaultBehaviour, siteBehaviour } from '../site-behaviour.ts';
import { findBehaviourProblems } from './check.ts';
import { readPattern } from './patterns.ts';
import { readTarget } from './redirects.ts';
import { isNetworkRange } from './words.ts';

it('what nobody set is the default of every field', () => {
  expect(siteBehaviour.parse({})).toEqual(defaultBehaviour);
});

const codes = (input: object): string[] => {
  const parsed = siteBehaviour.safeParse(input);
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
};

describe('DOM-1 refused before anything is rendered', () => {
  it.each([
    [
      { redirects: [{ match: 'exact', path: '/a', target: '//evil.example' }] },
      'redirects.0.target redirect_target_invalid',
    ],
    [
      { redirects: [{ match: 'exact', path: '/a', target: '/x\r\nX: y' }] },
      'redirects.0.target redirect_target_invalid',
    ],
    [
      { redirects: [{ match: 'exact', path: '/a', target: 'javascript:alert(1)' }] },
      'redirects.0.target redirect_target_invalid',
    ],
    [
      { redirects: [{ match: 'exact', path: '/a', target: 'https://a.example@evil.example' }] },
      'redirects.0.target redirect_target_invalid',
    ],
    [
      { redirects: [{ match: 'regex', path: '^/(a)$', target: 'https://$1.example/' }] },
      'redirects.0.target redirect_target_invalid',
    ],
    [
      { redirects: [{ match: 'regex', path: '^/(a)$', target: '/$host' }] },
      'redirects.0.target redirect_target_invalid',
    ],
    [{ redirects: [{ match: 'regex', path: '^/(a)$', target: '/$2' }] }, 'redirects.0.target redirect_capture'],
    [{ redirects: [{ match: 'exact', path: '/a', target: '/$1' }] }, 'redirects.0.target redirect_capture'],
    [{ redirects: [{ match: 'regex', path: '^/(a', target: '/' }] }, 'redirects.0.path pattern_invalid'],
    [{ redirects: [{ match: 'prefix', path: '/a/../b', target: '/' }] }, 'redirects.0.path rule_path_invalid'],
    [
      { redirects: [{ match: 'exact', path: '/.well-known/acme-challenge/x', target: '/' }] },
      'redirects.0.path rule_path_own',
    ],
    [{ redirects: [{ match: 'exact', path: '', target: '/' }] }, 'redirects.0.path required'],
    [{ headers: [{ name: 'X-A', value: 'a\nb' }] }, 'headers.0.value plain_value'],
    [{ headers: [{ name: 'X-A', value: '$host' }] }, 'headers.0.value plain_value'],
    [{ headers: [{ name: 'Content-Length', value: '1' }] }, 'headers.0.name header_reserved'],
    [
      {
        headers: [
          { name: 'X-A', value: '1' },
          { name: 'x-a', value: '1' },
        ],
      },
      'headers.1.name header_repeated',
    ],
    [{ cors: { origins: ['https://a.example/'] } }, 'cors.origins.0 origin_invalid'],
    [{ cors: { origins: ['*'], hasCredentials: true } }, 'cors.hasCredentials origin_any_credentials'],
    [
      { access: { addresses: [{ lines: [{ action: 'deny', range: '1.2.3.4/33' }], others: 'deny' }] } },
      'access.addresses.0.lines.0.range address_invalid',
    ],
    [{ access: { denied: [{ path: '/' }] } }, 'access.denied.0.suffixes required'],
    [{ maintenance: { title: 'a\u0000' } }, 'maintenance.title control_characters'],
    [{ errorPages: { pages: [{ code: 404 }, { code: 404 }] } }, 'errorPages.pages.1.code page_repeated'],
    [{ forward: { sentHost: 'own' } }, 'forward.ownHost required'],
    [{ forward: { sentHost: 'own', ownHost: 'a.example\r\nX: y' } }, 'forward.ownHost sent_host_invalid'],
    [{ forward: { replacements: [{ from: '', to: 'x' }] } }, 'forward.replacements.0.from required'],
    [{ forward: { replacements: [{ from: 'a', to: '$host' }] } }, 'forward.replacements.0.to plain_value'],
    [{ forward: { replacements: [{ from: 'a\n', to: '' }] } }, 'forward.replacements.0.from plain_value'],
    [{ forward: { sentHost: 'own', ownHost: '$host' } }, 'forward.ownHost sent_host_invalid'],
    [
      { proxies: [{ path: '/a', servers: [{ address: 'unix:/run/docker.sock' }] }] },
      'proxies.0.servers.0.address upstream_socket',
    ],
    [
      { proxies: [{ path: '/a', servers: [{ address: 'unix:/run/a.sock;' }] }] },
      'proxies.0.servers.0.address upstream_socket',
    ],
    [
      { proxies: [{ path: '/a', scheme: 'https', servers: [{ address: 'unix:/run/a.sock' }] }] },
      'proxies.0.servers.0.address server_socket_https',
    ],
    [{ servedFolder: '../x' }, 'servedFolder served_folder_invalid'],
    [{ servedFolder: '/etc' }, 'servedFolder served_folder_invalid'],
    [{ servedFolder: 'a/./b' }, 'servedFolder served_folder_invalid'],
    [{ servedFolder: 'a;b' }, 'servedFolder served_folder_invalid'],
    [{ proxyCache: { cookieNames: ['a=b; c'] } }, 'proxyCache.cookieNames.0 cookie_name_invalid'],
    [{ cache: [{ suffixes: ['a b'], minutes: 1 }] }, 'cache.0.suffixes.0 suffix_invalid'],
  ])('%j', (input, wanted) => {
    expect(codes(input)).toContain(wanted);
  });
});

describe('a redirect that leads to itself is seen', () => {
  const domains = [
    { host: 'a.example', port: 80 },
    { host: 'www.a.example', port: 80 },
    { host: '*.b.example', port: 80 },
  ];
  const problems = (input: object): string[] =>
    findBehaviourProblems({ behaviour: siteBehaviour.parse(input), domains }).map(
      ({ field, code }) => `${field} ${code}`,
    );
  const loop = (index: number): string => `behaviour.redirects.${index}.target redirect_loop`;
  it.each([
    [[{ match: 'exact', path: '/a', target: '/a?x=1' }], [loop(0)]],
    [[{ match: 'exact', path: '/قديم', target: 'https://www.a.example/%D9%82%D8%AF%D9%8A%D9%85' }], [loop(0)]],
    [[{ match: 'prefix', path: '/a', target: '/a/b' }], [loop(0)]],
    [[{ match: 'prefix', path: '/a', target: '/b' }], []],
    [
      [
        { match: 'exact', path: '/a', target: '/b' },
        { match: 'exact', path: '/b', target: '/a' },
      ],
      [loop(0), loop(1)],
    ],
    [
      [
        { match: 'exact', path: '/a', target: '/b' },
        { match: 'exact', path: '/b', target: '/a', isEnabled: false },
      ],
      [],
    ],
    [[{ match: 'site', target: 'https://a.example' }], [loop(0)]],
    [[{ match: 'site', target: 'https://x.b.example', isPathKept: true }], [loop(0)]],
    [[{ match: 'site', target: 'https://other.example', isPathKept: true }], []],
    [[{ match: 'site', hosts: ['www.a.example'], target: 'https://a.example', isPathKept: true }], []],
    [[{ match: 'regex', path: '^/(.*)$', target: '/x/$1' }], [loop(0)]],
    [[{ match: 'regex', path: '^/old/(.*)$', target: '/new/$1' }], []],
  ])('%j', (redirects, wanted) => {
    expect(problems({ redirects })).toEqual(wanted);
  });

  it('through the main name too, which must be one of the site’s', () => {
    const redirects = [{ match: 'site', target: 'https://www.a.example' }];
    expect(problems({ redirects, mainHost: { host: 'a.example' } })).toEqual([loop(0)]);
    expect(problems({ mainHost: { host: 'other.example' } })).toEqual(['behaviour.mainHost.host main_host_unknown']);
    expect(problems({ mainHost: { host: '*.b.example' } })).toEqual(['behaviour.mainHost.host main_host_unknown']);
  });
});

describe('a regular expression', () => {
  it.each(['^/a/(\\d+)$', '[a-z0-9_-]{1,20}', '(?:a|b)+?', '(?!x)y', '\\.php$', 'قديم', '^/([^/]+)/?$', 'a{2,}'])(
    '%s is taken',
    (text) => {
      expect(readPattern(text).ok).toBe(true);
    },
  );
  it.each([
    '',
    '(',
    ')',
    'a)',
    '[',
    '[]',
    '[z-a]',
    '[[:alpha:]]',
    'a**',
    '*',
    '^*',
    '(?<n>a)',
    '(?i)a',
    '\\1',
    '\\x41',
    '\\',
    'a{2,1}',
    'a{999}',
    '(a{9}){9}',
    '{',
    'a\n',
    '(?P<n>a)',
    'ق+',
    '[ق]',
    '(?=a)*',
    '(((((((((((a)))))))))))',
  ])('%j is refused', (text) => {
    expect(readPattern(text).ok).toBe(false);
  });
});

it('where a redirect leads is read as it will be sent', () => {
  expect(readTarget('https://مثال.example:8443/صفحة?x=1')).toEqual({
    origin: 'https://xn--mgbh0fb.example:8443',
    host: 'xn--mgbh0fb.example',
    path: '/%D8%B5%D9%81%D8%AD%D8%A9',
    query: '?x=1',
  });
});

it.each([
  ['10.0.0.0/8', true],
  ['::1', true],
  ['2001:db8::/32', true],
  ['1.2.3.4', true],
  ['01.2.3.4', false],
  ['1.2.3', false],
  ['::1::', false],
  ['1:2:3:4:5:6:7:8:9', false],
  ['::/129', false],
  ['10.0.0.0/08', false],
])('%s as a network: %s', (text, isRange) => {
  expect(isNetworkRange(text)).toBe(isRange);
});
