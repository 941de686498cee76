import { z } from 'zod';

/** An absolute path without `.`, `..`, doubled or trailing slashes and control characters. */
export const absolutePath = z
  .string()
  .min(2)
  .max(4096)
  .regex(/^(\/(?!\.{1,2}(\/|$))[^/\u0000-\u001f\u007f]+)+$/, { error: 'path_invalid' });
