import { argon2Sync, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { recoveryCode } from '#shared/factors.ts';
import { hashingLoad, hashPassword, isWeakHash, verifyPassword } from '#shared/password-hash.ts';
import { hashForReal } from '../../test/testing/cheap-hashes.ts';
import { findRecoveryHash, newRecoveryCodes, recoveryHash } from './recovery.ts';

beforeAll(() => hashForReal(true));
afterAll(() => hashForReal(false));

it('S-8 a password is kept as argon2id with 64 MiB and three passes, and only it fits', async () => {
  const stored = await hashPassword('correct horse');
  expect(stored).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(await verifyPassword('correct horse', stored)).toBe(true);
  expect(await verifyPassword('correct horsf', stored)).toBe(false);
  expect(await verifyPassword('correct horse', undefined)).toBe(false);
  // It was not only said.
  const [, , , , salt = '', hash = ''] = stored.split('$');
  const cost = { memory: 65_536, passes: 3, parallelism: 1, tagLength: 32 };
  const worked = argon2Sync('argon2id', { message: 'correct horse', nonce: Buffer.from(salt, 'base64'), ...cost });
  expect(Buffer.from(hash, 'base64')).toEqual(worked);
});

it('letters that look the same are the same (NFKC)', async () => {
  const stored = await hashPassword('ﬁle ½ Å password');
  expect(await verifyPassword('file 1⁄2 Å password', stored)).toBe(true);
});

it('S-8 at most two are hashed at once, the others wait', async () => {
  await Promise.all(Array.from({ length: 6 }, (_, index) => hashPassword(`password ${index}`)));
  expect(hashingLoad()).toEqual({ mostAtOnce: 2, running: 0, waiting: 0 });
});

it('S-8 a hash with less than what is asked today still works and is known as weak', async () => {
  const nonce = Buffer.alloc(16, 1);
  const parameters = { message: 'old password', nonce, memory: 8192, passes: 2, parallelism: 1, tagLength: 32 };
  const text = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');
  const weak = `$argon2id$v=19$m=8192,t=2,p=1$${text(nonce)}$${text(argon2Sync('argon2id', parameters))}`;
  expect(await verifyPassword('old password', weak)).toBe(true);
  expect(isWeakHash(weak)).toBe(true);
  expect(isWeakHash(await hashPassword('old password'))).toBe(false);
});

it('recovery codes are ten, of 50 random bits, and fit the form in which people type them', () => {
  const codes = newRecoveryCodes();
  expect(new Set(codes).size).toBe(10);
  for (const code of codes) {
    expect(code).toMatch(/^[a-z2-7]{5}-[a-z2-7]{5}$/);
    expect(recoveryCode.parse(` ${code.toUpperCase()} `)).toBe(code.replace('-', ''));
  }
});

it('a recovery code is kept as a keyed hash that says nothing for another key or another person', () => {
  const key = randomBytes(32);
  const hashes = newRecoveryCodes().map((code) => recoveryHash(key, 'person', code));
  const wanted = recoveryHash(key, 'person', 'aaaaa-22222');
  expect(findRecoveryHash(hashes, wanted)).toBe(-1);
  expect(findRecoveryHash([...hashes, wanted], recoveryHash(key, 'person', 'aaaaa22222'))).toBe(10);
  expect(recoveryHash(randomBytes(32), 'person', 'aaaaa-22222')).not.toBe(wanted);
  expect(recoveryHash(key, 'somebody', 'aaaaa-22222')).not.toBe(wanted);
});
