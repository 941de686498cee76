import { isUniqueError } from '../../db/errors.ts';
import type { Db } from '../../db/schema.ts';
import type { BanTable } from '../../db/tables/doors.ts';

export type BanRow = BanTable;

/** What somebody banned by hand, and the newest others: `limit` of each. */
export async function readBans(db: Db, limit: number): Promise<BanRow[]> {
  const newest = db.selectFrom('ban').selectAll().orderBy('created_at', 'desc').limit(limit);
  const byHand = await newest.where('reason', '=', 'by_hand').execute();
  return [...byHand, ...(await newest.where('reason', '!=', 'by_hand').execute())];
}

/** One row for each kind and value. */
export async function insertOrReplaceBan(db: Db, row: BanRow): Promise<void> {
  const { id: _id, kind, value, ...changes } = row;
  const update = () =>
    db.updateTable('ban').set(changes).where('kind', '=', kind).where('value', '=', value).executeTakeFirst();
  if ((await update()).numUpdatedRows > 0n) return;
  try {
    await db.insertInto('ban').values(row).execute();
  } catch (error) {
    if (!isUniqueError(error)) throw error;
    await update();
  }
}

/** What nobody remembers any more, and of what is left all but the newest `keep`; bans by hand stay. */
export async function deleteOldBans(
  db: Db,
  { endedBefore, keep }: { readonly endedBefore: number; readonly keep: number },
): Promise<void> {
  await db.deleteFrom('ban').where('ends_at', '<', endedBefore).execute();
  const oldest = await db
    .selectFrom('ban')
    .select('created_at')
    .orderBy('created_at', 'desc')
    .offset(keep)
    .limit(1)
    .executeTakeFirst();
  if (oldest === undefined) return;
  await db.deleteFrom('ban').where('created_at', '<=', oldest.created_at).where('reason', '!=', 'by_hand').execute();
}

const knownKept = 5_000;

/** `account network` → when it was seen last. */
export async function readKnownNetworks(db: Db, since: number): Promise<Map<string, number>> {
  await db.deleteFrom('known_network').where('last_seen_at', '<', since).execute();
  const rows = await db
    .selectFrom('known_network')
    .selectAll()
    .orderBy('last_seen_at', 'desc')
    .limit(knownKept)
    .execute();
  return new Map(rows.reverse().map((row) => [`${row.account} ${row.network}`, row.last_seen_at]));
}

export async function noteKnownNetwork(db: Db, account: string, network: string, at: number): Promise<void> {
  const update = () =>
    db
      .updateTable('known_network')
      .set({ last_seen_at: at })
      .where('account', '=', account)
      .where('network', '=', network)
      .executeTakeFirst();
  if ((await update()).numUpdatedRows > 0n) return;
  try {
    await db.insertInto('known_network').values({ account, network, last_seen_at: at }).execute();
  } catch (error) {
    if (!isUniqueError(error)) throw error;
    await update();
  }
}
