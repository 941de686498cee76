import type { X509Certificate } from 'node:crypto';

/*
 * As much of DER (X.690) as the words of authorities need. Computes only. What is read is a stranger's: each length is held
 * against what is there before anything is taken.
 */

/** One value of DER: `whole` with its header, `body` without. */
export type Value = { readonly tag: number; readonly body: Buffer; readonly whole: Buffer };

export class DerError extends Error {}

export const tags = {
  integer: 2,
  bits: 3,
  octets: 4,
  oid: 6,
  enumerated: 10,
  utcTime: 0x17,
  sequence: 0x30,
  time: 0x18,
} as const;
/** Of RSA and ECDSA; SHA-1 is believed by nobody. */
export const digests: Readonly<Record<string, string>> = {
  '2a864886f70d01010b': 'sha256',
  '2a864886f70d01010c': 'sha384',
  '2a864886f70d01010d': 'sha512',
  '2a8648ce3d040302': 'sha256',
  '2a8648ce3d040303': 'sha384',
  '2a8648ce3d040304': 'sha512',
};

export function partsOf({ raw }: X509Certificate): { serial: Buffer; issuerName: Buffer; key: Buffer } {
  const [inner] = childrenOf(one(raw));
  if (inner === undefined) throw new DerError();
  const parts = childrenOf(inner);
  const [serial, , issuerName, , , spki] = parts[0]?.tag === 0xa0 ? parts.slice(1) : parts;
  if (serial?.tag !== tags.integer || issuerName === undefined || spki === undefined) throw new DerError();
  return {
    serial: serial.whole,
    issuerName: issuerName.whole,
    key: bodyOf(childrenOf(spki)[1], tags.bits).subarray(1),
  };
}

export function bodyOf(value: Value | undefined, tag: number): Buffer {
  if (value?.tag !== tag) throw new DerError();
  return value.body;
}

export function timeOf(value: Value | undefined): number {
  const text = bodyOf(value, tags.time).toString('latin1');
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (parts === null) throw new DerError();
  const [, year, month, day, hour, minute, second] = parts;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

export const childrenOf = ({ body }: Value): Value[] => valuesIn(body);

/** Exactly one value, and nothing after it. */
export function one(bytes: Buffer): Value {
  const [value, more] = valuesIn(bytes);
  if (value === undefined || more !== undefined) throw new DerError();
  return value;
}

export function valuesIn(bytes: Buffer): Value[] {
  const values: Value[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at] ?? 0;
    const first = bytes[at + 1];
    if (first === undefined || (tag & 0x1f) === 0x1f) throw new DerError();
    const wide = first < 0x80 ? 0 : first - 0x80;
    // DER has no length without an end, and nothing here is as long as three bytes of length could say.
    if ((first >= 0x80 && wide === 0) || wide > 3 || at + 2 + wide > bytes.length) throw new DerError();
    const length = wide === 0 ? first : bytes.readUIntBE(at + 2, wide);
    const from = at + 2 + wide;
    if (from + length > bytes.length) throw new DerError();
    values.push({ tag, body: bytes.subarray(from, from + length), whole: bytes.subarray(at, from + length) });
    at = from + length;
  }
  return values;
}

export function wrap(tag: number, body: Buffer): Buffer {
  const { length } = body;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}
