import { createSecretKey, hkdfSync, randomBytes, type KeyObject } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { variableNames, variables, type Variable } from './variables.ts';

/** Parts of values that earlier examples shipped; compared in lower case. */
const placeholders = [
  'your-secret-key',
  'change-this-key',
  'secret-key-here',
  'secret_key',
  'secretkey',
  'mysecretkey',
  'change-in-production',
  'changeme',
];

export const minSecretKeyLength = 32;

/** Why a key must not protect a production panel; undefined when it may. */
export function secretKeyProblem(
  key: string,
): 'secret_key_short' | 'secret_key_placeholder' | 'secret_key_predictable' | undefined {
  const lower = key.toLowerCase();
  if (placeholders.some((part) => lower.includes(part)) || exampleValues().has(lower)) return 'secret_key_placeholder';
  if (Array.from(key).length < minSecretKeyLength) return 'secret_key_short';
  return isPredictable(key) ? 'secret_key_predictable' : undefined;
}

/** Every value that an example file shows: whoever copies one as a key has a public key. */
function exampleValues(): Set<string> {
  const values = variableNames.flatMap((name) => {
    const { development, production, docker } = variables[name] as Variable<unknown>;
    return [development, production, docker];
  });
  return new Set(values.filter((value) => value !== undefined).map((value) => value.toLowerCase()));
}

/**
 * Repetition and runs. 32 random hex digits compress to about 24 bytes, a pattern repeated to 32 characters to less
 * than 18; in `0123…` and `abcd…` most neighbours differ by one, in random text one in eight at most.
 */
function isPredictable(key: string): boolean {
  const codes = Array.from(key).map((letter) => letter.codePointAt(0) ?? 0);
  if (new Set(codes).size < 8) return true;
  const runs = codes.filter((code, index) => index > 0 && Math.abs(code - (codes[index - 1] ?? 0)) <= 1).length;
  return runs > codes.length / 2 || deflateRawSync(key, { level: 9 }).length < 20;
}

export function newSecretKey(): string {
  return randomBytes(32).toString('hex');
}

/** The development key of a data folder, made on first use with mode 0600. Two processes end up with the same one. */
export function ensureSecretKeyFile(path: string): string {
  const existing = readKey(path);
  if (existing !== undefined) return existing;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(temporary, `${newSecretKey()}\n`, { mode: 0o600, flag: 'wx' });
  try {
    // Unlike a rename, a link fails when another process was first: its key counts.
    linkSync(temporary, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
  const key = readKey(path);
  if (key === undefined) throw new Error(`${path} is empty`);
  return key;
}

function readKey(path: string): string | undefined {
  try {
    const key = readFileSync(path, 'utf8').trim();
    return key === '' ? undefined : key;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A 256-bit key for one purpose (RFC 5869): keys of different purposes reveal nothing about each other. */
export function deriveKey(secretKey: string, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', secretKey, 'aapanel', purpose, 32)));
}
