import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SiteSpec } from '#shared/agent/sites.ts';
import type { SiteExport, SiteFileSite } from '#shared/site-files.ts';
import type { SiteCopyState } from '#shared/site-copies.ts';
import { copiesFolder } from '../copies/copy-paths.ts';
import { findCopy } from '../copies/copy-records.ts';
import { copiesHandlers } from '../copies/copies.actions.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { poll } from '../nginx/nginx.process.ts';
import { sitesHandlers } from '../sites/sites.actions.ts';
import { reservedUsers } from '../unix-users/reservations.ts';
import { call, hasNginx, makeWorld, newChangeId, snapshot, specOf, visitUntil, type World } from '../testing/world.ts';
import { findExport } from './export-records.ts';
import { siteFilesHandlers } from './site-files.actions.ts';
import { certificateSteps } from './testing/certificate-steps.ts';
import { foreignFile, tarOf } from './testing/foreign-file.ts';
import { sealedSteps } from './testing/sealed-steps.ts';

let world: World;
let machine: Machine;

const filesOf = (spec: SiteSpec): string => `${world.prefix}${spec.root}`;
const refOf = ({ siteId, slug }: SiteSpec) => ({ siteId, slug });
const described = (spec: SiteSpec): SiteFileSite => ({
  ...spec,
  name: 'Shop',
  remark: '',
  category: '',
});
const never = (): never => {
  throw new Error('it is not there');
};

async function makeSource(name: string): Promise<SiteSpec> {
  const spec = specOf(world, name);
  const input = { spec, changeId: newChangeId(), isNew: true, onDrift: 'refuse' } as const;
  await sitesHandlers['sites.apply'](machine, input, call(60));
  return spec;
}

function giveFiles(spec: SiteSpec): void {
  if (machine.isRoot) spawnSync('/usr/bin/chown', ['-R', '-h', 'www-data:www-data', filesOf(spec)]);
}

const follow = (spec: SiteSpec, exportId: string) =>
  siteFilesHandlers['site_files.follow'](machine, { site: refOf(spec), exportId, offset: 0 }, call());
const start = (spec: SiteSpec, exportId: string) =>
  siteFilesHandlers['site_files.export'](
    machine,
    {
      site: refOf(spec),
      exportId,
      description: described(spec),
      databaseIds: [],
      passphrase: null,
      withSecrets: false,
      withCertificate: false,
    },
    call(),
  );

async function exportEnded(spec: SiteSpec, exportId: string): Promise<SiteExport & { log: string }> {
  let last: Awaited<ReturnType<typeof follow>> | undefined;
  await poll(async () => {
    last = await follow(spec, exportId);
    return last.export !== null && last.export.state !== 'running';
  }, Date.now() + 30_000);
  return { ...(last?.export ?? never()), log: last?.text ?? '' };
}

async function download(spec: SiteSpec, exportId: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let offset = 0; ; ) {
    const asked = { site: refOf(spec), exportId, offset };
    const { data, sizeBytes } = await siteFilesHandlers['site_files.read'](machine, asked, call());
    const piece = Buffer.from(data, 'base64');
    pieces.push(piece);
    offset += piece.length;
    if (offset >= sizeBytes) return Buffer.concat(pieces);
  }
}

async function send(bytes: Buffer, asking = call()): Promise<string> {
  const uploadId = newChangeId();
  const begun = { uploadId, fileName: 'shop.site.tar', sizeBytes: bytes.length };
  await siteFilesHandlers['site_files.begin'](machine, begun, asking);
  for (let offset = 0; offset < bytes.length; offset += 500_000) {
    const data = bytes.subarray(offset, offset + 500_000).toString('base64');
    await siteFilesHandlers['site_files.write'](machine, { uploadId, offset, data }, asking);
  }
  return uploadId;
}

const inspect = (uploadId: string, asking = call()) =>
  siteFilesHandlers['site_files.inspect'](machine, { uploadId }, asking);
const bring = (uploadId: string, spec: SiteSpec, copyId = newChangeId()) =>
  copiesHandlers['copies.start'](
    machine,
    { copyId, source: { uploadId, databases: [], certificateId: null }, spec, withSecrets: false },
    call(),
  ).then(() => copyId);

