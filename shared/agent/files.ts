import { z } from 'zod';
import {
  binIds,
  binItem,
  fileChoices,
  fileList,
  fileModes,
  filePath,
  filePaths,
  fileRename,
  filesDone,
  filesPageSize,
  fileSorts,
  newFile,
} from '../files.ts';
import { id } from '../http.ts';
import type { AgentAction } from './action.ts';
import { slug } from './sites.ts';

const site = z.strictObject({ siteId: id, slug });

/** Everything below is done by a process of the site's own Linux user, below a handle on the site's folder. */
const writing = {
  permission: 'files.write',
  ticket: 'never',
  isReadOnly: false,
  isIdempotent: false,
  timeoutMs: 20_000,
  maxResultBytes: 4 * 1024 * 1024,
} as const;

export const filesBin = {
  name: 'files.bin',
  permission: 'files.read',
  ticket: 'never',
  params: z.strictObject({ site }),
  result: z.object({ items: z.array(binItem) }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 8 * 1024 * 1024,
  summary: "List the recycle bin of a site's files",
} as const satisfies AgentAction;

export const filesCopy = {
  ...writing,
  name: 'files.copy',
  params: fileChoices.extend({ site }),
  result: filesDone,
  // Whole folders; what is not done by then is taken back.
  timeoutMs: 100_000,
  summary: 'Copy files and folders of a site',
} as const satisfies AgentAction;

export const filesDiscard = {
  ...writing,
  name: 'files.discard',
  params: binIds.extend({ site }),
  result: z.object({}),
  isIdempotent: true,
  timeoutMs: 60_000,
  summary: "Delete things of the recycle bin of a site's files for good",
} as const satisfies AgentAction;

export const filesList = {
  name: 'files.list',
  permission: 'files.read',
  ticket: 'never',
  params: z.strictObject({
    site,
    path: filePath,
    sort: z.enum(fileSorts),
    isDescending: z.boolean(),
    showsHidden: z.boolean(),
    filter: z.string().max(255),
    offset: z.int().min(0),
    limit: z.int().min(1).max(filesPageSize),
  }),
  result: fileList,
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 20_000,
  maxResultBytes: 2 * 1024 * 1024,
  summary: 'List a folder of a site, a page at a time',
} as const satisfies AgentAction;

export const filesMake = {
  ...writing,
  name: 'files.make',
  params: newFile.extend({ site }),
  result: filesDone,
  summary: 'Make an empty file or a folder in a site',
} as const satisfies AgentAction;

export const filesMove = {
  ...writing,
  name: 'files.move',
  params: fileChoices.extend({ site }),
  result: filesDone,
  summary: 'Move files and folders of a site',
} as const satisfies AgentAction;

export const filesRemove = {
  ...writing,
  name: 'files.remove',
  params: filePaths.extend({ site }),
  result: filesDone,
  summary: 'Move files and folders to the recycle bin of their site',
} as const satisfies AgentAction;

export const filesRename = {
  ...writing,
  name: 'files.rename',
  params: fileRename.extend({ site }),
  result: filesDone,
  summary: 'Give a file or folder of a site another name',
} as const satisfies AgentAction;

export const filesRestore = {
  ...writing,
  name: 'files.restore',
  params: binIds.extend({ site }),
  result: filesDone,
  summary: "Put things of the recycle bin of a site's files back",
} as const satisfies AgentAction;

export const filesSetMode = {
  ...writing,
  name: 'files.set_mode',
  params: fileModes.extend({ site }),
  result: filesDone,
  isIdempotent: true,
  summary: 'Set who may read, write and run files of a site',
} as const satisfies AgentAction;
