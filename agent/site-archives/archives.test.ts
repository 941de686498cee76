import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { uploadChunkBytes, unpackChoices, type Unpacking } from '#shared/archives.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { nameCases } from '../archives/testing/hostile-names.ts';
import { streamCases } from '../archives/testing/hostile-streams.ts';
import { zipCases } from '../archives/testing/hostile-zips.ts';
import { entryCases } from '../archives/testing/hostile-entries.ts';
import { tar, type TarPart } from '../archives/testing/make-tar.ts';
import { zip } from '../archives/testing/make-zip.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { sitesHandlers } from '../sites/sites.actions.ts';
import { call, hasNginx, makeWorld, newChangeId, snapshot, specOf, visitUntil, type World } from '../testing/world.ts';
import { archivesHandlers } from './archives.actions.ts';
import { runUnpacking, type UnpackingOptions } from './unpacking-run.ts';
import { settleUnpacking } from './unpacking.ts';
import { findUnpacking, writeUnpacking } from './unpacking-records.ts';

let world: World;
let machine: Machine;
let stopAt = '';

beforeAll(async () => {
  world = await makeWorld({ nginx: hasNginx ? 'running' : 'missing' });
  machine = await openMachine(world.settings, {
    checkpoint: (point) => {
      if (point === stopAt) throw new Error(`stopped at ${point}`);
    },
  });
}, 30_000);
afterAll(async () => {
  await machine.settled();
  machine.close();
  world.destroy();
});

const isRoot = process.getuid?.() === 0;
const refOf = ({ siteId, slug }: SiteSpec) => ({ siteId, slug });
const rootOf = (spec: SiteSpec): string => world.prefix + spec.root;
const put = (path: string, text: string): void => {
  mkdirSync(path.slice(0, path.lastIndexOf('/')), { recursive: true });
  writeFileSync(path, text);
};
const treeOf = (spec: SiteSpec): string => snapshot(world.prefix, [spec.root]);
const binOf = (): string[] =>
  existsSync(`${world.prefix}/www/recycle_bin`) ? readdirSync(`${world.prefix}/www/recycle_bin`) : [];

async function makeSite(name: string, more: Partial<SiteSpec> = {}): Promise<SiteSpec> {
  const spec = specOf(world, `${name}.test`, more);
  await sitesHandlers['sites.apply'](
    machine,
    { spec, changeId: newChangeId(), isNew: true, onDrift: 'refuse' },
    call(),
  );
  return spec;
}

async function send(spec: SiteSpec, bytes: Buffer, fileName = 'app.tar.gz'): Promise<string> {
  const uploadId = newChangeId();
  const site = refOf(spec);
  await archivesHandlers['archives.begin'](machine, { site, uploadId, fileName, sizeBytes: bytes.length }, call());
  for (let offset = 0; offset < bytes.length; offset += uploadChunkBytes) {
    const data = bytes.subarray(offset, offset + uploadChunkBytes).toString('base64');
    await archivesHandlers['archives.write'](machine, { site, uploadId, offset, data }, call());
  }
  return uploadId;
}

/** As the agent does it, with the process of the unpacking in this one. */
async function unpack(
  spec: SiteSpec,
  bytes: Buffer,
  given: object = {},
  options: UnpackingOptions = {},
): Promise<Unpacking & { log: string }> {
  const uploadId = await send(spec, bytes);
  const unpackingId = newChangeId();
  const choices = unpackChoices.parse(given);
  await writeUnpacking(machine, {
    unpackingId,
    siteId: spec.siteId,
    slug: spec.slug,
    root: spec.root,
    uploadId,
    fileName: 'app.tar.gz',
    choices,
    actor: call().actor,
    state: 'starting',
    phase: 'read',
    attempt: 1,
    process: null,
    progress: 0,
    files: null,
    bytes: null,
    topFolder: null,
    replaced: 0,
    kept: 0,
    failure: null,
    startedAt: Date.now(),
    endedAt: null,
  });
  await runUnpacking(quick(), [spec.siteId, unpackingId], {
    settle: (params) => settleUnpacking(machine, params, call(60)),
    ...options,
  });
  // What was not used up stays for another try.
  await archivesHandlers['archives.discard'](machine, { site: refOf(spec), uploadId }, call());
  return await follow(spec, unpackingId);
}

