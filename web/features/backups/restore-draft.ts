import type { BackupPart, BackupRequest, BackupSet } from '#shared/backups.ts';
import { isFullPath } from './plan-draft.ts';

/** What somebody pressed "restore" on: the whole backup, or one file or folder of one part. */
export type RestoreWish = { readonly parts: readonly string[] | null; readonly member: string | null };

export type RestoreDraft = {
  readonly parts: readonly string[];
  readonly way: 'aside' | 'in_place';
  readonly path: string;
  readonly databaseName: string;
};

/** The safe way first; a folder that says what it is. */
export function newRestoreDraft(set: BackupSet, { parts, member }: RestoreWish): RestoreDraft {
  const names = parts ?? set.parts.map(({ name }) => name);
  const day = set.at.slice(0, 10);
  const word = (member ?? 'backup').split('/').at(-1) ?? '';
  const safe = /^[\w.-]+$/.test(word) && !/^\.+$/.test(word) ? word : 'backup';
  return {
    parts: names,
    way: 'aside',
    path: `/root/restored/${safe}-${day}`,
    databaseName: `restored_${day.replaceAll('-', '_')}`,
  };
}

export function chosenParts(set: BackupSet, draft: RestoreDraft): BackupPart[] {
  return set.parts.filter(({ name }) => draft.parts.includes(name));
}

export type RestoreProblem = 'noParts' | 'path' | 'database' | 'manyDumps';

/** What has to be put right first; null: nothing. */
export function problemOf(
  parts: readonly BackupPart[],
  { way, path, databaseName }: RestoreDraft,
): RestoreProblem | null {
  if (parts.length === 0) return 'noParts';
  if (way === 'in_place') return null;
  const dumps = parts.filter(({ kind }) => kind === 'dump').length;
  if (dumps > 1) return 'manyDumps';
  if (dumps < parts.length && !isFullPath(path.trim())) return 'path';
  if (dumps === 1 && !/^[a-z][a-z0-9_]{0,62}$/.test(databaseName.trim())) return 'database';
  return null;
}

export function restoreRequest(
  set: BackupSet,
  { member }: RestoreWish,
  draft: RestoreDraft,
  isDryRun: boolean,
): Extract<BackupRequest, { kind: 'restore' }> {
  const parts = chosenParts(set, draft);
  const hasTree = parts.some(({ kind }) => kind === 'tree');
  const hasDump = parts.some(({ kind }) => kind === 'dump');
  const isAll = parts.length === set.parts.length && member === null;
  return {
    kind: 'restore',
    targetId: set.targetId,
    setId: set.setId,
    parts: isAll ? null : parts.map(({ name }) => name),
    member,
    way:
      draft.way === 'in_place'
        ? { kind: 'in_place' }
        : {
            kind: 'aside',
            path: hasTree ? draft.path.trim() : null,
            databaseName: hasDump ? draft.databaseName.trim() : null,
          },
    isDryRun,
  };
}
