import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { filesApi } from '#shared/files.ts';
import type { BodyInputOf } from '#shared/http.ts';
import { call } from '../../api/client.ts';

export function fileLinksQuery(siteId: string) {
  return queryOptions({
    queryKey: ['site', siteId, 'file-links'],
    queryFn: ({ signal }) => call(filesApi.links, { params: { siteId }, signal }),
  });
}

export function useMakeLink(siteId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: BodyInputOf<typeof filesApi.makeLink>) => call(filesApi.makeLink, { params: { siteId }, body }),
    onSuccess: () => client.invalidateQueries({ queryKey: fileLinksQuery(siteId).queryKey }),
  });
}

export function useRevokeLink(siteId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (linkId: string) => call(filesApi.revokeLink, { params: { siteId, linkId } }),
    onSettled: () => client.invalidateQueries({ queryKey: fileLinksQuery(siteId).queryKey }),
  });
}
