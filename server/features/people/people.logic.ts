import type { z } from 'zod';
import type { Permission, RoleId, RoleRecording } from '#shared/access.ts';
import { builtInRoles } from '#shared/access.ts';
import type { RegisteredPerson } from '#shared/agent/people.ts';
import { AppError } from '#shared/errors.ts';
import type { BodyOf } from '#shared/http.ts';
import type { invitationLink, peopleApi, PersonRow } from '#shared/people.ts';
import type { Context } from '../../context.ts';
import { canSeeSite, type Actor } from '../../core/actor.ts';
import { panelActor } from '../../core/agent-client.ts';
import { deletePerson, findPersonById, insertPerson } from '../../core/auth/person-rows.ts';
import { findRoleRecording, findRoleRights, type RoleRights } from '../../core/auth/rights.ts';
import { entryUrl } from '../../core/doors-rows.ts';
import { newId } from '../../core/id.ts';
import {
  countSessions,
  findExistingSites,
  listAssignments,
  listPersonRows,
  replaceSites,
  updatePerson,
  type PersonRow as StoredPerson,
} from './people.store.ts';

export type Asker = { readonly actor: Actor; readonly requestId: string };
type PeopleContext = Pick<Context, 'db' | 'agent' | 'clock' | 'config' | 'sessions' | 'apiTokens'>;
export type InvitationLink = z.output<typeof invitationLink>;

/** Everybody, with what the agent knows of their factors. */
export async function listPeople(ctx: PeopleContext, { actor, requestId }: Asker): Promise<PersonRow[]> {
  const { db, agent, clock } = ctx;
  const [rows, { people }, assignments, sessions] = await Promise.all([
    listPersonRows(db),
    agent.call('people.list', {}, { actor: panelActor, requestId }),
    listAssignments(db),
    countSessions(db, clock.now()),
  ]);
  const known = new Map(people.map((person) => [person.id, person]));
  const rights = await rightsOfRoles(ctx, rows);
  return rows.map((row) => {
    const role = rights.get(row.role);
    const registered = known.get(row.id);
    return {
      id: row.id,
      name: row.name,
      displayName: row.display_name,
      role: row.role,
      roleName: role?.name ?? '',
      createdAt: iso(row.created_at),
      isDisabled: row.is_disabled === 1,
      mustHaveSecondFactor: row.must_have_second_factor === 1,
      siteIds: role?.siteScope === 'assigned' ? visibleSites(actor, assignments.get(row.id) ?? []) : [],
      lastSeenAt: row.last_seen_at === null ? null : iso(row.last_seen_at),
      sessionCount: sessions.get(row.id) ?? 0,
      hasPassword: registered?.hasPassword ?? false,
      hasTotp: registered?.hasTotp ?? false,
      passkeyCount: registered?.passkeyCount ?? 0,
      recoveryCodesLeft: registered?.recoveryCodesLeft ?? 0,
      invitedUntil: registered?.invitedUntil ?? null,
      canChange: mayGive(actor, row.role, role) === undefined,
    };
  });
}

async function getRow(ctx: PeopleContext, asker: Asker, personId: string): Promise<PersonRow> {
  const found = (await listPeople(ctx, asker)).find(({ id }) => id === personId);
  if (found === undefined) throw personUnknown();
  return found;
}

/** Throws `not_found`. */
export async function getPerson({ db }: Pick<Context, 'db'>, personId: string): Promise<StoredPerson> {
  const person = await findPersonById(db, personId);
  if (person === undefined) throw personUnknown();
  return person;
}

/** Adds somebody without a password, and the link with which they choose one. */
export async function invitePerson(
  ctx: PeopleContext,
  asker: Asker,
  body: BodyOf<typeof peopleApi.invite>,
): Promise<{ person: PersonRow; invitation: InvitationLink }> {
  const role = await getGivableRole(ctx, asker.actor, body.role);
  await checkSites(ctx, asker.actor, body.siteIds);
  const id = newId();
  const { name, displayName, mustHaveSecondFactor } = body;
  const made = await insertPerson(ctx.db, {
    id,
    name,
    displayName,
    role: body.role,
    mustHaveSecondFactor,
    at: ctx.clock.now(),
  });
  if (made === undefined) {
    throw new AppError('already_exists', 'Somebody has this name already.', {
      reason: 'user_name_taken',
      fields: [{ field: 'name', code: 'user_name_taken' }],
    });
  }
  let invitation: InvitationLink;
  try {
    await replaceSites(ctx.db, id, role.siteScope === 'assigned' ? body.siteIds : []);
    const recording = await findRoleRecording(ctx.db, body.role);
    const facts = { id, name, role: body.role, isDisabled: false, mustHaveSecondFactor };
    await ctx.agent.call('people.put', { people: [registered(facts, role, recording)] }, asker);
    invitation = await newInvitation(ctx, asker, id, false);
  } catch (error) {
    // Whatever the agent has of them is of no use to anybody: it knows no factor, and the next try has another id.
    await deletePerson(ctx.db, id);
    throw error;
  }
  return { person: await getRow(ctx, asker, id), invitation };
}