/** The extractor alone, started in a tenth of the time. */
function quick(): World['settings'] {
  const entry = new URL('../archives/testing/extract-entry.ts', import.meta.url).pathname;
  return { ...world.settings, program: [process.execPath, entry] };
}

async function follow(spec: SiteSpec, unpackingId: string): Promise<Unpacking & { log: string }> {
  const asked = { site: refOf(spec), unpackingId, offset: 0 };
  const { unpacking, text } = await archivesHandlers['archives.follow'](machine, asked, call());
  if (unpacking === null) throw new Error('no such unpacking');
  return { ...unpacking, log: text };
}

const undo = (spec: SiteSpec, unpackingId: string) =>
  archivesHandlers['archives.undo'](machine, { site: refOf(spec), unpackingId, changeId: newChangeId() }, call(60));

const shop: readonly TarPart[] = [
  { name: 'shop/', type: '5' },
  { name: 'shop/index.html', content: 'the shop' },
  { name: 'shop/bin/run', content: '#!/bin/sh\n', mode: 0o4777 },
  { name: 'shop/secret.txt', content: 'x', mode: 0o600 },
  { name: 'shop/assets/style.css', content: 'p{}' },
];

it('ARCH-1 an archive arrives piece by piece, goes on where it was broken off, and belongs to its site alone', async () => {
  const spec = await makeSite('pieces');
  const other = await makeSite('pieces-other');
  const site = refOf(spec);
  const bytes = randomBytes(uploadChunkBytes + 1000);
  const uploadId = newChangeId();
  const write = (offset: number, piece: Buffer, at = site) =>
    archivesHandlers['archives.write'](machine, { site: at, uploadId, offset, data: piece.toString('base64') }, call());
  const begin = { site, uploadId, fileName: 'x.zip', sizeBytes: bytes.length };
  expect(await archivesHandlers['archives.begin'](machine, begin, call())).toMatchObject({ receivedBytes: 0 });
  await expect(write(10, bytes.subarray(10, 20))).rejects.toMatchObject({ reason: 'archive_piece_gap' });
  expect(await write(0, bytes.subarray(0, 500))).toMatchObject({ receivedBytes: 500 });
  // The answer was lost and the piece comes again, longer than before; then it is begun anew.
  expect(await write(0, bytes.subarray(0, 700))).toMatchObject({ receivedBytes: 700 });
  expect(await write(100, bytes.subarray(100, 200))).toMatchObject({ receivedBytes: 700 });
  expect(await archivesHandlers['archives.begin'](machine, begin, call())).toMatchObject({ receivedBytes: 700 });
  await expect(write(700, Buffer.alloc(bytes.length))).rejects.toMatchObject({ reason: 'archive_longer' });
  await expect(write(700, bytes.subarray(700), refOf(other))).rejects.toMatchObject({ reason: 'archive_unknown' });
  const choices = unpackChoices.parse({});
  const early = archivesHandlers['archives.preview'](machine, { site, uploadId, choices }, call());
  await expect(early).rejects.toMatchObject({ reason: 'archive_not_whole' });
  expect(await write(700, bytes.subarray(700))).toMatchObject({ receivedBytes: bytes.length });
  const path = `${world.settings.stateFolder}/uploads/${spec.siteId}/${uploadId}.data`;
  expect(readFileSync(path).equals(bytes)).toBe(true);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  for (let count = 0; count < 4; count++)
    await archivesHandlers['archives.begin'](machine, { ...begin, uploadId: newChangeId(), sizeBytes: 1 }, call());
  const sixth = archivesHandlers['archives.begin'](machine, { ...begin, uploadId: newChangeId() }, call());
  await expect(sixth).rejects.toMatchObject({ reason: 'archive_too_many' });
  const huge = archivesHandlers['archives.begin'](
    machine,
    { ...begin, site: refOf(other), uploadId: newChangeId(), sizeBytes: 2 ** 50 },
    call(),
  );
  await expect(huge).rejects.toMatchObject({ reason: 'archive_no_room' });
  await archivesHandlers['archives.discard'](machine, { site, uploadId }, call());
  expect(existsSync(path)).toBe(false);
  // What nobody goes on with is gone a day later.
  const later = { ...machine, now: () => Date.now() + 25 * 60 * 60 * 1_000 };
  await archivesHandlers['archives.begin'](later, { ...begin, site: refOf(other) }, call());
  expect((await archivesHandlers['archives.state'](machine, { site }, call())).uploads).toEqual([]);
});

