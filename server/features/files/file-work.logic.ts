import { z } from 'zod';
import type { ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { isErrorReason } from '#shared/error-reasons.ts';
import { AppError, type ErrorParams } from '#shared/errors.ts';
import { fetchWish } from '#shared/file-fetch.ts';
import { fileRights } from '#shared/file-rights.ts';
import { fileUnpacking, newFileArchive } from '#shared/file-work.ts';
import { id } from '#shared/http.ts';
import { panelActor } from '../../core/agent-client.ts';
import { isCancelWanted, patiently, pause, pollMs } from '../../core/jobs/follow.ts';
import { jobHandler, type JobRun } from '../../core/jobs/handler.ts';

const params = z.strictObject({
  siteId: id,
  slug: z.string(),
  wish: z.discriminatedUnion('kind', [
    newFileArchive.extend({ kind: z.literal('pack') }),
    fileUnpacking.extend({ kind: z.literal('unpack') }),
    fetchWish,
    fileRights.extend({ kind: z.literal('set') }),
    z.strictObject({ kind: z.literal('undo'), rightsId: id }),
  ]),
});
export type FileWorkParams = z.output<typeof params>;

/** The work is the agent's, under the id of the job. An agent that was restarted has taken back what was made: it is begun again. */
export const filesWorkHandler = jobHandler<FileWorkParams>({
  kind: 'files.work',
  params,
  steps: [{ name: 'files_work', run: follow, compensate: stop }],
});

/** Begins it, or nothing when it is under way. */
export async function beginFileWork(
  agent: JobRun['ctx']['agent'],
  { workId, siteId, slug, wish }: FileWorkParams & { readonly workId: string },
  asking: Parameters<JobRun['ctx']['agent']['call']>[2],
): Promise<void> {
  const site = { siteId, slug };
  if (wish.kind === 'set' || wish.kind === 'undo')
    await agent.call('files.rights_begin', { site, workId, wish }, asking);
  else await agent.call('files.work_begin', { site, workId, wish }, asking);
}

type Work = NonNullable<ActionResult<AgentActions['files.work_state']>['work']>;

/** How often it is written down how much has come. */
const tellMs = 10_000;

async function follow(job: JobRun, { siteId, slug, wish }: FileWorkParams): Promise<void> {
  const site = { siteId, slug };
  const asking = { actor: panelActor, requestId: `job-${job.jobId}` };
  const workId = job.jobId;
  const isFetch = wish.kind === 'fetch';
  let toldAt = Date.now();
  for (;;) {
    if (job.signal.aborted) throw new Error('stopped while work on files was followed');
    const { work } = await patiently(job, () => job.ctx.agent.call('files.work_state', { site, workId }, asking));
    if (work === null) {
      // Known before: the agent was restarted, and what had come was taken away.
      if (isFetch && job.memory['progress'] !== undefined)
        await job.record({ lines: [{ stream: 'note', text: 'The agent was restarted: the file is fetched anew.' }] });
      await patiently(job, () =>
        beginFileWork(job.ctx.agent, { siteId, slug, workId, wish }, { ...asking, actor: job.actor }),
      );
      continue;
    }
    if (work.state !== 'running') return await finish(job, wish.kind, work);
    const progress = isFetch && work.allBytes === 0 ? null : progressOf(work);
    const isDue = isFetch && Date.now() - toldAt >= tellMs;
    if (isDue) toldAt = Date.now();
    const { bytes, allBytes } = work;
    const text = allBytes === 0 ? `${bytes} bytes so far.` : `${bytes} of ${allBytes} bytes.`;
    if (isDue || progress !== job.memory['progress'])
      await job.record({
        lines: isDue ? [{ stream: 'out', text }] : [],
        memory: { ...job.memory, progress },
        progress,
      });
    await pause(job, pollMs);
  }
}

function progressOf({ bytes, allBytes, files, allFiles }: Work): number {
  const [done, all] = allBytes === 0 ? [files, allFiles] : [bytes, allBytes];
  return all === 0 ? 0 : Math.min(99, Math.floor((done / all) * 100));
}

async function finish(
  job: JobRun,
  kind: FileWorkParams['wish']['kind'],
  { state, failure, files, bytes, leftOut, leftOutNames, paths }: Work,
): Promise<void> {
  if (state === 'done') {
    const lines = [
      kind === 'fetch'
        ? `${bytes} bytes.`
        : kind === 'pack' || kind === 'unpack'
          ? `${files} entries, ${bytes} bytes.`
          : `${files} files and folders.`,
      ...paths.slice(0, 20).map((path) => `Made: ${path}`),
      ...leftOutNames.map((name) => `Left out: ${name}`),
      ...(leftOut > leftOutNames.length ? [`Left out: ${leftOut - leftOutNames.length} more.`] : []),
    ];
    await job.record({ lines: lines.map((text) => ({ stream: 'out' as const, text })), progress: 100 });
    return;
  }
  const reason = failure?.reason ?? '';
  throw new AppError('in_use', 'The work on files was not done.', {
    ...(isErrorReason(reason) ? { reason } : {}),
    params: (failure?.params ?? {}) as ErrorParams,
  });
}

/** What failed by itself has taken back what it made on the way; what somebody cancelled is stopped. */
async function stop(job: JobRun, { siteId, slug }: FileWorkParams): Promise<void> {
  if (!(await isCancelWanted(job))) return;
  const asking = { actor: job.actor, requestId: `job-${job.jobId}` };
  await patiently(job, () =>
    job.ctx.agent.call('files.work_stop', { site: { siteId, slug }, workId: job.jobId }, asking),
  );
}
