import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { AppError } from '#shared/errors.ts';

/** argon2id as RFC 9106 recommends for 64 MiB: three passes, here with one lane because two hashes run at once. */
const cost = { memory: 64 * 1024, passes: 3, parallelism: 1, tagLength: 32 } as const;
/** 64 MiB and one core each: more at once would take the machine from the sites. */
const maxAtOnce = 2;
/** Callers beyond this are sent away instead of waiting for seconds. */
const maxWaiting = 64;

const runArgon2 = promisify(argon2);

let running = 0;
let mostAtOnce = 0;
const waiting: (() => void)[] = [];

/** `$argon2id$v=19$m=65536,t=3,p=1$<salt>$<hash>` of a password already in NFKC. Throws `busy` when too many wait. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, cost);
  const { memory, passes, parallelism } = cost;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(hash)}`;
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

/** The most hashes that ever ran together in this process, and how many wait now. */
export function hashingLoad(): { mostAtOnce: number; running: number; waiting: number } {
  return { mostAtOnce, running, waiting: waiting.length };
}

type Cost = { memory: number; passes: number; parallelism: number; tagLength: number };

const decoy = `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${base64(randomBytes(16))}$${base64(randomBytes(32))}`;

async function derive(
  password: string,
  salt: Buffer,
  { memory, passes, parallelism, tagLength }: Cost,
): Promise<Buffer> {
  await takeTurn();
  try {
    return await runArgon2('argon2id', {
      message: password,
      nonce: salt,
      memory,
      passes,
      parallelism,
      tagLength,
    });
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

/** First come, first served. */
async function takeTurn(): Promise<void> {
  if (running >= maxAtOnce) {
    if (waiting.length >= maxWaiting) {
      throw new AppError('busy', 'Too many sign-ins at once; try again in a moment.', { reason: 'sign_in_busy' });
    }
    await new Promise<void>((resolve) => {
      waiting.push(() => {
        running += 1;
        resolve();
      });
    });
  } else {
    running += 1;
  }
  mostAtOnce = Math.max(mostAtOnce, running);
}

function parse(stored: string): { cost: Cost; salt: Buffer; hash: Buffer } | undefined {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(stored);
  if (match === null) return undefined;
  const [, memory, passes, parallelism, salt = '', hash = ''] = match;
  const bytes = Buffer.from(hash, 'base64');
  return {
    cost: {
      memory: Number(memory),
      passes: Number(passes),
      parallelism: Number(parallelism),
      tagLength: bytes.length,
    },
    salt: Buffer.from(salt, 'base64'),
    hash: bytes,
  };
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