it('ARCH-1 an archive is shown, put into the site as its user’s, served, and taken back to the byte', async () => {
  const spec = await makeSite('shop');
  const before = treeOf(spec);
  const packed = gzipSync(tar(shop));
  const uploadId = await send(spec, packed);
  const look = (choices: object) =>
    archivesHandlers['archives.preview'](
      machine,
      { site: refOf(spec), uploadId, choices: unpackChoices.parse(choices) },
      call(),
    );
  expect(await look({})).toEqual({
    files: 4,
    folders: 3,
    bytes: 22,
    topFolder: 'shop',
    itemCount: 4,
    items: [
      { name: 'assets', type: 'folder', files: 1, bytes: 3, isThere: false },
      { name: 'bin', type: 'folder', files: 1, bytes: 10, isThere: false },
      { name: 'index.html', type: 'file', files: 1, bytes: 8, isThere: true },
      { name: 'secret.txt', type: 'file', files: 1, bytes: 1, isThere: false },
    ],
    changes: [{ kind: 'special-bits', count: 1 }],
  });
  expect((await look({ stripsTopFolder: false })).items).toEqual([
    { name: 'shop', type: 'folder', files: 4, bytes: 22, isThere: false },
  ]);
  expect(treeOf(spec)).toBe(before);

  const done = await unpack(spec, packed);
  // Our own first page is in nobody's way, also where everything that is there stays.
  expect([done.state, done.failure, done.files, done.replaced, done.kept]).toEqual(['succeeded', null, 4, 1, 0]);
  const looksOf = (path: string): string => (lstatSync(`${rootOf(spec)}/${path}`).mode & 0o7777).toString(8);
  const [file, folder] = [looksOf('index.html'), looksOf('assets')];
  expect([file, folder]).toEqual(isRoot ? ['640', '2750'] : [file, folder]);
  expect([looksOf('secret.txt'), looksOf('bin/run')]).toEqual([file, isRoot ? '750' : looksOf('bin/run')]);
  if (isRoot) expect(lstatSync(`${rootOf(spec)}/bin/run`).uid).not.toBe(0);
  if (hasNginx)
    expect(
      (await visitUntil(world.port, 'shop.test', ({ status, body }) => status === 200 && body === 'the shop')).body,
    ).toBe('the shop');
  expect(done.log).toContain('special-bits: 1 (shop/bin/run)');
  expect(done.canBeUndone).toBe(true);
  expect(await undo(spec, done.id)).toMatchObject({ state: 'undone', canBeUndone: false });
  expect(treeOf(spec)).toBe(before);
}, 60_000);

it('ARCH-1 keep, replace and empty do to a deep tree what they say; what gives way lies in the recycle bin and comes back', async () => {
  const spec = await makeSite('deep');
  const root = rootOf(spec);
  const owner = lstatSync(root);
  const files = {
    'index.html': 'mine',
    'content/themes/a.css': 'mine',
    'content/up/photo.jpg': 'mine',
    'x/deep/y': 'mine',
  };
  const fill = (): void => {
    for (const [path, text] of Object.entries(files)) put(`${root}/${path}`, text);
    for (const path of ['content', 'content/themes', 'content/up', 'x', 'x/deep'])
      chownSync(`${root}/${path}`, owner.uid, owner.gid);
  };
  fill();
  put(`${root}/.well-known/acme`, 'proof');
  const before = treeOf(spec);
  const news = zip([
    { name: 'index.html', content: 'new' },
    { name: 'content/themes/a.css', content: 'new' },
    { name: 'content/themes/b.css', content: 'new' },
    { name: 'content/plug/p.php', content: 'new' },
    { name: 'x', content: 'a file where a folder was' },
  ]);
  const textOf = (path: string): string => readFileSync(`${root}/${path}`, 'utf8');

  const kept = await unpack(spec, news, { onConflict: 'keep' });
  expect([kept.state, kept.kept, kept.replaced]).toEqual(['succeeded', 3, 0]);
  expect([
    textOf('index.html'),
    textOf('content/themes/a.css'),
    textOf('content/themes/b.css'),
    textOf('x/deep/y'),
  ]).toEqual(['mine', 'mine', 'new', 'mine']);
  await undo(spec, kept.id);
  expect(treeOf(spec)).toBe(before);

  const replaced = await unpack(spec, news, { onConflict: 'replace' });
  expect([replaced.state, replaced.kept, replaced.replaced]).toEqual(['succeeded', 0, 3]);
  expect([textOf('index.html'), textOf('content/themes/a.css'), textOf('x'), textOf('content/up/photo.jpg')]).toEqual([
    'new',
    'new',
    'a file where a folder was',
    'mine',
  ]);
  const old = `${world.prefix}/www/recycle_bin/${replaced.id}-${spec.slug}.archive/old`;
  expect(readFileSync(`${old}/x/deep/y`, 'utf8')).toBe('mine');

  // Two on each other: only the newest can be taken back.
  const emptied = await unpack(spec, news, { onConflict: 'empty' });
  expect(emptied.state).toBe('succeeded');
  expect(readdirSync(root).sort()).toEqual(['.well-known', 'content', 'index.html', 'x']);
  expect(existsSync(`${root}/content/up`)).toBe(false);
  await expect(undo(spec, replaced.id)).rejects.toMatchObject({ reason: 'archive_undo_gone' });
  await undo(spec, emptied.id);
  await undo(spec, replaced.id);
  expect(treeOf(spec)).toBe(before);

  const below = await unpack(spec, zstdCompressSync(tar([{ name: 'a', content: 'b' }])), { folder: 'blog/en' });
  expect([below.state, textOf('blog/en/a')]).toEqual(['succeeded', 'b']);
  expect(lstatSync(`${root}/blog`).uid).toBe(lstatSync(`${root}/blog/en/a`).uid);
}, 60_000);

