import { AppError } from '#shared/errors.ts';
import { aapanelBlocks, type AapanelNote, type AapanelReport, type AapanelSite } from '#shared/aapanel.ts';
import { looksOf } from '#shared/certificate-pair.ts';
import { uncoveredHosts } from '#shared/site-tls.ts';
import { formatDomain, hostPattern, parseDomain, parseUpstream, siteRoot, wwwroot } from '#shared/sites.ts';
import { errnoOf, listNames, look, readText } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { sumTree } from '../core/trees.ts';
import { shownPath } from '../nginx/nginx.check.ts';
import { foreignNames, type NamePlace } from '../nginx/nginx.files.ts';
import { installedVersions } from '../php/php.versions.ts';
import { openAapanelDatabase, type AapanelRows, type Row } from './database.ts';
import { readFlags } from './flags.ts';
import { projectFacts } from './projects.ts';
import { readRewrite } from './rewrites.ts';
import { directivesOf, readProxies, readRedirects, shown } from './rules.ts';
import { readOldCertificate, type OldCertificate } from './certificate.ts';
import { cleanPath, readVhost, upstreamOf, type Upstream, type Vhost } from './vhost.ts';

/*
 * The dry run: every site of the old panel as it would become one of this panel, what would be otherwise, and what cannot
 * be. Nothing is written, there and here, and nothing that is read there is run or followed.
 */

type Where = Pick<Machine, 'prefix'>;

const panelFolder = '/www/server/panel';
const maxVhostBytes = 512 * 1024;
const maxEntries = 100_000;
/** For counting the files of all sites together. */
const countingMs = 20_000;
const mostSites = 2_000;

/** Throws `aapanel_missing`, `aapanel_database_invalid`. */
export async function readAapanel(where: Where, base: string): Promise<AapanelReport> {
  const { rows, layout } = readRows(where, base);
  const known = knownHere(where, rows);
  const endsAt = Date.now() + countingMs;
  const sites: AapanelSite[] = [];
  for (const row of rows.sites.slice(0, mostSites)) {
    const read = readSite(where, base, row, rows, known);
    const isThere = !read.notes.some(({ code }) => ['folder_missing', 'folder_link', 'path_elsewhere'].includes(code));
    const sum = isThere
      ? await sumTree(where.prefix + base + read.path, maxEntries, endsAt).catch(() => undefined)
      : undefined;
    const files =
      sum === undefined ? null : { count: sum.count, sizeBytes: sum.sizeBytes, isTruncated: sum.isTruncated };
    sites.push({ ...read, files });
  }
  return {
    layout,
    sites,
    databases: rows.databases.map((row) => ({
      name: textOf(row['name']),
      user: textOf(row['username']),
      engine: textOf(row['type']) || 'MySQL',
    })),
    others: { ftpAccounts: rows.ftpAccounts, cronJobs: rows.cronJobs },
    flags: readFlags(`${where.prefix}${base}${panelFolder}/data`),
  };
}

export type FoundSite = {
  readonly site: Omit<AapanelSite, 'files'>;
  /** See `readOldCertificate`. */
  readonly certificate: () => OldCertificate | undefined;
  /** Whose rights its files are read with: their owner's, and nobody's where that is root. */
  readonly reader: { readonly uid: number; readonly gid: number };
};

/** One site as it is now. Throws `aapanel_site_unknown`, and `aapanel_site_blocked` with the first reason. */
export function findAapanelSite(where: Where, base: string, name: string): FoundSite {
  const { rows } = readRows(where, base);
  const row = rows.sites.find((each) => each['name'] === name);
  if (row === undefined)
    throw new AppError('not_found', 'There is no such site.', { reason: 'aapanel_site_unknown', params: { name } });
  const site = readSite(where, base, row, rows, knownHere(where, rows));
  if (site.state === 'blocked') {
    const reason = site.notes.find(({ code }) => isBlock(code))?.code ?? '';
    throw new AppError('in_use', 'This site cannot be brought over.', {
      reason: 'aapanel_site_blocked',
      params: { name, why: reason },
    });
  }
  const vhost = readFile(where, base, name, () => undefined);
  const certificate = () => (vhost === undefined ? undefined : readOldCertificate(where, base, vhost));
  return { site, certificate, reader: readerOf(where, base, site.path) };
}

function readerOf({ prefix }: Where, base: string, path: string): { uid: number; gid: number } {
  const owner = look(prefix + base + path);
  const nobody = 65_534;
  if (owner.type !== 'folder' || owner.uid === 0) return { uid: nobody, gid: nobody };
  return { uid: owner.uid, gid: owner.gid === 0 ? nobody : owner.gid };
}

