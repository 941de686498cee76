import type { ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { AppError } from '#shared/errors.ts';
import type { Job } from '#shared/jobs.ts';
import type { SiteFileChoices, SiteFilePreview, SiteFileSite, SiteFileStay } from '#shared/site-files.ts';
import { formatDomain, wwwroot, type Site } from '#shared/sites.ts';
import type { Context } from '../../context.ts';
import { can } from '../../core/actor.ts';
import { copiedApp, copiedBehaviour, movedPath, startGathering } from './site-copy.ts';
import { checkDomainsFree, checkRootFree, shownName, type Asker } from './site-editing.ts';
import { planCertificate } from './site-file-certificate.ts';
import { displayName, readDomains, readUpstream, refuseFields, slugOf } from './site-inputs.ts';
import { freeSlug } from './site-slugs.ts';
import { isSameFact, snapshotOf, type SiteSnapshot } from './site-snapshot.ts';
import { findTakenDomain } from './sites.store.ts';

/*
 * Sites that go out as one file and come in as one. What belongs to the machine or is a secret goes neither way, unless it is
 * asked for; the certificate's key goes from agent to agent (site-file-certificate.ts).
 */

/** What a file says of a site. */
export function describeSite(site: Site, withSecrets = false): SiteFileSite {
  return withoutOwn(snapshotOf(site), withSecrets);
}

/** Also for what comes in: a file of somebody else may say anything. */
function withoutOwn(site: SiteSnapshot, withSecrets: boolean): SiteSnapshot {
  return {
    ...site,
    app: site.app === null ? null : copiedApp(site.app, withSecrets),
    behaviour: withClosedPaths(site.behaviour),
    deploy: null,
    reach: { ...site.reach, isDefault: false },
    // A key opens the site that it was given for.
    sftp: { keys: [] },
    tls: null,
  };
}

/** A path whose password stays behind is closed for everybody, not open: only the machine itself gets in. */
function withClosedPaths(behaviour: SiteSnapshot['behaviour']): SiteSnapshot['behaviour'] {
  if (behaviour.passwords.length === 0) return behaviour;
  const paths = [...new Set(behaviour.passwords.map(({ path }) => path))];
  const others = behaviour.access.addresses.filter(({ path }) => !paths.includes(path));
  const closed = paths.map((path) => ({
    path,
    lines: [{ action: 'allow' as const, range: '127.0.0.1' }],
    others: 'deny' as const,
  }));
  return {
    ...behaviour,
    passwords: [],
    access: { ...behaviour.access, addresses: [...others, ...closed] },
  };
}

type Look = ActionResult<AgentActions['site_files.inspect']>;
type Plan = { readonly snapshot: SiteSnapshot; readonly notes: SiteFilePreview['notes'] };

async function readFile(ctx: Pick<Context, 'agent'>, asker: Asker, uploadId: string): Promise<Look> {
  return await ctx.agent.call('site_files.inspect', { uploadId }, asker);
}

/** The dry run. */
export async function previewFile(
  ctx: Context,
  asker: Asker,
  uploadId: string,
  choices: SiteFileChoices,
): Promise<SiteFilePreview> {
  const look = await readFile(ctx, asker, uploadId);
  const { site, origin, createdAt, panelVersion, files, bytes, databases, secrets, isSealed } = look;
  const withSecrets = choices.withSecrets && secrets > 0;
  const { snapshot, notes, php } = await planOf(ctx, asker, site, { ...choices, withSecrets });
  const https = await planCertificate(ctx, asker, look.certificate, snapshot.domains, choices.withCertificate);
  notes.push(...(await databaseNotes(ctx, asker, databases, choices)), ...https.notes);
  return {
    origin,
    createdAt,
    panelVersion,
    kind: snapshot.kind,
    name: snapshot.name,
    oldDomains: site.domains.map(formatDomain),
    domains: snapshot.domains.map(formatDomain),
    root: snapshot.root,
    php,
    files,
    bytes,
    hasDirectives: site.customDirectives.trim() !== '',
    databases,
    secrets,
    certificate: https.certificate,
    isSealed,
    notes,
    stays: staysOf(site, databases.length > 0, withSecrets, https.tls !== null),
  };
}

/** Starts to make a site of a file, as a job. What stands in the way is said here, field by field. */
export async function startFileImport(
  ctx: Context,
  asker: Asker,
  uploadId: string,
  choices: SiteFileChoices,
): Promise<Job> {
  if (choices.withDirectives && !can(asker.actor, 'sites.custom_directives'))
    throw new AppError('not_allowed', 'Your role does not allow this.', {
      params: { permission: 'sites.custom_directives' },
    });
  if (choices.databases.length > 0 && !can(asker.actor, 'databases.manage'))
    throw new AppError('not_allowed', 'Your role does not allow this.', { params: { permission: 'databases.manage' } });
  const { site, secrets, certificate } = await readFile(ctx, asker, uploadId);
  const withSecrets = choices.withSecrets && secrets > 0;
  const { snapshot, notes } = await planOf(ctx, asker, site, { ...choices, withSecrets });
  await checkDomainsFree(ctx, asker.actor, snapshot.domains, null);
  const missing = notes.find(({ code }) => code === 'php_missing');
  if (missing !== undefined)
    throw new AppError('in_use', 'This version of PHP is not installed.', {
      reason: 'php_version_missing',
      params: { version: missing.params['version'] ?? '' },
    });
  await checkRootFree(ctx, asker.actor, snapshot.root, null);
  const { tls, bringsId } = await planCertificate(ctx, asker, certificate, snapshot.domains, choices.withCertificate);
  return await startGathering(ctx, asker, {
    source: { uploadId, databases: choices.databases, certificateId: bringsId },
    snapshot: { ...snapshot, tls },
    withSecrets,
    subject: { name: site.name, to: snapshot.name, what: 'file' },
  });
}

/** What stands in the way of the chosen databases. Accounts that the panel has not made are seen when it begins. */
async function databaseNotes(
  ctx: Pick<Context, 'agent'>,
  asker: Asker,
  inFile: Look['databases'],
  { databases: chosen }: SiteFileChoices,
): Promise<SiteFilePreview['notes']> {
  if (inFile.length === 0) return [];
  if (!can(asker.actor, 'databases.manage')) return [{ code: 'databases_not_allowed', blocks: false, params: {} }];
  const notes: SiteFilePreview['notes'] = [];
  if (new Set(chosen.map(({ index }) => index)).size < inFile.length)
    notes.push({ code: 'databases_left', blocks: false, params: {} });
  if (chosen.length === 0) return notes;
  const { servers, items } = await ctx.agent.call('databases.list', {}, asker);
  for (const [at, { index, name, user }] of chosen.entries()) {
    const engine = inFile[index]?.engine;
    const before = chosen.slice(0, at).filter((each) => inFile[each.index]?.engine === engine);
    const others = [...items.filter((each) => each.engine === engine), ...before];
    const [code, params] = !servers.some((each) => each.engine === engine && each.state === 'running')
      ? (['database_server_missing', { engine: engine ?? '', name }] as const)
      : others.some((each) => each.name === name)
        ? (['database_taken', { name }] as const)
        : others.some((each) => each.user === user)
          ? (['database_user_taken', { user }] as const)
          : [];
    if (code !== undefined) notes.push({ code, blocks: true, params });
  }
  return notes;
}

async function planOf(
  ctx: Context,
  asker: Asker,
  given: SiteFileSite,
  choices: SiteFileChoices,
): Promise<Plan & { readonly php: SiteFilePreview['php'] }> {
  const { actor } = asker;
  const before = withoutOwn(given, choices.withSecrets);
  const notes: SiteFilePreview['notes'] = [];
  const note = (code: (typeof notes)[number]['code'], blocks: boolean, params: (typeof notes)[number]['params'] = {}) =>
    notes.push({ code, blocks, params });
  // Names of a file are read as those that somebody types.
  const domains = readDomains(choices.domains ?? before.domains.map(formatDomain)).value;
  const [first] = domains;
  if (first === undefined) throw refuseFields([{ field: 'domains', code: 'required' }]);
  const taken = await findTakenDomain(ctx.db, domains, null);
  if (taken !== undefined)
    note('domain_taken', true, {
      domain: formatDomain(taken),
      site: shownName(actor, taken.siteId, taken.siteName),
    });
  const slug = await freeSlug(ctx, slugOf(first));
  const moved = movedPath(before, slug);
  const own = `${wwwroot}/${slug}`;
  const root = moved(before.root);
  const isOwn = (path: string): boolean => path === own || path.startsWith(`${own}/`);
  const directives = before.customDirectives.trim();
  if (directives !== '' && !choices.withDirectives)
    note(can(actor, 'sites.custom_directives') ? 'directives_left' : 'directives_not_allowed', false);
  const behaviour = copiedBehaviour(before, domains);
  if (!isSameFact(behaviour.redirects, before.behaviour.redirects)) note('redirects_left', false);
  const php = await phpOf(ctx, asker, before, choices);
  if (php !== null && !php.isInstalled) note('php_missing', true, { version: php.version });
  const name =
    choices.name === undefined || choices.name === '' ? nameOf(before, choices, displayName(first)) : choices.name;
  return {
    php,
    notes,
    snapshot: {
      ...before,
      slug,
      name: name.slice(0, 100),
      domains,
      root: isOwn(root) ? root : own,
      isEnabled: true,
      upstream: before.upstream === null ? null : readUpstream(before.upstream).value,
      customDirectives: choices.withDirectives ? before.customDirectives : '',
      behaviour,
      php:
        before.php === null || php === null
          ? null
          : { ...before.php, version: php.version, openFolders: before.php.openFolders.map(moved).filter(isOwn) },
    },
  };
}

/** Other names make another site; under its own it is still called as it was. */
function nameOf(before: SiteSnapshot, choices: SiteFileChoices, fallback: string): string {
  return choices.domains === undefined && before.name.trim() !== '' ? before.name : fallback;
}

async function phpOf(
  ctx: Pick<Context, 'agent'>,
  asker: Asker,
  { php }: SiteSnapshot,
  { phpVersion }: SiteFileChoices,
): Promise<SiteFilePreview['php']> {
  if (php === null) return null;
  const { items } = await ctx.agent.call('php.versions', {}, asker);
  const installed = items.filter(({ isInstalled }) => isInstalled).map(({ version }) => version);
  const version = phpVersion ?? php.version;
  return { version, isInstalled: installed.some((each) => each === version), installed };
}

/** Of what the file would have had: it says so by what is closed or empty in it, except for what every file leaves. */
function staysOf(
  { kind, app, behaviour }: SiteFileSite,
  hasDatabases: boolean,
  hasSecrets: boolean,
  hasCertificate: boolean,
): SiteFileStay[] {
  const closed = behaviour.access.addresses.some(
    ({ others, lines }) => others === 'deny' && lines.length === 1 && lines[0]?.range === '127.0.0.1',
  );
  return [
    ...(hasCertificate ? [] : (['certificate'] as const)),
    ...(closed ? (['passwords'] as const) : []),
    ...(app === null || hasSecrets ? [] : (['secrets'] as const)),
    'keys',
    ...(app?.listen.kind === 'port' ? (['port'] as const) : []),
    ...(!hasDatabases && (kind === 'php' || kind === 'app') ? (['databases'] as const) : []),
    'logs',
  ];
}
