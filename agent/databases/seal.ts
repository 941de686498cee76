import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  pbkdf2Sync,
  randomBytes,
  randomInt,
} from 'node:crypto';
import { ownKey } from '../core/keys.ts';
import type { Machine } from '../core/machine.ts';

type Where = Pick<Machine, 'stateFolder'>;

const ivBytes = 12;
const tagBytes = 16;

/** AES-256-GCM with a key of the agent's own, bound to the database: a copy in the record of another one does not open. */
export async function seal(where: Where, databaseId: string, password: string): Promise<string> {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', await ownKey(where.stateFolder, 'databases'), iv);
  cipher.setAAD(Buffer.from(databaseId));
  const body = Buffer.concat([cipher.update(password, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64');
}

/** Throws when it was sealed with another key or for another database. */
export async function unseal(where: Where, databaseId: string, sealed: string): Promise<string> {
  const bytes = Buffer.from(sealed, 'base64');
  const iv = bytes.subarray(0, ivBytes);
  const decipher = createDecipheriv('aes-256-gcm', await ownKey(where.stateFolder, 'databases'), iv, {
    authTagLength: tagBytes,
  });
  decipher.setAAD(Buffer.from(databaseId));
  decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
  return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]).toString('utf8');
}

const letters = 'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** 28 letters and digits that no tool quotes and nobody mistakes for each other: 162 random bits. */
export function newPassword(): string {
  return Array.from({ length: 28 }, () => letters[randomInt(letters.length)]).join('');
}

/**
 * What `mysql_native_password` keeps of a password. Computed here, so that no statement, and with it no log of the server
 * and no list of its processes, ever holds the password itself.
 */
export function nativeHash(password: string): string {
  const once = createHash('sha1').update(password, 'utf8').digest();
  return `*${createHash('sha1').update(once).digest('hex').toUpperCase()}`;
}

const scramRounds = 4_096;

/** What PostgreSQL keeps of a password (RFC 5803), with a salt of its own each time. Computed here for the same reason. */
export function scramOf(password: string, salt: Buffer = randomBytes(16)): string {
  const salted = pbkdf2Sync(password, salt, scramRounds, 32, 'sha256');
  const keyed = (text: string): Buffer => createHmac('sha256', salted).update(text).digest();
  const stored = createHash('sha256').update(keyed('Client Key')).digest('base64');
  const server = keyed('Server Key').toString('base64');
  return `SCRAM-SHA-256$${scramRounds}:${salt.toString('base64')}$${stored}:${server}`;
}

/** Was this kept of that password? */
export function isScramOf(kept: string, password: string): boolean {
  const salt = /^SCRAM-SHA-256\$4096:([A-Za-z0-9+/=]+)\$/.exec(kept)?.[1];
  return salt !== undefined && scramOf(password, Buffer.from(salt, 'base64')) === kept;
}
