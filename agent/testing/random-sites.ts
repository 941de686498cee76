import fc from 'fast-check';

/*
 * For tests: random rules of sites, most of them made of pieces that mean something to nginx.
 */

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
const replaced = list(fc.record({ from: value, to: fc.oneof(value, fc.constant('')) }), 2);
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
  compression: fc.record({
    gzip: fc.constantFrom('default', 'on', 'off'),
    brotli: fc.constantFrom('default', 'on', 'off'),
  }),
  isListingOn: fc.boolean(),
  forward: fc.record({
    sentHost: fc.constantFrom('visitor', 'upstream', 'own'),
    ownHost: sentHost,
    connectSeconds: fc.integer({ min: 1, max: 75 }),
    sendSeconds: maybe(fc.integer({ min: 1, max: 86_400 })),
    readSeconds: maybe(fc.integer({ min: 1, max: 86_400 })),
    replacements: replaced,
    isReplacedOnce: fc.boolean(),
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
      cacheMinutes: maybe(fc.integer({ min: 1, max: 525_600 })),
      headers: list(
        fc.record({ name: mostly(fc.constantFrom('X-A', 'X-B'), junk), value: fc.oneof(value, fc.constant('')) }),
        2,
      ),
      replacements: replaced,
      isReplacedOnce: fc.boolean(),
    }),
  ),
  proxyCache: fc.record({
    minutes: maybe(fc.integer({ min: 1, max: 525_600 })),
    maxMib: fc.integer({ min: 10, max: 102_400 }),
    cookieNames: list(mostly(fc.constantFrom('session', 'a.b-c_D'), junk)),
    isStatusShown: fc.boolean(),
  }),
  fallback: fc.constantFrom('none', 'spa', 'clean'),
  servedFolder: mostly(fc.constantFrom('', 'public', 'a.b/c-d', 'web/@x'), junk),
  accessLog: fc.record({ isOn: fc.boolean(), format: fc.constantFrom('full', 'combined', 'short') }),
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
  page: fc.record({ title: text.map((each) => each.slice(0, 100)), text }),
});

/** A site with rules. */
export const siteInput = fc.record({
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
