import type { Selectable } from 'kysely';
import type { RoleId, RoleRecording, SiteScope, Permission } from '#shared/access.ts';
import { readPermissions, readRecording } from '../../core/auth/rights.ts';
import { newId } from '../../core/id.ts';
import { isUniqueError } from '../../db/errors.ts';
import type { Db } from '../../db/schema.ts';
import type { PersonTable } from '../../db/tables/core.ts';
import { inTransaction } from '../../db/transaction.ts';

export type PersonRow = Selectable<PersonTable>;

export async function listPersonRows(db: Db): Promise<PersonRow[]> {
  return db.selectFrom('person').selectAll().orderBy('created_at').orderBy('id').execute();
}

export async function listPersonIdsWithRole(db: Db, role: RoleId): Promise<string[]> {
  const rows = await db.selectFrom('person').select('id').where('role', '=', role).execute();
  return rows.map(({ id }) => id);
}

/** Assigned sites that are there, by person. */
export async function listAssignments(db: Db): Promise<Map<string, string[]>> {
  const rows = await db
    .selectFrom('person_site')
    .innerJoin('site', 'site.id', 'person_site.site_id')
    .select(['person_site.person_id', 'person_site.site_id'])
    .orderBy('site.name_key')
    .execute();
  const byPerson = new Map<string, string[]>();
  for (const { person_id, site_id } of rows) {
    byPerson.set(person_id, [...(byPerson.get(person_id) ?? []), site_id]);
  }
  return byPerson;
}

export async function countSessions(db: Db, now: number): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('session')
    .select(({ fn }) => ['person_id', fn.countAll().as('count')])
    .where('expires_at', '>', now)
    .groupBy('person_id')
    .execute();
  return new Map(rows.map(({ person_id, count }) => [person_id, Number(count)]));
}

export async function findExistingSites(db: Db, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await db.selectFrom('site').select('id').where('id', 'in', ids).execute();
  return rows.map(({ id }) => id);
}

export type PersonChange = {
  readonly displayName?: string | undefined;
  readonly role?: RoleId | undefined;
  readonly mustHaveSecondFactor?: boolean | undefined;
  readonly isDisabled?: boolean | undefined;
  /** undefined: as they are. */
  readonly siteIds?: readonly string[] | undefined;
};

export async function updatePerson(db: Db, id: string, change: PersonChange, at: number): Promise<void> {
  const { displayName, role, mustHaveSecondFactor, isDisabled, siteIds } = change;
  await inTransaction(db, async (transaction) => {
    await transaction
      .updateTable('person')
      .set({
        updated_at: at,
        ...(displayName === undefined ? {} : { display_name: displayName }),
        ...(role === undefined ? {} : { role }),
        ...(mustHaveSecondFactor === undefined ? {} : { must_have_second_factor: mustHaveSecondFactor ? 1 : 0 }),
        ...(isDisabled === undefined ? {} : { is_disabled: isDisabled ? 1 : 0 }),
      })
      .where('id', '=', id)
      .execute();
    if (siteIds !== undefined) await replaceSites(transaction, id, siteIds);
  });
}

export async function replaceSites(db: Db, personId: string, siteIds: readonly string[]): Promise<void> {
  await db.deleteFrom('person_site').where('person_id', '=', personId).execute();
  if (siteIds.length === 0) return;
  const rows = [...new Set(siteIds)].map((site_id) => ({ person_id: personId, site_id }));
  await db.insertInto('person_site').values(rows).execute();
}

export type OwnRole = {
  readonly id: string;
  readonly name: string;
  readonly permissions: readonly Permission[];
  readonly siteScope: SiteScope;
};

export async function listOwnRoles(db: Db): Promise<OwnRole[]> {
  const rows = await db.selectFrom('role').selectAll().orderBy('name_key').execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    permissions: readPermissions(row.permissions_json),
    siteScope: row.site_scope,
  }));
}

function roleColumns({ name, permissions, siteScope }: Omit<OwnRole, 'id'>) {
  return {
    name,
    name_key: name.normalize('NFKC').toLowerCase(),
    permissions_json: JSON.stringify(permissions),
    site_scope: siteScope,
  };
}

/** Returns the new id, or undefined when the name is taken. */
export async function insertRole(db: Db, role: Omit<OwnRole, 'id'>, at: number): Promise<string | undefined> {
  const id = newId();
  try {
    await db
      .insertInto('role')
      .values({ id, ...roleColumns(role), created_at: at, updated_at: at })
      .execute();
    return id;
  } catch (error) {
    if (isUniqueError(error)) return undefined;
    throw error;
  }
}

/** False when another role has the name. */
export async function updateRole(db: Db, { id, ...role }: OwnRole, at: number): Promise<boolean> {
  try {
    await db
      .updateTable('role')
      .set({ ...roleColumns(role), updated_at: at })
      .where('id', '=', id)
      .execute();
    return true;
  } catch (error) {
    if (isUniqueError(error)) return false;
    throw error;
  }
}

export async function deleteRole(db: Db, id: string): Promise<void> {
  await inTransaction(db, async (transaction) => {
    await transaction.deleteFrom('role_recording').where('role', '=', id).execute();
    await transaction.deleteFrom('role').where('id', '=', id).execute();
  });
}

/** Of those roles for which something was chosen. */
export async function listRecordings(db: Db): Promise<Map<RoleId, RoleRecording>> {
  const rows = await db.selectFrom('role_recording').selectAll().execute();
  return new Map(rows.map(({ role, recording }) => [role, readRecording(recording)]));
}

export async function putRecording(db: Db, role: RoleId, recording: RoleRecording): Promise<void> {
  await inTransaction(db, async (transaction) => {
    await transaction.deleteFrom('role_recording').where('role', '=', role).execute();
    await transaction.insertInto('role_recording').values({ role, recording }).execute();
  });
}
