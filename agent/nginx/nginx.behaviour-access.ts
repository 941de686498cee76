import type { SiteSpec } from '#shared/agent/sites.ts';
import { escapePattern } from '#shared/behaviour/patterns.ts';
import { addressVariable, alternatives, belowPattern, suffixPattern } from './nginx.behaviour-parts.ts';
import { pattern, template } from './nginx.words.ts';

const variableOf = (spec: SiteSpec, index: number): string => `aapanel_denied_${spec.siteId}_${index}`;

/** One variable for each list of addresses: 1 for who may not. */
export function accessHttp(spec: SiteSpec): string[] {
  return spec.behaviour.access.addresses.flatMap(({ lines, others }, index) =>
    addressVariable(
      variableOf(spec, index),
      lines.map(({ action, range }) => ({ range, value: action === 'deny' ? '1' : '0' })),
      others === 'deny' ? '1' : '0',
    ),
  );
}

export function accessRules(spec: SiteSpec): string[] {
  const { addresses, methods, agents, denied } = spec.behaviour.access;
  return [
    ...addresses.flatMap(({ path }, index) => addressLines(variableOf(spec, index), path)),
    ...alternatives(agents.map(escapePattern)).flatMap((each) => refuse('$http_user_agent ~*', each, 403)),
    ...methodLines(methods),
    ...denied.flatMap(({ path, suffixes }) => refuse('$uri ~*', deniedPattern(path, suffixes), 403)),
  ];
}

function addressLines(name: string, path: string): string[] {
  if (path === '/') return [`if ($${name}) {`, '    return 403;', '}'];
  return [`set $aapanel_at ${template(`$${name}$uri`)};`, ...refuse('$aapanel_at ~', `^1${belowPattern(path)}`, 403)];
}

function methodLines(methods: readonly string[]): string[] {
  if (methods.length === 0) return [];
  const all = new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods);
  return refuse('$request_method !~', `^(?:${[...all].join('|')})$`, 405);
}

/** A program is also called with more behind its name: `/x.php/y`. */
function deniedPattern(path: string, suffixes: readonly string[]): string {
  if (suffixes.length === 0) return `^${belowPattern(path)}`;
  const files = `${suffixPattern(suffixes)}(?:/|$)`;
  return path === '/' ? files : `^${escapePattern(path.replace(/\/$/, ''))}/[\\s\\S]*${files}`;
}

function refuse(condition: string, regex: string, status: number): string[] {
  return [`if (${condition} ${pattern(regex)}) {`, `    return ${status};`, '}'];
}
