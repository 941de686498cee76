/*
 * SHA-256 of bytes that come piece by piece: the browser's own knows only a whole that is held in memory, and only over HTTPS.
 */

// The first 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2).
const constants = Uint32Array.from(firstPrimes(64), (prime) => fraction(Math.cbrt(prime)));
const initial = Uint32Array.from(firstPrimes(8), (prime) => fraction(Math.sqrt(prime)));
const blockBytes = 64;

export type Sha256 = { update(bytes: Uint8Array): void; hex(): string };

export function createSha256(): Sha256 {
  const state = Uint32Array.from(initial);
  const words = new Uint32Array(64);
  const held = new Uint8Array(blockBytes);
  let heldBytes = 0;
  let total = 0;

  function block(bytes: Uint8Array, from: number): void {
    for (let index = 0; index < 16; index++) {
      const at = from + index * 4;
      words[index] =
        ((bytes[at] as number) << 24) |
        ((bytes[at + 1] as number) << 16) |
        ((bytes[at + 2] as number) << 8) |
        (bytes[at + 3] as number);
    }
    for (let index = 16; index < 64; index++) {
      const early = words[index - 15] as number;
      const late = words[index - 2] as number;
      const one = ((early >>> 7) | (early << 25)) ^ ((early >>> 18) | (early << 14)) ^ (early >>> 3);
      const two = ((late >>> 17) | (late << 15)) ^ ((late >>> 19) | (late << 13)) ^ (late >>> 10);
      words[index] = ((words[index - 16] as number) + one + (words[index - 7] as number) + two) | 0;
    }
    let a = state[0] as number;
    let b = state[1] as number;
    let c = state[2] as number;
    let d = state[3] as number;
    let e = state[4] as number;
    let f = state[5] as number;
    let g = state[6] as number;
    let h = state[7] as number;
    for (let index = 0; index < 64; index++) {
      const mixed = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const first = (h + mixed + ((e & f) ^ (~e & g)) + (constants[index] as number) + (words[index] as number)) | 0;
      const turned = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const second = (turned + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + first) | 0;
      d = c;
      c = b;
      b = a;
      a = (first + second) | 0;
    }
    const added = [a, b, c, d, e, f, g, h];
    for (let index = 0; index < 8; index++) state[index] = ((state[index] as number) + (added[index] as number)) | 0;
  }

  function update(bytes: Uint8Array): void {
    total += bytes.length;
    let at = 0;
    if (heldBytes > 0) {
      at = Math.min(blockBytes - heldBytes, bytes.length);
      held.set(bytes.subarray(0, at), heldBytes);
      heldBytes += at;
      if (heldBytes < blockBytes) return;
      block(held, 0);
      heldBytes = 0;
    }
    for (; at + blockBytes <= bytes.length; at += blockBytes) block(bytes, at);
    held.set(bytes.subarray(at));
    heldBytes = bytes.length - at;
  }

  return {
    update,
    hex() {
      const length = total;
      const rest = (heldBytes < 56 ? 56 : 120) - heldBytes;
      const end = new Uint8Array(rest + 8);
      end[0] = 0x80;
      const view = new DataView(end.buffer);
      view.setUint32(rest, Math.floor(length / 0x2000_0000));
      view.setUint32(rest + 4, (length << 3) >>> 0);
      update(end);
      return Array.from(state, (word) => word.toString(16).padStart(8, '0')).join('');
    },
  };
}

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let number = 2; primes.length < count; number++)
    if (primes.every((prime) => number % prime !== 0)) primes.push(number);
  return primes;
}

function fraction(root: number): number {
  return ((root - Math.floor(root)) * 2 ** 32) >>> 0;
}
