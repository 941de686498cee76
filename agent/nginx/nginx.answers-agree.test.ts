import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { findAnswer, type RuleAnswer } from '#shared/behaviour/answers.ts';
import { findBehaviourProblems } from '#shared/behaviour/check.ts';
import { readVisit, type VisitInput } from '#shared/behaviour/visits.ts';
import { siteBehaviour } from '#shared/site-behaviour.ts';
import { sitePhp } from '#shared/site-php.ts';
import { withCertificates } from '#server/core/testing/certificates.ts';
import { ask, type Asked } from '../testing/asking.ts';
import { hasNginx, makeWorld, newChangeId, specOf, type World } from '../testing/world.ts';
import { plainBuild } from './nginx.build.ts';
import { renderShared, renderSite } from './nginx.render.ts';

/*
 * "Which rule answers this address?" is worked out without nginx. Here both are asked: many random sites, whose paths and
 * questions are drawn from the same few so that rules meet, and every answer names its rule.
 */

const seed = 20_261_128;
const siteCount = 80;
const questionCount = 40;

const place = fc.constantFrom('/', '/a', '/a/', '/a/b', '/admin', '/old', '/A', '/قديم', '/a.png', '/x.html', '/api');
const range = fc.constantFrom('127.0.1.0/24', '127.0.1.7', '127.0.0.0/16', '0.0.0.0/0', '::/0', '127.0.2.0/24');
const ranges = fc.array(range, { maxLength: 2 });
const suffixes = fc.subarray(['png', 'php', 'html', 'tar.gz'], { minLength: 1 });
const host = fc.constantFrom('www.', '', 'deep.sub.');
const some = <T>(of: fc.Arbitrary<T>, maxLength = 2) => fc.array(of, { maxLength });
const rarely = <T>(of: fc.Arbitrary<T>, never: T) => fc.oneof({ weight: 3, arbitrary: fc.constant(never) }, of);

const redirect = fc.oneof(
  fc.record({ match: fc.constant('exact'), path: place }),
  fc.record({ match: fc.constant('prefix'), path: place, isPathKept: fc.boolean() }),
  fc.record({ match: fc.constant('site'), isPathKept: fc.boolean() }),
  fc.record({
    match: fc.constant('regex'),
    path: fc.constantFrom('^/a/(.*)$', '^/(b|old)', '\\.png$', '^/([^/]+)/([a-z]+)$', '^/(\\d+)?x'),
  }),
);
const site = fc.record({
  kind: fc.constantFrom('static' as const, 'static' as const, 'proxy' as const, 'php' as const),
  isSecure: fc.boolean(),
  isForced: fc.boolean(),
  mainHost: rarely(fc.constantFrom('', 'www.'), undefined as string | undefined),
  redirects: some(
    fc.record({
      rule: redirect,
      status: fc.constantFrom(301, 302, 307, 308),
      target: fc.constantFrom('/t', '/t/', '/t?q=1', ''),
      hosts: rarely(fc.array(host, { minLength: 1, maxLength: 1 }), [] as string[]),
      isQueryKept: fc.boolean(),
      isEnabled: fc.constantFrom(true, true, false),
    }),
    4,
  ),
  behaviour: fc.record({
    cors: rarely(
      fc.record({
        origins: fc.constantFrom(['https://app.example'], ['https://*.app.example', 'http://x.example:8080'], ['*']),
      }),
      {} as object,
    ),
    access: fc.record({
      addresses: some(
        fc.record({
          path: place,
          lines: fc.array(fc.record({ action: fc.constantFrom('allow', 'deny'), range }), {
            minLength: 1,
            maxLength: 3,
          }),
          others: fc.constantFrom('allow', 'deny'),
        }),
      ),
      methods: rarely(fc.constantFrom<string[]>(['GET'], ['GET', 'POST'], ['HEAD']), [] as string[]),
      agents: rarely(fc.constant<string[]>(['BadBot', 'cu.rl']), []),
      denied: some(
        fc.oneof(fc.record({ path: place, suffixes }), fc.record({ path: place.filter((each) => each !== '/') })),
      ),
    }),
    maintenance: fc.record({
      isOn: fc.constantFrom(false, false, false, true),
      until: fc.constantFrom(null, '2024-01-01T00:00:00.000Z', '2099-01-01T00:00:00.000Z'),
      addresses: ranges,
      paths: some(place, 1),
    }),
    hotlink: fc.record({
      isOn: fc.constantFrom(false, true),
      suffixes,
      hosts: fc.constantFrom([], ['*.friend.example', 'one.example']),
      isEmptyAllowed: fc.boolean(),
      status: fc.constantFrom(403, 404),
    }),
    fallback: fc.constantFrom('none', 'spa', 'clean'),
  }),
  rewrites: some(
    fc.record({
      path: fc.constantFrom('^/a/(.*)$', '^/x', '^/old$', '^/([a-z]+)/b$', '^/admin'),
      target: fc.constantFrom('/rw', '/a/b', '/admin', '/api/', '/.git/x', '/x.phtml'),
      isOnlyMissing: fc.boolean(),
      isEnabled: fc.constantFrom(true, true, false),
    }),
  ),
  passwords: fc.uniqueArray(fc.record({ path: place, addresses: ranges, paths: some(place, 1) }), {
    maxLength: 2,
    selector: ({ path }) => path.replace(/\/$/, '').toLowerCase(),
  }),
  proxies: fc.uniqueArray(fc.constantFrom('/a', '/a/b', '/api/', '/admin'), { maxLength: 2 }),
});

