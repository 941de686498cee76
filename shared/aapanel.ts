import { z } from 'zod';
import { rewritePresets } from './behaviour/rewrite-presets.ts';
import { fallbacks, pathProxies } from './behaviour/proxies.ts';
import { redirects } from './behaviour/redirects.ts';
import { instant, line, type Operation } from './http.ts';
import { job } from './jobs.ts';
import { phpVersion } from './site-php.ts';
import { upstreamStored } from './sites.ts';

/*
 * Sites of another panel, aaPanel 8 (or BaoTa), as they become sites of this one. Everything that is read there is
 * somebody else's word: each field is checked here as if a stranger had sent it.
 */

/** Folder that holds a copy of the old server's root (`<folder>/www/server/panel`, `<folder>/www/wwwroot`); empty: this server. */
export const aapanelBase = z
  .string()
  .max(500)
  .regex(/^(\/[A-Za-z0-9._@+-]+)*$/, { error: 'import_base_invalid' })
  .refine((path) => !path.split('/').some((part) => part === '.' || part === '..'), { error: 'import_base_invalid' })
  // The agent's sandbox hides these from it: it would say that nothing is there.
  .refine((path) => !/^\/(root|home|tmp|var\/tmp|run\/user)(\/|$)/.test(path), { error: 'import_base_invalid' });

/** Why a site cannot be brought over as it is. */
export const aapanelBlocks = [
  'name_invalid',
  'kind_unknown',
  'no_domain',
  'path_elsewhere',
  'folder_missing',
  'folder_link',
  'run_folder_invalid',
  'upstream_invalid',
  'domain_taken',
  'domain_served_elsewhere',
] as const;

/** What comes over otherwise than it was, or has to be done by hand. */
export const aapanelDifferences = [
  'certificate',
  'certificate_own',
  'certificate_unusable',
  'php_missing',
  'rewrite_by_hand',
  'redirects_by_hand',
  'proxies_by_hand',
  'passwords_by_hand',
  'directives_by_hand',
  'include_unknown',
  'more_servers',
  'vhost_missing',
  'vhost_unreadable',
  'bindings_by_hand',
  'domain_invalid',
  'databases',
] as const;

export const aapanelNote = z.object({
  code: z.enum([...aapanelBlocks, ...aapanelDifferences]),
  /** The sentence's values: names, paths, texts of the old configuration. */
  params: z.record(z.string(), z.string()),
});
export type AapanelNote = z.infer<typeof aapanelNote>;

export const aapanelSite = z.object({
  /** What it is called there; unique there. */
  name: z.string(),
  /** `ready`: as it was; `differs`: with what the notes say; `blocked`: not at all. */
  state: z.enum(['ready', 'differs', 'blocked']),
  kind: z.enum(['static', 'php', 'proxy']).nullable(),
  domains: z.array(z.string()),
  /** Where its files lie there. */
  path: z.string(),
  /** Below it, what is served: empty, or `/public`. */
  runFolder: z.string(),
  phpVersion: phpVersion.nullable(),
  preset: z.enum(rewritePresets),
  fallback: z.enum(fallbacks),
  upstream: upstreamStored.nullable(),
  /** What it is served with and can be here; its key stays with the agent. */
  certificate: z
    .object({ names: z.array(z.string()), validUntil: instant, fingerprint: z.string(), isForced: z.boolean() })
    .nullable(),
  redirects,
  /** Of single paths. */
  proxies: pathProxies,
  isEnabled: z.boolean(),
  remark: z.string(),
  category: z.string(),
  /** The day after its last one there; null: it does not end. */
  endsAt: instant.nullable(),
  files: z.object({ count: z.int(), sizeBytes: z.number(), isTruncated: z.boolean() }).nullable(),
  notes: z.array(aapanelNote),
});
export type AapanelSite = z.infer<typeof aapanelSite>;

/** A setting of the old panel itself that lies in a file of its own; `value` null: secret, empty, or nothing to show. */
export const aapanelFlag = z.object({
  file: z.string(),
  code: z.enum(['port', 'entry', 'domain', 'addresses']),
  value: z.string().nullable(),
});
export type AapanelFlag = z.infer<typeof aapanelFlag>;

export const aapanelReport = z.object({
  /** `single`: one `data/default.db`; `split`: files in `data/db`. */
  layout: z.enum(['single', 'split']),
  sites: z.array(aapanelSite),
  /** Names only; what is in them does not come along. */
  databases: z.array(z.object({ name: z.string(), user: z.string(), engine: z.string() })),
  /** How many there are of what is not brought over. */
  others: z.object({ ftpAccounts: z.int(), cronJobs: z.int() }),
  /** How the old panel is reached, which is set anew here; and names of files of its settings that nobody here knows. */
  flags: z.object({ flags: z.array(aapanelFlag), unknown: z.array(z.string()) }),
});
export type AapanelReport = z.infer<typeof aapanelReport>;

export const aapanelName = z.string().min(1).max(255);

export const aapanelApi = {
  /** Reads what only root can, so it needs a confirmation; writes nothing, there and here. */
  read: {
    id: 'readAapanel',
    method: 'POST',
    path: '/api/v1/imports/aapanel/report',
    access: 'settings.write',
    summary: 'What of a server with aaPanel can be brought over, and how: a dry run that writes nothing',
    body: z.strictObject({ base: aapanelBase.default('') }),
    response: aapanelReport,
  },
  import: {
    id: 'importAapanelSite',
    method: 'POST',
    path: '/api/v1/imports/aapanel/sites',
    access: 'settings.write',
    summary: 'Bring one site of aaPanel over, with its files, as a job; the old one stays as it is',
    body: z.strictObject({
      base: aapanelBase.default(''),
      name: aapanelName,
      /** In the place of the old one, when that is not installed here. */
      phpVersion: phpVersion.optional(),
      displayName: line(100).optional(),
    }),
    response: job,
    status: 202,
  },
} as const satisfies Record<string, Operation>;
