import type { SiteSpec } from '#shared/agent/sites.ts';
import type { TlsProfile } from '#shared/site-tls.ts';
import type { NginxBuild } from './nginx.build.ts';
import { word } from './nginx.words.ts';

/*
 * HTTPS of sites. The values are those of Mozilla's server-side TLS guidelines 6.0. Everything by which OpenSSL decides
 * before it knows the asked name (protocols, groups, sessions) counts from the default server of a port: that one and the
 * sites say the same.
 */

/** Where sites are served: facts of the machine, and of the installed nginx. */
export type TlsContext = {
  /** Ports of the web: names on `http` are also served on `https` when the site has a certificate. */
  readonly ports: { readonly http: number; readonly https: number };
  readonly build: NginxBuild;
  /** Where the certificates lie: `<folder>/<id>/current/{chain,key}.pem`. */
  readonly certificates: string;
};

const ciphers = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');
/**
 * The version is agreed on before the name is known, so a site alone cannot refuse TLS 1.2 by `ssl_protocols`. Its suites
 * count: nobody can agree on this one, since no key was shared beforehand. Suites of TLS 1.3 are a list of their own.
 */
const noCipherOfTls12 = 'PSK-AES256-GCM-SHA384';

/** One `server` of a site. */
export type ServerPart = {
  readonly port: number;
  readonly names: readonly string[];
  readonly isTls: boolean;
  /** Only sends visitors to HTTPS. */
  readonly isRedirect: boolean;
};

/** The servers of a site: one for each port, and one for HTTPS when it has a certificate. */
export function serverParts({ domains, tls }: SiteSpec, { ports }: TlsContext): ServerPart[] {
  const byPort = Map.groupBy(domains, ({ port }) => port);
  const namesOn = (port: number): string[] => (byPort.get(port) ?? []).map(({ host }) => host);
  const secure = tls === null ? [] : [...new Set([...namesOn(ports.http), ...namesOn(ports.https)])];
  const parts = [...byPort.keys()]
    .filter((port) => secure.length === 0 || port !== ports.https)
    .map((port): ServerPart => {
      const isRedirect = tls?.isForced === true && port === ports.http;
      return { port, names: namesOn(port), isTls: false, isRedirect };
    });
  if (secure.length > 0) parts.push({ port: ports.https, names: secure, isTls: true, isRedirect: false });
  return parts.sort((one, other) => one.port - other.port);
}

/** Whether the site answers over QUIC: not where nginx was replaced by one that cannot, which must not break the site. */
function hasQuic({ isTls }: Pick<ServerPart, 'isTls'>, tls: SiteSpec['tls'], { hasHttp3 }: NginxBuild): boolean {
  return isTls && hasHttp3 && tls?.isHttp3 === true;
}

/** The lines that make a server listen. */
export function listenLines(
  part: Pick<ServerPart, 'port' | 'isTls'>,
  tls: SiteSpec['tls'],
  { build, hasIpv6 }: { readonly build: NginxBuild; readonly hasIpv6: boolean },
): string[] {
  const { port, isTls } = part;
  const isHttp2 = tls?.isHttp2 === true;
  const more = !isTls ? '' : isHttp2 && !build.hasHttp2Directive ? ' ssl http2' : ' ssl';
  return [
    `listen ${port}${more};`,
    ...(hasIpv6 ? [`listen [::]:${port}${more};`] : []),
    ...(isTls && isHttp2 && build.hasHttp2Directive ? ['http2 on;'] : []),
    ...(hasQuic(part, tls, build) ? quicLines(port, hasIpv6) : []),
  ];
}

/** The name that the visitor asked for, as others are told it: over HTTP/3 nginx knows it by `$host` alone. */
export function visitorHost({ tls }: Pick<SiteSpec, 'tls'>): string {
  return tls?.isHttp3 === true ? '$aapanel_host' : '$http_host';
}

function quicLines(port: number, hasIpv6: boolean, more = ''): string[] {
  return [`listen ${port} quic${more};`, ...(hasIpv6 ? [`listen [::]:${port} quic${more};`] : [])];
}

