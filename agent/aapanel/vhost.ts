import { posix } from 'node:path';
import { parseDirectives, TokenError, type Directive } from '../nginx/nginx.tokens.ts';

/*
 * The nginx file that aaPanel writes for a site, read as nginx would and never used: what is known of it becomes a fact,
 * everything else is named.
 */

export type Vhost = {
  readonly root: string | null;
  /** `74` is 7.4; null: no scripts. */
  readonly phpVersion: string | null;
  /** Where it is served from, over HTTPS; null: it is not. */
  readonly certificate: { readonly chain: string; readonly key: string } | null;
  /** Visitors are sent to HTTPS. */
  readonly isForced: boolean;
  /** Names below `vhost/rewrite`, `vhost/nginx/redirect` … that it takes in. */
  readonly rewrites: readonly string[];
  readonly redirects: readonly string[];
  readonly proxies: readonly string[];
  readonly passwords: readonly string[];
  readonly unknownIncludes: readonly string[];
  readonly unknown: readonly string[];
  /** Locations that pass a part on, in their order. */
  readonly locations: readonly Directive[];
  /** `location /` that passes everything on. */
  readonly upstream: Upstream | null;
  readonly servers: number;
};

export type Upstream = { readonly url: string; readonly isWebsocket: boolean };

/** What every file of aaPanel has, or what the notes about HTTPS say already. */
const ordinary = new Set([
  'access_log',
  'error_log',
  'http2',
  'http3',
  'index',
  'listen',
  'quic_gso',
  'quic_retry',
  'root',
  'server_name',
]);

