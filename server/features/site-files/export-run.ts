import { z } from 'zod';
import { slug } from '#shared/agent/slug.ts';
import { isErrorReason } from '#shared/error-reasons.ts';
import { AppError } from '#shared/errors.ts';
import { id } from '#shared/http.ts';
import { siteFileSite, type SiteExport } from '#shared/site-files.ts';
import { panelActor } from '../../core/agent-client.ts';
import { patiently, pause, pollMs, splitLines } from '../../core/jobs/follow.ts';
import { jobHandler, type JobRun } from '../../core/jobs/handler.ts';

const params = z.strictObject({
  site: z.strictObject({ siteId: id, slug }),
  description: siteFileSite,
  databaseIds: z.array(id).default([]),
});
export type ExportParams = z.output<typeof params>;

/** Follows an export. It is the agent's, under the id of the job: it goes on without the panel, and the job finds it again. */
export const sitesExportHandler = jobHandler<ExportParams>({
  kind: 'sites.export',
  params,
  steps: [{ name: 'export_files', run: follow, compensate: drop }],
});

async function follow(job: JobRun, { site, description, databaseIds }: ExportParams): Promise<void> {
  const asker = { requestId: `job-${job.jobId}` };
  const ref = { site, exportId: job.jobId };
  for (;;) {
    // Cancelled: `drop` tells the agent. Shut down: the export goes on, and the next process follows it.
    if (job.signal.aborted) throw new Error('stopped while an export was followed');
    const before = job.memory['offset'];
    const offset = typeof before === 'number' ? before : 0;
    const seen = await patiently(job, () =>
      job.ctx.agent.call('site_files.follow', { ...ref, offset }, { ...asker, actor: panelActor }),
    );
    const hasMore = seen.nextOffset > offset;
    const { whole, rest } = splitLines(seen.text);
    if (hasMore || seen.export !== null)
      await job.record({
        lines: (rest === '' ? whole : [...whole, rest]).map((text) => ({ stream: 'out', text })),
        memory: { ...job.memory, offset: seen.nextOffset },
        progress: seen.export?.progress ?? null,
      });
    if (seen.export === null || seen.isInterrupted) {
      await patiently(job, () =>
        job.ctx.agent.call('site_files.export', { ...ref, description, databaseIds }, { ...asker, actor: job.actor }),
      );
      continue;
    }
    if (seen.export.state !== 'running' && !hasMore) return finish(seen.export);
    await pause(job, hasMore ? 0 : pollMs);
  }
}

function finish({ state, failure }: SiteExport): void {
  if (state === 'ready') return;
  const reason = failure?.reason ?? 'site_export_failed';
  throw new AppError('in_use', 'The file of the site was not made.', {
    ...(isErrorReason(reason) ? { reason } : {}),
    params: failure?.params ?? {},
  });
}

async function drop(job: JobRun, { site }: ExportParams): Promise<void> {
  await patiently(job, () =>
    job.ctx.agent.call(
      'site_files.drop',
      { site, exportId: job.jobId },
      { actor: job.actor, requestId: `job-${job.jobId}` },
    ),
  );
}
