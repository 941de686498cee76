import { z } from 'zod';

/** What a repair of owners and modes found. */
export const siteRepair = z.object({
  checked: z.int(),
  repaired: z.int(),
  /** Second names of files of others, which stay as they are. */
  left: z.int(),
  /** Some of what was repaired. */
  paths: z.array(z.string()),
  /** False: there was no time for all of it; another repair goes on. */
  isWhole: z.boolean(),
  /** False: the configuration was changed by hand, and stays as it is. */
  isConfigChecked: z.boolean(),
});
export type SiteRepair = z.infer<typeof siteRepair>;

/** Kept answers that were removed. */
export const emptiedCache = z.object({ fileCount: z.int(), sizeBytes: z.int() });
