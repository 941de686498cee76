import { readlinkSync, statSync } from 'node:fs';
import { totalmem } from 'node:os';
import type { MachineSettings } from '#shared/machine-settings.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram, run } from '../core/run.ts';
import { readAutomatic } from '../packages/updates.ts';
import { nameNow } from './name-now.ts';
import { readSwap } from './swap-areas.ts';

/** What the machine's settings are now, asked of kernel and files and not of any memory of ours. */
export async function readSettings(machine: Machine): Promise<MachineSettings> {
  const { prefix } = machine;
  const [automaticUpdates, isSynchronized] = await Promise.all([readAutomatic(prefix), readSynchronized(machine)]);
  return {
    hostname: nameNow(machine),
    clock: { zone: zoneOf(prefix), isSynchronized },
    swap: readSwap(prefix),
    memoryBytes: totalmem(),
    automaticUpdates,
  };
}

/** The zone that `/etc/localtime` is a link to (localtime(5)); UTC where there is none, as the C library takes it. */
export function zoneOf(prefix: string): string | null {
  try {
    return (
      /(?:^|\/)usr\/share\/zoneinfo\/(.+)$/.exec(readlinkSync(`${prefix}/etc/localtime`))?.[1]?.slice(0, 100) ?? null
    );
  } catch {
    return statSync(`${prefix}/etc/localtime`, { throwIfNoEntry: false }) === undefined ? 'UTC' : null;
  }
}

/** By systemd, which knows what chrony and its own client told the kernel. */
async function readSynchronized({ hasSystemd }: Machine): Promise<boolean | null> {
  const program = hasSystemd ? findProgram('timedatectl') : undefined;
  if (program === undefined) return null;
  const { code, stdout } = await run(program, ['show', '--property=NTPSynchronized', '--value'], { timeoutMs: 8_000 });
  return code === 0 ? stdout.trim() === 'yes' : null;
}
