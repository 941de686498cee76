import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

/*
 * For tests: a security key in software, as a browser shows it (Web Authentication Level 3; ES256, no attestation, the
 * person verified).
 */

export type SecurityKey = {
  readonly id: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
};

type Place = { readonly rpId: string; readonly origin: string; readonly challenge: string };

export function newSecurityKey(): SecurityKey {
  return { id: randomBytes(16).toString('base64url'), ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) };
}

/** `navigator.credentials.create()` */
export function createCredential(key: SecurityKey, place: Place) {
  const { x = '', y = '' } = key.publicKey.export({ format: 'jwk' });
  const id = Buffer.from(key.id, 'base64url');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(id.length);
  // {1: 2, 3: -7, -1: 1, -2: x, -3: y} (RFC 9053)
  const cose = Buffer.concat([
    Buffer.from('a50102032620012158', 'hex'),
    Buffer.from([32]),
    Buffer.from(x, 'base64url'),
    Buffer.from('225820', 'hex'),
    Buffer.from(y, 'base64url'),
  ]);
  const data = Buffer.concat([authenticatorData(place, 0x45), Buffer.alloc(16), length, id, cose]);
  // {fmt: 'none', attStmt: {}, authData: …}
  const head = Buffer.from('a363666d74646e6f6e656761747453746d74a068617574684461746158', 'hex');
  return {
    id: key.id,
    response: {
      clientDataJSON: clientData('webauthn.create', place).toString('base64url'),
      attestationObject: Buffer.concat([head, Buffer.from([data.length]), data]).toString('base64url'),
      authenticatorData: data.toString('base64url'),
      publicKey: key.publicKey.export({ format: 'der', type: 'spki' }).toString('base64url'),
      publicKeyAlgorithm: -7,
    },
  };
}

/** `navigator.credentials.get()` */
export function getAssertion(key: SecurityKey, place: Place, personId: string) {
  const data = authenticatorData(place, 0x05);
  const client = clientData('webauthn.get', place);
  const signed = Buffer.concat([data, createHash('sha256').update(client).digest()]);
  return {
    id: key.id,
    response: {
      clientDataJSON: client.toString('base64url'),
      authenticatorData: data.toString('base64url'),
      signature: sign('sha256', signed, key.privateKey).toString('base64url'),
      userHandle: Buffer.from(personId).toString('base64url'),
    },
  };
}

function clientData(type: string, { challenge, origin }: Place): Buffer {
  return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
}

function authenticatorData({ rpId }: Place, flags: number): Buffer {
  const data = Buffer.alloc(37);
  createHash('sha256').update(rpId).digest().copy(data);
  data.writeUInt8(flags, 32);
  return data;
}
