import { z } from 'zod';
import { rewriteRule } from './behaviour/rewrites.ts';
import { id, instant, line, type Operation } from './http.ts';

/*
 * Rewrite rules that a person keeps under a name, for other sites. A site that took them has them as rules of its own: what
 * becomes of the template later changes no site.
 */

export const mostRewriteTemplates = 100;

export const rewriteTemplate = z.object({
  id,
  name: z.string(),
  rules: z.array(rewriteRule),
  updatedAt: instant,
});
export type RewriteTemplate = z.output<typeof rewriteTemplate>;

const base = '/api/v1/rewrite-templates';

/** Who works at some sites only sees and removes what is theirs. */
export const rewriteTemplatesApi = {
  list: {
    id: 'listRewriteTemplates',
    method: 'GET',
    path: base,
    access: 'sites.read',
    summary: 'Rewrite rules that are kept under names, by name',
    response: z.object({ items: z.array(rewriteTemplate) }),
  },
  /** One of mine with that name is replaced. */
  save: {
    id: 'saveRewriteTemplate',
    method: 'POST',
    path: base,
    access: 'sites.write',
    summary: 'Keep rewrite rules under a name',
    body: z.strictObject({
      name: line(60, 1),
      rules: z.array(rewriteRule).min(1, { error: 'required' }).max(100),
    }),
    response: rewriteTemplate,
  },
  remove: {
    id: 'removeRewriteTemplate',
    method: 'DELETE',
    path: `${base}/{templateId}`,
    access: 'sites.write',
    summary: 'Forget rewrite rules that were kept under a name; sites that took them keep them',
    params: z.object({ templateId: id }),
    response: z.undefined(),
    status: 204,
  },
} as const satisfies Record<string, Operation>;
