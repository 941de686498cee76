import {
  keepPreviousData,
  queryOptions,
  useMutation,
  useQueryClient,
  type QueryClient,
  type UseMutationResult,
} from '@tanstack/react-query';
import { domainChecksApi } from '#shared/domain-check.ts';
import type { BodyInputOf, ResponseOf } from '#shared/http.ts';
import { copiesApi } from '#shared/site-copies.ts';
import { sitesApi, type Site } from '#shared/sites.ts';
import { call } from '../../api/client.ts';
import { readRemovals } from '../databases/databases.queries.ts';
import type { SitesSearch } from './sites-search.ts';

export type SiteFilters = Omit<SitesSearch, 'new'>;
export type SiteResult = ResponseOf<typeof sitesApi.update>;
export type SiteWarning = SiteResult['warnings'][number];
export type Inspection = ResponseOf<typeof sitesApi.inspect>;
export type RemovalPreview = ResponseOf<typeof sitesApi.previewRemoval>;
export type SiteUpdate = BodyInputOf<typeof sitesApi.update>;
export type SiteCreate = BodyInputOf<typeof sitesApi.create>;

/** Sites per request of the list. */
export const pageSize = 200;

/** How often a list is asked for anew while figures in it are being measured. */
const measuringMs = 1_500;

export function sitesPageQuery(filters: SiteFilters, page: number, withFigures = false) {
  const query = withFigures ? { ...filters, figures: 'true' } : filters;
  return queryOptions({
    queryKey: ['sites', 'list', query, page],
    queryFn: ({ signal }) => call(sitesApi.list, { query: { ...query, page, pageSize }, signal }),
    refetchInterval: ({ state }) => (state.data?.measured?.isUnderWay === true ? measuringMs : false),
  });
}

/** A few sites whose name or domain has this text: for choosing one. */
export function findSitesQuery(search: string) {
  return queryOptions({
    queryKey: ['sites', 'find', search],
    queryFn: ({ signal }) =>
      call(sitesApi.list, { query: { search, sort: 'name', order: 'asc', pageSize: 20 }, signal }),
    placeholderData: keepPreviousData,
  });
}

export const categoriesQuery = queryOptions({
  queryKey: ['sites', 'categories'],
  queryFn: ({ signal }) => call(sitesApi.listCategories, { signal }),
});

export function siteQuery(siteId: string) {
  return queryOptions({
    queryKey: ['site', siteId, 'facts'],
    queryFn: ({ signal }) => call(sitesApi.get, { params: { siteId }, signal }),
  });
}

/** What is on the machine; asks the agent. */
export function inspectionQuery(siteId: string) {
  return queryOptions({
    queryKey: ['site', siteId, 'inspection'],
    queryFn: ({ signal }) => call(sitesApi.inspect, { params: { siteId }, signal }),
  });
}

/** Read anew each time the screen opens, never behind a person's back: its fingerprint confirms the deletion. */
export function removalQuery(siteId: string) {
  return queryOptions({
    queryKey: ['site-removal', siteId],
    queryFn: ({ signal }) => call(sitesApi.previewRemoval, { params: { siteId }, signal }),
    staleTime: 'static',
    gcTime: 0,
  });
}

async function readAnew(client: QueryClient, siteId?: string): Promise<void> {
  await Promise.all([
    client.invalidateQueries({ queryKey: ['sites'] }),
    client.invalidateQueries({ queryKey: ['site-changes'] }),
    ...(siteId === undefined ? [] : [client.invalidateQueries({ queryKey: ['site', siteId] })]),
  ]);
}

export function useCreateSite(): UseMutationResult<SiteResult, unknown, { body: SiteCreate; key: string }> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ body, key }) => call(sitesApi.create, { body, idempotencyKey: key }),
    onSuccess: () => void readAnew(client),
  });
}

export type CopyInput = { readonly siteId: string; readonly body: BodyInputOf<typeof copiesApi.start> };

/** Starts the copying of a site; answers its job. */
export function useCopySite(): UseMutationResult<ResponseOf<typeof copiesApi.start>, unknown, CopyInput> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ siteId, body }) => call(copiesApi.start, { params: { siteId }, body }),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['jobs'] }),
  });
}

