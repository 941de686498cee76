import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { recoveryCodeCount } from '#shared/factors.ts';

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
const length = 10;

/** Ten codes of 50 random bits, as they are shown: `xxxxx-xxxxx`. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: recoveryCodeCount }, () => {
    // 256 is a multiple of 32: the low five bits of a random byte are evenly spread.
    const code = Array.from(randomBytes(length), (byte) => alphabet[byte & 31]).join('');
    return `${code.slice(0, 5)}-${code.slice(5)}`;
  });
}

/**
 * What is kept of a code. Keyed, so that a copy of the register alone says nothing, and bound to the person. 50 random
 * bits need no slow hash.
 */
export function recoveryHash(key: Buffer, personId: string, code: string): string {
  return createHmac('sha256', key)
    .update(`${personId} ${code.replaceAll('-', '')}`)
    .digest('hex');
}

/** Which of the hashes it is; -1 for none. Looks at all of them. */
export function findRecoveryHash(hashes: readonly string[], wanted: string): number {
  let found = -1;
  for (const [index, hash] of hashes.entries())
    if (hash.length === wanted.length && timingSafeEqual(Buffer.from(hash), Buffer.from(wanted))) found = index;
  return found;
}
