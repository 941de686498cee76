/*
 * Unified diff of two texts: what people read in the history of a change. Shortest edit script by Myers, bounded.
 */

const context = 3;
/** Above this many edits the middle part is shown as replaced whole: the search grows with the square. */
const maxEdits = 1500;

type Line = { readonly sign: ' ' | '-' | '+'; readonly text: string };

/** Of one file; null is one that is not there. Empty when nothing differs. */
export function unifiedDiff(path: string, before: string | null, after: string | null): string {
  if (before === after) return '';
  const lines = compare(split(before ?? ''), split(after ?? ''));
  const head = `--- ${before === null ? '/dev/null' : `a${path}`}\n+++ ${after === null ? '/dev/null' : `b${path}`}\n`;
  return head + hunks(lines);
}

function split(text: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  else lines.push(`${lines.pop() ?? ''}\n\\ No newline at end of file`);
  return lines;
}

function compare(a: readonly string[], b: readonly string[]): Line[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const same = (text: string): Line => ({ sign: ' ', text });
  return [
    ...a.slice(0, start).map(same),
    ...edits(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...a.slice(a.length - end).map(same),
  ];
}

function edits(a: readonly string[], b: readonly string[]): Line[] {
  const trace = search(a, b);
  if (trace === undefined)
    return [...a.map((text): Line => ({ sign: '-', text })), ...b.map((text): Line => ({ sign: '+', text }))];
  const lines: Line[] = [];
  let x = a.length;
  let y = b.length;
  for (let d = trace.length - 1; d >= 0; d--) {
    const v = trace[d] ?? new Map<number, number>();
    const k = x - y;
    const isDown = k === -d || (k !== d && (v.get(k - 1) ?? -1) < (v.get(k + 1) ?? -1));
    const previousK = isDown ? k + 1 : k - 1;
    const previousX = d === 0 ? 0 : (v.get(previousK) ?? 0);
    const previousY = d === 0 ? 0 : previousX - previousK;
    while (x > previousX && y > previousY) {
      lines.push({ sign: ' ', text: a[x - 1] ?? '' });
      x--;
      y--;
    }
    if (d === 0) break;
    if (x === previousX) lines.push({ sign: '+', text: b[y - 1] ?? '' });
    else lines.push({ sign: '-', text: a[x - 1] ?? '' });
    x = previousX;
    y = previousY;
  }
  return lines.reverse();
}

/** The furthest points before each number of edits; undefined when it takes too many. */
function search(a: readonly string[], b: readonly string[]): Map<number, number>[] | undefined {
  const v = new Map<number, number>([[1, 0]]);
  const trace: Map<number, number>[] = [];
  const most = Math.min(a.length + b.length, maxEdits);
  for (let d = 0; d <= most; d++) {
    const before = new Map<number, number>();
    for (let k = -d - 1; k <= d + 1; k++) {
      const value = v.get(k);
      if (value !== undefined) before.set(k, value);
    }
    trace.push(before);
    for (let k = -d; k <= d; k += 2) {
      const isDown = k === -d || (k !== d && (v.get(k - 1) ?? -1) < (v.get(k + 1) ?? -1));
      let x = isDown ? (v.get(k + 1) ?? 0) : (v.get(k - 1) ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      v.set(k, x);
      if (x >= a.length && x - k >= b.length) return trace;
    }
  }
  return undefined;
}

function hunks(lines: readonly Line[]): string {
  const near = lines.map(() => false);
  lines.forEach(({ sign }, index) => {
    if (sign === ' ') return;
    for (let at = Math.max(0, index - context); at <= Math.min(lines.length - 1, index + context); at++)
      near[at] = true;
  });
  let out = '';
  let oldLine = 1;
  let newLine = 1;
  for (let at = 0; at < lines.length; ) {
    if (near[at] !== true) {
      at++;
      oldLine++;
      newLine++;
      continue;
    }
    let end = at;
    while (end < lines.length && near[end] === true) end++;
    const part = lines.slice(at, end);
    const oldCount = part.filter(({ sign }) => sign !== '+').length;
    const newCount = part.filter(({ sign }) => sign !== '-').length;
    out += `@@ -${oldCount === 0 ? oldLine - 1 : oldLine},${oldCount} +${newCount === 0 ? newLine - 1 : newLine},${newCount} @@\n`;
    out += part.map(({ sign, text }) => `${sign}${text}\n`).join('');
    oldLine += oldCount;
    newLine += newCount;
    at = end;
  }
  return out;
}
