import { servedRoot } from '#shared/behaviour/served-folder.ts';
import { findBehaviourProblems } from '#shared/behaviour/check.ts';
import { AppError } from '#shared/errors.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { looksOf, type CertificateLooks } from '#shared/certificate-pair.ts';
import { completeSettings } from '#shared/site-defaults.ts';
import { uncoveredHosts } from '#shared/site-tls.ts';
import type { SiteDomain } from '#shared/site-domains.ts';
import { uploadsFolder, wwwroot } from '#shared/site-folders.ts';
import { checkApp } from '../apps/apps.facts.ts';
import { findStored, isKnown } from '../certificates/shelf.ts';
import { copiesFolder } from '../copies/copy-paths.ts';
import { look } from '../core/files.ts';
import { webPortsOf, type Machine } from '../core/machine.ts';
import { nginxBuild } from '../nginx/nginx.build.ts';
import { shownPath } from '../nginx/nginx.check.ts';
import { foreignNames } from '../nginx/nginx.files.ts';
import { findMaster, findPortHolder } from '../nginx/nginx.process.ts';
import { checkPhp } from '../php/php.facts.ts';
import { allRecords, type SiteRecord } from './site-records.ts';

/**
 * Refuses facts that can never be right, before anything is rendered. `brought`: the certificate it will be served with, of
 * one that comes onto the shelf with the site.
 */
export function checkSpec(machine: Machine, spec: SiteSpec, brought?: CertificateLooks): void {
  checkDomains(machine, spec);
  checkRoot(machine, spec);
  checkTls(machine, spec, brought);
  checkPhp(machine, spec);
  checkApp(machine, spec);
  checkDefault(machine, spec);
  const fields = findBehaviourProblems(spec);
  if (fields.length > 0)
    throw new AppError('invalid_request', 'Some rules of the site do not go together.', { fields });
}

/** Of two sites that answer unknown names nginx would choose one by the order of their files. */
function checkDefault(machine: Machine, { siteId, reach }: SiteSpec): void {
  if (!reach.isDefault) return;
  const other = [...allRecords(machine).values()].find(
    (record) => record.siteId !== siteId && record.settings?.reach?.isDefault === true,
  );
  if (other !== undefined)
    throw new AppError('in_use', 'Another site answers names that nobody has.', {
      reason: 'default_site_taken',
      params: { slug: other.slug },
    });
}

/** What the installed nginx cannot do. A site that has it already keeps its other changes, where nginx was replaced. */
export async function checkNginx(
  { prefix }: Pick<Machine, 'prefix'>,
  { tls, behaviour }: Pick<SiteSpec, 'tls' | 'behaviour'>,
  before: SiteRecord | undefined,
): Promise<void> {
  const refuse = (field: string, code: string): never => {
    throw new AppError('invalid_request', 'The installed nginx cannot do this.', { fields: [{ field, code }] });
  };
  if (tls?.isHttp3 === true && before?.settings?.tls?.isHttp3 !== true && !(await nginxBuild(prefix)).hasHttp3)
    refuse('tls.isHttp3', 'http3_unavailable');
  const { brotli } = behaviour.compression;
  const earlier = before?.settings?.behaviour?.compression?.brotli ?? 'default';
  if (brotli !== 'default' && brotli !== earlier && !(await nginxBuild(prefix)).hasBrotli)
    refuse('behaviour.compression.brotli', 'brotli_unavailable');
  const replaced = replacingParts(behaviour);
  if (replaced[0] === undefined || (await nginxBuild(prefix)).hasSubFilter) return;
  const hadAny =
    before?.settings !== undefined && replacingParts(completeSettings(before.settings).behaviour).length > 0;
  if (!hadAny) refuse(`behaviour.${replaced[0]}.replacements`, 'sub_filter_unavailable');
}

/** The parts of a site's behaviour that replace words in answers. */
function replacingParts({ forward, proxies }: Pick<SiteSpec['behaviour'], 'forward' | 'proxies'>): string[] {
  return [
    ...(forward.replacements.length > 0 ? ['forward'] : []),
    ...proxies.flatMap(({ replacements }, index) => (replacements.length > 0 ? [`proxies.${index}`] : [])),
  ];
}

/** The certificate is there and is good for one of the names at least. */
function checkTls(machine: Machine, { slug, tls, domains }: SiteSpec, brought: CertificateLooks | undefined): void {
  if (tls === null) return;
  const refuse = (field: string, code: string): AppError =>
    new AppError('invalid_request', 'HTTPS of the site cannot be as asked.', { fields: [{ field, code }] });
  const stored = brought === undefined ? findStored(machine, tls.certificateId) : undefined;
  const looks = brought ?? (stored === undefined ? undefined : looksOf(stored.chain));
  // Its files were damaged since: nginx says which, and what is wrong with it.
  const isServedNow = allRecords(machine).get(slug)?.settings?.tls?.certificateId === tls.certificateId;
  if (looks == null && isServedNow && isKnown(machine, tls.certificateId)) return;
  if (looks == null) throw refuse('tls.certificateId', 'certificate_unknown');
  const ports = webPortsOf(machine);
  const hosts = domains.filter(({ port }) => port === ports.http || port === ports.https).map(({ host }) => host);
  if (hosts.length === 0) throw refuse('tls', 'tls_needs_web_port');
  if (uncoveredHosts(looks.names, hosts).length === new Set(hosts).size)
    throw refuse('tls.certificateId', 'certificate_not_for_site');
  // Browsers would remember to refuse the site, and no visitor could say that they trust it all the same.
  if (tls.hsts !== null && looks.isSelfSigned) throw refuse('tls.hsts', 'hsts_self_signed');
}

