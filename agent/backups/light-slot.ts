import { createCipheriv, createDecipheriv, createHash, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/*
 * restic stretches every password for half a second of one core (scrypt), each time it starts, because people choose bad
 * ones. Ours are 32 random bytes: there is nothing to stretch, and a run starts restic a dozen times. So a slot of ours is
 * written again with the smallest stretching. Format: restic's "Keys, Encryption and MAC",
 * https://restic.readthedocs.io/en/stable/100_references.html#keys-encryption-and-mac
 */

const slotShape = z.looseObject({
  kdf: z.literal('scrypt'),
  N: z.int().min(2),
  r: z.int().min(1),
  p: z.int().min(1),
  salt: z.string(),
  data: z.string(),
});

/** Cost of scrypt in a slot of ours; restic takes any power of two. */
const light = { N: 2, r: 8, p: 1 };
/** restic itself stays below 60 MB: whoever can write into the target must not choose how much this process takes. */
const maxMemoryBytes = 128 * 1024 * 1024;
const maxParallel = 16;
const nonceBytes = 16;
const macBytes = 16;

type Keys = { readonly encrypt: Buffer; readonly macK: Buffer; readonly macR: Buffer };

/**
 * The same slot (same password, same master key) with the smallest stretching, and the name of its file. undefined: it is
 * light already, or of a kind that is not known here. Throws when the password is not the slot's.
 */
export function lightenSlot(file: Buffer, password: string): { name: string; file: Buffer } | undefined {
  const parsed = slotShape.safeParse(JSON.parse(file.toString('utf8')));
  if (!parsed.success || parsed.data.N <= light.N) return undefined;
  const slot = parsed.data;
  if (128 * slot.N * slot.r > maxMemoryBytes || slot.p > maxParallel) return undefined;
  const master = open(derive(password, Buffer.from(slot.salt, 'base64'), slot), Buffer.from(slot.data, 'base64'));
  const salt = randomBytes(64);
  const data = seal(derive(password, salt, light), master).toString('base64');
  const text = Buffer.from(JSON.stringify({ ...slot, ...light, salt: salt.toString('base64'), data }));
  return { name: createHash('sha256').update(text).digest('hex'), file: text };
}

function derive(password: string, salt: Buffer, { N, r, p }: { N: number; r: number; p: number }): Keys {
  const bytes = scryptSync(password, salt, 64, { N, r, p, maxmem: 2 * maxMemoryBytes });
  return { encrypt: bytes.subarray(0, 32), macK: bytes.subarray(32, 48), macR: bytes.subarray(48, 64) };
}

function seal(keys: Keys, plain: Buffer): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-ctr', keys.encrypt, nonce);
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, sealed, macOf(keys, nonce, sealed)]);
}

function open(keys: Keys, data: Buffer): Buffer {
  const nonce = data.subarray(0, nonceBytes);
  const sealed = data.subarray(nonceBytes, -macBytes);
  if (!timingSafeEqual(macOf(keys, nonce, sealed), data.subarray(-macBytes)))
    throw new Error('the password does not fit the slot');
  const cipher = createDecipheriv('aes-256-ctr', keys.encrypt, nonce);
  return Buffer.concat([cipher.update(sealed), cipher.final()]);
}

/** Poly1305-AES (Bernstein 2005): node has the authenticator only together with ChaCha20. */
function macOf({ macK, macR }: Keys, nonce: Buffer, message: Buffer): Buffer {
  const r = littleEndian(macR) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
  const prime = (1n << 130n) - 5n;
  let sum = 0n;
  for (let at = 0; at < message.length; at += 16) {
    const block = message.subarray(at, at + 16);
    sum = ((sum + littleEndian(block) + (1n << BigInt(8 * block.length))) * r) % prime;
  }
  const cipher = createCipheriv('aes-128-ecb', macK, null).setAutoPadding(false);
  const tag = BigInt.asUintN(128, sum + littleEndian(Buffer.concat([cipher.update(nonce), cipher.final()])));
  return Buffer.from(tag.toString(16).padStart(2 * macBytes, '0'), 'hex').reverse();
}

function littleEndian(bytes: Buffer): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}
