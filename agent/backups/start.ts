import type { BackupRun } from '#shared/backups.ts';
import { launchOwn } from '../core/launch.ts';
import type { Machine } from '../core/machine.ts';
import { openForAppend } from '../core/files.ts';
import { findRun, listRuns, logPath, noteRun, showRun, type NewRun } from './runs.ts';
import { dropOldDownloads } from './fetch-member.ts';
import { backupsFolder } from './work-of.ts';

export type Launcher = Pick<Machine, 'settings' | 'stateFolder' | 'prefix' | 'hasSystemd' | 'now'>;

/** Starts a run as a process of its own, or finds it: the same id never starts a second one. */
export async function startRun(machine: Launcher, given: NewRun): Promise<BackupRun> {
  const folder = backupsFolder(machine.stateFolder);
  const present = findRun(folder, given.runId);
  if (present !== undefined) return showRun(folder, present);
  dropOldDownloads(
    folder,
    machine.now(),
    listRuns(folder).map(({ runId }) => runId),
  );
  const record = await noteRun(folder, given, machine.now());
  await launchOwn(machine, {
    args: ['--backup', given.runId],
    // Much is made and dropped on the way; a small young generation keeps the process small.
    nodeFlags: ['--max-semi-space-size=2'],
    unit: `aapanel-backup-${given.runId}`,
    // A run ends itself when asked to; its children go with it.
    properties: [
      'KillMode=mixed',
      'TimeoutStopSec=120',
      'UMask=0077',
      'Nice=10',
      'IOSchedulingClass=idle',
      'CPUWeight=20',
      'IOWeight=20',
    ],
    openOutput: () => openForAppend(logPath(folder, given.runId)),
  });
  return showRun(folder, record);
}
