import { z } from 'zod';
import { ruleHost, rulePath, suffix } from './words.ts';

/** Files that other sites may not show in their pages as if they were theirs. */
export const hotlink = z
  .strictObject({
    isOn: z.boolean().default(false),
    suffixes: z.array(suffix).max(50).default(['jpg', 'jpeg', 'png', 'gif', 'webp', 'avif', 'svg', 'mp4', 'mp3']),
    /** Besides the site's own names. */
    hosts: z.array(ruleHost).max(100).default([]),
    /** Also who comes without a referrer: opened by hand, or a browser that says nothing. */
    isEmptyAllowed: z.boolean().default(true),
    status: z.literal([403, 404]).default(403),
    /** A file of the site that is shown instead; empty: the status. */
    replacement: z.union([z.literal(''), rulePath]).default(''),
  })
  .superRefine(({ isOn, suffixes }, context) => {
    if (isOn && suffixes.length === 0)
      context.addIssue({ code: 'custom', message: 'required', path: ['suffixes'], input: suffixes });
  });
export type Hotlink = z.infer<typeof hotlink>;

/** How long browsers may keep files without asking again. */
export const cacheRule = z.strictObject({
  suffixes: z.array(suffix).min(1, { error: 'required' }).max(50),
  /** 0: never keep. At most one year. */
  minutes: z.int().min(0).max(525_600),
});

export const cacheRules = z.array(cacheRule).max(20);

export const compressionChoices = ['default', 'on', 'off'] as const;

export const compression = z.strictObject({
  /** `default`: as the server does. */
  gzip: z.enum(compressionChoices).default('default'),
  /** Only where nginx has the module of it. */
  brotli: z.enum(compressionChoices).default('default'),
});
export type Compression = z.infer<typeof compression>;