const question = fc.record({
  scheme: fc.constantFrom('http', 'http', 'https'),
  prefix: fc.constantFrom('', 'www.', 'deep.sub.', 'other-'),
  path: fc.oneof(
    place,
    fc.constantFrom('/a/b/c', '/a/x.php', '/A/b', '/ADMIN', '/admin.json', '/admin/x;y', '/administrator', '/a/b.png'),
    fc.constantFrom(
      '/old/',
      '/system/core/x',
      '/x',
      '/index.php/admin',
      '/12x',
      '/b',
      '/api/v1',
      '/.git/x',
      '/a/.env',
      '/x.tar.gz/y',
    ),
    fc.constantFrom('/a%20b', '/a/%D9%82', '/a/%23', '/%61/b', '//a//b', '/a/b%2Fc', '/uploads/x.php', '/x.PhP'),
    fc.constantFrom('/.well-known/acme-challenge/t', '/.well-known/x', '/a/%3Fq', '/a/x%5Cy'),
  ),
  query: fc.constantFrom('', '?q=2', '?a=b&c=%20'),
  method: fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'POST', 'OPTIONS'),
  address: fc.constantFrom('127.0.0.9', '127.0.1.7', '127.0.1.8', '127.0.2.1', '127.9.9.9'),
  agent: fc.constantFrom('', '', 'Mozilla badbot/1', 'cu-rl', 'cu.rl/8'),
  referer: fc.constantFrom(
    '',
    '',
    'https://thief.example/x',
    'http://a.friend.example:81/',
    'https://one.example',
    'odd',
  ),
  origin: fc.constantFrom('', '', 'https://app.example', 'https://b.app.example', 'http://x.example:8080'),
});

const made = withCertificates((make) => make.selfSigned('DNS:any.test'));

let world: World;
let app: Server;
let appPort = 0;
const sites: { spec: SiteSpec; name: string }[] = [];

type Given = typeof site extends fc.Arbitrary<infer T> ? T : never;

function specFrom(given: Given, index: number): SiteSpec {
  const name = `agree-${index}.test`;
  const names = ['', 'www.', '*.sub.'].map((prefix) => `${prefix}${name}`);
  // What a rule leads to names it.
  const redirects = given.redirects.map(({ rule, target, hosts, ...more }, at) => ({
    ...rule,
    ...more,
    hosts: hosts.map((prefix) => (prefix === 'deep.sub.' ? `*.sub.${name}` : `${prefix}${name}`)),
    target: `https://to-${at}.example${'isPathKept' in rule && rule.isPathKept ? target.replace(/\?.*/, '') : target}`,
  }));
  const server = { address: `127.0.0.1:${appPort}` };
  const behaviour = siteBehaviour.parse({
    ...given.behaviour,
    mainHost: given.mainHost === undefined ? null : { host: `${given.mainHost}${name}`, status: 307 },
    redirects,
    rewrites: {
      preset: given.kind === 'php' ? 'codeigniter' : 'none',
      rules: given.rewrites.map((rule, at) => ({ ...rule, target: `${rule.target}?rw=${at}` })),
    },
    passwords: given.passwords.map((rule, at) => ({
      ...rule,
      realm: `P${at}`,
      users: [{ name: 'a', passwordId: 'abcdefghijklmnop' }],
    })),
    proxies: given.proxies.map((path, at) => ({
      path,
      servers: [server],
      headers: [{ name: 'X-Rule', value: `${at}` }],
    })),
  });
  const { kind, isSecure, isForced } = given;
  const tls = {
    certificateId: 'abcdefghijklmnop',
    profile: 'intermediate',
    isForced,
    isHttp2: false,
    isHttp3: false,
    hsts: null,
  } as const;
  const domains = names.map((each) => ({ host: each, port: world.port }));
  return specOf(world, name, {
    siteId: newChangeId(),
    kind,
    domains,
    behaviour: { ...behaviour, redirects: withoutProblems(behaviour, domains) },
    php: kind === 'php' ? sitePhp.parse({ version: '8.2', noScripts: ['/uploads'] }) : null,
    upstream: kind === 'proxy' ? { url: `http://127.0.0.1:${appPort}`, isWebsocket: false } : null,
    tls: isSecure ? tls : null,
  });
}

