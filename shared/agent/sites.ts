import { z } from 'zod';
import { maxInstances } from '../app-limits.ts';
import { id } from '../http.ts';
import { sitePassword } from '../behaviour/passwords.ts';
import { emptiedCache, siteRepair } from '../site-upkeep.ts';
import { appWorkerName } from '../site-app.ts';
import { siteSettings } from '../site-settings.ts';
import {
  accountFates,
  customDirectives,
  driftStates,
  logChunk,
  logKinds,
  removalFates,
  siteDomain,
  siteKinds,
  siteRemovalPreview,
  siteRoot,
  upstreamStored,
} from '../sites.ts';
import type { AgentAction } from './action.ts';
import { slug } from './slug.ts';

export const linuxUser = z.string().regex(/^site-[a-z2-7]{8}$/);

/** Everything the agent needs to render a site: facts, no text of nginx (custom directives are checked by list). */
export const siteSpec = z.strictObject({
  siteId: id,
  slug,
  kind: z.enum(siteKinds),
  domains: z.array(siteDomain.strict()).min(1).max(100),
  isEnabled: z.boolean(),
  root: siteRoot,
  upstream: upstreamStored.strict().nullable(),
  customDirectives,
  ...siteSettings.shape,
});
export type SiteSpec = z.infer<typeof siteSpec>;

const siteRef = z.strictObject({ siteId: id, slug });

export const fileDiff = z.object({ path: z.string(), diff: z.string(), isTruncated: z.boolean() });

/** `onDrift: refuse` answers `changed_meanwhile` (reason `site_drift`) when a file was changed by hand since we wrote it. */
export const sitesApply = {
  name: 'sites.apply',
  permission: 'sites.write',
  ticket: 'depends',
  params: z.strictObject({
    spec: siteSpec,
    changeId: id,
    /** Same for a first creation and for each later change; creation makes user, folder and welcome page. */
    isNew: z.boolean(),
    onDrift: z.enum(['refuse', 'overwrite']),
  }),
  result: z.object({
    linuxUser,
    /** False when nginx is not installed or not running: files are in place, nothing serves them yet. */
    isServing: z.boolean(),
    files: z.array(fileDiff),
  }),
  isReadOnly: false,
  isIdempotent: true,
  // An application may take a minute until it answers.
  timeoutMs: 100_000,
  maxResultBytes: 1024 * 1024,
  summary: "Render a site's nginx files, check them with nginx -t, swap, reload, probe; or put the old ones back",
} as const satisfies AgentAction;

