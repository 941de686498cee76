import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { findBehaviourProblems } from '#shared/behaviour/check.ts';
import { defaultSettings } from '#shared/site-defaults.ts';
import { siteReach, type SiteReach } from '#shared/site-reach.ts';
import { siteBehaviour, type SiteBehaviour } from '#shared/site-behaviour.ts';
import { hasNginx } from '../testing/world.ts';
import { plainBuild } from './nginx.build.ts';
import { renderShared, renderSite } from './nginx.render.ts';
import { parseDirectives, type Directive } from './nginx.tokens.ts';

/*
 * Random rules, most of them made of pieces that mean something to nginx. What the schemas take, nginx takes, and nothing
 * stands in its text that no field asked for.
 */

const seed = 20_261_127;
const count = 400;

const odd = fc.constantFrom(
  '$',
  '$host',
  '${a}',
  '$1',
  '"',
  "'",
  '\\',
  ';',
  '{',
  '}',
  '#',
  '\n',
  '\r\n',
  '\0',
  ' ',
  '../',
  '/',
  '%0a',
  '?',
  '&',
  '<',
  '`',
  '*',
  '(',
  ')',
  '[',
  ']',
  '|',
  '^',
  '.',
  '+',
  'ق',
  'é',
  '😀',
  '\ud800',
  '@',
  ':',
  ',',
  '=',
  '~',
  '!',
  'include /etc/passwd;',
);
const letters = fc.constantFrom('a', 'b9', 'index', 'x-y', 'Z', '0');
/** Anything that a person might paste. */
const junk = fc.array(fc.oneof(letters, odd), { maxLength: 8 }).map((parts) => parts.join(''));
const mostly = <T>(good: fc.Arbitrary<T>, bad: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: good, weight: 12 }, { arbitrary: bad, weight: 1 });
const path = mostly(
  fc
    .array(fc.oneof(letters, fc.constantFrom('ق', 'a.b', '(x)', '*', '+', '[z]', '~', 'é-', '@', '=')), {
      maxLength: 4,
    })
    .map((parts) => `/${parts.join('/')}`),
  junk,
);
const atom = fc.constantFrom(
  'a',
  '.',
  '\\d',
  '\\.',
  '[a-z]',
  '[^/"]',
  '(.*)',
  '(b|c)',
  '(?:x)',
  '"',
  ' ',
  'ق',
  '\\{',
  '\\\\',
  '#',
  ';',
  '(?=/)',
);
const regex = mostly(
  fc
    .array(fc.tuple(atom, fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,3}', '+?')), {
      minLength: 1,
      maxLength: 6,
    })
    .map((parts) => `^/${parts.map(([one, times]) => one + times).join('')}$`),
  junk,
);
const host = mostly(fc.constantFrom('a.example', '*.a.example', 'xn--4gbrim.test', 'localhost', 'b-9.example'), junk);
const target = mostly(
  fc
    .tuple(
      fc.constantFrom('', 'https://a.example', 'http://مثال.example:8080'),
      fc.constantFrom('/', '/x', '/ق/y', '/$1', '/a%20b', '/x;'),
      fc.constantFrom('', '?a=1&b=2', '?q=$1'),
    )
    .map((parts) => parts.join('')),
  junk,
);
const range = mostly(
  fc.constantFrom(
    '10.0.0.0/8',
    '10.1.0.0/16',
    '10.1.2.3',
    '0.0.0.0/0',
    '::/0',
    '2001:DB8::/32',
    '::ffff:1.2.3.4',
    '10.1.2.3/8',
    'fe80::1',
  ),
  junk,
);
const suffix = mostly(fc.constantFrom('php', 'tar.gz', 'PNG', 'css'), junk);
const value = mostly(fc.constantFrom('a', 'x y', '"q"', "'self'; a \\ {b}", 'a#b', '~;'), junk);
const text = fc.oneof(junk, fc.string({ unit: 'grapheme', maxLength: 300 }), fc.constant('"\\$&<'.repeat(60)));
const list = <T>(of: fc.Arbitrary<T>, maxLength = 3) => fc.array(of, { maxLength });
const status = fc.constantFrom(301, 302, 307, 308);
const sentHost = mostly(fc.constantFrom('', 'app.internal', 'a.b:8080', '10.0.0.1'), junk);
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null });

