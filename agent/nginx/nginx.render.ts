import { createHash } from 'node:crypto';
import { AppError } from '#shared/errors.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { servedRoot } from '#shared/behaviour/served-folder.ts';
import { parseUpstream } from '#shared/site-domains.ts';
import { wwwroot } from '#shared/site-folders.ts';
import {
  beforeHttps,
  behaviourHttp,
  behaviourLines,
  behaviourLocations,
  indexLines,
  whileOff,
} from './nginx.behaviour.ts';
import { accessLogLine } from './nginx.behaviour-log.ts';
import { proxyCacheLines } from './nginx.behaviour-proxy-cache.ts';
import { forwardTimes, replacementLines, triesOf } from './nginx.behaviour-proxies.ts';
import { checkDirectives } from './nginx.directives.ts';
import {
  listenLines,
  redirectLines,
  renderNobody,
  serverParts,
  visitorHost,
  tlsLines,
  type Nobody,
  type ServerPart,
  type TlsContext,
} from './nginx.tls.ts';
import { instancesHttp, instancesUrl, nextInstance } from './nginx.instances.ts';
import { phpLocations } from './nginx.php.ts';
import { releaseLines, type DeployedContext } from './nginx.release.ts';
import { frontLines, namesOf } from './nginx.reach.ts';
import type { Directive } from './nginx.tokens.ts';
import { word } from './nginx.words.ts';

/*
 * Texts for nginx. Pure: the same facts give the same text, byte by byte. Every value passes `word`.
 */

export type RenderContext = {
  readonly hasIpv6: boolean;
  /** Prefix of all paths; empty but in tests. */
  readonly prefix: string;
  /** Where the custom directives will lie. */
  readonly customPath: string;
  /** Base of the log files: `<logBase>.access.log`; null while a candidate is only checked. */
  readonly logBase: string | null;
  readonly tls: TlsContext;
  /** Where each instance of the site's application listens, as nginx names servers; none while it is off. */
  readonly appTargets?: readonly string[];
  /** Of a site that is deployed; `folder`: of the live release, null while there is none. */
  readonly deployed?: DeployedContext | null;
};

/** Where certbot and its like put their answers for every site: only root writes there, nginx may read. */
export const challengeFolder = '/var/lib/aapanel-acme';

/** Request that only the new text of a site answers with its own sum: how a reload is seen to serve it. */
export function markerOf(text: string): string | undefined {
  return /"\/\.well-known\/aapanel\/([0-9a-f]{32})"/.exec(text)?.[1];
}

const markerPlace = '@marker@';

export function renderSite(whole: SiteSpec, given: RenderContext): string {
  const written = checkDirectives(whole.customDirectives, whole.root);
  const spec = whole.isEnabled ? whole : whileOff(whole);
  const custom = whole.isEnabled ? written : [];
  const context = whole.isEnabled ? given : { ...given, deployed: null };
  const servers = serverParts(spec, context.tls).map((part) => renderServer(spec, part, context, custom));
  const text = [
    `# Site ${spec.slug} (${spec.siteId}). Written by aaPanel; changes by hand are noticed and never lost silently.`,
    '# كتبته لوحة aaPanel. أي تعديل يدوي يُكتشف ولا يُستبدل دون علمك.',
    '',
    ...withGap([...instancesHttp(spec, context.appTargets ?? []), ...behaviourHttp(spec, context.prefix)]),
    servers.join('\n'),
  ].join('\n');
  // The custom directives belong to the sum: a change of them alone must be seen to serve too.
  const sum = createHash('sha256').update(text).update('\0').update(spec.customDirectives).digest('hex').slice(0, 32);
  return text.replaceAll(markerPlace, sum);
}

