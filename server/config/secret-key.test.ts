import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../config.ts';
import { newSecretKey, secretKeyProblem } from './secret-key.ts';
import { development, key, production, useBench } from './testing.ts';

const bench = useBench();

describe('SECRET_KEY', () => {
  const isRefused = (value: string) => bench.codesOf({ ...production, SECRET_KEY: value }).errors.length === 1;
  it.each([
    'your-secret-key-here',
    'change-this-key',
    'secret-key-here',
    'secret_key',
    'secretkey',
    'mysecretkey',
    'your-secret-key-here-change-in-production',
    'YOUR-SECRET-KEY-HERE-CHANGE-IN-PRODUCTION',
    'MySecretKeyMySecretKeyMySecretKey12345',
  ])('P1.2-3 production refuses the placeholder %s', (value) => {
    expect(bench.codesOf({ ...production, SECRET_KEY: value }).errors).toEqual(['secret_key_placeholder SECRET_KEY']);
  });
  it.each([
    ['a'.repeat(64), 'secret_key_predictable'],
    ['abcdefgh'.repeat(8), 'secret_key_predictable'],
    ['0123456789abcdefghijklmnopqrstuvwxyz', 'secret_key_predictable'],
    ['12'.repeat(32), 'secret_key_predictable'],
    ['7f3c9a51e8b2d406', 'secret_key_short'],
    [`   ${'7f3c9a51e8b2d40'.repeat(2)}   `, 'secret_key_short'],
  ])('P1.2-3 production refuses %j: %s', (value, code) => {
    expect(bench.codesOf({ ...production, SECRET_KEY: value }).errors).toEqual([`${code} SECRET_KEY`]);
  });
  it('P1.2-3 production refuses every value of every shipped example file', () => {
    const root = join(import.meta.dirname, '..', '..');
    const examples = readdirSync(root).filter((name) => /^\.env.*\.example$/.test(name));
    expect(examples.sort()).toEqual(['.env.docker.example', '.env.example']);
    const values = examples.flatMap((name) =>
      [...readFileSync(join(root, name), 'utf8').matchAll(/^[A-Z_0-9]+="?(.+?)"?$/gm)].map((match) => match[1] ?? ''),
    );
    expect(values).toContain('--encoding=UTF-8 --lc-collate=C --lc-ctype=C');
    for (const value of values) expect(isRefused(value), value).toBe(true);
  });
  it('P1.2-3 a random key is accepted, always', () => {
    for (let round = 0; round < 2_000; round += 1) expect(secretKeyProblem(newSecretKey())).toBeUndefined();
    // The shortest that people make: 16 random bytes as hex.
    for (let round = 0; round < 2_000; round += 1) {
      expect(secretKeyProblem(newSecretKey().slice(0, 32))).toBeUndefined();
    }
  });
  it('P1.2-3 two installs have different keys', () => {
    const other = mkdtempSync(join(tmpdir(), 'aapanel-config-'));
    const first = bench.load(development);
    const second = loadConfig({ argv: [], env: development, cwd: other, probes: bench.probes });
    rmSync(other, { recursive: true });
    expect(first.sessionKey.equals(second.sessionKey)).toBe(false);
  });
  it('P1.2-3 production without a key is refused', () => {
    expect(bench.codesOf({ ...production, SECRET_KEY: ' ' }).errors).toEqual(['secret_key_missing SECRET_KEY']);
  });
  it('P1.1-3 when production was only inferred, the message names the way out', () => {
    const { report } = bench.codesOf({ DATABASE_TYPE: 'sqlite' });
    expect(report.errors.map((entry) => entry.code)).toEqual(['secret_key_missing_inferred']);
    for (const text of Object.values(report.errors[0]?.message ?? {})) {
      expect(text).toContain('ENVIRONMENT=development');
    }
  });
  it('P1.2-4 the session key follows from SECRET_KEY alone', () => {
    const first = bench.load(production);
    const again = bench.load({ ...production, PORT: '5003' });
    const changed = bench.load({ ...production, SECRET_KEY: newSecretKey() });
    expect(again.sessionKey.equals(first.sessionKey)).toBe(true);
    expect(changed.sessionKey.equals(first.sessionKey)).toBe(false);
    expect(first.sessionKey.symmetricKeySize).toBe(32);
  });
  it('the key of yesterday still yields the session key of yesterday', () => {
    const before = bench.load(production);
    const after = bench.load({ ...production, SECRET_KEY: newSecretKey(), PREVIOUS_SECRET_KEYS: ` ${key} ,` });
    expect(after.previousSessionKeys.length).toBe(1);
    expect(after.previousSessionKeys[0]?.equals(before.sessionKey)).toBe(true);
  });
  it('keys do not print', () => {
    expect(JSON.stringify(bench.load(production).sessionKey)).toBe('{}');
  });
});
