import type { BackupState } from '#shared/backups.ts';
import { findProgram } from '../core/run.ts';
import { listHooks, showHook } from '../alerts/hooks.ts';
import { countByKey, listKnown, listPresent } from './catalogue.ts';
import { showPlan } from './due.ts';
import { findRing } from './keys.ts';
import { listPlans } from './plans.ts';
import { findResticVersion } from './restic.ts';
import { listRuns } from './runs.ts';
import { listTargets, readTargetState } from './targets.ts';
import type { Launcher } from './start.ts';
import { backupsFolder } from './work-of.ts';

/** Everything in one look. */
export async function showState(machine: Pick<Launcher, 'stateFolder' | 'hasSystemd' | 'now'>): Promise<BackupState> {
  const folder = backupsFolder(machine.stateFolder);
  const now = machine.now();
  const targets = listTargets(folder);
  const ring = findRing(folder);
  const counts = countByKey(
    folder,
    targets.map(({ targetId }) => targetId),
  );
  const runs = listRuns(folder);
  return {
    resticVersion: (await findResticVersion()) ?? null,
    scheduler: machine.hasSystemd && findProgram('systemctl') !== undefined ? 'systemd' : 'panel',
    recovery: ring?.recovery ? { keyId: ring.recovery.keyId, createdAt: ring.recovery.createdAt } : null,
    keys: (ring?.keys ?? []).map(({ keyId, state, createdAt }) => ({
      keyId,
      state,
      createdAt,
      setCount: counts.get(keyId) ?? 0,
    })),
    targets: targets.map(({ targetId, name, place, limits, hasSecret }) => {
      const { isReachable, checkedAt, reason, storedBytes, lastProof } = readTargetState(folder, targetId);
      const sets = listPresent(folder, targetId);
      const lost = listKnown(folder, targetId).length - sets.length;
      return {
        id: targetId,
        name,
        place,
        limits,
        hasSecret,
        state: {
          isReachable,
          checkedAt,
          reason: reason ?? (lost > 0 ? 'backup_chain_broken' : null),
          setCount: sets.length,
          storedBytes,
          lastSetAt: sets.at(-1)?.manifest.startedAt ?? null,
          lastProof,
        },
      };
    }),
    plans: listPlans(folder).map((plan) => showPlan(folder, plan, runs, now)),
    hooks: listHooks(folder).map((hook) => showHook(folder, hook)),
  };
}