function renderServer(whole: SiteSpec, part: ServerPart, context: RenderContext, given: readonly Directive[]): string {
  const spec = part.isRedirect ? beforeHttps(whole) : whole;
  // The person's own directives are not part of a server that only sends visitors on.
  const custom = part.isRedirect ? [] : given;
  const own = new Set(custom.filter(({ block }) => block === null).map(({ name }) => name));
  const locations = new Set(custom.filter(({ name }) => name === 'location').map(({ args }) => args.join(' ')));
  const root = `${context.prefix}${servedRoot(spec)}`;
  const deployed = own.has('root') ? null : (context.deployed ?? null);
  const unless = (name: string, line: string): string[] => (own.has(name) ? [] : [line]);
  const behaviour = behaviourLines(spec, {
    custom,
    port: part.port,
    names: part.names,
    prefix: context.prefix,
    build: context.tls.build,
  });
  const hasMore = !part.isRedirect && spec.customDirectives.trim() !== '';
  const lines = [
    ...listenLines(part, spec.tls, { build: context.tls.build, hasIpv6: context.hasIpv6 }),
    ...wrapNames(namesOf(spec, part.names, part.port, context.tls.ports).map(word)),
    ...frontLines(spec, own),
    ...(part.isTls ? tlsLines(spec, part, context.tls) : []),
    ...(deployed === null ? unless('root', `root ${word(root)};`) : releaseLines(root, deployed)),
    ...indexLines(spec, own),
    ...unless('charset', 'charset utf-8;'),
    ...unless('server_tokens', 'server_tokens off;'),
    // A link below the folder of all sites serves only what its owner owns: never another site's files. The site's own
    // folder is looked at too, since a folder above it may belong to the site's user.
    `disable_symlinks if_not_owner from=${word(`${context.prefix}${wwwroot}`)};`,
    ...unless('access_log', accessLogLine(spec, context.logBase)),
    `error_log ${context.logBase === null ? '/dev/null' : word(`${context.logBase}.error.log`)} warn;`,
    '',
    ...withGap(hasMore || behaviour.some(isOfRewriting) ? oursFirst : []),
    ...withGap(behaviour),
    // Only sends visitors on: what else the site does, it does over HTTPS.
    ...(hasMore ? [`include ${word(context.customPath)};`, ''] : []),
    ...markerLocation,
    ...challengeLocations(root, context),
    ...(part.isRedirect
      ? [...redirectLines(context.tls), ...behaviourLocations(spec, [])]
      : [
          'location ~ /\\.(?!well-known/) {',
          '    return 404;',
          '}',
          ...behaviourLocations(spec, custom),
          ...mainLocation(spec, context, locations),
        ]),
  ];
  return `server {\n${lines.map((line) => (line === '' ? '' : `    ${line}`)).join('\n')}\n}\n`;
}

/**
 * Stands before everything that can redirect or rewrite in the server: `break` ends those for the path of challenges and of
 * the panel's own question, so that no rule of the site swallows the proof that its certificate or a change depends on.
 * Each request pays for it, so it stands only where there are such rules.
 */
const oursFirst = [
  `if ($uri ~ "^/\\.well-known/(?:acme-challenge/[A-Za-z0-9_-]+|aapanel/${markerPlace})$") {`,
  '    break;',
  '}',
];

/** Answers before nginx asks who may come or how often. */
const markerLocation = [
  `location = "/.well-known/aapanel/${markerPlace}" {`,
  '    access_log off;',
  `    return 200 "${markerPlace}";`,
  '}',
];

/** Whether the line is one of those that `break` ends. */
function isOfRewriting(line: string): boolean {
  return /^(?:if|return|rewrite|set)\b/.test(line);
}

/** Answers of the panel's own orders first, then those that somebody's tool put into the folder of the site. */
function challengeLocations(root: string, { prefix }: RenderContext): string[] {
  const open = ['    default_type text/plain;', '    auth_basic off;', '    allow all;'];
  return [
    'location ^~ /.well-known/acme-challenge/ {',
    `    root ${word(`${prefix}${challengeFolder}`)};`,
    ...open,
    '    try_files $uri @aapanel_challenge;',
    '}',
    'location @aapanel_challenge {',
    `    root ${word(root)};`,
    ...open,
    '    try_files $uri =404;',
    '}',
  ];
}

/** A part of its own, where there is one. */
function withGap(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [...lines, ''];
}

function wrapNames(names: readonly string[]): string[] {
  if (names.length === 1) return [`server_name ${names[0] ?? ''};`];
  return ['server_name', ...names.map((name, index) => `    ${name}${index === names.length - 1 ? ';' : ''}`)];
}

function mainLocation(spec: SiteSpec, context: RenderContext, locations: ReadonlySet<string>): string[] {
  if (spec.kind === 'php') return phpLocations(spec, context.prefix, locations.has('/'));
  // The person's own `location /` stands in for ours; two would be refused by nginx.
  if (locations.has('/')) return [];
  if (spec.kind === 'static') return ['location / {', `    try_files ${triesOf(spec)};`, '}'];
  const targets = context.appTargets ?? [];
  if (spec.kind === 'app' && targets.length === 0) return offLocation;
  const { url, isHttps } =
    spec.kind === 'app' ? { url: instancesUrl(spec, targets), isHttps: false } : upstreamOf(spec, context.prefix);
  const isWebsocket = (spec.app?.isWebsocket ?? spec.upstream?.isWebsocket) === true;
  return [
    'location / {',
    `    proxy_pass ${word(url)};`,
    '    proxy_http_version 1.1;',
    ...(targets.length > 1 ? nextInstance : []),
    `    proxy_set_header Host ${sentHostOf(spec, targets.length > 1)};`,
    '    proxy_set_header X-Real-IP $remote_addr;',
    '    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;',
    '    proxy_set_header X-Forwarded-Proto $scheme;',
    `    proxy_set_header X-Forwarded-Host ${visitorHost(spec)};`,
    '    proxy_set_header X-Forwarded-Port $server_port;',
    '    proxy_set_header X-Request-Id $aapanel_request_id;',
    ...(isWebsocket
      ? ['    proxy_set_header Upgrade $http_upgrade;', '    proxy_set_header Connection $aapanel_connection;']
      : ['    proxy_set_header Connection "";']),
    ...forwardTimes(spec, isWebsocket),
    ...(spec.behaviour.limits.bodyMib === null ? ['    client_max_body_size 128m;'] : []),
    ...(isHttps ? ['    proxy_ssl_server_name on;'] : []),
    ...proxyCacheLines(spec, spec.behaviour.proxyCache.minutes),
    ...replacementLines(spec.behaviour.forward),
    '}',
  ];
}

