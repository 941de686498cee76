import { z } from 'zod';
import { sitePassword } from './behaviour/passwords.ts';
import { certificate, certificateProof, contactEmail, keyKinds } from './certificates.ts';
import { job } from './jobs.ts';
import { databasesToRemove } from './databases.ts';
import { id, instant, line, pageOf, pageQuery, type Operation } from './http.ts';
import { domainInput, siteDomain, upstreamInput } from './site-domains.ts';
import { siteAppInput } from './site-app.ts';
import { siteBeginnings } from './site-beginnings.ts';
import { logChunk, logKinds, logQuery } from './site-logs.ts';
import { phpVersion, sitePhpCreate } from './site-php.ts';
import { answerQuestion, siteAnswer } from './site-answers.ts';
import { emptiedCache, siteRepair } from './site-upkeep.ts';
import { siteOrderQuery, withFigures, withMeasured } from './site-columns.ts';
import { siteSettings, siteSettingsUpdate } from './site-settings.ts';

export {
  formatDomain,
  hostPattern,
  parseDomain,
  parseUpstream,
  siteDomain,
  type SiteDomain,
  type UpstreamParts,
} from './site-domains.ts';
export { uploadsFolder, wwwlogs, wwwroot } from './site-folders.ts';
export { logChunk, logKinds, type LogKind } from './site-logs.ts';

export const siteKinds = ['static', 'php', 'app', 'proxy'] as const;
export type SiteKind = (typeof siteKinds)[number];

/** Custom nginx directives, kept in the site's own include file. The agent checks each directive against its list. */
export const customDirectives = z
  .string()
  .max(64 * 1024)
  .regex(/^[^\u0000-\u0008\u000b-\u001f\u007f]*$/, { error: 'control_characters' });

/** Folder of a static site, relative to nothing: absolute, under the site's own folder. The agent resolves it again. */
export const siteRoot = z
  .string()
  .min(1)
  .max(1024)
  .regex(/^\/[A-Za-z0-9._/-]+$/, { error: 'root_invalid' })
  .refine((path) => !path.split('/').some((part) => part === '..' || part === '.'), { error: 'root_invalid' });

export const upstreamStored = z.object({ url: z.string(), isWebsocket: z.boolean() });

/** The facts of a site that a change can touch: exactly what the agent renders. */
export const siteFacts = z.object({
  kind: z.enum(siteKinds),
  domains: z.array(siteDomain).min(1).max(100),
  isEnabled: z.boolean(),
  /** Served folder; every site has one (also a proxy, for challenges and error pages). */
  root: siteRoot,
  /** Only for `proxy`. */
  upstream: upstreamStored.nullable(),
  customDirectives,
  ...siteSettings.shape,
});
export type SiteFacts = z.infer<typeof siteFacts>;

/** `applying`: a change is under way; `failed`: the last change was taken back or never ended, see `failure`. */
export const siteStates = ['applying', 'active', 'failed', 'deleting'] as const;

/** `in_sync`, or what the agent saw: the file was changed or removed by hand, or set aside because nginx refused it. */
export const driftStates = ['in_sync', 'changed', 'missing', 'isolated', 'adopted', 'unknown'] as const;
export type DriftState = (typeof driftStates)[number];

export const site = siteFacts.extend({
  id,
  /** File name part, unique and fixed: the first domain at creation. */
  slug: z.string(),
  /** Display name, free text. */
  name: z.string(),
  remark: z.string(),
  category: z.string(),
  state: z.enum(siteStates),
  failure: z
    .object({ code: z.string(), reason: z.string().nullable(), params: z.record(z.string(), z.unknown()) })
    .nullable(),
  linuxUser: z.string(),
  /** Rises with each change; also the ETag (`"<revision>"`). */
  revision: z.int(),
  createdAt: instant,
  updatedAt: instant,
});
export type Site = z.infer<typeof site>;

/** A site in a list: without its rules, its application and how it is built, which are many times the rest. */
export const listedSite = site.omit({ app: true, behaviour: true, deploy: true, sftp: true }).extend(withFigures);
export type ListedSite = z.infer<typeof listedSite>;

export { siteSort } from './site-columns.ts';

export const siteListQuery = pageQuery.extend({
  search: line(200).optional(),
  kind: z.enum(siteKinds).optional(),
  state: z.enum(siteStates).optional(),
  category: line(60).optional(),
  /** Sites that run with this version of PHP. */
  php: phpVersion.optional(),
  isEnabled: z.stringbool().optional(),
  ...siteOrderQuery.shape,
});

