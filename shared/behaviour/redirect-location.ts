import { readPattern } from './patterns.ts';
import { readTarget, type MainHost, type Redirect } from './redirects.ts';
import type { Visit } from './visits.ts';

/** Where a redirect that answers this request leads, as the visitor's browser is told. */
export function locationOf(rule: Redirect, visit: Visit): string {
  const target = readTarget(rule.target);
  if (target === undefined) return '';
  const origin = target.origin === '' ? originOf(visit) : target.origin;
  const base = target.path.replace(/\/$/, '');
  let path = target.path;
  if (rule.match === 'site' && rule.isPathKept) path = base + visit.rawPath;
  else if (rule.isPathKept) path = `${base}/${encodeURI(visit.path.slice(rule.path.length).replace(/^\//, ''))}`;
  let query = target.query;
  if (rule.match === 'regex') {
    const pattern = readPattern(rule.path);
    const found = pattern.ok ? pattern.regExp.exec(visit.path) : null;
    const put = (text: string): string =>
      text.replace(/\$([1-9])/g, (_, number: string) => encodeURI(found?.[Number(number)] ?? ''));
    path = put(path);
    query = put(query);
  }
  return `${origin}${path}${rule.isQueryKept ? joined(query, visit.query) : query}`;
}

function joined(own: string, sent: string): string {
  if (own === '') return sent;
  return sent.length > 1 ? `${own}&${sent.slice(1)}` : own;
}

export function mainHostLocation({ host }: NonNullable<MainHost>, visit: Visit): string {
  return `${originOf({ ...visit, host })}${visit.rawPath}${visit.query}`;
}

export function originOf({ scheme, host, port }: Pick<Visit, 'scheme' | 'host' | 'port'>): string {
  return `${scheme}://${host}${port === (scheme === 'https' ? 443 : 80) ? '' : `:${port}`}`;
}
