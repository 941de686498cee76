import { pathProxies, pathProxy, type PathProxy } from '#shared/behaviour/proxies.ts';
import { redirect, type Redirect } from '#shared/behaviour/redirects.ts';
import { findLoops } from '#shared/behaviour/redirect-loops.ts';
import { parseDirectives, TokenError, type Directive } from '../nginx/nginx.tokens.ts';

/*
 * Redirects and proxies of single paths, as aaPanel writes them into files of nginx, read into the forms of this panel. A rule
 * is taken as a whole or left as a whole: a line that is not known could be the one that kept somebody out.
 */

/** As it stands there, for whoever sets it up by hand. */
export const shown = ({ name, args, block }: Directive): string =>
  `${[name, ...args].join(' ')}${block === null ? ';' : ` { ${block.map(shown).join(' ')} }`}`.slice(0, 200);

export function directivesOf(text: string): Directive[] {
  try {
    return parseDirectives(text);
  } catch (error) {
    if (error instanceof TokenError) return [];
    throw error;
  }
}

type Names = readonly { readonly host: string; readonly port: number }[];

/** `rest`: what has to be set up by hand. Rules that would lead visitors in circles are among it. */
export function readRedirects(texts: readonly string[], domains: Names): { redirects: Redirect[]; rest: string[] } {
  const rest: string[] = [];
  const found: { readonly rule: Redirect; readonly text: string }[] = [];
  for (const directive of texts.flatMap(directivesOf)) {
    const rule = ofName(directive, domains) ?? ofPath(directive);
    if (rule === undefined || found.length >= mostRedirects) rest.push(shown(directive));
    else found.push({ rule, text: shown(directive) });
  }
  const loops = new Set(
    findLoops(
      found.map(({ rule }) => rule),
      domains,
      null,
    ),
  );
  rest.push(...found.flatMap(({ text }, index) => (loops.has(index) ? [text] : [])));
  return { redirects: found.flatMap(({ rule }, index) => (loops.has(index) ? [] : [rule])), rest };
}

const mostRedirects = 200;

/** `if ($host ~ '^old.example.com') { return 301 https://new.example.com$request_uri; }` */
function ofName({ name, args, block }: Directive, domains: Names): Redirect | undefined {
  const [only, ...more] = block ?? [];
  if (name !== 'if' || only === undefined || more.length > 0 || only.name !== 'return' || only.args.length !== 2)
    return undefined;
  const condition = args.join(' ').replaceAll(/[()]/g, ' ').trim();
  const host = /^\$host ~\*? \^([A-Za-z0-9.\\-]+)\$?$/.exec(condition)?.[1]?.replaceAll('\\', '').toLowerCase();
  if (host === undefined || !domains.some((domain) => domain.host === host)) return undefined;
  const [status = '', url = ''] = only.args;
  const isPathKept = url.endsWith('$request_uri');
  const target = isPathKept ? url.slice(0, -'$request_uri'.length) : url;
  const given = { match: 'site', hosts: [host], target, status: Number(status), isPathKept, isQueryKept: isPathKept };
  return redirect.safeParse(given).data;
}

/** `rewrite ^/old(.*) https://new.example.com$1 permanent;` */
function ofPath({ name, args, block }: Directive): Redirect | undefined {
  const [path = '', to = '', flag = ''] = args;
  const status = { permanent: 301, redirect: 302 }[flag];
  if (name !== 'rewrite' || block !== null || args.length !== 3 || status === undefined || !path.startsWith('^/'))
    return undefined;
  // Only so does nginx leave out what the visitor asked behind the question mark.
  const isQueryKept = !to.endsWith('?');
  const target = isQueryKept ? to : to.slice(0, -1);
  return redirect.safeParse({ match: 'regex', path, target, status, isQueryKept }).data;
}

/** Locations in their order; `rest`: what has to be set up by hand, among it what would stand for a path a second time. */
export function readProxies(locations: readonly Directive[]): { proxies: PathProxy[]; rest: string[] } {
  const rest: string[] = [];
  let proxies: PathProxy[] = [];
  for (const location of locations) {
    const proxy = ofLocation(location);
    const more = proxy === undefined ? undefined : pathProxies.safeParse([...proxies, proxy]).data;
    if (more === undefined) rest.push(shown(location));
    else proxies = more;
  }
  return { proxies, rest };
}

