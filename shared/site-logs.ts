import { z } from 'zod';
import { maxInstances } from './app-limits.ts';
import { appWorkerName } from './site-app.ts';

/** `php` and `slow` are written by PHP sites only, `app` by applications. */
export const logKinds = ['access', 'error', 'app', 'php', 'slow'] as const;
export type LogKind = (typeof logKinds)[number];

export const logChunk = z.object({
  /** Whole lines, newest last; invalid UTF-8 replaced; at most 64 KiB. */
  lines: z.array(z.string()),
  /** Pass back to read on; survives rotation. */
  cursor: z.string(),
  isTruncated: z.boolean(),
});

/** Of the kind `app`: the log of this worker of the application, or of this one of several instances. */
export const logQuery = z.object({
  worker: appWorkerName.optional(),
  instance: z.coerce.number().int().min(1).max(maxInstances).optional(),
});
