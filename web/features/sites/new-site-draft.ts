import { databaseProblems, suggestedDatabaseName } from '#shared/databases.ts';
import { parseRepository } from '#shared/site-deploy.ts';
import { parseSshKey } from '#shared/site-sftp.ts';
import { provableHosts } from '#shared/site-tls.ts';
import { formatDomain, parseUpstream, type SiteKind } from '#shared/sites.ts';
import { readableDomain } from '../../ui/DomainName.tsx';
import { presetDefaults, startOf, type AppPreset } from '../apps/app-presets.ts';
import { domainsOf, readDomainLines, type DomainLine } from './domain-lines.ts';
import { rootProblem } from './site-names.ts';
import type { SiteCreate } from './sites.queries.ts';

/** The form as it is typed. */
export type NewSiteDraft = {
  readonly kind: SiteKind;
  /** With `php`: WordPress is installed into the new site. */
  readonly isWordpress: boolean;
  readonly domains: string;
  readonly upstream: string;
  readonly isWebsocket: boolean;
  readonly appPreset: AppPreset;
  readonly appGiven: string;
  /** Empty until one is chosen: the newest installed one. */
  readonly phpVersion: string;
  /** Only for PHP sites and applications. */
  readonly hasDatabase: boolean;
  /** null: as it is suggested from the first domain. */
  readonly databaseName: string | null;
  readonly databaseUser: string | null;
  /** HTTPS as soon as the site is served; only for names of the public internet. */
  readonly hasCertificate: boolean;
  /** A public key for SFTP; empty: none. */
  readonly sshKey: string;
  /** Of Git, to deploy from it afterwards; empty: none. */
  readonly repository: string;
  readonly name: string;
  readonly remark: string;
  readonly category: string;
  readonly root: string;
};

export const emptyDraft: NewSiteDraft = {
  kind: 'static',
  isWordpress: false,
  domains: '',
  upstream: '',
  isWebsocket: true,
  appPreset: 'node',
  appGiven: presetDefaults.node,
  phpVersion: '',
  hasDatabase: false,
  databaseName: null,
  databaseUser: null,
  hasCertificate: false,
  sshKey: '',
  repository: '',
  name: '',
  remark: '',
  category: '',
  root: '',
};

/** Whether something would be lost. */
export function isTyped(draft: NewSiteDraft): boolean {
  const { domains, upstream, sshKey, repository, name, remark, category, root } = draft;
  return [domains, upstream, sshKey, repository, name, remark, category, root].some((text) => text.trim() !== '');
}

/** Keys of `errors.fields` of what is wrong; the domains carry their own. */
export function problemsOf(draft: NewSiteDraft): {
  domains?: string;
  upstream?: string;
  app?: string;
  php?: string;
  root?: string;
  sshKey?: string;
  repository?: string;
  databaseName?: string;
  databaseUser?: string;
} {
  const lines = readDomainLines(draft.domains);
  const upstream = draft.kind === 'proxy' ? upstreamProblem(draft.upstream) : undefined;
  const root = draft.root.trim() === '' ? undefined : rootProblem(draft.root.trim());
  return {
    ...(lines.length === 0 ? { domains: 'required' } : domainsOf(lines) === undefined ? { domains: 'invalid' } : {}),
    ...(upstream === undefined ? {} : { upstream }),
    ...(draft.kind === 'app' && draft.appGiven.trim() === '' ? { app: 'required' } : {}),
    ...(draft.kind === 'php' && draft.phpVersion === '' ? { php: 'required' } : {}),
    ...(root === undefined ? {} : { root }),
    ...sshKeyProblemOf(draft),
    ...repositoryProblemOf(draft),
    ...databaseProblemsOf(draft),
  };
}

function sshKeyProblemOf({ sshKey }: NewSiteDraft): { sshKey?: string } {
  const parsed = sshKey.trim() === '' ? undefined : parseSshKey(sshKey);
  return parsed === undefined || parsed.ok ? {} : { sshKey: parsed.code };
}

/** Where the site is to be deployed from; a proxy has nothing to deploy, and WordPress comes by itself. */
export function repositoryOf({ kind, isWordpress, repository }: NewSiteDraft): string | undefined {
  const address = repository.trim();
  return kind === 'proxy' || (kind === 'php' && isWordpress) || address === '' ? undefined : address;
}

function repositoryProblemOf(draft: NewSiteDraft): { repository?: string } {
  const address = repositoryOf(draft);
  const parsed = address === undefined ? undefined : parseRepository(address);
  return parsed === undefined || parsed.ok ? {} : { repository: parsed.code };
}

