import { useMutation, useQueryClient } from '@tanstack/react-query';
import { databaseMaintenanceApi } from '#shared/database-maintenance.ts';
import type { BodyInputOf } from '#shared/http.ts';
import { call } from '../../api/client.ts';

export type MaintenanceWish = BodyInputOf<typeof databaseMaintenanceApi.start>;

export function useMaintain(databaseId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: MaintenanceWish) => call(databaseMaintenanceApi.start, { params: { databaseId }, body }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['jobs'] });
      void client.invalidateQueries({ queryKey: ['databases'] });
    },
  });
}
