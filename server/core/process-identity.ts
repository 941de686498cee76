import { readFileSync, readlinkSync } from 'node:fs';
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

function machineOf(): string {
  let namespace = '';
  try {
    namespace = readlinkSync('/proc/self/ns/pid').replaceAll(/\D/g, '');
  } catch {
    // Without /proc the host name must do.
  }
  return [
    hostname().slice(0, 40).replaceAll(':', '-'),
    read('/proc/sys/kernel/random/boot_id').slice(0, 13),
    namespace,
  ].join('/');
}

const machine = machineOf();

/** `<machine>:<pid>:<start>`, at most 120 characters; the same for the life of this process. */
export const processIdentity = `${machine}:${process.pid}:${startTicks(process.pid) ?? Date.now()}`;

/** True only when the process surely ended: same machine, same boot, same process namespace, and nobody by that number. */
export function isProcessGone(identity: string): boolean {
  const [itsMachine, pid, started] = identity.split(':');
  if (itsMachine !== machine || pid === undefined || !/^\d+$/.test(pid)) return false;
  // Under ProtectProc=invisible other users' processes cannot be seen; our own always can.
  return startTicks(Number(pid)) !== started;
}
