import { findBehaviourProblems } from '#shared/behaviour/check.ts';
import { AppError } from '#shared/errors.ts';
import type { BodyOf } from '#shared/http.ts';
import type { Job } from '#shared/jobs.ts';
import type { SiteApp } from '#shared/site-app.ts';
import type { copiesApi } from '#shared/site-copies.ts';
import { defaultSettings } from '#shared/site-defaults.ts';
import type { SiteSettings } from '#shared/site-settings.ts';
import { uncoveredHosts } from '#shared/site-tls.ts';
import { wwwroot, type Site } from '#shared/sites.ts';
import type { Context } from '../../context.ts';
import { AgentCallError } from '../../core/agent-client.ts';
import { can } from '../../core/actor.ts';
import { newId } from '../../core/id.ts';
import { specOf } from './site-changes.ts';
import type { CopyParams } from './site-copy-run.ts';
import { checkDomainsFree, checkRootFree, type Asker } from './site-editing.ts';
import { displayName, numberedSlug, readDomains, refuseFields, slugOf } from './site-inputs.ts';
import { freeSlug } from './site-slugs.ts';
import { isSlugTaken } from './sites.store.ts';
import { snapshotOf, type SiteSnapshot } from './site-snapshot.ts';

/** So many folders are tried for a site that comes from elsewhere. */
const mostNames = 5;

type Request = BodyOf<typeof copiesApi.start>;

/**
 * Starts the copying of a site's files and the job that follows it and makes the new site. It starts here: what needs a
 * ticket gets it while the person is there, and what is wrong is said to them at once.
 */
export async function startCopy(ctx: Context, asker: Asker, source: Site, body: Request): Promise<Job> {
  const { actor } = asker;
  if (!can(actor, 'sites.write'))
    throw new AppError('not_allowed', 'Your role does not allow this.', { params: { permission: 'sites.write' } });
  const snapshot = await copiedSnapshot(ctx, asker, source, body);
  await checkDomainsFree(ctx, actor, snapshot.domains, null);
  await checkRootFree(ctx, actor, snapshot.root, null);
  return startGathering(ctx, asker, {
    source: { siteId: source.id, slug: source.slug },
    snapshot,
    withSecrets: body.withSecrets,
    subject: { name: source.name, to: snapshot.name, siteId: source.id },
  });
}

/** The agent gathers the files, and a job makes the site of them. */
export async function startGathering(
  ctx: Context,
  asker: Asker,
  {
    subject,
    ...given
  }: Pick<CopyParams, 'source' | 'snapshot' | 'withSecrets'> & { readonly subject: Readonly<Record<string, string>> },
): Promise<Job> {
  const { actor } = asker;
  const [copyId, siteId] = [newId(), newId()];
  const { source, snapshot, withSecrets } = given;
  try {
    const spec = specOf(siteId, snapshot);
    await ctx.agent.call('copies.start', { copyId, source, spec, withSecrets }, asker);
  } catch (error) {
    // It may have started all the same: the job finds out.
    if (!(error instanceof AgentCallError) || error.isOutcomeKnown) throw error;
  }
  const params: CopyParams = { ...given, siteId, isAssigned: actor.siteScope !== 'all' };
  const made = { id: copyId, kind: 'sites.copy' as const, subject: { ...subject, copyId: siteId }, params };
  return ctx.jobs.enqueue({ ...made, actor: { id: actor.id, name: actor.name } });
}

/** A site as another panel has it; the folder of the new one is named by its first domain, or by that and a number. */
export type ForeignSite = Omit<SiteSnapshot, 'slug' | 'root' | keyof SiteSettings> &
  Pick<SiteSettings, 'behaviour' | 'php' | 'reach' | 'tls'> & { readonly runFolder: string };

