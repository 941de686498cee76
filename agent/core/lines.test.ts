import { closeSync, mkdtempSync, openSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readLines, writeLines } from './lines.ts';

const folder = mkdtempSync(join(realpathSync(tmpdir()), 'aapanel-lines-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function linesOf(path: string, from?: number): string[] {
  const fd = openSync(path, 'r');
  const lines = [...readLines(fd, from)].length;
  const texts: string[] = [];
  for (const line of readLines(fd, from)) texts.push(line.toString('utf8'));
  closeSync(fd);
  expect(texts).toHaveLength(lines);
  return texts;
}

it('lines come back as they were written, whatever their length, and a last one without its end counts', async () => {
  const path = join(folder, 'lines');
  const lines = Array.from({ length: 3_000 }, (_, index) => `${index} ${'ع'.repeat((index * 37) % 500)}`);
  lines.splice(1_000, 0, '', 'x'.repeat(900_000), '');
  const writer = writeLines(path);
  for (const line of lines) writer.add(line);
  await writer.close();
  expect(linesOf(path)).toEqual(lines);
  expect(linesOf(path, 2 + (lines[0] ?? '').length - 1)).toEqual(lines.slice(1));
  writeFileSync(path, 'a\n\nb');
  expect(linesOf(path)).toEqual(['a', '', 'b']);
  writeFileSync(path, '');
  expect(linesOf(path)).toEqual([]);
});
