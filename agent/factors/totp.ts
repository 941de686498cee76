import { createHmac, timingSafeEqual } from 'node:crypto';

/** RFC 6238 with the values that every authenticator app takes: HMAC-SHA-1, six digits, steps of 30 seconds. */
const stepMs = 30_000;
const digits = 6;
/** One step to each side for clocks that differ and people who type slowly (RFC 6238, 5.2). */
const window = 1;

/** RFC 4226, 5.3: dynamic truncation of HMAC-SHA-1(key, counter). */
export function hotp(key: Buffer, counter: number): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac('sha1', key).update(message).digest();
  const offset = (mac.at(-1) ?? 0) & 0x0f;
  const value = mac.readUInt32BE(offset) & 0x7fff_ffff;
  return String(value % 10 ** digits).padStart(digits, '0');
}

export function stepAt(atMs: number): number {
  return Math.floor(atMs / stepMs);
}

/**
 * The time step whose code this is; undefined when it is none of those around now, or not later than `lastStep`: a code
 * is taken once, and none older than one that was taken (RFC 6238, 5.2).
 */
export function findStep(secret: string, code: string, nowMs: number, lastStep: number): number | undefined {
  const key = decodeBase32(secret);
  const given = Buffer.from(code);
  let found: number | undefined;
  for (let step = stepAt(nowMs) - window; step <= stepAt(nowMs) + window; step++) {
    const wanted = Buffer.from(hotp(key, step));
    const isEqual = given.length === wanted.length && timingSafeEqual(given, wanted);
    if (isEqual && step > lastStep) found ??= step;
  }
  return found;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648, 6, without padding. */
export function decodeBase32(text: string): Buffer {
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const letter of text) {
    const index = alphabet.indexOf(letter);
    if (index === -1) throw new TypeError('this is no base 32');
    value = ((value << 5) | index) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((value >> bits) & 0xff);
  }
  return Buffer.from(bytes);
}
