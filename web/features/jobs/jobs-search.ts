import { jobStates } from '#shared/jobs.ts';

/** What the list of jobs shows, kept in its address. */
export type JobsSearch = { readonly state?: (typeof jobStates)[number]; readonly page?: number };

/** Takes what fits from an address; the rest is left out. */
export function jobsSearch(raw: Record<string, unknown>): JobsSearch {
  const state = jobStates.find((each) => each === raw['state']);
  const page = Number(raw['page']);
  return {
    ...(state === undefined ? {} : { state }),
    ...(Number.isInteger(page) && page > 1 && page <= 1_000_000 ? { page } : {}),
  };
}