it('ARCH-1 every kind of hostile archive leaves the site as it was, nothing in the bin, and is refused by the look at it already', async () => {
  const spec = await makeSite('hostile');
  put(`${world.folder}/outside/canary`, 'untouched');
  const canary = `${world.folder}/outside/canary`;
  const before = treeOf(spec);
  const bin = binOf();
  const all = [...nameCases(canary), ...entryCases(canary), ...streamCases(), ...zipCases(canary)];
  // One of each of these classes; all cases of all classes are tried on the extractor itself.
  const classes = new Set<string>([
    'damaged-container',
    'entry-type',
    'name-collision',
    'path-escape',
    'symlink-traversal',
    'zip-structure',
  ]);
  const seen = new Map<string, (typeof all)[number]>();
  for (const each of all)
    if (classes.has(each.class) && each.outcome.kind === 'rejected' && each.bytes.length > 0 && !each.limits)
      seen.set(each.class, each);
  expect(seen.size).toBe(classes.size);
  for (const { name, bytes, outcome } of seen.values()) {
    const uploadId = await send(spec, bytes);
    const asked = { site: refOf(spec), uploadId, choices: unpackChoices.parse({ onConflict: 'empty' }) };
    const refused = await archivesHandlers['archives.preview'](machine, asked, call()).catch((error: unknown) => error);
    expect([name, refused]).toMatchObject([name, { archiveClass: expect.any(String) as string }]);
    await archivesHandlers['archives.discard'](machine, { site: refOf(spec), uploadId }, call());
    const { state, failure } = await unpack(spec, bytes, { onConflict: 'empty' });
    expect([name, state, failure?.reason.startsWith('archive_')]).toEqual([name, 'failed', true]);
    expect(outcome.kind).toBe('rejected');
  }
  // Inside of the archive, but not of the one folder that is left out.
  const out = tar([
    { name: 'top/', type: '5' },
    { name: 'top/a/', type: '5' },
    { name: 'top/a/link', type: '2', link: '../../other.test/index.html' },
  ]);
  expect((await unpack(spec, out)).failure).toEqual({
    reason: 'archive_symlink_traversal',
    params: { name: 'a/link' },
  });
  const inner = await unpack(spec, out, { stripsTopFolder: false });
  expect(inner.state).toBe('succeeded');
  await undo(spec, inner.id);
  for (const name of binOf().filter((each) => !bin.includes(each)))
    rmSync(`${world.prefix}/www/recycle_bin/${name}`, { recursive: true });
  // A gigabyte of zeros in a megabyte, and more files than are taken.
  const bomb = gzipSync(tar([{ name: 'zeros', content: Buffer.alloc(64 * 1024 * 1024) }]));
  expect((await unpack(spec, bomb)).failure?.reason).toBe('archive_resource_exhaustion');
  const many = tar(Array.from({ length: 50 }, (_, index) => ({ name: `f${index}` })));
  expect((await unpack(spec, many, {}, { limits: { entries: 40 } })).failure?.reason).toBe(
    'archive_resource_exhaustion',
  );
  expect(treeOf(spec)).toBe(before);
  expect(binOf()).toEqual(bin);
  expect(readFileSync(canary, 'utf8')).toBe('untouched');
}, 120_000);

