import { peopleApi } from '#shared/people.ts';
import type { AuditEntry } from '../../core/audit.ts';
import { route, type App } from '../../core/route.ts';
import {
  changePerson,
  getPerson,
  getTouchable,
  invitePerson,
  listPeople,
  newInvitation,
  removePerson,
} from './people.logic.ts';
import { changeRole, createRole, listRoles, removeRole, setRecording } from './roles.ts';

/** Every change: also where the agent asks for a ticket of its own, so that a refusal comes before anything is begun. */
const elevated = { isElevated: true } as const;

export function peopleRoutes(app: App): void {
  const { ctx } = app;

  /** In the log people are found by their names; ids say nothing there. */
  async function nameTarget(audit: AuditEntry, personId: string): Promise<void> {
    audit.target = (await getPerson(ctx, personId)).name;
    audit.detail['personId'] = personId;
  }

  route(app, peopleApi.list, async ({ actor, requestId }) => ({ items: await listPeople(ctx, { actor, requestId }) }));

  route(
    app,
    peopleApi.invite,
    async ({ body, actor, requestId, audit }) => {
      audit.target = body.name;
      audit.detail['after'] = {
        role: body.role,
        siteIds: body.siteIds,
        mustHaveSecondFactor: body.mustHaveSecondFactor,
      };
      return invitePerson(ctx, { actor, requestId }, body);
    },
    { ...elevated, isAnswerSecret: true },
  );

  route(
    app,
    peopleApi.update,
    async ({ params, body, actor, requestId, audit }) => {
      await nameTarget(audit, params.personId);
      const note = (facts: object) => Object.assign(audit.detail, facts);
      return changePerson(ctx, { actor, requestId }, params.personId, body, note);
    },
    elevated,
  );

  route(
    app,
    peopleApi.remove,
    async ({ params, actor, requestId, audit }) => {
      await nameTarget(audit, params.personId);
      const { name, role } = await getTouchable(ctx, actor, params.personId);
      audit.detail['before'] = { name, role };
      await removePerson(ctx, { actor, requestId }, params.personId);
    },
    elevated,
  );

  route(
    app,
    peopleApi.newInvitation,
    async ({ params, body, actor, requestId, audit }) => {
      await nameTarget(audit, params.personId);
      audit.detail['clear'] = body.clear;
      return newInvitation(ctx, { actor, requestId }, params.personId, body.clear);
    },
    { ...elevated, isAnswerSecret: true },
  );

  route(app, peopleApi.sessions, async ({ params, actor }) => {
    const { id } = await getTouchable(ctx, actor, params.personId);
    const found = await ctx.sessions.list(id);
    return {
      items: found.map((session) => ({
        id: session.id,
        isCurrent: session.id === actor.sessionId,
        createdAt: new Date(session.createdAt).toISOString(),
        lastUsedAt: new Date(session.lastUsedAt).toISOString(),
        expiresAt: new Date(session.expiresAt).toISOString(),
        address: session.address,
        userAgent: session.userAgent,
      })),
    };
  });

  route(
    app,
    peopleApi.endSessions,
    async ({ params, actor, audit }) => {
      await nameTarget(audit, params.personId);
      const { id } = await getTouchable(ctx, actor, params.personId);
      await ctx.sessions.endAllOf(id);
    },
    elevated,
  );

  route(app, peopleApi.roles, async () => ({ items: await listRoles(ctx) }));

  route(
    app,
    peopleApi.createRole,
    async ({ body, actor, requestId, audit }) => {
      audit.target = body.name;
      audit.detail['after'] = body;
      return createRole(ctx, { actor, requestId }, body);
    },
    elevated,
  );

  route(
    app,
    peopleApi.updateRole,
    async ({ params, body, actor, requestId, audit }) => {
      const { role, before } = await changeRole(ctx, { actor, requestId }, params.roleId, body);
      audit.detail['before'] = before;
      audit.detail['after'] = body;
      return role;
    },
    elevated,
  );

  route(
    app,
    peopleApi.setRecording,
    async ({ params: { roleId }, body: { recording }, actor, requestId, audit }) => {
      audit.detail['after'] = { recording };
      const { role, before } = await setRecording(ctx, { actor, requestId }, roleId, recording);
      Object.assign(audit, { target: role.name === '' ? roleId : role.name });
      audit.detail['before'] = { recording: before };
      return role;
    },
    elevated,
  );

  route(
    app,
    peopleApi.deleteRole,
    async ({ params, actor, requestId, audit }) => {
      audit.detail['before'] = await removeRole(ctx, { actor, requestId }, params.roleId);
    },
    elevated,
  );
}
