import type { CronImported, CronExported, CronFileJob } from '#shared/cron-transfer.ts';
import { cronFileFormat, cronFileJob, type cronBatch, type cronImport } from '#shared/cron-transfer.ts';
import { cronFacts, isGraveCron, type CronFacts } from '#shared/cron-work.ts';
import { AppError, type FieldError } from '#shared/errors.ts';
import type { z } from 'zod';
import type { Context } from '../../context.ts';
import { canSeeSite } from '../../core/actor.ts';
import { checkElevated } from '../../core/agent-tickets.ts';
import { newId } from '../../core/id.ts';
import { fieldErrors } from '../../core/request-parser.ts';
import { findSitesByName } from '../sites/sites.logic.ts';
import { checkJobSite, getVisibleJob, listVisibleJobs, toldOf, type Asking } from './cron.logic.ts';

/*
 * Scheduled jobs as a file, and many at once: each by itself, as if somebody had made or changed it alone.
 */

type Failure = NonNullable<CronImported['failure']>;
type Asker = Asking & { readonly address: string };

const readAtOnce = 50;

/** Those that the person may see, with their scripts; `jobIds` null: all of them. */
export async function exportJobs(
  ctx: Context,
  asking: Asking,
  jobIds: readonly string[] | null,
): Promise<CronExported> {
  const { items } = await listVisibleJobs(ctx, asking);
  const wanted = items.filter(({ id }) => jobIds === null || jobIds.includes(id));
  if (jobIds !== null && wanted.length < jobIds.length)
    throw new AppError('not_found', 'There is no such scheduled job.', { reason: 'cron_job_unknown' });
  const names = new Map(wanted.map(({ id, site }) => [id, site?.name ?? null]));
  const jobs: CronFileJob[] = [];
  for (let from = 0; from < wanted.length; from += readAtOnce) {
    const asked = wanted.slice(from, from + readAtOnce).map(({ id }) => id);
    const read = await ctx.agent.call('cron.read', { jobIds: asked }, asking);
    for (const { jobId, facts } of read.items) {
      const { siteId, ...rest } = facts;
      // A job whose site is gone would become one of the machine elsewhere.
      if (siteId === null || names.get(jobId) !== null) jobs.push({ ...rest, site: names.get(jobId) ?? null });
    }
  }
  return { format: cronFileFormat, version: 1, exportedAt: new Date(ctx.clock.now()).toISOString(), jobs };
}

type Planned = CronImported & { readonly facts: CronFacts | undefined };

/** What would become of each; and with a real one, what became of it. */
export async function importJobs(
  ctx: Context,
  asker: Asker,
  { file, isDryRun, onPresent, startsOff }: z.output<typeof cronImport>,
): Promise<CronImported[]> {
  const { items } = await listVisibleJobs(ctx, asker);
  const present = new Map(items.map(({ id, siteId, name }) => [keyOf(siteId, name), id]));
  const planned: Planned[] = [];
  for (const [index, raw] of file.jobs.entries())
    planned.push(await planOne(ctx, asker, { index, raw, present, onPresent, startsOff }));
  const wanted = planned.filter(({ state }) => state === 'new' || state === 'replaced');
  if (!isDryRun) {
    // Before the first of them is kept.
    if (wanted.some(({ isGrave }) => isGrave))
      await checkElevated(ctx.agent, asker, 'importCronJobs', { names: wanted.map(({ name }) => name) });
    for (const each of wanted) planned[planned.indexOf(each)] = await keepOne(ctx, asker, each);
  }
  return planned.map(({ facts: _facts, ...told }) => told);
}

const keyOf = (siteId: string | null, name: string): string => `${siteId ?? ''}\n${name}`;

type One = {
  readonly index: number;
  readonly raw: unknown;
  /** Ids of jobs by site and name; those of the file join them. */
  readonly present: Map<string, string>;
  readonly onPresent: 'skip' | 'replace';
  readonly startsOff: boolean;
};