function withoutProblems(behaviour: SiteSpec['behaviour'], domains: SiteSpec['domains']) {
  const wrong = new Set(findBehaviourProblems({ behaviour, domains }).map(({ field }) => field.split('.')[2]));
  return behaviour.redirects.filter((_, index) => !wrong.has(`${index}`));
}

/** Every refusal says in its body which rule it is. */
function labelled(text: string): string {
  const counts = { addresses: 0, denied: 0 };
  const lines = text.split('\n');
  return lines
    .map((line, at) => {
      if (line.includes('server {')) Object.assign(counts, { addresses: 0, denied: 0 });
      const code = /^ +return (4\d\d);$/.exec(line)?.[1];
      const above = lines[at - 1] ?? '';
      if (code === undefined) return line;
      const by =
        above.includes('$aapanel_at') || above.includes('$aapanel_denied_')
          ? `addresses ${counts.addresses++}`
          : above.includes('$http_user_agent')
            ? 'agents'
            : above.includes('$request_method')
              ? 'methods'
              : above.includes('$aapanel_shown')
                ? 'hotlink'
                : above.includes('$request_uri')
                  ? 'odd'
                  : above.includes('if ($uri ~*')
                    ? above.includes('/system(')
                      ? 'preset'
                      : `denied ${counts.denied++}`
                    : above.includes('location ~ /')
                      ? 'hidden'
                      : 'scripts';
      return line.replace(';', ` "by ${by}.";`);
    })
    .join('\n');
}

