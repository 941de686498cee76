/*
 * Texts for nft. Pure, and made of numbers only.
 *
 * The table is the panel's own, so that rules of others stay as they are. Sets hold everything that changes: a change of
 * one site is an update of its elements, however many sites there are.
 *
 * Two things are refused on `lo`, by which connections within the machine leave whichever of its addresses they are for:
 * - the port of an application to everybody but its own user and `always`. Whoever opens a connection is known there;
 * - whatever else a site's programs listen on, TCP or UDP, to the users of other sites. Which ports these are nobody knows
 *   before, and the kernel says whose socket it is only in what the socket sends: so the user of the one who calls is kept as
 *   the mark of the connection, and the first answer is compared with it. It never leaves, and the caller is refused with
 *   the next packet, a second later.
 */

/** A port of an application, and the Linux user of its site. */
export type ClosedPort = { readonly port: number; readonly uid: number };
export type Fence = {
  readonly closed: readonly ClosedPort[];
  /** Users that may connect to every port. */
  readonly always: readonly number[];
  /** The Linux users of sites. */
  readonly users: readonly number[];
};

/** No user has this number. */
const refusedMark = '0xffffffff';

export const fenceTable = ['inet', 'aapanel_sites'] as const;
const table = fenceTable.join(' ');

/** The whole table, in the place of what there is of it. */
export function renderFence({ closed, always, users }: Fence): string {
  return [
    `add table ${table}`,
    `delete table ${table}`,
    `table ${table} {`,
    '\tset ports { type inet_service; }',
    '\tset allowed { type uid . inet_service; }',
    '\tset users { type uid; }',
    '\tmap marks { type uid : mark; }',
    '\tset own { type mark . uid; }',
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
    '\tchain inside {',
    '\t\ttcp dport @ports jump connect',
    `\t\tct direction original ct mark ${refusedMark} goto refuse`,
    '\t\tct direction original ct state new ct mark set meta skuid map @marks',
    '\t\tct direction reply ct mark != 0 goto answer',
    '\t}',
    '\tchain output {',
    '\t\ttype filter hook output priority filter; policy accept;',
    '\t\toif "lo" goto inside',
    '\t}',
    '}',
    renderUsers(users) + renderClosing(closed),
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
