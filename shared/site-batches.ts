import { z } from 'zod';
import { id, instant, line, type Operation } from './http.ts';
import { job } from './jobs.ts';
import { phpVersion } from './site-php.ts';

/*
 * One change for many sites, as a job: each site by itself, as if somebody had changed it alone, with its own line in the
 * history and its own way back. One that is refused stops none of the others.
 */

export const batchChanges = ['enable', 'disable', 'category', 'php', 'https', 'end'] as const;
export type BatchChangeKind = (typeof batchChanges)[number];

export const batchChange = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('enable') }),
  z.strictObject({ kind: z.literal('disable') }),
  /** Empty: none. */
  z.strictObject({ kind: z.literal('category'), category: line(60) }),
  z.strictObject({ kind: z.literal('php'), version: phpVersion }),
  /** Whether visitors over HTTP are sent to HTTPS. */
  z.strictObject({ kind: z.literal('https'), isForced: z.boolean() }),
  /** null: never. */
  z.strictObject({ kind: z.literal('end'), endsAt: instant.nullable() }),
]);
export type BatchChange = z.output<typeof batchChange>;

/** More are a matter for several batches: the list of what became of each is read by a person. */
export const mostInBatch = 500;

export const batchResult = z.object({
  siteId: id,
  name: z.string(),
  /** `unchanged`: it was so already. */
  state: z.enum(['changed', 'unchanged', 'refused']),
  failure: z
    .object({ code: z.string(), reason: z.string().nullable(), params: z.record(z.string(), z.unknown()) })
    .nullable(),
});
export type BatchResult = z.output<typeof batchResult>;

export const batchesApi = {
  start: {
    id: 'changeSites',
    method: 'POST',
    path: '/api/v1/site-batches',
    access: 'sites.write',
    summary: 'Change many sites in the same way, as a job; one that is refused stops none of the others',
    body: z.strictObject({
      siteIds: z
        .array(id)
        .min(1, { error: 'required' })
        .max(mostInBatch)
        .transform((ids) => [...new Set(ids)]),
      change: batchChange,
    }),
    response: job,
    status: 202,
  },
  /** 404 for a batch of others, unless one sees every site. */
  results: {
    id: 'listChangedSites',
    method: 'GET',
    path: '/api/v1/site-batches/{jobId}',
    access: 'sites.read',
    summary: 'What became of each site of a batch',
    params: z.object({ jobId: id }),
    response: z.object({ job, total: z.int(), results: z.array(batchResult) }),
  },
} as const satisfies Record<string, Operation>;
