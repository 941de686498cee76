import { hash, randomInt } from 'node:crypto';

/*
 * SHA-512 crypt (`$6$`), as crypt(3) of every Linux and so nginx checks it. nginx works it out anew with each request,
 * while others wait: of what crypt(3) offers, this one with its usual 5000 rounds takes two milliseconds; yescrypt and
 * bcrypt take many times that. https://www.akkadia.org/drepper/SHA-crypt.txt
 */

const rounds = 5_000;
const letters = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** A hash with a salt of its own. */
export function hashPassword(password: string): string {
  return sha512Crypt(password, Array.from({ length: 16 }, () => letters[randomInt(64)]).join(''));
}

/** `salt`: at most 16 of `./0-9A-Za-z`. */
export function sha512Crypt(password: string, salt: string): string {
  const word = Buffer.from(password);
  const salted = Buffer.from(salt);
  const inner = sum(word, salted, word);
  const bits = word.length.toString(2).split('').toReversed();
  let digest = sum(word, salted, repeated(inner, word.length), ...bits.map((bit) => (bit === '1' ? inner : word)));
  const words = repeated(sum(...Array.from({ length: word.length }, () => word)), word.length);
  const salts = repeated(sum(...Array.from({ length: 16 + (digest[0] ?? 0) }, () => salted)), salted.length);
  const empty = Buffer.alloc(0);
  for (let round = 0; round < rounds; round++) {
    const isOdd = round % 2 === 1;
    digest = sum(
      isOdd ? words : digest,
      round % 3 === 0 ? empty : salts,
      round % 7 === 0 ? empty : words,
      isOdd ? digest : words,
    );
  }
  return `$6$${salt}$${encode(digest)}`;
}

function sum(...parts: readonly Buffer[]): Buffer {
  return hash('sha512', Buffer.concat(parts), 'buffer');
}

function repeated(block: Buffer, length: number): Buffer {
  return Buffer.alloc(length, block);
}

/** Three bytes are four letters, in an order of its own. */
function encode(digest: Buffer): string {
  const at = (index: number): number => digest[index] ?? 0;
  let text = '';
  for (let index = 0; index < 21; index++) {
    const three = [index, index + 21, index + 42];
    const turned = [...three.slice(index % 3), ...three.slice(0, index % 3)].map(at);
    text += lettersOf(((turned[0] ?? 0) << 16) | ((turned[1] ?? 0) << 8) | (turned[2] ?? 0), 4);
  }
  return text + lettersOf(at(63), 2);
}

function lettersOf(value: number, count: number): string {
  return Array.from({ length: count }, (_, index) => letters[(value >> (6 * index)) & 63]).join('');
}