/** Certificate, profile and HSTS of the secure server. */
export function tlsLines({ tls }: SiteSpec, part: ServerPart, { build, certificates }: TlsContext): string[] {
  if (tls === null) return [];
  const folder = `${certificates}/${tls.certificateId}/current`;
  const { hsts } = tls;
  const age =
    hsts === null
      ? []
      : [`max-age=${hsts.maxAgeSeconds}`]
          .concat(hsts.includesSubdomains ? ['includeSubDomains'] : [])
          .concat(hsts.isPreload ? ['preload'] : []);
  return [
    `ssl_certificate ${word(`${folder}/chain.pem`)};`,
    `ssl_certificate_key ${word(`${folder}/key.pem`)};`,
    ...profileLines(tls.profile, build),
    // `always`: on error pages too.
    // Browsers come over TCP first, and learn here where else.
    ...(hasQuic(part, tls, build) ? [`add_header Alt-Svc 'h3=":${part.port}"; ma=86400' always;`] : []),
    ...(age.length === 0 ? [] : [`add_header Strict-Transport-Security "${age.join('; ')}" always;`]),
  ];
}

/** No stapling: browsers ask for no such answer of certificates that name no OCSP server, and few do any more. */
function profileLines(profile: TlsProfile, { hasMlKem }: NginxBuild): string[] {
  return [
    `ssl_protocols ${profile === 'modern' ? 'TLSv1.3' : 'TLSv1.2 TLSv1.3'};`,
    `ssl_ciphers ${profile === 'modern' ? noCipherOfTls12 : ciphers};`,
    `ssl_ecdh_curve ${hasMlKem ? 'X25519MLKEM768:' : ''}X25519:prime256v1:secp384r1;`,
    'ssl_prefer_server_ciphers off;',
    'ssl_session_cache shared:aapanel_tls:10m;',
    'ssl_session_timeout 1d;',
    'ssl_session_tickets off;',
  ];
}

/** For the server of plain HTTP of a site that wants HTTPS: everything but challenges is sent there, whatever its method. */
export function redirectLines({ ports }: TlsContext): string[] {
  const port = ports.https === 443 ? '' : `:${ports.https}`;
  return ['location / {', `    return 308 https://$host${port}$request_uri;`, '}'];
}

/** The server for names that no site has. */
export type Nobody = Pick<TlsContext, 'ports' | 'build'> & {
  readonly hasIpv6: boolean;
  /** Not where somebody else's server is that one. */
  readonly isOverTcp: boolean;
  /** Where a site has HTTP/3. */
  readonly isOverQuic: boolean;
};

/**
 * How a server refuses whoever comes to it over TLS, whatever certificate they hope for. An older nginx (Ubuntu 22.04) is
 * told a certificate that cannot be opened: it looks for one with a variable in its path when somebody comes, not before.
 */
export function refusalLines({ hasRejectHandshake }: Pick<NginxBuild, 'hasRejectHandshake'>): string[] {
  if (hasRejectHandshake) return ['ssl_reject_handshake on;'];
  return [
    'ssl_certificate /dev/null/$ssl_server_name;',
    'ssl_certificate_key /dev/null/$ssl_server_name;',
    // It would write a line for every stranger.
    'error_log /dev/null crit;',
  ];
}

/** Who asks for a name that no site with a certificate has is refused, and sees nobody's certificate. */
export function renderNobody({ ports, build, hasIpv6, isOverTcp, isOverQuic }: Nobody): string {
  const lines = [
    ...(isOverTcp ? [`listen ${ports.https} ssl default_server;`] : []),
    ...(isOverTcp && hasIpv6 ? [`listen [::]:${ports.https} ssl default_server;`] : []),
    // Each worker gets the packets of its own connections by a socket of its own. That is said once for a port, so here.
    ...(isOverQuic ? quicLines(ports.https, hasIpv6, ' default_server reuseport') : []),
    ...refusalLines(build),
    ...profileLines('intermediate', build),
  ];
  return `server {\n${lines.map((line) => `    ${line}\n`).join('')}}\n`;
}
