import { mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { canonicalJson } from '#shared/agent/people.ts';
import {
  encodeSigned,
  findRing,
  keyFor,
  newKey,
  ringOf,
  signManifest,
  signText,
  verifyManifest,
  type Ring,
} from './keys.ts';
import type { Manifest } from './manifest.ts';
import { newRecoveryKey, readRecoveryKey, recoverySubKeys, unwrapRing, wrapRing } from './recovery-key.ts';

const folder = mkdtempSync(join(realpathSync(tmpdir()), 'aapanel-keys-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const hash = 'a'.repeat(64);
const content: Manifest = {
  format: 'aapanel-backup/1',
  setId: 'setsetsetsetsets',
  targetId: 'targettargettarg',
  planId: null,
  planName: 'خطة',
  kind: 'manual',
  hostId: 'host',
  hostName: 'machine',
  panelVersion: '1',
  startedAt: '2025-01-01T00:00:00.000Z',
  endedAt: '2025-01-01T00:00:01.000Z',
  tools: { restic: '0.18.0' },
  previous: null,
  sequence: 1,
  addedBytes: 1,
  parts: [
    {
      kind: 'tree',
      name: 'folder/a',
      source: { kind: 'folder', path: '/a' },
      snapshot: hash,
      tree: hash,
      bytes: 1,
      members: { count: 1, bytes: 1, sha256: hash },
      leftOutCount: 0,
    },
  ],
};

it('the key ring is made once, for root only, and a lost one is never replaced in silence', async () => {
  rmSync(`${folder}/catalogue`, { recursive: true, force: true });
  rmSync(`${folder}/keys.json`, { force: true });
  const ring = await ringOf(folder, 0);
  expect(statSync(`${folder}/keys.json`).mode & 0o777).toBe(0o600);
  expect(await ringOf(folder, 1)).toEqual(ring);
  const [key] = ring.keys;
  if (key === undefined) throw new Error('no key');
  const uses = (['sign', 'repository', 'export', 'wrap'] as const).map((use) => keyFor(key, use).toString('hex'));
  expect(new Set([...uses, Buffer.from(key.secret, 'base64').toString('hex')]).size).toBe(5);
  mkdirSync(`${folder}/catalogue`);
  rmSync(`${folder}/keys.json`);
  await expect(ringOf(folder, 2)).rejects.toMatchObject({ reason: 'backup_key_missing' });
  writeFileSync(`${folder}/keys.json`, '{"damaged');
  expect(() => findRing(folder)).toThrow(expect.objectContaining({ reason: 'backup_key_missing' }));
  expect(readFileSync(`${folder}/keys.json`, 'utf8')).toBe('{"damaged');
});

const ringWith = (): Ring => ({
  format: 'aapanel-keys/1',
  hostId: 'hosthosthosthost',
  keys: [newKey(0)],
  recovery: null,
});

it('B-2 P4.2-2 each byte of a signed manifest counts: any other byte, a shorter or a longer file is refused', () => {
  const ring = ringWith();
  const bytes = encodeSigned(signManifest(ring, content));
  expect(verifyManifest(ring, bytes).manifest).toEqual(content);
  const refused = /backup_manifest_invalid|backup_key_unknown/;
  const reasonOf = (changed: Buffer): string => {
    try {
      verifyManifest(ring, changed);
      return 'accepted';
    } catch (error) {
      return (error as { reason?: string }).reason ?? String(error);
    }
  };
  for (let at = 0; at < bytes.length; at++)
    for (const flip of [0x01, 0x20, 0x80]) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ flip;
      expect(reasonOf(changed), `byte ${at}`).toMatch(refused);
    }
  for (let length = 0; length < bytes.length; length += 7) expect(reasonOf(bytes.subarray(0, length))).toMatch(refused);
  expect(reasonOf(Buffer.concat([bytes, Buffer.from('\n')]))).toMatch(refused);
  expect(reasonOf(Buffer.concat([Buffer.from(' '), bytes]))).toMatch(refused);
});

it('P4.2-2 dropped and added fields, a lowered algorithm and a changed key id are refused, signed text of another kind too', () => {
  const ring = ringWith();
  const signed = signManifest(ring, content);
  const refuse = (changed: object, reason = 'backup_manifest_invalid'): void =>
    expect(() => verifyManifest(ring, Buffer.from(`${canonicalJson(changed)}\n`))).toThrow(
      expect.objectContaining({ reason }),
    );
  for (const algorithm of ['none', 'HMAC-MD5', 'MD5', 'hmac-sha256', '']) refuse({ ...signed, algorithm });
  for (const field of ['algorithm', 'hmac', 'keyId', 'manifest'] as const) refuse({ ...signed, [field]: undefined });
  refuse({ ...signed, extra: 1 });
  refuse({ ...signed, hmac: signed.hmac.slice(0, 32) });
  refuse({ ...signed, keyId: 'zzzzzzzzzzzzzzzz' }, 'backup_key_unknown');
  const other = signManifest(ringWith(), content);
  refuse({ ...other, keyId: signed.keyId });
  // Rightly signed, yet of another format: never taken for a manifest.
  for (const text of [
    { ...content, format: 'aapanel-backup/0' },
    { format: 'aapanel-ledger/1' },
    { ...content, parts: [] },
  ])
    expect(() => verifyManifest(ring, encodeSigned(signText(ring, canonicalJson(text))))).toThrow(
      expect.objectContaining({ reason: 'backup_manifest_invalid' }),
    );
});

it('B-13 a key that was rotated away still verifies; once retired it refuses by name', () => {
  const ring = ringWith();
  const [old] = ring.keys;
  if (old === undefined) throw new Error('no key');
  const bytes = encodeSigned(signManifest(ring, content));
  const rotated: Ring = { ...ring, keys: [{ ...old, state: 'verify_only' }, newKey(1)] };
  expect(verifyManifest(rotated, bytes).manifest.setId).toBe(content.setId);
  expect(signManifest(rotated, content).keyId).not.toBe(old.keyId);
  const retired: Ring = {
    ...rotated,
    keys: rotated.keys.map((key) => (key.keyId === old.keyId ? { ...key, state: 'retired' } : key)),
  };
  expect(() => verifyManifest(retired, bytes)).toThrow(
    expect.objectContaining({ reason: 'backup_key_retired', params: { keyId: old.keyId } }),
  );
});

it('DB-7 the recovery key is read as people type it, slips are seen, and it alone opens the wrapped ring', () => {
  const { shown, kept } = newRecoveryKey(0);
  expect(shown).toMatch(/^AAPR(-[A-Z2-7]{4}){14}$/);
  const key = readRecoveryKey(`  ${shown.toLowerCase().replaceAll('-', ' ')}\n`);
  expect(recoverySubKeys(key).wrap.toString('base64')).toBe(kept.wrap);
  for (let at = 5; at < shown.length; at++) {
    if (shown[at] === '-') continue;
    const slip = shown.slice(0, at) + (shown[at] === 'A' ? 'B' : 'A') + shown.slice(at + 1);
    expect(() => readRecoveryKey(slip)).toThrow(expect.objectContaining({ reason: 'backup_recovery_key_invalid' }));
  }
  const ring: Ring = { ...ringWith(), recovery: kept };
  const wrapped = wrapRing(ring);
  expect(JSON.stringify(ring)).not.toContain(key.toString('base64'));
  expect(wrapped.includes(ring.keys[0]?.secret ?? '-')).toBe(false);
  expect(unwrapRing(key, wrapped)).toEqual(ring);
  const wrong = readRecoveryKey(newRecoveryKey(0).shown);
  expect(() => unwrapRing(wrong, wrapped)).toThrow(expect.objectContaining({ reason: 'backup_wrong_key' }));
  for (let at = 0; at < wrapped.length; at += 3) {
    const changed = Buffer.from(wrapped);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(() => unwrapRing(key, changed)).toThrow(expect.objectContaining({ reason: 'backup_wrong_key' }));
  }
});
