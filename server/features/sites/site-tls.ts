import type { ResponseOf } from '#shared/http.ts';
import { uncoveredHosts } from '#shared/site-tls.ts';
import type { Site, sitesApi } from '#shared/sites.ts';
import type { Context } from '../../context.ts';
import type { Asker } from './site-editing.ts';

type SiteTlsState = ResponseOf<typeof sitesApi.tls>;

/** The certificate of a site, and those that would fit it: nobody sees more of the shelf by way of a site. */
export async function readSiteTls(ctx: Pick<Context, 'agent'>, asker: Asker, site: Site): Promise<SiteTlsState> {
  const { items } = await ctx.agent.call('certificates.list', {}, asker);
  const hosts = [...new Set(site.domains.map(({ host }) => host))];
  // Which other sites use them stays out: the answer lists only what is said of a certificate itself.
  const all = items.map((facts) => ({ ...facts, uncovered: uncoveredHosts(facts.names, hosts) }));
  const own = all.find(({ id }) => id === site.tls?.certificateId);
  const fitting = all
    .filter(({ uncovered }) => uncovered.length < hosts.length)
    // Good for the most names first, then good for the longest.
    .sort((a, b) => a.uncovered.length - b.uncovered.length || (a.validUntil < b.validUntil ? 1 : -1));
  return { certificate: own ?? null, uncovered: own?.uncovered ?? [], fitting };
}
