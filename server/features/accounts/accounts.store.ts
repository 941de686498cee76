import type { Preferences } from '#shared/settings.ts';
import { storePreferences } from '../../core/auth/stored-preferences.ts';
import { newId } from '../../core/id.ts';
import type { Db } from '../../db/schema.ts';
import { inTransaction } from '../../db/transaction.ts';

/** The first owner who may come in; undefined when there is none. */
export async function findOwner(db: Db) {
  return db
    .selectFrom('person')
    .select(['id', 'name'])
    .where('role', '=', 'owner')
    .where('is_disabled', '=', 0)
    .orderBy('created_at')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
}

export async function updatePreferences(db: Db, id: string, value: Preferences, at: number): Promise<void> {
  await db
    .updateTable('person')
    .set({ ...storePreferences(value), updated_at: at })
    .where('id', '=', id)
    .execute();
}

/** Keeps what the agent said last, for the screens. */
export async function noteSecondFactor(db: Db, id: string, hasSecondFactor: boolean): Promise<void> {
  await db
    .updateTable('person')
    .set({ has_second_factor: hasSecondFactor ? 1 : 0 })
    .where('id', '=', id)
    .execute();
}

export async function noteSeen(db: Db, id: string, at: number): Promise<void> {
  await db.updateTable('person').set({ last_seen_at: at }).where('id', '=', id).execute();
}

export type LinkPurpose = 'first_run' | 'sign_in';

/** Makes a link the only one of its purpose: earlier ones are void from now on. */
export async function replaceLink(
  db: Db,
  link: { purpose: LinkPurpose; personId: string | null; tokenHash: string; at: number; expiresAt: number },
): Promise<void> {
  await inTransaction(db, async (transaction) => {
    await transaction.deleteFrom('one_time_link').where('purpose', '=', link.purpose).execute();
    await transaction
      .insertInto('one_time_link')
      .values({
        id: newId(),
        purpose: link.purpose,
        person_id: link.personId,
        token_hash: link.tokenHash,
        created_at: link.at,
        expires_at: link.expiresAt,
        used_at: null,
      })
      .execute();
  });
}

/** A link that can still be used; undefined when unknown, used or expired. */
export async function findLink(db: Db, purpose: LinkPurpose, tokenHash: string, now: number) {
  return db
    .selectFrom('one_time_link')
    .select(['id', 'person_id'])
    .where('purpose', '=', purpose)
    .where('token_hash', '=', tokenHash)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst();
}

/** True for exactly one caller. */
export async function useLink(db: Db, id: string, now: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('one_time_link')
    .set({ used_at: now })
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** The link was not needed after all: what it was used for could not be done. */
export async function giveLinkBack(db: Db, id: string): Promise<void> {
  await db.updateTable('one_time_link').set({ used_at: null }).where('id', '=', id).execute();
}
