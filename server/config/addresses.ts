import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

export type ListenFacts = {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  readonly isProduction: boolean;
};

/**
 * Origins that a person can open: a listening address such as 0.0.0.0 is none. On a developer machine the first is
 * localhost, and the second the way in from other machines; null where there is no second way.
 */
export function addressesOf(
  { host, port, isTls, isProduction }: ListenFacts,
  ownAddress = firstOwnAddress,
): { publicUrl: string; networkUrl: string | null } {
  const originOf = (name: string) => `${isTls ? 'https' : 'http'}://${isIPv6(name) ? `[${name}]` : name}:${port}`;
  if (host !== '0.0.0.0' && host !== '::') return { publicUrl: originOf(host), networkUrl: null };
  const own = ownAddress();
  if (own === undefined) return { publicUrl: originOf('localhost'), networkUrl: null };
  return isProduction
    ? { publicUrl: originOf(own), networkUrl: null }
    : { publicUrl: originOf('localhost'), networkUrl: originOf(own) };
}

function firstOwnAddress(): string | undefined {
  const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return addresses.find((entry) => !entry.internal && entry.family === 'IPv4')?.address;
}
