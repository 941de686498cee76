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

/** The lines that make a server listen. */
export function listenLines(
  { port, isTls }: Pick<ServerPart, 'port' | 'isTls'>,
  isHttp2: boolean,
  { build, hasIpv6 }: { readonly build: NginxBuild; readonly hasIpv6: boolean },
): string[] {
  const more = !isTls ? '' : isHttp2 && !build.hasHttp2Directive ? ' ssl http2' : ' ssl';
  return [
    `listen ${port}${more};`,
    ...(hasIpv6 ? [`listen [::]:${port}${more};`] : []),
    ...(isTls && isHttp2 && build.hasHttp2Directive ? ['http2 on;'] : []),
  ];
}

/** Certificate, profile and HSTS of the secure server. */
export function tlsLines({ tls }: SiteSpec, { build, certificates }: TlsContext): string[] {
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

/** Who asks for a name that no site with a certificate has is refused, and sees nobody's certificate. */
export function renderNobody({ ports, build }: Pick<TlsContext, 'ports' | 'build'>, hasIpv6: boolean): string {
  const lines = [
    `listen ${ports.https} ssl default_server;`,
    ...(hasIpv6 ? [`listen [::]:${ports.https} ssl default_server;`] : []),
    'ssl_reject_handshake on;',
    ...profileLines('intermediate', build),
  ];
  return `server {\n${lines.map((line) => `    ${line}\n`).join('')}}\n`;
}
