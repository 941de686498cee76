import { z } from 'zod';

/** Name of a file that answers for a folder: no slash, no control characters, nothing that nginx reads as a variable. */
const indexFile = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/, { error: 'index_invalid' });

/** How a site answers, beyond what it serves. */
export const siteBehaviour = z.strictObject({
  /** Files that answer for a folder, the first one there wins; empty: the habit of the kind of site. */
  index: z.array(indexFile).max(10).default([]),
});
export type SiteBehaviour = z.infer<typeof siteBehaviour>;
