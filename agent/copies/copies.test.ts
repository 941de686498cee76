import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SiteSpec } from '#shared/agent/sites.ts';
import type { SiteCopyState } from '#shared/site-copies.ts';
import { siteBehaviour } from '#shared/site-behaviour.ts';
import { siteDeploy } from '#shared/site-deploy.ts';
import type { Call } from '../core/call.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { poll } from '../nginx/nginx.process.ts';
import { applySite } from '../sites/sites.apply.ts';
import { sitesHandlers } from '../sites/sites.actions.ts';
import { reservedUsers } from '../unix-users/reservations.ts';
import {
  call,
  endWorld,
  hasNginx,
  makeWorld,
  newChangeId,
  snapshot,
  specOf,
  visit,
  visitUntil,
  type World,
} from '../testing/world.ts';
import { copiesFolder } from './copy-paths.ts';
import { findCopy, writeCopy } from './copy-records.ts';
import { copiesHandlers } from './copies.actions.ts';

let world: World;
let machine: Machine;

const start = (source: SiteSpec, spec: SiteSpec, copyId = newChangeId(), asking: Call = call(), withSecrets = false) =>
  copiesHandlers['copies.start'](
    machine,
    { copyId, source: { siteId: source.siteId, slug: source.slug }, spec, withSecrets },
    asking,
  ).then(() => copyId);
const follow = (copyId: string) => copiesHandlers['copies.follow'](machine, { copyId, offset: 0 }, call());
const settle = (copyId: string, changeId = newChangeId()) =>
  copiesHandlers['copies.settle'](machine, { copyId, changeId }, call(60));

async function ended(copyId: string): Promise<SiteCopyState & { log: string }> {
  let last: Awaited<ReturnType<typeof follow>> | undefined;
  await poll(async () => {
    last = await follow(copyId);
    return last.copy !== null && last.copy.state !== 'running';
  }, Date.now() + 30_000);
  if (last?.copy === null || last === undefined) throw new Error('no such copy');
  return { ...last.copy, log: last.text };
}

const filesOf = (spec: SiteSpec): string => `${world.prefix}${spec.root}`;
const staged = (): string[] =>
  existsSync(world.prefix + copiesFolder) ? readdirSync(world.prefix + copiesFolder) : [];

async function makeSource(name: string, more: Partial<SiteSpec> = {}): Promise<SiteSpec> {
  const spec = specOf(world, name, more);
  await sitesHandlers['sites.apply'](
    machine,
    { spec, changeId: newChangeId(), isNew: true, onDrift: 'refuse' },
    call(60),
  );
  return spec;
}

/** Behind a prefix no site has an account: all files belong to who runs sites there, as on a machine they would. */
function giveFiles(spec: SiteSpec): void {
  if (machine.isRoot) spawnSync('/usr/bin/chown', ['-R', '-h', 'www-data:www-data', filesOf(spec)]);
}