const part = {
  mainHost: maybe(fc.record({ host: fc.constantFrom('fuzz.example', 'www.fuzz.example', 'other.example'), status })),
  redirects: list(
    fc.oneof(
      fc.record({
        match: fc.constant('site'),
        target,
        status,
        hosts: list(host),
        isPathKept: fc.boolean(),
        isQueryKept: fc.boolean(),
      }),
      fc.record({
        match: fc.constantFrom('exact', 'prefix'),
        path,
        target,
        status,
        isQueryKept: fc.boolean(),
        hosts: list(host, 1),
      }),
      fc.record({
        match: fc.constant('prefix'),
        path,
        target: fc.constantFrom('/kept', 'https://a.example'),
        status,
        isPathKept: fc.constant(true),
      }),
      fc.record({
        match: fc.constant('regex'),
        path: regex,
        target,
        status,
        isQueryKept: fc.boolean(),
        hosts: list(host, 1),
      }),
    ),
    5,
  ),
  security: fc.record({
    isNosniff: fc.boolean(),
    frame: fc.constantFrom('off', 'deny'),
    referrer: fc.constantFrom('off', 'origin'),
    permissions: fc.oneof(fc.constant(''), value),
    contentPolicy: fc.oneof(fc.constant(''), value, fc.constant('"\\'.repeat(1_000))),
  }),
  headers: list(fc.record({ name: mostly(fc.constantFrom('X-A', 'X-B', 'X-Frame-Options', 'a'), junk), value })),
  cors: fc.record({
    origins: list(
      mostly(fc.constantFrom('*', 'https://a.example', 'https://*.b.example:8443', 'http://localhost'), junk),
    ),
    methods: list(fc.constantFrom('GET', 'PUT')),
    headers: list(mostly(fc.constantFrom('X-A', 'Content-Type'), junk)),
    hasCredentials: fc.boolean(),
  }),
  access: fc.record({
    addresses: list(
      fc.record({
        path,
        lines: fc.array(fc.record({ action: fc.constantFrom('allow', 'deny'), range }), { minLength: 1, maxLength: 4 }),
        others: fc.constantFrom('allow', 'deny'),
      }),
      2,
    ),
    methods: list(fc.constantFrom('GET', 'POST', 'OPTIONS')),
    agents: list(mostly(fc.constantFrom('Bad Bot', 'curl/7.', '(x) {y}', '"q"', '\\w+', 'a|b'), junk), 5),
    denied: list(fc.record({ path, suffixes: list(suffix) })),
  }),
  rewrites: fc.record({
    preset: fc.constantFrom('none', 'wordpress', 'discuz'),
    rules: list(
      fc.record({
        path: regex,
        target: mostly(fc.constantFrom('/', '/x', '/ق/y', '/x?q=$1', '/a b', '/x?q=%20&r=ق'), junk),
        isOnlyMissing: fc.boolean(),
        isEnabled: fc.boolean(),
      }),
      2,
    ),
  }),
  passwords: list(
    fc.record({
      path,
      realm: fc.oneof(fc.constant(''), fc.constantFrom('off', 'OFF', 'a b', "it's {x};"), value),
      users: fc.constant([{ name: 'a', passwordId: 'abcdefghijklmnop' }]),
      addresses: list(range),
      paths: list(path),
    }),
    4,
  ),
  maintenance: fc.record({
    isOn: fc.boolean(),
    title: text.map((each) => each.slice(0, 100)),
    text,
    until: maybe(fc.integer({ min: 0, max: 4e12 }).map((ms) => new Date(ms).toISOString())),
    colour: fc.constantFrom('plain', 'night'),
    addresses: list(range),
    paths: list(path),
  }),
  errorPages: fc.record({
    pages: list(fc.record({ code: fc.constantFrom(403, 404, 503), text })),
    lost: maybe(
      fc.record({
        target: mostly(fc.constantFrom('/', '/a?b=1', '/%zz', 'https://a.test/x'), junk),
        status: fc.constantFrom(301, 302),
      }),
    ),
    isUpstreamToo: fc.boolean(),
  }),
  limits: fc.record({
    connectionsPerSite: maybe(fc.integer({ min: 1, max: 65_535 })),
    connectionsPerAddress: maybe(fc.integer({ min: 1, max: 10_000 })),
    requestsPerSecond: maybe(fc.integer({ min: 1, max: 10_000 })),
    burst: fc.integer({ min: 0, max: 10_000 }),
    kibPerSecond: maybe(fc.integer({ min: 1, max: 1_048_576 })),
    bodyMib: maybe(fc.integer({ min: 0, max: 102_400 })),
    addresses: list(range),
  }),
  hotlink: fc.record({
    isOn: fc.boolean(),
    suffixes: list(suffix),
    hosts: list(host),
    isEmptyAllowed: fc.boolean(),
    replacement: fc.oneof(fc.constant(''), path),
  }),
  cache: list(fc.record({ suffixes: list(suffix), minutes: fc.integer({ min: 0, max: 525_600 }) })),
  compression: fc.record({ gzip: fc.constantFrom('default', 'on', 'off') }),
  isListingOn: fc.boolean(),
  forward: fc.record({
    sentHost: fc.constantFrom('visitor', 'upstream', 'own'),
    ownHost: sentHost,
    connectSeconds: fc.integer({ min: 1, max: 75 }),
    sendSeconds: maybe(fc.integer({ min: 1, max: 86_400 })),
    readSeconds: maybe(fc.integer({ min: 1, max: 86_400 })),
  }),
  proxies: list(
    fc.record({
      path,
      scheme: fc.constantFrom('http', 'https'),
      servers: fc.array(
        fc.record({
          address: mostly(fc.constantFrom('127.0.0.1:3000', '[::1]:80', '10.0.0.9:65535', 'unix:/run/a.sock'), junk),
          weight: fc.integer({ min: 1, max: 100 }),
          isBackup: fc.boolean(),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      balance: fc.constantFrom('round_robin', 'least_conn', 'ip_hash'),
      isPathStripped: fc.boolean(),
      isWebsocket: fc.boolean(),
      sentHost: fc.constantFrom('visitor', 'server', 'own'),
      ownHost: sentHost,
      sendSeconds: maybe(fc.integer({ min: 1, max: 86_400 })),
      headers: list(
        fc.record({ name: mostly(fc.constantFrom('X-A', 'X-B'), junk), value: fc.oneof(value, fc.constant('')) }),
        2,
      ),
      replacements: list(fc.record({ from: value, to: fc.oneof(value, fc.constant('')) }), 2),
    }),
  ),
  fallback: fc.constantFrom('none', 'spa', 'clean'),
};

const reach = fc.record({
  isDefault: fc.boolean(),
  front: fc.oneof(
    fc.constant(null),
    fc.constant({ kind: 'cloudflare' }),
    fc.record({
      kind: fc.constant('own'),
      ranges: list(range, 3),
      header: mostly(fc.constantFrom('X-Forwarded-For', 'X-Real-IP'), junk),
    }),
  ),
  endsAt: fc.oneof(
    fc.constant(null),
    mostly(fc.constantFrom('2020-01-01T00:00:00.000Z', '2099-12-31T23:59:59.000Z'), junk),
  ),
});

const siteInput = fc.record({
  reach: fc.oneof({ arbitrary: fc.constant({}), weight: 1 }, { arbitrary: reach, weight: 2 }),
  behaviour: fc.record(part, { requiredKeys: [] }),
  kind: fc.constantFrom('static' as const, 'proxy' as const),
  custom: fc.constantFrom(
    '',
    '',
    '',
    'gzip off;\nexpires 1h;\nadd_header X-A 1;\n',
    'limit_rate 1k;\nerror_page 404 /x;\nreturn 301 /y;\n',
  ),
});

/** Each part that is wrong is left out, as a person would correct it; what is left is a site's behaviour. */
function accepted(
  input: Record<string, unknown>,
  domains: SiteSpec['domains'],
): { behaviour: SiteBehaviour; refused: number } {
  const good: Record<string, unknown> = {};
  let refused = 0;
  for (const [name, given] of Object.entries(input)) {
    // Of a list the good ones stay.
    const each = Array.isArray(given) ? given : [given];
    const kept = each.filter((one) => siteBehaviour.safeParse({ [name]: Array.isArray(given) ? [one] : one }).success);
    refused += each.length - kept.length;
    const next = Array.isArray(given) ? kept : kept[0];
    if (next !== undefined && siteBehaviour.safeParse({ [name]: next }).success) good[name] = next;
  }
  let behaviour = siteBehaviour.parse(good);
  const problems = findBehaviourProblems({ behaviour, domains });
  const loops = new Set(problems.map(({ field }) => Number(field.split('.')[2])));
  if (problems.some(({ field }) => field.startsWith('behaviour.mainHost')))
    behaviour = { ...behaviour, mainHost: null };
  behaviour = { ...behaviour, redirects: behaviour.redirects.filter((_, index) => !loops.has(index)) };
  return { behaviour, refused: refused + problems.length };
}

/** What may stand in a site's text, and the parts of its behaviour that ask for it. */
const askedBy: Record<string, (behaviour: SiteBehaviour, reach: SiteReach) => boolean> = {
  set_real_ip_from: (_, { front }) => front !== null,
  real_ip_header: (_, { front }) => front !== null,
  real_ip_recursive: (_, { front }) => front !== null,
  rewrite: ({ redirects, hotlink, rewrites }) =>
    rewrites.rules.some(({ isEnabled }) => isEnabled) ||
    redirects.some(({ isEnabled }) => isEnabled) ||
    (hotlink.isOn && hotlink.replacement !== ''),
  geo: ({ access, maintenance, limits, passwords }) =>
    access.addresses.length > 0 ||
    passwords.some(({ addresses }) => addresses.length > 0) ||
    (maintenance.isOn && maintenance.addresses.length > 0) ||
    isCounting(limits),
  map: ({ limits, passwords }) => isCounting(limits) || passwords.length > 0,
  auth_basic_user_file: ({ passwords }) => passwords.length > 0,
  limit_req_zone: ({ limits }) => limits.requestsPerSecond !== null,
  limit_conn_zone: ({ limits }) => limits.connectionsPerAddress !== null || limits.connectionsPerSite !== null,
  limit_req: ({ limits }) => limits.requestsPerSecond !== null,
  limit_req_status: ({ limits }) => limits.requestsPerSecond !== null,
  limit_conn: ({ limits }) => limits.connectionsPerAddress !== null || limits.connectionsPerSite !== null,
  limit_conn_status: ({ limits }) => limits.connectionsPerAddress !== null || limits.connectionsPerSite !== null,
  limit_rate: ({ limits }) => limits.kibPerSecond !== null,
  client_max_body_size: () => true,
  add_header: ({ security, headers, cors, maintenance }) =>
    JSON.stringify(security) !== JSON.stringify(siteBehaviour.parse({}).security) ||
    headers.length > 0 ||
    cors.origins.length > 0 ||
    maintenance.isOn,
  upstream: ({ proxies }) => proxies.length > 0,
  proxy_ssl_server_name: ({ proxies }) => proxies.some(({ scheme }) => scheme === 'https'),
  sub_filter: ({ proxies }) => proxies.some(({ replacements }) => replacements.length > 0),
  sub_filter_once: ({ proxies }) => proxies.some(({ replacements }) => replacements.length > 0),
  sub_filter_types: ({ proxies }) => proxies.some(({ replacements }) => replacements.length > 0),
  proxy_ssl_name: ({ proxies }) => proxies.some(({ scheme }) => scheme === 'https'),
  proxy_hide_header: (behaviour) => askedBy['add_header']?.(behaviour, defaultSettings.reach) ?? false,
  error_page: ({ maintenance, errorPages }, { endsAt }) =>
    maintenance.isOn || errorPages.pages.length > 0 || errorPages.lost !== null || endsAt !== null,
  proxy_intercept_errors: ({ errorPages }) => errorPages.isUpstreamToo,
  valid_referers: ({ hotlink }) => hotlink.isOn,
  expires: ({ cache }) => cache.length > 0,
  gzip: ({ compression }) => compression.gzip !== 'default',
  autoindex: ({ isListingOn }) => isListingOn,
  autoindex_exact_size: ({ isListingOn }) => isListingOn,
};
for (const name of ['vary', 'proxied', 'comp_level', 'min_length', 'types'])
  askedBy[`gzip_${name}`] = ({ compression }) => compression.gzip === 'on';

const isCounting = ({
  connectionsPerSite,
  connectionsPerAddress,
  requestsPerSecond,
}: SiteBehaviour['limits']): boolean =>
  connectionsPerSite !== null || connectionsPerAddress !== null || requestsPerSecond !== null;

/** The frame of every site, and what rules are made of. */
const frame = new Set(
  `server listen server_name root index charset server_tokens disable_symlinks access_log error_log if return break set location
  default_type auth_basic allow try_files include uninitialized_variable_warn proxy_pass proxy_http_version proxy_set_header
  proxy_read_timeout proxy_send_timeout proxy_connect_timeout`.split(/\s+/),
);

function namesOf(directives: readonly Directive[]): string[] {
  return directives.flatMap(({ name, block }) =>
    ['geo', 'map', 'upstream'].includes(name) ? [name] : [name, ...namesOf(block ?? [])],
  );
}

const folder = mkdtempSync(join(tmpdir(), 'aapanel-fuzz-'));
const specs: { spec: SiteSpec; text: string }[] = [];
let refusedParts = 0;

it(`DOM-1 nothing stands in the text of ${count} random sites that no field asked for`, () => {
  const inputs = fc.sample(siteInput, { seed, numRuns: count });
  for (const [index, { behaviour: input, reach: wanted, kind, custom }] of inputs.entries()) {
    const parsed = siteReach.safeParse(wanted);
    const given = parsed.success ? parsed.data : defaultSettings.reach;
    const domains = ['', 'www.'].map((prefix) => ({ host: `${prefix}fuzz.example`, port: 1_024 + index }));
    const { behaviour, refused } = accepted(input, domains);
    refusedParts += refused;
    const letters = 'abcdefghij';
    const siteId = `fuzz${String(index)
      .padStart(12, '0')
      .replace(/\d/g, (digit) => letters[Number(digit)] ?? 'a')}`;
    const spec: SiteSpec = {
      siteId,
      slug: `s${index}.example`,
      kind,
      domains,
      isEnabled: true,
      root: '/www/wwwroot/fuzz.example',
      upstream: kind === 'proxy' ? { url: 'http://127.0.0.1:3000', isWebsocket: false } : null,
      customDirectives: custom,
      ...defaultSettings,
      reach: given,
      behaviour,
    };
    const customPath = join(folder, `custom-${index}.conf`);
    writeFileSync(customPath, custom);
    const text = renderSite(spec, {
      hasIpv6: false,
      prefix: '',
      customPath,
      logBase: null,
      // On a port of the web, where the name for all others counts.
      tls: { ports: { http: 1_024 + index, https: 443 }, build: plainBuild, certificates: '/nowhere' },
    });
    specs.push({ spec, text });
    const unasked = namesOf(parseDirectives(text)).filter(
      (name) => !frame.has(name) && !askedBy[name]?.(behaviour, given),
    );
    if (unasked.length > 0) expect.fail(`${unasked.join(' ')} in ${JSON.stringify(behaviour)}`);
  }
  // The pieces are chosen so that both ways are gone often.
  expect(refusedParts).toBeGreaterThan(count / 2);
});

it.runIf(hasNginx)(
  'DOM-1 and nginx takes the text of each of them',
  () => {
    const test = (chosen: readonly (typeof specs)[number][]): string => {
      const main = join(folder, 'nginx.conf');
      writeFileSync(join(folder, 'sites.conf'), chosen.map(({ text }) => text).join('\n'));
      const shared = renderShared({ prefix: '', alreadySet: new Set(), nobody: null }).replace(/^include .*$/m, '');
      writeFileSync(
        main,
        `pid ${folder}/pid; error_log stderr; events {} http { ${shared}\ninclude ${folder}/sites.conf; }\n`,
      );
      const { status: code, stderr } = spawnSync('/usr/sbin/nginx', ['-t', '-q', '-c', main], { encoding: 'utf8' });
      // A warning would come with every reload.
      return code === 0 && stderr === '' ? '' : stderr || `ended with ${code}`;
    };
    const all = test(specs);
    // Only when something is wrong: which of them it is.
    const wrong = all === '' ? undefined : specs.find((one) => test([one]) !== '');
    expect(all, JSON.stringify([wrong?.spec.behaviour, wrong?.spec.reach])).toBe('');
    rmSync(folder, { recursive: true });
  },
  60_000,
);
