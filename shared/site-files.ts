import { z } from 'zod';
import { archiveFileName, archiveUpload, maxArchiveBytes, uploadChunkBytes } from './archives.ts';
import { charsetOrEncoding, databaseEngines, databaseName, databaseUser } from './databases.ts';
import { id, instant, line, type Operation } from './http.ts';
import { job } from './jobs.ts';
import { siteFacts, siteKinds } from './sites.ts';

/*
 * A site as one file: its settings and its files, with a signed list of what is in it. What belongs to one machine or is a
 * secret stays behind, and is said.
 */

/** End of the name of such a file. */
export const siteFileEnd = '.site.tar';
/** And of one that a passphrase opens. */
export const sealedFileEnd = '.site.sealed';

/** What a file says of its site; as much of `siteFacts` as another machine can have. */
export const siteFileSite = siteFacts.extend({
  slug: z.string().max(255),
  name: z.string().max(100),
  remark: z.string().max(500),
  category: z.string().max(60),
});
export type SiteFileSite = z.infer<typeof siteFileSite>;

/** So many databases go along at most. */
export const mostSiteFileDatabases = 10;

/** Letters of one that seals a file. */
export const shortestPassphrase = 12;

/** For a file that is made; one that is opened may have any. */
export const siteFilePassphrase = z.string().min(shortestPassphrase).max(200);

/** A database of the site whose dump is in the file. */
export const siteFileDatabase = z.strictObject({
  engine: z.enum(databaseEngines),
  name: databaseName,
  user: databaseUser,
  charset: charsetOrEncoding,
  /** Of PostgreSQL the locale; where the server does not know it, it is the usual one. */
  collation: z.string().max(64),
  /** Unpacked. */
  bytes: z.int().min(0),
});
export type SiteFileDatabase = z.infer<typeof siteFileDatabase>;

/** A database of the file that is made anew, and what it is called; its password is always a fresh one. */
export const siteFileDatabaseChoice = z.strictObject({
  /** In the list of the file. */
  index: z
    .int()
    .min(0)
    .max(mostSiteFileDatabases - 1),
  name: databaseName,
  user: databaseUser,
});
export type SiteFileDatabaseChoice = z.infer<typeof siteFileDatabaseChoice>;

/** `own`: the signature is this panel's. `other`: made on another panel, whose signature nobody here can check. */
export const siteFileOrigins = ['own', 'other'] as const;

/** The certificate in a file, without its key. */
export const siteFileCertificate = z.object({
  names: z.array(z.string()),
  issuer: z.string(),
  /** null: it cannot be read. */
  validUntil: instant.nullable(),
  /** It would be renewed here without anybody's doing. */
  isRenewed: z.boolean(),
});

/** What stays behind, as keys of `siteFiles.stays`; `logs` and `databases` are true of every file. */
export const siteFileStays = [
  'certificate',
  'passwords',
  'secrets',
  'keys',
  'port',
  'default',
  'databases',
  'logs',
] as const;
export type SiteFileStay = (typeof siteFileStays)[number];

/** An export that is made, or was made and waits for its download. */
export const siteExport = z.object({
  id,
  state: z.enum(['running', 'ready', 'failed', 'cancelled']),
  /** 0 to 100; null while the files are being counted. */
  progress: z.number().min(0).max(100).nullable(),
  fileName: z.string(),
  sizeBytes: z.int().nullable(),
  files: z.int().nullable(),
  failure: z.object({ reason: z.string(), params: z.record(z.string(), z.union([z.string(), z.number()])) }).nullable(),
  startedAt: instant,
  /** When the file is thrown away. */
  keptUntil: instant.nullable(),
});
export type SiteExport = z.infer<typeof siteExport>;

/** What stands in the way (`blocks`), or will be other than it was; keys of `siteFiles.notes`. */
export const siteFileNotes = [
  'domain_taken',
  'php_missing',
  'directives_left',
  'directives_not_allowed',
  'redirects_left',
  'database_taken',
  'database_user_taken',
  'database_server_missing',
  'databases_left',
  'databases_not_allowed',
  'certificate_unusable',
  'certificate_names',
  'certificate_no_port',
  'certificate_left',
  'certificate_not_allowed',
  'certificate_by_hand',
] as const;

/** The dry run: what would be made of a file. */
export const siteFilePreview = z.object({
  origin: z.enum(siteFileOrigins),
  createdAt: instant,
  panelVersion: z.string(),
  kind: z.enum(siteKinds),
  name: z.string(),
  /** As they were when the file was made. */
  oldDomains: z.array(z.string()),
  /** What the site would have. */
  domains: z.array(z.string()),
  root: z.string(),
  php: z.object({ version: z.string(), isInstalled: z.boolean(), installed: z.array(z.string()) }).nullable(),
  files: z.int(),
  /** Unpacked. */
  bytes: z.int(),
  hasDirectives: z.boolean(),
  /** In the order of the file. */
  databases: z.array(siteFileDatabase),
  /** Secret variables whose values are in the file. */
  secrets: z.int(),
  /** `isUsable`: the site can be served with it here, under the domains it would have. */
  certificate: siteFileCertificate.extend({ isUsable: z.boolean() }).nullable(),
  isSealed: z.boolean(),
  notes: z.array(
    z.object({
      code: z.enum(siteFileNotes),
      blocks: z.boolean(),
      params: z.record(z.string(), z.union([z.string(), z.number()])),
    }),
  ),
  stays: z.array(z.enum(siteFileStays)),
});
export type SiteFilePreview = z.infer<typeof siteFilePreview>;