describe.runIf(hasNginx)('which rule answers', () => {
  beforeAll(async () => {
    world = await makeWorld({ nginx: 'stopped' });
    app = createServer((request, response) =>
      response.end(
        `by proxies ${String(request.headers['x-rule'] ?? 'none')}. ${/rw=\d/.exec(request.url ?? '')?.[0] ?? ''}`,
      ),
    );
    await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
    const address = app.address();
    appPort = typeof address === 'object' && address !== null ? address.port : 0;
    const current = world.path('/certificates/abcdefghijklmnop/current');
    mkdirSync(current, { recursive: true });
    writeFileSync(`${current}/chain.pem`, made.certificate);
    writeFileSync(`${current}/key.pem`, made.key);
    const ports = { http: world.port, https: world.tlsPort };
    const tls = { ports, build: plainBuild, certificates: world.path('/certificates') };
    const nobody = { ports, build: plainBuild, hasIpv6: false, isOverTcp: true, isOverQuic: false };
    const texts = fc.sample(site, { seed, numRuns: siteCount }).map((given, index) => {
      const spec = specFrom(given, index);
      sites.push({ spec, name: `agree-${index}.test` });
      const context = { hasIpv6: false, prefix: world.prefix, customPath: '/none', logBase: null, tls };
      mkdirSync(world.path(spec.root), { recursive: true });
      for (const file of ['index.html', 'index.php']) writeFileSync(world.path(`${spec.root}/${file}`), 'start');
      return labelled(renderSite(spec, context));
    });
    const shared = renderShared({ prefix: world.prefix, alreadySet: new Set(), nobody });
    writeFileSync(world.path('/etc/nginx/conf.d/aapanel.conf'), `${shared}\n${texts.join('\n')}`);
    world.startNginx();
  }, 60_000);
  afterAll(() => {
    app.close();
    world.destroy();
  });

  it(`DOM-2 nginx and the panel name the same rule for ${questionCount} questions to each of ${siteCount} random sites`, async () => {
    const questions = fc.sample(question, { seed, numRuns: siteCount * questionCount });
    const ports = { http: world.port, https: world.tlsPort };
    const seenBy = new Map<string, number>();
    const wrong: unknown[] = [];
    const askBoth = async ({ scheme, prefix, path, query, ...more }: (typeof questions)[number], index: number) => {
      const { spec, name } = sites[index % sites.length] ?? sites[0]!;
      const isSecure = scheme === 'https';
      const url = `${scheme}://${prefix}${name}:${isSecure ? ports.https : ports.http}${path}${query}`;
      const visit = readVisit({ url, at: Date.now(), ...more } satisfies VisitInput);
      if (visit === undefined) expect.fail(url);
      const answer = findAnswer(spec, visit, ports);
      const headers = {
        ...(more.agent === '' ? {} : { 'user-agent': more.agent }),
        ...(more.referer === '' ? {} : { referer: more.referer }),
        ...(more.origin === '' ? {} : { origin: more.origin, 'access-control-request-method': 'PUT' }),
      };
      const seen = await ask({
        port: visit.port,
        host: `${visit.host}:${visit.port}`,
        path: visit.rawPath + visit.query,
        method: visit.method,
        from: visit.address,
        headers,
        isSecure,
      });
      seenBy.set(answer.by, (seenBy.get(answer.by) ?? 0) + 1);
      const trouble = disagreement(answer, seen, spec, visit.method === 'HEAD');
      if (trouble !== undefined)
        wrong.push({
          trouble,
          url,
          ...more,
          answer,
          seen: [seen.status, seen.headers.location, seen.body.slice(0, 60)],
        });
    };
    for (let from = 0; from < questions.length; from += 20)
      await Promise.all(questions.slice(from, from + 20).map((each, at) => askBoth(each, from + at)));
    expect(wrong.slice(0, 5), `${wrong.length} of ${questions.length}`).toEqual([]);
    // Every kind was met, most of them often.
    const kinds = [
      'nobody',
      'challenge',
      'odd',
      'preflight',
      'mainHost',
      'maintenance',
      'https',
      'addresses',
      'agents',
    ];
    kinds.push(
      'methods',
      'denied',
      'preset',
      'hotlink',
      'redirects',
      'hidden',
      'scripts',
      'passwords',
      'rewrites',
      'proxies',
      'php',
      'app',
      'files',
    );
    expect(kinds.filter((kind) => (seenBy.get(kind) ?? 0) < 3)).toEqual([]);
  }, 120_000);
});

function disagreement(answer: RuleAnswer, seen: Asked, spec: SiteSpec, isHead: boolean): string | undefined {
  const { by, index, status, location } = answer;
  if (by === 'nobody') return seen.status === 0 || seen.body === 'nobody' || isHead ? undefined : 'somebody answered';
  if (status !== null && seen.status !== status) return `status ${status}`;
  if (location !== null && readable(seen.headers.location) !== readable(location)) return `location ${location}`;
  if (by === 'passwords' && seen.headers['www-authenticate'] !== `Basic realm="P${index}"`) return 'realm';
  if (isHead || (by === 'proxies' && status !== null)) return undefined;
  const named = /by ([^.]*)\./.exec(seen.body)?.[1];
  if (['addresses', 'denied', 'proxies'].includes(by)) return named === `${by} ${index}` ? undefined : 'named';
  if (['agents', 'methods', 'preset', 'hotlink', 'odd', 'hidden', 'scripts'].includes(by))
    return named === by ? undefined : 'named';
  const rewrite = /rw=(\d)/.exec(seen.body)?.[1];
  if (by === 'rewrites') {
    if (spec.kind === 'proxy') return rewrite === `${index}` ? undefined : 'named';
    return (named ?? '').startsWith('proxies') || [200, 403, 404, 405, 502].includes(seen.status)
      ? undefined
      : 'rewritten';
  }
  if (rewrite !== undefined) return 'rewritten';
  if (by === 'app') return named === 'proxies none' ? undefined : 'named';
  if (['files', 'php', 'challenge'].includes(by))
    return named === undefined && [200, 403, 404, 405, 502].includes(seen.status) ? undefined : `as ${spec.kind}`;
  return named === undefined ? undefined : 'named';
}

/** Escapes are written in more than one way; node reads headers byte by byte. */
function readable(location: string | undefined): string | undefined {
  return location === undefined ? undefined : decodeURIComponent(Buffer.from(location, 'latin1').toString());
}
