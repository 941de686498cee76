import type { Selectable } from 'kysely';
import type { Db } from '../../db/schema.ts';
import type { FileLinkTable } from '../../db/tables/file-links.ts';

export type FileLinkRow = Selectable<FileLinkTable>;
export type ListedLink = FileLinkRow & { readonly made_by: string };

type Living = { readonly siteId: string; readonly at: number };

/** Those of a site that have not expired, newest first; `personId` null: whoever made them. */
export async function listLinks(
  db: Db,
  { siteId, at }: Living,
  { personId, id }: { readonly personId: string | null; readonly id?: string },
): Promise<ListedLink[]> {
  let query = db
    .selectFrom('file_link')
    .innerJoin('person', 'person.id', 'file_link.person_id')
    .selectAll('file_link')
    .select('person.name as made_by')
    .where('file_link.site_id', '=', siteId)
    .where('file_link.expires_at', '>', at);
  if (personId !== null) query = query.where('file_link.person_id', '=', personId);
  if (id !== undefined) query = query.where('file_link.id', '=', id);
  return await query.orderBy('file_link.created_at', 'desc').orderBy('file_link.id').execute();
}

export async function countLinks(db: Db, { siteId, at }: Living): Promise<number> {
  const { count } = await db
    .selectFrom('file_link')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('site_id', '=', siteId)
    .where('expires_at', '>', at)
    .executeTakeFirstOrThrow();
  return Number(count);
}

export async function insertLink(db: Db, row: FileLinkRow): Promise<void> {
  await db.insertInto('file_link').values(row).execute();
}

export async function deleteLink(db: Db, id: string): Promise<void> {
  await db.deleteFrom('file_link').where('id', '=', id).execute();
}

export async function findLinkByHash(db: Db, tokenHash: string): Promise<FileLinkRow | undefined> {
  return await db.selectFrom('file_link').selectAll().where('token_hash', '=', tokenHash).executeTakeFirst();
}

/**
 * Counts a download in one statement, so that however many come at once never more get through than may. False: the link
 * was revoked, expired or used up meanwhile, and nothing may be sent.
 */
export async function countDownload(db: Db, id: string, at: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('file_link')
    .set(({ eb }) => ({ downloads: eb('downloads', '+', 1), last_used_at: at }))
    .where('id', '=', id)
    .where('expires_at', '>', at)
    .where((where) =>
      where.or([where('most_downloads', 'is', null), where('downloads', '<', where.ref('most_downloads'))]),
    )
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