/** A link with which somebody sets their password; earlier ones are void. `clear`: their second factors go with it. */
export async function newInvitation(
  ctx: PeopleContext,
  asker: Asker,
  personId: string,
  clear: boolean,
): Promise<InvitationLink> {
  const person = await getPerson(ctx, personId);
  await checkMayTouch(ctx, asker.actor, person);
  const { token, expiresAt } = await ctx.agent.call('people.invite', { personId, clear }, asker);
  return { url: `${await entryUrl(ctx, '/invitation')}#token=${token}`, expiresAt };
}

/** What changed, for the audit: before and after of each field that was given. */
export type PersonAudit = { before: Record<string, unknown>; after: Record<string, unknown> };

/**
 * Changes what somebody may do, and where. The agent's register is first, the panel's own table second: until both agree
 * the stricter one decides. Acts at once on their sessions, tokens and live views.
 */
export async function changePerson(
  ctx: PeopleContext,
  asker: Asker,
  personId: string,
  body: BodyOf<typeof peopleApi.update>,
  audit: (facts: PersonAudit) => void,
): Promise<PersonRow> {
  const { actor } = asker;
  const person = await getPerson(ctx, personId);
  const before = await getRow(ctx, asker, personId);
  audit(auditOf(before, body));
  await checkMayTouch(ctx, actor, person);
  const roleId = body.role ?? person.role;
  const role = await getGivableRole(ctx, actor, roleId);
  if (body.siteIds !== undefined) await checkSites(ctx, actor, body.siteIds);
  const isDisabled = body.isDisabled ?? person.is_disabled === 1;
  const mustHaveSecondFactor = body.mustHaveSecondFactor ?? person.must_have_second_factor === 1;
  if (person.role === 'owner' && (roleId !== 'owner' || isDisabled)) await checkOwnerStays(ctx, personId);
  const changesRights =
    roleId !== person.role || isDisabled !== (person.is_disabled === 1) || body.mustHaveSecondFactor !== undefined;
  if (changesRights) {
    const recording = await findRoleRecording(ctx.db, roleId);
    const facts = { id: person.id, name: person.name, role: roleId, isDisabled, mustHaveSecondFactor };
    await ctx.agent.call('people.put', { people: [registered(facts, role, recording)] }, asker);
  }
  const siteIds = role.siteScope === 'all' ? [] : body.siteIds;
  await updatePerson(ctx.db, personId, { ...body, siteIds }, ctx.clock.now());
  if (isDisabled) await ctx.sessions.endAllOf(personId);
  if (changesRights) await ctx.sessions.endElevations(personId);
  await applyRights(ctx, [personId]);
  return getRow(ctx, asker, personId);
}

/** Sessions, tokens and live views of these people follow their new rights. */
export async function applyRights(
  { sessions, apiTokens }: Pick<Context, 'sessions' | 'apiTokens'>,
  personIds: readonly string[],
): Promise<void> {
  await sessions.refresh(personIds);
  await apiTokens.refresh(personIds);
}

export async function removePerson(ctx: PeopleContext, asker: Asker, personId: string): Promise<void> {
  const person = await getPerson(ctx, personId);
  await checkMayTouch(ctx, asker.actor, person);
  if (person.role === 'owner') await checkOwnerStays(ctx, personId);
  await ctx.agent.call('people.remove', { personId }, asker);
  await ctx.sessions.endAllOf(personId);
  await ctx.apiTokens.refresh([personId]);
  await deletePerson(ctx.db, personId);
}

/** Their sessions are nobody's business who could not change them. Throws `not_found`, `not_allowed`. */
export async function getTouchable(ctx: PeopleContext, actor: Actor, personId: string): Promise<StoredPerson> {
  const person = await getPerson(ctx, personId);
  await checkMayTouch(ctx, actor, person);
  return person;
}

