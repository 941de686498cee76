import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '#shared/errors.ts';
import { id } from '#shared/http.ts';
import type { Job } from '#shared/jobs.ts';
import type { Context } from '../../context.ts';
import type { Actor } from '../../core/actor.ts';
import { panelActor } from '../../core/agent-client.ts';
import { checkPair } from '../../core/doors-certificate.ts';
import { newId } from '../../core/id.ts';
import { patiently, pause } from '../../core/jobs/follow.ts';
import { jobHandler, type JobRun } from '../../core/jobs/handler.ts';
import { followStarted } from '../certificates/issue.logic.ts';
import { orderableNames } from './doors.logic.ts';

/*
 * A certificate of the authority for the panel's own name in one click: the agent answers challenges for the name and orders,
 * the job follows and has the panel show what came. It is renewed like those of sites.
 */

const params = z.strictObject({ certificateId: id, host: z.string() });
type Params = z.output<typeof params>;

/** Longer than a change of the doors waits for its confirmation. */
const patienceMs = 90_000;
const betweenMs = 1_000;

/** The order starts here and not in the job: what is wrong with it is said to the person at once. */
export async function orderCertificate(
  ctx: Context,
  request: FastifyRequest,
  asking: { readonly actor: Actor; readonly requestId: string },
  host: string,
): Promise<Job> {
  if (!orderableNames(ctx, request).includes(host))
    throw new AppError('invalid_request', 'The panel is not opened under this name.', {
      fields: [{ field: 'host', code: 'not_a_name_of_panel' }],
    });
  const orderId = newId();
  const { certificateId } = await ctx.agent.call(
    'certificates.issue_for_panel',
    { orderId, certificateId: newId(), host },
    asking,
  );
  return ctx.jobs.enqueue({
    id: orderId,
    kind: 'doors.certificate',
    subject: { name: host },
    params: { certificateId, host },
    actor: asking.actor,
  });
}

export const doorsCertificateHandler = jobHandler<Params>({
  kind: 'doors.certificate',
  params,
  steps: [
    { name: 'certificate_order', run: followStarted },
    { name: 'panel_certificate_use', run: use },
  ],
});

/** A change of the doors that waits for its confirmation goes first. */
async function use(job: JobRun, { certificateId, host }: Params): Promise<void> {
  const { ctx } = job;
  const asked = { certificateId, isSettled: false, knownFingerprint: null };
  const { pair } = await patiently(job, () =>
    ctx.agent.call('certificates.of_panel', asked, { actor: panelActor, requestId: `job-${job.jobId}` }),
  );
  if (pair === null)
    throw new AppError('not_found', 'There is no such certificate.', { reason: 'certificate_unknown' });
  checkPair(pair, { names: [host], now: ctx.clock.now() });
  for (let waitedMs = 0; ; waitedMs += betweenMs) {
    if (await ctx.doors.adopt({ follows: certificateId, pair })) return;
    if (waitedMs >= patienceMs)
      throw new AppError('in_use', 'Another change of the doors waits.', { reason: 'doors_pending' });
    await pause(job, betweenMs);
  }
}
