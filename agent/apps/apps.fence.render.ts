import { isIP, isIPv4 } from 'node:net';
import { firstFreePort, type UdpTarget } from './udp-ports.ts';

/*
 * Texts for nft. Pure, and made of numbers only.
 *
 * The table is the panel's own, so that rules of others stay as they are. Sets hold everything that changes: a change of
 * one site is an update of its elements, however many sites there are.
 *
 * Three things are refused on `lo`, by which connections within the machine leave whichever of its addresses they are for:
 * - the port of an application to everybody but its own user and `always`. Whoever opens a connection is known there;
 * - whatever else a site's programs listen on, TCP or UDP, to the users of other sites. Which ports these are nobody knows
 *   before, and the kernel says whose socket it is only in what the socket sends: so the user of the one who calls is kept as
 *   the mark of the connection, and the first answer is compared with it. It never leaves, and the caller is refused with
 *   the next packet, a second later;
 * - datagrams, which nobody has to answer, from programs of sites to all but what was seen to be the machine's or their own.
 *
 * What goes to many (multicast, broadcast) comes back to whoever listens here: programs of sites send no such datagrams.
 */

/** A port of an application, and the Linux user of its site. */
export type ClosedPort = { readonly port: number; readonly uid: number };
export type Fence = {
  readonly closed: readonly ClosedPort[];
  /** Users that may connect to every port. */
  readonly always: readonly number[];
  /** The Linux users of sites. */
  readonly users: readonly number[];
  /** Where they may send datagrams to. */
  readonly targets: readonly UdpTarget[];
};

/** No user has this number. */
const refusedMark = '0xffffffff';

export const fenceTable = ['inet', 'aapanel_sites'] as const;
const table = fenceTable.join(' ');

/** The whole table, in the place of what there is of it. */
export function renderFence({ closed, always, users, targets }: Fence): string {
  return [
    `add table ${table}`,
    `delete table ${table}`,
    `table ${table} {`,
    '\tset ports { type inet_service; }',
    '\tset allowed { type uid . inet_service; }',
    '\tset users { type uid; }',
    '\tmap marks { type uid : mark; }',
    '\tset own { type mark . uid; }',
    ...Object.entries(targetSets).map(([name, type]) => `\tset ${name} { type ${type}; }`),
    '\tchain connect {',
    '\t\ttcp flags & (fin | syn | rst | ack) != syn return',
    `\t\tmeta skuid { ${always.map(number).join(', ')} } return`,
    '\t\tmeta skuid . tcp dport @allowed return',
    '\t\treject with tcp reset',
    '\t}',
    '\tchain refuse {',
    `\t\tct mark set ${refusedMark}`,
    '\t\tmeta l4proto tcp reject with tcp reset',
    '\t\treject',
    '\t}',
    '\tchain answer {',
    '\t\tct mark . meta skuid @own accept',
    '\t\tmeta skuid @users goto refuse',
    '\t}',
    '\tchain datagram {',
    `\t\tth dport < ${firstFreePort} return`,
    '\t\tth dport @udp_all return',
    '\t\tmeta skuid . th dport @udp_own return',
    '\t\tip daddr . th dport @udp_all4 return',
    '\t\tip6 daddr . th dport @udp_all6 return',
    '\t\tmeta skuid . ip daddr . th dport @udp_own4 return',
    '\t\tmeta skuid . ip6 daddr . th dport @udp_own6 return',
    '\t\treject',
    '\t}',
    '\tchain inside {',
    `\t\tmeta l4proto ${datagrams} ct direction original meta skuid @users jump datagram`,
    '\t\ttcp dport @ports jump connect',
    `\t\tct direction original ct mark ${refusedMark} goto refuse`,
    '\t\tct direction original ct state new ct mark set meta skuid map @marks',
    '\t\tct direction reply ct mark != 0 goto answer',
    '\t}',
    '\tchain output {',
    '\t\ttype filter hook output priority filter; policy accept;',
    `\t\tmeta l4proto ${datagrams} fib daddr type { multicast, broadcast } meta skuid @users reject`,
    '\t\toif "lo" goto inside',
    '\t}',
    '}',
    renderUsers(users) + renderClosing(closed) + addTargets(targets),
  ].join('\n');
}

/** Keeps these users of sites apart beside those that are. */
export function renderUsers(users: readonly number[]): string {
  if (users.length === 0) return '';
  const uids = users.map(number);
  const add = (set: string, elements: readonly string[]): string =>
    `add element ${table} ${set} { ${elements.join(', ')} }\n`;
  return (
    add(
      'own',
      uids.map((uid) => `${uid} . ${uid}`),
    ) +
    add('users', uids) +
    add(
      'marks',
      uids.map((uid) => `${uid} : ${uid}`),
    )
  );
}

const datagrams = '{ udp, udplite }';

/** Names and types. */
const targetSets = {
  udp_all: 'inet_service',
  udp_all4: 'ipv4_addr . inet_service',
  udp_all6: 'ipv6_addr . inet_service',
  udp_own: 'uid . inet_service',
  udp_own4: 'uid . ipv4_addr . inet_service',
  udp_own6: 'uid . ipv6_addr . inet_service',
} as const;

/** In the place of all that datagrams of sites could be sent to. */
export function renderTargets(targets: readonly UdpTarget[]): string {
  const flush = Object.keys(targetSets).map((name) => `flush set ${table} ${name}\n`);
  return flush.join('') + addTargets(targets);
}

function addTargets(targets: readonly UdpTarget[]): string {
  const bySet = Map.groupBy(targets, ({ address, uid }) => {
    const kind = uid === null ? 'udp_all' : 'udp_own';
    if (address === null) return kind;
    return isIPv4(address) ? (`${kind}4` as const) : (`${kind}6` as const);
  });
  return [...bySet]
    .map(([name, found]) => `add element ${table} ${name} { ${[...new Set(found.map(element))].join(', ')} }\n`)
    .join('');
}

function element({ port, address, uid }: UdpTarget): string {
  if (address !== null && !isIP(address)) throw new TypeError('an address is one');
  return [...(uid === null ? [] : [number(uid)]), ...(address === null ? [] : [address]), number(port)].join(' . ');
}

/** Closes ports beside those that are closed. */
export function renderClosing(closed: readonly ClosedPort[]): string {
  return elements('add', closed, portNumbers(closed));
}

/** Takes users and ports out; also those that are not in. */
export function renderOpening(closed: readonly ClosedPort[], ports: readonly number[]): string {
  // What is not in cannot be taken out, and the whole text would be refused.
  return elements('add', closed, ports) + elements('delete', closed, ports);
}

/** Who may connect comes before the port is closed to the others. */
function elements(verb: 'add' | 'delete', closed: readonly ClosedPort[], ports: readonly number[]): string {
  const pairs = closed.map(({ uid, port }) => `${number(uid)} . ${number(port)}`);
  const lines = [
    ...(pairs.length === 0 ? [] : [`${verb} element ${table} allowed { ${pairs.join(', ')} }`]),
    ...(ports.length === 0 ? [] : [`${verb} element ${table} ports { ${ports.map(number).join(', ')} }`]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

export function portNumbers(closed: readonly ClosedPort[]): number[] {
  return [...new Set(closed.map(({ port }) => port))];
}

function number(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) throw new TypeError('a port and a user are whole numbers');
  return String(value);
}
