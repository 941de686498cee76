import { createHash } from 'node:crypto';
import type { Db } from '../../db/schema.ts';
import { inTransaction } from '../../db/transaction.ts';

/** `binId` `` unless it lies in the recycle bin; then `path` is where it was. */
export type FileRemark = { readonly path: string; readonly binId: string; readonly remark: string };

/** In no order that a database could have its own idea of. */
export async function listRemarks(db: Db, siteId: string): Promise<FileRemark[]> {
  const rows = await db
    .selectFrom('file_remark')
    .select(['path', 'bin_id', 'remark'])
    .where('site_id', '=', siteId)
    .execute();
  return rows.map(({ path, bin_id, remark }) => ({ path, binId: bin_id, remark }));
}

type Change = { readonly gone: readonly FileRemark[]; readonly made: readonly FileRemark[] };

/** All or nothing. One that is made takes the place of what stood at its path. */
export async function changeRemarks(db: Db, siteId: string, { gone, made }: Change): Promise<void> {
  const ids = [...new Set([...gone, ...made].map((each) => idOf(siteId, each)))];
  const rows = new Map(made.map((each) => [idOf(siteId, each), each]));
  await inTransaction(db, async (transaction) => {
    for (let from = 0; from < ids.length; from += 200)
      await transaction
        .deleteFrom('file_remark')
        .where('id', 'in', ids.slice(from, from + 200))
        .execute();
    for (const [id, { path, binId, remark }] of rows)
      await transaction
        .insertInto('file_remark')
        .values({ id, site_id: siteId, path, bin_id: binId, remark })
        .execute();
  });
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** A path is too long for an index: what is unique is this. */
function idOf(siteId: string, { path, binId }: FileRemark): string {
  const sum = createHash('sha256').update(`${siteId}/${binId}/${path}`).digest();
  return Array.from(sum.subarray(0, 16), (byte) => alphabet[byte & 31]).join('');
}
