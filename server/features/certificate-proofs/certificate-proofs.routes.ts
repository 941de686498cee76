import { certificateProofsApi } from '#shared/certificate-proofs.ts';
import { AppError } from '#shared/errors.ts';
import { route, type App } from '../../core/route.ts';
import type { Asking } from '../certificates/certificates.logic.ts';
import { getVisibleSite } from '../sites/sites.logic.ts';

export function certificateProofsRoutes(app: App): void {
  const { ctx } = app;

  route(app, certificateProofsApi.list, async ({ params, actor, requestId }) => {
    const { id } = await getVisibleSite(ctx, params.siteId, actor);
    return ctx.agent.call('certificates.proofs', { siteId: id }, { actor, requestId });
  });

  /** Only of a site that the person sees. */
  async function checkOrder(siteId: string, orderId: string, asking: Asking): Promise<void> {
    const { id } = await getVisibleSite(ctx, siteId, asking.actor);
    const { items } = await ctx.agent.call('certificates.proofs', { siteId: id }, asking);
    if (!items.some((each) => each.orderId === orderId))
      throw new AppError('not_found', 'No such order waits.', { reason: 'certificate_proof_unknown' });
  }

  route(app, certificateProofsApi.look, async ({ params: { siteId, orderId }, actor, requestId, audit }) => {
    audit.target = orderId;
    await checkOrder(siteId, orderId, { actor, requestId });
    await ctx.agent.call('certificates.look_for_proof', { orderId }, { actor, requestId });
  });

  route(app, certificateProofsApi.cancel, async ({ params: { siteId, orderId }, actor, requestId, audit }) => {
    audit.target = orderId;
    await checkOrder(siteId, orderId, { actor, requestId });
    await ctx.agent.call('certificates.cancel_order', { orderId }, { actor, requestId });
  });
}
