import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config.ts';

type CookieConfig = Pick<Config, 'cookie'>;

/** `session`: who it is. `elevation`: the agent's word that they have just confirmed. `device`: the browser, for years. */
export type CookieKind = 'device' | 'elevation' | 'session';

const suffixes: Record<CookieKind, string> = { device: '-device', elevation: '-elevation', session: '' };
const patterns: Record<CookieKind, RegExp> = {
  device: /^[A-Za-z0-9_-]{43}$/,
  elevation: /^[A-Za-z0-9_-]{1,556}\.[A-Za-z0-9_-]{43}$/,
  session: /^[A-Za-z0-9_-]{43}$/,
};
/** Browsers keep no cookie longer. */
const deviceSeconds = 400 * 24 * 60 * 60;

/** `__Host-` ties the cookie to HTTPS, this host and path /; browsers refuse that name over plain HTTP. */
function cookieName(config: CookieConfig, kind: CookieKind): string {
  return `${config.cookie.isSecure ? '__Host-aapanel' : 'aapanel_dev'}${suffixes[kind]}`;
}

export function sessionCookieName(config: CookieConfig): string {
  return cookieName(config, 'session');
}

/** The session token of a request; undefined when there is none, or two of the name: one of them is planted. */
export function readSessionToken(config: CookieConfig, request: FastifyRequest): string | undefined {
  return readCookie(config, request, 'session');
}

/** The cookie's value; undefined when there is none, two of the name, or not one of ours. */
export function readCookie(config: CookieConfig, request: FastifyRequest, kind: CookieKind): string | undefined {
  const header = request.headers.cookie;
  if (header === undefined) return undefined;
  const prefix = `${cookieName(config, kind)}=`;
  let value: string | undefined;
  for (const part of header.split(';')) {
    const text = part.trim();
    if (!text.startsWith(prefix)) continue;
    if (value !== undefined) return undefined;
    value = text.slice(prefix.length);
  }
  return value !== undefined && patterns[kind].test(value) ? value : undefined;
}

/** `Set-Cookie` of a session. */
export function sessionCookie(config: CookieConfig, token: string): string {
  return cookie(config, 'session', token, config.cookie.lifetimeSeconds);
}

/** `Set-Cookie` that takes the session's cookie away. */
export function clearedSessionCookie(config: CookieConfig): string {
  return cookie(config, 'session', '', 0);
}

export function elevationCookie(config: CookieConfig, elevation: string, seconds: number): string {
  return cookie(config, 'elevation', elevation, seconds);
}

export function clearedElevationCookie(config: CookieConfig): string {
  return cookie(config, 'elevation', '', 0);
}

export function deviceCookie(config: CookieConfig, device: string): string {
  return cookie(config, 'device', device, deviceSeconds);
}

/** Replaces what this answer says about cookies so far: the guard may have prolonged one that is ending now. */
export function setCookies(reply: FastifyReply, cookies: readonly string[]): void {
  reply.removeHeader('set-cookie').header('set-cookie', [...cookies]);
}

function cookie(config: CookieConfig, kind: CookieKind, value: string, maxAgeSeconds: number): string {
  const sameSite = config.cookie.sameSite === 'strict' ? 'Strict' : 'Lax';
  const secure = config.cookie.isSecure ? 'Secure; ' : '';
  return `${cookieName(config, kind)}=${value}; Path=/; ${secure}HttpOnly; SameSite=${sameSite}; Max-Age=${maxAgeSeconds}`;
}
