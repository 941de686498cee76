import { globSync } from 'node:fs';
import { openDatabase } from '#server/db/connect.ts';
import { migrateToLatest } from '#server/db/migrate.ts';
import { testConfig } from '#server/testing.ts';
import { siteSort } from '#shared/sites.ts';
import { median, percentile, type Figure } from './figures.ts';
import { startPanel, type Code, type Panel } from './panel-process.ts';

const port = 15452;
const count = 10_000;
const letters = 'abcdefghijklmnopqrstuvwxyz234567';

/** Listing, searching and sorting ten thousand sites; answers the panel, which goes on for the next figures. */
export async function measureLists(
  code: Code,
  folder: string,
): Promise<{ figures: Figure[]; panel: Panel; siteId: string }> {
  const dataDir = `${folder}/lists`;
  await (await startPanel(code, { port, dataDir, core: 0 })).stop();
  const siteId = await insertSites(dataDir);
  const panel = await startPanel(code, { port, dataDir, core: 0 });
  const { body: first } = await panel.call('GET', '/api/v1/sites?pageSize=1');
  if ((first as { total?: number }).total !== count) throw new Error(`not ${count} sites: ${JSON.stringify(first)}`);
  const paths = queries().map((query) => `/api/v1/sites?${query}`);
  const times: number[] = [];
  const slowest = new Map<string, number>();
  for (let round = 0; round < 12; round++) {
    for (const path of paths) {
      const { status, body, ms } = await panel.call('GET', path);
      if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body).slice(0, 500)}`);
      // The first rounds are the machine code being made.
      if (round < 2) continue;
      times.push(ms);
      slowest.set(path, Math.max(ms, slowest.get(path) ?? 0));
    }
  }
  const [worst] = [...slowest].toSorted((a, b) => b[1] - a[1]);
  const note = `${times.length} requests seen by the client, median ${median(times).toFixed(1)} ms; slowest: ${worst?.[0]} ${worst?.[1].toFixed(0)} ms`;
  const figure = {
    what: '10,000 sites: list, search, sort, p99',
    unit: 'ms',
    value: percentile(times, 0.99),
    limit: { atMost: 50 },
    note,
  };
  return { figures: [figure], panel, siteId };
}

function queries(): string[] {
  const sorts = siteSort.flatMap((sort) => [`sort=${sort}&order=asc`, `sort=${sort}&order=desc&page=150`]);
  const searches = [
    'site-0',
    'number-9999',
    'nothing-has-this-name',
    encodeURIComponent('موقع'),
    'example',
    '%25',
    'a',
  ];
  return [
    ...sorts,
    ...searches.map((text) => `search=${text}`),
    ...searches.map((text) => `search=${text}&sort=name&pageSize=200`),
    'kind=proxy&sort=updatedAt',
    'category=shops&isEnabled=true',
    'page=200&pageSize=50',
    'figures=true&pageSize=200&sort=bytes',
    'figures=true&pageSize=200&search=shop&sort=backup&order=asc',
  ];
}

/** Straight into the database: the agent is not what is measured. Answers one id. */
async function insertSites(dataDir: string): Promise<string> {
  // The file that the panel itself made at its first start.
  const [file] = globSync(`${dataDir}/db/*.db`);
  if (file === undefined) throw new Error(`the panel made no database in ${dataDir}/db`);
  const db = await openDatabase(testConfig(dataDir, { env: { DEV_DATABASE_PATH: file } }));
  await migrateToLatest(db);
  try {
    for (let from = 0; from < count; from += 50) {
      const rows = Array.from({ length: 50 }, (_, index) => siteRow(from + index));
      await db.insertInto('site').values(rows).execute();
      await db
        .insertInto('site_domain')
        .values(
          rows.flatMap((row) => [row.slug, `www.${row.slug}`].map((host) => ({ site_id: row.id, host, port: 80 }))),
        )
        .execute();
      const figures = rows.map((row, index) => figureRow(row.id, from + index));
      await db.insertInto('site_figure').values(figures).execute();
    }
    return siteRow(count / 2).id;
  } finally {
    await db.destroy();
  }
}

/** As measured a moment ago: nothing is measured anew while lists are. */
function figureRow(siteId: string, number: number) {
  const now = Date.now();
  const isCounted = number % 7 !== 0;
  return {
    site_id: siteId,
    requests: isCounted ? (number * 7919) % 400_000 : null,
    bytes: isCounted ? number * 12_345 : null,
    counted_until: isCounted ? now : null,
    certificate_ends_at: number % 2 === 0 ? null : now + number * 60_000,
    ends_at: number % 50 === 0 ? now + number * 60_000 : null,
    is_backup_known: 1,
    backup_at: number % 3 === 0 ? null : now - number * 60_000,
    backup_failed_at: null,
    backup_every_minutes: 1440,
    measured_at: now,
  };
}

function siteRow(number: number) {
  const id = Array.from({ length: 16 }, (_, place) => letters[(number >> (place * 5)) & 31] ?? 'a').join('');
  const slug = `site-${number}.example${number % 97}.test`;
  const at = 1_700_000_000_000 + ((number * 7919) % count) * 1000;
  const name = number % 5 === 0 ? `موقع ${number}` : `Shop number-${number}`;
  const remark = number % 3 === 0 ? 'لا تحذف' : '';
  const hosts = [slug, `www.${slug}`];
  return {
    id,
    slug,
    name,
    name_key: name.toLowerCase(),
    remark,
    category: ['', 'shops', 'مدونات'][number % 3] ?? '',
    kind: number % 4 === 0 ? 'proxy' : 'static',
    state: 'active',
    failure_json: null,
    is_enabled: number % 10 === 0 ? 0 : 1,
    root: `/www/wwwroot/${slug}`,
    upstream_json: number % 4 === 0 ? '{"url":"http://127.0.0.1:3000","isWebsocket":true}' : null,
    domains_json: JSON.stringify(hosts.map((host) => ({ host, port: 80 }))),
    custom_directives: '',
    linux_user: `site-${id.slice(0, 8)}`,
    revision: 1,
    row_version: 1,
    change_id: null,
    worker: null,
    search_text: [name, slug, ...hosts, remark].join('\n').toLowerCase(),
    created_at: at,
    updated_at: at + number,
  };
}
