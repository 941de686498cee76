import { AppError } from '#shared/errors.ts';
import type { BodyOf } from '#shared/http.ts';
import { formatDomain, wwwroot, type Site, type SiteDomain, type sitesApi } from '#shared/sites.ts';
import { defaultSettings } from '#shared/site-defaults.ts';
import type { SiteSettings } from '#shared/site-settings.ts';
import { defaultTls } from '#shared/site-tls.ts';
import type { Context } from '../../context.ts';
import type { Actor } from '../../core/actor.ts';
import { checkElevated } from '../../core/agent-tickets.ts';
import { newId } from '../../core/id.ts';
import { findSite as findKnownSite } from './site-cache.ts';
import { carryOut, specOf, type ChangeContext } from './site-changes.ts';
import {
  changeOf,
  changeSite,
  checkDomainsFree,
  checkRootFree,
  checkVisible,
  insertWithChange,
  resultOf,
  withOpenSite,
  type Asker,
  type SiteResult,
} from './site-editing.ts';
import {
  displayName,
  readDomains,
  readRoot,
  readUpstream,
  refuseFields,
  slugOf,
  type SiteWarning,
} from './site-inputs.ts';
import { storeApp } from './site-app.ts';
import { changedPhp, readKindPhp } from './site-php.ts';
import { checkFirstCertificate, dropFirstCertificate, orderFirstCertificate } from './first-certificate.ts';
import { checkMayMakeDatabase, makeSiteDatabase } from './site-database.ts';
import { withSiteLock } from './site-locks.ts';
import { freeSlug } from './site-slugs.ts';
import { snapshotOf } from './site-snapshot.ts';
import {
  assignSite,
  countSites,
  findRootNeighbour,
  findTakenDomain,
  isSlugTaken,
  toSite,
  type Viewer,
} from './sites.store.ts';

/** A site that the actor may see, for features that belong to one. Throws `not_found`. */
export { getVisibleSite } from './site-editing.ts';
/** With every check but that of the person's sites, for jobs that take back what they made, too. */
export { deleteSite } from './site-history.ts';
/** For features that bring sites of elsewhere. */
export { startImport, type ForeignSite } from './site-copy.ts';
export { untilMade } from './first-certificate.ts';
export { newSitePhp } from './site-php.ts';
export { describeSite, previewFile, startFileImport } from './site-from-file.ts';
export { displayName, readDomains, type SiteWarning } from './site-inputs.ts';

/** A site whoever asks, or undefined: for what acts without a person. */
export async function findSite({ db }: Pick<Context, 'db'>, siteId: string): Promise<Site | undefined> {
  return findKnownSite(db, siteId);
}

/** Whoever asks: names are for people, and two sites may have the same. */
export async function findSitesByName({ db }: Pick<Context, 'db'>, name: string): Promise<{ id: string }[]> {
  return db.selectFrom('site').select('id').where('name', '=', name).limit(2).execute();
}

/** For the dashboard: all, enabled and failed sites. */
export async function countAllSites(
  { db }: Pick<Context, 'db'>,
  viewer: Viewer,
): Promise<{ all: number; enabled: number; failed: number }> {
  return countSites(db, viewer);
}