const isBlock = (code: string): boolean => (aapanelBlocks as readonly string[]).includes(code);

function readRows({ prefix }: Where, base: string): { rows: AapanelRows; layout: AapanelReport['layout'] } {
  const folder = `${prefix}${base}${panelFolder}/data`;
  const open = (name: string) => {
    try {
      return openAapanelDatabase(`${folder}/${name}`);
    } catch (error) {
      // A folder on the way is missing, or is none.
      if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error))) return undefined;
      throw error;
    }
  };
  const single = open('default.db');
  const site = open('db/site.db');
  // After an update of aaPanel both are there, and the one with the table of sites counts.
  const isSplit = site?.has('sites') === true;
  const opened = [single, site, open('db/database.db'), open('db/ftp.db'), open('db/crontab.db')].filter(
    (each) => each !== undefined,
  );
  try {
    const from = (table: string) => {
      const having = opened.filter((each) => each.has(table));
      return isSplit ? having.at(-1) : having[0];
    };
    const sites = isSplit ? site : single?.has('sites') === true ? single : undefined;
    if (sites === undefined)
      throw new AppError('not_found', 'There is no aaPanel here.', {
        reason: 'aapanel_missing',
        params: { path: `${base}${panelFolder}` },
      });
    return {
      layout: isSplit ? 'split' : 'single',
      rows: {
        sites: sites.rows('sites'),
        domains: sites.rows('domain'),
        bindings: sites.rows('binding'),
        categories: sites.rows('site_types'),
        databases: from('databases')?.rows('databases') ?? [],
        ftpAccounts: from('ftps')?.count('ftps') ?? 0,
        cronJobs: from('crontab')?.count('crontab') ?? 0,
      },
    };
  } finally {
    for (const each of opened) each.close();
  }
}

type Known = {
  readonly installed: readonly string[];
  readonly categories: ReadonlyMap<unknown, string>;
  /** What files here serve that the panel did not write. */
  readonly foreign: ReadonlyMap<string, NamePlace>;
};

function knownHere({ prefix }: Where, rows: AapanelRows): Known {
  return {
    installed: installedVersions(prefix),
    categories: new Map(rows.categories.map((row) => [row['id'], textOf(row['name'])])),
    foreign: foreignNames(prefix),
  };
}

function readSite(
  where: Where,
  base: string,
  row: Row,
  rows: AapanelRows,
  { installed, categories, foreign }: Known,
): Omit<AapanelSite, 'files'> {
  const notes: AapanelNote[] = [];
  const note = (code: AapanelNote['code'], params: Record<string, string> = {}): void =>
    void notes.push({ code, params });
  const name = textOf(row['name']);
  const type = (textOf(row['project_type']) || 'PHP').toLowerCase();
  if (!/^[\p{L}\p{N}_.*-]{1,200}$/u.test(name) || name.startsWith('.')) note('name_invalid', { name });
  if (!['php', 'html', 'proxy'].includes(type))
    note('kind_unknown', { kind: textOf(row['project_type']), facts: projectFacts(row) || '—' });
  const domains = readDomains(rows, row, note);
  noteServed(where, domains, foreign, note);
  const path = readFolder(where, base, textOf(row['path']), note);
  const isNamed = !notes.some(({ code }) => code === 'name_invalid');
  const vhost = isNamed ? readFile(where, base, name, note) : undefined;
  const runFolder = readRunFolder(path, vhost, note);
  const { upstream, proxies } = readOnward(where, base, vhost, type, note);
  const redirects = readMoved(where, base, vhost, domains, note);
  const certificate = vhost === undefined ? null : readCertificate(where, base, vhost, domains, note);
  const phpVersion = type === 'php' && upstream === null ? (vhost?.phpVersion ?? null) : null;
  if (phpVersion !== null && !installed.includes(phpVersion)) note('php_missing', { version: phpVersion });
  const kind = upstream !== null ? 'proxy' : phpVersion !== null ? 'php' : 'static';
  const { preset, fallback } = readRewrites(where, base, vhost, kind, note);
  if (vhost !== undefined) noteRest(where, base, vhost, note);
  for (const binding of rows.bindings.filter(({ pid }) => pid === row['id']))
    note('bindings_by_hand', { domain: textOf(binding['domain']), path: textOf(binding['path']) });
  const databases = rows.databases.filter(({ pid }) => pid === row['id']).map((each) => textOf(each['name']));
  if (databases.length > 0) note('databases', { names: databases.join(', ').slice(0, 500) });
  const category = categories.get(row['type_id']) ?? '';
  return {
    name,
    state: notes.some(({ code }) => isBlock(code)) ? 'blocked' : notes.length > 0 ? 'differs' : 'ready',
    kind,
    domains,
    path: path ?? textOf(row['path']).slice(0, 1_000),
    runFolder,
    phpVersion,
    preset,
    fallback,
    upstream,
    redirects,
    proxies,
    certificate,
    isEnabled: String(row['status'] ?? '1') !== '0',
    remark: textOf(row['ps']).slice(0, 500),
    category: category.slice(0, 60),
    endsAt: endOf(textOf(row['edate'])),
    notes: notes.slice(0, 100),
  };
}

