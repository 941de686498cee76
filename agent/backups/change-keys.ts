import type { z } from 'zod';
import { backupsApi } from '#shared/backups-api.ts';
import { AppError } from '#shared/errors.ts';
import { newKey, ringOf, writeRing, type Ring } from './keys.ts';
import { withTarget } from './open-target.ts';
import { newRecoveryKey } from './recovery-key.ts';
import { listTargets, readTargetState } from './targets.ts';
import type { BackupWork } from './work.ts';

type Change = z.infer<typeof backupsApi.keys.body>;

/**
 * Changes the ring, then brings every target up to it that can be reached now; the others follow at their next run. Answers
 * the recovery key when there is a new one: it is nowhere else. Throws `backup_key_unknown`, `backup_key_active`.
 */
export async function changeKeys(work: BackupWork, change: Change): Promise<string | null> {
  const { folder } = work;
  const ring = await ringOf(folder, work.now());
  const { next, shown } = changed(ring, change, work.now());
  await writeRing(folder, next);
  for (const { targetId } of listTargets(folder)) {
    // A target that was never opened gets its slots when it is.
    if (readTargetState(folder, targetId).slot === null) continue;
    await withTarget(work, targetId, () => Promise.resolve()).catch((error: unknown) => {
      work.log(`Target ${targetId} follows at its next run: ${error instanceof Error ? error.message : String(error)}`);
    });
  }
  return shown;
}

function changed(ring: Ring, change: Change, now: number): { next: Ring; shown: string | null } {
  switch (change.operation) {
    case 'rotate': {
      const before = ring.keys.map((key) => (key.state === 'active' ? { ...key, state: 'verify_only' as const } : key));
      return { next: { ...ring, keys: [...before, newKey(now)] }, shown: null };
    }
    case 'retire': {
      const key = ring.keys.find(({ keyId }) => keyId === change.keyId);
      if (key === undefined) throw new AppError('not_found', 'There is no such key.', { reason: 'backup_key_unknown' });
      if (key.state === 'active')
        throw new AppError('in_use', 'The key that signs is not retired.', { reason: 'backup_key_active' });
      const keys = ring.keys.map((each) => (each === key ? { ...each, state: 'retired' as const } : each));
      return { next: { ...ring, keys }, shown: null };
    }
    case 'new_recovery': {
      const { shown, kept } = newRecoveryKey(now);
      return { next: { ...ring, recovery: kept }, shown };
    }
  }
}
