import { useMutation, useQueryClient } from '@tanstack/react-query';
import { aapanelApi } from '#shared/aapanel.ts';
import type { BodyInputOf, ResponseOf } from '#shared/http.ts';
import { call } from '../../api/client.ts';

export type AapanelReport = ResponseOf<typeof aapanelApi.read>;
export type AapanelSite = AapanelReport['sites'][number];

/** The dry run; nothing is written. */
export function useReadAapanel() {
  return useMutation({ mutationFn: (base: string) => call(aapanelApi.read, { body: { base } }) });
}

export function useImportSite() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: BodyInputOf<typeof aapanelApi.import>) => call(aapanelApi.import, { body }),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['jobs'] }),
  });
}
