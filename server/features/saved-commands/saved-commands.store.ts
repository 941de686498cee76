import type { Selectable } from 'kysely';
import type { SavedCommand, SavedCommandFacts } from '#shared/saved-commands.ts';
import { isUniqueError } from '../../db/errors.ts';
import type { Db } from '../../db/schema.ts';
import type { SavedCommandTable } from '../../db/tables/saved-commands.ts';

type Row = Selectable<SavedCommandTable>;

/** By name. */
export async function listSavedCommands(db: Db, personId: string): Promise<SavedCommand[]> {
  const rows = await db
    .selectFrom('saved_command')
    .selectAll()
    .where('person_id', '=', personId)
    .orderBy('name_key')
    .execute();
  return rows.map(shown);
}

export async function countSavedCommands(db: Db, personId: string): Promise<number> {
  const { count } = await db
    .selectFrom('saved_command')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('person_id', '=', personId)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** undefined, also when it is somebody else's. */
export async function findSavedCommand(db: Db, personId: string, id: string): Promise<SavedCommand | undefined> {
  const row = await db
    .selectFrom('saved_command')
    .selectAll()
    .where('person_id', '=', personId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? undefined : shown(row);
}

/** False when another one of the person has the name. */
export async function insertSavedCommand(
  db: Db,
  { id, personId, at, ...facts }: SavedCommandFacts & { id: string; personId: string; at: number },
): Promise<boolean> {
  return await isNameFree(
    db
      .insertInto('saved_command')
      .values({ id, person_id: personId, ...columnsOf(facts), created_at: at, updated_at: at })
      .execute(),
  );
}

/** False when another one of the person has the name. */
export async function updateSavedCommand(
  db: Db,
  { id, at, ...facts }: SavedCommandFacts & { id: string; at: number },
): Promise<boolean> {
  return await isNameFree(
    db
      .updateTable('saved_command')
      .set({ ...columnsOf(facts), updated_at: at })
      .where('id', '=', id)
      .execute(),
  );
}

export async function deleteSavedCommand(db: Db, id: string): Promise<void> {
  await db.deleteFrom('saved_command').where('id', '=', id).execute();
}

async function isNameFree(change: Promise<unknown>): Promise<boolean> {
  try {
    await change;
    return true;
  } catch (error) {
    if (isUniqueError(error)) return false;
    throw error;
  }
}

function columnsOf({ name, command }: SavedCommandFacts) {
  return { name, name_key: name.normalize('NFKC').toLowerCase(), command };
}

function shown({ id, name, command, updated_at }: Row): SavedCommand {
  return { id, name, command, updatedAt: new Date(updated_at).toISOString() };
}
