/*
 * Addresses and networks as numbers. The texts have passed `networkRange`.
 */

export type Network = {
  readonly text: string;
  readonly bits: number;
  readonly size: 32 | 128;
  readonly base: bigint;
};

/** The network without the bits of a single address in it. */
export function readNetwork(range: string): Network {
  const [address = '', given] = range.split('/');
  const size = address.includes(':') ? 128 : 32;
  const bits = given === undefined ? size : Number(given);
  const shift = BigInt(size - bits);
  const base = (numberOf(groupsOf(address, size), size) >> shift) << shift;
  const width = size === 32 ? 8n : 16n;
  const groups = Array.from({ length: size === 32 ? 4 : 8 }, (_, at) => {
    const group = (base >> (BigInt(size) - width * BigInt(at + 1))) & ((1n << width) - 1n);
    return group.toString(size === 32 ? 10 : 16);
  });
  return { text: groups.join(size === 32 ? '.' : ':'), bits, size, base };
}

/** Whether the first network has all of the second. */
export function holds(one: Network, other: Network): boolean {
  if (one.size !== other.size || one.bits > other.bits) return false;
  const shift = BigInt(one.size - one.bits);
  return one.base >> shift === other.base >> shift;
}

export function isInAny(ranges: readonly string[], address: string): boolean {
  return ranges.some((range) => holds(readNetwork(range), readNetwork(address)));
}

function groupsOf(address: string, size: 32 | 128): bigint[] {
  if (size === 32) return address.split('.').map(BigInt);
  const [head = '', tail] = address.split('::');
  const read = (half: string): bigint[] => (half === '' ? [] : half.split(':').map((group) => BigInt(`0x${group}`)));
  const last = tail === undefined ? [] : read(tail);
  const first = read(head);
  return [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0n), ...last];
}

function numberOf(groups: readonly bigint[], size: 32 | 128): bigint {
  return groups.reduce((sum, group) => (sum << (size === 32 ? 8n : 16n)) | group, 0n);
}