/** Starts to bring a site over from aaPanel, as a job. Throws what the agent says of it. */
export async function startImport(
  ctx: Context,
  asker: Asker,
  source: { readonly base: string; readonly name: string },
  { runFolder, ...site }: ForeignSite,
): Promise<Job> {
  const [first] = site.domains;
  if (first === undefined) throw refuseFields([{ field: 'domains', code: 'required' }]);
  await checkDomainsFree(ctx, asker.actor, site.domains, null);
  for (let number = 1; ; number += 1) {
    const slug = numberedSlug(slugOf(first), number);
    if (await isSlugTaken(ctx.db, slug)) continue;
    const root = `${wwwroot}/${slug}${runFolder}`;
    const snapshot = { ...defaultSettings, ...site, slug, root };
    try {
      await checkRootFree(ctx, asker.actor, root, null);
      return await startGathering(ctx, asker, {
        source,
        snapshot,
        withSecrets: false,
        subject: { name: source.name, to: site.name, what: 'import' },
      });
    } catch (error) {
      // On the same server the old site's own folder stands there.
      const isTaken = error instanceof AppError && error.reason === 'copy_place_taken';
      if (!isTaken || number >= mostNames) throw error;
    }
  }
}

/** Everything of the source that a site of other names can have. */
async function copiedSnapshot(ctx: Context, asker: Asker, source: Site, body: Request): Promise<SiteSnapshot> {
  const before = snapshotOf(source);
  const domains = readDomains(body.domains).value;
  const [first] = domains;
  if (first === undefined) throw refuseFields([{ field: 'domains', code: 'required' }]);
  const slug = await freeSlug(ctx, slugOf(first));
  const name = body.name === undefined || body.name === '' ? displayName(first) : body.name;
  const moved = movedPath(before, slug);
  const hosts = domains.map(({ host }) => host);
  return {
    ...before,
    slug,
    name: name.slice(0, 100),
    domains,
    isEnabled: true,
    root: moved(before.root),
    customDirectives: body.withDirectives ? before.customDirectives : '',
    app: before.app === null ? null : copiedApp(before.app, body.withSecrets),
    behaviour: copiedBehaviour(before, domains),
    php: before.php === null ? null : { ...before.php, openFolders: before.php.openFolders.map(moved) },
    reach: { ...before.reach, isDefault: false },
    // A key opens the site that it was given for.
    sftp: { keys: [] },
    tls: await copiedTls(ctx, asker, before.tls, hosts),
  };
}

/** Paths in the folder of the source as they are in the folder of the copy. */
export function movedPath(
  { slug, root }: Pick<SiteSnapshot, 'slug' | 'root'>,
  newSlug: string,
): (path: string) => string {
  const own = `${wwwroot}/${slug}`;
  const base = root === own || root.startsWith(`${own}/`) ? own : root;
  const to = `${wwwroot}/${newSlug}`;
  return (path) => (path === base || path.startsWith(`${base}/`) ? to + path.slice(base.length) : path);
}

/** Its port is the source's; values that are secret stay unless they are asked for. */
export function copiedApp(app: SiteApp, withSecrets: boolean): SiteApp {
  const listen = app.listen.kind === 'port' ? { kind: 'port' as const, port: null } : app.listen;
  const environment = withSecrets ? app.environment : app.environment.filter((each) => !('secretId' in each));
  return { ...app, listen, environment };
}

/** Without what speaks of names that the copy does not have, or would send visitors round in a circle there. */
export function copiedBehaviour(
  { behaviour }: Pick<SiteSnapshot, 'behaviour'>,
  domains: SiteSnapshot['domains'],
): SiteSnapshot['behaviour'] {
  let copied = behaviour;
  const { mainHost } = behaviour;
  if (mainHost !== null && !domains.some(({ host }) => host === mainHost.host)) copied = { ...copied, mainHost: null };
  const loops = findBehaviourProblems({ behaviour: copied, domains }).flatMap(
    ({ field }) => /^behaviour\.redirects\.(\d+)\./.exec(field)?.[1] ?? [],
  );
  if (loops.length === 0) return copied;
  return { ...copied, redirects: copied.redirects.filter((_, index) => !loops.includes(String(index))) };
}

/** HTTPS goes along only with a certificate that is good for every new name. */
async function copiedTls(
  ctx: Pick<Context, 'agent'>,
  asker: Asker,
  tls: SiteSnapshot['tls'],
  hosts: readonly string[],
): Promise<SiteSnapshot['tls']> {
  if (tls === null) return null;
  const { items } = await ctx.agent.call('certificates.list', {}, asker);
  const own = items.find(({ id }) => id === tls.certificateId);
  return own !== undefined && uncoveredHosts(own.names, hosts).length === 0 ? tls : null;
}
