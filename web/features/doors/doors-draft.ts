import type { Doors } from '#shared/doors.ts';
import { isLoopback, isWithin, linesOf } from './address-ranges.ts';

/** The doors as they are typed. */
export type DoorsDraft = {
  readonly hasEntry: boolean;
  readonly entryPath: string;
  readonly addresses: string;
  readonly domains: string;
  readonly proxies: string;
  readonly port: string;
};

export function draftOf(doors: Doors): DoorsDraft {
  return {
    hasEntry: doors.entryPath !== null,
    entryPath: doors.entryPath ?? '',
    addresses: doors.allowedAddresses.join('\n'),
    domains: doors.domains.join('\n'),
    proxies: doors.trustedProxies.join('\n'),
    port: String(doors.port),
  };
}

/** What is sent; what is no number becomes one that the panel refuses with a sentence. */
export function doorsOf(draft: DoorsDraft): Doors {
  return {
    entryPath: draft.hasEntry ? draft.entryPath.trim() : null,
    allowedAddresses: linesOf(draft.addresses),
    domains: linesOf(draft.domains).map((name) => name.toLowerCase()),
    trustedProxies: linesOf(draft.proxies),
    port: /^\d{1,5}$/.test(draft.port.trim()) ? Number(draft.port) : 0,
  };
}

export type DoorsFact = keyof Doors;
const facts = ['entryPath', 'allowedAddresses', 'domains', 'trustedProxies', 'port'] as const satisfies DoorsFact[];

/** What differs between two states of the doors, in the order of the page. */
export function changedFacts(before: Doors, now: Doors): DoorsFact[] {
  return facts.filter((fact) => String(before[fact] ?? '') !== String(now[fact] ?? ''));
}

/** How the reader fares with a list of addresses. */
export function addressFate(address: string, lines: readonly string[]): 'anywhere' | 'allowed' | 'missing' {
  if (lines.length === 0) return 'anywhere';
  return isLoopback(address) || lines.some((line) => isWithin(address, line)) ? 'allowed' : 'missing';
}

/** The address of the first page, as it will be. */
export function entryAddress(origin: string, savedPort: number, { hasEntry, entryPath, port }: DoorsDraft): string {
  const url = new URL(origin);
  // Behind a proxy the port of the address is not the panel's own: it is changed only with it.
  if (port.trim() !== String(savedPort) && /^\d+$/.test(port.trim())) url.port = port.trim();
  return hasEntry && entryPath.trim() !== '' ? `${url.origin}/${entryPath.trim()}` : `${url.origin}/`;
}

/** 100 bits that can be read out on the phone: no letters that look alike. */
export function newEntryPath(): string {
  const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789';
  return Array.from(crypto.getRandomValues(new Uint8Array(20)), (byte) => alphabet[byte & 31]).join('');
}
