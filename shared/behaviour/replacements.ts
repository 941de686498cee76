import { z } from 'zod';
import { plainValue } from './words.ts';

/** Words put in place of others in pages, styles, scripts and data of an application, in order; not in what is no text. */
export const replacements = z
  .array(z.strictObject({ from: plainValue(300).min(1, { error: 'required' }), to: plainValue(300) }))
  .max(20)
  .default([]);
export type Replacement = z.infer<typeof replacements>[number];

/** Each of the words only where it stands first in an answer, and not wherever it stands. */
export const isReplacedOnce = z.boolean().default(false);
