import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One test file in a report of vitest. */
export type FileReport = {
  /** Absolute path of the file. */
  readonly name: string;
  readonly status: string;
  readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
};
export type Report = { testResults: FileReport[] } & Record<string, unknown>;

/** A day: what the distribution's mirrors hand out, and the date itself, are inputs too. */
const longestMs = 24 * 3600 * 1000;

/** Results of test files that passed, by the digest of all that they depend on. */
export type Kept = {
  find(digest: string): readonly FileReport[] | undefined;
  put(digest: string, reports: readonly FileReport[]): void;
};

export function openKept(folder: string, now = Date.now()): Kept {
  const pathOf = (digest: string): string => join(folder, `${digest}.json`);
  return {
    find(digest) {
      try {
        const path = pathOf(digest);
        if (now - statSync(path).mtimeMs > longestMs) return undefined;
        return JSON.parse(readFileSync(path, 'utf8')) as FileReport[];
      } catch {
        return undefined;
      }
    },
    put(digest, reports) {
      mkdirSync(folder, { recursive: true });
      const temporary = `${pathOf(digest)}.${process.pid}`;
      writeFileSync(temporary, JSON.stringify(reports));
      renameSync(temporary, pathOf(digest));
      for (const name of readdirSync(folder))
        if (now - statSync(join(folder, name)).mtimeMs > longestMs) rmSync(join(folder, name));
    },
  };
}

/**
 * Whether a file may be kept: something in it passed and nothing failed. What could not be run stays "not run"; when what
 * it wanted is installed later, the packages of the system are others and it is run again.
 */
export function isWhole(reports: readonly FileReport[]): boolean {
  const states = reports.flatMap(({ assertionResults }) => assertionResults.map(({ status }) => status));
  return reports.every(({ status }) => status === 'passed') && states.includes('passed') && !states.includes('failed');
}

/** The report of a run together with the files that were not run because their results were kept. */
export function merge(report: Report, kept: readonly FileReport[]): Report {
  const tests = kept.flatMap(({ assertionResults }) => assertionResults);
  const passed = tests.filter(({ status }) => status === 'passed').length;
  const plus = (key: string, count: number): number => Number(report[key] ?? 0) + count;
  return {
    ...report,
    numTotalTests: plus('numTotalTests', tests.length),
    numPassedTests: plus('numPassedTests', passed),
    // Of a run in which nothing was left to do there is no report.
    numFailedTests: plus('numFailedTests', 0),
    numPendingTests: plus('numPendingTests', tests.length - passed),
    numKeptTests: tests.length,
    testResults: [...report.testResults, ...kept],
  };
}
