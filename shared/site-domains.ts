import { z } from 'zod';
import { isSocketMeant, readSocketAddress } from './socket-address.ts';

/**
 * A host name as nginx sees it: lower-case ASCII (IDN already punycode), 1 to 253 characters, labels of 1 to 63 from
 * letters, digits and inner hyphens (RFC 1123), optionally one leading `*.` wildcard label. IP addresses are refused:
 * the last label must not be all digits.
 */
export const hostPattern =
  /^(?=.{1,253}$)(\*\.(?=[^.]+\.))?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*(?!\d+$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** One name a site answers to. */
export const siteDomain = z.object({
  host: z.string().regex(hostPattern, { error: 'domain_invalid' }),
  port: z.int().min(1).max(65535),
});
export type SiteDomain = z.infer<typeof siteDomain>;

/** What a person types for a domain: Unicode or ASCII, upper case allowed, `:port` optional. Parsed by `parseDomain`. */
export const domainInput = z.string().min(1).max(512);

/**
 * Normalises one typed domain: trims, lower-cases, IDN to punycode (WHATWG URL host parser), `:port` (default 80).
 * Returns the reason key of `errors.fields` when it is not a domain.
 */
export function parseDomain(input: string): { ok: true; domain: SiteDomain } | { ok: false; code: string } {
  const text = input.normalize('NFC').trim();
  if (text === '' || /[\u0000-\u0020\u007f-\u00a0\u2028\u2029]/.test(text))
    return { ok: false, code: 'domain_invalid' };
  const match = /^(\*\.)?([^:/?#@\\[\]*'"<>;{}|^`%$]+?)(?::(\d{1,5}))?$/.exec(text);
  if (!match?.[2]) return { ok: false, code: 'domain_invalid' };
  const port = match[3] === undefined ? 80 : Number(match[3]);
  if (port < 1 || port > 65535) return { ok: false, code: 'port_invalid' };
  let ascii: string;
  try {
    ascii = new URL(`http://${match[2]}`).hostname;
  } catch {
    return { ok: false, code: 'domain_invalid' };
  }
  const host = (match[1] ?? '') + ascii;
  if (ascii.length > 253) return { ok: false, code: 'domain_too_long' };
  if (!hostPattern.test(host)) return { ok: false, code: 'domain_invalid' };
  return { ok: true, domain: { host, port } };
}

/** `example.com` for port 80, `example.com:8080` otherwise: what people type and read. */
export function formatDomain(domain: SiteDomain): string {
  return domain.port === 80 ? domain.host : `${domain.host}:${domain.port}`;
}

/**
 * Where a proxied site's requests go: `http(s)://host[:port][/path]` or `unix:/run/app.sock`. Credentials, queries, fragments
 * and other schemes are refused. Link-local (metadata) addresses are allowed with a warning in the browser and the answer.
 */
export const upstreamInput = z.string().min(1).max(2048);

export type UpstreamParts = { url: string; isMetadataAddress: boolean; isSocket: boolean };

/** Parses and normalises an upstream URL; `code` is a key of `errors.fields`. */
export function parseUpstream(input: string): { ok: true; upstream: UpstreamParts } | { ok: false; code: string } {
  const text = input.trim();
  if (/[\u0000-\u0020\u007f-\u00a0\u2028\u2029"'`;{}\\$<>|^]/.test(text))
    return { ok: false, code: 'upstream_invalid' };
  if (isSocketMeant(text)) {
    // Also as nginx writes it.
    const path = readSocketAddress(text.replace(/^http:\/\/unix:/, 'unix:'));
    if (path === undefined) return { ok: false, code: 'upstream_socket' };
    return { ok: true, upstream: { url: `unix:${path}`, isMetadataAddress: false, isSocket: true } };
  }
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return { ok: false, code: 'upstream_invalid' };
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return { ok: false, code: 'upstream_scheme' };
  if (url.username !== '' || url.password !== '' || text.includes('@'))
    return { ok: false, code: 'upstream_credentials' };
  if (url.search !== '' || url.hash !== '' || url.hostname === '') return { ok: false, code: 'upstream_invalid' };
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!/^[a-z0-9.:_-]+$/.test(host)) return { ok: false, code: 'upstream_invalid' };
  const path = url.pathname === '/' && !text.endsWith('/') ? '' : url.pathname;
  const isMetadataAddress = host.startsWith('169.254.') || /^fe[89ab]/.test(host) || host === 'fd00:ec2::254';
  return { ok: true, upstream: { url: `${url.protocol}//${url.host}${path}`, isMetadataAddress, isSocket: false } };
}
