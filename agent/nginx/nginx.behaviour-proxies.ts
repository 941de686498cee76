import type { SiteSpec } from '#shared/agent/sites.ts';
import type { PathProxy } from '#shared/behaviour/proxies.ts';
import { proxyCacheLines } from './nginx.behaviour-proxy-cache.ts';
import type { Directive } from './nginx.tokens.ts';
import { visitorHost } from './nginx.tls.ts';
import { word } from './nginx.words.ts';

const groupOf = ({ siteId }: SiteSpec, index: number): string => `aapanel_app_${siteId}_${index}`;

/** The servers of each application; one that failed three times is left alone for ten seconds. */
export function proxiesHttp(spec: SiteSpec, prefix: string): string[] {
  return spec.behaviour.proxies.flatMap(({ servers, balance }, index) => [
    `upstream ${groupOf(spec, index)} {`,
    ...(balance === 'round_robin' ? [] : [`    ${balance};`]),
    ...servers.map(
      ({ address, weight, isBackup }) =>
        `    server ${placeOf(address, prefix)} weight=${weight} max_fails=3 fail_timeout=10s${isBackup ? ' backup' : ''};`,
    ),
    '    keepalive 16;',
    '}',
  ]);
}

function placeOf(address: string, prefix: string): string {
  return word(address.startsWith('unix:') ? `unix:${prefix}${address.slice('unix:'.length)}` : address);
}

/** How long nginx waits for the application of a whole site. */
export function forwardTimes({ behaviour: { forward } }: SiteSpec, isWebsocket: boolean): string[] {
  const usual = isWebsocket ? 3_600 : 60;
  return [
    `    proxy_read_timeout ${forward.readSeconds ?? usual}s;`,
    `    proxy_send_timeout ${forward.sendSeconds ?? usual}s;`,
    `    proxy_connect_timeout ${forward.connectSeconds}s;`,
  ];
}

/** Stands before all locations that are regular expressions; the person's own one for the same path stands. */
export function proxyLocations(spec: SiteSpec, custom: readonly Directive[]): string[] {
  const own = new Set(
    custom
      .filter(({ name }) => name === 'location')
      .map(({ args }) => (args[0] === '=' ? args.join(' ') : (args.at(-1) ?? ''))),
  );
  return spec.behaviour.proxies.flatMap((proxy, index) => {
    const below = proxy.path.endsWith('/') ? proxy.path : `${proxy.path}/`;
    const isExactToo = !proxy.path.endsWith('/');
    const lines = proxyLines(spec, proxy, groupOf(spec, index));
    return [
      ...(own.has(below) ? [] : [`location ^~ ${word(below)} {`, ...lines, '}']),
      // nginx would send `/socket` to `/socket/`.
      ...(isExactToo && !own.has(`= ${proxy.path}`) ? [`location = ${word(proxy.path)} {`, ...lines, '}'] : []),
    ];
  });
}

function proxyLines(spec: SiteSpec, proxy: PathProxy, group: string): string[] {
  const address = proxy.servers[0]?.address ?? '';
  const first = address.startsWith('unix:') ? 'localhost' : address.replace(/:\d+$/, '');
  const hosts = { visitor: visitorHost(spec), server: first, own: proxy.ownHost } as const;
  const host = proxy.sentHost === 'visitor' ? hosts.visitor : word(hosts[proxy.sentHost]);
  return [
    `    proxy_pass ${proxy.scheme}://${group}${proxy.isPathStripped ? '/' : ''};`,
    '    proxy_http_version 1.1;',
    `    proxy_set_header Host ${host};`,
    '    proxy_set_header X-Real-IP $remote_addr;',
    '    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;',
    '    proxy_set_header X-Forwarded-Proto $scheme;',
    `    proxy_set_header X-Forwarded-Host ${visitorHost(spec)};`,
    '    proxy_set_header X-Forwarded-Port $server_port;',
    '    proxy_set_header X-Request-Id $aapanel_request_id;',
    ...(proxy.isWebsocket
      ? ['    proxy_set_header Upgrade $http_upgrade;', '    proxy_set_header Connection $aapanel_connection;']
      : ['    proxy_set_header Connection "";']),
    // An empty value takes the header away.
    ...sentHeaders(proxy).map(
      ({ name, value }) => `    proxy_set_header ${name} ${value === '' ? '""' : word(value)};`,
    ),
    `    proxy_connect_timeout ${proxy.connectSeconds}s;`,
    `    proxy_send_timeout ${proxy.sendSeconds ?? proxy.answerSeconds}s;`,
    `    proxy_read_timeout ${proxy.answerSeconds}s;`,
    ...(proxy.scheme === 'https' ? ['    proxy_ssl_server_name on;', `    proxy_ssl_name ${word(first)};`] : []),
    ...(spec.behaviour.limits.bodyMib === null ? ['    client_max_body_size 128m;'] : []),
    ...proxyCacheLines(spec, proxy.cacheMinutes),
    ...replacementLines(proxy),
  ];
}

/** Where words are replaced the application is asked for plain text, whatever is set. */
function sentHeaders({ headers, replacements }: PathProxy): PathProxy['headers'] {
  return replacements.length === 0 ? headers : headers.filter(({ name }) => name.toLowerCase() !== 'accept-encoding');
}

type Replacing = Pick<PathProxy, 'replacements' | 'isReplacedOnce'>;

/** Pages are always looked through. */
const textTypes =
  'text/css text/plain text/xml text/javascript application/javascript application/json application/xml';

/** For a location of `proxy_pass`. What is compressed cannot be read, so the application is asked for plain text. */
export function replacementLines({ replacements, isReplacedOnce }: Replacing): string[] {
  if (replacements.length === 0) return [];
  return [
    '    proxy_set_header Accept-Encoding "";',
    ...replacements.map(({ from, to }) => `    sub_filter ${word(from)} ${to === '' ? '""' : word(to)};`),
    `    sub_filter_once ${isReplacedOnce ? 'on' : 'off'};`,
    `    sub_filter_types ${textTypes};`,
  ];
}

/** What is tried where a visitor of a static site asks for something. */
export function triesOf({ behaviour }: SiteSpec): string {
  if (behaviour.fallback === 'spa') return '$uri $uri/ /index.html';
  return behaviour.fallback === 'clean' ? '$uri $uri.html $uri/ =404' : '$uri $uri/ =404';
}
