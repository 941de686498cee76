import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { doorsApi, type Doors, type DoorsState } from '#shared/doors.ts';
import { call } from '../../api/client.ts';
import { ApiError } from '../../api/errors.ts';

export type PendingChange = NonNullable<DoorsState['pending']>;
export type Certificate = NonNullable<DoorsState['certificate']>;

const pollMs = 2_500;
/** What was ordered comes by itself. */
const slowMs = 15_000;

/** While a change waits it is asked often: another tab may keep it, or time takes it back. */
export const doorsQuery = queryOptions({
  queryKey: ['doors'],
  queryFn: ({ signal }) => call(doorsApi.get, { signal }),
  refetchInterval: ({ state }) => (state.data?.pending == null ? slowMs : pollMs),
});

function useDoorsChange<Input>(change: (input: Input) => Promise<DoorsState>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: async (state: DoorsState) => {
      // An answer that is on its way knows nothing of this.
      await client.cancelQueries({ queryKey: doorsQuery.queryKey });
      client.setQueryData(doorsQuery.queryKey, state);
    },
    onError: (error) => {
      if (!(error instanceof ApiError) || error.code !== 'offline')
        void client.invalidateQueries({ queryKey: doorsQuery.queryKey });
    },
  });
}

export function useSetDoors() {
  return useDoorsChange((body: Doors) => call(doorsApi.set, { body }));
}

export function useSetCertificate() {
  return useDoorsChange((body: { certificate: string; key: string }) => call(doorsApi.setCertificate, { body }));
}

/** Certificates of the shelf that the panel could show. */
export const fittingQuery = queryOptions({
  queryKey: ['doors', 'certificates'],
  queryFn: ({ signal }) => call(doorsApi.fittingCertificates, { signal }),
});

export function useFollowCertificate() {
  return useDoorsChange((certificateId: string) => call(doorsApi.followCertificate, { body: { certificateId } }));
}

/** Answers the job that orders it and has the panel show it. */
export function useOrderCertificate() {
  return useMutation({ mutationFn: (host: string) => call(doorsApi.orderCertificate, { body: { host } }) });
}

export function useResetCertificate() {
  return useDoorsChange<void>(() => call(doorsApi.resetCertificate, {}));
}

export function useRevertDoors() {
  return useDoorsChange((id: string) => call(doorsApi.revert, { body: { id } }));
}

export function useConfirmDoors() {
  return useDoorsChange(confirmOverNewConnection);
}

const tries = 5;
const betweenMs = 400;

/** The panel closes connections from before the change with its refusal: the next try comes over a new one. */
async function confirmOverNewConnection(id: string): Promise<DoorsState> {
  for (let left = tries; ; left--) {
    try {
      return await call(doorsApi.confirm, { body: { id } });
    } catch (error) {
      const isOld = error instanceof ApiError && error.reason === 'confirm_needs_new_connection';
      if (!isOld || left <= 1) throw error;
      await new Promise((resolve) => setTimeout(resolve, betweenMs));
    }
  }
}
