import type { Me } from '#shared/accounts.ts';
import { newId } from '../../core/id.ts';
import type { Db } from '../../db/schema.ts';

/** More are not kept: the oldest go. */
const maxNotices = 20;

export type Notice = Me['notices'][number];

export async function listNotices(db: Db, personId: string): Promise<Notice[]> {
  const rows = await db
    .selectFrom('person_notice')
    .selectAll()
    .where('person_id', '=', personId)
    .orderBy('at', 'desc')
    .orderBy('id')
    .limit(maxNotices)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    at: new Date(row.at).toISOString(),
    address: row.address,
    userAgent: row.user_agent,
    left: row.codes_left,
  }));
}

export async function insertNotice(
  db: Db,
  notice: {
    personId: string;
    kind: Notice['kind'];
    at: number;
    address: string;
    userAgent: string;
    left?: number;
  },
): Promise<void> {
  await db
    .insertInto('person_notice')
    .values({
      id: newId(),
      person_id: notice.personId,
      kind: notice.kind,
      at: notice.at,
      address: notice.address.slice(0, 64),
      user_agent: notice.userAgent.slice(0, 255),
      codes_left: notice.left ?? null,
    })
    .execute();
  const old = await db
    .selectFrom('person_notice')
    .select('id')
    .where('person_id', '=', notice.personId)
    .orderBy('at', 'desc')
    .orderBy('id')
    .limit(maxNotices)
    .offset(maxNotices)
    .execute();
  const ids = old.map(({ id }) => id);
  if (ids.length > 0) await db.deleteFrom('person_notice').where('id', 'in', ids).execute();
}

export async function deleteNotice(db: Db, personId: string, id: string): Promise<void> {
  await db.deleteFrom('person_notice').where('person_id', '=', personId).where('id', '=', id).execute();
}

/** Only the newest of a kind is of use. */
export async function deleteNoticesOf(db: Db, personId: string, kind: Notice['kind']): Promise<void> {
  await db.deleteFrom('person_notice').where('person_id', '=', personId).where('kind', '=', kind).execute();
}

/** Whether this browser signed in as this person before; `isFirst`: nobody ever did. Remembers it from now on. */
export async function meetDevice(
  db: Db,
  personId: string,
  deviceHash: string,
  at: number,
): Promise<{ isKnown: boolean; isFirst: boolean }> {
  const rows = await db.selectFrom('known_device').select('device_hash').where('person_id', '=', personId).execute();
  const isKnown = rows.some(({ device_hash }) => device_hash === deviceHash);
  if (isKnown) {
    await db
      .updateTable('known_device')
      .set({ last_seen_at: at })
      .where('person_id', '=', personId)
      .where('device_hash', '=', deviceHash)
      .execute();
  } else {
    await db
      .insertInto('known_device')
      .values({ person_id: personId, device_hash: deviceHash, last_seen_at: at })
      .execute();
  }
  return { isKnown, isFirst: rows.length === 0 };
}
