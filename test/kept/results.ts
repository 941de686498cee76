import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One test file in a report of vitest. */
export type FileReport = {
  /** Absolute path of the file. */
  readonly name: string;
  readonly status: string;
  /** Milliseconds since the epoch. */
  readonly startTime?: number;
  readonly endTime?: number;
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

/** A file that failed begins anew once, when there are few of them and they are soon over. */
const mostAgain = 4;
/** With what a test waited for in vain: a minute each, twice. */
const longestAgainMs = 300_000;

/**
 * Names of the files that failed and are begun anew: in a process of their own and with nothing left of the first time.
 * Another try of one test alone meets what its first try left in the middle. None when too much failed.
 */
export function toBeginAnew(report: Report): string[] {
  const failed = report.testResults.filter(({ status }) => status === 'failed');
  const names = [...new Set(failed.map(({ name }) => name))];
  const ms = failed.reduce(
    (sum, { startTime = 0, endTime = Number.POSITIVE_INFINITY }) => sum + endTime - startTime,
    0,
  );
  return names.length <= mostAgain && ms <= longestAgainMs ? names : [];
}

/**
 * The report of a run together with the files that were not run: because their results were kept, or, in a run of what is
 * begun anew, because they passed before.
 */
export function merge(report: Report, others: readonly FileReport[], areKept = true): Report {
  const tests = others.flatMap(({ assertionResults }) => assertionResults);
  const passed = tests.filter(({ status }) => status === 'passed').length;
  const plus = (key: string, count: number): number => Number(report[key] ?? 0) + count;
  return {
    ...report,
    numTotalTests: plus('numTotalTests', tests.length),
    numPassedTests: plus('numPassedTests', passed),
    // Of a run in which nothing was left to do there is no report.
    numFailedTests: plus('numFailedTests', 0),
    numPendingTests: plus('numPendingTests', tests.length - passed),
    numKeptTests: plus('numKeptTests', areKept ? tests.length : 0),
    testResults: [...report.testResults, ...others],
  };
}
