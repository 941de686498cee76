import { isIPv4 } from 'node:net';
import { readText } from '../core/files.ts';
import { putJsonFile } from '../core/json-file.ts';
import type { Machine } from '../core/machine.ts';
import { readOr } from '../processes/proc-files.ts';
import { socketsIn } from '../processes/sockets.ts';

/*
 * Whose programs wait for datagrams on which port. Nothing answers the one who sends a datagram, and the kernel says whose
 * socket takes it to nobody: what is known is what stands in /proc at the moment of looking.
 */

export type UdpSocket = { readonly address: string; readonly port: number; readonly uid: number };

/** What programs of sites may send datagrams to within the machine. `address`: only there. */
export type UdpTarget = {
  readonly port: number;
  readonly address: string | null;
  /** null: all sites. */
  readonly uid: number | null;
};

type Where = Pick<Machine, 'stateFolder'>;

/** Below it only root's programs wait; Linux's own value of net.ipv4.ip_unprivileged_port_start. */
export const firstFreePort = 1_024;

export function udpSockets(proc = '/proc/net'): UdpSocket[] {
  return ['udp', 'udp6', 'udplite', 'udplite6'].flatMap((file) => socketsIn(readOr(`${proc}/${file}`), 'udp'));
}

/** Those of the machine's services for all sites, those of a site for itself. `users`: of sites. */
export function udpTargets(sockets: readonly UdpSocket[], users: ReadonlySet<number>): UdpTarget[] {
  const byPort = Map.groupBy(
    sockets.filter(({ port }) => port >= firstFreePort),
    ({ port }) => port,
  );
  return [...byPort].flatMap(([port, found]): UdpTarget[] => {
    const owners = new Set(found.map(({ uid }) => (users.has(uid) ? uid : null)));
    const [uid = null] = owners;
    if (owners.size === 1) return [{ port, address: null, uid }];
    // Several share the number: whoever waits at one address says nothing of the others.
    return found.flatMap(({ address, uid: each }) =>
      isAny(address) ? [] : [{ port, address: plain(address), uid: users.has(each) ? each : null }],
    );
  });
}

/** From here on Linux gives numbers by itself (net.ipv4.ip_local_port_range): they come and go with every question for a name. */
const firstPassingPort = 32_768;

const notesPath = ({ stateFolder }: Where): string => `${stateFolder}/udp-targets.json`;

/** What the table of the kernel was told. */
export async function noteTargets(where: Where, targets: readonly UdpTarget[]): Promise<void> {
  const lines = linesOf(targets);
  if (JSON.stringify(lines) !== readText(notesPath(where))?.trim()) await putJsonFile(notesPath(where), lines);
}

/** Whether somebody waits for datagrams, or has ceased to, of whom the table does not know; false while there is none. */
export function areTargetsNew(where: Where, targets: readonly UdpTarget[]): boolean {
  const noted = readText(notesPath(where));
  return noted !== undefined && noted.trim() !== JSON.stringify(linesOf(targets));
}

function linesOf(targets: readonly UdpTarget[]): string[] {
  const lasting = targets.filter(({ port }) => port < firstPassingPort);
  return [...new Set(lasting.map(({ port, address, uid }) => `${port} ${address ?? '*'} ${uid ?? '*'}`))].sort();
}

const isAny = (address: string): boolean => address === '0.0.0.0' || address === '::';
const plain = (address: string): string => {
  const v4 = address.replace(/^::ffff:/, '');
  return isIPv4(v4) ? v4 : address;
};
