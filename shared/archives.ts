import { z } from 'zod';
import { id, instant, line, type Operation } from './http.ts';
import { job } from './jobs.ts';

/** Largest archive that is taken. */
export const maxArchiveBytes = 8 * 1024 ** 3;
/** Bytes of an archive in one request; the agent takes no longer one. */
export const uploadChunkBytes = 512 * 1024;

/** What stands in the way of an archive: stays, gives way, or everything in the folder gives way. */
export const conflictChoices = ['keep', 'replace', 'empty'] as const;
export type ConflictChoice = (typeof conflictChoices)[number];

export const unpackPhases = ['read', 'place', 'tidy'] as const;
export type UnpackPhase = (typeof unpackPhases)[number];

/** A folder below the site's own, without the first slash; empty: the site's folder itself. No part begins with a dot. */
export const folderInSitePattern = /^(?:[A-Za-z0-9_][A-Za-z0-9._ -]{0,99}(?:\/[A-Za-z0-9_][A-Za-z0-9._ -]{0,99})*)?$/;
export const folderInSite = z.string().max(500).regex(folderInSitePattern, { error: 'folder_in_site_invalid' });

/** Name of the file as the person's computer has it; only shown, never a path of this machine. */
export const archiveFileName = line(200, 1);

/** An archive that was sent, or is being sent. */
export const archiveUpload = z.object({
  id,
  fileName: z.string(),
  sizeBytes: z.int(),
  /** Where sending goes on. */
  receivedBytes: z.int(),
  startedAt: instant,
});
export type ArchiveUpload = z.infer<typeof archiveUpload>;

/** One entry of the folder that would be filled; a folder with all that is in it. */
export const archiveItem = z.object({
  name: z.string(),
  type: z.enum(['file', 'folder', 'link']),
  files: z.int(),
  bytes: z.int(),
  /** Something of this name stands there already. */
  isThere: z.boolean(),
});

export const archivePreview = z.object({
  files: z.int(),
  folders: z.int(),
  bytes: z.int(),
  /** The one folder that holds everything; null when there is none. */
  topFolder: z.string().nullable(),
  /** The first of them; without the top folder when that is left out. */
  items: z.array(archiveItem),
  itemCount: z.int(),
  /** What would be put right or left out. */
  changes: z.array(z.object({ kind: z.string(), count: z.int() })),
});
export type ArchivePreview = z.infer<typeof archivePreview>;

/** One archive that was put into the site. */
export const unpacking = z.object({
  id,
  fileName: z.string(),
  folder: z.string(),
  onConflict: z.enum(conflictChoices),
  actorName: z.string(),
  state: z.enum(['running', 'succeeded', 'failed', 'cancelled', 'undone']),
  phase: z.enum(unpackPhases),
  /** 0 to 100 of the archive that was read. */
  progress: z.int(),
  files: z.int().nullable(),
  bytes: z.int().nullable(),
  /** Things that gave way and lie in the recycle bin. */
  replaced: z.int(),
  /** Things of the archive that were left out, as others stand there. */
  kept: z.int(),
  failure: z.object({ reason: z.string(), params: z.record(z.string(), z.union([z.string(), z.number()])) }).nullable(),
  startedAt: instant,
  endedAt: instant.nullable(),
  /** What gave way is still there: it can be put back. */
  canBeUndone: z.boolean(),
});
export type Unpacking = z.infer<typeof unpacking>;

/** Where an archive goes and how. */
export const unpackChoices = z.strictObject({
  folder: folderInSite.default(''),
  /** Leave out the one folder that holds everything. */
  stripsTopFolder: z.boolean().default(true),
  onConflict: z.enum(conflictChoices).default('keep'),
});
export type UnpackChoices = z.output<typeof unpackChoices>;

const siteParams = z.object({ siteId: id });
const uploadParams = siteParams.extend({ uploadId: id });

export const archivesApi = {
  state: {
    id: 'getSiteArchives',
    method: 'GET',
    path: '/api/v1/sites/{siteId}/archives',
    access: 'sites.read',
    summary: 'Archives that were sent for a site and those that were put into it, newest first',
    params: siteParams,
    response: z.object({ uploads: z.array(archiveUpload), unpackings: z.array(unpacking) }),
  },
  begin: {
    id: 'beginArchiveUpload',
    method: 'POST',
    path: '/api/v1/sites/{siteId}/archives',
    access: 'sites.write',
    summary: 'Announce an archive that will be sent in pieces',
    params: siteParams,
    body: z.strictObject({ fileName: archiveFileName, sizeBytes: z.int().min(1).max(maxArchiveBytes) }),
    response: archiveUpload,
    status: 201,
  },
  write: {
    id: 'writeArchivePiece',
    method: 'PUT',
    path: '/api/v1/sites/{siteId}/archives/{uploadId}/data',
    access: 'sites.write',
    summary: 'Send the next piece of an announced archive; one that was received before changes nothing',
    params: uploadParams,
    body: z.strictObject({
      offset: z.int().min(0).max(maxArchiveBytes),
      /** At most 512 KiB. */
      data: z.base64().max(Math.ceil(uploadChunkBytes / 3) * 4),
    }),
    response: archiveUpload,
  },
  discard: {
    id: 'discardArchive',
    method: 'DELETE',
    path: '/api/v1/sites/{siteId}/archives/{uploadId}',
    access: 'sites.write',
    summary: 'Throw an archive away that was sent',
    params: uploadParams,
    response: z.undefined(),
    status: 204,
  },
  preview: {
    id: 'previewArchive',
    method: 'POST',
    path: '/api/v1/sites/{siteId}/archives/{uploadId}/preview',
    access: 'sites.write',
    summary: 'What is in an archive, and what of it stands in the site already; by the rules of unpacking',
    params: uploadParams,
    body: unpackChoices,
    response: archivePreview,
  },
  unpack: {
    id: 'unpackArchive',
    method: 'POST',
    path: '/api/v1/sites/{siteId}/archives/{uploadId}/unpack',
    access: 'sites.write',
    summary: "Put an archive into the site's folder, as a job",
    params: uploadParams,
    body: unpackChoices,
    response: job,
    status: 202,
  },
  undo: {
    id: 'undoUnpacking',
    method: 'POST',
    path: '/api/v1/sites/{siteId}/unpackings/{unpackingId}/undo',
    access: 'sites.write',
    summary: 'Take an archive out of the site again and put back what gave way to it',
    params: siteParams.extend({ unpackingId: id }),
    response: unpacking,
  },
} as const satisfies Record<string, Operation>;
