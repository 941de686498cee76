import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '#shared/agent/people.ts';
import { AppError } from '#shared/errors.ts';
import { id, instant } from '#shared/http.ts';
import { look, makeFolders, putFile, readText, Unsynced } from '../core/files.ts';
import { manifest, signedManifest, type Manifest, type SignedManifest } from './manifest.ts';

/*
 * The key ring: 256 random bits per key in a root-only file that is part of no backup. A key never does two things:
 * signing, opening repositories and exports each have a sub-key of their own.
 */

const secret = z.base64().length(44);

const ringShape = z.strictObject({
  format: z.literal('aapanel-keys/1'),
  /** Tells the snapshots of this machine from those of others in the same repository. */
  hostId: id,
  keys: z
    .array(
      z.strictObject({
        keyId: id,
        secret,
        state: z.enum(['active', 'verify_only', 'retired']),
        createdAt: instant,
      }),
    )
    .min(1),
  /** Sub-keys of the recovery key, which itself is kept nowhere. */
  recovery: z.strictObject({ keyId: id, createdAt: instant, repository: secret, wrap: secret }).nullable(),
});
export type Ring = z.infer<typeof ringShape>;
export type RingKey = Ring['keys'][number];
export type KeyUse = 'sign' | 'repository' | 'export' | 'wrap';

const pathOf = (folder: string): string => `${folder}/keys.json`;
const letters = 'abcdefghijklmnopqrstuvwxyz234567';

/** A new opaque id. */
export function newId(): string {
  return Array.from(randomBytes(16), (byte) => letters[byte & 31]).join('');
}

export function newKey(now: number): RingKey {
  const createdAt = new Date(now).toISOString();
  return { keyId: newId(), secret: randomBytes(32).toString('base64'), state: 'active', createdAt };
}

/** undefined while there is none. Throws `backup_key_missing` for one that cannot be read. `folder`: of backups. */
export function findRing(folder: string): Ring | undefined {
  const text = readText(pathOf(folder));
  if (text === undefined) return undefined;
  try {
    return ringShape.parse(JSON.parse(text));
  } catch {
    // The cause would hold the keys.
    throw keyMissing();
  }
}

/** The ring; made when nothing was ever saved with one. Throws `backup_key_missing`. */
export async function ringOf(folder: string, now: number): Promise<Ring> {
  const present = findRing(folder);
  if (present !== undefined) return present;
  // A new key beside old backups would make all of them strangers, and look like a fresh start.
  if (look(`${folder}/catalogue`).type !== 'missing') throw keyMissing();
  const ring: Ring = { format: 'aapanel-keys/1', hostId: newId(), keys: [newKey(now)], recovery: null };
  await writeRing(folder, ring);
  return ring;
}

export async function writeRing(folder: string, ring: Ring): Promise<void> {
  makeFolders(folder);
  const unsynced = new Unsynced();
  putFile(pathOf(folder), Buffer.from(`${JSON.stringify(ringShape.parse(ring))}\n`), { mode: 0o600 }, 'keys', unsynced);
  await unsynced.flush();
}

/** A ring that came out of its wrapping. Throws for anything else. */
export function parseRing(text: string): Ring {
  return ringShape.parse(JSON.parse(text));
}

function keyMissing(): AppError {
  return new AppError('internal', 'The backup keys of this panel are missing or damaged.', {
    reason: 'backup_key_missing',
  });
}

/** 32 bytes for one use of one key. */
export function subKey(secretBytes: Buffer, use: KeyUse): Buffer {
  return Buffer.from(hkdfSync('sha256', secretBytes, '', `aapanel-backup/1 ${use}`, 32));
}

export function keyFor(key: RingKey, use: KeyUse): Buffer {
  return subKey(Buffer.from(key.secret, 'base64'), use);
}

export function activeKey(ring: Ring): RingKey {
  const key = ring.keys.find(({ state }) => state === 'active');
  if (key === undefined) throw keyMissing();
  return key;
}

/** Throws `backup_key_unknown` or `backup_key_retired`. */
export function readingKey(ring: Ring, keyId: string): RingKey {
  const key = ring.keys.find((each) => each.keyId === keyId);
  if (key === undefined)
    throw new AppError('not_allowed', 'It is signed with a key that this panel does not have.', {
      reason: 'backup_key_unknown',
      params: { keyId },
    });
  if (key.state === 'retired')
    throw new AppError('not_allowed', 'It is signed with a key that was retired.', {
      reason: 'backup_key_retired',
      params: { keyId },
    });
  return key;
}

/** What restic takes as the password of a repository. */
export function repositoryPassword(key: RingKey): string {
  return keyFor(key, 'repository').toString('base64url');
}

const hmacOf = (key: RingKey, text: string): Buffer => createHmac('sha256', keyFor(key, 'sign')).update(text).digest();

/** Signs canonical JSON with the active key. */
export function signText(ring: Ring, text: string): SignedManifest {
  const key = activeKey(ring);
  return { manifest: text, algorithm: 'HMAC-SHA256', keyId: key.keyId, hmac: hmacOf(key, text).toString('hex') };
}

/**
 * The signed text out of a file's bytes; nothing in it is looked at before the signature holds. Throws
 * `backup_key_unknown`, `backup_key_retired` or `backup_manifest_invalid`.
 */
export function verifyText(ring: Ring, bytes: Buffer): SignedManifest {
  const signed = parseSigned(bytes);
  const expected = hmacOf(readingKey(ring, signed.keyId), signed.manifest);
  if (!timingSafeEqual(expected, Buffer.from(signed.hmac, 'hex'))) throw invalidManifest('the signature does not hold');
  return signed;
}

/** As it is written, its signature not looked at. Throws `backup_manifest_invalid`. */
export function parseSigned(bytes: Buffer): SignedManifest {
  const text = bytes.toString('utf8');
  try {
    const signed = signedManifest.parse(JSON.parse(text));
    // One way to write it only: no byte of the file is without meaning.
    if (encodeSigned(signed).equals(bytes)) return signed;
  } catch {
    // Said below.
  }
  throw invalidManifest('it is no signed manifest');
}

export function encodeSigned(signed: SignedManifest): Buffer {
  return Buffer.from(`${canonicalJson(signed)}\n`);
}

export function signManifest(ring: Ring, content: Manifest): SignedManifest {
  return signText(ring, canonicalJson(manifest.parse(content)));
}

/** Throws as `verifyText`. */
export function verifyManifest(ring: Ring, bytes: Buffer): { signed: SignedManifest; manifest: Manifest } {
  const signed = verifyText(ring, bytes);
  const parsed = manifest.safeParse(JSON.parse(signed.manifest));
  if (!parsed.success) throw invalidManifest('its format is not known');
  return { signed, manifest: parsed.data };
}

export function invalidManifest(cause: string): AppError {
  return new AppError('not_allowed', 'The manifest of a backup is damaged or was changed.', {
    reason: 'backup_manifest_invalid',
    cause,
  });
}
