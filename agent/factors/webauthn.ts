import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';
import { z } from 'zod';

/*
 * The pieces of Web Authentication Level 3 (https://www.w3.org/TR/webauthn-3/) that the checks in passkeys.ts are made of.
 * Pure functions: bytes in, facts out.
 */

/** 5.8.1 CollectedClientData; browsers may add members, so unknown ones are passed over. */
const collected = z.object({
  type: z.string(),
  challenge: z.string(),
  origin: z.string(),
  crossOrigin: z.boolean().optional(),
  topOrigin: z.string().optional(),
});
export type ClientData = z.infer<typeof collected>;

export function readClientData(base64url: string): ClientData | undefined {
  try {
    const bytes = Buffer.from(base64url, 'base64url');
    return collected.safeParse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))).data;
  } catch {
    return undefined;
  }
}

/** 6.1 Authenticator data. */
export type AuthenticatorData = {
  readonly rpIdHash: Buffer;
  readonly isUserPresent: boolean;
  readonly isUserVerified: boolean;
  readonly signCount: number;
  /** 6.5.1 Attested credential data; only of registrations. `coseKey` runs to the end, extensions included. */
  readonly attested: { readonly credentialId: Buffer; readonly coseKey: Buffer } | undefined;
};

const flag = {
  userPresent: 0x01,
  userVerified: 0x04,
  backupEligible: 0x08,
  backedUp: 0x10,
  attested: 0x40,
  extensions: 0x80,
};
const fixedLength = 37;
const aaguidLength = 16;

/** undefined when the bytes contradict themselves. */
export function readAuthenticatorData(bytes: Buffer): AuthenticatorData | undefined {
  if (bytes.length < fixedLength) return undefined;
  const flags = bytes.readUInt8(32);
  const has = (bit: number): boolean => (flags & bit) !== 0;
  // 6.1.3: what cannot be backed up is not backed up.
  if (has(flag.backedUp) && !has(flag.backupEligible)) return undefined;
  const rest = bytes.subarray(fixedLength);
  if (rest.length > 0 && !has(flag.attested) && !has(flag.extensions)) return undefined;
  const attested = has(flag.attested) ? readAttested(rest) : undefined;
  if (has(flag.attested) && attested === undefined) return undefined;
  return {
    rpIdHash: bytes.subarray(0, 32),
    isUserPresent: has(flag.userPresent),
    isUserVerified: has(flag.userVerified),
    signCount: bytes.readUInt32BE(33),
    attested,
  };
}

function readAttested(bytes: Buffer): AuthenticatorData['attested'] {
  if (bytes.length < aaguidLength + 2) return undefined;
  const length = bytes.readUInt16BE(aaguidLength);
  const start = aaguidLength + 2;
  // 7.1, step 25: at most 1023 bytes.
  if (length === 0 || length > 1023 || bytes.length <= start + length) return undefined;
  return { credentialId: bytes.subarray(start, start + length), coseKey: bytes.subarray(start + length) };
}

/** COSE algorithms (RFC 9053, RFC 8812): ES256, EdDSA, RS256. */
export type Algorithm = -7 | -8 | -257;

const smallestRsaBits = 2048;

/** The key, when its SubjectPublicKeyInfo is one of the algorithm (5.8.5: ES256 is P-256, EdDSA is Ed25519). */
export function importKey(spki: Buffer, algorithm: Algorithm): KeyObject | undefined {
  let key: KeyObject;
  try {
    key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (algorithm === -7) return type === 'ec' && details?.namedCurve === 'prime256v1' ? key : undefined;
  if (algorithm === -8) return type === 'ed25519' ? key : undefined;
  return type === 'rsa' && (details?.modulusLength ?? 0) >= smallestRsaBits ? key : undefined;
}

/** Whether the key's own numbers stand in the COSE key that the authenticator made (RFC 9053, 7; RFC 8230, 4). */
export function isKeyOf(key: KeyObject, coseKey: Buffer): boolean {
  const { x, y, n } = key.export({ format: 'jwk' });
  const numbers = [x, y, n].filter((part) => part !== undefined);
  return numbers.length > 0 && numbers.every((part) => coseKey.includes(Buffer.from(part, 'base64url')));
}

/** 6.3.3, step 12: signature over authenticator data ‖ SHA-256(client data). */
export function isSignatureRight(
  key: KeyObject,
  algorithm: Algorithm,
  authenticatorData: Buffer,
  clientData: Buffer,
  signature: Buffer,
): boolean {
  const signed = Buffer.concat([authenticatorData, sha256Of(clientData)]);
  try {
    return verify(algorithm === -8 ? null : 'sha256', signed, key, signature);
  } catch {
    return false;
  }
}

export function sha256Of(bytes: Buffer | string): Buffer {
  return createHash('sha256').update(bytes).digest();
}
