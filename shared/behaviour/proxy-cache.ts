import { z } from 'zod';

export const cacheMinutes = z.int().min(1).max(525_600).nullable();

/** Answers of applications that nginx keeps and gives to the next visitor without asking again. */
export const proxyCache = z.strictObject({
  /** Of the application behind the whole site, where it says nothing of its own; null: not kept. Paths have their own. */
  minutes: cacheMinutes.default(null),
  /** What all kept answers of the site may take on the disk. */
  maxMib: z.int().min(10).max(102_400).default(256),
  /** Visitors with one of these cookies are always answered by the application; empty: with any cookie at all. */
  cookieNames: z
    .array(z.string().regex(/^[A-Za-z0-9_.-]{1,100}$/, { error: 'cookie_name_invalid' }))
    .max(50)
    .default([]),
  /** `X-Cache-Status` says whether an answer was a kept one. */
  isStatusShown: z.boolean().default(true),
});
export type ProxyCache = z.infer<typeof proxyCache>;
