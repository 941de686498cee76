import fc from 'fast-check';
import { expect, it } from 'vitest';
import { unifiedDiff } from '#shared/diff.ts';
import { fileDiff } from './diff.ts';

it('two equal texts have no diff', () => {
  expect(unifiedDiff('/f', 'a\n', 'a\n')).toBe('');
});

it('a changed line stands between three lines of context', () => {
  const before = '1\n2\n3\n4\n5\n6\n7\n8\n9\n';
  expect(unifiedDiff('/etc/f', before, before.replace('5', 'five'))).toBe(
    '--- a/etc/f\n+++ b/etc/f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n',
  );
});

it('a new file and a removed one are shown as such', () => {
  expect(unifiedDiff('/f', null, 'a\n')).toBe('--- /dev/null\n+++ b/f\n@@ -0,0 +1,1 @@\n+a\n');
  expect(unifiedDiff('/f', 'a\n', null)).toBe('--- a/f\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-a\n');
});

it('a missing new line at the end is told', () => {
  expect(unifiedDiff('/f', 'a\n', 'a')).toContain('+a\n\\ No newline at end of file\n');
});

it('FAULT-5 a huge difference is cut at a line end and says so', () => {
  const text = Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`).join('');
  const from = performance.now();
  const { diff, isTruncated } = fileDiff('/f', text, text.toUpperCase());
  expect(performance.now() - from).toBeLessThan(5_000);
  expect(isTruncated).toBe(true);
  expect(Buffer.byteLength(diff)).toBeLessThanOrEqual(64 * 1024);
  expect(diff.endsWith('\n')).toBe(true);
});

it('applied to the old text every diff gives the new text', () => {
  const line = fc.constantFrom('a', 'b', 'c', '', '@@', '-', '+', ' x');
  const text = fc.array(line, { maxLength: 30 }).map((lines) => lines.map((each) => `${each}\n`).join(''));
  fc.assert(
    fc.property(text, text, (before, after) => {
      expect(applyDiff(before, unifiedDiff('/f', before, after))).toBe(after);
    }),
    { numRuns: 500 },
  );
});

function applyDiff(before: string, diff: string): string {
  if (diff === '') return before;
  const old = before.split('\n').slice(0, -1);
  const out: string[] = [];
  let at = 0;
  for (const line of diff.split('\n').slice(2, -1)) {
    const head = /^@@ -(\d+),(\d+) \+\d+,\d+ @@$/.exec(line);
    if (head !== null) {
      const start = Number(head[2]) === 0 ? Number(head[1]) : Number(head[1]) - 1;
      out.push(...old.slice(at, start));
      at = start;
    } else if (line.startsWith('+')) out.push(line.slice(1));
    else {
      expect(old[at]).toBe(line.slice(1));
      if (line.startsWith(' ')) out.push(line.slice(1));
      at++;
    }
  }
  return [...out, ...old.slice(at)].map((line) => `${line}\n`).join('');
}
