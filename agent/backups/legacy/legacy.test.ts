import { spawnSync } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeWork, type TestWork } from '../../testing/backup-sets.ts';
import { makeWorld, snapshot, type World } from '../../testing/world.ts';
import { importLegacy, type LegacyRequest } from './import-legacy.ts';

const key = 'an old key that is long enough for production';
let world: World;
let work: TestWork;
const archive = (): string => world.path('/old/backup_20240102_030405.tar.gz');

beforeEach(async () => {
  world = await makeWorld();
  work = makeWork(world);
  mkdirSync(world.path('/old/make/backup/data/sub'), { recursive: true });
  writeFileSync(world.path('/old/make/backup/database_sqlite.sql'), 'create table t (a);');
  writeFileSync(world.path('/old/make/backup/data/sub/a.txt'), 'old data');
  writeFileSync(world.path('/old/make/backup/.env'), 'SECRET_KEY=x');
});
afterEach(() => world.destroy());

function pack(): Buffer {
  const { status, stderr } = spawnSync('tar', ['-czf', archive(), '-C', world.path('/old/make'), 'backup'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return readFileSync(archive());
}

type Lines = Record<string, string>;
const common = (bytes: Buffer): Lines => ({
  'Backup Name': 'backup_20240102_030405',
  Created: '2024-01-02 03:04:05',
  Environment: 'production',
  'Database Type': 'sqlite',
  Size: String(bytes.length),
});
const v2 = (bytes: Buffer): Lines => ({
  Format: 'v2',
  ...common(bytes),
  SHA256: createHash('sha256').update(bytes).digest('hex'),
  'HMAC-SHA256': createHmac('sha256', key).update(bytes).digest('hex'),
  Algorithm: 'SHA-256 + HMAC-SHA256',
});
const v1 = (bytes: Buffer): Lines => ({ ...common(bytes), MD5: createHash('md5').update(bytes).digest('hex') });

function writeInfo(lines: Lines, path = `${archive()}.info`): void {
  writeFileSync(
    path,
    Object.entries(lines)
      .map(([name, value]) => `${name}: ${value}\n`)
      .join(''),
  );
}

const take = async (more: Partial<LegacyRequest> = {}): Promise<void> =>
  await importLegacy(work, {
    path: '/old/backup_20240102_030405.tar.gz',
    into: '/taken',
    allow: 'v2',
    oldKey: key,
    isProduction: true,
    targetPaths: [],
    ...more,
  });

const nothingTaken = (): void => {
  expect(existsSync(world.path('/taken'))).toBe(false);
  expect(readdirSync(world.path('/')).filter((name) => name.startsWith('.'))).toEqual([]);
};

it('P4.2-11 v2 with its key lands aside, as root, with fixed modes', async () => {
  writeInfo(v2(pack()));
  await take();
  expect(readFileSync(world.path('/taken/backup/data/sub/a.txt'), 'utf8')).toBe('old data');
  expect(statSync(world.path('/taken/backup/.env')).mode & 0o7777).toBe(0o640);
  expect(statSync(world.path('/taken/backup/data')).mode & 0o7777).toBe(0o750);
});

it('P4.2-11 v1 lands aside with a warning, and only with its own flag', async () => {
  writeInfo(v1(pack()));
  await expect(take()).rejects.toMatchObject({ reason: 'backup_legacy_flag', params: { format: 'v1' } });
  nothingTaken();
  await take({ allow: 'v1', oldKey: undefined });
  expect(work.lines).toContainEqual(expect.objectContaining({ reason: 'legacy_unsigned' }));
  expect(existsSync(world.path('/taken/backup/database_sqlite.sql'))).toBe(true);
});

it('P4.2-11 the misnamed .info file of the earlier panel is found; without one it is refused', async () => {
  const bytes = pack();
  await expect(take()).rejects.toMatchObject({ reason: 'backup_legacy_form' });
  writeInfo(v2(bytes), archive().replace(/\.tar\.gz$/, '.tar.tar.gz.info'));
  await take();
  expect(existsSync(world.path('/taken/backup'))).toBe(true);
});

it('P4.2-11 v2 by the flag of v1 is refused: nobody is talked down to the weaker check', async () => {
  writeInfo(v2(pack()));
  await expect(take({ allow: 'v1' })).rejects.toMatchObject({ reason: 'backup_legacy_flag', params: { format: 'v2' } });
  nothingTaken();
});

it.each([
  ['with another HMAC', (lines: Lines) => ({ ...lines, 'HMAC-SHA256': '0'.repeat(64) }), 'backup_legacy_mismatch'],
  ['with another sum', (lines: Lines) => ({ ...lines, SHA256: '0'.repeat(64) }), 'backup_legacy_mismatch'],
  ['with another size', (lines: Lines) => ({ ...lines, Size: '1' }), 'backup_legacy_mismatch'],
  ['without Format', (lines: Lines) => without(lines, 'Format'), 'backup_legacy_form'],
  ['without its HMAC', (lines: Lines) => without(lines, 'HMAC-SHA256'), 'backup_legacy_form'],
  ['without its name', (lines: Lines) => without(lines, 'Backup Name'), 'backup_legacy_form'],
  [
    'with MD5 only',
    (lines: Lines) => ({ Format: 'v2', ...without(without(lines, 'SHA256'), 'HMAC-SHA256'), MD5: '0'.repeat(32) }),
    'backup_legacy_form',
  ],
])('P4.2-11 v2 %s is refused', async (_, edit, reason) => {
  writeInfo(edit(v2(pack())));
  await expect(take()).rejects.toMatchObject({ reason });
  nothingTaken();
});

it.each(['', 'short', 'fallback-key-for-development', 'dev-secret', 'test-key'])(
  'P4.2-11 in production the key "%s" is refused, even when the signature holds',
  async (weak) => {
    const bytes = pack();
    writeInfo({ ...v2(bytes), 'HMAC-SHA256': createHmac('sha256', weak).update(bytes).digest('hex') });
    await expect(take({ oldKey: weak })).rejects.toMatchObject({ reason: 'backup_legacy_key' });
    nothingTaken();
    if (weak === 'test-key') await take({ oldKey: weak, isProduction: false });
  },
);

it.each([
  ['a link', () => symlinkSync('data', world.path('/old/make/backup/link'))],
  [
    'a file over 100 MiB',
    () => {
      writeFileSync(world.path('/old/make/backup/data/big'), '');
      truncateSync(world.path('/old/make/backup/data/big'), 101 * 1024 * 1024);
    },
  ],
  ['folders deeper than 10', () => mkdirSync(world.path(`/old/make/backup/${'d/'.repeat(11)}`), { recursive: true })],
  [
    'more than 10,000 members',
    () => {
      for (let count = 0; count < 10_001; count++) writeFileSync(world.path(`/old/make/backup/data/sub/${count}`), '');
    },
  ],
])(
  'P4.2-3 %s: refused, nothing kept',
  async (_, spoil) => {
    spoil();
    writeInfo(v2(pack()));
    const before = snapshot(world.prefix, ['/www', '/etc']);
    await expect(take()).rejects.toMatchObject({
      reason: expect.stringMatching(/^(backup_legacy_form|archive_)/) as string,
    });
    nothingTaken();
    expect(snapshot(world.prefix, ['/www', '/etc'])).toBe(before);
  },
  30_000,
);

it('P4.2-11 never over something that is there', async () => {
  writeInfo(v2(pack()));
  mkdirSync(world.path('/taken'));
  await expect(take()).rejects.toMatchObject({ reason: 'backup_aside_exists' });
  rmSync(world.path('/taken'), { recursive: true });
});

function without(lines: Lines, name: string): Lines {
  return Object.fromEntries(Object.entries(lines).filter(([each]) => each !== name));
}