describe.runIf(hasNginx)('copies of sites, with real nginx and tar', () => {
  beforeAll(async () => {
    world = await makeWorld({ nginx: 'running' });
    machine = await openMachine(world.settings);
  }, 30_000);
  afterAll(() => endWorld(world, machine));

  it('SITE-3 PATH-2 PATH-3 PATH-4 a copy answers the same with files of its own; links are copied and never followed, special files are left out with words', async () => {
    const { passwordId } = await withPassword('source.test');
    const behaviour = siteBehaviour.parse({
      passwords: [{ path: '/locked/', realm: 'x', users: [{ name: 'amal', passwordId }] }],
    });
    const source = { ...sourceSpec, behaviour };
    await sitesHandlers['sites.apply'](
      machine,
      { spec: source, changeId: newChangeId(), isNew: false, onDrift: 'refuse' },
      call(60),
    );
    const root = filesOf(source);
    writeFileSync(`${root}/index.html`, 'hello of the source');
    mkdirSync(`${root}/deep/er`, { recursive: true });
    mkdirSync(`${root}/locked`);
    writeFileSync(`${root}/locked/index.html`, 'locked');
    const odd = Buffer.concat([Buffer.from(`${root}/deep/`), Buffer.from([0xff, 0x0a, 0x2d]), Buffer.from(' ‮x')]);
    writeFileSync(odd, 'odd');
    writeFileSync(`${root}/deep/-rf`, 'dash');
    writeFileSync(`${root}/deep/private`, 'p', { mode: 0o600 });
    writeFileSync(`${root}/deep/suid`, 's');
    linkSync(`${root}/index.html`, `${root}/deep/hard`);
    symlinkSync('/etc/shadow', `${root}/shadow`);
    symlinkSync('../../..', `${root}/up`);
    symlinkSync('deep/er', `${root}/inside`);
    spawnSync('/usr/bin/truncate', ['-s', '64M', `${root}/sparse`]);
    spawnSync('/usr/bin/mkfifo', [`${root}/pipe`]);
    const socket = createServer().listen(`${root}/queue.sock`);
    if (machine.isRoot) spawnSync('/usr/bin/mknod', [`${root}/null`, 'c', '1', '3']);
    giveFiles(source);
    chmodSync(`${root}/deep/suid`, 0o4755);
    writeFileSync(`${root}/unreadable`, 'of root', { mode: 0o600 });
    const before = snapshot(world.prefix, [source.root], /\/(pipe|queue\.sock|null)$/);

    const spec = specOf(world, 'copy.test', { behaviour });
    const copyId = await start(source, spec);
    const done = await ended(copyId);
    expect([done.state, done.failure, done.progress], done.log).toEqual(['copied', null, 100]);
    for (const name of ['pipe', 'queue.sock', ...(machine.isRoot ? ['null'] : [])])
      expect(done.log).toContain(`Left out, neither file nor folder nor link: ${name}`);
    if (machine.isRoot) expect(done.log).toMatch(/left out: .*unreadable: .*Permission denied/);
    // Until it is a site, nobody but root looks in.
    expect(statSync(world.prefix + copiesFolder).mode & 0o777).toBe(0o700);
    await settle(copyId);
    socket.close();

    const to = filesOf(spec);
    const seen = await visitUntil(world.port, 'copy.test', ({ status }) => status === 200);
    expect(seen.body).toBe('hello of the source');
    expect((await visit(world.port, 'copy.test', '/locked/')).status).toBe(401);
    const skipped = ['pipe', 'queue.sock', 'null', ...(machine.isRoot ? ['unreadable'] : [])];
    expect(readdirSync(to).sort()).toEqual(
      readdirSync(root)
        .filter((name) => !skipped.includes(name))
        .sort(),
    );
    expect(readdirSync(`${to}/deep`, 'latin1').sort()).toEqual(readdirSync(`${root}/deep`, 'latin1').sort());
    expect(readlinkSync(`${to}/shadow`)).toBe('/etc/shadow');
    expect(readlinkSync(`${to}/up`)).toBe('../../..');
    expect(lstatSync(`${to}/deep/suid`).mode & 0o7777).toBe(0o755);
    expect(lstatSync(`${to}/deep/private`).mode & 0o7777).toBe(0o600);
    expect(lstatSync(`${to}/deep`).mode & 0o2000).toBe(machine.isRoot ? 0o2000 : 0);
    expect(readFileSync(`${to}/deep/hard`, 'utf8')).toBe('hello of the source');
    writeFileSync(`${to}/deep/hard`, 'of the copy');
    expect(readFileSync(`${to}/index.html`, 'utf8')).toBe('hello of the source');
    const sparse = statSync(`${to}/sparse`);
    expect([sparse.size, sparse.blocks * 512 < 1_000_000]).toEqual([64 * 1024 * 1024, true]);
    // The source is as it was, and nothing of the way is left.
    expect(snapshot(world.prefix, [source.root], /\/(pipe|queue\.sock|null)$/)).toBe(before);
    for (const name of ['pipe', 'null', 'queue.sock']) rmSync(`${root}/${name}`, { force: true });
    expect([staged(), reservedUsers(machine)]).toEqual([[], []]);
    expect((await follow(copyId)).copy?.state).toBe('settled');
  }, 60_000);

  it('a copy that is cancelled, or whose place or names are taken, leaves nothing behind', async () => {
    const source = await makeSource('cancel.test');
    writeFileSync(`${filesOf(source)}/big`, Buffer.alloc(40_000_000, 'x'));
    giveFiles(source);
    const before = snapshot(world.prefix, ['/etc/nginx', '/www/wwwroot'], /\.copies$/);
    const copyId = await start(source, specOf(world, 'never.test'));
    const { copy } = await copiesHandlers['copies.cancel'](machine, { copyId }, call(30));
    expect(copy?.state).toBe('cancelled');
    await expect(settle(copyId)).rejects.toMatchObject({ reason: 'copy_not_ready' });
    expect([staged(), reservedUsers(machine)]).toEqual([[], []]);

    await expect(start(source, { ...specOf(world, 'other.test'), domains: source.domains })).rejects.toMatchObject({
      reason: 'domain_taken',
    });
    await expect(start(source, { ...specOf(world, 'x.test'), root: '/www/wwwroot/../etc' })).rejects.toThrow();
    await expect(start({ ...source, siteId: newChangeId() }, specOf(world, 'x.test'))).rejects.toMatchObject({
      reason: 'slug_taken',
    });
    mkdirSync(`${world.prefix}/www/wwwroot/there.test`);
    await expect(start(source, specOf(world, 'there.test'))).rejects.toMatchObject({ reason: 'copy_place_taken' });
    // Somebody makes the folder in the meantime.
    const late = specOf(world, 'late.test');
    const lateId = await start(source, late);
    expect((await ended(lateId)).state).toBe('copied');
    mkdirSync(filesOf(late));
    await expect(settle(lateId)).rejects.toMatchObject({ reason: 'copy_place_taken' });
    await copiesHandlers['copies.cancel'](machine, { copyId: lateId }, call(30));
    for (const name of ['there.test', 'late.test'])
      spawnSync('/usr/bin/rmdir', [`${world.prefix}/www/wwwroot/${name}`]);
    expect([staged(), reservedUsers(machine)]).toEqual([[], []]);
    expect(snapshot(world.prefix, ['/etc/nginx', '/www/wwwroot'], /\.copies$/)).toBe(before);
  }, 60_000);

  it('secrets and directives need a ticket, and the right to change the old site', async () => {
    const customDirectives = 'add_header X-Mine yes;\n';
    const source = await makeSource('strict.test', { customDirectives });
    const plain: Call = { ...call(), isElevated: false };
    const spec = specOf(world, 'strict-copy.test', { customDirectives });
    await expect(start(source, spec, newChangeId(), plain)).rejects.toMatchObject({ code: 'elevation_required' });
    const without: Call = { ...call(), may: (permission) => permission !== 'sites.custom_directives' };
    await expect(start(source, spec, newChangeId(), without)).rejects.toMatchObject({ code: 'not_allowed' });
    const reader: Call = { ...call(), may: (permission) => permission !== 'sites.write' };
    await expect(start(source, specOf(world, 'r.test'), newChangeId(), reader)).rejects.toMatchObject({
      code: 'not_allowed',
    });
    const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPw5ClYKZTJVZgOOYyErcpDiglmQuJb5ElALH7ZVXVxN';
    const open = specOf(world, 'open-copy.test', { sftp: { keys: [{ name: 'mine', key }] } });
    await expect(start(source, open, newChangeId(), plain)).rejects.toMatchObject({ code: 'elevation_required' });
    expect(reservedUsers(machine)).toEqual([]);
    const copyId = await start(source, spec);
    expect(await ended(copyId)).toMatchObject({ state: 'copied', failure: null });
    // As it was asked for, whatever the asker may by then.
    await copiesHandlers['copies.settle'](machine, { copyId, changeId: newChangeId() }, plain);
    expect(readFileSync(`${world.prefix}/etc/nginx/aapanel/custom/strict-copy.test.conf`, 'utf8')).toBe(
      customDirectives,
    );
  }, 60_000);

  it('SITE-3 a copy whose process is killed is taken up again, and given up after three times', async () => {
    const source = await makeSource('killed.test');
    for (let index = 0; index < 60; index++)
      writeFileSync(`${filesOf(source)}/part-${index}`, Buffer.alloc(2_000_000, 'x'));
    giveFiles(source);
    const spec = specOf(world, 'revived.test');
    const copyId = newChangeId();
    await start(source, spec, copyId);
    await kill(copyId);
    expect((await follow(copyId)).isInterrupted).toBe(true);
    await start(source, spec, copyId);
    expect(await ended(copyId)).toMatchObject({ state: 'copied', failure: null });
    await settle(copyId);
    expect(readdirSync(filesOf(spec)).length).toBe(readdirSync(filesOf(source)).length);
    const given = newChangeId();
    await start(source, specOf(world, 'given.test'), given);
    await kill(given);
    await writeCopy(machine, { ...(findCopy(machine, given) ?? never()), attempt: 3 });
    await start(source, specOf(world, 'given.test'), given);
    expect(await ended(given)).toMatchObject({ state: 'failed', failure: { reason: 'copy_interrupted' } });
    expect([staged(), reservedUsers(machine)]).toEqual([[], []]);
  }, 60_000);

  it('RUN-1 of a deployed site the release that is live comes along and is served; older ones and the work of git stay', async () => {
    const deploy = siteDeploy.parse({ source: null });
    const source = await makeSource('deployed.test', { deploy });
    const root = filesOf(source);
    const live = '20261128-010203-0123abcd';
    for (const id of [live, '20261101-010203-aaaaaaaa']) {
      mkdirSync(`${root}/releases/${id}`, { recursive: true });
      writeFileSync(`${root}/releases/${id}/index.html`, `release ${id}`);
    }
    mkdirSync(`${root}/.deploy/home`, { recursive: true });
    mkdirSync(`${root}/shared/uploads`, { recursive: true });
    writeFileSync(`${root}/shared/uploads/a.txt`, 'shared');
    symlinkSync(`releases/${live}`, `${root}/current`);
    giveFiles(source);
    const input = { spec: source, changeId: newChangeId(), isNew: false, onDrift: 'overwrite' } as const;
    await applySite(machine, { ...input, action: 'deployments.settle', release: { id: live, folder: '' } }, call(60));
    expect((await visitUntil(world.port, 'deployed.test', ({ body }) => body === `release ${live}`)).status).toBe(200);
    const spec = specOf(world, 'deployed-copy.test', { deploy });
    const copyId = await start(source, spec);
    expect(await ended(copyId)).toMatchObject({ state: 'copied', failure: null });
    await settle(copyId);
    expect((await visitUntil(world.port, 'deployed-copy.test', ({ body }) => body === `release ${live}`)).status).toBe(
      200,
    );
    const to = filesOf(spec);
    expect([readdirSync(`${to}/releases`), existsSync(`${to}/.deploy`), readlinkSync(`${to}/current`)]).toEqual([
      [live],
      false,
      `releases/${live}`,
    ]);
    expect(readFileSync(`${to}/shared/uploads/a.txt`, 'utf8')).toBe('shared');
  }, 60_000);

  let sourceSpec: SiteSpec;
  async function withPassword(name: string): Promise<{ passwordId: string }> {
    sourceSpec = await makeSource(name);
    return await sitesHandlers['sites.keep_password'](
      machine,
      { siteId: sourceSpec.siteId, password: 'a long password' },
      call(),
    );
  }

  /** While it copies. */
  async function kill(copyId: string): Promise<void> {
    await poll(() => Promise.resolve(findCopy(machine, copyId)?.state === 'running'), Date.now() + 20_000);
    process.kill(findCopy(machine, copyId)?.process?.pid ?? never(), 'SIGKILL');
    await poll(async () => (await follow(copyId)).isInterrupted, Date.now() + 10_000);
  }

  function never(): never {
    throw new Error('no such copy');
  }
});
