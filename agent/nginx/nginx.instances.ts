import type { SiteSpec } from '#shared/agent/sites.ts';
import { word } from './nginx.words.ts';

/*
 * Several instances of one application as a group of servers. One that refuses three times in a second is left out for the
 * next one: short, since one that is started anew is back soon, and the next is not stopped before (apps.instances.ts).
 */

const groupOf = ({ siteId }: SiteSpec): string => `aapanel_app_${siteId}`;

/** For the http block; the one that has the least to do gets a request. No connection is kept: one may end at any moment. */
export function instancesHttp(spec: SiteSpec, targets: readonly string[]): string[] {
  if (spec.kind !== 'app' || targets.length < 2) return [];
  return [
    `upstream ${groupOf(spec)} {`,
    '    least_conn;',
    ...targets.map((target) => `    server ${word(target)} max_fails=3 fail_timeout=1s;`),
    '}',
  ];
}

export function instancesUrl(spec: SiteSpec, targets: readonly string[]): string {
  const [only = ''] = targets;
  return `http://${targets.length > 1 ? groupOf(spec) : only}`;
}

/** What one instance did not take goes to the next one; what it took and may have done only when that is safe to repeat. */
export const nextInstance = ['    proxy_next_upstream error;'];
