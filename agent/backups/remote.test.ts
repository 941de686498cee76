import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TargetPlace } from '#shared/backups.ts';
import { listPresent } from './catalogue.ts';
import { createSet } from './create.ts';
import { withTarget } from './open-target.ts';
import { accessOf } from './places.ts';
import { openSet, syncSets } from './sets.ts';
import { putTarget } from './targets.ts';
import { checkPlace } from './target-rules.ts';
import { makeTestWork, type TestWork } from './testing/test-work.ts';
import { verifyTarget } from './verify.ts';

const isRoot = process.getuid?.() === 0;
const test = it.runIf(isRoot && existsSync('/usr/bin/restic') && existsSync('/usr/sbin/sshd'));
const limits = { uploadKibPerSecond: 100_000, downloadKibPerSecond: 100_000, minFreeBytes: null, maxBytes: null };
const targetId = 'tttttttttttttttt';
let t: TestWork;
let sshd: ChildProcess | undefined;
let port = 0;
let hostKey = '';
let privateKey = '';

async function freePort(): Promise<number> {
  return await new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

beforeAll(async () => {
  t = makeTestWork();
  if (!isRoot || !existsSync('/usr/sbin/sshd')) return;
  for (const name of ['host', 'user'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', t.path(name)]);
  hostKey = readFileSync(t.path('host.pub'), 'utf8').split(' ').slice(0, 2).join(' ').trim();
  privateKey = readFileSync(t.path('user'), 'utf8');
  port = await freePort();
  mkdirSync('/run/sshd', { recursive: true });
  const settings = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${t.path('host')}`,
    `AuthorizedKeysFile ${t.path('user.pub')}`,
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    `PidFile ${t.path('sshd.pid')}`,
    'Subsystem sftp internal-sftp',
  ];
  writeFileSync(t.path('sshd.conf'), settings.join('\n'));
  sshd = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', t.path('sshd.conf')], { stdio: 'ignore' });
  for (let count = 0; count < 100; count++) {
    if (existsSync(t.path('sshd.pid'))) break;
    await wait(50);
  }
});

afterAll(() => {
  sshd?.kill();
  t.destroy();
});

const sftp = (change: object = {}): TargetPlace =>
  ({ kind: 'sftp', host: '127.0.0.1', port, user: 'root', path: t.path('remote'), hostKey, ...change }) as TargetPlace;

async function create(target = targetId, root = t.path('site')): Promise<string> {
  return await withTarget(t.work, target, async (open) => {
    await syncSets(t.work, open);
    const parts = [{ kind: 'tree', name: 'f', source: { kind: 'folder', path: root }, root, excludes: [] }] as const;
    return (await createSet(t.work, open, { kind: 'manual', plan: null, planName: '', parts, excludes: [] })).manifest
      .setId;
  });
}

test('P4.2-12 a target over SFTP: saved, listed, verified in full; another host key is refused, and no secret stands in a command line', async () => {
  mkdirSync(t.path('site'));
  writeFileSync(t.path('site/a'), 'a'.repeat(100_000));
  const secret = { kind: 'ssh_key', privateKey } as const;
  await putTarget(t.work.folder, { targetId, name: 'far', place: sftp(), limits }, secret);
  const lines = new Set<string>();
  const watch = setInterval(() => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        if (line.includes(t.folder)) lines.add(line);
      } catch {
        // It has just ended.
      }
  }, 20);
  const setId = await create();
  clearInterval(watch);
  expect(existsSync(t.path('remote/config'))).toBe(true);
  const shown = [...lines].join('\n');
  expect(shown).toContain('StrictHostKeyChecking=yes');
  expect(shown).not.toContain(privateKey.split('\n')[1]);
  expect(statSync(`${t.work.folder}/secrets/${targetId}.key`).mode & 0o777).toBe(0o600);
  await verifyTarget(t.work, { targetId, setId: null, isFull: true });
  expect(listPresent(t.work.folder, targetId).map(({ manifest }) => manifest.setId)).toEqual([setId]);
  // The secret that is kept stays when none is given.
  const other = readFileSync(t.path('user.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  await putTarget(t.work.folder, { targetId, name: 'far', place: sftp({ hostKey: other }), limits }, null);
  await expect(create()).rejects.toMatchObject({ reason: 'backup_target_unreachable' });
}, 120_000);

const testRest = it.runIf(existsSync('/usr/bin/restic') && existsSync('/usr/bin/rclone'));

testRest(
  'P4.2-12 a target behind a REST server: saved, verified in full and read again; a wrong password is refused, and none is said',
  async () => {
    const at = await freePort();
    const store = t.path('rest-store');
    mkdirSync(store);
    mkdirSync(t.path('rest-site'));
    writeFileSync(t.path('rest-site/a'), 'b'.repeat(300_000));
    const password = 'w0rd/+=:of@the-store';
    const env = { PATH: '/usr/bin:/bin', HOME: t.folder, RCLONE_USER: 'shop', RCLONE_PASS: password };
    const serve = ['serve', 'restic', '--addr', `127.0.0.1:${at}`, '--append-only=false', store];
    const server = spawn('/usr/bin/rclone', serve, { env, stdio: 'ignore' });
    try {
      for (let count = 0; count < 200; count++) {
        if ((await fetch(`http://127.0.0.1:${at}/`).catch(() => undefined))?.status === 401) break;
        await wait(50);
      }
      const restId = 'rrrrrrrrrrrrrrrr';
      const place = { kind: 'rest', url: `http://127.0.0.1:${at}/shop/` } as const;
      const keep = async (secret: string): Promise<void> =>
        await putTarget(
          t.work.folder,
          { targetId: restId, name: 'rest', place, limits },
          { kind: 'access', name: 'shop', secret },
        );
      await keep(password);
      const setId = await create(restId, t.path('rest-site'));
      expect(readdirSync(`${store}/shop`)).toContain('config');
      await verifyTarget(t.work, { targetId: restId, setId: null, isFull: true });
      expect(listPresent(t.work.folder, restId).map(({ manifest }) => manifest.setId)).toEqual([setId]);
      await withTarget(t.work, restId, async (open) => {
        const { manifest, repository } = await openSet(t.work, open, setId);
        const [part] = manifest.parts;
        const bytes = await buffer(repository.readFile(part?.snapshot ?? '', 'a'));
        expect(bytes.toString()).toBe('b'.repeat(300_000));
      });
      await keep('something-else');
      const refused = create(restId, t.path('rest-site'));
      await expect(refused).rejects.toMatchObject({ reason: 'backup_target_unreachable' });
      const said = t.logs.join('\n');
      for (const secret of [password, encodeURIComponent(password), 'something-else'])
        expect(said).not.toContain(secret);
    } finally {
      server.kill('SIGKILL');
    }
  },
  120_000,
);

it('secrets of other places go into the environment or into a file, never into an option', async () => {
  const access = { kind: 'access', name: 'AKIA', secret: 's3cr3t/+=' } as const;
  const s3 = {
    kind: 's3',
    endpoint: 'https://s3.example.org/',
    bucket: 'backups',
    path: '/a/b/',
    region: 'eu-1',
  } as const;
  expect(await accessOf(t.work, targetId, s3, access)).toMatchObject({
    repository: 's3:https://s3.example.org/backups/a/b',
    environment: { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 's3cr3t/+=', AWS_DEFAULT_REGION: 'eu-1' },
    options: [],
  });
  const rest = await accessOf(t.work, targetId, { kind: 'rest', url: 'https://example.org/repo/' }, access);
  expect(rest).toMatchObject({ repository: 'rest:https://AKIA:s3cr3t%2F%2B%3D@example.org/repo/', options: [] });
  expect(rest.secrets).toContain('s3cr3t/+=');
});

it('a place inside the panel, inside what is saved, over plain http or with a password in its address is refused', () => {
  const { work } = t;
  const refuse = (place: TargetPlace, expected: object): void =>
    expect(() => checkPlace(work, place, null)).toThrow(expect.objectContaining(expected));
  for (const path of ['/www/server/backup', '/www', '/etc/x', work.stateFolder, `${work.stateFolder}/x`])
    refuse({ kind: 'local', path }, { reason: 'backup_target_place' });
  for (const url of ['http://example.org/', 'https://me:secret@example.org/', 'https://example.org/?key=secret'])
    refuse({ kind: 'rest', url }, { code: 'invalid_request' });
  expect(() => checkPlace(work, { kind: 'rest', url: 'http://127.0.0.1:8000/' }, null)).not.toThrow();
  expect(() => checkPlace(work, { kind: 'local', path: '/backup' }, null)).not.toThrow();
});

/** `http://host:port name secret`: an S3 server that may be written to, for whoever wants to try one. */
const s3Given = process.env['AAPANEL_TEST_S3']?.split(' ');

it.runIf(s3Given !== undefined && existsSync('/usr/bin/restic'))(
  'P4.2-12 a target in S3 that was asked for: saved, verified in full and read again; a wrong secret is refused, and none is said',
  async () => {
    const [endpoint = '', name = '', secret = ''] = s3Given ?? [];
    const s3Id = 'ssssssssssssssss';
    mkdirSync(t.path('s3-site'));
    writeFileSync(t.path('s3-site/a'), 'c'.repeat(300_000));
    const place = { kind: 's3', endpoint, bucket: `aapanel-${Date.now()}`, path: 'a/b', region: 'us-east-1' } as const;
    const keep = async (word: string): Promise<void> =>
      await putTarget(
        t.work.folder,
        { targetId: s3Id, name: 's3', place, limits },
        { kind: 'access', name, secret: word },
      );
    await keep(secret);
    const setId = await create(s3Id, t.path('s3-site'));
    await verifyTarget(t.work, { targetId: s3Id, setId: null, isFull: true });
    expect(listPresent(t.work.folder, s3Id).map(({ manifest }) => manifest.setId)).toEqual([setId]);
    await withTarget(t.work, s3Id, async (open) => {
      const { manifest, repository } = await openSet(t.work, open, setId);
      const bytes = await buffer(repository.readFile(manifest.parts[0]?.snapshot ?? '', 'a'));
      expect(bytes.toString()).toBe('c'.repeat(300_000));
    });
    await keep('something-else');
    await expect(create(s3Id, t.path('s3-site'))).rejects.toMatchObject({ reason: 'backup_target_unreachable' });
    const said = t.logs.join('\n');
    for (const word of [secret, 'something-else']) expect(said).not.toContain(word);
  },
  120_000,
);
