import { createHash } from 'node:crypto';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { lockPattern, orderedLocks } from '#shared/behaviour/locks.ts';
import { lockedPath, type PasswordRule } from '#shared/behaviour/passwords.ts';
import { escapePattern } from '#shared/behaviour/patterns.ts';
import { AppError } from '#shared/errors.ts';
import { addressVariable, alternatives } from './nginx.behaviour-parts.ts';
import { nginxPaths } from './nginx.files.ts';
import { pattern, template, word } from './nginx.words.ts';

/*
 * Passwords of paths. nginx asks for them behind the rewrites, for whatever location answers, and again when it goes on
 * inside to another address (an index, a front controller): so the variables are worked out anew each time (`volatile`).
 * Only which paths are open is settled by what the visitor asked for at first.
 */

type Names = {
  readonly lock: string;
  readonly first: string;
  readonly now: string;
  readonly before: string;
  readonly held: string;
  readonly realm: string;
  readonly asks: (index: number) => string;
  readonly known: (index: number) => string;
};

function namesOf({ siteId }: SiteSpec): Names {
  return {
    lock: `aapanel_lock_${siteId}`,
    first: `aapanel_first_${siteId}`,
    now: `aapanel_now_${siteId}`,
    before: `aapanel_before_${siteId}`,
    held: `aapanel_held_${siteId}`,
    realm: `aapanel_realm_${siteId}`,
    asks: (index) => `aapanel_asks_${siteId}_${index}`,
    known: (index) => `aapanel_known_${siteId}_${index}`,
  };
}

/** Users of one path of a site: named by the path, so that a rule that moves never gets another one's users. */
export function passwordFile(prefix: string, { siteId }: Pick<SiteSpec, 'siteId'>, path: string): string {
  return `${nginxPaths(prefix).passwords}/${siteId}-${keyOf(path)}`;
}

function keyOf(path: string): string {
  return createHash('sha256').update(lockedPath(path).toLowerCase()).digest('hex').slice(0, 16);
}

const hasExceptions = ({ addresses, paths }: PasswordRule): boolean => addresses.length > 0 || paths.length > 0;

export function passwordsHttp(spec: SiteSpec): string[] {
  const rules = orderedLocks(spec.behaviour.passwords);
  if (rules.length === 0) return [];
  const { lock, first, now, before, held, realm, asks } = namesOf(spec);
  const places = rules.map(
    ({ rule }) => `    ${pattern(`~*${lockPattern(spec.kind, spec.behaviour, rule.path)}`)} ${keyOf(rule.path)};`,
  );
  const realms = [
    '    default off;',
    ...rules.map(({ rule, index }) => {
      const asked = hasExceptions(rule) ? `$${asks(index)}` : realmOf(rule);
      return `    ${keyOf(rule.path)} ${asked};`;
    }),
  ];
  return [
    ...rules.flatMap(({ rule, index }) => exceptionLines(spec, rule, index)),
    `map $uri $${lock} {`,
    '    volatile;',
    '    default "";',
    ...places,
    '}',
    `map $${lock} $${now} {`,
    '    volatile;',
    ...realms,
    '}',
    // What a rewrite leads elsewhere is locked by what was asked for.
    `map $uri $${first} {`,
    '    default "";',
    ...places,
    '}',
    `map $${first} $${before} {`,
    ...realms,
    '}',
    `map $${now} $${realm} {`,
    '    volatile;',
    `    default $${now};`,
    `    off $${before};`,
    '}',
    `map $${now} $${held} {`,
    '    volatile;',
    `    default $${lock};`,
    `    off $${first};`,
    '}',
  ];
}

/** Who is not asked, and where nobody is. */
function exceptionLines(spec: SiteSpec, rule: PasswordRule, index: number): string[] {
  if (!hasExceptions(rule)) return [];
  const { asks, known } = namesOf(spec);
  const { addresses, paths } = rule;
  const hasAddresses = addresses.length > 0;
  const ranges = addresses.map((range) => ({ range, value: '1' }));
  return [
    ...(hasAddresses ? addressVariable(known(index), ranges, '0') : []),
    `map ${hasAddresses ? template(`$${known(index)}$uri`) : '$uri'} $${asks(index)} {`,
    `    default ${realmOf(rule)};`,
    ...(hasAddresses ? [`    ${pattern('~^1')} off;`] : []),
    ...alternatives(paths.map(openPattern)).map(
      (each) => `    ${pattern(`~^${hasAddresses ? '0' : ''}(?:${each})`)} off;`,
    ),
    '}',
  ];
}

function realmOf({ realm }: PasswordRule): string {
  return word(realm === '' ? 'Restricted' : realm);
}

/** Rather too little than too much. */
function openPattern(path: string): string {
  return `${escapePattern(lockedPath(path))}(?:/[^;\\\\]*)?$`;
}

/**
 * Addresses that nginx reads as one path and an application perhaps as another. No browser sends such: what they mean is
 * worked out before they are asked for.
 */
const oddAddress = (() => {
  const slash = '(?:/|%2f|\\\\|%5c)';
  return `^[^?]*(?:\\\\|%5c|${slash}(?:\\.|%2e){1,2}(?:${slash}|;|%3b|\\?|$))`;
})();

export function passwordRulesLines(spec: SiteSpec): string[] {
  const { passwords } = spec.behaviour;
  if (passwords.length === 0) return [];
  const { asks, first } = namesOf(spec);
  // nginx remembers what such a variable was when it was looked at first.
  const settled = passwords.flatMap(({ paths }, index) => (paths.length > 0 ? [`$${asks(index)}`] : []));
  return [
    `if ($request_uri ~* ${pattern(oddAddress)}) {`,
    '    return 400;',
    '}',
    `set $aapanel_settled ${template([`$${first}`, ...settled].join(''))};`,
  ];
}

/** `own`: directives that the person set by hand. Two that ask are refused: neither may fall away in silence. */
export function passwordLines(spec: SiteSpec, prefix: string, own: ReadonlySet<string>): string[] {
  if (spec.behaviour.passwords.length === 0) return [];
  if (own.has('auth_basic'))
    throw new AppError('invalid_request', 'The custom directives set auth_basic for the whole site.', {
      fields: [{ field: 'behaviour.passwords', code: 'password_by_hand' }],
    });
  const { held, realm } = namesOf(spec);
  return [
    `auth_basic $${realm};`,
    `auth_basic_user_file ${template(`${nginxPaths(prefix).passwords}/${spec.siteId}-$${held}`)};`,
  ];
}
