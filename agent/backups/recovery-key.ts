import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '#shared/errors.ts';
import { newId, parseRing, subKey, type Ring } from './keys.ts';

/*
 * The recovery key: what a person prints. Its own bytes are kept nowhere; one sub-key opens the repositories, another
 * wraps the key ring that lies in each of them.
 */

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const prefix = 'AAPR';
const keyBytes = 32;
const sumBytes = 3;

const checksum = (key: Buffer): Buffer =>
  createHash('sha256').update('aapanel recovery key').update(key).digest().subarray(0, sumBytes);

export type RecoveryKey = { readonly shown: string; readonly kept: NonNullable<Ring['recovery']> };

export function newRecoveryKey(now: number): RecoveryKey {
  const key = randomBytes(keyBytes);
  const { repository, wrap } = recoverySubKeys(key);
  return {
    shown: showRecoveryKey(key),
    kept: {
      keyId: newId(),
      createdAt: new Date(now).toISOString(),
      repository: repository.toString('base64'),
      wrap: wrap.toString('base64'),
    },
  };
}

/** `AAPR-` and 14 groups of four letters and digits; three bytes are a checksum against slips of the pen. */
export function showRecoveryKey(key: Buffer): string {
  const text = base32(Buffer.concat([key, checksum(key)]));
  return [prefix, ...(text.match(/.{4}/g) ?? [])].join('-');
}

/** Takes it as people type it: any case, with or without dashes and blanks. Throws `backup_recovery_key_invalid`. */
export function readRecoveryKey(text: string): Buffer {
  const plain = text.toUpperCase().replace(/[\s-]/g, '').replaceAll('0', 'O').replaceAll('1', 'I');
  const bytes = plain.startsWith(prefix) ? fromBase32(plain.slice(prefix.length)) : undefined;
  const key = bytes?.subarray(0, keyBytes);
  if (bytes?.length !== keyBytes + sumBytes || key === undefined || !checksum(key).equals(bytes.subarray(keyBytes)))
    throw new AppError('invalid_request', 'This is no recovery key.', { reason: 'backup_recovery_key_invalid' });
  return key;
}

export function recoverySubKeys(key: Buffer): { repository: Buffer; wrap: Buffer } {
  return { repository: subKey(key, 'repository'), wrap: subKey(key, 'wrap') };
}

/** What restic takes as the password of a repository, from the kept or the typed sub-key. */
export const recoveryPassword = (repository: Buffer | string): string =>
  (typeof repository === 'string' ? Buffer.from(repository, 'base64') : repository).toString('base64url');

const wrapped = z.strictObject({
  format: z.literal('aapanel-keyring/1'),
  recoveryKeyId: z.string(),
  nonce: z.base64(),
  sealed: z.base64(),
  tag: z.base64(),
});

/** The ring as it lies in every target: readable with the recovery key only. */
export function wrapRing(ring: Ring): Buffer {
  if (ring.recovery === null) throw new Error('there is no recovery key');
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(ring.recovery.wrap, 'base64'), nonce);
  cipher.setAAD(headOf(ring.recovery.keyId));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(ring)), cipher.final()]);
  const content: z.infer<typeof wrapped> = {
    format: 'aapanel-keyring/1',
    recoveryKeyId: ring.recovery.keyId,
    nonce: nonce.toString('base64'),
    sealed: sealed.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
  };
  return encode(content);
}

/** Throws `backup_wrong_key` when this key does not open it. */
export function unwrapRing(key: Buffer, bytes: Buffer): Ring {
  try {
    const content = wrapped.parse(JSON.parse(bytes.toString('utf8')));
    const { recoveryKeyId, nonce, sealed, tag } = content;
    const { wrap } = recoverySubKeys(key);
    const decipher = createDecipheriv('aes-256-gcm', wrap, Buffer.from(nonce, 'base64'), { authTagLength: 16 });
    decipher.setAAD(headOf(recoveryKeyId));
    decipher.setAuthTag(Buffer.from(tag, 'base64'));
    const opened = Buffer.concat([decipher.update(Buffer.from(sealed, 'base64')), decipher.final()]);
    const ring = parseRing(opened.toString('utf8'));
    // Base64 and JSON can be written in more than one way; this has one.
    if (encode(content).equals(bytes)) return ring;
  } catch {
    // Said below; the cause would hold the keys.
  }
  throw new AppError('not_allowed', 'The recovery key does not open the key ring.', { reason: 'backup_wrong_key' });
}

const headOf = (recoveryKeyId: string): Buffer => Buffer.from(`aapanel-keyring/1 ${recoveryKeyId}`);

function encode({ format, recoveryKeyId, ...bytes }: z.infer<typeof wrapped>): Buffer {
  const again = Object.entries(bytes).map(([name, text]) => [name, Buffer.from(text, 'base64').toString('base64')]);
  return Buffer.from(JSON.stringify({ format, recoveryKeyId, ...Object.fromEntries(again) }));
}

function base32(bytes: Buffer): string {
  let bits = '';
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0');
  return (bits.match(/.{5}/g) ?? []).map((five) => alphabet[Number.parseInt(five, 2)]).join('');
}

function fromBase32(text: string): Buffer | undefined {
  let bits = '';
  for (const letter of text) {
    const value = alphabet.indexOf(letter);
    if (value === -1) return undefined;
    bits += value.toString(2).padStart(5, '0');
  }
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((eight) => Number.parseInt(eight, 2)));
}
