import type { Db } from '../../db/schema.ts';
import { isUniqueError } from '../../db/errors.ts';

/** The stored value, or undefined when it was never set. */
export async function findSetting(db: Db, name: string): Promise<unknown> {
  const row = await db.selectFrom('setting').select('value_json').where('name', '=', name).executeTakeFirst();
  return row === undefined ? undefined : (JSON.parse(row.value_json) as unknown);
}

/** Inserts or replaces; two at once end with the later one. */
export async function putSetting(db: Db, name: string, value: unknown, at: number): Promise<void> {
  const row = { value_json: JSON.stringify(value), updated_at: at };
  const update = () => db.updateTable('setting').set(row).where('name', '=', name).executeTakeFirst();
  if ((await update()).numUpdatedRows > 0n) return;
  try {
    await db
      .insertInto('setting')
      .values({ name, ...row })
      .execute();
  } catch (error) {
    if (!isUniqueError(error)) throw error;
    await update();
  }
}