export type SiteChangeInput = {
  readonly siteId: string;
  /** Left out: the wish holds whatever others did meanwhile, such as switching the site off. */
  readonly revision?: number;
};

/** One way for everything that answers with the site as it is now. */
function useSiteChange<T extends { readonly siteId: string }>(
  change: (input: T) => Promise<SiteResult>,
): UseMutationResult<SiteResult, unknown, T> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: ({ site }: SiteResult) => client.setQueryData<Site>(siteQuery(site.id).queryKey, site),
    onSettled: (_result, _error, { siteId }) => void readAnew(client, siteId),
  });
}

export function useUpdateSite() {
  return useSiteChange(({ siteId, revision, body }: SiteChangeInput & { readonly body: SiteUpdate }) =>
    call(sitesApi.update, { params: { siteId }, body, ...(revision === undefined ? {} : { revision }) }),
  );
}

export function useSetDirectives() {
  return useSiteChange(
    ({ siteId, revision, body }: SiteChangeInput & { readonly body: { text: string; overwrite?: boolean } }) =>
      call(sitesApi.setCustomDirectives, { params: { siteId }, body, ...(revision === undefined ? {} : { revision }) }),
  );
}

export function useResolveDrift() {
  return useSiteChange(({ siteId, choice }: { readonly siteId: string; readonly choice: 'adopt' | 'overwrite' }) =>
    call(sitesApi.resolveDrift, { params: { siteId }, body: { choice } }),
  );
}

/** Owners and modes as they are made; what is on the machine is read anew. */
export function useRepairSite() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (siteId: string) => call(sitesApi.repair, { params: { siteId } }),
    onSettled: (_result, _error, siteId) => void client.invalidateQueries({ queryKey: ['site', siteId] }),
  });
}

export type AnswerQuestion = BodyInputOf<typeof sitesApi.findAnswer>;
export type SiteAnswer = ResponseOf<typeof sitesApi.findAnswer>;

/** Which rule answers an address; nothing is changed. */
export function useFindAnswer(siteId: string) {
  return useMutation({
    mutationFn: (body: AnswerQuestion) => call(sitesApi.findAnswer, { params: { siteId }, body }),
  });
}

export type DomainChecks = ResponseOf<typeof domainChecksApi.checkSite>;

/** Whether the names of a site lead to this server. */
export function useCheckDomains() {
  return useMutation({ mutationFn: (siteId: string) => call(domainChecksApi.checkSite, { params: { siteId } }) });
}

/** The same for rules that are not saved; a wrong one is said by saving, not here. */
export function unsavedAnswerQuery(
  siteId: string,
  revision: number,
  question: AnswerQuestion | null,
  behaviour: NonNullable<AnswerQuestion['behaviour']>,
) {
  return queryOptions({
    queryKey: ['site', siteId, 'answer', revision, question, behaviour],
    queryFn: async ({ signal }) => {
      // While somebody types, only the last state is asked about.
      await new Promise((resolve) => setTimeout(resolve, 400));
      signal.throwIfAborted();
      return call(sitesApi.findAnswer, { params: { siteId }, body: { url: '', ...question, behaviour }, signal });
    },
    enabled: question !== null,
    retry: false,
    gcTime: 0,
  });
}

export function useRemoveSite(): UseMutationResult<
  { isWhole: boolean; left: ResponseOf<typeof sitesApi.remove>['left'] },
  unknown,
  Omit<BodyInputOf<typeof sitesApi.remove>, 'databases'> & {
    siteId: string;
    revision: number;
    /** Its databases go too; `isWhole`: all of them. */
    withDatabases: boolean;
  }
> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ siteId, revision, withDatabases, ...body }) => {
      const databases = withDatabases ? await readRemovals(siteId) : [];
      const { jobIds, left } = await call(sitesApi.remove, {
        params: { siteId },
        body: { ...body, databases },
        revision,
      });
      return { isWhole: jobIds.length === databases.length, left };
    },
    onSuccess: () => void readAnew(client),
  });
}
