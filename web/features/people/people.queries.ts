import { queryOptions, useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import type { RoleRecording } from '#shared/access.ts';
import type { BodyInputOf, ResponseOf } from '#shared/http.ts';
import { peopleApi, type PersonRow, type RoleRow } from '#shared/people.ts';
import { call } from '../../api/client.ts';

export type Invitation = ResponseOf<typeof peopleApi.newInvitation>;
export type PersonChange = BodyInputOf<typeof peopleApi.update>;
export type PersonInvite = BodyInputOf<typeof peopleApi.invite>;
export type RoleBody = BodyInputOf<typeof peopleApi.createRole>;

export const peopleQuery = queryOptions({
  queryKey: ['people'],
  queryFn: ({ signal }) => call(peopleApi.list, { signal }),
});

export const rolesQuery = queryOptions({
  queryKey: ['people', 'roles'],
  queryFn: ({ signal }) => call(peopleApi.roles, { signal }),
});

export function personSessionsQuery(personId: string) {
  return queryOptions({
    queryKey: ['people', 'sessions', personId],
    queryFn: ({ signal }) => call(peopleApi.sessions, { params: { personId }, signal }),
  });
}

/** Every change is read anew: counts, states and roles hang together. */
function usePeopleChange<Input, Answer>(
  change: (input: Input) => Promise<Answer>,
): UseMutationResult<Answer, unknown, Input> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => client.invalidateQueries({ queryKey: ['people'] }),
  });
}

export function useInvite() {
  return usePeopleChange((body: PersonInvite) => call(peopleApi.invite, { body }));
}

export function useUpdatePerson(personId: string): UseMutationResult<PersonRow, unknown, PersonChange> {
  return usePeopleChange((body: PersonChange) => call(peopleApi.update, { params: { personId }, body }));
}

export function useRemovePerson(personId: string): UseMutationResult<void, unknown, void> {
  return usePeopleChange(() => call(peopleApi.remove, { params: { personId } }));
}

/** `clear`: what they sign in with is erased first. */
export function useNewInvitation(personId: string): UseMutationResult<Invitation, unknown, { clear: boolean }> {
  return usePeopleChange((body: { clear: boolean }) => call(peopleApi.newInvitation, { params: { personId }, body }));
}

export function useEndPersonSessions(personId: string): UseMutationResult<void, unknown, void> {
  return usePeopleChange(() => call(peopleApi.endSessions, { params: { personId } }));
}

/** Makes the role, or changes the one with this id. */
export function useSaveRole(roleId: string | null): UseMutationResult<RoleRow, unknown, RoleBody> {
  return usePeopleChange((body: RoleBody) =>
    roleId === null ? call(peopleApi.createRole, { body }) : call(peopleApi.updateRole, { params: { roleId }, body }),
  );
}

export function useSetRoleRecording(roleId: string): UseMutationResult<RoleRow, unknown, RoleRecording> {
  return usePeopleChange((recording: RoleRecording) =>
    call(peopleApi.setRecording, { params: { roleId }, body: { recording } }),
  );
}

export function useDeleteRole(): UseMutationResult<void, unknown, string> {
  return usePeopleChange((roleId: string) => call(peopleApi.deleteRole, { params: { roleId } }));
}