function sentHostOf(spec: SiteSpec, isGroup: boolean): string {
  const { sentHost, ownHost } = spec.behaviour.forward;
  if (sentHost === 'own') return word(ownHost);
  // The name of a group means nothing to anybody but nginx.
  if (sentHost === 'upstream') return isGroup ? 'localhost' : '$proxy_host';
  return visitorHost(spec);
}

/** While an application is off nobody is sent to its port: somebody else might listen there. */
const offLocation = [
  'location / {',
  '    default_type text/html;',
  '    return 503 "<!doctype html><meta charset=utf-8><title>503</title><p dir=rtl lang=ar>التطبيق متوقف الآن.</p><p lang=en>The application is stopped now.</p>";',
  '}',
];

/** Checked again here: what the web process sends is text like any other. */
export function upstreamOf(spec: SiteSpec, prefix: string): { url: string; isHttps: boolean } {
  const parsed = spec.upstream === null ? ({ ok: false, code: 'required' } as const) : parseUpstream(spec.upstream.url);
  if (!parsed.ok)
    throw new AppError('invalid_request', 'The upstream address is not valid.', {
      fields: [{ field: 'upstream.url', code: parsed.code }],
    });
  const { url } = parsed.upstream;
  if (parsed.upstream.isSocket) return { url: `http://unix:${prefix}${url.slice('unix:'.length)}`, isHttps: false };
  // With a path nginx replaces `/` by it: without the slash at its end, `/x` would become `/pathx`.
  const hasPath = /^https?:\/\/[^/]+\/./.test(url);
  return { url: hasPath && !url.endsWith('/') ? `${url}/` : url, isHttps: url.startsWith('https:') };
}

export type SharedContext = {
  readonly prefix: string;
  /** Directives of the http block that stand elsewhere already; nginx refuses them twice. */
  readonly alreadySet: ReadonlySet<string>;
  /** Of the server for nobody's names; null while no site has HTTPS, and where somebody else's server is that one. */
  readonly nobody: Nobody | null;
};

/** The shared file without the server for nobody's names, which comes with the first site that has HTTPS. */
export function withoutNobody(text: string): string {
  return text.replace(
    /^server \{\n(?: {4}.*\n)*? {4}(?:ssl_reject_handshake on|ssl_certificate \/dev\/null\/\S+);\n(?: {4}.*\n)*\}\n/m,
    '',
  );
}

/** Room for ten thousand sites. */
export const hashSettings = {
  server_names_hash_max_size: 65_536,
  // A name of 253 characters needs more than 256 bytes.
  server_names_hash_bucket_size: 512,
  // Rules have variables of their site's own.
  variables_hash_max_size: 65_536,
  variables_hash_bucket_size: 128,
} as const;

/**
 * `/etc/nginx/conf.d/aapanel.conf`: what all sites share, and the line that takes the enabled ones in. The id of a request is
 * put together from what nginx knows: its own `$request_id` is drawn from OpenSSL, a fifth of its work for a small answer.
 */
export function renderShared({ prefix, alreadySet, nobody }: SharedContext): string {
  const hash = Object.entries(hashSettings).flatMap(([name, value]) =>
    alreadySet.has(name) ? [] : [`${name} ${value};`],
  );
  return `# Written by aaPanel. What all sites share.
# كتبته لوحة aaPanel: ما تشترك فيه كل المواقع.
map $http_upgrade $aapanel_connection {
    default upgrade;
    "" "";
}
map $http_host $aapanel_host {
    default $http_host;
    "" $host;
}
map "" $aapanel_request_id {
    default $pid-$connection-$connection_requests-$msec;
}
log_format aapanel '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_time $aapanel_request_id';
${hash.map((line) => `${line}\n`).join('')}${nobody === null ? '' : renderNobody(nobody)}include ${prefix}/etc/nginx/aapanel/enabled/*.conf;
`;
}
