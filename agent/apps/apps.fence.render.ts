/*
 * Texts for nft. Pure, and made of numbers only.
 *
 * The table is the panel's own, so that rules of others stay as they are. Two sets hold everything that changes: a change of
 * one site is an update of its elements, however many sites there are.
 */

/** A port of an application, and the Linux user of its site. */
export type ClosedPort = { readonly port: number; readonly uid: number };

export const fenceTable = ['inet', 'aapanel_sites'] as const;
const table = fenceTable.join(' ');

/**
 * The whole table, in the place of what there is of it. `always`: users that may connect everywhere. Connections within the
 * machine leave by `lo`, whichever of its addresses they are for; only what opens one is looked at.
 */
export function renderFence(closed: readonly ClosedPort[], always: readonly number[]): string {
  return [
    `add table ${table}`,
    `delete table ${table}`,
    `table ${table} {`,
    '\tset ports { type inet_service; }',
    '\tset allowed { type uid . inet_service; }',
    '\tchain connect {',
    '\t\ttcp flags & (fin | syn | rst | ack) != syn accept',
    `\t\tmeta skuid { ${always.map(number).join(', ')} } accept`,
    '\t\tmeta skuid . tcp dport @allowed accept',
    '\t\treject with tcp reset',
    '\t}',
    '\tchain output {',
    '\t\ttype filter hook output priority filter; policy accept;',
    '\t\toif "lo" tcp dport @ports jump connect',
    '\t}',
    '}',
    renderClosing(closed),
  ].join('\n');
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
