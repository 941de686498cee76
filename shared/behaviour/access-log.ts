import { z } from 'zod';

/**
 * How a visit is written down. `full`: with the time that the answer took and the id of the request; `combined`: as many
 * tools expect it; `short`: as `full`, without the end of the visitor's address. Figures are counted from each of them.
 */
export const accessLogFormats = ['full', 'combined', 'short'] as const;

export const accessLog = z.strictObject({
  /** Off: nothing is written down, and no figures are counted. */
  isOn: z.boolean().default(true),
  format: z.enum(accessLogFormats).default('full'),
});
export type AccessLog = z.infer<typeof accessLog>;
