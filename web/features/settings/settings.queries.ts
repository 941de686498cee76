import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { ResponseOf } from '#shared/http.ts';
import { settingsApi } from '#shared/settings.ts';
import { call } from '../../api/client.ts';

export type PanelSettings = ResponseOf<typeof settingsApi.get>;
export type ConfigEntry = ResponseOf<typeof settingsApi.config>['items'][number];

export const panelSettingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => call(settingsApi.get, { signal }),
});

export const configQuery = queryOptions({
  queryKey: ['settings', 'config'],
  queryFn: ({ signal }) => call(settingsApi.config, { signal }),
  staleTime: 60_000,
});

export function useSetPanelSettings() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: PanelSettings) => call(settingsApi.set, { body }),
    onSuccess: (saved) => client.setQueryData(panelSettingsQuery.queryKey, saved),
  });
}
