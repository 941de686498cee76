import type { ListeningSocket } from '#shared/processes.ts';
import { pidsOf, readOr, socketsOf, statOf, uidOf, unitOf, userNames } from './proc-files.ts';

/** TCP_LISTEN, and what an unconnected UDP socket says; include/net/tcp_states.h of Linux. */
const states = { tcp: '0A', udp: '07' } as const;

type Seen = Pick<ListeningSocket, 'protocol' | 'address' | 'port'> & { readonly inode: string; readonly uid: number };

/** Ports that listen, sorted by port, each with the process that holds it where that may be seen. */
export function listeningSockets(prefix: string, proc = '/proc'): ListeningSocket[] {
  const seen = (['tcp', 'udp'] as const).flatMap((protocol) =>
    [protocol, `${protocol}6`].flatMap((file) => socketsIn(readOr(`${proc}/net/${file}`), protocol)),
  );
  const wanted = new Set(seen.map(({ inode }) => inode));
  const holders = new Map<string, number>();
  for (const pid of pidsOf(proc).sort((one, other) => one - other))
    for (const inode of socketsOf(proc, pid)) if (wanted.has(inode) && !holders.has(inode)) holders.set(inode, pid);
  const users = userNames(prefix);
  const known = new Set<string>();
  return seen
    .map(({ inode, uid, ...socket }) => {
      const pid = holders.get(inode) ?? null;
      const owner = pid === null ? uid : (uidOf(proc, pid) ?? uid);
      return {
        ...socket,
        isLocal: /^(?:127\.|::1$)/.test(socket.address),
        pid,
        name: pid === null ? null : (statOf(proc, pid)?.name ?? null),
        user: users.get(owner) ?? `${owner}`,
        unit: pid === null ? null : unitOf(proc, pid),
      };
    })
    .filter(({ protocol, address, port, pid }) => {
      // Several workers may have a socket of their own on one port.
      const key = `${protocol} ${address} ${port} ${pid}`;
      return !known.has(key) && known.add(key) !== undefined;
    })
    .sort((one, other) => one.port - other.port || one.protocol.localeCompare(other.protocol));
}

/** Rows of /proc/net/tcp and its like; proc_pid_net(5). */
export function socketsIn(text: string, protocol: 'tcp' | 'udp'): Seen[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((row) => {
      const [, local = '', , state, , , , uid = '', , inode = ''] = row.trim().split(/\s+/);
      const [hex = '', port = ''] = local.split(':');
      if (state !== states[protocol] || !/^(?:[0-9A-F]{8}|[0-9A-F]{32})$/.test(hex)) return [];
      return [{ protocol, address: addressOf(hex), port: Number.parseInt(port, 16), inode, uid: Number(uid) }];
    });
}

/** Words of four bytes, each in the order of the machine: little-endian on those that we run on. */
function addressOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, 'hex')].reverse());
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, index) => (bytes[index * 2] ?? 0) * 256 + (bytes[index * 2 + 1] ?? 0));
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff)
    return `::ffff:${bytes.slice(12).join('.')}`;
  return shorten(groups.map((group) => group.toString(16)));
}

/** The longest run of zeros becomes `::` (RFC 5952). */
function shorten(groups: readonly string[]): string {
  const runs = [...groups.join(':').matchAll(/(?:^|(?<=:))0(?::0)+(?=$|:)/g)];
  const longest = runs.sort((one, other) => other[0].length - one[0].length)[0];
  const text = groups.join(':');
  if (longest === undefined) return text;
  const before = text.slice(0, longest.index).replace(/:$/, '');
  const after = text.slice(longest.index + longest[0].length).replace(/^:/, '');
  return `${before}::${after}`;
}
