import { isIPv4, isIPv6 } from 'node:net';

/** IPv4 in IPv6 clothes counts as IPv4. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && isIPv4(address.slice(7)) ? address.slice(7) : address;
}

/** 127.0.0.0/8 and ::1. */
export function isLoopback(given: string): boolean {
  const address = plainAddress(given);
  return address === '::1' || (isIPv4(address) && address.startsWith('127.'));
}

/** The address itself for IPv4, the first four groups for IPv6. */
export function networkOf(given: string): string {
  const address = plainAddress(given);
  if (!isIPv6(address) || address.includes('.')) return address;
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros =
    tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  const groups = [...left, ...zeros, ...right].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
