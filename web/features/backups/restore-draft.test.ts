import { expect, it } from 'vitest';
import type { BackupSet } from '#shared/backups.ts';
import { chosenParts, newRestoreDraft, problemOf, restoreRequest } from './restore-draft.ts';

const set = {
  setId: 's',
  targetId: 't',
  at: '2026-03-01T10:00:00.000Z',
  parts: [
    { name: 'site/shop', kind: 'tree' },
    { name: 'database/mariadb/shop', kind: 'dump' },
    { name: 'database/mariadb/blog', kind: 'dump' },
  ],
} as unknown as BackupSet;
const all = { parts: null, member: null };

it('a restore begins beside the original, in a folder and a database that say what they are', () => {
  expect(newRestoreDraft(set, { parts: ['site/shop'], member: 'a/config.php' })).toMatchObject({
    way: 'aside',
    path: '/root/restored/config.php-2026-03-01',
    databaseName: 'restored_2026_03_01',
  });
  expect(newRestoreDraft(set, { parts: ['site/shop'], member: '..' }).path).toBe('/root/restored/backup-2026-03-01');
});

it('one database at a time is restored beside the original; in place any number', () => {
  const draft = newRestoreDraft(set, all);
  expect(problemOf(chosenParts(set, draft), draft)).toBe('manyDumps');
  expect(problemOf(chosenParts(set, draft), { ...draft, way: 'in_place' })).toBeNull();
  const one = { ...draft, parts: ['site/shop', 'database/mariadb/shop'] };
  expect(problemOf(chosenParts(set, one), one)).toBeNull();
  expect(problemOf(chosenParts(set, one), { ...one, path: 'x' })).toBe('path');
  expect(problemOf(chosenParts(set, one), { ...one, databaseName: '1x' })).toBe('database');
  expect(problemOf([], one)).toBe('noParts');
});

it('asks for no more than was chosen', () => {
  const draft = { ...newRestoreDraft(set, all), parts: ['database/mariadb/shop'] };
  expect(restoreRequest(set, all, draft, true)).toEqual({
    kind: 'restore',
    targetId: 't',
    setId: 's',
    parts: ['database/mariadb/shop'],
    member: null,
    way: { kind: 'aside', path: null, databaseName: 'restored_2026_03_01' },
    isDryRun: true,
  });
  const whole = { ...newRestoreDraft(set, all), way: 'in_place' } as const;
  expect(restoreRequest(set, all, whole, false)).toMatchObject({ parts: null, way: { kind: 'in_place' } });
});
