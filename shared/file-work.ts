import { z } from 'zod';
import { fileName, filePath } from './file-names.ts';
import { id, type Operation } from './http.ts';
import { job } from './jobs.ts';

/*
 * Work on files that takes its time: archives are made and unpacked by the site's own Linux user, followed as a job.
 */

/** Things that go into one archive, and paths that are chosen from one, at most. */
export const mostChosen = 500;
/** They stand in an address. */
export const mostDownloaded = 50;
/** By the ending of the name. */
export const archiveFormats = ['zip', 'tar.gz', 'tar.zst'] as const;
export type ArchiveFormat = (typeof archiveFormats)[number];
export const archiveNamePattern = /\.(?:zip|tar\.gz|tgz|tar\.zst)$/i;

/** Entries of an archive that are shown before it is unpacked. */
export const mostPreviewed = 2_000;

const thing = filePath.min(1);

export const newFileArchive = z.strictObject({
  paths: z.array(thing).min(1).max(mostChosen),
  into: filePath,
  /** Its ending says which kind it is. */
  name: fileName.regex(archiveNamePattern, { error: 'file_archive_name' }),
});

/** What happens to what stands there already; `replace`: it goes to the recycle bin. */
export const unpackConflicts = ['refuse', 'keep', 'replace'] as const;
export type UnpackConflict = (typeof unpackConflicts)[number];

export const fileUnpacking = z.strictObject({
  path: thing,
  into: filePath,
  /** Files and folders of the archive, with all that is in them; empty: everything. */
  only: z.array(thing).max(mostChosen),
  onConflict: z.enum(unpackConflicts),
});

export const archiveEntry = z.object({
  path: z.string(),
  type: z.enum(['file', 'folder', 'link']),
  sizeBytes: z.int(),
});
export type ArchiveEntry = z.infer<typeof archiveEntry>;

export const fileArchivePreview = z.object({
  files: z.int(),
  folders: z.int(),
  bytes: z.int(),
  /** In the order of the archive; only the first of them when there are more than `mostPreviewed`. */
  entries: z.array(archiveEntry),
  entryCount: z.int(),
});
export type FileArchivePreview = z.infer<typeof fileArchivePreview>;

const params = z.object({ siteId: id });

export const fileWorkApi = {
  pack: {
    id: 'packFiles',
    method: 'POST',
    path: '/api/v1/sites/{siteId}/file-archives',
    access: 'files.write',
    summary: 'Make an archive of files and folders: zip, tar.gz or tar.zst',
    params,
    body: newFileArchive,
    response: job,
    status: 202,
  },
  downloadAll: {
    id: 'downloadFiles',
    method: 'GET',
    path: '/api/v1/sites/{siteId}/file-archives/content',
    access: 'files.read',
    summary: 'Files and folders as one archive, sent while it is made; what cannot go along is listed in a file of it',
    params,
    query: z.strictObject({
      /** Once for each. */
      path: z.union([thing, z.array(thing).min(1).max(mostDownloaded)]),
      format: z.enum(archiveFormats),
    }),
    response: z.string(),
    textType: 'application/octet-stream',
  },
  preview: {
    id: 'previewFileArchive',
    method: 'GET',
    path: '/api/v1/sites/{siteId}/file-archives',
    access: 'files.read',
    summary: 'What is in an archive, read by the rules of unpacking; nothing is made',
    params,
    query: z.strictObject({ path: thing }),
    response: fileArchivePreview,
  },
  unpack: {
    id: 'unpackFiles',
    method: 'POST',
    path: '/api/v1/sites/{siteId}/file-archives/unpack',
    access: 'files.write',
    summary: 'Unpack an archive, or some of it, into a folder of the site',
    params,
    body: fileUnpacking,
    response: job,
    status: 202,
  },
} as const satisfies Record<string, Operation>;