const addressForm = /^(https?):\/\/([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(?::(\d{1,5}))?(\/[^\s?#$]*)?$/;
/** What nginx here does by itself, or what only says how long pictures are kept. */
const ordinaryHeaders = ['x-real-ip', 'x-forwarded-for', 'x-forwarded-proto', 'remote-host', 'connection'];
const ofCaching = ['add_header', 'expires', 'set', 'proxy_cache', 'proxy_cache_key', 'proxy_ignore_headers'];
const without = ['proxy_http_version', 'proxy_ssl_server_name', 'sub_filter_types', ...ofCaching];

function ofLocation({ name, args, block }: Directive): PathProxy | undefined {
  const path = args.at(-1) ?? '';
  const isPrefix = args.length === 1 || (args.length === 2 && args[0] === '^~');
  if (name !== 'location' || block === null || !isPrefix) return undefined;
  const draft: Draft = { sentHost: 'server', isWebsocket: false, headers: [], replacements: [], isReplacedOnce: true };
  for (const line of block) if (!readLine(line, draft)) return undefined;
  const [, scheme, host = '', port, behind] = addressForm.exec(draft.url ?? '') ?? [];
  const address = `${host.toLowerCase()}:${port ?? (scheme === 'https' ? 443 : 80)}`;
  const isPathStripped = behind === '/' && path !== '/';
  // Any other path behind the address would stand in the place of the location's.
  if (behind !== undefined && !isPathStripped && behind !== path) return undefined;
  const { url: _url, ...given } = draft;
  if (given.replacements.length === 0) given.isReplacedOnce = false;
  return pathProxy.safeParse({ ...given, path, scheme, servers: [{ address }], isPathStripped }).data;
}

type Draft = {
  url?: string;
  sentHost: PathProxy['sentHost'];
  ownHost?: string;
  isWebsocket: boolean;
  connectSeconds?: number;
  sendSeconds?: number;
  answerSeconds?: number;
  cacheMinutes?: number;
  readonly headers: { name: string; value: string }[];
  readonly replacements: { from: string; to: string }[];
  /** What nginx does where nothing is said of it. */
  isReplacedOnce: boolean;
};

/** False: this line says something that the form cannot. */
function readLine({ name, args, block }: Directive, draft: Draft): boolean {
  const [first = '', second = ''] = args;
  if (name === 'if') return block?.every((each) => ofCaching.includes(each.name) && isCaching(each)) === true;
  if (block !== null) return false;
  if (without.includes(name)) return isCaching({ name, args });
  if (name === 'proxy_set_header') return readHeader(first, second, draft);
  if (name === 'proxy_pass') draft.url = first;
  else if (name === 'proxy_connect_timeout') draft.connectSeconds = secondsOf(first);
  else if (name === 'proxy_send_timeout') draft.sendSeconds = secondsOf(first);
  else if (name === 'proxy_read_timeout') draft.answerSeconds = secondsOf(first);
  else if (name === 'proxy_cache_valid') draft.cacheMinutes = Math.ceil(secondsOf(args.at(-1) ?? '') / 60);
  else if (name === 'sub_filter') draft.replacements.push({ from: first, to: second });
  else if (name === 'sub_filter_once') draft.isReplacedOnce = first !== 'off';
  else return false;
  return true;
}

/** Headers for visitors are none of caching: one that protects them must not be lost without a word. */
function isCaching({ name, args }: Pick<Directive, 'name' | 'args'>): boolean {
  return name !== 'add_header' || /^(?:x-cache|cache-control|strict-transport-security)$/i.test(args[0] ?? '');
}

function readHeader(name: string, value: string, draft: Draft): boolean {
  const known = name.toLowerCase();
  if (known === 'host') {
    if (value === '$host' || value === '$http_host') draft.sentHost = 'visitor';
    else if (value !== '$proxy_host') Object.assign(draft, { sentHost: 'own', ownHost: value });
  } else if (known === 'upgrade') draft.isWebsocket = true;
  // So that words can be replaced; nginx here takes care of it where they are.
  else if (known === 'accept-encoding' && value === '') return true;
  else if (!ordinaryHeaders.includes(known)) draft.headers.push({ name, value });
  return true;
}

/** `60s`, `10m`, `1h`; NaN is refused by the form. */
function secondsOf(text: string): number {
  const [, count, unit = 's'] = /^(\d{1,6})([smhd]?)$/.exec(text) ?? [];
  return Number(count) * ({ s: 1, m: 60, h: 3_600, d: 86_400 }[unit || 's'] ?? Number.NaN);
}