/** The person as the agent's register has them. */
export function registered(
  person: { id: string; name: string; role: RoleId; isDisabled: boolean; mustHaveSecondFactor: boolean },
  role: RoleRights,
  recording: RoleRecording,
): RegisteredPerson {
  const { id, name, isDisabled, mustHaveSecondFactor } = person;
  return {
    id,
    name,
    isOwner: person.role === 'owner',
    permissions: [...role.permissions],
    isDisabled,
    mustHaveSecondFactor,
    recording,
  };
}

/** Why this actor may not give (or take) this role; undefined when they may. */
export function mayGive(
  actor: Actor,
  roleId: RoleId,
  role: { permissions: readonly Permission[]; siteScope: 'all' | 'assigned' } | undefined,
): 'owner_only' | 'more_than_own' | undefined {
  if (roleId === 'owner' && actor.role !== 'owner') return 'owner_only';
  const isWider = actor.siteScope === 'assigned' && role?.siteScope === 'all';
  const hasMore = role?.permissions.some((permission) => !actor.permissions.includes(permission)) === true;
  return isWider || hasMore ? 'more_than_own' : undefined;
}

export function refuseGiving(reason: 'owner_only' | 'more_than_own'): AppError {
  const message = reason === 'owner_only' ? 'Only an owner changes owners.' : 'Nobody gives what they do not have.';
  return new AppError('not_allowed', message, { reason });
}

async function checkMayTouch(ctx: PeopleContext, actor: Actor, person: StoredPerson): Promise<void> {
  const refusal = mayGive(actor, person.role, await findRoleRights(ctx.db, person.role));
  if (refusal !== undefined) throw refuseGiving(refusal);
}

async function getGivableRole(ctx: PeopleContext, actor: Actor, roleId: RoleId): Promise<RoleRights> {
  const role = await findRoleRights(ctx.db, roleId);
  if (role === undefined) {
    throw new AppError('invalid_request', 'There is no such role.', {
      fields: [{ field: 'role', code: 'role_unknown' }],
    });
  }
  const refusal = mayGive(actor, roleId, role);
  if (refusal !== undefined) throw refuseGiving(refusal);
  return role;
}

/** Sites that are not the actor's do not exist for them. */
async function checkSites(ctx: PeopleContext, actor: Actor, siteIds: readonly string[]): Promise<void> {
  const existing = await findExistingSites(ctx.db, siteIds);
  const index = siteIds.findIndex((id) => !existing.includes(id) || !canSeeSite(actor, id));
  if (index === -1) return;
  throw new AppError('invalid_request', 'There is no such site.', {
    fields: [{ field: `siteIds.${index}`, code: 'site_unknown' }],
  });
}

/** The agent says the same; here it is said before anything is asked of it. */
async function checkOwnerStays(ctx: PeopleContext, exceptId: string): Promise<void> {
  const others = (await listPersonRows(ctx.db)).filter(
    ({ id, role, is_disabled }) => id !== exceptId && role === 'owner' && is_disabled === 0,
  );
  if (others.length > 0) return;
  throw new AppError('not_allowed', 'One owner has to stay.', { reason: 'last_owner' });
}

async function rightsOfRoles(ctx: PeopleContext, rows: readonly StoredPerson[]): Promise<Map<RoleId, RoleRights>> {
  const ids = [...new Set<RoleId>([...builtInRoles, ...rows.map(({ role }) => role)])];
  const found = new Map<RoleId, RoleRights>();
  for (const id of ids) {
    const rights = await findRoleRights(ctx.db, id);
    if (rights !== undefined) found.set(id, rights);
  }
  return found;
}

function visibleSites(actor: Actor, siteIds: readonly string[]): string[] {
  return siteIds.filter((id) => canSeeSite(actor, id));
}

function auditOf(before: PersonRow, body: BodyOf<typeof peopleApi.update>): PersonAudit {
  const given = Object.entries(body).filter(([, value]) => value !== undefined);
  const old = Object.fromEntries(given.map(([field]) => [field, before[field as keyof PersonRow]]));
  return { before: old, after: Object.fromEntries(given) };
}

function personUnknown(): AppError {
  return new AppError('not_found', 'There is no such person.', { reason: 'person_unknown' });
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
