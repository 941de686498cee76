// node test/ledger/check-results.ts [--allow-not-run] REPORT...
// Reads the reports of the parts of a test run and fails when a requirement that the ledger calls proven has no passing
// test in them, or a failing one. With --allow-not-run a proven id whose tests were not part of the run is only named.
import { existsSync, readFileSync } from 'node:fs';
import { proven } from './proven.ts';
import { checkProven, parseResults } from './results.ts';

const args = process.argv.slice(2);
const mayBeMissing = args.includes('--allow-not-run');
const files = args.filter((arg) => !arg.startsWith('--'));
const given =
  files.length > 0 ? files : ['unit', 'databases', 'browser', 'machines'].map((part) => `test-results/${part}.json`);
const results = given.filter((path) => existsSync(path)).flatMap((path) => parseResults(readFileSync(path, 'utf8')));

const findings = checkProven(proven, results);
for (const { id, state, detail } of findings) if (state !== 'passed') console.log(`${id} ${state}: ${detail}`);
const count = (state: string): number => findings.filter((finding) => finding.state === state).length;
console.log(`proven requirements: ${count('passed')} passed, ${count('failed')} failed, ${count('not run')} not run`);
process.exitCode = count('failed') > 0 || (count('not run') > 0 && !mayBeMissing) ? 1 : 0;