type Note = (code: AapanelNote['code'], params?: Record<string, string>) => void;

const textOf = (value: string | number | null | undefined): string => (value == null ? '' : String(value)).trim();

/** The day that is named is the last one; `0000-00-00` is none. */
function endOf(date: string): string | null {
  const at = /^[1-9]\d{3}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(at) ? null : new Date(at + 24 * 60 * 60 * 1000).toISOString();
}

function readDomains(rows: AapanelRows, row: Row, note: Note): string[] {
  const found = new Map<string, string>();
  for (const domain of rows.domains.filter(({ pid }) => pid === row['id']).slice(0, 500)) {
    const host = textOf(domain['name']);
    const port = Number(domain['port'] ?? 80);
    // That a name is served over HTTPS too stands there as a port of its own.
    const parsed = parseDomain(port === 80 || port === 443 ? host : `${host}:${port}`);
    if (!parsed.ok || !hostPattern.test(parsed.domain.host)) note('domain_invalid', { domain: host.slice(0, 260) });
    else if (found.size < 100) found.set(formatDomain(parsed.domain), host);
  }
  if (found.size === 0) note('no_domain');
  return [...found.keys()];
}

function noteServed(where: Where, domains: readonly string[], foreign: Known['foreign'], note: Note): void {
  for (const domain of domains) {
    const parsed = parseDomain(domain);
    const place = parsed.ok ? foreign.get(`${parsed.domain.host}:${parsed.domain.port}`) : undefined;
    if (place === undefined) continue;
    note('domain_served_elsewhere', { domain, file: `${shownPath(place.file, where.prefix)}:${place.line}` });
    return;
  }
}

/** Below the folder of all sites and through no link: a row could name any folder of the machine. */
function readFolder({ prefix }: Where, base: string, given: string, note: Note): string | null {
  const path = cleanPath(given);
  if (path === null || !path.startsWith(`${wwwroot}/`)) {
    note('path_elsewhere', { path: given.slice(0, 300) });
    return null;
  }
  try {
    const found = look(`${prefix}${base}${path}`);
    if (found.type === 'missing') note('folder_missing', { path });
    else if (found.type !== 'folder') note('folder_link', { path });
  } catch (error) {
    if (!(error instanceof AppError) && errnoOf(error) !== 'ENOTDIR') throw error;
    note('folder_link', { path });
  }
  return path;
}

/** aaPanel puts the kind of a project before the name of its files. */
function readFile(where: Where, base: string, name: string, note: Note): Vhost | undefined {
  for (const begin of ['', 'html_', 'proxy_']) {
    const text = readSafely(`${where.prefix}${base}${panelFolder}/vhost/nginx/${begin}${name}.conf`);
    if (text === undefined) continue;
    const vhost = readVhost(text);
    if (vhost === undefined) note('vhost_unreadable', { file: `${begin}${name}.conf` });
    return vhost;
  }
  note('vhost_missing', { file: `${name}.conf` });
  return undefined;
}

function readSafely(path: string): string | undefined {
  try {
    return readText(path, maxVhostBytes);
  } catch (error) {
    if (error instanceof AppError || ['ENOTDIR', 'EISDIR', 'EACCES'].includes(errnoOf(error))) return undefined;
    throw error;
  }
}

function confsIn(path: string): string[] {
  try {
    return listNames(path).filter((each) => each.endsWith('.conf'));
  } catch {
    return [];
  }
}

function readRunFolder(path: string | null, vhost: Vhost | undefined, note: Note): string {
  const root = vhost?.root == null || path === null ? path : cleanPath(vhost.root);
  if (path === null || root === path) return '';
  const below = root?.startsWith(`${path}/`) === true ? root.slice(path.length) : null;
  if (below !== null && siteRoot.safeParse(below).success) return below;
  note('run_folder_invalid', { path: (vhost?.root ?? '').slice(0, 300) });
  return '';
}

type Onward = Pick<AapanelSite, 'upstream' | 'proxies'>;

