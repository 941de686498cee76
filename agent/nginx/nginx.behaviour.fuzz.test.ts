import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { findBehaviourProblems } from '#shared/behaviour/check.ts';
import { defaultSettings } from '#shared/site-defaults.ts';
import { siteReach, type SiteReach } from '#shared/site-reach.ts';
import { siteBehaviour, type SiteBehaviour } from '#shared/site-behaviour.ts';
import { siteInput } from '../testing/random-sites.ts';
import { hasNginx } from '../testing/world.ts';
import { cacheRoot } from './nginx.behaviour-proxy-cache.ts';
import { plainBuild } from './nginx.build.ts';
import { renderShared, renderSite } from './nginx.render.ts';
import { parseDirectives, type Directive } from './nginx.tokens.ts';

/*
 * What the schemas take of random rules, nginx takes, and nothing stands in its text that no field asked for.
 */

const seed = 20_261_127;
const count = 400;

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
  proxy_cache_path: isKeeping,
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
  map: (behaviour) =>
    isCounting(behaviour.limits) ||
    behaviour.passwords.length > 0 ||
    isKeeping(behaviour) ||
    behaviour.accessLog.format === 'short',
  log_format: ({ accessLog }) => accessLog.isOn && accessLog.format === 'short',
  auth_basic_user_file: ({ passwords }) => passwords.length > 0,
  limit_req_zone: ({ limits }) => limits.requestsPerSecond !== null,
  limit_conn_zone: ({ limits }) => limits.connectionsPerAddress !== null || limits.connectionsPerSite !== null,
  limit_req: ({ limits }) => limits.requestsPerSecond !== null,
  limit_req_status: ({ limits }) => limits.requestsPerSecond !== null,
  limit_conn: ({ limits }) => limits.connectionsPerAddress !== null || limits.connectionsPerSite !== null,
  limit_conn_status: ({ limits }) => limits.connectionsPerAddress !== null || limits.connectionsPerSite !== null,
  limit_rate: ({ limits }) => limits.kibPerSecond !== null,
  client_max_body_size: () => true,
  add_header: ({ security, headers, cors, maintenance, ...more }) =>
    isKeeping(more) ||
    JSON.stringify(security) !== JSON.stringify(siteBehaviour.parse({}).security) ||
    headers.length > 0 ||
    cors.origins.length > 0 ||
    maintenance.isOn,
  upstream: ({ proxies }) => proxies.length > 0,
  proxy_ssl_server_name: ({ proxies }) => proxies.some(({ scheme }) => scheme === 'https'),
  proxy_ssl_name: ({ proxies }) => proxies.some(({ scheme }) => scheme === 'https'),
  proxy_hide_header: (behaviour) => askedBy['add_header']?.(behaviour, defaultSettings.reach) ?? false,
  error_page: ({ maintenance, errorPages }, { endsAt }) =>
    maintenance.isOn || errorPages.pages.length > 0 || errorPages.lost !== null || endsAt !== null,
  proxy_intercept_errors: ({ errorPages }) => errorPages.isUpstreamToo,
  valid_referers: ({ hotlink }) => hotlink.isOn,
  expires: ({ cache }) => cache.length > 0,
  gzip: ({ compression }) => compression.gzip !== 'default',
  gzip_vary: ({ compression }) => compression.gzip === 'on',
  autoindex: ({ isListingOn }) => isListingOn,
  autoindex_exact_size: ({ isListingOn }) => isListingOn,
};
for (const name of ['proxied', 'comp_level', 'min_length', 'types'])
  askedBy[`gzip_${name}`] = ({ compression }) => compression.gzip === 'on';

for (const name of ['', '_once', '_types'])
  askedBy[`sub_filter${name}`] = ({ forward, proxies }) =>
    [forward, ...proxies].some(({ replacements }) => replacements.length > 0);
for (const name of ['', '_key', '_valid', '_bypass', '_lock', '_use_stale']) askedBy[`proxy_cache${name}`] = isKeeping;
askedBy['proxy_no_cache'] = isKeeping;

function isKeeping({ proxies, proxyCache }: Pick<SiteBehaviour, 'proxies' | 'proxyCache'>): boolean {
  return proxyCache.minutes !== null || proxies.some(({ cacheMinutes }) => cacheMinutes !== null);
}

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
mkdirSync(join(folder, cacheRoot), { recursive: true });
const specs: { spec: SiteSpec; text: string }[] = [];
let refusedParts = 0;

it(`DOM-1 CONF-1 nothing stands in the text of ${count} random sites that no field asked for`, () => {
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
      prefix: folder,
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
  'DOM-1 CONF-1 and nginx takes the text of each of them',
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
