import type { SiteBehaviour } from '../site-behaviour.ts';
import type { SitePhp } from '../site-php.ts';
import type { SiteTls } from '../site-tls.ts';
import type { SiteKind } from '../sites.ts';
import { isInAny, holds, readNetwork } from './networks.ts';
import { lockPattern, orderedLocks } from './locks.ts';
import { lockedPath } from './passwords.ts';
import { escapePattern } from './patterns.ts';
import { readPattern } from './patterns.ts';
import { findRedirect, isBelow, isNamed } from './redirect-loops.ts';
import { servedRoot } from './served-folder.ts';
import { presetOf } from './rewrite-preset-facts.ts';
import { locationOf, mainHostLocation, originOf } from './redirect-location.ts';
import type { Visit } from './visits.ts';

/*
 * Which rule answers a request: the order of nginx's text said once more, as a decision. That both agree is tested with the
 * real nginx on many random sites (agent/nginx/nginx.answers-agree.test.ts).
 */

/** Sorted by when they are asked; the first that wants the request answers it. */
export const answerers = [
  'nobody',
  'challenge',
  'odd',
  'preflight',
  'mainHost',
  'maintenance',
  'https',
  'addresses',
  'agents',
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
] as const;
export type Answerer = (typeof answerers)[number];

export type RuleAnswer = {
  readonly by: Answerer;
  /** Place in its list, for kinds of which there are several. */
  readonly index: number | null;
  /** null: what the files, the program or the application answer. */
  readonly status: number | null;
  readonly location: string | null;
  /** Custom directives of the site were not looked at, and come before the kinds from `hidden` on. */
  readonly isBeforeCustom: boolean;
  /** Only where no file of that name is: it would be served instead. */
  readonly isUnlessFile: boolean;
};

export type AnsweringSite = {
  readonly kind: SiteKind;
  readonly domains: readonly { readonly host: string; readonly port: number }[];
  readonly php: SitePhp | null;
  readonly tls: SiteTls;
  readonly root: string;
  readonly behaviour: SiteBehaviour;
};

export type WebPorts = { readonly http: number; readonly https: number };

/** What answers the request when the site is as given. */
export function findAnswer(site: AnsweringSite, visit: Visit, ports: WebPorts): RuleAnswer {
  const { behaviour, tls } = site;
  const names = namesServed(site, visit, ports);
  if (!names.some((name) => isNamed(name, visit.host))) return answer('nobody');
  if (/^\/\.well-known\/acme-challenge\/[A-Za-z0-9_-]+$/.test(visit.path)) return answer('challenge');
  const closed = (): RuleAnswer | undefined =>
    isClosed(behaviour, visit) ? answer('maintenance', { status: 503 }) : undefined;
  if (visit.scheme === 'http' && tls?.isForced === true && visit.port === ports.http)
    return closed() ?? answer('https', { status: 308, location: secureLocation(visit, ports) });
  return (
    (behaviour.passwords.length > 0 && isOdd(visit) ? answer('odd', { status: 400 }) : undefined) ??
    preflight(behaviour, visit) ??
    toMainHost(behaviour, names, visit) ??
    closed() ??
    byAccess(behaviour, visit) ??
    byPreset(site, visit) ??
    byHotlink(behaviour, names, visit) ??
    byRedirect(behaviour, visit) ??
    behindRules(site, visit)
  );
}

function answer(by: Answerer, more: Partial<RuleAnswer> = {}): RuleAnswer {
  const isBeforeCustom = answerers.indexOf(by) < answerers.indexOf('hidden');
  return { by, index: null, status: null, location: null, isUnlessFile: false, ...more, isBeforeCustom };
}

/** Names of the server that listens where the request arrives. */
function namesServed({ domains, tls }: AnsweringSite, { scheme, port }: Visit, ports: WebPorts): string[] {
  const isWeb = (each: number): boolean => each === ports.http || each === ports.https;
  const secure = tls === null ? [] : domains.filter((domain) => isWeb(domain.port)).map(({ host }) => host);
  if (scheme === 'https') return port === ports.https ? secure : [];
  if (secure.length > 0 && port === ports.https) return [];
  return domains.filter((domain) => domain.port === port).map(({ host }) => host);
}

function secureLocation({ host, rawPath, query }: Visit, { https }: WebPorts): string {
  return `https://${host}${https === 443 ? '' : `:${https}`}${rawPath}${query}`;
}

/** No browser sends such an address; with passwords it is refused before anything reads it one way or the other. */
function isOdd({ rawPath }: Visit): boolean {
  return /\\|%5c|(?:\/|%2f)(?:\.|%2e){1,2}(?:\/|%2f|;|%3b|$)/i.test(rawPath);
}

