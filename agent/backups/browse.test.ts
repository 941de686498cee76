import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { browseList } from './browse.ts';

const folder = mkdtempSync(join(realpathSync(tmpdir()), 'aapanel-browse-'));
const small = join(folder, 'small');
const large = join(folder, 'large');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Made = { readonly path: Buffer; readonly type: 'file' | 'folder' };

function write(path: string, members: Made[]): void {
  const sorted = members.toSorted((a, b) => Buffer.compare(a.path, b.path));
  writeFileSync(
    path,
    sorted
      .map(({ path: raw, type }) =>
        JSON.stringify({
          path: raw.toString('base64'),
          type,
          mode: 0o644,
          uid: 0,
          gid: 0,
          user: '',
          group: '',
          modifiedMs: 1.5,
          size: 1,
        }),
      )
      .join('\n') + '\n',
  );
}

const made = (path: string, type: Made['type'] = 'file'): Made => ({ path: Buffer.from(path), type });

beforeAll(() => {
  write(small, [
    ...['a', 'a/b', 'a/b/c', 'أرشيف'].map((path) => made(path, 'folder')),
    ...['a-b', 'a.txt', 'a/b/c/x', 'a/z', 'a0', 'b', 'أرشيف/ملف'].map((path) => made(path)),
    { path: Buffer.from([0x61, 0x2f, 0xff]), type: 'file' },
  ]);
  const many: Made[] = [];
  for (let first = 0; first < 200; first++) {
    many.push(made(`d${first}`, 'folder'));
    for (let second = 0; second < 1000; second++) many.push(made(`d${first}/f${second}`));
  }
  write(large, many);
});

const names = (path: string, of: string, offset = 0, limit = 100): string[] =>
  browseList(path, of, offset, limit).items.map(({ name }) => name);

it('a folder shows what lies in it and nothing deeper, page by page, names of any bytes', () => {
  expect(names(small, '')).toEqual(['a', 'a-b', 'a.txt', 'a0', 'b', 'أرشيف']);
  expect(names(small, 'a')).toEqual(['b', 'z', '\uFFFD']);
  expect(browseList(small, 'a', 2, 1)).toMatchObject({ total: 3, items: [{ path: null, name: '\uFFFD' }] });
  expect(names(small, 'a/b')).toEqual(['c']);
  expect(names(small, 'أرشيف')).toEqual(['ملف']);
  expect(browseList(small, 'nowhere', 0, 10)).toEqual({ items: [], total: 0 });
  expect(browseList(small, '', 5, 10)).toMatchObject({ total: 6, items: [{ path: 'أرشيف', type: 'folder' }] });
});

it('looking into 200,000 members leaps over what lies deeper', () => {
  const startedAt = performance.now();
  expect(browseList(large, '', 0, 50)).toMatchObject({ total: 200 });
  expect(browseList(large, 'd150', 990, 50).items.map(({ name }) => name)).toContain('f999');
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});
