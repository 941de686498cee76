import { lookup } from 'node:dns';
import { BlockList, isIPv4, isIPv6, type LookupFunction } from 'node:net';

/*
 * Where root never sends anything: link-local addresses, behind which clouds keep the credentials of a machine. Loopback and
 * private networks are fine: many have their own ntfy or Gotify.
 */

const refused = new BlockList();
refused.addSubnet('169.254.0.0', 16, 'ipv4');
refused.addSubnet('fe80::', 10, 'ipv6');
// The same service at other addresses: Amazon over IPv6, Alibaba, Oracle.
refused.addAddress('fd00:ec2::254', 'ipv6');
refused.addAddress('100.100.100.200', 'ipv4');
refused.addAddress('192.0.0.192', 'ipv4');
// IPv4 inside IPv6: by NAT64, 6to4 and the old "compatible" form. The mapped form is seen through by BlockList itself.
refused.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6');
refused.addSubnet('2002:a9fe::', 32, 'ipv6');
refused.addSubnet('::a9fe:0', 112, 'ipv6');

/** Whether nothing is sent to this IP address. */
export function isRefusedAddress(address: string): boolean {
  const plain = address.replace(/%.*$/, '');
  if (isIPv4(plain)) return refused.check(plain, 'ipv4');
  return !isIPv6(plain) || refused.check(plain, 'ipv6');
}

/** Whether a URL names such an address itself, in whatever way numbers are written. */
export function refuseLiteral(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  return (isIPv4(host) || isIPv6(host)) && isRefusedAddress(host);
}

export class AddressRefused extends Error {}

/** Resolves a name for a connection that is made to just these addresses: a name cannot change its mind in between. */
export const guardedLookup: LookupFunction = (host, options, done) => {
  lookup(host, { ...options, all: true }, (error, found) => {
    if (error !== null) return done(error, '', 0);
    if (found.some(({ address }) => isRefusedAddress(address))) return done(new AddressRefused(), '', 0);
    const [first] = found;
    if (options.all === true) return done(null, found);
    done(null, first?.address ?? '', first?.family ?? 0);
  });
};