export const siteCreate = z.strictObject({
  kind: z.enum(siteKinds),
  domains: z.array(domainInput).min(1).max(100),
  name: line(100).optional(),
  remark: line(500).default(''),
  category: line(60).default(''),
  /** Below `/www/wwwroot`; default `/www/wwwroot/<first domain>`. */
  root: siteRoot.optional(),
  upstream: z.strictObject({ url: upstreamInput, isWebsocket: z.boolean().default(true) }).optional(),
  /** Needed for `php`, refused for other kinds. */
  php: sitePhpCreate.optional(),
  /** Needed for `app`, refused for other kinds. */
  app: siteAppInput.optional(),
  ...siteBeginnings,
});

/** Only the given fields change. `overwrite: true` is the explicit answer to `changed_meanwhile` by drift. */
export const siteUpdate = z.strictObject({
  name: line(100, 1).optional(),
  remark: line(500).optional(),
  category: line(60).optional(),
  domains: z.array(domainInput).min(1).max(100).optional(),
  isEnabled: z.boolean().optional(),
  root: siteRoot.optional(),
  upstream: z.strictObject({ url: upstreamInput, isWebsocket: z.boolean().default(true) }).optional(),
  /** Each whole: what is not given in it gets its default. */
  ...siteSettingsUpdate.shape,
  overwrite: z.boolean().optional(),
});

export const siteWarning = z.enum(['metadata_address', 'lookalike_domain', 'nginx_missing']);

export const siteResult = z.object({ site, warnings: z.array(siteWarning), changeId: id.nullable() });

/** What is on the machine for this site right now (asked of the agent). */
export const siteInspection = z.object({
  drift: z.enum(driftStates),
  configPath: z.string(),
  /** Text on disk now, and the text the panel would write. */
  currentText: z.string().nullable(),
  expectedText: z.string(),
  /** Unified diff from expected to current; empty when equal. */
  diff: z.string(),
  /** nginx's own words when this file was set aside. */
  isolatedReason: z.string().nullable(),
  rootExists: z.boolean(),
  nginx: z.object({ isInstalled: z.boolean(), isRunning: z.boolean(), version: z.string().nullable() }),
});

/** What becomes of a thing when its site is deleted; `remove`: for good, nothing brings it back. */
export const removalFates = ['keep', 'recycle', 'remove'] as const;
export type RemovalFate = (typeof removalFates)[number];

/** What becomes of the Linux user of a deleted site; its access by SFTP stays with it where the folder stays too. */
export const accountFates = ['keep', 'remove'] as const;
export type AccountFate = (typeof accountFates)[number];

export const siteRemovalPreview = z.object({
  /** What would go: each with size and age. */
  items: z.array(
    z.object({
      kind: z.enum(['config', 'custom', 'files', 'logs', 'php_data', 'sftp', 'linux_user']),
      path: z.string(),
      sizeBytes: z.number(),
      fileCount: z.number(),
      newestAt: instant.nullable(),
      isTruncated: z.boolean(),
    }),
  ),
  /** SHA-256 over the list; send it back to delete. Refused (`changed_meanwhile`) when the list has changed. */
  confirm: z.string().regex(/^[0-9a-f]{64}$/),
});

/** With what belongs to a site without lying in its folder: it stays unless it is named in the deletion. */
export const siteRemoval = siteRemovalPreview.extend({
  /** The certificate that the site is served with. */
  certificate: z
    .object({
      id,
      names: z.array(z.string()),
      validUntil: instant,
      /** Sites that are served with it too: while there are any, it stays. */
      otherSites: z.int(),
      /** Whether whoever asks may have it removed. */
      mayRemove: z.boolean(),
    })
    .nullable(),
  /** Scheduled jobs of the site; they do not run without it. Empty for those who may not see jobs. */
  cronJobs: z.array(z.object({ id, name: z.string() })),
});

export const siteDelete = z.strictObject({
  confirm: z.string().regex(/^[0-9a-f]{64}$/),
  /** `keep` leaves the folder; `recycle` moves it to the recycle bin; `remove` deletes it for good. */
  files: z.enum(removalFates),
  /** Not given: as the files. */
  logs: z.enum(removalFates).optional(),
  account: z.enum(accountFates).default('remove'),
  /** The certificate of the site, removed after it when no other site uses it. Needs `certificates.write` and every site. */
  certificateId: id.optional(),
  /** Scheduled jobs of the site that are removed after it; the others stay. Needs `cron.write`. */
  cronJobIds: z.array(id).max(200).default([]),
  /** Databases of the site that are deleted after it, each kept as a dump. The others stay. Needs `databases.manage`. */
  databases: databasesToRemove.default([]),
});

