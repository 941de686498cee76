import { z } from 'zod';
import { filePath } from './file-names.ts';
import { empty, id, instant, type Operation } from './http.ts';

/* Public links to one file of a site: whoever has one downloads it without signing in, until it expires. */

/** How many hours a link may last; none lasts for ever. */
export const fileLinkHours = [1, 24, 7 * 24, 30 * 24] as const;
export const shortestLinkPassword = 8;
export const longestLinkPassword = 128;
export const mostLinkDownloads = 10_000;
/** Living links of one site. */
export const mostFileLinks = 200;

export const newFileLink = z.strictObject({
  path: filePath.min(1),
  hours: z.literal(fileLinkHours),
  /** Asked for before the file is given; null: the link alone is enough. */
  password: z.string().min(shortestLinkPassword).max(longestLinkPassword).nullable().default(null),
  /** null: as often as anybody likes, until it expires. */
  mostDownloads: z.int().min(1).max(mostLinkDownloads).nullable().default(null),
});
export type NewFileLink = z.output<typeof newFileLink>;

export const fileLink = z.object({
  id,
  path: z.string(),
  madeBy: z.string(),
  isMine: z.boolean(),
  hasPassword: z.boolean(),
  mostDownloads: z.int().nullable(),
  downloads: z.int(),
  lastUsedAt: instant.nullable(),
  createdAt: instant,
  expiresAt: instant,
});
export type FileLink = z.output<typeof fileLink>;

const params = z.object({ siteId: id });
const base = '/api/v1/sites/{siteId}/file-links';

export const fileLinksApi = {
  links: {
    id: 'listFileLinks',
    method: 'GET',
    path: base,
    access: 'files.read',
    summary: 'Living links to files of a site, newest first: my own, and of everybody with the right to manage people',
    params,
    response: z.object({ items: z.array(fileLink) }),
  },
  makeLink: {
    id: 'createFileLink',
    method: 'POST',
    path: base,
    access: 'files.read',
    summary: 'Make a link by which anybody downloads a file until it expires; its address is shown this once',
    params,
    body: newFileLink,
    response: z.object({ link: fileLink, url: z.string() }),
    status: 201,
  },
  revokeLink: {
    id: 'revokeFileLink',
    method: 'DELETE',
    path: `${base}/{linkId}`,
    access: 'files.read',
    summary: 'End a link to a file at once',
    params: params.extend({ linkId: id }),
    response: empty,
    status: 204,
  },
} as const satisfies Record<string, Operation>;