async function broughtIn(copyId: string): Promise<SiteCopyState & { log: string }> {
  let last: Awaited<ReturnType<(typeof copiesHandlers)['copies.follow']>> | undefined;
  await poll(async () => {
    last = await copiesHandlers['copies.follow'](machine, { copyId, offset: 0 }, call());
    return last.copy !== null && last.copy.state !== 'running';
  }, Date.now() + 30_000);
  return { ...(last?.copy ?? never()), log: last?.text ?? '' };
}

const staged = (): string[] =>
  existsSync(world.prefix + copiesFolder) ? readdirSync(world.prefix + copiesFolder) : [];

describe.runIf(hasNginx)('a site as one file, with real nginx and tar', () => {
  let source: SiteSpec;
  let file: Buffer;

  beforeAll(async () => {
    world = await makeWorld({ nginx: 'running' });
    machine = await openMachine(world.settings);
    source = await makeSource('shop.test');
    const root = filesOf(source);
    writeFileSync(`${root}/index.html`, 'hello of the shop');
    mkdirSync(`${root}/deep/عربي`, { recursive: true });
    writeFileSync(`${root}/deep/عربي/run.sh`, 'echo', { mode: 0o755 });
    writeFileSync(`${root}/deep/Readme`, 'one');
    writeFileSync(`${root}/deep/README`, 'other');
    writeFileSync(`${root}/zeros`, Buffer.alloc(3_000_000));
    symlinkSync('/etc/shadow', `${root}/shadow`);
    symlinkSync('deep/عربي', `${root}/inside`);
    spawnSync('/usr/bin/mkfifo', [`${root}/pipe`]);
    giveFiles(source);
  }, 30_000);
  afterAll(async () => {
    await machine.settled();
    machine.close();
    world.destroy();
  });

  it('SITE-3 PATH-2 PATH-3 a site goes out as one signed file that tar can read, and comes in as a site of its own', async () => {
    const before = snapshot(world.prefix, [source.root], /\/pipe$/);
    const exportId = newChangeId();
    await start(source, exportId);
    await expect(start(source, newChangeId())).rejects.toMatchObject({ reason: 'site_export_under_way' });
    const done = await exportEnded(source, exportId);
    expect([done.state, done.failure], done.log).toEqual(['ready', null]);
    expect(done.log).toContain('Left out, a link that leads out: shadow');
    expect(done.log).toContain('Left out, neither file nor folder nor link: pipe');
    expect(done.log).toMatch(/Left out, a name that not every system takes, or that another one has: deep\/README/i);
    file = await download(source, exportId);
    expect(file.length).toBe(done.sizeBytes);
    const names = spawnSync('/usr/bin/tar', ['-tf', '-'], { input: file, encoding: 'utf8' });
    expect([names.status, names.stdout]).toEqual([0, 'manifest.json\nfiles.tar.zst\n']);
    const state = `${machine.stateFolder}/site-exports/${source.siteId}`;
    // What was needed on the way goes a moment after the file is there.
    const own = (): string[] => readdirSync(state).filter((name) => name.startsWith(exportId));
    await expect.poll(() => own().sort()).toEqual(['json', 'log', 'tar'].map((end) => `${exportId}.${end}`));
    expect(statSync(`${state}/${exportId}.tar`).mode & 0o777).toBe(0o600);

    const uploadId = await send(file);
    await expect(inspect(uploadId, { ...call(), actor: { id: newChangeId(), name: 'eve' } })).rejects.toMatchObject({
      reason: 'archive_unknown',
    });
    expect(await inspect(uploadId)).toMatchObject({ origin: 'own', site: { slug: 'shop.test', name: 'Shop' } });
    const spec = specOf(world, 'second.test');
    const copyId = await bring(uploadId, spec);
    const brought = await broughtIn(copyId);
    expect([brought.state, brought.failure], brought.log).toEqual(['copied', null]);
    expect(brought.log).toContain('Made by this panel on');
    await copiesHandlers['copies.settle'](machine, { copyId, changeId: newChangeId() }, call(60));
    const seen = await visitUntil(world.port, 'second.test', ({ status }) => status === 200);
    expect(seen.body).toBe('hello of the shop');
    const to = filesOf(spec);
    expect(readdirSync(to).sort()).toEqual(['deep', 'index.html', 'inside', 'zeros']);
    expect(readlinkSync(`${to}/inside`)).toBe('deep/عربي');
    expect(statSync(`${to}/deep/عربي/run.sh`).mode & 0o700).toBe(0o700);
    expect(statSync(`${to}/index.html`).mode & 0o022).toBe(0);
    // Nothing of the way is left, and the source is as it was.
    expect([staged(), reservedUsers(machine)]).toEqual([[], []]);
    await expect(inspect(uploadId)).rejects.toMatchObject({ reason: 'archive_unknown' });
    expect(snapshot(world.prefix, [source.root], /\/pipe$/)).toBe(before);
    await siteFilesHandlers['site_files.drop'](machine, { site: refOf(source), exportId }, call(30));
    expect(readdirSync(state)).toEqual([]);
    await expect(download(source, exportId)).rejects.toMatchObject({ reason: 'site_export_gone' });
  }, 60_000);

  it('ARCH-3 a file that was changed, cut off, mixed up or is none is refused in words that say so, and nothing is made', async () => {
    const before = snapshot(world.prefix, ['/etc/nginx', '/www/wwwroot'], /\/pipe$|\.copies$/);
    const at = file.indexOf('files.tar.zst');
    const flipped = Buffer.from(file);
    flipped[at + 600] = (flipped[at + 600] ?? 0) ^ 1;
    const text = file.toString('latin1');
    const other = Buffer.from(text.replace('shop.test', 'evil.test'), 'latin1');
    const nameless = Buffer.from(text.replace('manifest.json', 'manifesto.jso'), 'latin1');
    const more = Buffer.concat([file.subarray(0, -1024), tarOf([['extra', Buffer.from('x')]])]);
    const refused: [Buffer, string][] = [
      [other, 'site_file_changed'],
      [nameless, 'site_file_unknown'],
      [Buffer.from('PK not a tar at all'.repeat(100)), 'site_file_unknown'],
      [zstdCompressSync(file), 'site_file_unknown'],
      [file.subarray(0, 300), 'site_file_unknown'],
    ];
    for (const [bytes, reason] of refused) {
      const uploadId = await send(bytes);
      await expect(inspect(uploadId)).rejects.toMatchObject({ reason });
      await expect(bring(uploadId, specOf(world, 'never.test'))).rejects.toMatchObject({ reason });
      await siteFilesHandlers['site_files.discard'](machine, { uploadId }, call());
    }
    // What only the whole file tells.
    for (const bytes of [flipped, file.subarray(0, at + 600), more]) {
      const uploadId = await send(bytes);
      expect(await broughtIn(await bring(uploadId, specOf(world, 'never.test')))).toMatchObject({
        state: 'failed',
        failure: { reason: 'site_file_damaged' },
      });
      await siteFilesHandlers['site_files.discard'](machine, { uploadId }, call());
    }
    expect([staged(), reservedUsers(machine)]).toEqual([[], []]);
    expect(snapshot(world.prefix, ['/etc/nginx', '/www/wwwroot'], /\/pipe$|\.copies$/)).toBe(before);
  }, 60_000);

  it('ARCH-1 ARCH-3 PATH-4 a file of another panel is told apart, and its content unpacked as that of a stranger', async () => {
    const site = described(source);
    const good = zstdCompressSync(tarOf([['index.html', Buffer.from('from elsewhere')]]));
    const uploadId = await send(await foreignFile(world.folder, site, good));
    expect(await inspect(uploadId)).toMatchObject({ origin: 'other', panelVersion: '9.9.9' });
    const spec = specOf(world, 'elsewhere.test');
    const copyId = await bring(uploadId, spec);
    const brought = await broughtIn(copyId);
    expect([brought.state, brought.failure], brought.log).toEqual(['copied', null]);
    expect(brought.log).toContain('Made on another panel');
    await copiesHandlers['copies.settle'](machine, { copyId, changeId: newChangeId() }, call(60));
    const seen = await visitUntil(world.port, 'elsewhere.test', ({ status }) => status === 200);
    expect(seen.body).toBe('from elsewhere');

    const x = Buffer.from('x');
    const empty = Buffer.alloc(0);
    const bomb = zstdCompressSync(tarOf([['zeros', Buffer.alloc(80_000_000)]]));
    const hostile: [Buffer, string][] = [
      [zstdCompressSync(tarOf([['../../escape', x]])), 'archive_path_escape'],
      [zstdCompressSync(tarOf([['/etc/cron.d/x', x]])), 'archive_path_escape'],
      [
        zstdCompressSync(
          tarOf([
            ['up', empty, '2', '../../../etc'],
            ['up/x', x],
          ]),
        ),
        'archive_symlink_traversal',
      ],
      [zstdCompressSync(tarOf([['null', empty, '3']])), 'archive_entry_type'],
      [zstdCompressSync(tarOf([['hard', empty, '1', '/etc/shadow']])), 'archive_hardlink_escape'],
      [bomb, 'archive_resource_exhaustion'],
    ];
    const before = snapshot(world.prefix, ['/etc', '/www/wwwroot'], /\/pipe$|\.copies$/);
    for (const [packed, reason] of hostile) {
      const each = await send(await foreignFile(world.folder, site, packed));
      const ended = await broughtIn(await bring(each, specOf(world, 'never.test')));
      expect([ended.state, ended.failure?.reason], ended.log).toEqual(['failed', reason]);
      await siteFilesHandlers['site_files.discard'](machine, { uploadId: each }, call());
    }
    expect([staged(), reservedUsers(machine)]).toEqual([[], []]);
    expect(snapshot(world.prefix, ['/etc', '/www/wwwroot'], /\/pipe$|\.copies$/)).toBe(before);
  }, 60_000);

  it('SITE-3 an export or import whose process is killed is taken up again; a cancelled one leaves nothing', async () => {
    const large = await makeSource('large.test');
    for (let index = 0; index < 40; index++) {
      const noise = spawnSync('/usr/bin/head', ['-c', '2000000', '/dev/urandom'], { maxBuffer: 4_000_000 }).stdout;
      writeFileSync(`${filesOf(large)}/part-${index}`, noise);
    }
    giveFiles(large);
    const exportId = newChangeId();
    await start(large, exportId);
    const pid = (): number | undefined => findExport(machine, large.siteId, exportId)?.process?.pid;
    await poll(() => Promise.resolve(pid() !== undefined), Date.now() + 20_000);
    process.kill(pid() ?? never(), 'SIGKILL');
    await poll(async () => (await follow(large, exportId)).isInterrupted, Date.now() + 10_000);
    await start(large, exportId);
    expect(await exportEnded(large, exportId)).toMatchObject({ state: 'ready', failure: null });
    const uploadId = await send(await download(large, exportId));

    const spec = specOf(world, 'large-copy.test');
    const copyId = await bring(uploadId, spec);
    const running = (): number | undefined => findCopy(machine, copyId)?.process?.pid;
    await poll(() => Promise.resolve(running() !== undefined), Date.now() + 20_000);
    process.kill(running() ?? never(), 'SIGKILL');
    const interrupted = async (): Promise<boolean> =>
      (await copiesHandlers['copies.follow'](machine, { copyId, offset: 0 }, call())).isInterrupted;
    await poll(interrupted, Date.now() + 10_000);
    await bring(uploadId, spec, copyId);
    const again = await broughtIn(copyId);
    expect([again.state, again.failure], again.log).toEqual(['copied', null]);
    await copiesHandlers['copies.cancel'](machine, { copyId }, call(30));
    expect([staged(), reservedUsers(machine)]).toEqual([[], []]);
    // It stays for another try.
    expect(await inspect(uploadId)).toMatchObject({ origin: 'own' });

    const stopped = newChangeId();
    await start(large, stopped);
    await siteFilesHandlers['site_files.drop'](machine, { site: refOf(large), exportId: stopped }, call(30));
    expect((await follow(large, stopped)).export).toBeNull();
    expect(readdirSync(`${machine.stateFolder}/site-exports/${large.siteId}`).sort()).toEqual(
      ['json', 'log', 'tar'].map((end) => `${exportId}.${end}`),
    );
    const kept = readFileSync(`${machine.stateFolder}/site-exports/${large.siteId}/${exportId}.tar`);
    expect(kept.length).toBeGreaterThan(80_000_000);
  }, 90_000);

  sealedSteps(() => ({ world, machine }));
  certificateSteps(() => ({ world, machine }));
});
