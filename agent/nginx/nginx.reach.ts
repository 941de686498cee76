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

/*
 * A site that is switched off, and one whose time is over, answer everything with one page. 402 stands for it inside: nobody
 * else answers with it.
 */

/** nginx itself ends the site in that second, also when nothing of the panel runs. */
export function closingRules({ isEnabled, reach: { endsAt } }: SiteSpec): string[] {
  if (!isEnabled) return ['return 402;'];
  if (endsAt === null) return [];
  const end = Math.floor(new Date(endsAt).getTime() / 1_000);
  return [`if ($msec !~ ${pattern(`^(?:${lessThan(end)})\\.`)}) {`, '    return 402;', '}'];
}

export function closingLines(spec: SiteSpec): string[] {
  const kind = closedBy(spec);
  return kind === undefined ? [] : [`error_page 402 =503 @aapanel_${kind};`];
}

export function closingLocation(spec: SiteSpec): string[] {
  const kind = closedBy(spec);
  if (kind === undefined) return [];
  const page = kind === 'off' ? spec.reach.offPage : spec.reach.page;
  const html = renderPage({ ...page, kind, colour: 'plain', until: null });
  const name = `@aapanel_${kind}`;
  // The words of the panel fit into one word of nginx; somebody's own may not.
  if (page.title !== '' || page.text !== '') return location(503, name, html);
  return [
    `location ${name} {`,
    '    charset utf-8;',
    '    default_type text/html;',
    `    return 503 ${template(html)};`,
    '}',
  ];
}

function closedBy({ isEnabled, reach: { endsAt } }: SiteSpec): 'off' | 'ended' | undefined {
  if (!isEnabled) return 'off';
  return endsAt === null ? undefined : 'ended';
}
