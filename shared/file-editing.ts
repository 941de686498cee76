import { z } from 'zod';
import { filePath } from './file-names.ts';
import { fileEtag } from './file-transfers.ts';
import { id, instant, type Operation } from './http.ts';

/*
 * Texts are changed in the browser: it reads the bytes of a file by `downloadFile` (a range of them, where there are many),
 * and knows encodings and line ends itself. Here is what comes back: the bytes as they shall be, and what they were before.
 */

/** A larger file is read by window and not changed. */
export const maxEditBytes = 10 * 1024 ** 2;
/** Earlier contents that are kept of one file; of all files of a site at most so many bytes, and so many files. */
export const mostVersions = 20;
export const maxVersionsBytes = 200 * 1024 ** 2;
export const mostVersionedFiles = 500;

/** What must be true of the file for it to be written: it is this very one, it is there, or it is not. */
export const fileCondition = z.union([fileEtag, z.enum(['present', 'absent'])]);
export type FileCondition = z.infer<typeof fileCondition>;

export const savedFile = z.object({ sizeBytes: z.int(), etag: fileEtag, modifiedAt: instant });
export type SavedFile = z.infer<typeof savedFile>;

/** A content that was written over. */
export const fileVersion = z.object({
  id,
  sizeBytes: z.int(),
  replacedAt: instant,
  /** Who wrote over it. */
  replacedBy: z.string(),
});
export type FileVersion = z.infer<typeof fileVersion>;

/** What a browser seals drafts of texts with: without being signed in as this person they cannot be read. */
export const draftKey = z.object({ key: z.string().regex(/^[\w-]{43}$/) });

const params = z.object({ siteId: id });
const query = z.strictObject({ path: filePath.min(1) });

export const fileEditing = {
  save: {
    id: 'saveFile',
    method: 'PUT',
    path: '/api/v1/sites/{siteId}/file-content',
    access: 'files.write',
    summary:
      'Write a file in one step, with its mode kept; If-Match with the ETag that was read (or *), If-None-Match: * for a new one',
    params,
    query,
    bytesMost: maxEditBytes,
    response: savedFile,
  },
  versions: {
    id: 'listFileVersions',
    method: 'GET',
    path: '/api/v1/sites/{siteId}/file-versions',
    access: 'files.read',
    summary: 'What a file held before it was written over, newest first',
    params,
    query,
    response: z.object({ items: z.array(fileVersion) }),
  },
  version: {
    id: 'downloadFileVersion',
    method: 'GET',
    path: '/api/v1/sites/{siteId}/file-versions/{versionId}',
    access: 'files.read',
    summary: 'The bytes of an earlier content of a file',
    params: z.object({ siteId: id, versionId: id }),
    query,
    response: z.string(),
    textType: 'application/octet-stream',
  },
  draftKey: {
    id: 'getDraftKey',
    method: 'GET',
    path: '/api/v1/me/draft-key',
    access: 'signedIn',
    summary: 'The key by which a browser seals what was typed into a file and not saved',
    response: draftKey,
  },
} as const satisfies Record<string, Operation>;
