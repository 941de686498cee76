import { spawnSync } from 'node:child_process';
import {
  chownSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { giveTree, sumTree } from './trees.ts';

let folder: string;
const isRoot = process.getuid?.() === 0;
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'aapanel-trees-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);

it.runIf(isRoot)(
  'PATH-2 a tree changes hands without following links and without touching files of others',
  async () => {
    mkdirSync(at('tree/sub'), { recursive: true });
    writeFileSync(at('tree/sub/mine'), '');
    writeFileSync(at('tree/theirs'), '');
    writeFileSync(at('outside'), '');
    symlinkSync(at('outside'), at('tree/link'));
    for (const name of ['tree', 'tree/sub', 'tree/sub/mine']) chownSync(at(name), 4_001, 4_001);
    lchownSync(at('tree/link'), 4_001, 4_001);
    chownSync(at('tree/theirs'), 4_002, 4_002);
    await giveTree(at('tree'), 4_001, 4_003);
    expect(statSync(at('tree/sub/mine')).uid).toBe(4_003);
    expect(statSync(at('tree/sub/mine')).gid).toBe(4_001);
    expect(lstatSync(at('tree/link')).uid).toBe(4_003);
    expect(statSync(at('outside')).uid).toBe(0);
    expect(statSync(at('tree/theirs')).uid).toBe(4_002);
  },
);

it('a tree is counted with names, sizes and times, links by themselves, up to a bound', async () => {
  mkdirSync(at('tree/sub'), { recursive: true });
  writeFileSync(at('tree/sub/a'), '12345');
  symlinkSync('/', at('tree/root'));
  const first = await sumTree(at('tree'), 100, Date.now() + 5_000);
  expect(first).toMatchObject({ count: 2, isTruncated: false });
  expect(first.sizeBytes).toBe(5 + 1);
  writeFileSync(at('tree/sub/a'), '123456');
  expect((await sumTree(at('tree'), 100, Date.now() + 5_000)).hash).not.toBe(first.hash);
  expect((await sumTree(at('tree'), 1, Date.now() + 5_000)).isTruncated).toBe(true);
  expect((await sumTree(at('tree'), 100, 0)).isTruncated).toBe(true);
});

it('FAULT-5 a tree that is nested a thousand deep is counted up to a bound and does not stop us', async () => {
  const deeper =
    'mkdir tree && cd tree && i=0; while [ $i -lt 1000 ]; do mkdir d && cd d || exit; i=$((i+1)); done; touch end';
  spawnSync('/bin/sh', ['-c', deeper], { cwd: folder });
  expect(await sumTree(at('tree'), 10_000, Date.now() + 5_000)).toMatchObject({ isTruncated: true, count: 0 });
  await expect(giveTree(at('tree'), 1, 2)).rejects.toThrow('too deep');
});
