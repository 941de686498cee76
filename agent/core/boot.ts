import { existsSync, readFileSync } from 'node:fs';
import { markOf } from './alive.ts';

/**
 * Changes with every start of the machine, and is the same for all units of it; empty where the kernel does not say.
 *
 * A container has its own boot_id mounted over the kernel's. Before systemd 257, `ProtectKernelTunables` binds /proc/sys
 * anew without that mount, so that a sandboxed unit reads the host's and would take everything that others had begun for
 * cut off. When its first process began, all see alike.
 */
export function bootId(): string {
  // Written by systemd in containers only: systemd.io/CONTAINER_INTERFACE.
  if (existsSync('/run/systemd/container')) return `container ${markOf(1)?.startedTicks ?? ''}`;
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
