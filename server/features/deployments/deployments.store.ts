import type { Selectable } from 'kysely';
import type { Db } from '../../db/schema.ts';
import type { DeployHookTable } from '../../db/tables/deployments.ts';

export type HookRow = Selectable<DeployHookTable>;

export async function findHookOfSite(db: Db, siteId: string): Promise<HookRow | undefined> {
  return db.selectFrom('deploy_hook').selectAll().where('site_id', '=', siteId).executeTakeFirst();
}

export async function findHook(db: Db, id: string): Promise<HookRow | undefined> {
  return db.selectFrom('deploy_hook').selectAll().where('id', '=', id).executeTakeFirst();
}

/** In the place of the one that the site has. */
export async function putHook(db: Db, row: HookRow): Promise<void> {
  await db.deleteFrom('deploy_hook').where('site_id', '=', row.site_id).execute();
  await db.insertInto('deploy_hook').values(row).execute();
}

export async function deleteHook(db: Db, siteId: string): Promise<void> {
  await db.deleteFrom('deploy_hook').where('site_id', '=', siteId).execute();
}

export async function noteCall(db: Db, id: string, at: number): Promise<void> {
  await db.updateTable('deploy_hook').set({ last_called_at: at }).where('id', '=', id).execute();
}

/** One more deployment follows the one that runs, however many pushes came meanwhile. */
export async function noteWaiting(db: Db, siteId: string, at: number): Promise<void> {
  await db.updateTable('deploy_hook').set({ waiting_since_at: at }).where('site_id', '=', siteId).execute();
}

export async function listWaiting(db: Db): Promise<HookRow[]> {
  return db.selectFrom('deploy_hook').selectAll().where('waiting_since_at', 'is not', null).limit(500).execute();
}

/** True for the one process that may start what waited. */
export async function takeWaiting(db: Db, row: HookRow): Promise<boolean> {
  const taken = await db
    .updateTable('deploy_hook')
    .set({ waiting_since_at: null })
    .where('id', '=', row.id)
    .where('waiting_since_at', '=', row.waiting_since_at)
    .executeTakeFirst();
  return taken.numUpdatedRows > 0n;
}
