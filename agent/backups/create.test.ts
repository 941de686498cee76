import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listPresent } from './catalogue.ts';
import { createSet, type CreateGiven } from './create.ts';
import type { TreeMember, TreePart } from './manifest.ts';
import { withTarget } from './open-target.ts';
import { openSet, problemsOf, syncSets } from './sets.ts';
import { putTarget } from './targets.ts';
import { makeTestWork, type TestWork } from './testing/test-work.ts';
import type { Dump } from './work.ts';

const hasRestic = existsSync('/usr/bin/restic');
const targetId = 'aaaaaaaaaaaaaaaa';
let test: TestWork;

beforeAll(async () => {
  test = makeTestWork();
  const { work, path } = test;
  await putTarget(
    work.folder,
    {
      targetId,
      name: 'local',
      place: { kind: 'local', path: path('repository') },
      limits: { uploadKibPerSecond: null, downloadKibPerSecond: null, minFreeBytes: null, maxBytes: null },
    },
    null,
  );
});

afterAll(() => test.destroy());

const folderSet = (root: string, excludes: string[] = []): CreateGiven => ({
  kind: 'manual',
  plan: null,
  planName: 'test',
  excludes,
  parts: [{ kind: 'tree', name: `folder${root}`, source: { kind: 'folder', path: root }, root, excludes: [] }],
});

async function save(
  root: string,
  excludes?: string[],
): Promise<{ members: Map<string, TreeMember>; part: TreePart; snapshotTar: string }> {
  return await withTarget(test.work, targetId, async (open) => {
    await syncSets(test.work, open);
    const { manifest } = await createSet(test.work, open, folderSet(root, excludes));
    const set = await openSet(test.work, open, manifest.setId);
    const part = set.manifest.parts[0] as TreePart;
    const list = readFileSync(await set.membersOf(part), 'utf8').trimEnd();
    const members = list === '' ? [] : list.split('\n').map((line) => JSON.parse(line) as TreeMember);
    const paths = members.map(({ path }) => Buffer.from(path, 'base64'));
    expect(paths).toEqual(paths.toSorted((a, b) => Buffer.compare(a, b)));
    const tar = join(test.folder, 'out.tar');
    await writeFile(tar, set.repository.readTar(part.snapshot));
    return {
      part,
      members: new Map(members.map((member) => [Buffer.from(member.path, 'base64').toString('latin1'), member])),
      snapshotTar: tar,
    };
  });
}

const sum = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

it.runIf(hasRestic)(
  'P4.2-2 B-8 PATH-4 a tree is saved with a signed list of every member: names of any bytes, links, modes, hashes',
  async () => {
    const root = test.path('site [1] $HOME *');
    mkdirSync(join(root, 'a/b'), { recursive: true });
    mkdirSync(join(root, 'empty'));
    writeFileSync(join(root, 'a/b/x'), 'hello');
    writeFileSync(join(root, 'a-b'), '');
    writeFileSync(Buffer.concat([Buffer.from(`${root}/bad`), Buffer.from([0xff, 0xfe])]), 'latin');
    writeFileSync(join(root, 'line\nend '), 'odd');
    writeFileSync(join(root, 'n'.repeat(255)), 'long');
    writeFileSync(join(root, 'قلم.txt'), 'عربي');
    symlinkSync('a/nowhere', join(root, 'link'));
    symlinkSync('../nowhere', join(root, 'out'));
    symlinkSync('/etc', join(root, 'a/absolute'));
    symlinkSync('a-b', join(root, 'EMPTY'));
    execFileSync('mkfifo', [join(root, 'pipe $1')]);
    writeFileSync(join(root, 'hole'), '');
    truncateSync(join(root, 'hole'), 300 * 1024 ** 3);
    mkdirSync(join(root, 'node_modules/deep'), { recursive: true });
    writeFileSync(join(root, 'node_modules/deep/x.js'), 'js');
    writeFileSync(join(root, 'a/b/y.log'), 'log');
    const { members, part, snapshotTar } = await save(root, ['node_modules', '*.log']);
    expect([...members.keys()]).toEqual([
      'a',
      'a-b',
      'a/b',
      'a/b/x',
      'bad\xff\xfe',
      'empty',
      'line\nend ',
      'link',
      'n'.repeat(255),
      Buffer.from('قلم.txt').toString('latin1'),
    ]);
    expect(members.get('a/b/x')).toMatchObject({ type: 'file', size: 5, sha256: sum('hello'), mode: 0o644 });
    expect(members.get('bad\xff\xfe')?.sha256).toBe(sum('latin'));
    expect(Buffer.from(members.get('link')?.target ?? '', 'base64').toString()).toBe('a/nowhere');
    expect(part.leftOutCount).toBe(5);
    expect(test.reports.map(({ reason }) => String(reason)).sort((a, b) => a.localeCompare(b))).toEqual([
      'excluded_sparse',
      'link_refused',
      'link_refused',
      'link_refused',
      'special',
    ]);
    // The archive that a restore reads names exactly these.
    const listed = spawnSync('tar', ['tf', snapshotTar, '--quoting-style=literal'], { encoding: 'latin1' }).stdout;
    expect(listed).toContain('bad\xff\xfe');
    expect(listed).not.toMatch(/pipe|hole|out|absolute|EMPTY|node_modules|\.log/);
  },
);

