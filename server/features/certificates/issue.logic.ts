import { z } from 'zod';
import type { ActionParamsInput, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import {
  certificateProof,
  contactEmail,
  keyKinds,
  type Certificate,
  type CertificateOrder,
} from '#shared/certificates.ts';
import type { RevocationReason } from '#shared/certificate-revocation.ts';
import { isErrorReason } from '#shared/error-reasons.ts';
import { AppError } from '#shared/errors.ts';
import { id } from '#shared/http.ts';
import type { Job } from '#shared/jobs.ts';
import type { Context } from '../../context.ts';
import { panelActor } from '../../core/agent-client.ts';
import { newId } from '../../core/id.ts';
import { isCancelWanted, patiently, pause, pollMs, splitLines } from '../../core/jobs/follow.ts';
import { jobHandler, type JobRun } from '../../core/jobs/handler.ts';
import { serveWithCertificate, untilMade } from '../sites/sites.logic.ts';
import type { Asking } from './certificates.logic.ts';

const params = z.strictObject({
  certificateId: id,
  /** null: a renewal, whatever serves with it goes on. */
  order: z
    .strictObject({
      siteId: id,
      hosts: z.array(z.string()),
      keyKind: z.enum(keyKinds),
      email: contactEmail,
      proof: certificateProof.default({ kind: 'http' }),
    })
    .nullable(),
});
type Params = z.output<typeof params>;

/** A person is at work, for hours perhaps. */
const waitingPollMs = 3_000;

/** The order starts here and not in the job: what is wrong with it is said to the person at once. */
export async function renewCertificate(
  ctx: Context,
  asking: Asking,
  { id: certificateId, name, sites: [site] }: Pick<Certificate, 'id' | 'name' | 'sites'>,
): Promise<Job> {
  const orderId = newId();
  await ctx.agent.call('certificates.renew', { certificateId, orderId }, asking);
  return ctx.jobs.enqueue({
    id: orderId,
    kind: 'certificates.issue',
    subject: { name, what: 'renew', ...(site === undefined ? {} : { siteId: site.id }) },
    params: { certificateId, order: null },
    actor: asking.actor,
  });
}

/** As with an order: what is wrong is said at once. */
export async function revokeCertificate(
  ctx: Context,
  asking: Asking,
  { id: certificateId, name }: Pick<Certificate, 'id' | 'name'>,
  reason: RevocationReason,
): Promise<Job> {
  const orderId = newId();
  await ctx.agent.call('certificates.revoke', { certificateId, orderId, reason }, asking);
  return ctx.jobs.enqueue({
    id: orderId,
    kind: 'certificates.revoke',
    subject: { name },
    params: { certificateId },
    actor: asking.actor,
  });
}

/**
 * Follows an order. It is the agent's: it goes on without the panel, and the job finds it again. Then the site is served
 * with what it brought.
 */
export const certificatesIssueHandler = jobHandler<Params>({
  kind: 'certificates.issue',
  params,
  steps: [
    { name: 'certificate_order', run: follow },
    { name: 'certificate_use', run: use },
  ],
});

async function follow(job: JobRun, { certificateId, order }: Params): Promise<void> {
  for (;;) {
    // The order itself is not interrupted: the authority may be looking right now. Only one that waits for records is given up.
    if (job.signal.aborted) {
      if (await isCancelWanted(job)) await call(job, 'certificates.cancel_order', { orderId: job.jobId }, job.actor);
      throw new Error('stopped while an order was followed');
    }
    const { seen, hasMore } = await readOn(job);
    if (seen === null) {
      const orderId = job.jobId;
      if (order !== null) await untilMade(job, order.siteId);
      await begin(job, () =>
        order === null
          ? call(job, 'certificates.renew', { certificateId, orderId }, job.actor)
          : call(job, 'certificates.issue', { orderId, certificateId, ...order }, job.actor),
      );
      continue;
    }
    if (seen.state !== 'running' && !hasMore) return finish(seen);
    await pause(job, hasMore ? 0 : seen.isWaiting ? waitingPollMs : pollMs);
  }
}

/** Orders go one after another: one that begins here waits for those before it, where a person would be told to come back. */
async function begin(job: JobRun, ask: () => Promise<unknown>): Promise<void> {
  for (;;) {
    job.signal.throwIfAborted();
    try {
      await patiently(job, ask);
      return;
    } catch (error) {
      if (!(error instanceof AppError) || error.reason !== 'acme_busy') throw error;
      await pause(job, waitingPollMs);
    }
  }
}

/** It needs a fresh factor, which a job has not: an order that the agent does not know is not started again. */
export const certificatesRevokeHandler = jobHandler<{ certificateId: string }>({
  kind: 'certificates.revoke',
  params: z.strictObject({ certificateId: id }),
  steps: [{ name: 'certificate_revocation', run: followStarted }],
});

/** Follows an order that was started with a fresh factor, and so can not be started again here. */
export async function followStarted(job: JobRun): Promise<void> {
  for (;;) {
    if (job.signal.aborted) throw new Error('stopped while an order was followed');
    const { seen, hasMore } = await readOn(job);
    if (seen === null)
      throw new AppError('in_use', 'The order was not started.', { reason: 'acme_interrupted', params: {} });
    if (seen.state !== 'running' && !hasMore) return finish(seen);
    await pause(job, hasMore ? 0 : pollMs);
  }
}

async function use(job: JobRun, { certificateId, order }: Params): Promise<void> {
  if (order !== null) await serveWithCertificate(job.ctx, job.actor, order.siteId, certificateId);
}

async function readOn(job: JobRun): Promise<{ seen: CertificateOrder | null; hasMore: boolean }> {
  const before = job.memory['offset'];
  const offset = typeof before === 'number' ? before : 0;
  const answer = await patiently(job, () =>
    call(job, 'certificates.order', { orderId: job.jobId, offset }, panelActor),
  );
  const hasMore = answer.nextOffset > offset;
  const { whole, rest } = splitLines(answer.text);
  const texts = rest === '' ? whole : [...whole, rest];
  if (hasMore)
    await job.record({
      lines: texts.map((text) => ({ stream: 'out', text })),
      memory: { ...job.memory, offset: answer.nextOffset },
    });
  return { seen: answer.order, hasMore };
}

function finish({ state, failure }: CertificateOrder): void {
  if (state === 'succeeded') return;
  const reason = failure?.reason ?? '';
  throw new AppError('in_use', 'The certificate was not issued.', {
    ...(isErrorReason(reason) ? { reason } : {}),
    params: failure?.params ?? {},
  });
}

type OrderAction = 'certificates.cancel_order' | 'certificates.issue' | 'certificates.order' | 'certificates.renew';

function call<N extends OrderAction>(
  job: JobRun,
  action: N,
  given: ActionParamsInput<AgentActions[N]>,
  actor: { readonly id: string; readonly name: string },
): Promise<ActionResult<AgentActions[N]>> {
  return job.ctx.agent.call(action, given, { actor, requestId: `job-${job.jobId}` });
}
