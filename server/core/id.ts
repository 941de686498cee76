import { randomBytes } from 'node:crypto';

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** A new opaque id: 80 random bits as 16 characters of lower-case base 32 (`idPattern` of `shared/http.ts`). */
export function newId(): string {
  // 256 is a multiple of 32: the low five bits of a random byte are evenly spread.
  return Array.from(randomBytes(16), (byte) => alphabet[byte & 31]).join('');
}

/** A new 256-bit secret for a session or a one-time link, as 43 characters of base64url. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}
