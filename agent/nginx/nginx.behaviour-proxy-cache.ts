import type { SiteSpec } from '#shared/agent/sites.ts';
import { alternatives } from './nginx.behaviour-parts.ts';
import { escapePattern } from '#shared/behaviour/patterns.ts';
import { visitorHost } from './nginx.tls.ts';
import { pattern, word } from './nginx.words.ts';

/**
 * Where nginx keeps answers: a folder of the agent with one of nginx's own for each site. Not below /var/cache, which people
 * empty by hand: nginx does not start without the folder above its own.
 */
export const cacheRoot = '/var/lib/aapanel-cache';

export const cacheFolder = (siteId: string): string => `${cacheRoot}/${siteId}`;

type Cached = Pick<SiteSpec, 'kind' | 'behaviour'>;

/** Minutes for every answer that is kept somewhere in the site. */
function minutesOf({ kind, behaviour }: Cached): number[] {
  const whole = kind === 'proxy' || kind === 'app' ? behaviour.proxyCache.minutes : null;
  return [whole, ...behaviour.proxies.map((proxy) => proxy.cacheMinutes)].filter((each) => each !== null);
}

/** Whether nginx keeps any answers for the site. */
export function keepsAnswers(spec: Cached): boolean {
  return minutesOf(spec).length > 0;
}

/** The zone, and who is never answered from it: whoever has signed in somewhere, as far as cookies tell. */
export function proxyCacheHttp(spec: SiteSpec, prefix: string): string[] {
  if (!keepsAnswers(spec)) return [];
  const { maxMib, cookieNames } = spec.behaviour.proxyCache;
  const inactive = Math.max(10, ...minutesOf(spec));
  const names = alternatives(cookieNames.map(escapePattern));
  return [
    // What nginx writes it writes beside the kept ones: a rename is enough then.
    `proxy_cache_path ${word(prefix + cacheFolder(spec.siteId))} levels=1:2 keys_zone=${zoneOf(spec)}:4m max_size=${maxMib}m inactive=${inactive}m use_temp_path=off;`,
    `map $http_cookie $${knownOf(spec)} {`,
    ...(names.length === 0
      ? ['    default 1;', '    "" "";']
      : ['    default "";', ...names.map((each) => `    ${pattern(`~(?:^|;\\s*)(?:${each})=`)} 1;`)]),
    '}',
  ];
}

/** For a location whose application's answers are kept. */
export function proxyCacheLines(spec: SiteSpec, minutes: number | null): string[] {
  if (minutes === null) return [];
  const passed = `$http_authorization $http_upgrade $${knownOf(spec)}`;
  return [
    `    proxy_cache ${zoneOf(spec)};`,
    // With the name that the visitor said, since the application sees it: nobody can fill another name's answers.
    `    proxy_cache_key "$scheme://${visitorHost(spec)}$request_uri";`,
    `    proxy_cache_valid 200 301 302 ${minutes}m;`,
    `    proxy_cache_bypass ${passed};`,
    `    proxy_no_cache ${passed};`,
    // Many who ask for the same at once are one question.
    '    proxy_cache_lock on;',
    '    proxy_cache_use_stale error timeout updating http_502 http_503 http_504;',
  ];
}

const zoneOf = ({ siteId }: SiteSpec): string => `aapanel_cache_${siteId}`;
const knownOf = ({ siteId }: SiteSpec): string => `aapanel_known_${siteId}`;
