import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generate } from '../../scripts/generate/requirements.ts';
import { findContradictions, makeLedger } from './ledger.ts';
import { proven } from './proven.ts';
import { requirements } from './requirements.source.ts';
import { checkProven, parseResults } from './results.ts';
import { findTaggedTests, idsOf, readTaggedTests } from './tagged-tests.ts';

const root = join(import.meta.dirname, '..', '..');
const tests = await readTaggedTests();

describe('the ledger', () => {
  it('P0-1 lists each requirement of the four documents once', () => {
    expect(requirements.length).toBe(517);
    expect(new Set(requirements.map(({ id }) => id)).size).toBe(517);
  });

  it('P0-1 agrees with the tests: no unknown id, no proven id without a test, both languages', () => {
    expect(findContradictions(tests)).toEqual([]);
  });

  it('is written out as the code says (npm run generate)', async () => {
    for (const { path, content } of await generate())
      expect(await readFile(join(root, path), 'utf8'), path).toBe(content);
  });
});

describe('a planted fault in the ledger is found:', () => {
  const one = { path: 'a.test.ts', line: 3, name: 'works', fullName: 'SITE-1 works', ids: ['SITE-1'] };
  it('a proven id without a test', () => {
    expect(findContradictions([], { proven: ['SITE-1'], partial: {} })).toContain(
      'SITE-1: is proven or partial without a test',
    );
  });
  it('a test with an id that no document has', () => {
    expect(findContradictions([{ ...one, ids: ['SITE-99'] }], { proven: [], partial: {} })).toEqual([
      'SITE-99: a.test.ts:3 tags an id that no document has',
    ]);
  });
  it('a tagged id that nobody judged is partial, never proven', () => {
    const entry = makeLedger([one], { proven: [], partial: {} }).find(({ id }) => id === 'SITE-1');
    expect(entry).toMatchObject({ state: 'partial', note: { en: expect.stringContaining('whole check') as string } });
  });
  it('a proven id whose tests are gone is not yet done', () => {
    const entry = makeLedger([], { proven: ['SITE-1'], partial: {} }).find(({ id }) => id === 'SITE-1');
    expect(entry?.state).toBe('not yet');
  });
  it('an id that is proven and partial', () => {
    expect(findContradictions([one], { proven: ['SITE-1'], partial: { 'SITE-1': '' } })).toContain(
      'SITE-1: is both proven and partial',
    );
  });
});

describe('the scan of the tests', () => {
  it('finds ids at the beginning of names, in each and in templates, and skips tests that never run', () => {
    const text = `
      it('P1.1-1 SITE-4, one sentence', () => {});
      it.each([1])('CMD-3 %s is refused', () => {});
      step(\`FAULT-1 \${round} ends whole\`, async () => {});
      it('works with SITE-5 inside', () => {});
      it('UTF-8 names are kept', () => {});
      it.skip('SITE-6 not run', () => {});
    `;
    expect(findTaggedTests({ path: 'x.test.ts', text }).map(({ ids, name }) => [ids, name])).toEqual([
      [['P1.1-1', 'SITE-4'], 'one sentence'],
      [['CMD-3'], '%s is refused'],
      [['FAULT-1'], '%s ends whole'],
    ]);
  });

  it('sees the tests of the tree', () => {
    expect(tests.length).toBeGreaterThan(100);
  });
});

describe('a run', () => {
  const report = (status: string): string =>
    JSON.stringify({ testResults: [{ assertionResults: [{ title: 'SITE-1 works', status }] }] });
  const stateOf = (status: string): string | undefined =>
    checkProven(['SITE-1'], parseResults(report(status)))[0]?.state;

  it('proves an id only by a test that passed', () => {
    expect(stateOf('passed')).toBe('passed');
    expect(stateOf('failed')).toBe('failed');
    expect(stateOf('pending')).toBe('not run');
    expect(checkProven(['SITE-2'], parseResults(report('passed')))[0]?.state).toBe('not run');
  });

  it('does not prove an id when one of its tests failed', () => {
    const results = parseResults('[{"name":"SITE-1 a","status":"passed"},{"name":"SITE-1 b","status":"failed"}]');
    expect(checkProven(['SITE-1'], results)).toEqual([{ id: 'SITE-1', state: 'failed', detail: 'SITE-1 b' }]);
  });

  it('does not prove an id when one of its tests was skipped', () => {
    const results = parseResults('[{"name":"SITE-1 a","status":"passed"},{"name":"SITE-1 b","status":"skipped"}]');
    expect(checkProven(['SITE-1'], results)).toEqual([{ id: 'SITE-1', state: 'not run', detail: 'SITE-1 b' }]);
  });

  it('ends with 1 when a proven id failed, was skipped or was not part of it, and when there is no report at all', () => {
    const folder = mkdtempSync(join(tmpdir(), 'aapanel-ledger-'));
    const endOf = (rows: { name: string; status: string }[] | undefined): number | null => {
      const file = join(folder, rows === undefined ? 'missing.json' : 'report.json');
      if (rows !== undefined) writeFileSync(file, JSON.stringify(rows));
      return spawnSync(process.execPath, [join(root, 'test', 'ledger', 'check-results.ts'), file]).status;
    };
    const all = proven.map((id) => ({ name: `${id} works`, status: 'passed' }));
    const [first = '', ...others] = proven;
    const rest = others.map((id) => ({ name: `${id} works`, status: 'passed' }));
    expect(endOf(all)).toBe(0);
    expect(endOf([...rest, { name: `${first} works`, status: 'failed' }])).toBe(1);
    expect(endOf([...rest, { name: `${first} works`, status: 'skipped' }])).toBe(1);
    expect(endOf(rest)).toBe(1);
    expect(endOf(undefined)).toBe(1);
    rmSync(folder, { recursive: true });
  });

  it('can find a result for each proven id by name', () => {
    const named = new Set(tests.flatMap(({ fullName }) => idsOf(fullName)));
    expect(proven.filter((id) => !named.has(id))).toEqual([]);
  });
});