export const changeActions = [
  'create',
  'update',
  'enable',
  'disable',
  'custom_directives',
  'adopt',
  'overwrite',
  'delete',
  'undo',
] as const;

/** One line of a site's history. */
export const siteChange = z.object({
  id,
  siteId: id,
  siteName: z.string(),
  action: z.enum(changeActions),
  actor: z.object({ id: z.string(), name: z.string() }),
  at: instant,
  outcome: z.enum(['applying', 'done', 'failed']),
  failure: z.string().nullable(),
  /** Names of the facts this change touched. */
  fields: z.array(z.string()),
  /** The change that this one takes back. */
  undoes: id.nullable(),
  isUndoable: z.boolean(),
});

/** Per file: unified diff between before and after. */
export const siteChangeDetail = siteChange.extend({
  before: z.record(z.string(), z.unknown()).nullable(),
  after: z.record(z.string(), z.unknown()).nullable(),
  files: z.array(z.object({ path: z.string(), diff: z.string(), isTruncated: z.boolean() })),
});

const siteParams = z.object({ siteId: id });
const base = '/api/v1/sites';

export const sitesApi = {
  list: {
    id: 'listSites',
    method: 'GET',
    path: base,
    access: 'sites.read',
    summary: 'List sites',
    query: siteListQuery,
    response: pageOf(listedSite).extend(withMeasured),
  },
  create: {
    id: 'createSite',
    method: 'POST',
    path: base,
    access: 'sites.create',
    summary: 'Create a site',
    body: siteCreate,
    response: siteResult,
    status: 201,
  },
  get: {
    id: 'getSite',
    method: 'GET',
    path: `${base}/{siteId}`,
    access: 'sites.read',
    summary: 'Get a site',
    params: siteParams,
    response: site,
  },
  update: {
    id: 'updateSite',
    method: 'PATCH',
    path: `${base}/{siteId}`,
    access: 'sites.write',
    summary: 'Change a site',
    params: siteParams,
    body: siteUpdate,
    response: siteResult,
  },
  setCustomDirectives: {
    id: 'setSiteCustomDirectives',
    method: 'PUT',
    path: `${base}/{siteId}/custom-directives`,
    access: 'sites.custom_directives',
    summary: "Replace a site's custom nginx directives",
    params: siteParams,
    body: z.strictObject({ text: customDirectives, overwrite: z.boolean().optional() }),
    response: siteResult,
  },
  /** Rules name the password by the id that is answered; nobody reads it back. 404 for a site of others. */
  keepPassword: {
    id: 'keepSitePassword',
    method: 'POST',
    path: `${base}/{siteId}/passwords`,
    access: 'sites.write',
    summary: 'Keep a password for visitors of locked paths of the site; its id goes into the rules',
    params: siteParams,
    body: z.strictObject({ password: sitePassword }),
    response: z.object({ passwordId: id }),
    status: 201,
  },
  emptyCache: {
    id: 'emptySiteCache',
    method: 'POST',
    path: `${base}/{siteId}/cache/removal`,
    access: 'sites.write',
    summary: 'Remove the answers of applications that nginx keeps for the site',
    params: siteParams,
    response: emptiedCache,
  },
  findAnswer: {
    id: 'findSiteAnswer',
    method: 'POST',
    path: `${base}/{siteId}/answer`,
    access: 'sites.read',
    summary: 'Which rule of the site answers an address, who set it, and which one would after saving',
    params: siteParams,
    body: answerQuestion,
    response: siteAnswer,
  },
  inspect: {
    id: 'inspectSite',
    method: 'GET',
    path: `${base}/{siteId}/inspection`,
    access: 'sites.read',
    summary: 'What is on the machine for this site',
    params: siteParams,
    response: siteInspection,
  },
  tls: {
    id: 'getSiteTls',
    method: 'GET',
    path: `${base}/{siteId}/tls`,
    access: 'sites.read',
    summary: 'HTTPS of a site: its certificate, the names it leaves out, and the certificates that would fit',
    params: siteParams,
    response: z.object({
      certificate: certificate.nullable(),
      /** Hosts of the site that its certificate is not good for. */
      uncovered: z.array(z.string()),
      /** Certificates that are good for at least one host, the best first. */
      fitting: z.array(certificate.extend({ uncovered: z.array(z.string()) })),
      /** Accounts that can prove its names by DNS, by name alone. */
      dnsAccounts: z.array(z.object({ id, name: z.string() })),
      /** Whether the installed nginx can answer over HTTP/3. */
      hasHttp3: z.boolean(),
      /** Whether it can pack answers by brotli, over HTTP too. */
      hasBrotli: z.boolean(),
    }),
  },
  suggestCaa: {
    id: 'suggestSiteCaa',
    method: 'GET',
    path: `${base}/{siteId}/caa`,
    access: 'sites.read',
    summary: 'CAA records by which only the authority and account of this server may issue for the names of the site',
    params: siteParams,
    /** `hasAccount`: false while no certificate was ordered yet, so that no account can be named. */
    response: z.object({ records: z.array(z.string()), hasAccount: z.boolean() }),
  },
  /** A certificate for the site's names, proven over port 80 or by DNS, and HTTPS with it: a job. 404 for a site of others. */
  issueCertificate: {
    id: 'issueSiteCertificate',
    method: 'POST',
    path: `${base}/{siteId}/certificate`,
    access: 'sites.write',
    summary: 'Have a certificate issued for the site and serve it over HTTPS, as a job',
    params: siteParams,
    body: z.strictObject({
      keyKind: z.enum(keyKinds).default('ecdsa'),
      /** For the authority to write to; empty: none. */
      email: contactEmail.default(''),
      proof: certificateProof.default({ kind: 'http' }),
    }),
    response: job,
    status: 202,
  },
  resolveDrift: {
    id: 'resolveSiteDrift',
    method: 'POST',
    path: `${base}/{siteId}/drift`,
    access: 'sites.write',
    summary: 'Adopt or overwrite a file that was changed by hand',
    params: siteParams,
    body: z.strictObject({ choice: z.enum(['adopt', 'overwrite']) }),
    response: siteResult,
  },
  repair: {
    id: 'repairSite',
    method: 'POST',
    path: `${base}/{siteId}/repair`,
    access: 'sites.write',
    summary: 'Restore owners and modes of the files, logs and configuration of a site',
    params: siteParams,
    response: siteRepair,
  },
  previewRemoval: {
    id: 'previewSiteRemoval',
    method: 'GET',
    path: `${base}/{siteId}/removal`,
    access: 'sites.delete',
    summary: 'List what deleting the site would remove',
    params: siteParams,
    response: siteRemoval,
  },
  remove: {
    id: 'deleteSite',
    method: 'POST',
    path: `${base}/{siteId}/removal`,
    access: 'sites.delete',
    summary: 'Delete the site as listed by the preview',
    params: siteParams,
    body: siteDelete,
    /** `jobIds`: those that delete the databases. `left`: what was to go after the site and is still there. */
    response: z.object({ changeId: id, jobIds: z.array(id), left: z.array(z.enum(['certificate', 'cron_jobs'])) }),
  },
  readLog: {
    id: 'readSiteLog',
    method: 'GET',
    path: `${base}/{siteId}/logs/{kind}`,
    access: 'sites.read',
    summary: 'Read the end of a log, or on from a cursor',
    params: siteParams.extend({ kind: z.enum(logKinds) }),
    query: logQuery.extend({ cursor: z.string().max(200).optional(), search: line(200).optional() }),
    response: logChunk,
  },
  followLog: {
    id: 'followSiteLog',
    method: 'GET',
    path: `${base}/{siteId}/logs/{kind}/stream`,
    access: 'sites.read',
    summary: 'Follow a log live (server-sent events)',
    params: siteParams.extend({ kind: z.enum(logKinds) }),
    query: logQuery,
    response: logChunk,
    stream: true,
  },
  listChanges: {
    id: 'listSiteChanges',
    method: 'GET',
    path: '/api/v1/site-changes',
    access: 'sites.read',
    summary: 'History of changes, newest first',
    query: pageQuery.extend({ siteId: id.optional() }),
    response: pageOf(siteChange),
  },
  getChange: {
    id: 'getSiteChange',
    method: 'GET',
    path: '/api/v1/site-changes/{changeId}',
    access: 'sites.read',
    summary: 'One change with its file diffs',
    params: z.object({ changeId: id }),
    response: siteChangeDetail,
  },
  undoChange: {
    id: 'undoSiteChange',
    method: 'POST',
    path: '/api/v1/site-changes/{changeId}/undo',
    access: 'sites.write',
    summary: 'Take a change back (a new change)',
    params: z.object({ changeId: id }),
    body: z.strictObject({
      overwrite: z.boolean().optional(),
      /** Of a deletion: the site comes back over HTTP alone. `undo_certificate_missing` says when that is the only way. */
      withoutHttps: z.boolean().optional(),
    }),
    response: siteResult,
  },
  listCategories: {
    id: 'listSiteCategories',
    method: 'GET',
    path: '/api/v1/site-categories',
    access: 'sites.read',
    summary: 'Categories in use with their number of sites',
    response: z.object({ items: z.array(z.object({ name: z.string(), count: z.int() })) }),
  },
} as const satisfies Record<string, Operation>;