/** Where requests are passed on: those for everything, and those below single paths. */
function readOnward(where: Where, base: string, vhost: Vhost | undefined, type: string, note: Note): Onward {
  let found = vhost?.upstream ?? null;
  const locations = [...(vhost?.locations ?? [])];
  for (const name of vhost?.proxies ?? [])
    for (const directive of filesBelow(where, base, 'proxy', name).flatMap(directivesOf)) {
      const upstream = upstreamOf(directive);
      if (upstream === null) locations.push(directive);
      else if (found === null) found = upstream;
      else note('proxies_by_hand', { rule: shown(directive) });
    }
  const { proxies, rest } = readProxies(locations);
  for (const rule of rest.slice(0, 20)) note('proxies_by_hand', { rule });
  return { upstream: usable(found, type, note), proxies };
}

function usable(found: Upstream | null, type: string, note: Note): Upstream | null {
  if (found === null) {
    if (type === 'proxy') note('upstream_invalid', { url: '' });
    return null;
  }
  const parsed = parseUpstream(found.url);
  if (parsed.ok) return { url: parsed.upstream.url, isWebsocket: found.isWebsocket };
  note('upstream_invalid', { url: found.url.slice(0, 300) });
  return null;
}

/** Texts of the files that a site takes in from a folder of its own. */
function filesBelow(where: Where, base: string, place: 'proxy' | 'redirect', name: string): string[] {
  const folder = `${where.prefix}${base}${panelFolder}/vhost/nginx/${place}/${name}`;
  return confsIn(folder)
    .slice(0, 500)
    .map((file) => readSafely(`${folder}/${file}`) ?? '');
}

function readMoved(
  where: Where,
  base: string,
  vhost: Vhost | undefined,
  domains: readonly string[],
  note: Note,
): AapanelSite['redirects'] {
  const names = domains.flatMap((domain) => {
    const parsed = parseDomain(domain);
    return parsed.ok ? [parsed.domain] : [];
  });
  const texts = (vhost?.redirects ?? []).flatMap((name) => filesBelow(where, base, 'redirect', name));
  const { redirects, rest } = readRedirects(texts, names);
  if (rest.length > 0) note('redirects_by_hand', { count: String(rest.length), text: rest.join('\n').slice(0, 2_000) });
  return redirects;
}

/** As it would come along: only what could be put on the shelf, and is good for a name of the site. */
function readCertificate(
  where: Where,
  base: string,
  vhost: Vhost,
  domains: readonly string[],
  note: Note,
): AapanelSite['certificate'] {
  if (vhost.certificate === null) return null;
  try {
    const looks = looksOf(readOldCertificate(where, base, vhost)?.pair.certificate ?? '');
    const hosts = domains.filter((domain) => !domain.includes(':'));
    if (looks !== null && uncoveredHosts(looks.names, hosts).length < hosts.length) {
      note('certificate_own', { until: looks.validUntil.slice(0, 10) });
      const { names, validUntil, fingerprint } = looks;
      return { names: names.slice(0, 100), validUntil, fingerprint, isForced: vhost.isForced };
    }
    note('certificate');
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    note('certificate_unusable', { why: String(error.params['why'] ?? 'not_readable') });
  }
  return null;
}

function readRewrites(
  where: Where,
  base: string,
  vhost: Vhost | undefined,
  kind: 'static' | 'php' | 'proxy',
  note: Note,
): Pick<AapanelSite, 'preset' | 'fallback'> {
  let known: Pick<AapanelSite, 'preset' | 'fallback'> = { preset: 'none', fallback: 'none' };
  for (const name of vhost?.rewrites ?? []) {
    const text = readSafely(`${where.prefix}${base}${panelFolder}/vhost/rewrite/${name}`);
    if (text === undefined) continue;
    const read = readRewrite(text, kind === 'php');
    if (read.kind === 'known' && kind !== 'proxy') known = { preset: read.preset, fallback: read.fallback };
    else if (text.trim() !== '') note('rewrite_by_hand', { text: text.trim().slice(0, 2_000) });
  }
  return known;
}

function noteRest(where: Where, base: string, vhost: Vhost, note: Note): void {
  const folder = `${where.prefix}${base}${panelFolder}/vhost/nginx`;
  const count = (place: string, names: readonly string[]): number =>
    names.flatMap((name) => confsIn(`${folder}/${place}/${name}`)).length;
  const passwords = count('dir_auth', vhost.passwords);
  if (passwords > 0) note('passwords_by_hand', { count: String(passwords) });
  for (const path of vhost.unknownIncludes.slice(0, 20)) note('include_unknown', { path });
  if (vhost.unknown.length > 0)
    note('directives_by_hand', { text: vhost.unknown.slice(0, 40).join('\n').slice(0, 2_000) });
  if (vhost.servers > 2) note('more_servers', { count: String(vhost.servers) });
}
