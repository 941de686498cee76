import { randomInt } from 'node:crypto';
import type { Selectable } from 'kysely';
import { sql, type CompiledQuery } from 'kysely';
import type { z } from 'zod';
import { completeSettings, defaultSettings } from '#shared/site-defaults.ts';
import { settingNames, settingsOf, type SiteSettings } from '#shared/site-settings.ts';
import { isFigureSort, type FigureSort, type SiteSort } from '#shared/site-columns.ts';
import type { Site, SiteDomain, siteListQuery } from '#shared/sites.ts';
import type { Actor } from '../../core/actor.ts';
import type { Db } from '../../db/schema.ts';
import type { SiteTable } from '../../db/tables/sites.ts';
import { figureOrder } from './site-figures.store.ts';
import { nameKeyOf, searchTextOf, type SiteSnapshot } from './site-snapshot.ts';

export type SiteRow = Selectable<SiteTable>;
export type SiteListQuery = z.output<typeof siteListQuery>;
export type SiteFailure = NonNullable<Site['failure']>;

/** Whose sites count: everybody's, or only those assigned to a person. */
export type Viewer = Pick<Actor, 'id' | 'siteScope'>;

/** Ids of the sites of a person whose scope is `assigned`. */
export function assignedSites(db: Db, { id }: Viewer) {
  return db.selectFrom('person_site').select('person_site.site_id').where('person_site.person_id', '=', id);
}

/** From now on the site is one of the person's. */
export async function assignSite(db: Db, personId: string, siteId: string): Promise<void> {
  await db.insertInto('person_site').values({ person_id: personId, site_id: siteId }).execute();
}

/** The answer's shape of one row. */
export function toSite(row: SiteRow): Site {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    remark: row.remark,
    category: row.category,
    kind: row.kind as Site['kind'],
    state: row.state as Site['state'],
    failure: row.failure_json === null ? null : (JSON.parse(row.failure_json) as SiteFailure),
    domains: JSON.parse(row.domains_json) as SiteDomain[],
    isEnabled: row.is_enabled === 1,
    root: row.root,
    upstream: row.upstream_json === null ? null : (JSON.parse(row.upstream_json) as Site['upstream']),
    customDirectives: row.custom_directives,
    ...readSettings(row.settings_json),
    linuxUser: row.linux_user,
    revision: row.revision,
    createdAt: new Date(row.created_at).toISOString(),
    updatedAt: new Date(row.updated_at).toISOString(),
  };
}

function readSettings(json: string | null): SiteSettings {
  return json === null ? defaultSettings : completeSettings(JSON.parse(json) as Partial<SiteSettings>);
}

/** Only what somebody set: a list reads the rows of thousands of sites, and most have the defaults. */
function writeSettings(settings: SiteSettings): string | null {
  const set = settingNames.filter((name) => JSON.stringify(settings[name]) !== JSON.stringify(defaultSettings[name]));
  return set.length === 0 ? null : JSON.stringify(Object.fromEntries(set.map((name) => [name, settings[name]])));
}

/** Columns that hold what people set. */
export function snapshotColumns(snapshot: SiteSnapshot) {
  return {
    slug: snapshot.slug,
    name: snapshot.name,
    name_key: nameKeyOf(snapshot.name),
    remark: snapshot.remark,
    category: snapshot.category,
    kind: snapshot.kind,
    is_enabled: snapshot.isEnabled ? 1 : 0,
    root: snapshot.root,
    upstream_json: snapshot.upstream === null ? null : JSON.stringify(snapshot.upstream),
    domains_json: JSON.stringify(snapshot.domains),
    custom_directives: snapshot.customDirectives,
    settings_json: writeSettings(settingsOf(snapshot)),
    search_text: searchTextOf(snapshot),
  };
}

export async function findSiteRow(db: Db, id: string): Promise<SiteRow | undefined> {
  return db.selectFrom('site').selectAll().where('id', '=', id).executeTakeFirst();
}

const versionQueries = new WeakMap<Db, CompiledQuery<Pick<SiteRow, 'row_version'>>>();

/**
 * Number of the last write of the row, or undefined when there is no such site. Every reading of a site asks this: the
 * text of the query is made once, which is most of what it costs.
 */
export async function findRowVersion(db: Db, id: string): Promise<number | undefined> {
  const query = versionQueries.get(db) ?? db.selectFrom('site').select('row_version').where('id', '=', '').compile();
  versionQueries.set(db, query);
  const { rows } = await db.executeQuery<Pick<SiteRow, 'row_version'>>({ ...query, parameters: [id] });
  return rows[0]?.row_version;
}

