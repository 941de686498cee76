import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/*
 * Who holds a row: so that after a crash the next process knows at once that the holder is gone, and need not wait for
 * a lease to end. Where it cannot be known (another machine, another container), the lease decides.
 */

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch {
    return '';
  }
}

/** Clock ticks between boot and the start of a process (field 22 of stat, after the name in brackets), or undefined. */
function startTicks(pid: number): string | undefined {
  const text = read(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
}

/**
 * Where a process runs: the machine, its boot, and the process namespace. In a container sandboxed units may read another
 * boot_id than the command does (agent/core/boot.ts); there the namespace and the start of the process must do.
 */
function placeOf(): string {
  let namespace = '';
  try {
    namespace = readlinkSync('/proc/self/ns/pid').replaceAll(/\D/g, '');
  } catch {
    // Without /proc the host name must do.
  }
  return [
    hostname().slice(0, 40).replaceAll(/[:/]/g, '-'),
    read('/etc/machine-id').slice(0, 16),
    existsSync('/run/systemd/container') ? '' : read('/proc/sys/kernel/random/boot_id').slice(0, 13),
    namespace,
  ].join('/');
}

const place = placeOf();

/** `<place>:<pid>:<start>`, at most 120 characters; the same for the life of this process. */
export const processIdentity = `${place}:${process.pid}:${startTicks(process.pid) ?? Date.now()}`;

/**
 * True only when the process surely ended: nobody by its number is there any more, or the machine has been booted since.
 * A machine is known by its name and its machine-id together; containers without a machine-id are never told apart.
 */
export function isProcessGone(identity: string, here = place): boolean {
  const [there, pid, started] = identity.split(':');
  if (there === undefined || pid === undefined || !/^\d+$/.test(pid)) return false;
  // Under ProtectProc=invisible other users' processes cannot be seen; our own always can.
  if (there === here) return startTicks(Number(pid)) !== started;
  const [name, id = ''] = there.split('/');
  const [ownName, ownId] = here.split('/');
  return id !== '' && id === ownId && name === ownName;
}