/** Makes a site and answers when it is served; on any refusal nothing of it is left. */
export async function createSite(
  ctx: Context,
  asker: Asker,
  body: BodyOf<typeof sitesApi.create>,
): Promise<SiteResult> {
  const domains = readDomains(body.domains);
  const [first] = domains.value;
  if (first === undefined) throw refuseFields([{ field: 'domains', code: 'required' }]);
  const upstream = readKindUpstream(body);
  const php = await readKindPhp(ctx, body);
  checkKindApp(body);
  checkKindDatabase(body);
  checkMayMakeDatabase(asker, body.database);
  checkFirstCertificate(domains.value, body.certificate);
  const root = body.root === undefined ? undefined : readRoot(body.root);
  await checkDomainsFree(ctx, asker.actor, domains.value, null);
  // Asked before anything is made: who confirms and tries again has lost nothing.
  if (body.sftp !== undefined && body.sftp.keys.length > 0)
    await checkElevated(ctx.agent, asker, 'createSite', { domains: domains.value, sftp: body.sftp });
  const siteId = newId();
  return withSiteLock(ctx.db, siteId, async () => {
    const warnings = [...domains.warnings, ...upstream.warnings];
    const name = body.name === undefined || body.name === '' ? displayName(first) : body.name;
    const facts = {
      name: name.slice(0, 100),
      remark: body.remark,
      category: body.category,
      kind: body.kind,
      domains: domains.value,
      isEnabled: true,
      upstream: upstream.value,
      customDirectives: '',
      ...defaultSettings,
      ...(body.sftp === undefined ? {} : { sftp: body.sftp }),
      php,
    };
    // Two people may choose the same name at the same moment: the table's keys decide, and the loser looks again.
    for (let tries = 0; tries < 5; tries += 1) {
      const slug = await freeSlug(ctx, slugOf(first));
      const app = body.app === undefined ? null : await storeApp(ctx, asker, { siteId, slug }, body.app);
      const snapshot = { ...facts, app, slug, root: root ?? `${wwwroot}/${slug}` };
      if (!(await isRootFree(ctx, snapshot.root))) {
        // Somebody has just taken the same name, and with it the folder: then that is the answer.
        await checkDomainsFree(ctx, asker.actor, domains.value, null);
        if (root === undefined && (await isSlugTaken(ctx.db, slug))) continue;
        await checkRootFree(ctx, asker.actor, snapshot.root, null);
      }
      const changeId = newId();
      const at = ctx.clock.now();
      const change = changeOf(asker, { changeId, siteId, at, action: 'create', before: null, after: snapshot });
      if (!(await insertWithChange(ctx, { id: siteId, snapshot, changeId, at }, change))) {
        await checkDomainsFree(ctx, asker.actor, domains.value, null);
        continue;
      }
      await takeAsOwn(ctx, asker, siteId);
      ctx.events.publish({ type: 'site', siteId, change: 'created' });
      const order = await orderFirstCertificate(ctx, asker, { siteId, ...snapshot }, body.certificate);
      const outcome = await carryOut(ctx, changeId, async () => {
        // Before the site: what an application starts with must be there.
        if (body.database !== undefined) await makeSiteDatabase(ctx, asker, siteId, body.database);
        const spec = specOf(siteId, snapshot);
        return ctx.agent.call('sites.apply', { spec, changeId, isNew: true, onDrift: 'refuse' }, asker);
      }).catch(async (error: unknown) => {
        await dropFirstCertificate(ctx, siteId, order);
        throw error;
      });
      return resultOf(ctx, siteId, changeId, warnings, outcome);
    }
    throw new AppError('busy', 'Several sites with this name are being created.', { reason: 'site_busy' });
  });
}

/** Who sees only assigned sites must see the one they have just made. */
async function takeAsOwn(ctx: Context, { actor }: Asker, siteId: string): Promise<void> {
  if (actor.siteScope === 'all') return;
  await assignSite(ctx.db, actor.id, siteId);
  await ctx.sessions.refresh([actor.id]);
  await ctx.apiTokens.refresh([actor.id]);
}

/** Changes the given fields only. `seenRevision`: what the person saw (`If-Match`). */
export async function changeSiteFields(
  ctx: ChangeContext,
  asker: Asker,
  siteId: string,
  body: BodyOf<typeof sitesApi.update>,
  seenRevision: number | undefined,
): Promise<SiteResult> {
  checkVisible(asker.actor, siteId);
  return withOpenSite(ctx, siteId, seenRevision, async (row) => {
    const before = snapshotOf(toSite(row));
    const warnings: SiteWarning[] = [];
    const after = { ...before };
    if (body.name !== undefined) after.name = body.name;
    if (body.remark !== undefined) after.remark = body.remark;
    if (body.category !== undefined) after.category = body.category;
    if (body.isEnabled !== undefined) after.isEnabled = body.isEnabled;
    if (body.domains !== undefined) {
      const domains = readDomains(body.domains);
      warnings.push(...domains.warnings);
      after.domains = domains.value;
    }
    if (body.upstream !== undefined) {
      if (before.kind !== 'proxy') throw refuseFields([{ field: 'upstream', code: 'upstream_not_for_kind' }]);
      const upstream = readUpstream(body.upstream);
      warnings.push(...upstream.warnings);
      after.upstream = upstream.value;
    }
    if (body.root !== undefined) after.root = readRoot(body.root);
    Object.assign(after, readSettings(body));
    if (body.php !== undefined) after.php = changedPhp(before.php, body.php);
    if (body.app !== undefined) {
      if (before.kind !== 'app') throw refuseFields([{ field: 'app', code: 'app_not_for_kind' }]);
      after.app = await storeApp(ctx, asker, { siteId, slug: before.slug }, body.app);
    }
    return changeSite(ctx, asker, row, { after, warnings, isOverwriting: body.overwrite === true });
  });
}

