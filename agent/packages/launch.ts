import { closeFile } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram, run, startDetached } from '../core/run.ts';
import { newRecord, openStepLog, writeRecord, type Step } from './operations.ts';

/**
 * Starts the process of a step, which outlives this one: where systemd is, in a transient unit outside the sandbox and the
 * control group of the agent, otherwise in a session of its own.
 */
export async function launch(
  machine: Machine,
  folder: string,
  operationId: string,
  step: Step,
  attempt: number,
): Promise<void> {
  await writeRecord(folder, step, newRecord(attempt));
  const { settings, stateFolder, prefix } = machine;
  const [program, ...before] = settings.program;
  const args = [...before, '--operation', operationId, step, String(attempt)];
  const environment = { AAPANEL_AGENT_STATE: stateFolder, AAPANEL_AGENT_PREFIX: prefix };
  const systemdRun = machine.hasSystemd ? findProgram('systemd-run') : undefined;
  if (systemdRun === undefined) {
    const outputFd = openStepLog(folder, step);
    try {
      await startDetached(program, args, { outputFd, environment });
    } finally {
      closeFile(outputFd);
    }
    return;
  }
  const properties = ['KillMode=mixed', 'TimeoutStopSec=600', 'UMask=0022'].map((each) => `--property=${each}`);
  const variables = Object.entries(environment).map(([name, value]) => `--setenv=${name}=${value}`);
  const unit = `--unit=aapanel-operation-${operationId}-${step}-${attempt}`;
  const { code, stderr } = await run(
    systemdRun,
    ['--quiet', '--collect', '--no-block', unit, ...properties, ...variables, '--', program, ...args],
    { timeoutMs: 8_000 },
  );
  if (code !== 0) throw new Error(`systemd-run: ${stderr.trim().slice(0, 500)}`);
}
