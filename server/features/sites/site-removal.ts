import type { Permission } from '#shared/access.ts';
import { AppError } from '#shared/errors.ts';
import type { BodyOf, ResponseOf } from '#shared/http.ts';
import type { Site, sitesApi } from '#shared/sites.ts';
import type { Context } from '../../context.ts';
import { can } from '../../core/actor.ts';
import { newId } from '../../core/id.ts';
import { checkSiteDatabases, removeSiteDatabases } from '../databases/databases.logic.ts';
import { findSite } from './site-cache.ts';
import type { Asker } from './site-editing.ts';
import { deleteSite } from './site-history.ts';

type Preview = ResponseOf<typeof sitesApi.previewRemoval>;
type Found = Omit<NonNullable<Preview['certificate']>, 'otherSites' | 'mayRemove'> & {
  readonly otherSites: readonly string[];
};
type Removed = ResponseOf<typeof sitesApi.remove>;

/** What would go with the site, and what belongs to it and goes only when somebody says so. */
export async function previewRemoval(ctx: Pick<Context, 'agent'>, asker: Asker, site: Site): Promise<Preview> {
  const named = { siteId: site.id, slug: site.slug };
  const [listed, certificate, cronJobs] = await Promise.all([
    ctx.agent.call('sites.preview_removal', { site: named, root: site.root }, asker),
    findCertificate(ctx, asker, site),
    can(asker.actor, 'cron.read') ? listCronJobs(ctx, asker, site) : [],
  ]);
  // Which other sites they are is nothing that whoever sees some sites is told.
  const shown =
    certificate === null
      ? null
      : { ...certificate, otherSites: certificate.otherSites.length, mayRemove: mayRemoveCertificates(asker) };
  return { ...listed, certificate: shown, cronJobs };
}

async function findCertificate(
  ctx: Pick<Context, 'agent'>,
  asker: Asker,
  { id: siteId, tls }: Site,
): Promise<Found | null> {
  if (tls === null) return null;
  const { items } = await ctx.agent.call('certificates.list', {}, asker);
  const found = items.find(({ id }) => id === tls.certificateId);
  if (found === undefined) return null;
  const { id, names, validUntil, siteIds } = found;
  return { id, names, validUntil, otherSites: siteIds.filter((each) => each !== siteId) };
}

/** The shelf is the machine's: as on the page of certificates, it is for those who see every site. */
function mayRemoveCertificates({ actor }: Asker): boolean {
  return can(actor, 'certificates.write') && actor.siteScope === 'all';
}

async function listCronJobs(
  ctx: Pick<Context, 'agent'>,
  asker: Asker,
  { id: siteId }: Site,
): Promise<Preview['cronJobs']> {
  const { items } = await ctx.agent.call('cron.list', {}, asker);
  return items.filter((job) => job.siteId === siteId).map(({ id, name }) => ({ id, name }));
}

/**
 * Deletes the site as its preview listed it, and then what was named of its belongings. All of it is checked first: when
 * this throws, nothing has gone. What then cannot go any more is said in `left`: the site is gone by then.
 */
export async function removeWithBelongings(
  ctx: Context,
  asker: Asker,
  site: Site,
  body: BodyOf<typeof sitesApi.remove>,
  seenRevision: number | undefined,
): Promise<Removed> {
  const { certificateId, cronJobIds } = body;
  if (certificateId !== undefined) await checkCertificate(ctx, asker, site, certificateId);
  if (cronJobIds.length > 0) await checkCronJobs(ctx, asker, site, cronJobIds);
  const databases = await checkSiteDatabases(ctx, asker, site.id, body.databases);
  const { changeId } = await deleteSite(ctx, asker, site.id, body, seenRevision);
  const jobIds = await removeSiteDatabases(ctx, asker, databases);
  const left: Removed['left'] = [];
  const attempt = async (what: Removed['left'][number], work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      ctx.log.warn({ code: error.code, reason: error.reason, siteId: site.id, what }, 'part of a deleted site stays');
      if (!left.includes(what)) left.push(what);
    }
  };
  for (const jobId of cronJobIds) await attempt('cron_jobs', () => ctx.agent.call('cron.remove', { jobId }, asker));
  if (certificateId !== undefined)
    await attempt('certificate', () =>
      ctx.agent.call('certificates.remove', { certificateId, changeId: newId() }, asker),
    );
  return { changeId, jobIds, left };
}

async function checkCertificate(ctx: Context, asker: Asker, site: Site, certificateId: string): Promise<void> {
  if (!mayRemoveCertificates(asker)) throw notAllowed('certificates.write');
  const found = await findCertificate(ctx, asker, site);
  // Another one than the site's own is none of its belongings.
  if (found?.id !== certificateId) throw listChanged();
  if (found.otherSites.length === 0) return;
  const others = await Promise.all(found.otherSites.map(async (each) => (await findSite(ctx.db, each))?.name ?? each));
  throw new AppError('in_use', 'Other sites are served with this certificate.', {
    reason: 'certificate_in_use',
    params: { sites: others.join(', ') },
  });
}

async function checkCronJobs(ctx: Context, asker: Asker, site: Site, jobIds: readonly string[]): Promise<void> {
  if (!can(asker.actor, 'cron.write')) throw notAllowed('cron.write');
  const known = new Set((await listCronJobs(ctx, asker, site)).map(({ id }) => id));
  if (!jobIds.every((each) => known.has(each))) throw listChanged();
}

function notAllowed(permission: Permission): AppError {
  return new AppError('not_allowed', 'Your role does not allow this.', { params: { permission } });
}

function listChanged(): AppError {
  return new AppError('changed_meanwhile', 'The list of what would be removed has changed.', {
    reason: 'removal_list_changed',
  });
}
