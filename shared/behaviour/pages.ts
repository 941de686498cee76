import { z } from 'zod';
import { instant } from '../http.ts';
import { readTarget } from './redirects.ts';
import { networkRange, rulePath } from './words.ts';

/** Words of a page that a person wrote: any letters, lines as they are; nothing of it is read as HTML. */
export const pageText = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\u0000-\u0009\u000b-\u001f\u007f-\u009f\ufffe\uffff]*$/, { error: 'control_characters' })
    .refine((text) => text.isWellFormed(), { error: 'control_characters' });

export const pageColours = ['plain', 'green', 'blue', 'sand', 'night'] as const;
export type PageColour = (typeof pageColours)[number];

/** The site is closed for a while: everybody else sees one page, with 503 and Retry-After. */
export const maintenance = z.strictObject({
  isOn: z.boolean().default(false),
  /** Empty: the words of the panel, in Arabic and English. */
  title: pageText(100).default(''),
  text: pageText(600).default(''),
  /** Then the site opens by itself; null: until it is switched off. */
  until: instant.nullable().default(null),
  colour: z.enum(pageColours).default('plain'),
  /** These see the site. */
  addresses: z.array(networkRange).max(100).default([]),
  /** These paths, and all below them, go on answering: health checks, a webhook. */
  paths: z.array(rulePath).max(20).default([]),
});
export type Maintenance = z.infer<typeof maintenance>;

export const pageCodes = [403, 404, 500, 502, 503, 504] as const;

export const errorPage = z.strictObject({
  code: z.literal(pageCodes),
  title: pageText(100).default(''),
  text: pageText(600).default(''),
  colour: z.enum(pageColours).default('plain'),
});
export type ErrorPage = z.infer<typeof errorPage>;

export const errorPages = z.strictObject({
  pages: z
    .array(errorPage)
    .max(pageCodes.length)
    .default([])
    .superRefine((pages, context) => {
      for (const [index, { code }] of pages.entries())
        if (pages.findIndex((each) => each.code === code) !== index)
          context.addIssue({ code: 'custom', message: 'page_repeated', path: [index, 'code'], input: code });
    }),
  /** Whoever asks for what is not there is sent to one address; null: they get the page for 404. */
  lost: z
    .strictObject({
      target: z
        .string()
        .max(1_000)
        .refine((text) => readTarget(text) !== undefined && !text.includes('$'), { error: 'redirect_target_invalid' }),
      status: z.literal([301, 302]).default(302),
    })
    .nullable()
    .default(null),
  /** Also in place of what the application behind a proxied site answers with such a code. */
  isUpstreamToo: z.boolean().default(false),
});
export type ErrorPages = z.infer<typeof errorPages>;
