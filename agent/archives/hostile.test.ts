import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ArchiveError } from './archive-error.ts';
import { extractInto, type ExpectedEntry, type ExtractReport, type ExtractRules } from './extract.ts';
import { foreignLimits, ownLimits } from './limits.ts';
import type { Listed } from './protocol.ts';
import { randomArchive, seeded } from './testing/fuzz.ts';
import { entryCases } from './testing/hostile-entries.ts';
import { nameCases } from './testing/hostile-names.ts';
import { streamCases } from './testing/hostile-streams.ts';
import { zipCases } from './testing/hostile-zips.ts';
import { hostileClasses, type HostileCase, type Outcome, type Tree } from './testing/hostile.ts';
import { describeTree, findFaults, readTree } from './testing/watched-tree.ts';

/*
 * In this process and with its rights (root, where the tests run as root): here only the rules stand between an archive and
 * the machine. The walls around them are tried in extract-archive.test.ts.
 */

const folder = mkdtempSync(join(realpathSync(tmpdir()), 'aapanel-hostile-'));
const canary = join(folder, 'outside', 'canary');
const target = join(folder, 'staging', 'in');
mkdirSync(join(folder, 'outside', 'sub'), { recursive: true });
mkdirSync(join(folder, 'staging'));
mkdirSync(join(folder, 'live'));
writeFileSync(canary, 'untouched', { mode: 0o640 });
writeFileSync(join(folder, 'live', 'index.html'), 'old content');
symlinkSync('../outside', join(folder, 'live', 'link'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const cases = [...nameCases(canary), ...entryCases(canary), ...streamCases(), ...zipCases(canary)];

async function* inChunks(bytes: Buffer, size = 1000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

type Result = { readonly report?: ExtractReport; readonly error?: unknown };

async function extract(bytes: Buffer, rules: ExtractRules): Promise<Result> {
  mkdirSync(target, { mode: 0o700 });
  const root = openSync(target, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return { report: await extractInto(inChunks(bytes), root, rules) };
  } catch (error) {
    return { error };
  } finally {
    closeSync(root);
  }
}

function asMap(expected: readonly Listed[]): Map<string, ExpectedEntry> {
  return new Map(expected.map(({ name, ...entry }) => [name, entry]));
}

/** What is wrong with how a case ended; undefined when nothing is. */
async function faultOf(bytes: Buffer, outcome: Outcome, rules: ExtractRules): Promise<string | undefined> {
  const before = JSON.stringify(describeTree(folder));
  const result = await extract(bytes, rules);
  const fault = judge(result, outcome, rules);
  rmSync(target, { recursive: true, force: true });
  return JSON.stringify(describeTree(folder)) === before ? fault : 'something outside was changed';
}

function judge({ report, error }: Result, outcome: Outcome, { mode }: ExtractRules): string | undefined {
  if (outcome.kind === 'rejected') {
    if (report !== undefined) return 'was accepted';
    if (!(error instanceof ArchiveError)) return `failed: ${error instanceof Error ? error.message : ''}`;
    const as = mode === 'own' ? [...outcome.as, 'manifest'] : outcome.as;
    return as.includes(error.archiveClass) ? undefined : `refused as ${error.archiveClass}: ${error.message}`;
  }
  if (report === undefined) return `refused: ${error instanceof Error ? error.message : ''}`;
  const faults = findFaults(target);
  if (faults.length > 0) return faults.join(', ');
  const [found, wanted] = [sortedText(readTree(target)), sortedText(outcome.tree)];
  if (found !== wanted) return `left ${found.slice(0, 300)}`;
  if (outcome.kind === 'literal') return undefined;
  const missing = outcome.changes.filter((kind) => report.changes[kind].count === 0);
  return missing.length > 0 ? `does not report ${missing.join(', ')}` : undefined;
}

function sortedText(tree: Tree): string {
  return JSON.stringify(Object.entries(tree).sort(([one], [two]) => (one < two ? -1 : 1)));
}

async function faultsOf(list: readonly HostileCase[]): Promise<string[]> {
  const faults: string[] = [];
  for (const { name, bytes, outcome, own, limits } of list) {
    const foreign = await faultOf(bytes, outcome, { mode: 'foreign', limits: { ...foreignLimits, ...limits } });
    if (foreign !== undefined) faults.push(`${name}: ${foreign}`);
    if (own === undefined) continue;
    const content = own.expected.reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0);
    const rules = {
      mode: 'own',
      limits: ownLimits(own.expected.length, content),
      expected: asMap(own.expected),
    } as const;
    const signed = await faultOf(bytes, own.outcome, rules);
    if (signed !== undefined) faults.push(`${name}, signed: ${signed}`);
  }
  return faults;
}

test.each(hostileClasses)('B-1 P4.2-3 ARCH-1 %s: every case ends as its class says, signed or not', async (each) => {
  const list = cases.filter((one) => one.class === each);
  expect(list.length).toBeGreaterThan(4);
  expect(await faultsOf(list)).toEqual([]);
});

test('ARCH-1 a look at an archive refuses what unpacking refuses, for the same reason, and makes nothing', async () => {
  const faults: string[] = [];
  for (const { name, bytes, outcome, limits } of cases) {
    const rules = { mode: 'foreign', limits: { ...foreignLimits, ...limits }, onlyLists: true } as const;
    const { report, error } = await extract(bytes, rules);
    const left = JSON.stringify(readTree(target));
    rmSync(target, { recursive: true, force: true });
    const isFit =
      outcome.kind === 'rejected'
        ? error instanceof ArchiveError && outcome.as.includes(error.archiveClass)
        : report?.listing !== undefined;
    if (!isFit || left !== '{}') faults.push(name);
  }
  expect(faults).toEqual([]);
});

test('B-1 P4.2-3 whatever stands in an archive, nothing outside changes and nothing dangerous stays inside', async () => {
  const below = seeded(20_260_704);
  const before = JSON.stringify(describeTree(folder));
  const faults: string[] = [];
  let accepted = 0;
  for (let round = 0; round < 800; round++) {
    const { bytes, expected } = randomArchive(below, canary);
    const isOwn = round % 2 === 1;
    const { report, error } = await extract(
      bytes,
      isOwn
        ? { mode: 'own', limits: ownLimits(expected.length + 50, 10_000), expected: asMap(expected) }
        : { mode: 'foreign', limits: foreignLimits },
    );
    const found = findFaults(target);
    if (report !== undefined) {
      accepted++;
      if (found.length > 0) faults.push(`round ${round}: ${found.join(', ')}`);
    } else if (!(error instanceof ArchiveError))
      faults.push(`round ${round}: ${error instanceof Error ? error.message : ''}`);
    rmSync(target, { recursive: true, force: true });
    if (round % 50 === 0 && JSON.stringify(describeTree(folder)) !== before) faults.push(`round ${round}: outside`);
  }
  expect(faults).toEqual([]);
  expect(accepted).toBeGreaterThan(20);
  expect(JSON.stringify(describeTree(folder))).toBe(before);
});
