import type { Ban } from '#shared/doors.ts';
import { AppError } from '#shared/errors.ts';
import type { Context } from '../../context.ts';
import type { Actor } from '../../core/actor.ts';
import { addressMatcher, isAddressRange } from '../../core/auth/addresses.ts';
import { insertOrReplaceBan } from '../../core/auth/bans.store.ts';
import { networkOf, plainAddress } from '../../core/auth/sign-in-limits-network.ts';
import { newId } from '../../core/id.ts';
import { deleteBan, findBan, findBanOf, toBan } from './bans.store.ts';

type BansContext = Pick<Context, 'db' | 'clock' | 'bans'>;

const maxMinutes = 525_600;
const byHand: Ban['reason'] = 'by_hand';

/** Throws `invalid_request` for what is no address or holds this machine itself, `not_allowed` (`ban_own_address`). */
export async function banByHand(
  { db, clock, bans }: BansContext,
  actor: Actor,
  { value: given, note, minutes }: { readonly value: string; readonly note: string; readonly minutes: number | null },
  ownAddress: string,
): Promise<Ban> {
  const value = normalRange(given);
  const covers = value === undefined ? undefined : addressMatcher([value]);
  if (value === undefined || covers === undefined || covers('127.0.0.1') || covers('::1')) {
    throw new AppError('invalid_request', 'Some fields are not valid.', {
      fields: [{ field: 'value', code: 'address_invalid' }],
    });
  }
  if (covers(plainAddress(ownAddress))) {
    throw new AppError('not_allowed', 'This would shut you out.', { reason: 'ban_own_address' });
  }
  const kind = value.includes('/') ? 'network' : 'address';
  const known = await findBanOf(db, kind, value);
  const now = clock.now();
  const row = {
    id: known?.id ?? newId(),
    kind,
    value,
    reason: byHand,
    evidence_json: known?.evidence_json ?? JSON.stringify({ count: 0, lastAccounts: [], lastAddresses: [] }),
    note,
    created_at: now,
    ends_at: minutes === null ? null : now + Math.min(minutes, maxMinutes) * 60_000,
    actor_id: actor.id,
    actor_name: actor.name.slice(0, 255),
    times: (known?.times ?? 0) + 1,
  } as const;
  await insertOrReplaceBan(db, row);
  await bans.reload();
  return toBan(row);
}

/** Throws `not_found`. Returns what was taken away. */
export async function takeBanAway({ db, bans }: BansContext, banId: string): Promise<Ban> {
  await bans.flush();
  const row = await findBan(db, banId);
  if (row === undefined) throw new AppError('not_found', 'There is no such ban.');
  await deleteBan(db, banId);
  await bans.reload();
  return toBan(row);
}

/** The way it is compared: IPv4 in IPv6 clothes as IPv4, the /64 of IPv6 as the panel writes it, whole addresses without prefix. */
function normalRange(given: string): string | undefined {
  if (!isAddressRange(given)) return undefined;
  const [address = '', prefix] = given.toLowerCase().split('/');
  const plain = plainAddress(address);
  if (prefix === undefined || prefix === (plain.includes(':') ? '128' : '32')) return plain;
  return prefix === '64' && plain.includes(':') ? networkOf(plain) : `${plain}/${prefix}`;
}
