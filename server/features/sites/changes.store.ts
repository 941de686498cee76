import type { Selectable } from 'kysely';
import type { z } from 'zod';
import { completeSettings } from '#shared/site-defaults.ts';
import { settingNames } from '#shared/site-settings.ts';
import type { siteChange, siteChangeDetail } from '#shared/sites.ts';
import type { Db } from '../../db/schema.ts';
import type { SiteChangeTable } from '../../db/tables/sites.ts';
import type { SiteSnapshot, SnapshotField } from './site-snapshot.ts';
import { assignedSites, type Viewer } from './sites.store.ts';

export type ChangeRow = Selectable<SiteChangeTable>;
export type SiteChange = z.output<typeof siteChange>;
export type SiteChangeDetail = z.output<typeof siteChangeDetail>;
export type FileDiff = SiteChangeDetail['files'][number];

export type NewChange = {
  readonly id: string;
  readonly siteId: string;
  readonly siteName: string;
  readonly action: SiteChange['action'];
  readonly actor: { readonly id: string; readonly name: string };
  readonly at: number;
  readonly outcome: 'applying' | 'done';
  readonly fields: readonly SnapshotField[];
  readonly before: SiteSnapshot | null;
  readonly after: SiteSnapshot | null;
  readonly undoes: string | null;
};

export async function insertChange(db: Db, change: NewChange): Promise<void> {
  await db
    .insertInto('site_change')
    .values({
      id: change.id,
      site_id: change.siteId,
      site_name: change.siteName,
      action: change.action,
      actor_id: change.actor.id,
      actor_name: change.actor.name.slice(0, 128),
      at: change.at,
      outcome: change.outcome,
      failure: null,
      fields_json: JSON.stringify(change.fields),
      before_json: change.before === null ? null : JSON.stringify(change.before),
      after_json: change.after === null ? null : JSON.stringify(change.after),
      files_json: '[]',
      undoes_id: change.undoes,
    })
    .execute();
}

export async function finishChange(
  db: Db,
  id: string,
  end: { readonly outcome: 'done' | 'failed'; readonly failure?: string; readonly files?: readonly FileDiff[] },
): Promise<void> {
  await db
    .updateTable('site_change')
    .set({
      outcome: end.outcome,
      failure: end.failure?.slice(0, 64) ?? null,
      files_json: JSON.stringify(end.files ?? []),
    })
    .where('id', '=', id)
    .execute();
}

export async function findChangeRow(db: Db, id: string): Promise<ChangeRow | undefined> {
  return db.selectFrom('site_change').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Changes from before a setting was there lack it. */
export function readSnapshot(json: string | null): SiteSnapshot | null {
  return json === null ? null : completeSettings(JSON.parse(json) as SiteSnapshot);
}

export function readFields(row: Pick<ChangeRow, 'fields_json'>): SnapshotField[] {
  return JSON.parse(row.fields_json) as SnapshotField[];
}

/** Finished changes of a site's settings, newest first. */
export async function listSettingChanges(db: Db, siteId: string): Promise<ChangeRow[]> {
  const rows = await db
    .selectFrom('site_change')
    .selectAll()
    .where('site_id', '=', siteId)
    .where('outcome', '=', 'done')
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(500)
    .execute();
  const settings: readonly string[] = settingNames;
  return rows.filter((row) => row.before_json === null || readFields(row).some((field) => settings.includes(field)));
}

/** Newest first; of one site or of all, also of sites that are gone. */
export async function listChanges(
  db: Db,
  { page, pageSize, siteId }: { page: number; pageSize: number; siteId?: string | undefined },
  viewer: Viewer,
): Promise<{ items: SiteChange[]; total: number }> {
  let rows = db.selectFrom('site_change');
  if (viewer.siteScope === 'assigned') rows = rows.where('site_id', 'in', assignedSites(db, viewer));
  if (siteId !== undefined) rows = rows.where('site_id', '=', siteId);
  const { total } = await rows.select(({ fn }) => fn.countAll().as('total')).executeTakeFirstOrThrow();
  const found = await rows
    .selectAll()
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(pageSize)
    .offset((page - 1) * pageSize)
    .execute();
  return { items: await withUndoable(db, found), total: Number(total) };
}

export async function findChangeDetail(db: Db, id: string): Promise<SiteChangeDetail | undefined> {
  const row = await findChangeRow(db, id);
  if (row === undefined) return undefined;
  const [item] = await withUndoable(db, [row]);
  if (item === undefined) return undefined;
  return {
    ...item,
    before: readSnapshot(row.before_json),
    after: readSnapshot(row.after_json),
    files: JSON.parse(row.files_json) as FileDiff[],
  };
}

/** What can be taken back: a finished change of facts, not taken back yet, of a site that is there (a deletion: gone). */
async function withUndoable(db: Db, rows: readonly ChangeRow[]): Promise<SiteChange[]> {
  if (rows.length === 0) return [];
  const present = await db
    .selectFrom('site')
    .select('id')
    .where('id', 'in', [...new Set(rows.map(({ site_id }) => site_id))])
    .execute();
  const undone = await db
    .selectFrom('site_change')
    .select('undoes_id')
    .where(
      'undoes_id',
      'in',
      rows.map(({ id }) => id),
    )
    .where('outcome', '=', 'done')
    .execute();
  const presentIds = new Set(present.map(({ id }) => id));
  const undoneIds = new Set(undone.map(({ undoes_id }) => undoes_id));
  return rows.map((row) => {
    const fields = readFields(row);
    const isThere = presentIds.has(row.site_id);
    const isFitting = row.action === 'delete' ? !isThere : isThere && row.before_json !== null && fields.length > 0;
    return {
      id: row.id,
      siteId: row.site_id,
      siteName: row.site_name,
      action: row.action as SiteChange['action'],
      actor: { id: row.actor_id, name: row.actor_name },
      at: new Date(row.at).toISOString(),
      outcome: row.outcome as SiteChange['outcome'],
      failure: row.failure,
      fields,
      undoes: row.undoes_id,
      isUndoable: row.outcome === 'done' && isFitting && !undoneIds.has(row.id),
    };
  });
}