async function planOne(
  ctx: Context,
  asker: Asker,
  { index, raw, present, onPresent, startsOff }: One,
): Promise<Planned> {
  const parsed = cronFileJob.safeParse(raw, { reportInput: true });
  if (!parsed.success)
    return { ...refusal(index, namedIn(raw), null, fieldsFailure(fieldErrors(parsed.error))), facts: undefined };
  const { site: siteName, ...rest } = parsed.data;
  const { name } = rest;
  try {
    const siteId = siteName === null ? null : await siteIdOf(ctx, asker, siteName);
    // The whole has rules of its own, such as who a script runs as.
    const whole = cronFacts.safeParse(
      { ...rest, siteId, isEnabled: rest.isEnabled && !startsOff },
      { reportInput: true },
    );
    if (!whole.success)
      return { ...refusal(index, name, siteName, fieldsFailure(fieldErrors(whole.error))), facts: undefined };
    const facts = whole.data;
    await checkJobSite(ctx, facts, asker.actor);
    const there = present.get(keyOf(siteId, name));
    const told = {
      index,
      name,
      site: siteName,
      isGrave: isGraveCron(facts),
      jobId: there ?? null,
      failure: null,
      facts,
    };
    if (there !== undefined && (onPresent === 'skip' || there === ''))
      return { ...told, jobId: there === '' ? null : there, state: 'present' };
    await ctx.agent.call('cron.check', { jobId: there ?? null, facts }, asker);
    // Two of one name in a file: the second meets the first.
    present.set(keyOf(siteId, name), there ?? '');
    return { ...told, state: there === undefined ? 'new' : 'replaced' };
  } catch (error) {
    return { ...refusal(index, name, siteName, failureOf(error)), facts: undefined };
  }
}

async function keepOne(ctx: Context, asker: Asker, { facts, ...planned }: Planned): Promise<Planned> {
  if (facts === undefined) return { ...planned, facts };
  const { actor, requestId, address } = asker;
  const isNew = planned.jobId === null;
  const jobId = planned.jobId ?? newId();
  const record = await ctx.audit.begin({
    actor,
    action: isNew ? 'createCronJob' : 'updateCronJob',
    target: jobId,
    address,
    requestId,
    detail: { after: toldOf(facts) },
  });
  try {
    await ctx.agent.call('cron.put', { jobId, isNew, facts }, asker);
    await record.finish('done');
    return { ...planned, jobId, facts };
  } catch (error) {
    await record.finish('failed');
    return { ...refusal(planned.index, planned.name, planned.site, failureOf(error)), facts };
  }
}

/** By its name, among those that the person may see. */
async function siteIdOf(ctx: Context, { actor }: Asking, name: string): Promise<string> {
  const found = (await findSitesByName(ctx, name)).filter(({ id }) => canSeeSite(actor, id));
  const [only] = found;
  if (only === undefined || found.length > 1)
    throw new AppError('not_found', 'There is no such site.', { reason: 'site_unknown' });
  return only.id;
}

const noFailure = { params: {}, fields: [] } as const;

/** Its own trouble; that of the agent or of the panel ends the whole. */
function failureOf(error: unknown): Failure {
  if (
    !(error instanceof AppError) ||
    ['internal', 'agent_unavailable', 'timeout', 'elevation_required'].includes(error.code)
  )
    throw error;
  const { code, reason, params, fields } = error;
  return { ...fieldsFailure(fields), code, reason: reason ?? null, params: { ...params } };
}

const fieldsFailure = (fields: readonly FieldError[]): Failure => ({
  ...noFailure,
  code: 'invalid_request',
  reason: null,
  fields: fields.map(({ field, code, params }) => ({ field, code, params: { ...params } })),
});

function refusal(index: number, name: string, site: string | null, failure: Failure): CronImported {
  return { index, name, site, state: 'refused', isGrave: false, jobId: null, failure };
}

/** What a job that cannot be read calls itself, when that can be shown. */
function namedIn(raw: unknown): string {
  const { name } = typeof raw === 'object' && raw !== null ? (raw as { name?: unknown }) : {};
  return typeof name === 'string' ? name.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ').slice(0, 80) : '';
}

type Batch = z.output<typeof cronBatch>;
type BatchItem = { readonly jobId: string; readonly name: string; readonly failure: Failure | null };

/** One after the other; one that is refused stops none of the others. */
export async function changeJobs(ctx: Context, asking: Asking, { action, jobIds }: Batch): Promise<BatchItem[]> {
  const done: BatchItem[] = [];
  for (const jobId of jobIds) {
    let name = '';
    try {
      name = (await getVisibleJob(ctx, asking, jobId)).job.name;
      await changeOne(ctx, asking, action, jobId);
      done.push({ jobId, name, failure: null });
    } catch (error) {
      done.push({ jobId, name, failure: failureOf(error) });
    }
  }
  return done;
}

async function changeOne(ctx: Context, asking: Asking, action: Batch['action'], jobId: string): Promise<void> {
  switch (action) {
    case 'run':
      await ctx.agent.call('cron.start', { jobId, runId: newId() }, asking);
      return;
    case 'pause':
    case 'resume':
      await ctx.agent.call('cron.enable', { jobId, isEnabled: action === 'resume' }, asking);
      return;
    case 'delete':
      await ctx.agent.call('cron.remove', { jobId }, asking);
      return;
  }
}
