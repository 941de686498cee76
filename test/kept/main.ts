// node test/kept/main.ts plan PART PLAN [--fresh]    writes to PLAN which test files of PART need not run again, with their
//     results, and what each file depends on now; prints how many files are to run. --fresh: all of them.
// node test/kept/main.ts finish PART PLAN REPORT STATUS    puts the kept results into the report of the run that ended with
//     STATUS, and keeps what passed in it.
// node test/kept/main.ts again PART PLAN REPORT    changes PLAN so that the next run takes only the files that failed in the
//     run of REPORT, and prints them; prints nothing when too much failed.
// PART: unit, databases, browser, machines. A result is kept for a day, and only while nothing that the test depends on has
// changed: sources, packages, the runtime, the packages of this system.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join, relative } from 'node:path';
import { testFiles } from '../parts.ts';
import { createDigest, createInputs, type Part } from './inputs.ts';
import { isWhole, merge, openKept, toBeginAnew, type FileReport, type Report } from './results.ts';

const root = join(import.meta.dirname, '..', '..');
const [step, part, planPath, ...rest] = process.argv.slice(2) as [string, Part, string, ...string[]];
const kept = openKept(join(root, 'node_modules', '.cache', 'aapanel-kept'));
const digest = createDigest(root, environment());
const inputsOf = createInputs(root, part);
const digestOf = (testFile: string): string => digest(testFile, inputsOf(testFile));

type Plan = {
  /** By test file, from before the run: what was changed while it ran is not kept. */
  readonly digests: Readonly<Record<string, string>>;
  readonly results: Readonly<Record<string, readonly FileReport[]>>;
  /** Of the first run, when there is another one for what failed in it. */
  readonly passed?: Readonly<Record<string, readonly FileReport[]>>;
};

if (step === 'plan') plan();
else if (step === 'finish') finish(rest[0] ?? '', Number(rest[1]));
else if (step === 'again') again(rest[0] ?? '');
else throw new Error('plan, again or finish');

function plan(): void {
  const files = testFiles(root, part);
  const digests = Object.fromEntries(files.map((path) => [path, digestOf(path)]));
  const found = rest.includes('--fresh')
    ? []
    : files.flatMap((path) => {
        const result = kept.find(digests[path] ?? '');
        return result === undefined ? [] : [[path, result] as const];
      });
  writeFileSync(planPath, JSON.stringify({ digests, results: Object.fromEntries(found) } satisfies Plan));
  console.log(files.length - found.length);
}

function again(reportPath: string): void {
  if (!existsSync(reportPath)) return;
  const report = JSON.parse(readFileSync(reportPath, 'utf8')) as Report;
  const failed = toBeginAnew(report);
  if (failed.length === 0) return;
  const others = report.testResults.filter(({ name }) => !failed.includes(name));
  const passed = Object.fromEntries(Map.groupBy(others, ({ name }) => relative(root, name)));
  const before = JSON.parse(readFileSync(planPath, 'utf8')) as Plan;
  writeFileSync(planPath, JSON.stringify({ ...before, passed } satisfies Plan));
  console.log(failed.map((name) => relative(root, name)).join(' '));
}

function finish(reportPath: string, status: number): void {
  const { digests, results, passed = {} } = JSON.parse(readFileSync(planPath, 'utf8')) as Plan;
  const isRun = existsSync(reportPath);
  const own: Report = isRun ? (JSON.parse(readFileSync(reportPath, 'utf8')) as Report) : { testResults: [] };
  const report = merge(own, Object.values(passed).flat(), false);
  // A run that failed without a failed test (a leak, a file that did not load) proves nothing.
  const isClear = status === 0 || Number(report['numFailedTests']) > 0;
  const byFile = Map.groupBy(report.testResults, ({ name }) => relative(root, name));
  for (const [path, reports] of byFile)
    if (isClear && isWhole(reports) && digests[path] === digestOf(path)) kept.put(digests[path], reports);
  // A run that died before it wrote a report stays one without a report.
  if (isRun || status === 0) writeFileSync(reportPath, JSON.stringify(merge(report, Object.values(results).flat())));
}

/** What a test may see beside the tree. */
function environment(): string {
  let packages = '';
  try {
    packages = execFileSync('/usr/bin/dpkg-query', ['--show'], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  } catch {
    // Not a Debian: the runtime and the kernel stand for it.
  }
  return JSON.stringify([part, process.version, release(), process.getuid?.(), process.env['E2E_LANGUAGES'], packages]);
}
