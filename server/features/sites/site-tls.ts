import { AppError } from '#shared/errors.ts';
import type { BodyOf, ResponseOf } from '#shared/http.ts';
import type { Job } from '#shared/jobs.ts';
import { provableHosts, uncoveredHosts } from '#shared/site-tls.ts';
import type { Site, sitesApi } from '#shared/sites.ts';
import type { Context } from '../../context.ts';
import { newId } from '../../core/id.ts';
import type { Asker } from './site-editing.ts';

type SiteTlsState = ResponseOf<typeof sitesApi.tls>;

/** The certificate of a site, and those that would fit it: nobody sees more of the shelf by way of a site. */
export async function readSiteTls(ctx: Pick<Context, 'agent'>, asker: Asker, site: Site): Promise<SiteTlsState> {
  const [{ items }, accounts, { hasHttp3, hasBrotli }] = await Promise.all([
    ctx.agent.call('certificates.list', {}, asker),
    ctx.agent.call('certificates.dns_accounts', {}, asker),
    ctx.agent.call('nginx.features', {}, asker),
  ]);
  const hosts = [...new Set(site.domains.map(({ host }) => host))];
  // Which other sites use them stays out: the answer lists only what is said of a certificate itself.
  const all = items.map((facts) => ({ ...facts, uncovered: uncoveredHosts(facts.names, hosts) }));
  const own = all.find(({ id }) => id === site.tls?.certificateId);
  const fitting = all
    .filter(({ uncovered }) => uncovered.length < hosts.length)
    // Good for the most names first, then good for the longest.
    .sort((a, b) => a.uncovered.length - b.uncovered.length || (a.validUntil < b.validUntil ? 1 : -1));
  return {
    certificate: own ?? null,
    uncovered: own?.uncovered ?? [],
    fitting,
    dnsAccounts: accounts.items,
    hasHttp3,
    hasBrotli,
  };
}

/**
 * Starts the order of a certificate for the names of a site, and the job that follows it and then serves the site with
 * it. The order starts here: what is wrong with it is said to the person at once.
 */
export async function issueSiteCertificate(
  ctx: Context,
  asker: Asker,
  site: Site,
  { keyKind, email, proof }: BodyOf<typeof sitesApi.issueCertificate>,
): Promise<Job> {
  const hosts = provableHosts(site.domains, proof.kind);
  if (hosts.length === 0)
    throw new AppError('invalid_request', 'The site has no name that can be proven.', {
      fields: [{ field: 'domains', code: 'tls_needs_web_port' }],
    });
  const { items } = await ctx.agent.call('certificates.list', {}, asker);
  // What was ordered for this site gets a further version; another one is left to whom it serves.
  const own = items.find(({ id, source, siteIds }) => {
    return id === site.tls?.certificateId && source === 'acme' && siteIds.every((each) => each === site.id);
  });
  const orderId = newId();
  const certificateId = own?.id ?? newId();
  const order = { siteId: site.id, hosts, keyKind, email, proof };
  await ctx.agent.call('certificates.issue', { orderId, certificateId, ...order }, asker);
  return ctx.jobs.enqueue({
    id: orderId,
    kind: 'certificates.issue',
    subject: { name: site.name, what: 'issue', siteId: site.id },
    params: { certificateId, order },
    actor: asker.actor,
  });
}
