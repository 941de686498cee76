import { queryOptions, useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { filesApi, filesPageSize, type FileSort } from '#shared/files.ts';
import type { BodyInputOf } from '#shared/http.ts';
import { jobsApi, type Job } from '#shared/jobs.ts';
import { call } from '../../api/client.ts';

export type FileOrder = { readonly sort: FileSort; readonly isDescending: boolean };
export type Listing = FileOrder & {
  readonly path: string;
  readonly showsHidden: boolean;
  readonly filter: string;
};

/** One page of a folder, however large it is. */
export function filePageQuery(siteId: string, listing: Listing, page: number) {
  const { isDescending, showsHidden, ...rest } = listing;
  return queryOptions({
    queryKey: ['site', siteId, 'files', listing, page],
    queryFn: ({ signal }) =>
      call(filesApi.list, {
        params: { siteId },
        query: {
          ...rest,
          isDescending: String(isDescending),
          showsHidden: String(showsHidden),
          offset: page * filesPageSize,
          limit: filesPageSize,
        },
        signal,
      }),
    staleTime: 10_000,
  });
}

export function fileBinQuery(siteId: string) {
  return queryOptions({
    queryKey: ['site', siteId, 'file-bin'],
    queryFn: ({ signal }) => call(filesApi.bin, { params: { siteId }, signal }),
  });
}

type Wish = {
  [V in 'make' | 'rename' | 'move' | 'copy' | 'setMode' | 'remove' | 'restore' | 'discard' | 'setRemark']: {
    readonly verb: V;
    readonly body: BodyInputOf<(typeof filesApi)[V]>;
  };
};
export type FileWish = Wish[keyof Wish];

/** Everything that changes files; what is on the page is asked anew afterwards, however it ended. */
export function useFileWork(siteId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ verb, body }: FileWish): Promise<readonly string[]> => {
      // Verb and body belong together by `FileWish`.
      const operation = filesApi[verb] as typeof filesApi.remove;
      const done = await call(operation, { params: { siteId }, body: body as BodyInputOf<typeof filesApi.remove> });
      return (done as { paths: string[] } | undefined)?.paths ?? [];
    },
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ['site', siteId, 'files'] }),
        client.invalidateQueries({ queryKey: ['site', siteId, 'file-bin'] }),
      ]),
  });
}

const jobPollMs = 1_000;

/** Starts a job that changes files; the folder is read anew when it has ended. */
export function useJobStart(siteId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (start: () => Promise<Job>) => await start(),
    onSuccess: ({ id }) => {
      // Whoever may not see jobs refreshes the folder by hand.
      readAfter(client, siteId, id).catch(() => undefined);
    },
  });
}

async function readAfter(client: QueryClient, siteId: string, jobId: string): Promise<void> {
  for (;;) {
    const { endedAt } = await call(jobsApi.get, { params: { jobId } });
    if (endedAt !== null) break;
    await new Promise((resolve) => setTimeout(resolve, jobPollMs));
  }
  await client.invalidateQueries({ queryKey: ['site', siteId, 'files'] });
  await client.invalidateQueries({ queryKey: ['site', siteId, 'file-bin'] });
}
