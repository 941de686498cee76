import { z } from 'zod';
import { access } from './behaviour/access.ts';
import { accessLog } from './behaviour/access-log.ts';
import { cacheRules, compression, hotlink } from './behaviour/files.ts';
import { forward } from './behaviour/forward.ts';
import { cors, ownHeaders, securityHeaders } from './behaviour/headers.ts';
import { limits } from './behaviour/limits.ts';
import { errorPages, maintenance } from './behaviour/pages.ts';
import { passwordRules } from './behaviour/passwords.ts';
import { fallbacks, pathProxies } from './behaviour/proxies.ts';
import { proxyCache } from './behaviour/proxy-cache.ts';
import { mainHost, redirects } from './behaviour/redirects.ts';
import { servedFolder } from './behaviour/served-folder.ts';
import { rewrites } from './behaviour/rewrites.ts';

/** Name of a file that answers for a folder: no slash, no control characters, nothing that nginx reads as a variable. */
const indexFile = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/, { error: 'index_invalid' });

/** How a site answers, beyond what it serves. Each part has a default that changes nothing. */
export const siteBehaviour = z.strictObject({
  /** Only for sites of files, with and without PHP. */
  servedFolder: servedFolder.default(''),
  /** Files that answer for a folder, the first one there wins; empty: the habit of the kind of site. */
  index: z.array(indexFile).max(10).default([]),
  mainHost: mainHost.default(null),
  redirects: redirects.default([]),
  rewrites: rewrites.prefault({}),
  security: securityHeaders.prefault({}),
  headers: ownHeaders.default([]),
  cors: cors.prefault({}),
  access: access.prefault({}),
  passwords: passwordRules.default([]),
  maintenance: maintenance.prefault({}),
  errorPages: errorPages.prefault({}),
  limits: limits.prefault({}),
  hotlink: hotlink.prefault({}),
  cache: cacheRules.default([]),
  compression: compression.prefault({}),
  /** The list of a folder's files where it has no index. */
  isListingOn: z.boolean().default(false),
  /** Only for a proxied site and an application. */
  forward: forward.prefault({}),
  proxies: pathProxies.default([]),
  /** What nginx keeps of applications' answers, for the whole site and for its paths. */
  proxyCache: proxyCache.prefault({}),
  /** Only for a static site. */
  fallback: z.enum(fallbacks).default('none'),
  accessLog: accessLog.prefault({}),
});
export type SiteBehaviour = z.infer<typeof siteBehaviour>;

/** What a site does for which nobody has set anything; written out, since browsers have no schemas. */
export const defaultBehaviour: SiteBehaviour = {
  servedFolder: '',
  index: [],
  mainHost: null,
  redirects: [],
  rewrites: { preset: 'none', rules: [] },
  security: { isNosniff: false, frame: 'off', referrer: 'off', permissions: '', contentPolicy: '' },
  headers: [],
  cors: { origins: [], methods: ['GET', 'HEAD', 'POST'], headers: [], hasCredentials: false, maxAgeSeconds: 3_600 },
  access: { addresses: [], methods: [], agents: [], denied: [] },
  passwords: [],
  maintenance: { isOn: false, title: '', text: '', until: null, colour: 'plain', addresses: [], paths: [] },
  errorPages: { pages: [], lost: null, isUpstreamToo: false },
  limits: {
    connectionsPerSite: null,
    connectionsPerAddress: null,
    requestsPerSecond: null,
    burst: 20,
    kibPerSecond: null,
    bodyMib: null,
    addresses: [],
  },
  hotlink: {
    isOn: false,
    suffixes: ['jpg', 'jpeg', 'png', 'gif', 'webp', 'avif', 'svg', 'mp4', 'mp3'],
    hosts: [],
    isEmptyAllowed: true,
    status: 403,
    replacement: '',
  },
  cache: [],
  compression: { gzip: 'default', brotli: 'default' },
  isListingOn: false,
  forward: {
    sentHost: 'visitor',
    ownHost: '',
    connectSeconds: 10,
    sendSeconds: null,
    readSeconds: null,
    replacements: [],
    isReplacedOnce: false,
  },
  proxies: [],
  proxyCache: { minutes: null, maxMib: 256, cookieNames: [], isStatusShown: true },
  fallback: 'none',
  accessLog: { isOn: true, format: 'full' },
};
