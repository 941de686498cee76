import { z } from 'zod';
import { cronFacts } from './cron-work.ts';
import { id, instant } from './http.ts';

/*
 * Jobs as a file, and many at once. A file names sites by their names, as ids differ from panel to panel.
 */

export const cronFileFormat = 'aapanel-scheduled-jobs';
export const mostCronAtOnce = 200;

/** A job of a file; `site`: the name of its site. */
export const cronFileJob = z
  .strictObject(cronFacts.shape)
  .omit({ siteId: true })
  .extend({ site: z.string().max(253).nullable() });
export type CronFileJob = z.output<typeof cronFileJob>;

const jobIds = z
  .array(id)
  .min(1, { error: 'required' })
  .max(mostCronAtOnce)
  .transform((ids) => [...new Set(ids)]);

/** null: all that the person may see. */
export const cronExport = z.strictObject({ jobIds: jobIds.nullable() });
export const cronFile = z.strictObject({
  format: z.literal(cronFileFormat),
  version: z.literal(1),
  exportedAt: instant.optional(),
  /** Each is looked at by itself, so that a bad one stops none of the others. */
  jobs: z.array(z.unknown()).min(1, { error: 'required' }).max(mostCronAtOnce),
});
/** Without the limit of what is taken at once. */
export const cronExported = z.object({
  format: z.literal(cronFileFormat),
  version: z.literal(1),
  exportedAt: instant,
  jobs: z.array(cronFileJob),
});
export type CronExported = z.output<typeof cronExported>;

/** What becomes of a job whose name its site, or the machine, has already. */
export const cronPresents = ['skip', 'replace'] as const;
export const cronImport = z.strictObject({
  file: cronFile,
  /** Looks at everything and keeps nothing. */
  isDryRun: z.boolean(),
  onPresent: z.enum(cronPresents),
  /** Otherwise each is on or off as the file says. */
  startsOff: z.boolean(),
});

const failure = z.object({
  code: z.string(),
  reason: z.string().nullable(),
  params: z.record(z.string(), z.unknown()),
  fields: z.array(z.object({ field: z.string(), code: z.string(), params: z.record(z.string(), z.unknown()) })),
});
export const cronImported = z.object({
  /** Place in the file, from 0. */
  index: z.int(),
  /** Empty when the file has none that can be shown. */
  name: z.string(),
  site: z.string().nullable(),
  state: z.enum(['new', 'replaced', 'present', 'refused']),
  /** Whether a fresh factor is needed for it. */
  isGrave: z.boolean(),
  jobId: id.nullable(),
  failure: failure.nullable(),
});
export type CronImported = z.output<typeof cronImported>;
export const cronImportOutcome = z.object({ items: z.array(cronImported) });

export const cronBatchActions = ['run', 'pause', 'resume', 'delete'] as const;
export type CronBatchAction = (typeof cronBatchActions)[number];
export const cronBatch = z.strictObject({ action: z.enum(cronBatchActions), jobIds });
export const cronBatchOutcome = z.object({
  items: z.array(z.object({ jobId: id, name: z.string(), failure: failure.nullable() })),
});
