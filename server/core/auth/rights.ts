import {
  builtInRoleFacts,
  isBuiltInRole,
  permissions,
  roleRecordings,
  type Permission,
  type RoleRecording,
  type SiteScope,
} from '#shared/access.ts';
import type { Db } from '../../db/schema.ts';

/** What a role gives, and how people call it. */
export type RoleRights = {
  /** `` for built-in ones, which every language names itself. */
  readonly name: string;
  readonly permissions: readonly Permission[];
  readonly siteScope: SiteScope;
};

/** What a person may do, and where. */
export type Rights = {
  readonly roleName: string;
  readonly permissions: readonly Permission[];
  readonly siteScope: SiteScope;
  readonly siteIds: readonly string[];
};

const nothing: RoleRights = { name: '', permissions: [], siteScope: 'assigned' };

/** A role that is gone gives nothing. */
export async function findRoleRights(db: Db, roleId: string): Promise<RoleRights | undefined> {
  if (isBuiltInRole(roleId)) return { name: '', ...builtInRoleFacts[roleId] };
  const row = await db
    .selectFrom('role')
    .select(['name', 'permissions_json', 'site_scope'])
    .where('id', '=', roleId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return { name: row.name, permissions: readPermissions(row.permissions_json), siteScope: row.site_scope };
}

export async function loadRights(db: Db, personId: string, roleId: string): Promise<Rights> {
  const { name, permissions: given, siteScope } = (await findRoleRights(db, roleId)) ?? nothing;
  const siteIds = siteScope === 'assigned' ? await listSiteIds(db, personId) : [];
  return { roleName: name, permissions: given, siteScope, siteIds };
}

/** Permissions of older versions that no longer exist are dropped. */
export function readPermissions(json: string): Permission[] {
  const stored = JSON.parse(json) as string[];
  return permissions.filter((permission) => stored.includes(permission));
}

async function listSiteIds(db: Db, personId: string): Promise<string[]> {
  const rows = await db.selectFrom('person_site').select('site_id').where('person_id', '=', personId).execute();
  return rows.map(({ site_id }) => site_id);
}

/** Whether terminals of people with this role are recorded. A role that is gone, or a word of a later version: the strictest. */
export async function findRoleRecording(db: Db, roleId: string): Promise<RoleRecording> {
  const found = await db.selectFrom('role_recording').select('recording').where('role', '=', roleId).executeTakeFirst();
  if (found !== undefined) return readRecording(found.recording);
  return (await findRoleRights(db, roleId)) === undefined ? 'always' : 'chosen';
}

export function readRecording(stored: string): RoleRecording {
  return roleRecordings.find((each) => each === stored) ?? 'always';
}
