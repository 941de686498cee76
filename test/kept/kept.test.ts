import { appendFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createDigest, createInputs, type Part } from './inputs.ts';
import { isWhole, merge, openKept, toBeginAnew, type FileReport } from './results.ts';

const root = mkdtempSync(join(tmpdir(), 'aapanel-kept-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const tree: Readonly<Record<string, string>> = {
  'package-lock.json': '{}',
  'agent/pure.ts':
    "import { limit } from '#shared/limit.ts';\nexport const twice = (n: number) => Math.min(2 * n, limit);\n",
  'agent/pure.test.ts': "import { twice } from './pure.ts';\ntwice(1);\n",
  'agent/other.test.ts': "import './other.ts';\n",
  'agent/other.ts': 'export const other = 1;\n',
  'agent/process.test.ts': "import '../test/testing/programs.ts';\n",
  'docs/en/page.md': '# Page\n',
  'shared/limit.ts': 'export const limit = 10;\n',
  'test/docs.test.ts': "import 'node:fs';\n",
  'test/e2e/site.test.ts': "import './person.ts';\n",
  'test/e2e/person.ts': 'export const person = 1;\n',
  'test/testing/programs.ts': 'export const root = import.meta.dirname;\n',
  'test/vps/steps.ts': 'export const steps = 1;\n',
  'web/page.tsx': 'export const Page = () => null;\n',
};

beforeEach(() => {
  for (const [path, text] of Object.entries(tree)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
});

function digestOf(testFile: string, part: Part = 'unit', environment = 'here'): string {
  return createDigest(root, environment)(testFile, createInputs(root, part)(testFile));
}

/** Files of the tree whose change means that the test has to run again. */
function dependsOn(testFile: string, part: Part = 'unit'): string[] {
  const before = digestOf(testFile, part);
  return Object.entries(tree).flatMap(([path, text]) => {
    appendFileSync(join(root, path), '\n');
    const isOther = digestOf(testFile, part) !== before;
    writeFileSync(join(root, path), text);
    return isOther ? [path] : [];
  });
}

describe('what a test depends on', () => {
  test('are the files that it imports, over others too, the packages and itself', () => {
    expect(dependsOn('agent/pure.test.ts')).toEqual([
      'package-lock.json',
      'agent/pure.ts',
      'agent/pure.test.ts',
      'shared/limit.ts',
    ]);
  });

  test('is everything but pages, browser and the tests of others as soon as it looks beyond its imports', () => {
    expect(dependsOn('agent/process.test.ts')).toEqual([
      'package-lock.json',
      'agent/pure.ts',
      'agent/other.ts',
      'agent/process.test.ts',
      'shared/limit.ts',
      'test/testing/programs.ts',
    ]);
  });

  test('is everything for tests about the project itself, and each of them has a result of its own', () => {
    expect(dependsOn('test/docs.test.ts')).toEqual(Object.keys(tree));
    const digest = createDigest(root, '');
    const paths = createInputs(root, 'unit')('test/docs.test.ts');
    expect(digest('test/docs.test.ts', paths)).not.toBe(digest('test/other.test.ts', paths));
  });

  test('is the whole product for browser and machines', () => {
    const product = ['package-lock.json', 'agent/pure.ts', 'agent/other.ts', 'shared/limit.ts'];
    expect(dependsOn('test/e2e/site.test.ts', 'browser')).toEqual([
      ...product,
      'test/e2e/site.test.ts',
      'test/e2e/person.ts',
      'test/testing/programs.ts',
      'web/page.tsx',
    ]);
  });

  test('is the machine too: another runtime or other packages, and nothing is kept', () => {
    expect(digestOf('agent/pure.test.ts', 'unit', 'elsewhere')).not.toBe(digestOf('agent/pure.test.ts'));
  });
});

describe('results', () => {
  const report = (...states: string[]): FileReport => ({
    name: join(root, 'agent/pure.test.ts'),
    status: states.includes('failed') ? 'failed' : 'passed',
    assertionResults: states.map((status, index) => ({ title: `test ${index}`, status })),
  });

  test('are kept for a day', () => {
    const folder = join(root, 'kept');
    openKept(folder).put('abc', [report('passed')]);
    expect(openKept(folder).find('abc')).toEqual([report('passed')]);
    expect(openKept(folder).find('abd')).toBeUndefined();
    const yesterday = Date.now() / 1000 - 25 * 3600;
    utimesSync(join(folder, 'abc.json'), yesterday, yesterday);
    expect(openKept(folder).find('abc')).toBeUndefined();
  });

  test('are not kept when a test of the file failed or none ran; what was not run stays so', () => {
    expect(isWhole([report('passed', 'passed')])).toBe(true);
    expect(isWhole([report('passed', 'skipped')])).toBe(true);
    for (const one of [report('passed', 'failed'), { ...report('passed'), status: 'failed' }])
      expect(isWhole([report('passed'), one])).toBe(false);
    for (const none of [report(), report('skipped')]) expect(isWhole([none])).toBe(false);
  });

  test('stand in the report of the run, and are counted as kept', () => {
    const run = { numTotalTests: 2, numPassedTests: 1, numFailedTests: 1, testResults: [report('passed', 'failed')] };
    const whole = merge(run, [report('passed', 'passed', 'skipped')]);
    expect(whole).toMatchObject({ numTotalTests: 5, numPassedTests: 3, numFailedTests: 1, numPendingTests: 1 });
    expect(whole['numKeptTests']).toBe(3);
    expect(whole.testResults).toHaveLength(2);
    const nothingRun = merge({ testResults: [] }, [report('passed')]);
    expect(nothingRun).toMatchObject({ numTotalTests: 1, numPassedTests: 1, numFailedTests: 0, numPendingTests: 0 });
  });
});

describe('what failed and is begun anew', () => {
  const file = (name: string, status: string, ms = 1_000): FileReport => ({
    name,
    status,
    startTime: 0,
    endTime: ms,
    assertionResults: [{ title: 'a', status }],
  });

  test('are few files that are soon over, each once; none when much is wrong or nothing is known of the time', () => {
    const passed = file('/x/good.test.ts', 'passed', 900_000);
    const one = file('/x/one.test.ts', 'failed');
    expect(toBeginAnew({ testResults: [passed, one, one] })).toEqual(['/x/one.test.ts']);
    expect(toBeginAnew({ testResults: [passed] })).toEqual([]);
    expect(toBeginAnew({ testResults: ['a', 'b', 'c', 'd', 'e'].map((name) => file(name, 'failed')) })).toEqual([]);
    expect(toBeginAnew({ testResults: [file('slow', 'failed', 300_001)] })).toEqual([]);
    expect(toBeginAnew({ testResults: [{ name: 'x', status: 'failed', assertionResults: [] }] })).toEqual([]);
  });

  test('counts with what passed before, which was not kept', () => {
    const second = { numTotalTests: 1, numPassedTests: 1, testResults: [file('/x/one.test.ts', 'passed')] };
    const whole = merge(merge(second, [file('/x/good.test.ts', 'passed')], false), [file('/x/kept.test.ts', 'passed')]);
    expect(whole).toMatchObject({ numTotalTests: 3, numPassedTests: 3, numFailedTests: 0, numKeptTests: 1 });
    expect(whole.testResults.length).toBe(3);
  });
});
