import { preferences, type Preferences } from '#shared/settings.ts';
import type { Role } from '#shared/access.ts';
import { newId } from '../../core/id.ts';
import { isUniqueError } from '../../db/errors.ts';
import type { Db } from '../../db/schema.ts';
import { inTransaction } from '../../db/transaction.ts';

export type NewPerson = {
  readonly name: string;
  readonly displayName: string;
  readonly role: Role;
  readonly passwordHash: string;
  readonly at: number;
};

export async function hasPeople(db: Db): Promise<boolean> {
  const row = await db.selectFrom('person').select('id').limit(1).executeTakeFirst();
  return row !== undefined;
}

export async function findPersonByName(db: Db, name: string) {
  return db
    .selectFrom('person')
    .select(['id', 'name', 'password_hash', 'is_disabled'])
    .where('name', '=', name)
    .executeTakeFirst();
}

export async function findPersonById(db: Db, id: string) {
  return db
    .selectFrom('person')
    .select(['id', 'name', 'password_hash', 'is_disabled'])
    .where('id', '=', id)
    .executeTakeFirst();
}

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

/** Returns the new id, or undefined when the name is taken. */
export async function insertPerson(db: Db, person: NewPerson): Promise<string | undefined> {
  const id = newId();
  try {
    await db
      .insertInto('person')
      .values({
        id,
        name: person.name,
        display_name: person.displayName,
        role: person.role,
        password_hash: person.passwordHash,
        is_disabled: 0,
        preferences_json: JSON.stringify(preferences.parse({})),
        created_at: person.at,
        updated_at: person.at,
      })
      .execute();
    return id;
  } catch (error) {
    if (isUniqueError(error)) return undefined;
    throw error;
  }
}

export async function updatePreferences(db: Db, id: string, value: Preferences, at: number): Promise<void> {
  await db
    .updateTable('person')
    .set({ preferences_json: JSON.stringify(value), updated_at: at })
    .where('id', '=', id)
    .execute();
}

export async function updatePassword(db: Db, id: string, passwordHash: string, at: number): Promise<void> {
  await db.updateTable('person').set({ password_hash: passwordHash, updated_at: at }).where('id', '=', id).execute();
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
