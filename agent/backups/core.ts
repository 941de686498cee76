import { createSet } from './create.ts';
import { dumps } from './dumps/dumps.ts';
import type { OpenTarget } from './open-target.ts';
import { localPath } from './places.ts';
import type { Core } from './restore/seam.ts';
import { openSet, syncSets } from './sets.ts';
import { listTargets } from './targets.ts';
import type { BackupWork } from './work.ts';

/** What restore, proof, export and import are given, for the target that this run has open. */
export function coreOf(work: BackupWork, open: OpenTarget): Core {
  const mustBeOpen = (targetId: string): void => {
    if (targetId !== open.target.targetId) throw new Error('a run works on one target at a time');
  };
  return {
    dumps,
    async openSet(targetId, setId) {
      mustBeOpen(targetId);
      return await openSet(work, open, setId);
    },
    async createSet({ targetId, kind, planName, parts }) {
      mustBeOpen(targetId);
      await syncSets(work, open);
      const { manifest } = await createSet(work, open, { kind, plan: null, planName, parts, excludes: [] });
      return manifest.setId;
    },
  };
}

/** Folders of all local targets as on this machine: no source, and no place to restore to. */
export function localTargetPaths(work: Pick<BackupWork, 'folder' | 'prefix'>): string[] {
  return listTargets(work.folder).flatMap(({ place }) => (place.kind === 'local' ? [localPath(work, place.path)] : []));
}
