import type { UnpackChoices } from '#shared/archives.ts';
import type { Job } from '#shared/jobs.ts';
import type { Site } from '#shared/sites.ts';
import type { Context } from '../../context.ts';
import type { Actor } from '../../core/actor.ts';
import { newId } from '../../core/id.ts';
import type { UnpackParams } from './unpack.logic.ts';

type Asking = { readonly actor: Actor; readonly requestId: string };

/** How the agent knows a site. */
export const refOf = ({ id, slug }: Pick<Site, 'id' | 'slug'>): { siteId: string; slug: string } => ({
  siteId: id,
  slug,
});

/** Starts here and not in the job: what is wrong with it is said to the person at once. */
export async function startUnpacking(
  ctx: Context,
  asking: Asking,
  { site, uploadId, choices }: { readonly site: Site; readonly uploadId: string; readonly choices: UnpackChoices },
): Promise<Job> {
  const unpackingId = newId();
  await ctx.agent.call('archives.unpack', { site: refOf(site), unpackingId, uploadId, choices }, asking);
  const params: UnpackParams = { ...refOf(site), uploadId, choices };
  return ctx.jobs.enqueue({
    id: unpackingId,
    kind: 'archives.unpack',
    subject: { name: site.name, siteId: site.id },
    params,
    actor: { id: asking.actor.id, name: asking.actor.name },
  });
}
