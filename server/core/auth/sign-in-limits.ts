import { AppError } from '#shared/errors.ts';
import type { Ban } from '#shared/doors.ts';
import type { Clock } from '../clock.ts';
import type { ActiveBan, Bans } from './bans.ts';
import { isLoopback, networkOf, plainAddress } from './sign-in-limits-network.ts';

/** Failed tries per window. Checked before anything is hashed. */
const windowMs = 5 * 60 * 1000;
const perAddress = 10;
/** An IPv6 customer has at least a /64: its addresses count together. */
const perNetwork = 30;
const perAccount = 20;
const overall = 300;
/** A passkey cannot be guessed: only what checking costs is limited. */
const passkeysPerAddress = 60;
const maxKeys = 20_000;
/** A network that signed in to an account is believed for this long: an attacker's tries elsewhere do not lock it out. */
export const knownMs = 30 * 24 * 60 * 60 * 1000;
/** How often the same network is written down again. */
const notedMs = 24 * 60 * 60 * 1000;
const maxEvidence = 5;
const maxTextLength = 64;

/** What was tried. `passkey`: nobody is ever kept from it by a ban. */
export type TryKind = 'sign_in' | 'factor' | 'link' | 'token' | 'passkey';

export type SignInLimits = {
  /**
   * Counts a try. Throws `not_allowed` (`banned`, with `until`) when address, network or account is shut out or had too
   * many failures just now, `rate_limited` with `retryAfterSeconds` when the whole panel had, or where nobody is banned.
   */
  take(address: string, account: string | null, kind?: TryKind): void;
  /** The try was right: it no longer counts, and the network is known for this account. */
  succeed(address: string, account: string | null, kind?: TryKind): void;
};

type Parts = {
  readonly clock: Clock;
  readonly bans: Pick<Bans, 'add' | 'findAccount' | 'findAddress' | 'onFreed'>;
  /** `account network` → when it was seen last. */
  readonly known?: ReadonlyMap<string, number>;
  readonly noteKnown?: (account: string, network: string, at: number) => void;
  /** Everybody behind a proxy of ours has its address when it does not say who they are. */
  readonly isTrustedProxy?: (address: string) => boolean;
};

type Window = { startedAt: number; count: number; accounts: string[]; addresses: string[] };
type Limit = { readonly key: string; readonly limit: number; readonly kind?: Ban['kind']; readonly value?: string };

const reasons: Readonly<Record<Exclude<TryKind, 'passkey'>, Ban['reason']>> = {
  sign_in: 'sign_in_failures',
  factor: 'factor_failures',
  link: 'link_failures',
  token: 'token_failures',
};