/** undefined: this is no file that nginx would read, or has no server. */
export function readVhost(text: string): Vhost | undefined {
  let directives: Directive[];
  try {
    directives = parseDirectives(text);
  } catch (error) {
    if (error instanceof TokenError) return undefined;
    throw error;
  }
  const servers = directives.filter(({ name }) => name === 'server');
  // One that only sends visitors to HTTPS says nothing of the site.
  const main = servers.find(({ block }) => block?.some(({ name }) => name === 'root')) ?? servers[0];
  if (main?.block == null) return undefined;
  const found = {
    root: null as string | null,
    phpVersion: null as string | null,
    chain: null as string | null,
    key: null as string | null,
    isForced: false,
    rewrites: [] as string[],
    redirects: [] as string[],
    proxies: [] as string[],
    passwords: [] as string[],
    unknownIncludes: [] as string[],
    unknown: [] as string[],
    locations: [] as Directive[],
    upstream: null as Upstream | null,
    servers: servers.length,
  };
  for (const directive of main.block) readDirective(directive);
  const { chain, key, ...rest } = found;
  return { ...rest, certificate: chain === null || key === null ? null : { chain, key } };

  function readDirective(directive: Directive): void {
    const { name, args, block } = directive;
    if (name === 'root' && block === null && args.length === 1) found.root = args[0] ?? null;
    if (name === 'include') return readInclude(args[0] ?? '');
    if (name.startsWith('ssl_')) {
      // nginx takes the first; a second pair is for browsers that know no other kind of key.
      if (name === 'ssl_certificate') found.chain ??= args[0] ?? null;
      if (name === 'ssl_certificate_key') found.key ??= args[0] ?? null;
      return;
    }
    if (ordinary.has(name)) return;
    if (name === 'error_page' && args[0] === '497') return;
    if (name === 'add_header' && /^(strict-transport-security|alt-svc)$/i.test(args[0] ?? '')) return;
    if (name === 'if' && isOrdinaryIf(directive)) {
      found.isForced ||= args.join(' ').includes('$server_port');
      return;
    }
    if (name === 'location' && block !== null) {
      if (isOrdinaryLocation(args, block)) return;
      const upstream = upstreamOf(directive);
      if (upstream !== null && found.upstream === null) {
        found.upstream = upstream;
        return;
      }
      if (upstream === null && block.some((each) => each.name === 'proxy_pass')) {
        found.locations.push(directive);
        return;
      }
    }
    found.unknown.push(shownDirective(directive));
  }

  function readInclude(path: string): void {
    const php = /^(?:.*\/)?enable-php-(\d{2})(?:-[A-Za-z0-9_.-]+)?\.conf$/.exec(path)?.[1];
    if (php !== undefined) {
      found.phpVersion = php === '00' ? null : `${php[0]}.${php[1]}`;
      return;
    }
    const place =
      /\/www\/server\/panel\/vhost\/(rewrite|nginx\/redirect|nginx\/proxy|nginx\/dir_auth|nginx\/extension|nginx\/well-known)\/([^/*]+)(?:\/\*)?\.conf$/.exec(
        path,
      );
    const [, folder, name = ''] = place ?? [];
    if (folder === 'rewrite') found.rewrites.push(`${name}.conf`);
    else if (folder === 'nginx/redirect') found.redirects.push(name);
    else if (folder === 'nginx/proxy') found.proxies.push(name);
    else if (folder === 'nginx/dir_auth') found.passwords.push(name);
    else if (folder === 'nginx/well-known') return;
    else found.unknownIncludes.push(path.slice(0, 200));
  }
}

/** Where a location for everything passes requests on; null: it does not, or only a part. */
export function upstreamOf({ name, args, block }: Directive): Upstream | null {
  if (name !== 'location' || block === null) return null;
  const path = args.at(-1);
  const isForAll = path === '/' && (args.length === 1 || (args.length === 2 && args[0] === '^~'));
  const url = block.find((each) => each.name === 'proxy_pass')?.args[0];
  if (!isForAll || url === undefined || url.includes('$')) return null;
  const isWebsocket = block.some((each) => each.name === 'proxy_set_header' && /^upgrade$/i.test(each.args[0] ?? ''));
  return { url, isWebsocket };
}

/** `if ($server_port !~ 443)` to HTTPS, and what keeps programs out of the folder of challenges. */
function isOrdinaryIf({ args, block }: Directive): boolean {
  const condition = args.join(' ').replaceAll(/[()"\s]/g, '');
  if (block === null || block.length !== 1) return false;
  const [only] = block;
  if (/^\$server_port(!~|!=)443$/.test(condition))
    return only?.name === 'rewrite' && (only.args[1] ?? '').startsWith('https://$host');
  return condition.startsWith('$uri~^/\\.well-known/') && only?.name === 'return';
}

/** Closed files, the folder of challenges, how long pictures and styles are kept: each site here has its own of these. */
function isOrdinaryLocation(args: readonly string[], block: readonly Directive[]): boolean {
  const pattern = args.join(' ');
  const names = block.map((each) => each.name);
  const only = (...allowed: string[]): boolean => names.every((name) => allowed.includes(name));
  if (/\\?\.user\.ini|\\?\.htaccess/.test(pattern)) return only('return', 'deny');
  if (/purge/.test(pattern)) return only('proxy_cache_purge', 'access_log');
  if (/well-known/.test(pattern)) return only('allow', 'root', 'try_files');
  if (/\((gif|jpg|jpeg|png|bmp|swf|js|css)\|/.test(pattern)) return only('expires', 'error_log', 'access_log');
  return false;
}

function shownDirective({ name, args, block }: Directive): string {
  const words = [name, ...args].join(' ').slice(0, 160);
  return block === null ? `${words};` : `${words} { … }`;
}

/** A path of somebody else's file as it is meant, or null: with nothing in it that leads elsewhere. */
export function cleanPath(path: string): string | null {
  if (!path.startsWith('/') || /[\u0000-\u001f\u007f]/.test(path) || path.length > 1_000) return null;
  const clean = posix.normalize(path).replace(/\/+$/, '');
  return path.split('/').includes('..') || clean === '' ? null : clean;
}
