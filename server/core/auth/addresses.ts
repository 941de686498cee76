import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** Whether an address lies in one of these addresses or CIDR ranges. IPv4 in IPv6 clothes counts as IPv4. */
export function addressMatcher(ranges: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    list.addSubnet(address, prefix === undefined ? (family === 'ipv6' ? 128 : 32) : Number(prefix), family);
  }
  return (given) => {
    const address = given.startsWith('::ffff:') ? given.slice(7) : given;
    if (isIPv4(address)) return list.check(address, 'ipv4');
    return isIPv6(address) && list.check(address, 'ipv6');
  };
}

/** An address, or a network with a prefix that fits its family. */
export function isAddressRange(range: string): boolean {
  const [address = '', prefix, ...rest] = range.split('/');
  if (rest.length > 0 || (!isIPv4(address) && !isIPv6(address))) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (isIPv4(address) ? 32 : 128));
}