function preflight({ cors }: SiteBehaviour, { method, origin }: Visit): RuleAnswer | undefined {
  // The question that browsers send ahead names the method that is to come.
  if (method !== 'OPTIONS' || origin === '' || cors.origins.length === 0) return undefined;
  const isKnown = cors.origins.some((each) => {
    const pattern = escapePattern(each).replace('\\*', '[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?');
    return each === '*' || new RegExp(`^(?:${pattern})$`).test(origin);
  });
  return isKnown ? answer('preflight', { status: 204 }) : undefined;
}

function toMainHost({ mainHost }: SiteBehaviour, names: readonly string[], visit: Visit): RuleAnswer | undefined {
  if (mainHost === null || !names.includes(mainHost.host) || visit.host === mainHost.host) return undefined;
  return answer('mainHost', { status: mainHost.status, location: mainHostLocation(mainHost, visit) });
}

function isClosed({ maintenance }: SiteBehaviour, { at, address, path }: Visit): boolean {
  const { isOn, until, addresses, paths } = maintenance;
  if (!isOn || (until !== null && at >= Math.floor(Date.parse(until) / 1_000) * 1_000)) return false;
  return !isInAny(addresses, address) && !paths.some((each) => isBelow(path, each));
}

function byAccess({ access }: SiteBehaviour, { path, address, agent, method }: Visit): RuleAnswer | undefined {
  const visitor = readNetwork(address);
  const refused = access.addresses.findIndex(({ path: place, lines, others }) => {
    const line = lines.find(({ range }) => holds(readNetwork(range), visitor));
    return (line?.action ?? others) === 'deny' && isBelow(path, place);
  });
  if (refused !== -1) return answer('addresses', { index: refused, status: 403 });
  const said = access.agents.findIndex((each) => agent.toLowerCase().includes(each.toLowerCase()));
  if (said !== -1) return answer('agents', { index: said, status: 403 });
  const { methods } = access;
  const isTaken = methods.some((each) => each === method || (each === 'GET' && method === 'HEAD'));
  if (methods.length > 0 && !isTaken) return answer('methods', { status: 405 });
  const denied = access.denied.findIndex(({ path: place, suffixes }) => {
    const low = path.toLowerCase();
    if (!isBelow(low, place.toLowerCase())) return false;
    const below = place === '/' ? low : low.slice(lockedPath(place).length);
    return suffixes.length === 0 || suffixes.some((each) => hasSuffix(below, each, '(?:/|$)'));
  });
  return denied === -1 ? undefined : answer('denied', { index: denied, status: 403 });
}

function hasSuffix(path: string, suffix: string, end: string): boolean {
  return new RegExp(`\\.${escapePattern(suffix)}${end}`, 'i').test(path);
}

/** Private folders of a known application. */
function byPreset(site: AnsweringSite, { path }: Visit): RuleAnswer | undefined {
  const { kind, behaviour } = site;
  const { closed = [], closedSuffixes = [] } =
    (kind === 'php' && presetOf(behaviour.rewrites.preset, servedRoot(site))) || {};
  const low = path.toLowerCase();
  const isClosed =
    closed.some((each) => isBelow(low, each.toLowerCase())) ||
    closedSuffixes.some((each) => hasSuffix(low, each, '(?:/|$)'));
  return isClosed ? answer('preset', { status: 403 }) : undefined;
}

type Rewritten = { readonly index: number | null; readonly path: string; readonly isOnlyMissing: boolean };

/** Where the first rule that matches leads; whether a file of that name is there is not known. */
function findRewritten(site: AnsweringSite, { path }: Visit): Rewritten | undefined {
  const { kind, behaviour } = site;
  const { preset, rules } = behaviour.rewrites;
  const known = kind === 'php' ? (presetOf(preset, servedRoot(site))?.rules ?? []) : [];
  const all = [
    ...rules.map((rule, index) => ({ ...rule, index })),
    ...known.map((rule) => ({ path: rule[0], target: rule[1], isOnlyMissing: rule[2], isEnabled: true, index: null })),
  ];
  for (const { path: pattern, target, isOnlyMissing, isEnabled, index } of all) {
    const read = readPattern(pattern);
    // The folder of the site itself is always there.
    const found = isEnabled && read.ok && !(isOnlyMissing && path === '/') ? read.regExp.exec(path) : null;
    if (found === null) continue;
    const to = target.replace(/\?.*$/s, '').replace(/\$([1-9])/g, (_, number: string) => found[Number(number)] ?? '');
    return { index, path: to, isOnlyMissing };
  }
  return undefined;
}

function byHotlink({ hotlink }: SiteBehaviour, names: readonly string[], visit: Visit): RuleAnswer | undefined {
  const { isOn, suffixes, hosts, isEmptyAllowed, status, replacement } = hotlink;
  const { referer, path } = visit;
  if (!isOn || !suffixes.some((each) => hasSuffix(path, each, '$'))) return undefined;
  const from = /^https?:\/\/([^/:]*)/i.exec(referer)?.[1]?.toLowerCase();
  const isAllowed = from === undefined ? isEmptyAllowed : [...names, ...hosts].some((each) => isNamed(each, from));
  if (isAllowed) return undefined;
  return answer('hotlink', { status: replacement === '' ? status : null });
}

