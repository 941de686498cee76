import { isIP } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';

/** On every answer, errors and files too. HSTS is added over HTTPS only: on plain HTTP browsers ignore it. */
export const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-robots-tag': 'noindex, nofollow',
  'permissions-policy':
    'camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), midi=(), display-capture=()',
} as const;

/** For answers that no browser should show as a page. */
export const apiPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/**
 * For the panel's own page. Scripts and style elements need the nonce of this very answer or come from our own files;
 * style attributes are set through the DOM, which the policy does not restrict.
 */
export function pagePolicy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    // web/trusted-types.ts
    'trusted-types default',
  ].join('; ');
}

/** What an answer starts with; pages and files replace policy and caching. */
export const answerHeaders = {
  ...securityHeaders,
  'content-security-policy': apiPolicy,
  'cache-control': 'no-store',
} as const;

/**
 * Over plain HTTP browsers ignore it. Not under an address, nor with a self-signed certificate: who has promised HTTPS to
 * a browser is let past no warning any more, and the owner must always get in. So the promise is taken back in good time
 * before a certificate ends that nobody renews: the panel goes back to its self-signed one then.
 */
export function hstsHeaders(
  { doors, clock }: Pick<Context, 'clock' | 'doors'>,
  { protocol, hostname }: Pick<FastifyRequest, 'protocol' | 'hostname'>,
): { 'strict-transport-security'?: string } {
  const shown = doors.certificate();
  const isPromised =
    protocol === 'https' && shown?.isSelfSigned !== true && isIP(hostname.replace(/^\[|\]$/g, '')) === 0;
  if (!isPromised) return {};
  const isEnding = shown !== null && Date.parse(shown.validUntil) - clock.now() < withdrawMs;
  return { 'strict-transport-security': isEnding ? 'max-age=0' : 'max-age=31536000' };
}

/** Certificates of authorities are renewed long before; who opens the panel in this time is let past a warning again. */
const withdrawMs = 14 * 86_400_000;

/** Sets the headers before anything else can answer; pages and files replace policy and caching by their own. */
export function installSecurityHeaders(
  server: FastifyInstance,
  ctx: Pick<Context, 'clock' | 'config' | 'doors'>,
): void {
  server.addHook('onRequest', (request, reply, done) => {
    reply.headers({ ...answerHeaders, ...hstsHeaders(ctx, request) });
    reply.header('x-request-id', request.id);
    done();
  });
  const { config } = ctx;
  if (config.cors.origins !== '*' && config.cors.origins.length === 0) return;
  installCors(server, config.cors.origins);
}

/** Listed origins may send cookies; `*` (development) may only read what needs none. */
function installCors(server: FastifyInstance, origins: '*' | readonly string[]): void {
  server.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers;
    if (origin === undefined || !request.url.startsWith('/api/')) {
      done();
      return;
    }
    reply.header('vary', 'Origin');
    const isListed = origins !== '*' && origins.includes(origin);
    if (origins !== '*' && !isListed) {
      done();
      return;
    }
    reply.header('access-control-allow-origin', isListed ? origin : '*');
    if (isListed) reply.header('access-control-allow-credentials', 'true');
    reply.header('access-control-expose-headers', 'etag, x-request-id, retry-after');
    if (request.method !== 'OPTIONS') {
      done();
      return;
    }
    reply
      .code(204)
      .headers({
        'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
        'access-control-allow-headers': 'content-type, x-aapanel, if-match, idempotency-key, last-event-id',
        'access-control-max-age': '600',
      })
      .send();
  });
}
