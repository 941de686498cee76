import { readPattern } from './patterns.ts';
import { readTarget, type Redirect } from './redirects.ts';

type Names = readonly { readonly host: string }[];

/** The redirect that answers a request for this host and path (decoded); undefined: none does. */
export function findRedirect(rules: readonly Redirect[], host: string, path: string): number | undefined {
  const index = rules.findIndex((rule) => rule.isEnabled && isForHost(rule.hosts, host) && isForPath(rule, path));
  return index === -1 ? undefined : index;
}

function isForHost(hosts: readonly string[], host: string): boolean {
  return hosts.length === 0 || hosts.some((each) => isNamed(each, host));
}

/** `*.` at the beginning stands for one or more names below. */
export function isNamed(pattern: string, host: string): boolean {
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) && host !== pattern.slice(2) : pattern === host;
}

/** Characters that would begin something else in an address: nginx takes none of them over into one as they are. */
const odd = /[\u0000- \u007f"#%<>?\\^`{|}]/;

function isForPath(rule: Redirect, path: string): boolean {
  const { match, path: wanted, target, status, isPathKept } = rule;
  const isTaken = match === 'regex' ? /\$[1-9]/.test(target) : match === 'prefix' && isPathKept;
  if (isTaken && (status === 301 || status === 302 ? match === 'prefix' && path.includes('?') : odd.test(path)))
    return false;
  if (match === 'site') return true;
  if (match === 'exact') return path === wanted;
  if (match === 'prefix') return isBelow(path, wanted);
  const pattern = readPattern(wanted);
  return pattern.ok && pattern.regExp.test(path);
}

/** The path itself or what lies below it: `/a` has `/a/b`, and not `/ab`. */
export function isBelow(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);
}

/** Where the rule leads a request; undefined: away from the site, or nowhere. */
function follow(rule: Redirect, names: Names, host: string, path: string): { host: string; path: string } | undefined {
  const target = readTarget(rule.target);
  if (target === undefined) return undefined;
  const to = target.host ?? host;
  if (!names.some((each) => isNamed(each.host, to))) return undefined;
  let next = target.path === '' ? '/' : target.path;
  if (rule.match === 'regex') {
    const pattern = readPattern(rule.path);
    const found = pattern.ok ? pattern.regExp.exec(path) : null;
    next = next.replace(/\$([1-9])/g, (_, number: string) => found?.[Number(number)] ?? '');
  }
  if (rule.isPathKept)
    next = `${next.replace(/\/$/, '')}/${rule.match === 'site' ? path.slice(1) : restOf(path, rule.path)}`;
  return { host: to, path: decode(next).replaceAll(/\/+/g, '/') };
}

function restOf(path: string, prefix: string): string {
  return path.slice(prefix.length).replace(/^\//, '');
}

function decode(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

const maxSteps = 20;

/**
 * Redirects that lead round in a circle: their places in the list. What a visitor can ask for is tried by example, so a
 * pattern that only loops for rare addresses is not seen here; a browser stops at those by itself.
 */
export function findLoops(rules: readonly Redirect[], names: Names, mainHost: string | null): number[] {
  // The redirect to the main name comes before all others.
  const hosts = mainHost === null ? names.map(({ host }) => host.replace(/^\*\./, 'any.')) : [mainHost];
  return rules.flatMap((rule, index) => {
    if (!rule.isEnabled) return [];
    const own = hosts.filter((host) => isForHost(rule.hosts, host));
    const isLoop = own.some((host) => examplesOf(rule).some((path) => isLooping(host, path, index)));
    return isLoop ? [index] : [];
  });

  function isLooping(host: string, path: string, start: number): boolean {
    let at: { host: string; path: string } | undefined = { host, path };
    const seen = new Set<number>();
    for (let step = 0; step < maxSteps; step++) {
      const index = findRedirect(rules, at.host, at.path);
      if (index === undefined || (step === 0 && index !== start)) return false;
      const rule = rules[index];
      if (rule === undefined) return false;
      if (seen.has(index) && index === start) return true;
      seen.add(index);
      const next = follow(rule, names, at.host, at.path);
      if (next === undefined) return false;
      at = mainHost === null ? next : { ...next, host: mainHost };
    }
    return true;
  }
}

function examplesOf({ match, path, target }: Redirect): string[] {
  if (match === 'site') return ['/', '/a'];
  if (match === 'exact') return [path];
  if (match === 'prefix') return [path, `${path.replace(/\/$/, '')}/a`];
  const own = readTarget(target)?.path ?? '/';
  // What the pattern itself says letter by letter, and what it leads to: that is where a circle begins.
  const letters = path
    .replace(/^\^/, '')
    .replace(/\$$/, '')
    .replaceAll(/\([^()]*\)/g, 'a')
    .replaceAll(/\\(.)/g, '$1');
  return [letters, own.replaceAll(/\$[1-9]/g, 'a')].filter((each) => each.startsWith('/')).map(decode);
}
