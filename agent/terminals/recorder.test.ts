import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startRecorder } from './recorder.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'aapanel-recorder-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const facts = { cols: 80, rows: 24, startedAt: 1_700_000_000_000 };

function linesOf(path: string): unknown[] {
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

it('a recording has the size, what was shown with letters whole, and each new size', () => {
  const path = join(folder, 'one.cast');
  const recorder = startRecorder(path, facts);
  const bytes = Buffer.from('مرحبا');
  recorder.output(bytes.subarray(0, 3));
  recorder.output(bytes.subarray(3));
  recorder.resize({ cols: 80, rows: 24 });
  recorder.resize({ cols: 100, rows: 30 });
  recorder.output(Buffer.from('end'));
  recorder.close();
  recorder.output(Buffer.from('later'));
  const at = expect.any(Number) as number;
  expect(linesOf(path)).toEqual([
    { version: 2, width: 80, height: 24, timestamp: 1_700_000_000 },
    [at, 'o', 'مرحبا'],
    [at, 'r', '100x30'],
    [at, 'o', 'end'],
  ]);
});

it('FAULT-5 a recording that is full says so and grows no further', () => {
  const path = join(folder, 'full.cast');
  const recorder = startRecorder(path, facts, 100_000);
  for (let round = 0; round < 50; round++) recorder.output(Buffer.alloc(16 * 1024, 'x'));
  recorder.close();
  expect(readFileSync(path).length).toBeLessThan(101_000);
  expect(linesOf(path).at(-1)).toEqual([expect.any(Number), 'm', 'full']);
});

it('a disk that takes nothing ends the recording and not the terminal', () => {
  const recorder = startRecorder(join(folder, 'missing', 'one.cast'), facts);
  recorder.output(Buffer.from('goes on'));
  recorder.close();
});
