import { isIPv6 } from 'node:net';
import { AppError } from '#shared/errors.ts';
import type { Clock } from '../clock.ts';

/** Failed tries per window. Checked before anything is hashed. */
const windowMs = 5 * 60 * 1000;
const perAddress = 10;
/** An IPv6 customer has at least a /64: its addresses count together. */
const perNetwork = 30;
const perAccount = 20;
const overall = 300;
const maxKeys = 20_000;
/** A network that signed in to an account is believed for this long: an attacker's tries elsewhere do not lock it out. */
const knownMs = 30 * 24 * 60 * 60 * 1000;

export type SignInLimits = {
  /** Counts a try. Throws `rate_limited` with `retryAfterSeconds` when address, network, account or panel had too many. */
  take(address: string, account: string | null): void;
  /** The try was right: it no longer counts, and the network is known for this account. */
  succeed(address: string, account: string | null): void;
};

type Window = { startedAt: number; count: number };

/** In memory: a restart forgives, which costs an attacker more than it gives. */
export function createSignInLimits({ clock }: { readonly clock: Clock }): SignInLimits {
  const windows = new Map<string, Window>();
  const known = new Map<string, number>();

  function keysOf(address: string, account: string | null): [key: string, limit: number][] {
    const network = networkOf(address);
    const own: [string, number][] = [[`address ${address}`, perAddress]];
    if (network !== address) own.push([`network ${network}`, perNetwork]);
    const knownUntil = account === null ? 0 : (known.get(`${account} ${network}`) ?? 0);
    if (knownUntil > clock.now()) return own;
    if (account !== null) own.push([`account ${account}`, perAccount]);
    own.push(['overall', overall]);
    return own;
  }

  function windowOf(key: string): Window {
    const found = windows.get(key);
    if (found !== undefined && clock.now() - found.startedAt < windowMs) return found;
    const fresh = { startedAt: clock.now(), count: 0 };
    windows.delete(key);
    windows.set(key, fresh);
    return fresh;
  }

  return {
    take(address, account) {
      const keys = keysOf(address, account);
      for (const [key, limit] of keys) {
        const { startedAt, count } = windowOf(key);
        if (count < limit) continue;
        const retryAfterSeconds = Math.max(1, Math.ceil((startedAt + windowMs - clock.now()) / 1000));
        throw new AppError('rate_limited', 'Too many failed tries; wait a little.', {
          reason: 'sign_in_rate_limited',
          params: { retryAfterSeconds },
        });
      }
      for (const [key] of keys) windowOf(key).count += 1;
      evict(windows);
    },
    succeed(address, account) {
      for (const [key] of keysOf(address, account)) {
        const window = windowOf(key);
        window.count = Math.max(0, window.count - 1);
      }
      if (account === null) return;
      known.delete(`${account} ${networkOf(address)}`);
      known.set(`${account} ${networkOf(address)}`, clock.now() + knownMs);
      evict(known);
    },
  };
}

/** Maps keep insertion order: the oldest goes first. */
function evict(map: Map<string, unknown>): void {
  for (const key of map.keys()) {
    if (map.size <= maxKeys) return;
    if (key !== 'overall') map.delete(key);
  }
}

/** The address itself for IPv4, the first four groups for IPv6. */
export function networkOf(address: string): string {
  if (!isIPv6(address) || address.includes('.')) return address;
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros =
    tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  const groups = [...left, ...zeros, ...right].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
