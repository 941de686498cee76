import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { sitesApi, type RemovalFate } from '#shared/sites.ts';
import { call } from '../../../api/client.ts';
import { toApiError } from '../../../api/errors.ts';
import { shownName } from '../site-names.ts';
import type { RemovalPreview } from '../sites.queries.ts';

/** Each is looked at and deleted by itself, while the page is open. */
export const mostDeleted = 100;

/** A site as it was when its list of what goes was read. */
export type Doomed = {
  readonly siteId: string;
  readonly name: string;
  readonly revision: number;
  readonly preview: RemovalPreview;
};

/** So many folders are counted at the same time. */
const readers = 3;

/** Read anew each time the sheet opens: the fingerprints confirm the deletions. Sites that have gone are left out. */
export function removalsQuery(siteIds: readonly string[]) {
  return queryOptions({
    queryKey: ['site-removals', siteIds],
    queryFn: async ({ signal }): Promise<Doomed[]> => {
      const found: (Doomed | undefined)[] = [];
      const waiting = [...siteIds.entries()];
      const read = async (): Promise<void> => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
          found[next[0]] = await readOne(next[1], signal);
      };
      await Promise.all(Array.from({ length: readers }, read));
      return found.flatMap((each) => each ?? []);
    },
    staleTime: 'static',
    gcTime: 0,
    retry: false,
  });
}

async function readOne(siteId: string, signal: AbortSignal): Promise<Doomed | undefined> {
  try {
    const site = await call(sitesApi.get, { params: { siteId }, signal });
    const preview = await call(sitesApi.previewRemoval, { params: { siteId }, signal });
    return { siteId, name: shownName(site), revision: site.revision, preview };
  } catch (error) {
    if (toApiError(error).code === 'not_found') return undefined;
    throw error;
  }
}

export type RemovalResult = { readonly doomed: Doomed; readonly error: unknown };

/** Of these nothing is to be had by going on with the next site. */
const ends: readonly string[] = ['agent_unavailable', 'elevation_required', 'not_signed_in', 'timeout'];

/** Deletes one site after the other as each was shown; one that is refused stops none of the others. */
export function useRemoveSites() {
  const client = useQueryClient();
  const isStopped = useRef(false);
  const [results, setResults] = useState<readonly RemovalResult[]>([]);
  const [state, setState] = useState<'waiting' | 'running' | 'over'>('waiting');
  const run = async (
    all: readonly Doomed[],
    fates: { readonly files: RemovalFate; readonly logs: RemovalFate },
  ): Promise<void> => {
    setState('running');
    for (const doomed of all) {
      if (isStopped.current) break;
      const { siteId, revision, preview } = doomed;
      let error: unknown = null;
      try {
        await call(sitesApi.remove, { params: { siteId }, body: { confirm: preview.confirm, ...fates }, revision });
      } catch (caught) {
        error = caught;
      }
      setResults((before) => [...before, { doomed, error }]);
      if (error !== null && ends.includes(toApiError(error).code)) break;
    }
    setState('over');
    await Promise.all(['sites', 'site-changes'].map((key) => client.invalidateQueries({ queryKey: [key] })));
  };
  const stop = (): void => {
    isStopped.current = true;
  };
  return { results, state, run, stop };
}
