import type { SiteSpec } from '#shared/agent/sites.ts';
import { readNetwork } from '#shared/behaviour/networks.ts';
import { cloudflareRanges } from '#shared/site-reach.ts';
import { lessThan, location } from './nginx.behaviour-pages.ts';
import { renderPage } from './nginx.behaviour-page.ts';
import { pattern, template } from './nginx.words.ts';

/** By which ways and until when visitors come. A site for which nothing of it is set has no line of this. */

/**
 * The name that every name matches: nginx looks at patterns last, so it takes what no site has, and whatever server is the
 * default one of the port stays that for those who say no name at all.
 */
const anyName = '~^';

/** Names of a server with the one that stands for all others. */
export function namesOf(
  { reach }: SiteSpec,
  names: readonly string[],
  port: number,
  web: { readonly http: number; readonly https: number },
): string[] {
  const isWeb = port === web.http || port === web.https;
  return [...names, ...(reach.isDefault && isWeb ? [anyName] : [])];
}

/** Whose word is taken for the visitor's address; everybody else is who he comes from. */
export function frontLines({ reach: { front } }: SiteSpec, own: ReadonlySet<string>): string[] {
  if (front === null || own.has('real_ip_header')) return [];
  const ranges = front.kind === 'cloudflare' ? cloudflareRanges : front.ranges;
  const header = front.kind === 'cloudflare' ? 'CF-Connecting-IP' : front.header;
  return [
    ...[...ranges].map(readNetwork).map(({ text, bits }) => `set_real_ip_from ${text}/${bits};`),
    `real_ip_header ${header};`,
    // The last address that is none of theirs: what stands before it the visitor wrote himself.
    'real_ip_recursive on;',
  ];
}

/** nginx itself ends the site in that second, also when nothing of the panel runs. 402: nobody else answers with it. */
export function endRules({ reach: { endsAt } }: SiteSpec): string[] {
  if (endsAt === null) return [];
  const end = Math.floor(new Date(endsAt).getTime() / 1_000);
  return [`if ($msec !~ ${pattern(`^(?:${lessThan(end)})\\.`)}) {`, '    return 402;', '}'];
}

export function endLines({ reach: { endsAt } }: SiteSpec): string[] {
  return endsAt === null ? [] : ['error_page 402 =503 @aapanel_ended;'];
}

export function endLocation({ reach: { endsAt, page } }: SiteSpec): string[] {
  if (endsAt === null) return [];
  const html = renderPage({ ...page, kind: 'ended', colour: 'plain', until: null });
  // The words of the panel fit into one word of nginx; somebody's own may not.
  if (page.title !== '' || page.text !== '') return location(503, '@aapanel_ended', html);
  return [
    'location @aapanel_ended {',
    '    charset utf-8;',
    '    default_type text/html;',
    `    return 503 ${template(html)};`,
    '}',
  ];
}
