import type { AapanelReport, AapanelSite, aapanelApi } from '#shared/aapanel.ts';
import { AppError } from '#shared/errors.ts';
import type { BodyOf } from '#shared/http.ts';
import type { Job } from '#shared/jobs.ts';
import { defaultBehaviour } from '#shared/site-behaviour.ts';
import { defaultSettings } from '#shared/site-defaults.ts';
import { defaultTls } from '#shared/site-tls.ts';
import type { Context } from '../../context.ts';
import { can, type Actor } from '../../core/actor.ts';
import { newId } from '../../core/id.ts';
import { displayName, findTakenName, newSitePhp, readDomains, startImport } from '../sites/sites.logic.ts';

type Asker = { readonly actor: Actor; readonly requestId: string };

/** The dry run, with what this panel itself knows: names that a site here has already. */
export async function readAapanel(ctx: Context, asker: Asker, base: string): Promise<AapanelReport> {
  checkMay(asker.actor);
  const report = await ctx.agent.call('aapanel.read', { base }, asker);
  const sites: AapanelSite[] = [];
  for (const site of report.sites) sites.push(await withTaken(ctx, site));
  return { ...report, sites };
}

/** Everything of a machine is brought over: not by who sees a part of it only, or may not make sites. */
function checkMay(actor: Actor): void {
  if (actor.siteScope !== 'all')
    throw new AppError('not_allowed', 'This is for people who may see every site.', { reason: 'all_sites_needed' });
  for (const permission of ['sites.create', 'sites.write'] as const)
    if (!can(actor, permission))
      throw new AppError('not_allowed', 'Your role does not allow this.', { params: { permission } });
}

async function withTaken(ctx: Context, site: AapanelSite): Promise<AapanelSite> {
  if (site.domains.length === 0) return site;
  const taken = await findTakenName(ctx, readDomains(site.domains).value);
  if (taken === undefined) return site;
  return { ...site, state: 'blocked', notes: [{ code: 'domain_taken', params: { ...taken } }, ...site.notes] };
}

/** One site, by what stands there now: what the browser was told counts for nothing. */
export async function importSite(ctx: Context, asker: Asker, body: BodyOf<typeof aapanelApi.import>): Promise<Job> {
  checkMay(asker.actor);
  const { base, name } = body;
  const report = await ctx.agent.call('aapanel.read', { base }, asker);
  const site = report.sites.find((each) => each.name === name);
  if (site === undefined)
    throw new AppError('not_found', 'There is no such site.', { reason: 'aapanel_site_unknown', params: { name } });
  if (site.kind === null || site.state === 'blocked')
    throw new AppError('in_use', 'This site cannot be brought over.', {
      reason: 'aapanel_site_blocked',
      params: { name, why: site.notes[0]?.code ?? '' },
    });
  const { kind, upstream, redirects, proxies, preset, fallback, runFolder, isEnabled, remark, category, endsAt } = site;
  const domains = readDomains(site.domains).value;
  const [first] = domains;
  const version = body.phpVersion ?? site.phpVersion;
  const taken = await takeCertificate(ctx, asker, base, site);
  const start = startImport(
    ctx,
    asker,
    { base, name },
    {
      name: (body.displayName ?? (first === undefined ? name : displayName(first))).slice(0, 100),
      remark,
      category,
      kind,
      domains,
      isEnabled,
      upstream,
      customDirectives: '',
      php: kind === 'php' && version !== null ? await newSitePhp(ctx, { version }) : null,
      reach: { ...defaultSettings.reach, endsAt },
      tls:
        taken === null
          ? null
          : { ...defaultTls, certificateId: taken.id, isForced: site.certificate?.isForced === true },
      behaviour: {
        ...defaultBehaviour,
        redirects,
        proxies,
        rewrites: { preset, rules: [] },
        fallback: kind === 'static' ? fallback : 'none',
      },
      runFolder,
    },
  );
  return start.catch(async (error: unknown) => {
    // Nobody asked for it alone. What cannot be taken away any more is seen on the shelf.
    if (taken?.isNew === true) await removeCertificate(ctx, asker, taken.id).catch(() => undefined);
    throw error;
  });
}

/** The one of the shelf that the site is to be served with: that of an earlier try, or the old panel's, put there now. */
async function takeCertificate(
  ctx: Pick<Context, 'agent'>,
  asker: Asker,
  base: string,
  { name, certificate }: AapanelSite,
): Promise<{ readonly id: string; readonly isNew: boolean } | null> {
  if (certificate === null || !can(asker.actor, 'certificates.write')) return null;
  const { items } = await ctx.agent.call('certificates.list', {}, asker);
  const known = items.find(({ fingerprint, revoked }) => fingerprint === certificate.fingerprint && revoked === null);
  if (known !== undefined) return { id: known.id, isNew: false };
  const given = { base, name, certificateId: newId(), changeId: newId() };
  return { id: (await ctx.agent.call('aapanel.take_certificate', given, asker)).id, isNew: true };
}

async function removeCertificate(ctx: Pick<Context, 'agent'>, asker: Asker, certificateId: string): Promise<void> {
  await ctx.agent.call('certificates.remove', { certificateId, changeId: newId() }, asker);
}
