import { createHash } from 'node:crypto';

/** What a public key of its own begins with; subkeys hang on one. */
const primaryKeyTag = 6;

/**
 * Fingerprints, 40 hex digits in capitals, of the keys in a keyring without armour (RFC 9580, 4.2 and 5.5.4.2). Throws a RangeError
 * on what is none, and on keys of another version than 4, whose fingerprints are made differently.
 */
export function fingerprintsIn(keyring: Buffer): string[] {
  const found: string[] = [];
  for (let at = 0; at < keyring.length; ) {
    const { tag, start, end } = packetAt(keyring, at);
    const body = keyring.subarray(start, end);
    if (tag === primaryKeyTag) {
      if (body[0] !== 4) throw new RangeError('a key of another version');
      const head = Buffer.from([0x99, body.length >> 8, body.length & 0xff]);
      found.push(createHash('sha1').update(head).update(body).digest('hex').toUpperCase());
    }
    at = end;
  }
  return found;
}

type Packet = { readonly tag: number; readonly start: number; readonly end: number };

function packetAt(bytes: Buffer, at: number): Packet {
  const first = bytes[at] ?? 0;
  if ((first & 0x80) === 0) throw new RangeError('no packet of OpenPGP');
  const isNew = (first & 0x40) !== 0;
  const { size, length } = isNew ? newLength(bytes, at + 1) : oldLength(bytes, at + 1, first & 0x03);
  const start = at + 1 + size;
  if (start + length > bytes.length) throw new RangeError('a packet that is cut off');
  return { tag: isNew ? first & 0x3f : (first >> 2) & 0x0f, start, end: start + length };
}

type Length = { readonly size: number; readonly length: number };

function newLength(bytes: Buffer, at: number): Length {
  const first = bytes[at] ?? 0;
  if (first < 192) return { size: 1, length: first };
  if (first < 224) return { size: 2, length: ((first - 192) << 8) + bytes.readUInt8(at + 1) + 192 };
  if (first === 255) return { size: 5, length: bytes.readUInt32BE(at + 1) };
  throw new RangeError('a packet of unknown length');
}

function oldLength(bytes: Buffer, at: number, kind: number): Length {
  if (kind === 3) throw new RangeError('a packet of unknown length');
  const size = 1 << kind;
  return { size, length: bytes.readUIntBE(at, size) };
}
