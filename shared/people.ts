import { z } from 'zod';
import { permissions, roleRecordings, siteScopes } from './access.ts';
import { person, roleId, sessionRow, userName } from './accounts.ts';
import { id, instant, line, type Operation } from './http.ts';

/*
 * Everybody who may come in, and their roles. All changes are elevated: the agent keeps what people may do (decision 18).
 */

export const personRow = person.extend({
  isDisabled: z.boolean(),
  mustHaveSecondFactor: z.boolean(),
  /** Only with a role whose scope is `assigned`. */
  siteIds: z.array(id),
  lastSeenAt: instant.nullable(),
  sessionCount: z.int(),
  hasPassword: z.boolean(),
  hasTotp: z.boolean(),
  passkeyCount: z.int(),
  recoveryCodesLeft: z.int(),
  /** An invitation that can still be used. */
  invitedUntil: instant.nullable(),
  /** False: they hold more than the reader may give (an owner, to all but owners). */
  canChange: z.boolean(),
});
export type PersonRow = z.infer<typeof personRow>;

const rights = {
  role: roleId,
  mustHaveSecondFactor: z.boolean().default(false),
  siteIds: z.array(id).max(1000).default([]),
};

/** The link is secret and shown once; its token stands behind `#`, which no server sees. */
export const invitationLink = z.object({ url: z.string(), expiresAt: instant });

export const roleRow = z.object({
  id: roleId,
  /** `` for built-in roles: every language names them. */
  name: z.string(),
  isBuiltIn: z.boolean(),
  permissions: z.array(z.enum(permissions)),
  siteScope: z.enum(siteScopes),
  recording: z.enum(roleRecordings),
  personCount: z.int(),
});
export type RoleRow = z.infer<typeof roleRow>;

const roleBody = z.strictObject({
  name: line(60, 1),
  permissions: z.array(z.enum(permissions)).min(1).max(permissions.length),
  siteScope: z.enum(siteScopes),
});

const personParams = z.object({ personId: id });

export const peopleApi = {
  list: {
    id: 'listPeople',
    method: 'GET',
    path: '/api/v1/people',
    access: 'people.read',
    summary: 'Everybody who may come in',
    response: z.object({ items: z.array(personRow) }),
  },
  /** Without a password: the answer's link lets the person choose one. */
  invite: {
    id: 'invitePerson',
    method: 'POST',
    path: '/api/v1/people',
    access: 'people.write',
    summary: 'Invite somebody',
    body: z.strictObject({ name: userName, displayName: line(80).default(''), ...rights }),
    response: z.object({ person: personRow, invitation: invitationLink }),
    status: 201,
  },
  update: {
    id: 'updatePerson',
    method: 'PATCH',
    path: '/api/v1/people/{personId}',
    access: 'people.write',
    summary: 'Change name, role, sites; disable or enable',
    params: personParams,
    body: z.strictObject({
      displayName: line(80).optional(),
      role: roleId.optional(),
      mustHaveSecondFactor: z.boolean().optional(),
      siteIds: z.array(id).max(1000).optional(),
      isDisabled: z.boolean().optional(),
    }),
    response: personRow,
  },
  remove: {
    id: 'removePerson',
    method: 'DELETE',
    path: '/api/v1/people/{personId}',
    access: 'people.write',
    summary: 'Remove somebody; their sessions and tokens end',
    params: personParams,
    response: z.undefined(),
    status: 204,
  },
  /** For somebody invited before, or who lost their factors (`clear`). Earlier links are void. */
  newInvitation: {
    id: 'newInvitation',
    method: 'POST',
    path: '/api/v1/people/{personId}/invitation',
    access: 'people.write',
    summary: 'Make a new link with which they set their password',
    params: personParams,
    body: z.strictObject({ clear: z.boolean().default(false) }),
    response: invitationLink,
    status: 201,
  },
  sessions: {
    id: 'listPersonSessions',
    method: 'GET',
    path: '/api/v1/people/{personId}/sessions',
    access: 'people.write',
    summary: 'Where somebody is signed in',
    params: personParams,
    response: z.object({ items: z.array(sessionRow) }),
  },
  endSessions: {
    id: 'endPersonSessions',
    method: 'DELETE',
    path: '/api/v1/people/{personId}/sessions',
    access: 'people.write',
    summary: 'End all sessions of somebody',
    params: personParams,
    response: z.undefined(),
    status: 204,
  },
  roles: {
    id: 'listRoles',
    method: 'GET',
    path: '/api/v1/roles',
    access: 'people.read',
    summary: 'Built-in roles and the panel’s own',
    response: z.object({ items: z.array(roleRow) }),
  },
  createRole: {
    id: 'createRole',
    method: 'POST',
    path: '/api/v1/roles',
    access: 'people.write',
    summary: 'Make a role',
    body: roleBody,
    response: roleRow,
    status: 201,
  },
  updateRole: {
    id: 'updateRole',
    method: 'PUT',
    path: '/api/v1/roles/{roleId}',
    access: 'people.write',
    summary: 'Change a role; acts at once on everybody who has it',
    params: z.object({ roleId: id }),
    body: roleBody,
    response: roleRow,
  },
  setRecording: {
    id: 'setRoleRecording',
    method: 'PUT',
    path: '/api/v1/roles/{roleId}/recording',
    access: 'people.write',
    summary: 'Whether terminals of everybody with a role are recorded: as they choose, always or never',
    params: z.object({ roleId }),
    body: z.strictObject({ recording: z.enum(roleRecordings) }),
    response: roleRow,
  },
  /** `in_use` while somebody has it. */
  deleteRole: {
    id: 'deleteRole',
    method: 'DELETE',
    path: '/api/v1/roles/{roleId}',
    access: 'people.write',
    summary: 'Delete a role nobody has',
    params: z.object({ roleId: id }),
    response: z.undefined(),
    status: 204,
  },
} as const satisfies Record<string, Operation>;
