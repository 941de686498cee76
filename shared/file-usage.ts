import { z } from 'zod';
import { filePath } from './file-names.ts';
import { id, instant, type Operation } from './http.ts';

/** Things of a folder that are told one by one; the rest is summed up. */
export const mostUsageItems = 200;
export const mostLargestFiles = 20;
/** Of one walk. */
export const mostUsageSeconds = 20;
export const mostUsageEntries = 2_000_000;

export const fileUsageQuery = z.strictObject({
  /** The folder that is measured, with all that is in it. */
  path: filePath.default(''),
});

const amount = z.object({
  /** That files and links hold. */
  bytes: z.int(),
  /** That they take on the disk, folders too; a file of several names counts once. */
  diskBytes: z.int(),
  /** Whatever is no folder. */
  files: z.int(),
  folders: z.int(),
});
export type FileAmount = z.infer<typeof amount>;

export const usageItem = amount.extend({
  name: z.string(),
  /** `bin`: the recycle bin of the site's files, with what the panel keeps beside it. */
  type: z.enum(['file', 'folder', 'link', 'special', 'bin']),
  /** The walk ended in it or before it: there may be more. */
  isPartial: z.boolean(),
});
export type UsageItem = z.infer<typeof usageItem>;

export const largeFile = z.object({ path: z.string(), bytes: z.int(), diskBytes: z.int(), modifiedAt: instant });
export type LargeFile = z.infer<typeof largeFile>;

export const fileUsage = amount.extend({
  /** What takes most of the disk comes first. */
  items: z.array(usageItem),
  /** What is in the folder besides `items`, with everything below it. */
  rest: amount.extend({ items: z.int() }),
  /** Of the folder and everything below it, but for the recycle bin. */
  largest: z.array(largeFile),
  /** `time` and `entries`: the walk ended before it had seen everything, and this is what it counted. */
  why: z.enum(['whole', 'time', 'entries']),
  /** Folders that the site's user may not look into, or that lie too deep: what is in them is not counted. */
  unread: z.int(),
  /** Folders where another file system begins, which is not counted. */
  elsewhere: z.int(),
});
export type FileUsage = z.infer<typeof fileUsage>;

export const fileUsageApi = {
  usage: {
    id: 'measureFolder',
    method: 'GET',
    path: '/api/v1/sites/{siteId}/file-usage',
    access: 'files.read',
    summary: 'What takes the space in a folder and everything below it; no link is followed',
    params: z.object({ siteId: id }),
    query: fileUsageQuery,
    response: fileUsage,
  },
} as const satisfies Record<string, Operation>;
