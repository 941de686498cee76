import { z } from 'zod';
import { id, instant, type Operation } from './http.ts';
import { filePath } from './file-names.ts';

/*
 * Bytes of files between a browser and a site: they travel as they are, never inside JSON. An upload is announced, sent in
 * pieces of any length that each begin where the last one ended, and put in its place when all of it is there and right.
 */

export const maxUploadBytes = 100 * 1024 ** 3;
/** Of one request. What takes longer than a minute on the way is cut off: who sends chooses smaller pieces then. */
export const maxUploadPieceBytes = 256 * 1024 ** 2;
/** An upload that nobody went on with for this long is thrown away. */
export const uploadKeptMs = 24 * 60 * 60 * 1_000;
/** Uploads of one site that have not ended. */
export const mostUploads = 200;

const thing = filePath.min(1);

/** `replace`: what is there goes to the recycle bin. */
export const uploadConflicts = ['refuse', 'rename', 'replace'] as const;
export type UploadConflict = (typeof uploadConflicts)[number];

export const newUpload = z.strictObject({
  /** Where it shall be; folders on the way are made at the end. */
  path: thing,
  sizeBytes: z.int().min(0).max(maxUploadBytes),
  /** What is decided at the end is looked at already now, before anything is sent. */
  onConflict: z.enum(uploadConflicts),
});

export const sumBlockBytes = 1024 ** 2;
/**
 * Of all bytes of a file, as its sender has them: `sha256:` and its SHA-256, which every system has a program for, or `gmac:`
 * and the SHA-256 of the tags of its blocks of 1 MiB, the last of which may be shorter: GMAC (NIST SP 800-38D, AES-128), with
 * zeros for key and nonce. That one costs next to nothing on both sides and finds every change that happens by chance; as its
 * key is public, it says nothing against somebody who changes bytes on purpose.
 */
export const uploadSum = z.string().regex(/^(gmac|sha256):[0-9a-f]{64}$/, { error: 'upload_sum_invalid' });

export const uploadEnd = z.strictObject({
  sum: uploadSum,
  onConflict: z.enum(uploadConflicts),
});

export const fileUpload = z.object({
  id,
  path: z.string(),
  sizeBytes: z.int(),
  /** The next piece begins here. */
  receivedBytes: z.int(),
  startedAt: instant,
});
export type FileUpload = z.infer<typeof fileUpload>;

/** One range of bytes as it is asked for: from the beginning (`last` null: to the end), or so many at the end. */
export const byteRange = z.union([
  z.strictObject({ first: z.int().min(0), last: z.int().min(0).nullable() }),
  z.strictObject({ suffix: z.int().min(0) }),
]);
export type ByteRange = z.infer<typeof byteRange>;

/** Strong: another one whenever the bytes may be others. */
export const fileEtag = z.string().regex(/^"[0-9a-z-]{3,64}"$/);

const params = z.object({ siteId: id });
const oneUpload = z.object({ siteId: id, uploadId: id });
const base = '/api/v1/sites/{siteId}/file-uploads';

export const fileTransfers = {
  download: {
    id: 'downloadFile',
    method: 'GET',
    path: '/api/v1/sites/{siteId}/file-content',
    access: 'files.read',
    summary: 'The bytes of a file, as a file to keep; one range of them, and If-Range, as RFC 9110 has it',
    params,
    query: z.strictObject({ path: thing }),
    response: z.string(),
    textType: 'application/octet-stream',
  },
  beginUpload: {
    id: 'beginFileUpload',
    method: 'POST',
    path: base,
    access: 'files.write',
    summary: 'Announce a file; its bytes are sent next',
    params,
    body: newUpload,
    response: fileUpload,
    status: 201,
  },
  upload: {
    id: 'getFileUpload',
    method: 'GET',
    path: `${base}/{uploadId}`,
    access: 'files.read',
    summary: 'How far an upload is: where to go on after a break',
    params: oneUpload,
    response: fileUpload,
  },
  writeUpload: {
    id: 'writeFileUpload',
    method: 'PUT',
    path: `${base}/{uploadId}`,
    access: 'files.write',
    summary: 'Send the next bytes, from where the upload is; what arrives before a break is kept',
    params: oneUpload,
    query: z.strictObject({ offset: z.coerce.number().int().min(0).max(maxUploadBytes) }),
    bytesMost: maxUploadPieceBytes,
    response: fileUpload,
  },
  finishUpload: {
    id: 'finishFileUpload',
    method: 'POST',
    path: `${base}/{uploadId}/finish`,
    access: 'files.write',
    summary: 'Compare size and sum, then put the file in its place in one step',
    params: oneUpload,
    body: uploadEnd,
    response: z.object({ path: z.string() }),
  },
  dropUpload: {
    id: 'dropFileUpload',
    method: 'DELETE',
    path: `${base}/{uploadId}`,
    access: 'files.write',
    summary: 'Give an upload up; what arrived of it is deleted',
    params: oneUpload,
    response: z.undefined(),
    status: 204,
  },
} as const satisfies Record<string, Operation>;