export async function setCustomDirectives(
  ctx: Context,
  asker: Asker,
  siteId: string,
  body: BodyOf<typeof sitesApi.setCustomDirectives>,
  seenRevision: number | undefined,
): Promise<SiteResult> {
  checkVisible(asker.actor, siteId);
  return withOpenSite(ctx, siteId, seenRevision, async (row) => {
    const after = { ...snapshotOf(toSite(row)), customDirectives: body.text };
    return changeSite(ctx, asker, row, {
      after,
      warnings: [],
      isOverwriting: body.overwrite === true,
      action: 'custom_directives',
    });
  });
}

/** Where the site's releases come from and how they are made. Whether the actor may say so is asked of the agent, too. */
export async function setSiteDeploy(
  ctx: Context,
  asker: Asker,
  siteId: string,
  deploy: SiteSettings['deploy'],
  seenRevision: number | undefined,
): Promise<SiteResult> {
  checkVisible(asker.actor, siteId);
  return withOpenSite(ctx, siteId, seenRevision, async (row) => {
    const before = snapshotOf(toSite(row));
    if (before.kind === 'proxy') throw refuseFields([{ field: 'deploy', code: 'deploy_not_for_kind' }]);
    return changeSite(ctx, asker, row, { after: { ...before, deploy }, warnings: [], isOverwriting: false });
  });
}

/** Serves a site over HTTPS with a certificate that came for it; everything else of its HTTPS stays as it is. */
export async function serveWithCertificate(
  ctx: ChangeContext,
  { id, name }: { readonly id: string; readonly name: string },
  siteId: string,
  certificateId: string,
): Promise<void> {
  // Whether they may is asked of the agent, as for every change: its register counts, also when the job outlived a right.
  const actor: Actor = { id, name, role: '', permissions: [], siteScope: 'all', siteIds: [], sessionId: '' };
  const asker = { actor, requestId: `certificate-${certificateId}` };
  await withOpenSite(ctx, siteId, undefined, async (row) => {
    const before = snapshotOf(toSite(row));
    const tls = { ...(before.tls ?? { ...defaultTls }), certificateId };
    return changeSite(ctx, asker, row, { after: { ...before, tls }, warnings: [], isOverwriting: false });
  });
}

/** The settings that are given as they are stored; each was checked whole by the schema. */
function readSettings(body: BodyOf<typeof sitesApi.update>): Partial<SiteSettings> {
  const names = ['behaviour', 'reach', 'sftp', 'tls'] as const;
  return Object.fromEntries(names.flatMap((name) => (body[name] === undefined ? [] : [[name, body[name]]])));
}

function readKindUpstream(body: BodyOf<typeof sitesApi.create>) {
  if (body.kind === 'proxy') {
    if (body.upstream === undefined) throw refuseFields([{ field: 'upstream.url', code: 'required' }]);
    return readUpstream(body.upstream);
  }
  if (body.upstream !== undefined) throw refuseFields([{ field: 'upstream', code: 'upstream_not_for_kind' }]);
  return { value: null, warnings: [] };
}

function checkKindApp({ kind, app }: BodyOf<typeof sitesApi.create>): void {
  if (kind === 'app' && app === undefined) throw refuseFields([{ field: 'app.program', code: 'required' }]);
  if (kind !== 'app' && app !== undefined) throw refuseFields([{ field: 'app', code: 'app_not_for_kind' }]);
}

function checkKindDatabase({ kind, database }: BodyOf<typeof sitesApi.create>): void {
  if (database !== undefined && kind !== 'php' && kind !== 'app')
    throw refuseFields([{ field: 'database', code: 'database_not_for_kind' }]);
}

async function isRootFree(ctx: Context, root: string): Promise<boolean> {
  return (await findRootNeighbour(ctx.db, root, null)) === undefined;
}

/** The first of these names that a site here has, and its site; undefined: all are free. */
export async function findTakenName(
  { db }: Pick<Context, 'db'>,
  domains: readonly SiteDomain[],
): Promise<{ domain: string; site: string } | undefined> {
  const taken = await findTakenDomain(db, domains, null);
  return taken === undefined ? undefined : { domain: formatDomain(taken), site: taken.siteName };
}