export const sitesInspect = {
  name: 'sites.inspect',
  permission: 'sites.read',
  ticket: 'never',
  params: z.strictObject({ spec: siteSpec }),
  result: z.object({
    drift: z.enum(driftStates),
    configPath: z.string(),
    currentText: z.string().nullable(),
    expectedText: z.string(),
    diff: z.string(),
    isolatedReason: z.string().nullable(),
    rootExists: z.boolean(),
  }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 512 * 1024,
  summary: "Compare a site's files on disk with what the panel wrote",
} as const satisfies AgentAction;

/** Keeps the hand-written text as the accepted one; the site is then `adopted`: forms no longer render it. */
export const sitesAdopt = {
  name: 'sites.adopt',
  permission: 'sites.write',
  ticket: 'never',
  params: z.strictObject({ spec: siteSpec, changeId: id }),
  result: z.object({ files: z.array(fileDiff) }),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 30_000,
  maxResultBytes: 1024 * 1024,
  summary: "Accept a site's hand-written nginx file as its configuration",
} as const satisfies AgentAction;

export const sitesPreviewRemoval = {
  name: 'sites.preview_removal',
  permission: 'sites.read',
  ticket: 'never',
  params: z.strictObject({ site: siteRef, root: siteRoot }),
  result: siteRemovalPreview,
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 20_000,
  maxResultBytes: 64 * 1024,
  summary: 'List what deleting a site would remove, with sizes and a hash of the list',
} as const satisfies AgentAction;

export const sitesRemove = {
  name: 'sites.remove',
  permission: 'sites.delete',
  ticket: 'depends',
  params: z.strictObject({
    site: siteRef,
    root: siteRoot,
    changeId: id,
    files: z.enum(removalFates),
    /** Not given: as the files. */
    logs: z.enum(removalFates).optional(),
    /** `keep`: its Linux user stays, with its SFTP access as long as the folder stays too. */
    account: z.enum(accountFates).optional(),
    /** From the preview; `changed_meanwhile` (reason `removal_list_changed`) when the list differs now. */
    confirm: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  result: z.object({
    files: z.array(fileDiff),
    /** Where the folder went, or null when it stayed. */
    recycledTo: z.string().nullable(),
  }),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 60_000,
  maxResultBytes: 1024 * 1024,
  summary:
    "Remove a site's nginx files and user; keep its folder and logs, move them to the recycle bin or delete them for good",
} as const satisfies AgentAction;

/** Undo of a deletion: brings the folder back from the recycle bin, then applies the site. */
export const sitesRestore = {
  name: 'sites.restore',
  permission: 'sites.write',
  ticket: 'depends',
  params: z.strictObject({ spec: siteSpec, changeId: id, removalChangeId: id }),
  result: sitesApply.result,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 60_000,
  maxResultBytes: 1024 * 1024,
  summary: 'Bring a deleted site back, with its folder when that went to the recycle bin',
} as const satisfies AgentAction;

/** For the timer: nothing runs any more for a site whose time is over; its files stay. Does nothing for others. */
export const sitesSettleEnd = {
  name: 'sites.settle_end',
  permission: 'panel',
  ticket: 'never',
  params: z.strictObject({ site: siteRef }),
  result: z.object({}),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 60_000,
  maxResultBytes: 1024,
  summary: 'Stop the application and the PHP pool of a site whose time is over',
} as const satisfies AgentAction;

/** The password stays here as a hash; rules name it by the id. Unknown ids are refused (field code `site_password_unknown`). */
export const sitesKeepPassword = {
  name: 'sites.keep_password',
  permission: 'sites.write',
  ticket: 'never',
  params: z.strictObject({ siteId: id, password: sitePassword }),
  result: z.object({ passwordId: id }),
  isReadOnly: false,
  isIdempotent: false,
  timeoutMs: 5_000,
  maxResultBytes: 1024,
  summary: "Keep the hash of a password for visitors of a site's locked paths",
} as const satisfies AgentAction;

/** nginx goes on: what it wants and does not find it asks the application for. */
export const sitesEmptyCache = {
  name: 'sites.empty_cache',
  permission: 'sites.write',
  ticket: 'never',
  params: z.strictObject({ site: siteRef }),
  result: emptiedCache,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 60_000,
  maxResultBytes: 1024,
  summary: 'Remove the answers of applications that nginx keeps for a site',
} as const satisfies AgentAction;

/** Contents are never touched. */
export const sitesRepair = {
  name: 'sites.repair',
  permission: 'sites.write',
  ticket: 'never',
  params: z.strictObject({ site: siteRef }),
  result: siteRepair,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 120_000,
  maxResultBytes: 256 * 1024,
  summary: 'Restore owners and modes of the files, logs, private folders and configuration of a site',
} as const satisfies AgentAction;

export const sitesReadLog = {
  name: 'sites.read_log',
  permission: 'sites.read',
  ticket: 'never',
  params: z.strictObject({
    site: siteRef,
    kind: z.enum(logKinds),
    /** With `app`: of this further program. */
    worker: appWorkerName.optional(),
    /** With `app`: of this one of several instances. */
    instance: z.int().min(1).max(maxInstances).optional(),
    cursor: z
      .string()
      .regex(/^\d{1,20}:\d{1,20}$/)
      .nullable(),
    search: z.string().max(200),
  }),
  result: logChunk,
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 256 * 1024,
  summary: "Read the end of a site's log, or on from a cursor (inode:offset)",
} as const satisfies AgentAction;

export const changesGet = {
  name: 'changes.get',
  permission: 'panel',
  ticket: 'never',
  params: z.strictObject({ changeId: id }),
  result: z.object({
    /** `none`: the agent has never heard of it (the web process died before asking). */
    state: z.enum(['committed', 'rolled_back', 'none']),
    files: z.array(fileDiff),
  }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 2 * 1024 * 1024,
  summary: 'How a change ended and its file diffs',
} as const satisfies AgentAction;