/** Whether a certificate can be ordered for one of the names, as far as they are typed. */
export function canHaveCertificate({ domains }: NewSiteDraft): boolean {
  const read = readDomainLines(domains).flatMap(({ domain }) => (domain == null ? [] : [domain]));
  return provableHosts(read, 'http').length > 0;
}

/** As it would be made now; undefined when none is wanted. */
export function databaseOf(draft: NewSiteDraft): { name: string; user: string } | undefined {
  // WordPress brings its own.
  if (!draft.hasDatabase || draft.isWordpress || (draft.kind !== 'php' && draft.kind !== 'app')) return undefined;
  const first = readDomainLines(draft.domains).find(({ problem }) => problem === null)?.domain;
  const suggested = first == null ? '' : suggestedDatabaseName(first.host);
  return { name: draft.databaseName ?? suggested, user: draft.databaseUser ?? suggested };
}

function databaseProblemsOf(draft: NewSiteDraft): { databaseName?: string; databaseUser?: string } {
  const database = databaseOf(draft);
  if (database === undefined) return {};
  const name = database.name === '' ? 'required' : databaseProblems.name(database.name);
  const user = database.user === '' ? 'required' : databaseProblems.user(database.user);
  return {
    ...(name === undefined ? {} : { databaseName: name }),
    ...(user === undefined ? {} : { databaseUser: user }),
  };
}

export function upstreamProblem(text: string): string | undefined {
  if (text.trim() === '') return 'required';
  const parsed = parseUpstream(text);
  return parsed.ok ? undefined : parsed.code;
}

/** `127.0.0.1:3000` is what people type when they mean `http://127.0.0.1:3000`. */
export function withScheme(text: string): string {
  const address = text.trim();
  return /^(localhost|[\w-]+(\.[\w-]+)+)(:\d{1,5})?(\/\S*)?$/.test(address) ||
    /^[\w-]+:\d{1,5}(\/\S*)?$/.test(address) ||
    /^\[[0-9a-f:.]+\](:\d{1,5})?(\/\S*)?$/i.test(address)
    ? `http://${address}`
    : address;
}

/** What is sent, or undefined while something is wrong. */
export function bodyOf(draft: NewSiteDraft): SiteCreate | undefined {
  const lines = readDomainLines(draft.domains);
  const domains = domainsOf(lines);
  if (domains === undefined || Object.keys(problemsOf(draft)).length > 0) return undefined;
  const name = draft.name.trim() === '' ? readableName(lines) : draft.name.trim();
  const root = draft.root.trim();
  const database = databaseOf(draft);
  const sshKey = parseSshKey(draft.sshKey);
  return {
    kind: draft.kind,
    domains,
    remark: draft.remark.trim(),
    category: draft.category.trim(),
    ...(name === undefined ? {} : { name }),
    ...(root === '' ? {} : { root }),
    ...(draft.kind === 'app' ? { app: startOf(draft.appPreset, draft.appGiven) } : {}),
    ...(draft.kind === 'php' ? { php: { version: draft.phpVersion } } : {}),
    ...(database === undefined ? {} : { database }),
    ...(sshKey.ok ? { sftp: { keys: [{ name: keyName(draft.sshKey), key: sshKey.key }] } } : {}),
    ...(draft.hasCertificate && canHaveCertificate(draft) ? { certificate: { email: '' } } : {}),
    ...(draft.kind === 'proxy' ? { upstream: { url: draft.upstream.trim(), isWebsocket: draft.isWebsocket } } : {}),
  };
}

/** What stands behind the key, mostly `name@machine`. */
function keyName(text: string): string {
  return text.trim().split(/\s+/).slice(2).join(' ').slice(0, 60) || 'SFTP';
}

/** A site of an Arabic domain is called by it; for other names the panel takes the domain itself. */
function readableName([first]: readonly DomainLine[]): string | undefined {
  if (first?.domain == null) return undefined;
  const readable = readableDomain(first.domain);
  return readable === formatDomain(first.domain) ? undefined : readable.slice(0, 100);
}

const key = 'aapanel.new-site';

/** What was typed and not sent, also after a reload of this tab. */
export function storedDraft(): NewSiteDraft {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(key) ?? '{}');
    return typeof stored === 'object' && stored !== null ? { ...emptyDraft, ...stored } : emptyDraft;
  } catch {
    return emptyDraft;
  }
}

export function storeDraft(draft: NewSiteDraft): void {
  try {
    if (isTyped(draft)) sessionStorage.setItem(key, JSON.stringify(draft));
    else sessionStorage.removeItem(key);
  } catch {
    // Storage is full or forbidden: the draft then lives as long as the form.
  }
}
