import { createHash, createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Config } from '../config.ts';

/*
 * The secret way in. Whoever opened /<entry path> has a cookie that proves it: an HMAC of the path, so that a new path
 * makes it void. It opens no more than the sign-in screen.
 */

type EntryConfig = Pick<Config, 'cookie' | 'sessionKey' | 'previousSessionKeys'>;

const cookieSeconds = 90 * 24 * 60 * 60;

/** `Set-Cookie` of the entry. Lax: the link is opened from somewhere else, and strict cookies stay at home then. */
export function entryCookie(config: EntryConfig, entryPath: string): string {
  const secure = config.cookie.isSecure ? 'Secure; ' : '';
  const value = proofOf(config.sessionKey, entryPath);
  return `${cookieName(config)}=${value}; Path=/; ${secure}HttpOnly; SameSite=Lax; Max-Age=${cookieSeconds}`;
}

/** Whether the browser opened this entry path before. */
export function hasEntryCookie(config: EntryConfig, request: FastifyRequest, entryPath: string): boolean {
  const header = request.headers.cookie;
  if (header === undefined) return false;
  const prefix = `${cookieName(config)}=`;
  const given = header
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(prefix));
  // Two of the name: one of them is planted.
  if (given.length !== 1) return false;
  const value = (given[0] ?? '').slice(prefix.length);
  const keys = [config.sessionKey, ...config.previousSessionKeys];
  return keys.some((key) => isSame(value, proofOf(key, entryPath)));
}

/**
 * Where a request of the way in leads: `/sign-in` for /<entry path>, the page itself for /<entry path>/<page>; undefined
 * for every other URL. Never anything but letters, hyphens and single slashes: no other host can be named.
 */
export function entryTarget(url: string, entryPath: string): string | undefined {
  const [path = ''] = url.split('?', 1);
  const [, first = '', ...rest] = path.split('/');
  if (!isSame(first, entryPath)) return undefined;
  const page = rest.join('/');
  if (page === '') return '/sign-in';
  return /^[a-z][a-z-]{0,40}(\/[a-z][a-z-]{0,40})*$/.test(page) ? `/${page}` : undefined;
}

function cookieName(config: Pick<Config, 'cookie'>): string {
  return config.cookie.isSecure ? '__Host-aapanel-entry' : 'aapanel_dev-entry';
}

function proofOf(key: KeyObject, entryPath: string): string {
  return createHmac('sha256', key).update(`entry\0${entryPath}`).digest('base64url');
}

/** In the same time whatever differs. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
