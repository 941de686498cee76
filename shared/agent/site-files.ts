import { z } from 'zod';
import { archiveFileName, archiveUpload, maxArchiveBytes, uploadChunkBytes } from '../archives.ts';
import { id, instant } from '../http.ts';
import {
  siteFilePassphrase,
  mostSiteFileDatabases,
  siteExport,
  siteFileCertificate,
  siteFileDatabase,
  siteFileOrigins,
  siteFileSite,
} from '../site-files.ts';
import { tlsSettings } from '../site-tls.ts';
import type { AgentAction } from './action.ts';
import { siteSpec } from './sites.ts';
import { slug } from './slug.ts';

const site = z.strictObject({ siteId: id, slug });
const exportRef = z.strictObject({ site, exportId: id });
const uploadRef = z.strictObject({ uploadId: id });

/** Starts (or finds, or takes up again) an export as a process that outlives web process and agent. */
export const siteFilesExport = {
  name: 'site_files.export',
  permission: 'sites.write',
  ticket: 'depends',
  params: exportRef.extend({
    /** What the file will say of the site. */
    description: siteFileSite.extend({ domains: siteSpec.shape.domains, upstream: siteSpec.shape.upstream }).strict(),
    /** Of this site; needs `databases.manage`. */
    databaseIds: z.array(id).max(mostSiteFileDatabases).default([]),
    /** Seals the file; null: it is not sealed. */
    passphrase: siteFilePassphrase.nullable().default(null),
    /** Only into a sealed file; needs a ticket. */
    withSecrets: z.boolean().default(false),
    /** The site's certificate with its key; only into a sealed file, needs a ticket and `certificates.write`. */
    withCertificate: z.boolean().default(false),
  }),
  result: siteExport,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 20_000,
  maxResultBytes: 16 * 1024,
  summary:
    "Make one signed file of a site: its files read as the site's user, dumps of databases made as their accounts",
} as const satisfies AgentAction;

export const siteFilesExports = {
  name: 'site_files.exports',
  permission: 'sites.write',
  ticket: 'never',
  params: z.strictObject({ site }),
  result: z.object({ items: z.array(siteExport) }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 64 * 1024,
  summary: 'Files that were made of a site and are kept for their download',
} as const satisfies AgentAction;

export const siteFilesFollow = {
  name: 'site_files.follow',
  permission: 'panel',
  ticket: 'never',
  params: exportRef.extend({ offset: z.int().min(0) }),
  /** `export` null: the agent knows none of this id at this site. */
  result: z.object({
    export: siteExport.nullable(),
    /** Its process has gone without a word: asking to start it again takes it up. */
    isInterrupted: z.boolean(),
    text: z.string(),
    nextOffset: z.int(),
  }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 256 * 1024,
  summary: 'How far an export of a site is, and its log from an offset',
} as const satisfies AgentAction;

export const siteFilesDrop = {
  name: 'site_files.drop',
  permission: 'sites.write',
  ticket: 'never',
  params: exportRef,
  result: z.object({}),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 40_000,
  maxResultBytes: 1024,
  summary: 'Stop an export of a site and remove what was made of it',
} as const satisfies AgentAction;

export const siteFilesRead = {
  name: 'site_files.read',
  permission: 'sites.write',
  ticket: 'never',
  params: exportRef.extend({ offset: z.int().min(0) }),
  result: z.object({ fileName: z.string(), sizeBytes: z.int(), data: z.base64() }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 1024 * 1024,
  summary: 'Read a piece of the file that was made of a site',
} as const satisfies AgentAction;

export const siteFilesBegin = {
  name: 'site_files.begin',
  permission: 'sites.create',
  ticket: 'never',
  params: uploadRef.extend({ fileName: archiveFileName, sizeBytes: z.int().min(1).max(maxArchiveBytes) }),
  result: archiveUpload,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 4 * 1024,
  summary: 'Make room for the file of a site that will be sent in pieces',
} as const satisfies AgentAction;

/** A piece that was received before changes nothing; one that leaves a gap is refused. */
export const siteFilesWrite = {
  name: 'site_files.write',
  permission: 'sites.create',
  ticket: 'never',
  params: uploadRef.extend({
    offset: z.int().min(0).max(maxArchiveBytes),
    data: z.base64().max(Math.ceil(uploadChunkBytes / 3) * 4),
  }),
  result: archiveUpload,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 20_000,
  maxResultBytes: 4 * 1024,
  summary: 'Write the next piece of the file of a site',
} as const satisfies AgentAction;

export const siteFilesDiscard = {
  name: 'site_files.discard',
  permission: 'sites.create',
  ticket: 'never',
  params: uploadRef,
  result: z.object({}),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 1024,
  summary: 'Throw the file of a site away that was sent',
} as const satisfies AgentAction;

/** What opens it stays beside the file, and goes with it. */
export const siteFilesUnlock = {
  name: 'site_files.unlock',
  permission: 'sites.create',
  ticket: 'never',
  params: uploadRef.extend({ passphrase: z.string().min(1).max(200) }),
  result: z.object({}),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 20_000,
  maxResultBytes: 1024,
  summary: 'Open a sealed site file with its passphrase',
} as const satisfies AgentAction;

/** Signature and settings; the sums of its content are checked when a site is made of it. */
export const siteFilesInspect = {
  name: 'site_files.inspect',
  permission: 'sites.create',
  ticket: 'never',
  params: uploadRef,
  result: z.object({
    origin: z.enum(siteFileOrigins),
    createdAt: instant,
    panelVersion: z.string(),
    site: siteFileSite,
    files: z.int(),
    bytes: z.int(),
    databases: z.array(siteFileDatabase),
    /** Secret variables whose values are in it. */
    secrets: z.int(),
    certificate: siteFileCertificate
      .extend({
        /** As PEM, for whoever asks the authority about it; empty: it cannot be used. */
        chain: z.string(),
        fingerprint: z.string(),
        isSelfSigned: z.boolean(),
        settings: tlsSettings,
        /** `why` of `site_certificate_invalid`; null: it can be used. */
        fault: z.string().nullable(),
      })
      .nullable(),
    isSealed: z.boolean(),
  }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 1024 * 1024,
  summary: 'Check the signature of a site file and read what it says of its site',
} as const satisfies AgentAction;
