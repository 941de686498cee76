import { AppError } from '#shared/errors.ts';
import { newId } from '../../core/id.ts';
import type { JobContext } from '../../core/jobs/handler.ts';
import { carryOut, settleRow, type AgentOutcome } from './site-changes.ts';
import { changeOf, checkDomainsFree, checkRootFree, insertWithChange, type Asker } from './site-editing.ts';
import { withSiteLock } from './site-locks.ts';
import type { SiteSnapshot } from './site-snapshot.ts';
import { assignSite, findSiteRow, isSlugTaken } from './sites.store.ts';

/**
 * A site whose files were gathered for it: row, names and history first, then the agent's transaction, as for every new
 * site. Asked again after a crash it finds what was made, or makes it. On any refusal nothing of it is left.
 */
export async function makeGatheredSite(
  ctx: JobContext,
  asker: Asker,
  {
    siteId,
    snapshot,
    isAssigned,
  }: { readonly siteId: string; readonly snapshot: SiteSnapshot; readonly isAssigned: boolean },
  ask: (changeId: string) => Promise<AgentOutcome>,
): Promise<void> {
  await withSiteLock(ctx.db, siteId, async () => {
    const row = await findSiteRow(ctx.db, siteId);
    if (row !== undefined && !(await settleRow(ctx, row)))
      throw new AppError('agent_unavailable', 'How the last change of this site ended is not known yet.', {
        reason: 'outcome_unknown',
      });
    if ((await findSiteRow(ctx.db, siteId)) === undefined) await make();
  });

  async function make(): Promise<void> {
    await checkFree();
    const changeId = newId();
    const at = ctx.clock.now();
    const change = changeOf(asker, { changeId, siteId, at, action: 'create', before: null, after: snapshot });
    if (!(await insertWithChange(ctx, { id: siteId, snapshot, changeId, at }, change))) {
      await checkFree();
      throw new AppError('busy', 'Several sites with this name are being created.', { reason: 'site_busy' });
    }
    if (isAssigned) {
      await assignSite(ctx.db, asker.actor.id, siteId);
      await ctx.sessions.refresh([asker.actor.id]);
      await ctx.apiTokens.refresh([asker.actor.id]);
    }
    ctx.events.publish({ type: 'site', siteId, change: 'created' });
    await carryOut(ctx, changeId, () => ask(changeId));
  }

  /** Somebody may have taken a name while the files were gathered. */
  async function checkFree(): Promise<void> {
    await checkDomainsFree(ctx, asker.actor, snapshot.domains, null);
    await checkRootFree(ctx, asker.actor, snapshot.root, null);
    if (await isSlugTaken(ctx.db, snapshot.slug))
      throw new AppError('already_exists', 'Another site has this name.', {
        reason: 'slug_taken',
        params: { slug: snapshot.slug },
      });
  }
}
