import type { SiteSpec } from '#shared/agent/sites.ts';
import type { NginxBuild } from './nginx.build.ts';
import { suffixPattern } from './nginx.behaviour-parts.ts';
import { pattern, template, word } from './nginx.words.ts';

/** Another site's page that shows a file of this one as its own. */
export function hotlinkRules({ behaviour, domains }: SiteSpec): string[] {
  const { isOn, suffixes, hosts, isEmptyAllowed, status, replacement } = behaviour.hotlink;
  if (!isOn) return [];
  // nginx refuses a name that is there twice; the site's own are among `server_names`.
  const others = new Set(hosts).difference(new Set(domains.map(({ host }) => host)));
  const allowed = [...(isEmptyAllowed ? ['none', 'blocked'] : []), 'server_names', ...[...others].map(word)];
  return [
    `valid_referers ${allowed.join(' ')};`,
    `set $aapanel_shown ${template('$invalid_referer$aapanel_uri')};`,
    `if ($aapanel_shown ~* ${pattern(`^1/[\\s\\S]*${suffixPattern(suffixes)}$`)}) {`,
    replacement === '' ? `    return ${status};` : `    rewrite ^ ${word(replacement)} break;`,
    '}',
  ];
}

/** How long browsers keep files; the first rule that has the suffix counts, so it is said last. */
export function cacheRules({ behaviour }: SiteSpec): string[] {
  const { cache } = behaviour;
  if (cache.length === 0) return [];
  return [
    'set $aapanel_expires off;',
    ...cache
      .toReversed()
      .flatMap(({ suffixes, minutes }) => [
        `if ($uri ~* ${pattern(`${suffixPattern(suffixes)}$`)}) {`,
        `    set $aapanel_expires ${minutes === 0 ? '-1' : `${minutes}m`};`,
        '}',
      ]),
  ];
}

const packedTypes = `application/javascript application/json application/manifest+json application/rss+xml
application/wasm application/xml font/otf font/ttf image/svg+xml text/css text/javascript text/markdown text/plain text/xml`
  .split(/\s+/)
  .join(' ');

/** Who understands both gets brotli. Where the module is not there any more, nothing is said of it. */
export function compressionLines({ behaviour }: SiteSpec, { hasBrotli }: Pick<NginxBuild, 'hasBrotli'>): string[] {
  const { gzip } = behaviour.compression;
  const brotli = hasBrotli ? behaviour.compression.brotli : 'default';
  return [
    ...(gzip === 'default' ? [] : [`gzip ${gzip};`]),
    ...(brotli === 'default' ? [] : [`brotli ${brotli};`]),
    // Of both: caches on the way keep one answer for each.
    ...(gzip === 'on' || brotli === 'on' ? ['gzip_vary on;'] : []),
    ...(gzip === 'on'
      ? ['gzip_proxied any;', 'gzip_comp_level 5;', 'gzip_min_length 512;', `gzip_types ${packedTypes};`]
      : []),
    ...(brotli === 'on' ? ['brotli_comp_level 5;', 'brotli_min_length 512;', `brotli_types ${packedTypes};`] : []),
  ];
}

export function listingLines({ behaviour, kind }: SiteSpec): string[] {
  return behaviour.isListingOn && kind !== 'proxy' && kind !== 'app'
    ? ['autoindex on;', 'autoindex_exact_size off;']
    : [];
}
