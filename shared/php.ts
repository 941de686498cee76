import { z } from 'zod';
import type { Operation } from './http.ts';

/** One installed version of PHP-FPM. */
export const phpInstalled = z.object({
  version: z.string(),
  isRunning: z.boolean(),
});
export type PhpInstalled = z.infer<typeof phpInstalled>;

export const phpApi = {
  versions: {
    id: 'listPhpVersions',
    method: 'GET',
    path: '/api/v1/php/versions',
    access: 'sites.read',
    summary: 'Installed PHP versions',
    response: z.object({
      /** Newest first. */
      items: z.array(phpInstalled),
    }),
  },
} as const satisfies Record<string, Operation>;
