import { launchOwn } from '../core/launch.ts';
import type { Machine } from '../core/machine.ts';
import { newRecord, openStepLog, writeRecord, type Step } from './operations.ts';

/** Starts the process of a step, which outlives this one. */
export async function launch(
  machine: Machine,
  folder: string,
  operationId: string,
  step: Step,
  attempt: number,
): Promise<void> {
  await writeRecord(folder, step, newRecord(attempt));
  await launchOwn(machine, {
    // Archives of Node come over HTTPS: whom the machine trusts is trusted here.
    nodeFlags: ['--use-system-ca'],
    args: ['--operation', operationId, step, String(attempt)],
    unit: `aapanel-operation-${operationId}-${step}-${attempt}`,
    properties: ['KillMode=mixed', 'TimeoutStopSec=600', 'UMask=0022'],
    openOutput: () => openStepLog(folder, step),
  });
}
