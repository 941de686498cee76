import { builtInRoleFacts, builtInRoles } from '#shared/access.ts';
import { AppError } from '#shared/errors.ts';
import type { BodyOf } from '#shared/http.ts';
import type { peopleApi, RoleRow } from '#shared/people.ts';
import type { Context } from '../../context.ts';
import { applyRights, mayGive, refuseGiving, registered, type Asker } from './people.logic.ts';
import {
  deleteRole as deleteRoleRow,
  insertRole,
  listOwnRoles,
  listPersonRows,
  updateRole as updateRoleRow,
  type OwnRole,
} from './people.store.ts';

type RolesContext = Pick<Context, 'db' | 'agent' | 'clock' | 'sessions' | 'apiTokens'>;
type RoleBody = BodyOf<typeof peopleApi.createRole>;

/** Built-in roles, strongest first, then the panel's own by name. */
export async function listRoles({ db }: Pick<Context, 'db'>): Promise<RoleRow[]> {
  const [own, people] = await Promise.all([listOwnRoles(db), listPersonRows(db)]);
  const count = (roleId: string) => people.filter(({ role }) => role === roleId).length;
  return [
    ...builtInRoles.map((id) => ({
      id,
      name: '',
      isBuiltIn: true,
      permissions: [...builtInRoleFacts[id].permissions],
      siteScope: builtInRoleFacts[id].siteScope,
      personCount: count(id),
    })),
    ...own.map((role) => ({ ...toRoleRow(role), personCount: count(role.id) })),
  ];
}

export async function createRole(ctx: RolesContext, asker: Asker, body: RoleBody): Promise<RoleRow> {
  checkMayGive(asker, body);
  const id = await insertRole(ctx.db, body, ctx.clock.now());
  if (id === undefined) throw nameTaken();
  return { ...toRoleRow({ id, ...body }), personCount: 0 };
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
  const holders = (await listPersonRows(ctx.db)).filter(({ role }) => role === roleId);
  if (holders.length > 0) {
    const people = holders.map((row) =>
      registered(
        {
          id: row.id,
          name: row.name,
          role: roleId,
          isDisabled: row.is_disabled === 1,
          mustHaveSecondFactor: row.must_have_second_factor === 1,
        },
        body,
      ),
    );
    await ctx.agent.call('people.put', { people }, asker);
  }
  if (!(await updateRoleRow(ctx.db, { id: roleId, ...body }, ctx.clock.now()))) throw nameTaken();
  await applyRights(
    ctx,
    holders.map(({ id }) => id),
  );
  return { role: { ...toRoleRow({ id: roleId, ...body }), personCount: holders.length }, before };
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
  if (role === undefined) throw new AppError('not_found', 'There is no such role.');
  return role;
}

function checkMayGive({ actor }: Asker, role: Omit<OwnRole, 'id' | 'name'>): void {
  const refusal = mayGive(actor, '', role);
  if (refusal !== undefined) throw refuseGiving(refusal);
}

function toRoleRow({ id, name, permissions, siteScope }: OwnRole): Omit<RoleRow, 'personCount'> {
  return { id, name, isBuiltIn: false, permissions: [...permissions], siteScope };
}

function nameTaken(): AppError {
  return new AppError('already_exists', 'Another role has this name.', { reason: 'role_name_taken' });
}
