import type { FastifyRequest } from 'fastify';
import { AppError } from '#shared/errors.ts';
import type { Config } from '../config.ts';

/**
 * Refuses a request that a foreign page could have caused: it must name its origin, that origin must be this host (or
 * one of ALLOWED_ORIGINS), the browser must not call it cross-site, and a header that forms cannot send must be there.
 * `*` in ALLOWED_ORIGINS opens reading, never writing. Throws `not_allowed`.
 */
export function checkSameOrigin(config: Pick<Config, 'cors'>, request: FastifyRequest): void {
  if (request.headers['x-aapanel'] !== '1') throw foreign('csrf_header_missing');
  const { origin } = request.headers;
  if (origin === undefined) throw foreign('foreign_origin');
  if (isListed(config, origin)) return;
  if (!isOwnOrigin(request, origin) || !isSameSiteFetch(request)) throw foreign('foreign_origin');
}

/** For streams: browsers send no Origin on same-origin GET, so only a present and foreign one is refused. */
export function checkStreamOrigin(config: Pick<Config, 'cors'>, request: FastifyRequest): void {
  const { origin } = request.headers;
  if (origin !== undefined && isListed(config, origin)) return;
  if (origin !== undefined && !isOwnOrigin(request, origin)) throw foreign('foreign_origin');
  if (!isSameSiteFetch(request)) throw foreign('foreign_origin');
}

/**
 * For WebSockets, which browsers let any page open with the visitor's cookies: the Origin must be there and be exactly this
 * host. Lists of other origins do not count here. Throws `not_allowed`.
 */
export function checkSocketOrigin(request: FastifyRequest): void {
  const { origin } = request.headers;
  if (origin === undefined || !isOwnOrigin(request, origin) || !isSameSiteFetch(request))
    throw foreign('foreign_origin');
}

function isListed(config: Pick<Config, 'cors'>, origin: string): boolean {
  return config.cors.origins !== '*' && config.cors.origins.includes(origin);
}

/** Scheme is left out: behind a proxy that ends TLS only the host is certain. Two Host lines match nothing. */
function isOwnOrigin(request: FastifyRequest, origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  if (hostLines(request) > 1) return false;
  const own = request.host.toLowerCase();
  const url = new URL(origin);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return false;
  return url.host === own || url.host === own.replace(/:(80|443)$/, '');
}

function hostLines(request: FastifyRequest): number {
  return request.raw.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length;
}

/** Browsers since 2023 say where a fetch comes from; the header is absent from tools. */
function isSameSiteFetch(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin';
}

function foreign(reason: 'csrf_header_missing' | 'foreign_origin'): AppError {
  return new AppError('not_allowed', 'The request did not come from the panel itself.', { reason });
}
