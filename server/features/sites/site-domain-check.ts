import { domainChecksApi, mostCheckedNames } from '#shared/domain-check.ts';
import type { Site } from '#shared/sites.ts';
import type { Context } from '../../context.ts';
import type { CheckedName } from '../../core/domain-check.ts';
import { isPublicAddress } from '#shared/public-address.ts';
import { createRateWindow } from '../../core/rate-window.ts';
import { route, type App } from '../../core/route.ts';
import { specOf } from './site-changes.ts';
import { getVisibleSite, type Asker } from './site-editing.ts';
import { snapshotOf } from './site-snapshot.ts';

const limits = { most: 10, windowMs: 60_000 };

export function siteDomainCheckRoutes(app: App): void {
  const { ctx } = app;
  const take = createRateWindow(limits);
  route(
    app,
    domainChecksApi.checkSite,
    async ({ params, actor, requestId }) => {
      const site = await getVisibleSite(ctx, params.siteId, actor);
      const names = namesToCheck(site);
      // With what asks the DNS: loaded with the first check.
      const { checkNames, machineAddresses } = await import('../../core/domain-check.ts');
      return {
        checkedAt: new Date(ctx.clock.now()).toISOString(),
        ownAddresses: machineAddresses().filter(isPublicAddress),
        names: await checkNames(names.slice(0, mostCheckedNames), await markerOf(ctx, { actor, requestId }, site)),
        leftOut: Math.max(0, names.length - mostCheckedNames),
      };
    },
    { before: ({ actor }) => take(actor.id, ctx.clock.now()) },
  );
}

/** Each host once, by the port that visitors come to first. */
export function namesToCheck({ domains }: Pick<Site, 'domains'>): CheckedName[] {
  const isOfWeb = new Map<string, boolean>();
  for (const { host, port } of domains) isOfWeb.set(host, (isOfWeb.get(host) ?? false) || port === 80 || port === 443);
  return [...isOfWeb].map(([host, is]) => ({ host, isOfWeb: is }));
}

/** What nginx answers for this site alone, from the text that it serves; one that is off is not asked for it. */
async function markerOf(ctx: Context, asker: Asker, site: Site): Promise<string | undefined> {
  if (!site.isEnabled) return undefined;
  const { currentText } = await ctx.agent.call('sites.inspect', { spec: specOf(site.id, snapshotOf(site)) }, asker);
  return markerIn(currentText ?? '');
}

/** As the agent writes it into the text of each site. */
export function markerIn(text: string): string | undefined {
  return /"\/\.well-known\/aapanel\/([0-9a-f]{32})"/.exec(text)?.[1];
}