it.runIf(hasRestic)(
  'an unchanged file is not read again, a changed one is; excludes are relative to the source',
  async () => {
    const root = test.path('node_modules/app');
    mkdirSync(root, { recursive: true });
    writeFileSync(join(root, 'one'), 'one');
    writeFileSync(join(root, 'two'), 'two');
    await save(root, ['node_modules']);
    await test.settle();
    await save(root, ['node_modules']);
    const cache = readFileSync(test.hashCache(root), 'utf8');
    // A wrong hash in the cache shows whether the file was read.
    writeFileSync(
      test.hashCache(root),
      cache.replaceAll(sum('one'), sum('marked')).replaceAll(sum('two'), sum('marked')),
    );
    writeFileSync(join(root, 'two'), 'three');
    const { members } = await save(root, ['node_modules']);
    expect(members.get('one')?.sha256).toBe(sum('marked'));
    expect(members.get('two')?.sha256).toBe(sum('three'));
  },
);

it.runIf(hasRestic)('the manifest describes what is stored also when files are written without end', async () => {
  const root = test.path('busy');
  mkdirSync(root);
  for (let count = 0; count < 8; count++) writeFileSync(join(root, `f${count}`), 'x'.repeat(1000));
  const writer = test.background(
    `const fs=require('fs');let n=0;setInterval(()=>{fs.writeFileSync('${root}/f'+(n%8),String(n++).repeat(500));fs.writeFileSync('${root}/new'+(n%5),String(n));fs.rmSync('${root}/new'+((n+2)%5),{force:true})},3)`,
  );
  await test.settle();
  const { members, snapshotTar } = await save(root);
  writer.kill('SIGKILL');
  const out = mkdtempSync(join(test.folder, 'out-'));
  execFileSync('tar', ['xf', snapshotTar, '-C', out]);
  for (const [name, { sha256 }] of members) expect(sum(readFileSync(join(out, name))), name).toBe(sha256);
  expect(spawnSync('ls', ['-A', out], { encoding: 'utf8' }).stdout.trim().split('\n')).toHaveLength(members.size);
});

it.runIf(hasRestic)(
  'an empty folder is a good backup; one that cannot be read fails, and nothing is listed',
  async () => {
    const root = test.path('nothing');
    mkdirSync(root);
    expect((await save(root)).members.size).toBe(0);
    const before = listPresent(test.work.folder, targetId).length;
    await expect(save(test.path('not-there'))).rejects.toMatchObject({ reason: 'backup_source_unreadable' });
    expect(listPresent(test.work.folder, targetId)).toHaveLength(before);
    await withTarget(test.work, targetId, async (open) => {
      expect((await syncSets(test.work, open)).refused.size).toBe(0);
      expect(problemsOf(test.work, open)).toEqual([]);
    });
  },
);

it.runIf(hasRestic)(
  'a part that turns out bad while the next one is being stored fails the set with its own reason',
  async () => {
    const root = test.path('first');
    mkdirSync(root);
    writeFileSync(join(root, 'a'), 'a');
    const before = listPresent(test.work.folder, targetId).length;
    await withTarget(test.work, targetId, async (open) => {
      await syncSets(test.work, open);
      const listInto = async (): Promise<void> => await Promise.reject(new Error('the list was refused'));
      const { parts, ...rest } = folderSet(root);
      const slow = async (): Promise<Dump> => {
        // Long enough for the first part to be refused while nobody looks at it.
        await wait(300);
        const facts = { bytes: 4, sha256: sum('dump'), serverVersion: '', toolVersion: '', tables: [] };
        const counts = { routines: 0, triggers: 0, views: 0, events: 0 };
        return {
          fileName: 'dump.sql',
          stream: Readable.from([Buffer.from('dump')]),
          facts: Promise.resolve({ ...facts, counts }),
        };
      };
      const source = { kind: 'database', engine: 'mariadb', name: 'shop' } as const;
      const dump = {
        kind: 'dump',
        name: 'database/mariadb/shop',
        source,
        open: slow,
      } as unknown as (typeof parts)[number];
      const given = { ...rest, parts: [...parts, dump] };
      const broken = { ...open, vault: { ...open.vault, listInto } };
      await expect(createSet(test.work, broken, given)).rejects.toThrow('the list was refused');
      await syncSets(test.work, open);
      expect((await open.vault.snapshots('part')).filter(({ tags }) => tags.includes('part'))).toHaveLength(before);
    });
    expect(listPresent(test.work.folder, targetId)).toHaveLength(before);
  },
);