export async function insertSite(
  db: Db,
  row: { id: string; snapshot: SiteSnapshot; changeId: string; worker: string; at: number; revision?: number },
): Promise<void> {
  await db
    .insertInto('site')
    .values({
      id: row.id,
      ...snapshotColumns(row.snapshot),
      state: 'applying',
      failure_json: null,
      linux_user: '',
      revision: row.revision ?? 1,
      // A restored site must not look like an old copy of itself.
      row_version: randomInt(1, 1_000_000_000),
      change_id: row.changeId,
      worker: row.worker,
      created_at: row.at,
      updated_at: row.at,
    })
    .execute();
  await insertDomains(db, row.id, row.snapshot.domains);
}

/** Writes columns and raises the row's version. False when the row no longer has the given version. */
export async function updateSite(
  db: Db,
  id: string,
  rowVersion: number,
  columns: Partial<Omit<SiteRow, 'id' | 'row_version'>>,
): Promise<boolean> {
  const result = await db
    .updateTable('site')
    .set({ ...columns, row_version: rowVersion + 1 })
    .where('id', '=', id)
    .where('row_version', '=', rowVersion)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function deleteSite(db: Db, id: string): Promise<void> {
  await db.deleteFrom('site_domain').where('site_id', '=', id).execute();
  await db.deleteFrom('site').where('id', '=', id).execute();
}

export async function replaceDomains(db: Db, siteId: string, domains: readonly SiteDomain[]): Promise<void> {
  await db.deleteFrom('site_domain').where('site_id', '=', siteId).execute();
  await insertDomains(db, siteId, domains);
}

async function insertDomains(db: Db, siteId: string, domains: readonly SiteDomain[]): Promise<void> {
  await db
    .insertInto('site_domain')
    .values(domains.map(({ host, port }) => ({ host, port, site_id: siteId })))
    .execute();
}

/** The first of these names that another site has, with that site's name. */
export async function findTakenDomain(
  db: Db,
  domains: readonly SiteDomain[],
  exceptSiteId: string | null,
): Promise<{ host: string; port: number; siteId: string; siteName: string } | undefined> {
  const rows = await db
    .selectFrom('site_domain')
    .innerJoin('site', 'site.id', 'site_domain.site_id')
    .select(['site_domain.host', 'site_domain.port', 'site.name', 'site.id'])
    .where(
      'site_domain.host',
      'in',
      domains.map(({ host }) => host),
    )
    .execute();
  const taken = domains.flatMap((domain) =>
    rows.filter((row) => row.host === domain.host && row.port === domain.port && row.id !== exceptSiteId),
  )[0];
  return taken === undefined
    ? undefined
    : { host: taken.host, port: taken.port, siteId: taken.id, siteName: taken.name };
}

export async function isSlugTaken(db: Db, slug: string): Promise<boolean> {
  return (await db.selectFrom('site').select('id').where('slug', '=', slug).executeTakeFirst()) !== undefined;
}

/** A site whose folder is this one, above it or below it. */
export async function findRootNeighbour(
  db: Db,
  root: string,
  exceptSiteId: string | null,
): Promise<{ id: string; name: string; root: string } | undefined> {
  const parts = root.split('/');
  const upwards = parts.slice(3).map((_, index) => parts.slice(0, index + 4).join('/'));
  let rows = db
    .selectFrom('site')
    .select(['id', 'name', 'root'])
    .where((where) =>
      where.or([where('root', 'in', upwards), sql<boolean>`root like ${`${escapeLike(root)}/%`} escape '!'`]),
    );
  if (exceptSiteId !== null) rows = rows.where('id', '!=', exceptSiteId);
  return rows.executeTakeFirst();
}

const sortColumns = {
  name: 'name_key',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
  kind: 'kind',
  state: 'state',
  category: 'category',
} as const satisfies Record<Exclude<SiteSort, FigureSort>, keyof SiteRow>;

/** One page and the number of all that fit. */
export async function listSites(
  db: Db,
  query: SiteListQuery,
  viewer: Viewer,
): Promise<{ items: Site[]; total: number }> {
  let rows = db.selectFrom('site');
  if (viewer.siteScope === 'assigned') rows = rows.where('id', 'in', assignedSites(db, viewer));
  if (query.kind !== undefined) rows = rows.where('kind', '=', query.kind);
  if (query.state !== undefined) rows = rows.where('state', '=', query.state);
  if (query.category !== undefined) rows = rows.where('category', '=', query.category);
  if (query.php !== undefined) {
    // Nothing else of a PHP site has a word of this name, and the quotes in what people write are escaped there.
    const pattern = `%"php":{%"version":"${escapeLike(query.php)}"%`;
    rows = rows.where('kind', '=', 'php').where(sql<boolean>`settings_json like ${pattern} escape '!'`);
  }
  if (query.isEnabled !== undefined) rows = rows.where('is_enabled', '=', query.isEnabled ? 1 : 0);
  if (query.search !== undefined && query.search !== '') {
    const pattern = `%${escapeLike(query.search.toLowerCase())}%`;
    rows = rows.where(sql<boolean>`search_text like ${pattern} escape '!'`);
  }
  const { total } = await rows.select(({ fn }) => fn.countAll().as('total')).executeTakeFirstOrThrow();
  const offset = (query.page - 1) * query.pageSize;
  // Looking for a page of nothing in the order of an index reads the whole table row by row.
  if (Number(total) <= offset) return { items: [], total: Number(total) };
  const { sort, order } = query;
  if (!isFigureSort(sort)) {
    const found = await rows
      .selectAll()
      .orderBy(sortColumns[sort], order)
      .orderBy('id', order)
      .limit(query.pageSize)
      .offset(offset)
      .execute();
    return { items: found.map(toSite), total: Number(total) };
  }
  // Only ids are sorted: rows of sites are long.
  const ids = await rows
    .leftJoin('site_figure', 'site_figure.site_id', 'site.id')
    .select('site.id')
    .orderBy(figureOrder[sort], order)
    .orderBy('site.id', order)
    .limit(query.pageSize)
    .offset(offset)
    .execute();
  return { items: await findInOrder(db, ids), total: Number(total) };
}

async function findInOrder(db: Db, ids: readonly { id: string }[]): Promise<Site[]> {
  const found = await db
    .selectFrom('site')
    .selectAll()
    .where(
      'id',
      'in',
      ids.map(({ id }) => id),
    )
    .execute();
  const byId = new Map(found.map((row) => [row.id, row]));
  return ids.flatMap(({ id }) => {
    const row = byId.get(id);
    return row === undefined ? [] : [toSite(row)];
  });
}

/** `!` is the escape character: a backslash means different things to different databases. */
function escapeLike(text: string): string {
  return text.replaceAll(/[!%_]/g, '!$&');
}

export async function listCategories(db: Db, viewer: Viewer): Promise<{ name: string; count: number }[]> {
  let sites = db.selectFrom('site');
  if (viewer.siteScope === 'assigned') sites = sites.where('id', 'in', assignedSites(db, viewer));
  const rows = await sites
    .select(({ fn }) => ['category', fn.countAll().as('count')])
    .where('category', '!=', '')
    .groupBy('category')
    .orderBy('category')
    .execute();
  return rows.map(({ category, count }) => ({ name: category, count: Number(count) }));
}

/** All, enabled and failed sites. */
export async function countSites(db: Db, viewer: Viewer): Promise<{ all: number; enabled: number; failed: number }> {
  let sites = db.selectFrom('site');
  if (viewer.siteScope === 'assigned') sites = sites.where('id', 'in', assignedSites(db, viewer));
  const rows = await sites
    .select(({ fn }) => ['is_enabled', 'state', fn.countAll().as('count')])
    .groupBy(['is_enabled', 'state'])
    .execute();
  const sum = (isCounted: (row: (typeof rows)[number]) => boolean) =>
    rows.filter(isCounted).reduce((total, { count }) => total + Number(count), 0);
  return {
    all: sum(() => true),
    enabled: sum((row) => row.is_enabled === 1),
    failed: sum((row) => row.state === 'failed'),
  };
}

/** Sites whose PHP has a process of its own. */
export async function countApart(db: Db): Promise<number> {
  // The quotes in what people write are escaped there.
  const { count } = await db
    .selectFrom('site')
    .where('kind', '=', 'php')
    .where('settings_json', 'like', '%"isApart":true%')
    .select(({ fn }) => fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Sites whose last change has no known end. */
export async function listUnsettled(db: Db): Promise<SiteRow[]> {
  return db
    .selectFrom('site')
    .selectAll()
    .where('change_id', 'is not', null)
    .orderBy('updated_at')
    .limit(1_000)
    .execute();
}
