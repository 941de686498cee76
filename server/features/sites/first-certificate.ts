import type { FirstCertificate } from '#shared/site-beginnings.ts';
import { provableHosts } from '#shared/site-tls.ts';
import type { Job } from '#shared/jobs.ts';
import type { SiteDomain } from '#shared/sites.ts';
import { AppError } from '#shared/errors.ts';
import type { Context } from '../../context.ts';
import { newId } from '../../core/id.ts';
import { pause, pollMs } from '../../core/jobs/follow.ts';
import type { JobRun } from '../../core/jobs/handler.ts';
import { refuseFields } from './site-inputs.ts';
import type { Asker } from './site-editing.ts';

/*
 * A certificate that is wished for together with a new site. The job is written down before the site is made and waits for it:
 * whatever dies in between, a site that is there has its order, and an order whose site is not there ends.
 */

const graceMs = 2_000;

/** Throws when no name of the site can be proven over port 80. */
export function checkFirstCertificate(domains: readonly SiteDomain[], wish: FirstCertificate | undefined): void {
  if (wish !== undefined && provableHosts(domains, 'http').length === 0)
    throw refuseFields([{ field: 'certificate', code: 'tls_needs_web_port' }]);
}

/** Answers the job, or undefined when none is wished for. */
export async function orderFirstCertificate(
  ctx: Pick<Context, 'jobs'>,
  { actor }: Asker,
  { siteId, name, domains }: { siteId: string; name: string; domains: readonly SiteDomain[] },
  wish: FirstCertificate | undefined,
): Promise<Job | undefined> {
  if (wish === undefined) return undefined;
  const order = { siteId, hosts: provableHosts(domains, 'http'), ...wish, proof: { kind: 'http' } };
  return ctx.jobs.enqueue({
    kind: 'certificates.issue',
    subject: { name, what: 'issue', siteId },
    params: { certificateId: newId(), order },
    actor,
  });
}

/** After a creation that failed: the person has heard why, and needs no second message. */
export async function dropFirstCertificate(
  { db, jobs }: Pick<Context, 'db' | 'jobs'>,
  siteId: string,
  order: Job | undefined,
): Promise<void> {
  if (order === undefined) return;
  const site = await db.selectFrom('site').select('id').where('id', '=', siteId).executeTakeFirst();
  // A site of which nobody knows yet whether it was made keeps its order.
  if (site === undefined) await jobs.cancel(order.id).catch(() => undefined);
}

/** Throws `not_found` when the site was not made after all. */
export async function untilMade(job: JobRun, siteId: string): Promise<void> {
  for (;;) {
    job.signal.throwIfAborted();
    const site = await job.ctx.db.selectFrom('site').select('id').where('id', '=', siteId).executeTakeFirst();
    if (site === undefined) {
      // Whoever took the site back is about to cancel this.
      await pause(job, graceMs);
      job.signal.throwIfAborted();
      throw new AppError('not_found', 'There is no such site.', { reason: 'site_unknown' });
    }
    const making = await job.ctx.db
      .selectFrom('site_change')
      .select('id')
      .where('site_id', '=', siteId)
      .where('action', '=', 'create')
      .where('outcome', '=', 'applying')
      .executeTakeFirst();
    if (making === undefined) return;
    await pause(job, pollMs);
  }
}
