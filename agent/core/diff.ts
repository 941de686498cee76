import { unifiedDiff } from '#shared/diff.ts';

const maxDiffBytes = 64 * 1024;

export type FileDiff = { path: string; diff: string; isTruncated: boolean };

/** Diff of one file; an absent text (null) is a file that was or becomes missing. Empty text when nothing differs. */
export function fileDiff(path: string, before: string | null, after: string | null): FileDiff {
  const diff = unifiedDiff(path, before, after);
  const bytes = Buffer.from(diff);
  if (bytes.length <= maxDiffBytes) return { path, diff, isTruncated: false };
  const cut = bytes.subarray(0, maxDiffBytes).toString('utf8');
  return { path, diff: cut.slice(0, cut.lastIndexOf('\n') + 1), isTruncated: true };
}
