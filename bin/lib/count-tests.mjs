// Prints "passed failed skipped kept" of one part of bin/test: from its vitest report when there is one, else one check that
// passed or failed by its exit code. Arguments: report file, exit code.
import { readFileSync } from 'node:fs';

const [file, status] = process.argv.slice(2);
let counts = status === '0' ? [1, 0, 0, 0] : [0, 1, 0, 0];
try {
  const report = JSON.parse(readFileSync(file, 'utf8'));
  if (report.numTotalTests > 0) {
    // A part that failed without a failed test (a file that did not load, a leak) still counts as one failure.
    const failed = Math.max(report.numFailedTests, status === '0' ? 0 : 1);
    counts = [
      report.numPassedTests,
      failed,
      report.numPendingTests + (report.numTodoTests ?? 0),
      report.numKeptTests ?? 0,
    ];
  }
} catch {
  // No report: the part died before writing it; its exit code counts.
}
console.log(counts.join(' '));
