import { z } from 'zod';
import { fileEditing } from './file-editing.ts';
import { fileLinksApi } from './file-links.ts';
import { fileName, filePath } from './file-names.ts';
import { fileFavouritesApi } from './file-favourites.ts';
import { fileRemarksApi } from './file-remarks.ts';
import { fileFetchApi } from './file-fetch.ts';
import { fileFindApi } from './file-find.ts';
import { fileRightsApi } from './file-rights.ts';
import { fileSearchApi } from './file-search.ts';
import { fileTransfers } from './file-transfers.ts';
import { fileUsageApi } from './file-usage.ts';
import { fileWorkApi } from './file-work.ts';
import { id, instant, type Operation } from './http.ts';

/** Things that one request takes at most. */
export const maxFilesAtOnce = 500;
/** Entries of one answer, unless more are asked for. */
export const filesPageSize = 200;
/** Entries of one answer at most. */
export const mostInPage = 2_000;

const thing = filePath.min(1);
const things = z.array(thing).min(1).max(maxFilesAtOnce);

export const fileSorts = ['name', 'size', 'modified'] as const;
export type FileSort = (typeof fileSorts)[number];

export const fileTypes = ['file', 'folder', 'link', 'special'] as const;

export const fileEntry = z.object({
  name: z.string(),
  type: z.enum(fileTypes),
  /** Of a file; 0 otherwise. */
  sizeBytes: z.int(),
  /** The twelve bits of `chmod`. */
  mode: z.int(),
  owner: z.string(),
  modifiedAt: instant,
  /** Of a link. It is shown, never followed. */
  target: z.string().nullable(),
  /** What somebody wrote about it in the panel. */
  remark: z.string().optional(),
});
export type FileEntry = z.infer<typeof fileEntry>;

export const fileListQuery = z.strictObject({
  path: filePath.default(''),
  sort: z.enum(fileSorts).default('name'),
  isDescending: z.stringbool().default(false),
  showsHidden: z.stringbool().default(false),
  /** Part of the name or of the remark, whatever its case. */
  filter: z.string().max(255).default(''),
  offset: z.coerce.number().int().min(0).max(10_000_000).default(0),
  limit: z.coerce.number().int().min(1).max(mostInPage).default(filesPageSize),
});

export const fileList = z.object({
  entries: z.array(fileEntry),
  /** Of all that the filter lets through. */
  total: z.int(),
  /** Names that begin with a dot and are not shown. */
  hidden: z.int(),
});
export type FileList = z.infer<typeof fileList>;

/** What happens when the name is taken: the request is refused before anything moves, or a free name is found. */
export const fileConflicts = ['refuse', 'rename'] as const;

export const fileChoices = z.strictObject({ paths: things, into: filePath, onConflict: z.enum(fileConflicts) });
export const newFile = z.strictObject({ folder: filePath, name: fileName, type: z.enum(['file', 'folder']) });
export const fileRename = z.strictObject({ path: thing, name: fileName });
export const fileModes = z.strictObject({ paths: things, mode: z.int().min(0).max(0o777) });
export const filePaths = z.strictObject({ paths: things });
export const binIds = z.strictObject({ ids: z.array(id).min(1).max(maxFilesAtOnce) });

/** What was done, by where it is now. */
export const filesDone = z.object({ paths: z.array(z.string()) });

export const binItem = z.object({
  id,
  /** Where it was. */
  path: z.string(),
  type: z.enum(fileTypes),
  sizeBytes: z.int(),
  deletedAt: instant,
  deletedBy: z.string(),
});
export type BinItem = z.infer<typeof binItem>;

const params = z.object({ siteId: id });
const base = '/api/v1/sites/{siteId}/files';

export const filesApi = {
  list: {
    id: 'listFiles',
    method: 'GET',
    path: base,
    access: 'files.read',
    summary: "What is in a folder of a site, a page at a time, read as the site's own Linux user",
    params,
    query: fileListQuery,
    response: fileList,
  },
  make: {
    id: 'makeFile',
    method: 'POST',
    path: base,
    access: 'files.write',
    summary: 'Make an empty file or a folder',
    params,
    body: newFile,
    response: filesDone,
    status: 201,
  },
  rename: {
    id: 'renameFile',
    method: 'POST',
    path: `${base}/rename`,
    access: 'files.write',
    summary: 'Give a file or folder another name in its folder; never over something else',
    params,
    body: fileRename,
    response: filesDone,
  },
  move: {
    id: 'moveFiles',
    method: 'POST',
    path: `${base}/move`,
    access: 'files.write',
    summary: 'Move files and folders into another folder of the site',
    params,
    body: fileChoices,
    response: filesDone,
  },
  copy: {
    id: 'copyFiles',
    method: 'POST',
    path: `${base}/copy`,
    access: 'files.write',
    summary: 'Copy files and folders into a folder of the site; links stay links',
    params,
    body: fileChoices,
    response: filesDone,
  },
  setMode: {
    id: 'setFileMode',
    method: 'POST',
    path: `${base}/mode`,
    access: 'files.write',
    summary: 'Set who may read, write and run files; special bits and links are left as they are',
    params,
    body: fileModes,
    response: filesDone,
  },
  remove: {
    id: 'removeFiles',
    method: 'POST',
    path: `${base}/remove`,
    access: 'files.write',
    summary: "Move files and folders to the site's recycle bin",
    params,
    body: filePaths,
    response: filesDone,
  },
  bin: {
    id: 'listFileBin',
    method: 'GET',
    path: '/api/v1/sites/{siteId}/file-bin',
    access: 'files.read',
    summary: "What is in the recycle bin of a site's files, newest first",
    params,
    response: z.object({ items: z.array(binItem) }),
  },
  restore: {
    id: 'restoreFiles',
    method: 'POST',
    path: '/api/v1/sites/{siteId}/file-bin/restore',
    access: 'files.write',
    summary: 'Put things back where they were; under a free name when theirs is taken',
    params,
    body: binIds,
    response: filesDone,
  },
  discard: {
    id: 'discardFiles',
    method: 'POST',
    path: '/api/v1/sites/{siteId}/file-bin/discard',
    access: 'files.write',
    summary: 'Delete things of the recycle bin for good',
    params,
    body: binIds,
    response: z.undefined(),
    status: 204,
  },
  ...fileTransfers,
  ...fileEditing,
  ...fileSearchApi,
  ...fileWorkApi,
  ...fileFetchApi,
  ...fileFavouritesApi,
  ...fileRemarksApi,
  ...fileRightsApi,
  ...fileFindApi,
  ...fileUsageApi,
  ...fileLinksApi,
} as const satisfies Record<string, Operation>;