/** Counts in memory, where a try costs next to nothing; who goes over a limit gets a ban, which is kept. */
export function createSignInLimits({ clock, bans, known: before, noteKnown, isTrustedProxy }: Parts): SignInLimits {
  const windows = new Map<string, Window>();
  const known = new Map<string, number>(before);
  // Whoever lets somebody in again means it: the next try is not the one too many.
  bans.onFreed(({ kind, value }) => void windows.delete(`${kind} ${value}`));

  const mayBan = (address: string) => !isLoopback(address) && isTrustedProxy?.(address) !== true;

  function isKnown(account: string, network: string): boolean {
    return (known.get(`${account} ${network}`) ?? Number.NEGATIVE_INFINITY) + knownMs > clock.now();
  }

  function limitsOf(address: string, account: string | null, kind: TryKind): Limit[] {
    if (kind === 'passkey') return [{ key: `passkey ${address}`, limit: passkeysPerAddress }];
    const network = networkOf(address);
    const ban = (of: Ban['kind'], value: string) => (mayBan(address) ? { kind: of, value } : {});
    const own: Limit[] = [{ key: `address ${address}`, limit: perAddress, ...ban('address', address) }];
    if (network !== address) own.push({ key: `network ${network}`, limit: perNetwork, ...ban('network', network) });
    if (account !== null && isKnown(account, network)) return own;
    if (account !== null) {
      own.push({ key: `account ${account}`, limit: perAccount, kind: 'account', value: account });
    }
    own.push({ key: 'overall', limit: overall });
    return own;
  }

  /** Looking makes none: who is refused leaves nothing behind. */
  function findWindow(key: string): Window | undefined {
    const found = windows.get(key);
    return found !== undefined && clock.now() - found.startedAt < windowMs ? found : undefined;
  }

  function windowOf(key: string): Window {
    const found = findWindow(key);
    if (found !== undefined) return found;
    const fresh = { startedAt: clock.now(), count: 0, accounts: [], addresses: [] };
    windows.delete(key);
    windows.set(key, fresh);
    return fresh;
  }

  function activeBan(address: string, account: string | null): ActiveBan | undefined {
    const own = mayBan(address) ? bans.findAddress(address) : undefined;
    if (own !== undefined || account === null || isKnown(account, networkOf(address))) return own;
    return bans.findAccount(account);
  }

  function refuse({ key, kind, value }: Limit, window: Window, what: TryKind): never {
    if (kind !== undefined && value !== undefined && what !== 'passkey') {
      const { count, accounts, addresses } = window;
      const evidence = { count, lastAccounts: accounts, lastAddresses: addresses };
      const ban = bans.add({ kind, value, reason: reasons[what], evidence });
      windows.delete(key);
      throw bannedError(ban.endsAt);
    }
    throw new AppError('rate_limited', 'Too many failed tries; wait a little.', {
      reason: 'sign_in_rate_limited',
      params: { retryAfterSeconds: Math.max(1, Math.ceil((window.startedAt + windowMs - clock.now()) / 1000)) },
    });
  }

  return {
    take(from, name, kind = 'sign_in') {
      const address = plainAddress(from);
      const account = name?.slice(0, maxTextLength) ?? null;
      const ban = kind === 'passkey' ? undefined : activeBan(address, account);
      if (ban !== undefined) throw bannedError(ban.endsAt);
      const limits = limitsOf(address, account, kind);
      for (const limit of limits) {
        const window = findWindow(limit.key);
        if (window !== undefined && window.count >= limit.limit) refuse(limit, window, kind);
      }
      for (const { key } of limits) {
        const window = windowOf(key);
        window.count += 1;
        if (account !== null) keep(window.accounts, account);
        keep(window.addresses, address.slice(0, maxTextLength));
      }
      evict(windows);
    },
    succeed(from, name, kind = 'sign_in') {
      const address = plainAddress(from);
      const account = name?.slice(0, maxTextLength) ?? null;
      for (const { key } of limitsOf(address, account, kind)) {
        const window = findWindow(key);
        if (window !== undefined) window.count = Math.max(0, window.count - 1);
      }
      if (account === null) return;
      const network = networkOf(address);
      const last = known.get(`${account} ${network}`);
      known.delete(`${account} ${network}`);
      const isNoted = last !== undefined && clock.now() - last < notedMs;
      known.set(`${account} ${network}`, isNoted ? last : clock.now());
      evict(known);
      if (!isNoted) noteKnown?.(account, network, clock.now());
    },
  };
}

/** `until` null: until somebody takes the ban away. */
export function bannedError(endsAt: number | null): AppError {
  return new AppError('not_allowed', 'This address or account is shut out for now.', {
    reason: 'banned',
    params: { until: endsAt === null ? '' : new Date(endsAt).toISOString() },
  });
}

/** The last few, each once in a row. */
function keep(texts: string[], text: string): void {
  if (texts.at(-1) === text) return;
  texts.push(text);
  if (texts.length > maxEvidence) texts.shift();
}

/** Maps keep insertion order: the oldest goes first. */
function evict(map: Map<string, unknown>): void {
  for (const key of map.keys()) {
    if (map.size <= maxKeys) return;
    if (key !== 'overall') map.delete(key);
  }
}