function byRedirect({ redirects }: SiteBehaviour, visit: Visit): RuleAnswer | undefined {
  const index = findRedirect(redirects, visit.host, visit.path);
  const rule = index === undefined ? undefined : redirects[index];
  if (index === undefined || rule === undefined) return undefined;
  return answer('redirects', { index, status: rule.status, location: locationOf(rule, visit) });
}

const scriptEnding = /\.(?:php\d*|phtml|pht|phar|phps)$/i;

/** What is left: locations, passwords, and what is behind them. */
function behindRules(site: AnsweringSite, visit: Visit): RuleAnswer {
  const { kind, php, behaviour } = site;
  const rewritten = findRewritten(site, visit);
  const path = rewritten?.path ?? visit.path;
  const isUnlessFile = rewritten?.isOnlyMissing === true;
  // What a rewrite leads elsewhere is locked by what was asked for.
  const lock = byLock(site, visit, path) ?? byLock(site, visit);
  const reached = (by: Answerer, index: number | null = null): RuleAnswer =>
    lock ??
    (rewritten === undefined ? answer(by, { index }) : answer('rewrites', { index: rewritten.index, isUnlessFile }));
  const beside = behaviour.proxies.findIndex((each) => each.path === `${path}/`);
  // nginx itself leads to the path with its slash.
  if (beside !== -1 && rewritten === undefined) {
    const location = `${originOf(visit)}${visit.rawPath}/${visit.query}`;
    return answer('proxies', { index: beside, status: 301, location });
  }
  const proxy = longest(behaviour.proxies, path);
  if (proxy !== undefined) return reached('proxies', proxy);
  if (path.startsWith('/.well-known/acme-challenge/')) return answer('challenge');
  if (/\/\.(?!well-known\/)/.test(path)) return answer('hidden', { status: 404, isUnlessFile });
  if (kind === 'proxy' || kind === 'app') return reached('app');
  const isScript = php !== null && scriptEnding.test(path);
  if (isScript && isBelowAny(php.noScripts, path)) return answer('scripts', { status: 403, isUnlessFile });
  if (isScript && !path.endsWith('.php')) return answer('scripts', { status: 404, isUnlessFile });
  if (rewritten !== undefined) return reached('rewrites');
  return lock ?? byInner(site, visit) ?? answer(kind === 'php' ? 'php' : 'files');
}

function isBelowAny(folders: readonly string[], path: string): boolean {
  return folders.some((folder) => path.toLowerCase().startsWith(`${folder.toLowerCase()}/`));
}

/** nginx goes on inside to an index or a front controller, and asks those rules again that guard files. */
function byInner(site: AnsweringSite, visit: Visit): RuleAnswer | undefined {
  const inner = innerPath(site, visit.path);
  if (inner === undefined) return undefined;
  const found = byAccess(site.behaviour, { ...visit, path: inner }) ?? byLock(site, visit, inner);
  return found === undefined ? undefined : { ...found, isUnlessFile: visit.path !== '/' };
}

function innerPath({ kind, behaviour }: AnsweringSite, path: string): string | undefined {
  const { index, fallback } = behaviour;
  if (path === '/') return `/${index[0] ?? (kind === 'php' ? 'index.php' : 'index.html')}`;
  if (kind === 'php') return path.endsWith('.php') ? undefined : '/index.php';
  return fallback === 'spa' ? '/index.html' : undefined;
}

/** The longest path that holds the request. */
function longest(list: readonly { readonly path: string }[], path: string): number | undefined {
  let found: number | undefined;
  for (const [index, each] of list.entries())
    if (isBelow(path, each.path) && each.path.length > (list[found ?? -1]?.path.length ?? 0)) found = index;
  return found;
}

/** `path`: where nginx is by then; open paths are those that the visitor asked for. */
function byLock({ kind, behaviour }: AnsweringSite, visit: Visit, path = visit.path): RuleAnswer | undefined {
  const found = orderedLocks(behaviour.passwords).find(({ rule }) =>
    new RegExp(bytesOf(lockPattern(kind, behaviour, rule.path)), 'i').test(bytesOf(path)),
  );
  if (found === undefined || isInAny(found.rule.addresses, visit.address)) return undefined;
  const isOpen = found.rule.paths.some((each) => {
    const open = lockedPath(each);
    return isBelow(visit.path, open) && !/[;\\]/.test(visit.path.slice(open.length));
  });
  return isOpen ? undefined : answer('passwords', { index: found.index, status: 401 });
}

/** nginx compares bytes. */
function bytesOf(path: string): string {
  return String.fromCharCode(...new TextEncoder().encode(path));
}
