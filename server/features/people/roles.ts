import { builtInRoleFacts, builtInRoles, isBuiltInRole, type RoleId, type RoleRecording } from '#shared/access.ts';
import { AppError } from '#shared/errors.ts';
import type { BodyOf } from '#shared/http.ts';
import type { peopleApi, RoleRow } from '#shared/people.ts';
import type { Context } from '../../context.ts';
import { findRoleRecording, findRoleRights, type RoleRights } from '../../core/auth/rights.ts';
import { applyRights, mayGive, refuseGiving, registered, type Asker } from './people.logic.ts';
import {
  deleteRole as deleteRoleRow,
  insertRole,
  listOwnRoles,
  listPersonRows,
  listRecordings,
  putRecording,
  updateRole as updateRoleRow,
  type OwnRole,
} from './people.store.ts';

type RolesContext = Pick<Context, 'db' | 'agent' | 'clock' | 'sessions' | 'apiTokens'>;
type RoleBody = BodyOf<typeof peopleApi.createRole>;

/** Built-in roles, strongest first, then the panel's own by name. */
export async function listRoles({ db }: Pick<Context, 'db'>): Promise<RoleRow[]> {
  const [own, people, recordings] = await Promise.all([listOwnRoles(db), listPersonRows(db), listRecordings(db)]);
  const more = (roleId: RoleId) => ({
    recording: recordings.get(roleId) ?? 'chosen',
    personCount: people.filter(({ role }) => role === roleId).length,
  });
  return [
    ...builtInRoles.map((id) => ({
      id,
      name: '',
      isBuiltIn: true,
      permissions: [...builtInRoleFacts[id].permissions],
      siteScope: builtInRoleFacts[id].siteScope,
      ...more(id),
    })),
    ...own.map((role) => ({ ...toRoleRow(role), ...more(role.id) })),
  ];
}

export async function createRole(ctx: RolesContext, asker: Asker, body: RoleBody): Promise<RoleRow> {
  checkMayGive(asker, body);
  const id = await insertRole(ctx.db, body, ctx.clock.now());
  if (id === undefined) throw nameTaken();
  return { ...toRoleRow({ id, ...body }), recording: 'chosen', personCount: 0 };
}

/** Acts at once on everybody who has it: the agent's register first, then sessions, tokens and live views. */
export async function changeRole(
  ctx: RolesContext,
  asker: Asker,
  roleId: string,
  body: RoleBody,
): Promise<{ role: RoleRow; before: OwnRole }> {
  const before = await getOwnRole(ctx, roleId);
  checkMayGive(asker, before);
  checkMayGive(asker, body);
  const own = await listOwnRoles(ctx.db);
  const isTaken = own.some(({ id, name }) => id !== roleId && name.toLowerCase() === body.name.toLowerCase());
  if (isTaken) throw nameTaken();
  const recording = await findRoleRecording(ctx.db, roleId);
  const personIds = await tellAgent(ctx, asker, roleId, body, recording);
  if (!(await updateRoleRow(ctx.db, { id: roleId, ...body }, ctx.clock.now()))) throw nameTaken();
  await applyRights(ctx, personIds);
  return { role: { ...toRoleRow({ id: roleId, ...body }), recording, personCount: personIds.length }, before };
}

/**
 * For every terminal that somebody with the role opens from now on; the agent's register decides. Answers what it was.
 * Throws `not_found`, `not_allowed`.
 */
export async function setRecording(
  ctx: RolesContext,
  asker: Asker,
  roleId: RoleId,
  recording: RoleRecording,
): Promise<{ role: RoleRow; before: RoleRecording }> {
  const rights = await findRoleRights(ctx.db, roleId);
  if (rights === undefined) throw roleUnknown();
  const refusal = mayGive(asker.actor, roleId, rights);
  if (refusal !== undefined) throw refuseGiving(refusal);
  const before = await findRoleRecording(ctx.db, roleId);
  const personIds = await tellAgent(ctx, asker, roleId, rights, recording);
  await putRecording(ctx.db, roleId, recording);
  const { name, permissions, siteScope } = rights;
  const isBuiltIn = isBuiltInRole(roleId);
  const role = { id: roleId, name, isBuiltIn, permissions: [...permissions], siteScope, recording };
  return { role: { ...role, personCount: personIds.length }, before };
}

/** What holds for everybody with the role; returns who they are. */
async function tellAgent(
  ctx: RolesContext,
  asker: Asker,
  roleId: RoleId,
  rights: RoleRights,
  recording: RoleRecording,
): Promise<string[]> {
  const holders = (await listPersonRows(ctx.db)).filter(({ role }) => role === roleId);
  const people = holders.map(({ id, name, is_disabled, must_have_second_factor }) =>
    registered(
      {
        id,
        name,
        role: roleId,
        isDisabled: is_disabled === 1,
        mustHaveSecondFactor: must_have_second_factor === 1,
      },
      rights,
      recording,
    ),
  );
  if (people.length > 0) await ctx.agent.call('people.put', { people }, asker);
  return holders.map(({ id }) => id);
}

/** Throws `in_use` while somebody has it. */
export async function removeRole(ctx: RolesContext, asker: Asker, roleId: string): Promise<OwnRole> {
  const role = await getOwnRole(ctx, roleId);
  checkMayGive(asker, role);
  const count = (await listPersonRows(ctx.db)).filter((row) => row.role === roleId).length;
  if (count > 0) {
    throw new AppError('in_use', 'Somebody has this role.', { reason: 'role_in_use', params: { people: count } });
  }
  await deleteRoleRow(ctx.db, roleId);
  return role;
}

async function getOwnRole({ db }: Pick<Context, 'db'>, roleId: string): Promise<OwnRole> {
  const role = (await listOwnRoles(db)).find(({ id }) => id === roleId);
  if (role === undefined) throw roleUnknown();
  return role;
}

const roleUnknown = (): AppError => new AppError('not_found', 'There is no such role.');

function checkMayGive({ actor }: Asker, role: Omit<OwnRole, 'id' | 'name'>): void {
  const refusal = mayGive(actor, '', role);
  if (refusal !== undefined) throw refuseGiving(refusal);
}

function toRoleRow({ id, name, permissions, siteScope }: OwnRole): Omit<RoleRow, 'personCount' | 'recording'> {
  return { id, name, isBuiltIn: false, permissions: [...permissions], siteScope };
}

function nameTaken(): AppError {
  return new AppError('already_exists', 'Another role has this name.', { reason: 'role_name_taken' });
}
