import { describe, expect, it } from 'vitest';
import { parseDiff } from './diff-lines.ts';

const changed = `--- a/etc/site.conf
+++ b/etc/site.conf
@@ -2,3 +2,3 @@
 server {
-    listen 80;
+    listen 8080;
 }
@@ -20,1 +20,2 @@
 # end
++ plus
\\ No newline at end of file
`;

describe('a unified diff', () => {
  it('becomes lines with the numbers of both sides, a gap between hunks and the count of changes', () => {
    const { lines, added, removed, isNew, isGone } = parseDiff(changed);
    expect(lines.map(({ kind, text, oldNumber, newNumber }) => [kind, text, oldNumber, newNumber])).toEqual([
      ['same', 'server {', 2, 2],
      ['removed', '    listen 80;', 3, null],
      ['added', '    listen 8080;', null, 3],
      ['same', '}', 4, 4],
      ['gap', '', null, null],
      ['same', '# end', 20, 20],
      ['added', '+ plus', null, 21],
      ['note', 'No newline at end of file', null, null],
    ]);
    expect([added, removed, isNew, isGone]).toEqual([2, 1, false, false]);
  });

  it('knows a file that came and one that went', () => {
    const came = parseDiff('--- /dev/null\n+++ b/x\n@@ -0,0 +1,1 @@\n+one\n');
    expect([came.isNew, came.isGone, came.lines[0]?.newNumber]).toEqual([true, false, 1]);
    const went = parseDiff('--- a/x\n+++ /dev/null\n@@ -1,1 +0,0 @@\n---- looks like a head\n');
    expect([went.isNew, went.isGone]).toEqual([false, true]);
    expect(went.lines).toEqual([{ kind: 'removed', text: '--- looks like a head', oldNumber: 1, newNumber: null }]);
  });

  it('of nothing has no lines', () => {
    expect(parseDiff('').lines).toEqual([]);
  });
});
