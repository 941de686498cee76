import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { BodyInputOf } from '#shared/http.ts';
import { machineSettingsApi, type MachineSettings } from '#shared/machine-settings.ts';
import { call } from '../../api/client.ts';

export const machineSettingsQuery = queryOptions({
  queryKey: ['machine', 'settings'],
  queryFn: ({ signal }) => call(machineSettingsApi.get, { signal }),
});

type Change = 'setHostname' | 'setTimeZone' | 'setSwap' | 'setAutomaticUpdates';

/** One change of the machine; the page then shows what the machine says it is. */
function useChange<N extends Change>(name: N) {
  const client = useQueryClient();
  return useMutation<MachineSettings, unknown, BodyInputOf<(typeof machineSettingsApi)[N]>>({
    mutationFn: (body) => call(machineSettingsApi[name], { body } as never),
    onSuccess: (settings) => client.setQueryData(machineSettingsQuery.queryKey, settings),
    onSettled: () => client.invalidateQueries({ queryKey: name === 'setAutomaticUpdates' ? ['updates'] : ['machine'] }),
  });
}

export const useSetHostname = () => useChange('setHostname');
export const useSetMachineZone = () => useChange('setTimeZone');
export const useSetSwap = () => useChange('setSwap');
export const useSetAutomaticUpdates = () => useChange('setAutomaticUpdates');
