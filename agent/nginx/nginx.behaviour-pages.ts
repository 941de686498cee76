import type { SiteSpec } from '#shared/agent/sites.ts';
import type { ErrorPages } from '#shared/behaviour/pages.ts';
import { readTarget } from '#shared/behaviour/redirects.ts';
import { AppError } from '#shared/errors.ts';
import { addressVariable, alternatives, belowPattern, modulesBehind } from './nginx.behaviour-parts.ts';
import { renderPage } from './nginx.behaviour-page.ts';
import type { Directive } from './nginx.tokens.ts';
import { pattern, template } from './nginx.words.ts';

const passVariable = ({ siteId }: SiteSpec): string => `aapanel_pass_${siteId}`;

/** 1 for addresses that see the site while it is closed. */
export function maintenanceHttp(spec: SiteSpec): string[] {
  const { isOn, addresses } = spec.behaviour.maintenance;
  if (!isOn || addresses.length === 0) return [];
  return addressVariable(
    passVariable(spec),
    addresses.map((range) => ({ range, value: '1' })),
    '0',
  );
}

export function maintenanceRules(spec: SiteSpec): string[] {
  const { isOn, until, addresses, paths } = spec.behaviour.maintenance;
  if (!isOn) return [];
  const open = (condition: string): string[] => [`if (${condition}) {`, '    set $aapanel_closed 0;', '}'];
  const end = until === null ? undefined : new Date(until);
  return [
    'set $aapanel_retry "";',
    'set $aapanel_closed 1;',
    // nginx itself opens the site in that second: its clock is looked at as text.
    ...(end === undefined ? [] : open(`$msec !~ ${pattern(`^(?:${lessThan(Math.floor(end.getTime() / 1_000))})\\.`)}`)),
    ...(addresses.length === 0 ? [] : open(`$${passVariable(spec)}`)),
    // Empty: nginx asks again for something that it has let through.
    ...alternatives(paths.map(belowPattern)).flatMap((each) => open(`$aapanel_uri ~ ${pattern(`^(?:${each})`)}`)),
    ...open('$aapanel_uri = ""'),
    'if ($aapanel_closed) {',
    `    set $aapanel_retry ${end === undefined ? '3600' : template(end.toUTCString())};`,
    '    return 503;',
    '}',
  ];
}

/** Pattern of the whole numbers from 0 below this one. */
export function lessThan(limit: number): string {
  const digits = String(Math.max(0, limit));
  const shorter = digits.length > 1 ? [`\\d{1,${digits.length - 1}}`] : [];
  const same = digits.split('').flatMap((digit, index) => {
    if (digit === '0') return [];
    const rest = digits.length - index - 1;
    return [`${digits.slice(0, index)}[0-${Number(digit) - 1}]${rest === 0 ? '' : `\\d{${rest}}`}`];
  });
  const all = [...shorter, ...same];
  return all.length === 0 ? '(?!)' : all.join('|');
}

/** Codes whose page the person set by hand. */
function customCodes(custom: readonly Directive[]): ReadonlySet<string> {
  const lines = custom.filter(({ name, block }) => name === 'error_page' && block === null);
  return new Set(lines.flatMap(({ args }) => args.slice(0, -1)));
}

export function errorPageLines(spec: SiteSpec, custom: readonly Directive[]): string[] {
  const { maintenance, errorPages } = spec.behaviour;
  const pages = errorPages.pages.map(({ code }) => code);
  const codes = errorPages.lost === null || pages.includes(404) ? pages : [...pages, 404 as const];
  const all = maintenance.isOn ? [503, ...codes.filter((code) => code !== 503)] : codes;
  const own = customCodes(custom);
  const intercepted = errorPages.isUpstreamToo && codes.length > 0 ? modulesBehind(spec) : [];
  const isByHand = (line: string): boolean => custom.some(({ name, block }) => name === line && block === null);
  return [
    ...all.filter((code) => !own.has(String(code))).map((code) => `error_page ${code} @aapanel_${code};`),
    ...intercepted
      .map((module) => `${module}_intercept_errors`)
      .filter((name) => !isByHand(name))
      .map((name) => `${name} on;`),
  ];
}

/** The pages themselves; reached by nginx only, never by an address. */
export function pageLocations({ behaviour }: SiteSpec): string[] {
  const { maintenance, errorPages } = behaviour;
  const pages = errorPages.pages.filter(({ code }) => !(maintenance.isOn && code === 503));
  return [
    ...(maintenance.isOn
      ? location(503, '@aapanel_503', renderPage({ ...maintenance, kind: 'maintenance', until: maintenance.until }))
      : []),
    ...pages
      .filter(({ code }) => errorPages.lost === null || code !== 404)
      .flatMap((page) =>
        location(page.code, `@aapanel_${page.code}`, renderPage({ ...page, kind: page.code, until: null })),
      ),
    ...lostLocation(errorPages.lost),
  ];
}

/** In place of the page for 404. An address of the site itself that is not there either is said so, not led to again. */
function lostLocation(lost: ErrorPages['lost']): string[] {
  if (lost === null) return [];
  const target = readTarget(lost.target);
  if (target === undefined) throw new AppError('invalid_request', 'A redirect leads nowhere.');
  const { origin, path, query } = target;
  return [
    'location @aapanel_404 {',
    ...(origin === '' ? [`    if ($uri = ${template(decoded(path))}) {`, '        return 404;', '    }'] : []),
    `    return ${lost.status} ${template(`${origin}${path}${query}`)};`,
    '}',
  ];
}

/** As nginx compares it; one that cannot be decoded is compared as it stands. */
function decoded(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

/** One word of nginx holds at most 4096 bytes: a page is said in pieces. */
const maxPieceBytes = 3_000;

/** A named location that answers with a page and nothing else. */
export function location(code: number, name: string, html: string): string[] {
  const pieces = cut(html);
  return [
    `location ${name} {`,
    '    charset utf-8;',
    '    default_type text/html;',
    ...pieces.map((piece, index) => `    set $aapanel_page_${index} ${template(piece)};`),
    `    return ${code} "${pieces.map((_, index) => `$aapanel_page_${index}`).join('')}";`,
    '}',
  ];
}

function cut(text: string): string[] {
  const pieces: string[] = [''];
  let bytes = 0;
  for (const char of text) {
    const size = Buffer.byteLength(char) + ('"\\'.includes(char) ? 1 : 0);
    if (bytes + size > maxPieceBytes) {
      pieces.push('');
      bytes = 0;
    }
    pieces[pieces.length - 1] += char;
    bytes += size;
  }
  return pieces;
}
