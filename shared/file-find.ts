import { z } from 'zod';
import { filePath } from './file-names.ts';
import { searchTextPattern } from './file-search.ts';
import { id, instant, type Operation } from './http.ts';

/** Of one answer. */
export const mostNamesFound = 500;
/** The whole walk, in seconds. */
export const mostFindSeconds = 15;

export const fileFind = z.strictObject({
  /** The folder that is looked through, with all that is in it. */
  path: filePath.default(''),
  /** Part of a name, whatever its case; with `*`, `?`, `[…]` or `{…}` the whole name, with `/` the path below the folder. */
  name: z.string().min(1).max(200).regex(searchTextPattern, { error: 'control_characters' }),
  showsHidden: z.stringbool().default(false),
});
export type FileFind = z.output<typeof fileFind>;

export const foundName = z.object({
  path: z.string(),
  type: z.enum(['file', 'folder', 'link', 'special']),
  sizeBytes: z.int(),
  modifiedAt: instant,
});
export type FoundName = z.infer<typeof foundName>;

export const foundNames = z.object({
  items: z.array(foundName),
  /** `most` and `time`: there may be more. */
  why: z.enum(['whole', 'most', 'time']),
  /** Names that were looked at. */
  seen: z.int(),
});
export type FoundNames = z.infer<typeof foundNames>;

export const fileFindApi = {
  find: {
    id: 'findFiles',
    method: 'GET',
    path: '/api/v1/sites/{siteId}/file-names',
    access: 'files.read',
    summary: 'Find files and folders by their names, in a folder and everything below it; no link is followed',
    params: z.object({ siteId: id }),
    query: fileFind,
    response: foundNames,
  },
} as const satisfies Record<string, Operation>;
