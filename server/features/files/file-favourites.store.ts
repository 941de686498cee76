import { createHash } from 'node:crypto';
import { isUniqueError } from '../../db/errors.ts';
import type { Db } from '../../db/schema.ts';

type Whose = { readonly personId: string; readonly siteId: string };
type Favourite = Whose & { readonly path: string };

/** In no order that a database could have its own idea of. */
export async function favouritePaths(db: Db, { personId, siteId }: Whose): Promise<string[]> {
  const rows = await db
    .selectFrom('file_favourite')
    .select('path')
    .where('person_id', '=', personId)
    .where('site_id', '=', siteId)
    .execute();
  return rows.map(({ path }) => path);
}

/** One that is there already stays as it is. */
export async function insertFavourite(db: Db, favourite: Favourite, at: number): Promise<void> {
  const { personId, siteId, path } = favourite;
  const row = { id: idOf(favourite), person_id: personId, site_id: siteId, path, created_at: at };
  try {
    await db.insertInto('file_favourite').values(row).execute();
  } catch (error) {
    if (!isUniqueError(error)) throw error;
  }
}

export async function deleteFavourite(db: Db, favourite: Favourite): Promise<void> {
  await db.deleteFrom('file_favourite').where('id', '=', idOf(favourite)).execute();
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** A path is too long for an index: what is unique is this. */
function idOf({ personId, siteId, path }: Favourite): string {
  const sum = createHash('sha256').update(`${personId}/${siteId}/${path}`).digest();
  return Array.from(sum.subarray(0, 16), (byte) => alphabet[byte & 31]).join('');
}
