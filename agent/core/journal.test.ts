import { appendFileSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openJournal, type Journal } from './journal.ts';

let folder: string;
let path: string;
let journal: Journal;
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'aapanel-journal-'));
  path = join(folder, 'journal.log');
  journal = openJournal(path);
});
afterEach(() => {
  journal.close();
  rmSync(folder, { recursive: true, force: true });
});

function reopen(): void {
  journal.close();
  journal = openJournal(path);
}

it('what was appended is there after a new start, newest record per change', async () => {
  await journal.append({ type: 'begin', changeId: 'a' });
  await journal.append({ type: 'begin', changeId: 'b' });
  await journal.append({ type: 'committed', changeId: 'a', facts: { text: 'كلمة\n' } });
  reopen();
  expect(journal.last('a')).toEqual({ type: 'committed', changeId: 'a', facts: { text: 'كلمة\n' } });
  expect(journal.withLast('begin').map(({ changeId }) => changeId)).toEqual(['b']);
  expect(journal.newest()?.changeId).toBe('a');
});

it('FAULT-1 a torn tail is cut off wherever it was torn, and everything before it is kept', async () => {
  await journal.append({ type: 'begin', changeId: 'a' });
  await journal.append({ type: 'committed', changeId: 'a' });
  const whole = readFileSync(path);
  const firstLine = whole.indexOf(10) + 1;
  journal.close();
  for (let length = firstLine; length < whole.length; length++) {
    writeFileSync(path, whole.subarray(0, length));
    journal = openJournal(path);
    expect(journal.last('a')?.type).toBe('begin');
    expect(statSync(path).size).toBe(firstLine);
    journal.close();
  }
  journal = openJournal(path);
});

it('FAULT-1 a line whose sum is wrong is no record, and lines behind it still count', async () => {
  await journal.append({ type: 'begin', changeId: 'a' });
  await journal.append({ type: 'begin', changeId: 'b' });
  await journal.append({ type: 'begin', changeId: 'c' });
  const text = readFileSync(path, 'utf8').replace('"changeId":"b"', '"changeId":"x"');
  writeFileSync(path, text);
  reopen();
  expect(journal.last('b')).toBeUndefined();
  expect(journal.last('x')).toBeUndefined();
  expect(journal.withLast('begin').map(({ changeId }) => changeId)).toEqual(['a', 'c']);
});

it('zeros at the end, as a file system leaves them after a power cut, are cut off', async () => {
  await journal.append({ type: 'begin', changeId: 'a' });
  appendFileSync(path, Buffer.alloc(4096));
  reopen();
  await journal.append({ type: 'committed', changeId: 'a' });
  reopen();
  expect(journal.last('a')?.type).toBe('committed');
});

it('records appended at the same time are all whole', async () => {
  const many = Array.from({ length: 50 }, (_, index) => `c${index}`);
  await Promise.all(many.map((changeId) => journal.append({ type: 'begin', changeId, text: 'x'.repeat(500) })));
  reopen();
  expect(journal.withLast('begin').map(({ changeId }) => changeId)).toEqual(many);
});

it('compacting keeps the newest and every open change', async () => {
  await journal.append({ type: 'begin', changeId: 'open' });
  for (let index = 0; index < 20; index++) await journal.append({ type: 'committed', changeId: `c${index}` });
  await journal.compact({ maxChanges: 10, maxBytes: 1_000_000 }, ({ type }) => type === 'begin');
  expect(journal.last('open')?.type).toBe('begin');
  expect(journal.last('c19')?.type).toBe('committed');
  expect(journal.last('c0')).toBeUndefined();
  await journal.append({ type: 'committed', changeId: 'open' });
  reopen();
  expect(journal.last('open')?.type).toBe('committed');
  expect(journal.last('c19')?.type).toBe('committed');
});

it('is for root alone', () => {
  expect(statSync(path).mode & 0o777).toBe(0o600);
});
