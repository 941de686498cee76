import { z } from 'zod';
import { isCleanRewrite } from './clean-paths.ts';
import { readPattern } from './patterns.ts';
import { readTarget } from './redirects.ts';
import { rewritePresets } from './rewrite-presets.ts';

/** What a visitor asks for is answered by another address of the site, which they do not see. */
export const rewriteRule = z
  .strictObject({
    /** Regular expression for the decoded path. */
    path: z.string().max(200),
    /** Path of the site with a query; `$1` to `$9` stand for the groups. */
    target: z
      .string()
      .max(1_000)
      .refine((text) => text.startsWith('/') && readTarget(text) !== undefined && !/^[^?]*%/.test(text), {
        error: 'rewrite_target_invalid',
      }),
    /** Only where no file and no folder is. */
    isOnlyMissing: z.boolean().default(true),
    isEnabled: z.boolean().default(true),
  })
  .superRefine(({ path, target }, context) => {
    const say = (field: string, message: string): void =>
      context.addIssue({ code: 'custom', message, path: [field], input: target });
    const pattern = readPattern(path);
    if (!pattern.ok) return say('path', 'pattern_invalid');
    if ([...target.matchAll(/\$(\d)/g)].some((each) => Number(each[1]) > pattern.groups))
      say('target', 'redirect_capture');
    else if (!isCleanRewrite([path, target])) say('target', 'rewrite_capture_path');
  });
export type RewriteRule = z.infer<typeof rewriteRule>;

export const rewrites = z.strictObject({
  /** Rules and closed folders of a known application; for sites that run PHP. */
  preset: z.enum(rewritePresets).default('none'),
  /** Asked from the top, before those of the preset; the first that matches counts. */
  rules: z.array(rewriteRule).max(100).default([]),
});
export type Rewrites = z.infer<typeof rewrites>;
