import { useMutation, useQueryClient } from '@tanstack/react-query';
import { databaseChangesApi } from '#shared/database-changes.ts';
import type { BodyInputOf } from '#shared/http.ts';
import { call } from '../../api/client.ts';

export type NewOwner = BodyInputOf<typeof databaseChangesApi.changeOwner>;

export function useRenameDatabase(databaseId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => call(databaseChangesApi.rename, { params: { databaseId }, body: { name } }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['jobs'] });
      void client.invalidateQueries({ queryKey: ['databases'] });
    },
  });
}

export function useChangeOwner(databaseId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: NewOwner) => call(databaseChangesApi.changeOwner, { params: { databaseId }, body }),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['databases'] }),
    gcTime: 0,
  });
}