function others(machine: Machine, slug: string): SiteRecord[] {
  return [...allRecords(machine).values()].filter((record) => record.slug !== slug);
}

function checkDomains(machine: Machine, spec: SiteSpec): void {
  const mine = new Map<string, number>();
  for (const [index, { host, port }] of spec.domains.entries()) {
    const key = `${host}:${port}`;
    if (mine.has(key))
      throw new AppError('invalid_request', 'A domain stands twice in the list.', {
        fields: [{ field: `domains.${index}`, code: 'domain_repeated', params: { domain: host } }],
      });
    mine.set(key, index);
  }
  const served = servedNames(machine, spec);
  const keys = new Set(served.map(({ host, port }) => `${host}:${port}`));
  const field = (host: string): string => `domains.${spec.domains.findIndex((domain) => domain.host === host)}`;
  for (const record of others(machine, spec.slug)) {
    const theirs = servedNames(machine, { domains: record.domains, tls: record.settings?.tls ?? null });
    const taken = theirs.find(({ host, port }) => keys.has(`${host}:${port}`));
    if (taken === undefined) continue;
    const params = { domain: taken.host, site: record.slug };
    throw new AppError('already_exists', 'Another site answers to this domain.', {
      reason: 'domain_taken',
      params,
      fields: [{ field: field(taken.host), code: 'domain_taken', params }],
    });
  }
  const foreign = foreignNames(machine.prefix);
  for (const { host, port } of served) {
    const place = foreign.get(`${host}:${port}`);
    if (place === undefined) continue;
    const params = { domain: host, file: `${shownPath(place.file, machine.prefix)}:${place.line}` };
    throw new AppError('already_exists', 'A file that the panel did not write answers to this domain.', {
      reason: 'domain_served_elsewhere',
      params,
      fields: [{ field: field(host), code: 'domain_served_elsewhere', params }],
    });
  }
}

function rootError(code: string, params: Record<string, string> = {}): AppError {
  return new AppError('invalid_request', 'The folder of the site is not allowed.', {
    fields: [{ field: 'root', code, params }],
  });
}

/** Below `/www/wwwroot`, through no link, and apart from the folders of all other sites. */
export function checkRoot(machine: Machine, { slug, root }: Pick<SiteSpec, 'slug' | 'root'>): void {
  if (!root.startsWith(`${wwwroot}/`)) throw rootError('root_outside');
  if (
    root
      .slice(1)
      .split('/')
      .some((part) => part === '' || part === '.' || part === '..')
  )
    throw rootError('root_invalid');
  if ([copiesFolder, uploadsFolder].some((own) => isWithin(root, own))) throw rootError('root_invalid');
  for (const record of others(machine, slug)) {
    const theirs = [record.root, `${wwwroot}/${record.slug}`];
    if (theirs.some((folder) => isWithin(root, folder)) || isWithin(record.root, root))
      throw rootError('root_of_other_site', { site: record.slug });
  }
  for (const folder of foldersOf(root)) {
    const found = look(machine.prefix + folder);
    if (found.type === 'missing') return;
    if (found.type === 'link') throw rootError('root_symlink', { path: folder });
    if (found.type !== 'folder') throw rootError('root_not_a_folder', { path: folder });
  }
}

/** Below the site's folder, and no link on the way; asked when it is set, since nginx looks at links at every request. */
export function checkServedFolder(machine: Machine, spec: SiteSpec, before: SiteRecord | undefined): void {
  const served = servedRoot(spec);
  const { servedFolder } = spec.behaviour;
  if (served === spec.root || (before?.root === spec.root && before.settings?.behaviour?.servedFolder === servedFolder))
    return;
  for (const path of foldersOf(served).slice(foldersOf(spec.root).length)) {
    const { type } = look(machine.prefix + path);
    if (type === 'folder') continue;
    const code = type === 'link' ? 'served_folder_symlink' : 'served_folder_missing';
    throw new AppError('invalid_request', 'The served folder cannot be used.', {
      fields: [{ field: 'behaviour.servedFolder', code, params: { path } }],
    });
  }
}

/** `/www`, `/www/wwwroot`, … down to the folder itself. */
export function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`);
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** Names and ports as nginx will serve them: those of HTTPS besides. */
function servedNames(
  machine: Machine,
  { domains, tls }: { readonly domains: readonly SiteDomain[]; readonly tls: SiteSpec['tls'] },
): SiteDomain[] {
  const ports = webPortsOf(machine);
  const secure = domains.filter(({ port }) => port === ports.http).map(({ host }) => ({ host, port: ports.https }));
  return [...domains, ...(tls === null ? [] : secure)];
}

/** Ports that nginx does not serve yet must not be somebody else's. */
export function checkPorts(machine: Machine, spec: SiteSpec): void {
  if (!spec.isEnabled) return;
  const isRunning = findMaster(machine.prefix) !== undefined;
  const served = new Set<number>();
  if (isRunning)
    for (const record of allRecords(machine).values())
      if (record.isEnabled && record.isolated === null)
        for (const { port } of servedNames(machine, { ...record, tls: record.settings?.tls ?? null })) served.add(port);
  for (const port of new Set(servedNames(machine, spec).map((domain) => domain.port))) {
    if (served.has(port)) continue;
    const holder = findPortHolder(port, machine.prefix);
    if (holder !== undefined) throw portTaken(port, holder);
  }
}

export function portTaken(port: number, holder: string): AppError {
  return new AppError('in_use', `Port ${port} is held by another program.`, {
    reason: 'port_taken',
    params: { port, process: holder },
  });
}
