import type { Ban } from '#shared/doors.ts';
import type { BanRow } from '../../core/auth/bans.store.ts';
import type { Db } from '../../db/schema.ts';

export type BanPage = { readonly items: Ban[]; readonly total: number };

/** Who is shut out now, newest first. */
export async function listActing(
  db: Db,
  now: number,
  { page, pageSize }: { readonly page: number; readonly pageSize: number },
): Promise<BanPage> {
  const acting = db
    .selectFrom('ban')
    .where((where) => where.or([where('ends_at', 'is', null), where('ends_at', '>', now)]));
  const { count } = await acting.select(({ fn }) => fn.countAll().as('count')).executeTakeFirstOrThrow();
  const rows = await acting
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(pageSize)
    .offset((page - 1) * pageSize)
    .execute();
  return { items: rows.map((row) => toBan(row)), total: Number(count) };
}

export async function findBan(db: Db, id: string): Promise<BanRow | undefined> {
  return db.selectFrom('ban').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function findBanOf(db: Db, kind: Ban['kind'], value: string): Promise<BanRow | undefined> {
  return db.selectFrom('ban').selectAll().where('kind', '=', kind).where('value', '=', value).executeTakeFirst();
}

export async function deleteBan(db: Db, id: string): Promise<void> {
  await db.deleteFrom('ban').where('id', '=', id).execute();
}

/** Takes away what is banned now: one value, or everything. Returns the values. */
export async function deleteActing(db: Db, now: number, value: string | undefined): Promise<string[]> {
  const rows = await db
    .selectFrom('ban')
    .select(['id', 'value'])
    .where((where) => where.or([where('ends_at', 'is', null), where('ends_at', '>', now)]))
    .execute();
  const gone = rows.filter((row) => value === undefined || row.value === value);
  for (const { id } of gone) await deleteBan(db, id);
  return gone.map((row) => row.value);
}

export function toBan(row: BanRow): Ban {
  return {
    id: row.id,
    kind: row.kind,
    value: row.value,
    reason: row.reason,
    evidence: JSON.parse(row.evidence_json) as Ban['evidence'],
    note: row.note,
    createdAt: new Date(row.created_at).toISOString(),
    until: row.ends_at === null ? null : new Date(row.ends_at).toISOString(),
    actorName: row.actor_name,
    times: row.times,
  };
}
