import { requirements } from './requirements.source.ts';
import { idsOf } from './tagged-tests.ts';

/** One test as a run reported it. `name` begins with its ids, or its describe blocks do. */
export type TestResult = { readonly name: string; readonly status: 'passed' | 'failed' | 'skipped' };

export type ProvenFinding = {
  readonly id: string;
  readonly state: 'passed' | 'failed' | 'not run';
  readonly detail: string;
};

type VitestReport = { testResults: { assertionResults: { title: string; status: string }[] }[] };

/** Reads a vitest JSON report, or a plain list of `{name, status}`. Throws when it is neither. */
export function parseResults(text: string): TestResult[] {
  const report: unknown = JSON.parse(text);
  if (Array.isArray(report))
    return (report as { name: string; status: string }[]).map(({ name, status }) => toResult(name, status));
  if (typeof report !== 'object' || report === null || !('testResults' in report)) throw new Error('not a test report');
  return (report as VitestReport).testResults.flatMap(({ assertionResults }) =>
    assertionResults.map(({ title, status }) => toResult(title, status)),
  );
}

function toResult(name: string, status: string): TestResult {
  if (status === 'passed' || status === 'failed') return { name, status };
  return { name, status: 'skipped' };
}

/** For each proven id: all of its tests that this run has passed, and there is at least one. A skipped one proves nothing. */
export function checkProven(proven: readonly string[], results: readonly TestResult[]): ProvenFinding[] {
  const known = new Set(requirements.map(({ id }) => id));
  return proven.map((id) => {
    if (!known.has(id)) return { id, state: 'failed', detail: 'no document has this id' };
    const own = results.filter(({ name }) => idsOf(name).includes(id));
    const failed = own.find(({ status }) => status === 'failed');
    if (failed !== undefined) return { id, state: 'failed', detail: failed.name };
    const skipped = own.find(({ status }) => status === 'skipped');
    if (skipped !== undefined) return { id, state: 'not run', detail: skipped.name };
    const passed = own.find(({ status }) => status === 'passed');
    if (passed !== undefined) return { id, state: 'passed', detail: passed.name };
    return { id, state: 'not run', detail: 'no test with this id was part of this run' };
  });
}
