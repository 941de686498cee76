import type { SiteSpec } from '#shared/agent/sites.ts';
import { escapePattern } from '#shared/behaviour/patterns.ts';
import { readTarget, type Redirect, type RedirectTarget } from '#shared/behaviour/redirects.ts';
import { AppError } from '#shared/errors.ts';
import type { BehaviourContext } from './nginx.behaviour.ts';
import { belowPattern, hostAlternatives } from './nginx.behaviour-parts.ts';
import { visitorHost } from './nginx.tls.ts';
import { pattern, template } from './nginx.words.ts';

/** All other names to the main one, where this server block serves it. */
export function mainHostRules({ behaviour }: SiteSpec, { port, names }: BehaviourContext): string[] {
  const { mainHost } = behaviour;
  if (mainHost === null || !names.includes(mainHost.host)) return [];
  const suffix = port === 80 || port === 443 ? '' : `:${port}`;
  return [
    `if ($host != ${template(mainHost.host)}) {`,
    `    return ${mainHost.status} ${template(`$scheme://${mainHost.host}${suffix}$request_uri`)};`,
    '}',
  ];
}

export function redirectRules(spec: SiteSpec): string[] {
  const host = visitorHost(spec);
  const rules = spec.behaviour.redirects.filter(({ isEnabled }) => isEnabled);
  const needsMore = rules.some((rule) => rule.isQueryKept && rule.target.includes('?'));
  return [
    ...(needsMore
      ? ['set $aapanel_more "";', 'if ($args) {', `    set $aapanel_more ${template('&$args')};`, '}']
      : []),
    ...rules.flatMap((rule) => redirectLines(rule, host)),
  ];
}

function redirectLines(rule: Redirect, host: string): string[] {
  const target = readTarget(rule.target);
  if (target === undefined) throw new AppError('invalid_request', 'A redirect leads nowhere.');
  if (rule.match === 'site' && rule.isPathKept) return wholePathLines(rule, target);
  const { regex, path } = matchOf(rule, target);
  const to = `${originOf(target, path, host)}${path}`;
  if (rule.status === 301 || rule.status === 302) return rewriteLines(rule, target, regex, to);
  return returnLines(rule, target, regex, to);
}

/** The path as the visitor sent it, letter by letter. */
function wholePathLines(rule: Redirect, target: RedirectTarget): string[] {
  const to = `${target.origin}${target.path.replace(/\/$/, '')}$1${queryOf(rule, target)}`;
  return guarded(rule, '$request_uri', '^(/[^?]*)', rule.hosts.length > 0, `return ${rule.status} ${template(to)};`);
}

/** What a request must look like, and the path that it gets. */
function matchOf({ match, path, isPathKept }: Redirect, target: RedirectTarget): { regex: string; path: string } {
  if (match === 'site') return { regex: '^/', path: target.path };
  if (match === 'exact') return { regex: `^${escapePattern(path)}$`, path: target.path };
  if (match === 'regex') return { regex: path, path: target.path };
  if (!isPathKept) return { regex: `^${belowPattern(path)}`, path: target.path };
  // nginx would put an escaped `?` back as a plain one.
  const rest = path.endsWith('/') ? '([^?]*)' : '(?:/([^?]*))?';
  return { regex: `^${escapePattern(path)}${rest}$`, path: `${target.path.replace(/\/$/, '')}/$1` };
}

/** nginx itself escapes what it takes from the address into such a redirect. */
function rewriteLines(rule: Redirect, target: RedirectTarget, regex: string, place: string): string[] {
  const to = `${place}${target.query}${rule.isQueryKept ? '' : '?'}`;
  const flag = rule.status === 301 ? 'permanent' : 'redirect';
  const line = `rewrite ${pattern(regex)} ${template(to)} ${flag};`;
  return guarded(rule, '$aapanel_uri', '^/', rule.hosts.length > 0, line);
}

/** Characters that would begin something else in an address, or a line of a header; nginx escapes nothing here. */
const withoutOdd = '(?![\\s\\S]*[\\x00-\\x20\\x7f"#%<>?\\\\^`{|}])';

function returnLines(rule: Redirect, target: RedirectTarget, regex: string, place: string): string[] {
  const to = `${place}${queryOf(rule, target)}`;
  const takes = /\$[1-9]/.test(to);
  const whole = takes ? `^(?=/)${withoutOdd}[\\s\\S]*?(?:${regex})` : `^(?=/)[\\s\\S]*?(?:${regex})`;
  return guarded(rule, '$aapanel_uri', whole, rule.hosts.length > 0, `return ${rule.status} ${template(to)};`);
}

/** One answer for what matches, for some names only where the rule says so: nginx knows no "and". */
function guarded(rule: Redirect, variable: string, regex: string, isForHosts: boolean, line: string): string[] {
  const answer = (of: string): string[] => [`if (${of} ~ ${pattern(regex)}) {`, `    ${line}`, '}'];
  if (!isForHosts) return answer(variable);
  return [
    'set $aapanel_from "";',
    ...hostAlternatives(rule.hosts).flatMap((hosts) => [
      `if ($host ~ ${pattern(`^(?:${hosts})$`)}) {`,
      `    set $aapanel_from ${variable};`,
      '}',
    ]),
    ...answer('$aapanel_from'),
  ];
}

/** A path that begins with a part of the address could be read as a host; behind the site's own name it cannot. */
function originOf(target: RedirectTarget, path: string, host: string): string {
  return target.origin === '' && path.startsWith('/$') ? `$scheme://${host}` : target.origin;
}

function queryOf(rule: Redirect, target: RedirectTarget): string {
  if (!rule.isQueryKept) return target.query;
  return target.query === '' ? '$is_args$args' : `${target.query}$aapanel_more`;
}
