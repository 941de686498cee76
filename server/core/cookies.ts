import type { FastifyRequest } from 'fastify';
import type { Config } from '../config.ts';

/** `__Host-` ties the cookie to HTTPS, this host and path /; browsers refuse that name over plain HTTP. */
export function sessionCookieName(config: Pick<Config, 'cookie'>): string {
  return config.cookie.isSecure ? '__Host-aapanel' : 'aapanel_dev';
}

/** The session token of a request; undefined when there is none, or two of the name: one of them is planted. */
export function readSessionToken(config: Pick<Config, 'cookie'>, request: FastifyRequest): string | undefined {
  const header = request.headers.cookie;
  if (header === undefined) return undefined;
  const prefix = `${sessionCookieName(config)}=`;
  let token: string | undefined;
  for (const part of header.split(';')) {
    const text = part.trim();
    if (!text.startsWith(prefix)) continue;
    if (token !== undefined) return undefined;
    token = text.slice(prefix.length);
  }
  return token !== undefined && /^[A-Za-z0-9_-]{43}$/.test(token) ? token : undefined;
}

/** `Set-Cookie` of a session. */
export function sessionCookie(config: Pick<Config, 'cookie'>, token: string): string {
  return cookie(config, token, config.cookie.lifetimeSeconds);
}

/** `Set-Cookie` that takes the session's cookie away. */
export function clearedSessionCookie(config: Pick<Config, 'cookie'>): string {
  return cookie(config, '', 0);
}

function cookie(config: Pick<Config, 'cookie'>, value: string, maxAgeSeconds: number): string {
  const sameSite = config.cookie.sameSite === 'strict' ? 'Strict' : 'Lax';
  const secure = config.cookie.isSecure ? 'Secure; ' : '';
  return `${sessionCookieName(config)}=${value}; Path=/; ${secure}HttpOnly; SameSite=${sameSite}; Max-Age=${maxAgeSeconds}`;
}
