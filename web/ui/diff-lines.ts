export type DiffLine = {
  /** `gap`: lines in between are not shown. */
  readonly kind: 'same' | 'added' | 'removed' | 'gap' | 'note';
  readonly text: string;
  readonly oldNumber: number | null;
  readonly newNumber: number | null;
};

export type Diff = {
  readonly lines: readonly DiffLine[];
  readonly added: number;
  readonly removed: number;
  /** The file came into being, or went. */
  readonly isNew: boolean;
  readonly isGone: boolean;
};

/** A unified diff of one file as lines with their numbers. The gap before the first hunk is left out. */
export function parseDiff(text: string): Diff {
  const lines: DiffLine[] = [];
  let [oldNumber, newNumber, added, removed] = [0, 0, 0, 0];
  let [isNew, isGone, isInHunk] = [false, false, false];
  for (const line of text.replace(/\n$/, '').split('\n')) {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(line);
    if (hunk !== null) {
      // A hunk of no lines names the line before it.
      oldNumber = Math.max(1, Number(hunk[1]));
      newNumber = Math.max(1, Number(hunk[2]));
      if (isInHunk) lines.push({ kind: 'gap', text: '', oldNumber: null, newNumber: null });
      isInHunk = true;
    } else if (!isInHunk) {
      if (line === '--- /dev/null') isNew = true;
      if (line === '+++ /dev/null') isGone = true;
    } else if (line.startsWith('+')) {
      lines.push({ kind: 'added', text: line.slice(1), oldNumber: null, newNumber });
      newNumber += 1;
      added += 1;
    } else if (line.startsWith('-')) {
      lines.push({ kind: 'removed', text: line.slice(1), oldNumber, newNumber: null });
      oldNumber += 1;
      removed += 1;
    } else if (line.startsWith('\\')) {
      lines.push({ kind: 'note', text: line.slice(2), oldNumber: null, newNumber: null });
    } else {
      lines.push({ kind: 'same', text: line.slice(1), oldNumber, newNumber });
      oldNumber += 1;
      newNumber += 1;
    }
  }
  return { lines, added, removed, isNew, isGone };
}
