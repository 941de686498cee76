import { z } from 'zod';
import { filePath } from './file-names.ts';
import { id, type Operation } from './http.ts';

/*
 * Search in what files hold: text or an expression is looked for below a folder of a site, by the site's own Linux user. What
 * is found comes line by line while the search goes on (`application/x-ndjson`, each line a `fileFinding`).
 */

/** Lines of one answer at most. */
export const mostFound = 5_000;
export const mostSearchSeconds = 50;
const mebibyte = 1024 * 1024;
export const fileSearchSizes = [mebibyte, 10 * mebibyte, 100 * mebibyte] as const;
const mostGlobs = 20;

/** As in `.gitignore`: `*.php`, `/app/**`, `{a,b}.txt`. What begins with `!` would turn it round. */
export const globPattern = /^(?!!)[^\u0000-\u001f\u007f]*$/;
/** On one line, tabs and all. */
export const searchTextPattern = /^[^\u0000-\u0008\u000a-\u001f\u007f]*$/;

const globs = z
  .array(z.string().min(1).max(200).regex(globPattern, { error: 'file_glob_invalid' }))
  .max(mostGlobs)
  .default([]);

export const fileSearch = z.strictObject({
  /** The folder that is searched, with all that is in it. */
  path: filePath.default(''),
  text: z.string().min(1).max(1_000).regex(searchTextPattern, { error: 'control_characters' }),
  isRegex: z.boolean().default(false),
  isCaseSensitive: z.boolean().default(false),
  isWord: z.boolean().default(false),
  showsHidden: z.boolean().default(false),
  /** Only files of these names; empty: all. */
  only: globs,
  except: globs,
  mostMatches: z.int().min(1).max(mostFound).default(1_000),
  mostSeconds: z.int().min(1).max(mostSearchSeconds).default(30),
  /** Larger files are left out. */
  mostFileBytes: z
    .int()
    .min(1_024)
    .max(100 * mebibyte)
    .default(10 * mebibyte),
});

export const fileMatch = z.object({
  line: z.int(),
  /** Of the same line; cut when it is long. */
  before: z.string(),
  match: z.string(),
  after: z.string(),
});
export type FileMatch = z.infer<typeof fileMatch>;

export const fileFinding = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('found'), path: z.string(), matches: z.array(fileMatch) }),
  z.object({
    kind: z.literal('end'),
    /** `matches` and `time`: there may be more. Without this line the search broke off. */
    why: z.enum(['whole', 'matches', 'time', 'failed']),
    matches: z.int(),
  }),
]);
export type FileFinding = z.infer<typeof fileFinding>;

export const fileSearchApi = {
  search: {
    id: 'searchFiles',
    method: 'POST',
    path: '/api/v1/sites/{siteId}/files/search',
    access: 'files.read',
    summary: "Search in what files of a site hold, as the site's own Linux user; lines of JSON, as they are found",
    params: z.object({ siteId: id }),
    body: fileSearch,
    textType: 'application/x-ndjson',
    response: fileFinding,
  },
} as const satisfies Record<string, Operation>;