it.runIf(isRoot)(
  'ARCH-1 links and folders of others that stand in the site lead the agent nowhere',
  async () => {
    const spec = await makeSite('planted');
    const root = rootOf(spec);
    const outside = `${world.folder}/elsewhere`;
    mkdirSync(outside);
    put(`${outside}/index.html`, 'of another');
    symlinkSync(outside, `${root}/content`);
    const news = tar([
      { name: 'content/index.html', content: 'mine' },
      { name: 'plain', content: 'x' },
    ]);
    const kept = await unpack(spec, news, { stripsTopFolder: false });
    expect([kept.state, kept.kept]).toEqual(['succeeded', 1]);
    const through = await unpack(spec, news, { folder: 'content' });
    expect([through.state, through.failure?.reason]).toEqual(['failed', 'archive_folder_foreign']);
    const replaced = await unpack(spec, news, { onConflict: 'replace' });
    expect([replaced.state, lstatSync(`${root}/content`).isDirectory()]).toEqual(['succeeded', true]);
    expect([readdirSync(outside), readFileSync(`${outside}/index.html`, 'utf8')]).toEqual([
      ['index.html'],
      'of another',
    ]);
    // A folder that somebody else owns, for example one that was mounted there.
    mkdirSync(`${root}/theirs`);
    chownSync(`${root}/theirs`, 12_345, 12_345);
    chmodSync(`${root}/theirs`, 0o755);
    const foreign = await unpack(spec, tar([{ name: 'theirs/x', content: 'x' }]), {
      stripsTopFolder: false,
      onConflict: 'replace',
    });
    expect(foreign.failure).toEqual({ reason: 'archive_folder_foreign', params: { path: 'theirs' } });
    expect(readdirSync(`${root}/theirs`)).toEqual([]);
  },
  60_000,
);

it('ARCH-1 a move that fails in the middle, a cancelled one and one whose process died leave the old state or the new', async () => {
  const spec = await makeSite('faults');
  const before = treeOf(spec);
  const bin = binOf();
  const packed = gzipSync(tar(shop));
  stopAt = 'applied 3/5';
  const failed = await unpack(spec, packed);
  stopAt = '';
  expect(failed.failure?.reason).toBe('archive_failed');
  expect([treeOf(spec), binOf()]).toEqual([before, bin]);

  const cancel = (unpackingId: string) =>
    archivesHandlers['archives.cancel'](machine, { site: refOf(spec), unpackingId }, call(60));
  let id = '';
  let cancelling: Promise<unknown> = Promise.resolve();
  const cancelled = await unpack(
    spec,
    packed,
    {},
    {
      checkpoint: async (point) => {
        if (point !== 'unpacked') return;
        const { unpackings } = await archivesHandlers['archives.state'](machine, { site: refOf(spec) }, call());
        id = unpackings[0]?.id ?? '';
        cancelling = cancel(id);
        await new Promise((resolve) => setTimeout(resolve, 400));
      },
    },
  );
  await cancelling;
  expect([cancelled.id, cancelled.state]).toEqual([id, 'cancelled']);
  expect([treeOf(spec), binOf()]).toEqual([before, bin]);

  // Its process is gone, in the middle of what it unpacked.
  const died = await unpack(spec, packed);
  await undo(spec, died.id);
  const record = findUnpacking(machine, spec.siteId, died.id);
  if (record === undefined) throw new Error('no record');
  await writeUnpacking(machine, { ...record, state: 'running', endedAt: null, process: { pid: 1, startedTicks: 'x' } });
  const asked = { site: refOf(spec), unpackingId: died.id, offset: 0 };
  expect(await archivesHandlers['archives.follow'](machine, asked, call())).toMatchObject({ isInterrupted: true });
  expect((await cancel(died.id)).unpacking).toMatchObject({ state: 'cancelled' });
  expect(treeOf(spec)).toBe(before);
  // One that is in the site already is taken out again by a late wish to cancel it.
  const late = await unpack(spec, packed);
  expect((await cancel(late.id)).unpacking).toMatchObject({ state: 'undone' });
  expect(treeOf(spec)).toBe(before);
}, 60_000);
