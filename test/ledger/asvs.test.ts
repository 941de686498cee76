import { describe, expect, it } from 'vitest';
import { asvsItems, asvsStatuses, countAsvs, findAsvsFaults } from './asvs.ts';
import { notYet, partial, proven, say, type AsvsItem } from './asvs-item.ts';
import { asvsChapters, itemsOfLevels1And2, levelOf } from './asvs-levels.ts';
import { readTests } from './tagged-tests.ts';

const tests = await readTests();

describe('the ASVS ledger', () => {
  it('S-14 has the 253 items of levels 1 and 2, each once, and names only tests that exist', () => {
    expect(asvsChapters.flatMap(({ levels }) => Object.values(levels).flat())).toHaveLength(345);
    expect(itemsOfLevels1And2()).toHaveLength(253);
    expect(itemsOfLevels1And2().filter((id) => levelOf(id) === 1)).toHaveLength(70);
    expect(findAsvsFaults(tests)).toEqual([]);
    expect(asvsStatuses.reduce((sum, status) => sum + countAsvs(status), 0)).toBe(253);
  });

  it('has a title in both languages for each item', () => {
    for (const { id, title } of asvsItems) {
      expect([id, title.en.trim() !== '' && title.ar.trim() !== '']).toEqual([id, true]);
    }
  });
});

describe('a planted fault in the ASVS ledger is found:', () => {
  const known = [{ path: 'a.test.ts', name: 'works' }];
  const real = { path: 'a.test.ts', name: 'S-1 works' };
  const faultsOf = (...items: AsvsItem[]) =>
    findAsvsFaults(known, items).filter((line) => !line.endsWith(': is missing'));
  const title = say('title', 'عنوان');

  it.each([
    ['a test that does not exist', [proven('1.1.1', title, [{ ...real, name: 'is gone' }])], 'a.test.ts has no test'],
    ['a test of another file', [proven('1.1.1', title, [{ ...real, path: 'b.test.ts' }])], 'b.test.ts has no test'],
    ['proven without a test', [proven('1.1.1', title, [])], 'is proven without a test'],
    ['partial without what is missing', [partial('1.1.1', title, say('', ''), [real])], 'without a note'],
    ['not yet without the part that brings it', [notYet('1.1.1', title, say('later', ''))], 'without a note'],
    ['an item that stands twice', [proven('1.1.1', title, [real]), proven('1.1.1', title, [real])], 'is there twice'],
    ['an item of level 3', [proven('1.2.10', title, [real])], 'is no item of level 1 or 2'],
    ['a number that the standard does not have', [proven('1.1.9', title, [real])], 'is no item of level 1 or 2'],
  ])('%s', (_what, items, fault) => {
    expect(faultsOf(...items).join('\n')).toContain(fault);
  });

  it('an item that is missing', () => {
    expect(findAsvsFaults(known, [])).toHaveLength(253);
    expect(faultsOf(proven('1.1.1', title, [real]))).toEqual([]);
  });
});
