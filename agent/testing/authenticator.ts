import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

/*
 * For tests: a passkey device in software, after Web Authentication Level 3, 6.3 (no attestation). Everything it says can
 * be replaced, so that tests can lie about it.
 */

export const algorithms = { ES256: -7, EdDSA: -8, RS256: -257 } as const;
export type AlgorithmName = keyof typeof algorithms;

export type Device = {
  readonly id: string;
  readonly algorithm: AlgorithmName;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  signCount: number;
};

export type Place = { readonly id: string; readonly origin: string };

export type Lies = {
  readonly type?: string;
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly crossOrigin?: boolean;
  readonly topOrigin?: string;
  /** Default: present, verified (and attested, at registration). */
  readonly flags?: number;
  readonly credentialId?: Buffer;
  readonly userHandle?: string | null;
  readonly signCount?: number;
  /** Behind the authenticator data. */
  readonly more?: Buffer;
};

export function newDevice(algorithm: AlgorithmName = 'ES256'): Device {
  const { publicKey, privateKey } = keysFor(algorithm);
  return { id: randomBytes(16).toString('base64url'), algorithm, publicKey, privateKey, signCount: 0 };
}

function keysFor(algorithm: AlgorithmName) {
  if (algorithm === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  if (algorithm === 'EdDSA') return generateKeyPairSync('ed25519');
  return generateKeyPairSync('rsa', { modulusLength: 2048 });
}

/** `navigator.credentials.create()` */
export function register(device: Device, place: Place, challenge: string, lies: Lies = {}) {
  const authenticatorData = authData(device, place, { flags: 0x45, ...lies }, attested(device, lies));
  return {
    id: device.id,
    response: {
      clientDataJSON: clientData('webauthn.create', place, challenge, lies).toString('base64url'),
      // {"fmt": "none", "attStmt": {}, "authData": …}: only that the bytes stand in it is looked at.
      attestationObject: Buffer.concat([Buffer.from('a363666d74646e6f6e65', 'hex'), authenticatorData]).toString(
        'base64url',
      ),
      authenticatorData: authenticatorData.toString('base64url'),
      publicKey: device.publicKey.export({ format: 'der', type: 'spki' }).toString('base64url'),
      publicKeyAlgorithm: algorithms[device.algorithm],
    },
  };
}

/** `navigator.credentials.get()` */
export function assert(device: Device, place: Place, challenge: string, personId: string | null, lies: Lies = {}) {
  device.signCount += 1;
  const authenticatorData = authData(device, place, { flags: 0x05, ...lies });
  const data = clientData('webauthn.get', place, challenge, lies);
  const signed = Buffer.concat([authenticatorData, createHash('sha256').update(data).digest()]);
  const handle = lies.userHandle === undefined ? personId : lies.userHandle;
  return {
    id: device.id,
    response: {
      clientDataJSON: data.toString('base64url'),
      authenticatorData: authenticatorData.toString('base64url'),
      signature: sign(device.algorithm === 'EdDSA' ? null : 'sha256', signed, device.privateKey).toString('base64url'),
      userHandle: handle === null ? null : Buffer.from(handle).toString('base64url'),
    },
  };
}

function clientData(type: string, { origin }: Place, challenge: string, lies: Lies): Buffer {
  const { crossOrigin = false, topOrigin } = lies;
  return Buffer.from(
    JSON.stringify({
      type: lies.type ?? type,
      challenge: lies.challenge ?? challenge,
      origin: lies.origin ?? origin,
      crossOrigin,
      topOrigin,
    }),
  );
}

function authData(device: Device, { id }: Place, lies: Lies, attestedData: Uint8Array = Buffer.alloc(0)): Buffer {
  const fixed = Buffer.alloc(37);
  createHash('sha256')
    .update(lies.rpId ?? id)
    .digest()
    .copy(fixed);
  fixed.writeUInt8(lies.flags ?? 0, 32);
  fixed.writeUInt32BE(lies.signCount ?? device.signCount, 33);
  return Buffer.concat([fixed, attestedData, lies.more ?? Buffer.alloc(0)]);
}

/** AAGUID, length, id, and the key's numbers where COSE has them. */
function attested(device: Device, lies: Lies) {
  const credentialId = lies.credentialId ?? Buffer.from(device.id, 'base64url');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(credentialId.length);
  const { x, y, n } = device.publicKey.export({ format: 'jwk' });
  const numbers = [x, y, n].flatMap((part) => (part === undefined ? [] : Buffer.from(part, 'base64url')));
  return Buffer.concat([Buffer.alloc(16), length, credentialId, Buffer.from([0xa5]), ...numbers]);
}
