import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { AppError } from './errors.ts';

/** argon2id as RFC 9106 (4) recommends for 64 MiB: three passes; here with one lane because two hashes run at once. */
const cost = { memory: 64 * 1024, passes: 3, parallelism: 1, tagLength: 32 } as const;
/** 64 MiB and one core each: more at once would take the machine from the sites. */
const maxAtOnce = 2;
/** Callers beyond this are sent away instead of waiting for seconds. */
const maxWaiting = 64;

type Cost = { memory: number; passes: number; parallelism: number; tagLength: number };
type Stored = { readonly cost: Cost; readonly salt: Buffer; readonly hash: Buffer };

const runArgon2 = promisify(argon2);
const waiting: (() => void)[] = [];
let running = 0;
let mostAtOnce = 0;

/** `$argon2id$v=19$m=65536,t=3,p=1$<salt>$<hash>`. Throws `busy` when too many wait. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password.normalize('NFKC'), salt, cost);
  return render({ cost, salt, hash });
}

/**
 * Compares in constant time. Without a stored hash it does the same work and answers false, so that an unknown name
 * takes as long as a wrong password.
 */
export async function verifyPassword(password: string, stored: string | undefined): Promise<boolean> {
  const parts = parse(stored ?? decoy);
  if (parts === undefined) throw new Error('a stored password hash cannot be read');
  const hash = await derive(password.normalize('NFKC'), parts.salt, parts.cost);
  return timingSafeEqual(hash, parts.hash) && stored !== undefined;
}

/** Made with less than what is asked today: hashed anew at the next right password. */
export function isWeakHash(stored: string): boolean {
  const parts = parse(stored);
  return parts === undefined || parts.cost.memory < cost.memory || parts.cost.passes < cost.passes;
}

/** The most hashes that ever ran together in this process, and how many wait now. */
export function hashingLoad(): { mostAtOnce: number; running: number; waiting: number } {
  return { mostAtOnce, running, waiting: waiting.length };
}

/** Of no password: nobody knows one that fits. */
const decoy = render({ cost, salt: randomBytes(16), hash: randomBytes(cost.tagLength) });

async function derive(message: string, nonce: Buffer, { memory, passes, parallelism, tagLength }: Cost) {
  await takeTurn();
  try {
    return await runArgon2('argon2id', { message, nonce, memory, passes, parallelism, tagLength });
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

/** First come, first served. */
async function takeTurn(): Promise<void> {
  if (running < maxAtOnce) running += 1;
  else {
    if (waiting.length >= maxWaiting)
      throw new AppError('busy', 'Too many sign-ins at once; try again in a moment.', { reason: 'sign_in_busy' });
    await new Promise<void>((resolve) => {
      waiting.push(() => {
        running += 1;
        resolve();
      });
    });
  }
  mostAtOnce = Math.max(mostAtOnce, running);
}

function render({ cost: { memory, passes, parallelism }, salt, hash }: Stored): string {
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(hash)}`;
}

function parse(stored: string): Stored | undefined {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(stored);
  if (match === null) return undefined;
  const [, memory, passes, parallelism, salt = '', text = ''] = match;
  const hash = Buffer.from(text, 'base64');
  const numbers = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  return { cost: { ...numbers, tagLength: hash.length }, salt: Buffer.from(salt, 'base64'), hash };
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
