import type { RoleId } from '#shared/access.ts';
import { preferences } from '#shared/settings.ts';
import { storePreferences } from './stored-preferences.ts';
import { isUniqueError } from '../../db/errors.ts';
import type { Db } from '../../db/schema.ts';
import { newId } from '../id.ts';

export type NewPerson = {
  /** Default: a new one. */
  readonly id?: string;
  readonly name: string;
  readonly displayName: string;
  readonly role: RoleId;
  readonly mustHaveSecondFactor?: boolean;
  readonly at: number;
};

export async function hasPeople(db: Db): Promise<boolean> {
  const row = await db.selectFrom('person').select('id').limit(1).executeTakeFirst();
  return row !== undefined;
}

export async function findPersonByName(db: Db, name: string) {
  return db.selectFrom('person').selectAll().where('name', '=', name).executeTakeFirst();
}

export async function findPersonById(db: Db, id: string) {
  return db.selectFrom('person').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Returns the id, or undefined when the name is taken. */
export async function insertPerson(db: Db, person: NewPerson): Promise<string | undefined> {
  const id = person.id ?? newId();
  try {
    await db
      .insertInto('person')
      .values({
        id,
        name: person.name,
        display_name: person.displayName,
        role: person.role,
        is_disabled: 0,
        must_have_second_factor: person.mustHaveSecondFactor === true ? 1 : 0,
        has_second_factor: 0,
        last_seen_at: null,
        ...storePreferences(preferences.parse({})),
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

export async function deletePerson(db: Db, id: string): Promise<void> {
  await db.deleteFrom('person').where('id', '=', id).execute();
}
