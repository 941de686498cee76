import { phpVersion } from '#shared/site-php.ts';
import { suggestedDatabaseName } from '#shared/databases.ts';
import { AppError } from '#shared/errors.ts';
import type { BodyOf } from '#shared/http.ts';
import type { Job } from '#shared/jobs.ts';
import type { Site } from '#shared/sites.ts';
import { wordpressExtensions, type wordpressApi } from '#shared/wordpress.ts';
import type { Context } from '../../context.ts';
import { can, type Actor } from '../../core/actor.ts';
import { newId } from '../../core/id.ts';
import { listOpenJobs } from '../../core/jobs/jobs.store.ts';
import { changeSiteFields } from '../sites/sites.logic.ts';
import type { WordpressParams } from './install.logic.ts';
import { placeOf, readSum } from './wordpress.fetch.ts';

type Asking = { readonly actor: Actor; readonly requestId: string };

/** A person waits for the answer. */
const lookMs = 12_000;

/** Extensions of the site's PHP that are not installed and that the distribution has. */
export async function missingExtensions(ctx: Pick<Context, 'agent'>, asking: Asking, site: Site): Promise<string[]> {
  const { items } = await ctx.agent.call('php.extensions', { version: versionOf(site) }, asking);
  return wordpressExtensions.filter((name) => items.some((each) => each.name === name && !each.isInstalled));
}

function versionOf({ php }: Site): string {
  if (php === null) throw new AppError('in_use', 'WordPress needs a PHP site.', { reason: 'wordpress_needs_php' });
  return phpVersion.parse(php.version);
}

/** Everything that a person can put right is said here, before anything is made. */
export async function installWordpress(
  ctx: Context,
  asking: Asking,
  site: Site,
  body: BodyOf<typeof wordpressApi.install>,
): Promise<Job> {
  const { actor } = asking;
  const version = versionOf(site);
  for (const permission of ['databases.manage', ...(body.removesSite ? (['sites.delete'] as const) : [])] as const)
    if (!can(actor, permission))
      throw new AppError('not_allowed', 'Your role does not allow this.', { params: { permission } });
  const open = await listOpenJobs(ctx.db, 'wordpress.install');
  if (open.some(({ params_json }) => (JSON.parse(params_json) as WordpressParams).siteId === site.id))
    throw new AppError('busy', 'WordPress is being installed here.', { reason: 'wordpress_under_way' });
  const { servers, items } = await ctx.agent.call('databases.list', {}, asking);
  const server = servers.find(({ engine }) => engine === 'mariadb');
  if (server?.state !== 'running')
    throw new AppError('in_use', 'No database server runs here.', {
      reason: server?.state === 'missing' ? 'database_server_missing' : 'database_server_away',
    });
  const mirror = ctx.config.wordpressMirror;
  if (body.source.kind === 'download') await readSum(placeOf(body.source, mirror), AbortSignal.timeout(lookMs));
  const extensions = await missingExtensions(ctx, asking, site);
  if (extensions.length > 0 && !can(actor, 'software.install'))
    throw new AppError('not_allowed', 'Extensions of PHP are missing.', {
      reason: 'wordpress_extensions_missing',
      params: { names: extensions.join(', ') },
    });
  // Addresses without index.php, and no scripts among uploads.
  if (site.behaviour.rewrites.preset === 'none')
    await changeSiteFields(
      ctx,
      asking,
      site.id,
      { behaviour: { ...site.behaviour, rewrites: { ...site.behaviour.rewrites, preset: 'wordpress' } } },
      undefined,
    );
  const jobId = newId();
  const taken = new Set(items.flatMap(({ name, user }) => [name, ...(user === null ? [] : [user])]));
  const params: WordpressParams = {
    siteId: site.id,
    slug: site.slug,
    phpVersion: version,
    extensions,
    source: body.source,
    mirror,
    database: body.database ?? freeNames(site, taken),
    tablePrefix: body.tablePrefix,
    removesSite: body.removesSite,
  };
  return ctx.jobs.enqueue({
    id: jobId,
    kind: 'wordpress.install',
    subject: { name: site.name, siteId: site.id },
    params,
    actor: { id: actor.id, name: actor.name },
  });
}

/** From the first domain, with a number where that is taken. */
function freeNames(site: Site, taken: ReadonlySet<string>): { name: string; user: string } {
  const base = suggestedDatabaseName(site.domains[0]?.host ?? site.slug).slice(0, 28);
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base}_${number}`;
    if (!taken.has(name)) return { name, user: name };
  }
}