/** What of a file is wanted, and under which names. */
export const siteFileChoices = z.strictObject({
  /** Without: the names that the file has. */
  domains: z.array(z.string().min(1).max(512)).min(1).max(100).optional(),
  name: line(100).optional(),
  /** Another version of PHP than the file says. */
  phpVersion: z
    .string()
    .regex(/^\d{1,2}\.\d{1,2}$/)
    .optional(),
  /** Custom nginx directives go along as they are; needs the permission for them, and a confirmation. */
  withDirectives: z.boolean().default(false),
  /** Needs `databases.manage`. Without: their dumps stay in the file. */
  databases: z.array(siteFileDatabaseChoice).max(mostSiteFileDatabases).default([]),
  /** Secret variables go along with their values, after a fresh factor. */
  withSecrets: z.boolean().default(false),
  /** The certificate of the file comes along with its key, when it can be used; needs `certificates.write`. */
  withCertificate: z.boolean().default(true),
});
export type SiteFileChoices = z.output<typeof siteFileChoices>;

const siteParams = z.object({ siteId: id });
const exportParams = siteParams.extend({ exportId: id });
const uploadParams = z.object({ uploadId: id });

export const siteFilesApi = {
  exports: {
    id: 'listSiteExports',
    method: 'GET',
    path: '/api/v1/sites/{siteId}/exports',
    access: 'sites.write',
    summary: 'Files that were made of a site and wait for their download, newest first',
    params: siteParams,
    response: z.object({ items: z.array(siteExport) }),
  },
  /** Needs `sites.write`: everything in the site's folder can be read in it. */
  start: {
    id: 'exportSite',
    method: 'POST',
    path: '/api/v1/sites/{siteId}/exports',
    access: 'sites.write',
    summary: 'Make one signed file of a site with its settings, its files and chosen databases, as a job',
    params: siteParams,
    body: z
      .strictObject({
        /** Of this site; needs `databases.manage`. */
        databaseIds: z.array(id).max(mostSiteFileDatabases).default([]),
        /** Seals the file as a whole; it is kept nowhere. */
        passphrase: siteFilePassphrase.nullable().default(null),
        /** Values of secret variables of the application; only into a sealed file, and after a fresh factor. */
        withSecrets: z.boolean().default(false),
        /** The site's certificate with its key; like secrets, and needs `certificates.write`. */
        withCertificate: z.boolean().default(false),
      })
      .refine(
        ({ passphrase, withSecrets, withCertificate }) => passphrase !== null || !(withSecrets || withCertificate),
        {
          path: ['passphrase'],
          error: 'required',
        },
      ),
    response: job,
    status: 202,
  },
  download: {
    id: 'downloadSiteExport',
    method: 'GET',
    path: '/api/v1/sites/{siteId}/exports/{exportId}/data',
    access: 'sites.write',
    summary: 'Download the file that was made of a site; takes a byte range to go on with',
    params: exportParams,
    response: z.string(),
    textType: 'application/x-tar',
  },
  drop: {
    id: 'dropSiteExport',
    method: 'DELETE',
    path: '/api/v1/sites/{siteId}/exports/{exportId}',
    access: 'sites.write',
    summary: 'Throw the file away that was made of a site',
    params: exportParams,
    response: z.undefined(),
    status: 204,
  },
  begin: {
    id: 'beginSiteFile',
    method: 'POST',
    path: '/api/v1/site-files',
    access: 'sites.create',
    summary: 'Announce the file of a site that will be sent in pieces',
    body: z.strictObject({ fileName: archiveFileName, sizeBytes: z.int().min(1).max(maxArchiveBytes) }),
    response: archiveUpload,
    status: 201,
  },
  write: {
    id: 'writeSiteFilePiece',
    method: 'PUT',
    path: '/api/v1/site-files/{uploadId}/data',
    access: 'sites.create',
    summary: 'Send the next piece of a site file; one that was received before changes nothing',
    params: uploadParams,
    body: z.strictObject({
      offset: z.int().min(0).max(maxArchiveBytes),
      /** At most 512 KiB. */
      data: z.base64().max(Math.ceil(uploadChunkBytes / 3) * 4),
    }),
    response: archiveUpload,
  },
  discard: {
    id: 'discardSiteFile',
    method: 'DELETE',
    path: '/api/v1/site-files/{uploadId}',
    access: 'sites.create',
    summary: 'Throw a site file away that was sent',
    params: uploadParams,
    response: z.undefined(),
    status: 204,
  },
  unlock: {
    id: 'unlockSiteFile',
    method: 'POST',
    path: '/api/v1/site-files/{uploadId}/unlock',
    access: 'sites.create',
    summary: 'Open a sealed site file with its passphrase, which is kept nowhere',
    params: uploadParams,
    body: z.strictObject({ passphrase: z.string().min(1).max(200) }),
    response: z.undefined(),
    status: 204,
  },
  preview: {
    id: 'previewSiteFile',
    method: 'POST',
    path: '/api/v1/site-files/{uploadId}/preview',
    access: 'sites.create',
    summary: 'What would be made of a site file, and what stands in the way; nothing is changed',
    params: uploadParams,
    body: siteFileChoices,
    response: siteFilePreview,
  },
  import: {
    id: 'importSiteFile',
    method: 'POST',
    path: '/api/v1/site-files/{uploadId}/import',
    access: 'sites.create',
    summary: 'Make a site of a file, as a job: all of it or nothing',
    params: uploadParams,
    body: siteFileChoices,
    response: job,
    status: 202,
  },
} as const satisfies Record<string, Operation>;
