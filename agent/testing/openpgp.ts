import { createHash, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';

/*
 * For tests: a key of OpenPGP and signatures of it, as gpgv takes them (RFC 9580, version 4, RSA), so that no test needs the
 * program that makes them.
 */

export type TestKey = {
  /** As a keyring without armour. */
  readonly keyring: Buffer;
  readonly fingerprint: string;
  /** A detached signature of these bytes, with armour. */
  sign(bytes: Buffer): string;
};

export function makeTestKey(name: string): TestKey {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
  const madeAt = uint32(Math.floor(Date.now() / 1_000) - 60);
  const numbers = [n, e].map((text) => mpi(Buffer.from(text, 'base64url')));
  const key = Buffer.concat([Buffer.from([4]), madeAt, Buffer.from([1]), ...numbers]);
  const hashedKey = Buffer.concat([Buffer.from([0x99]), uint16(key.length), key]);
  const fingerprint = createHash('sha1').update(hashedKey).digest();
  const user = Buffer.from(name);
  const ofKey = { privateKey, fingerprint, madeAt };
  const certified = Buffer.concat([hashedKey, Buffer.from([0xb4]), uint32(user.length), user]);
  return {
    // 0x13: a person with this name; 27: may certify and sign.
    keyring: Buffer.concat([
      packet(6, key),
      packet(13, user),
      packet(2, signature(ofKey, 0x13, certified, [subpacket(27, Buffer.from([0x03]))])),
    ]),
    fingerprint: fingerprint.toString('hex').toUpperCase(),
    sign: (bytes) => armour(packet(2, signature(ofKey, 0x00, bytes, []))),
  };
}

type OfKey = { readonly privateKey: KeyObject; readonly fingerprint: Buffer; readonly madeAt: Buffer };

function signature({ privateKey, fingerprint, madeAt }: OfKey, type: number, over: Buffer, more: Buffer[]): Buffer {
  const issuer = subpacket(33, Buffer.concat([Buffer.from([4]), fingerprint]));
  const hashed = Buffer.concat([subpacket(2, madeAt), issuer, ...more]);
  const head = Buffer.concat([Buffer.from([4, type, 1, 8]), uint16(hashed.length), hashed]);
  const signed = Buffer.concat([over, head, Buffer.from([4, 0xff]), uint32(head.length)]);
  const unhashed = subpacket(16, fingerprint.subarray(-8));
  const start = createHash('sha256').update(signed).digest().subarray(0, 2);
  const number = mpi(createSign('sha256').update(signed).sign(privateKey));
  return Buffer.concat([head, uint16(unhashed.length), unhashed, start, number]);
}

function packet(tag: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0xc0 | tag, 0xff]), uint32(body.length), body]);
}

function subpacket(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([body.length + 1, type]), body]);
}

function mpi(bytes: Buffer): Buffer {
  const from = bytes.findIndex((byte) => byte !== 0);
  const rest = bytes.subarray(from);
  return Buffer.concat([uint16((rest.length - 1) * 8 + (32 - Math.clz32(rest[0] ?? 0))), rest]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function armour(bytes: Buffer): string {
  const lines = bytes.toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN PGP SIGNATURE-----\n\n${lines}\n-----END PGP SIGNATURE-----\n`;
}
