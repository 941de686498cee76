import { z } from 'zod';
import type { Operation } from './http.ts';

/** One version of PHP-FPM that is installed or that the distribution has. */
export const phpVersionState = z.object({
  version: z.string(),
  isInstalled: z.boolean(),
  isRunning: z.boolean(),
  /** Sites that need it, also those that are switched off. */
  sites: z.int(),
});
export type PhpVersionState = z.infer<typeof phpVersionState>;

export const phpApi = {
  versions: {
    id: 'listPhpVersions',
    method: 'GET',
    path: '/api/v1/php/versions',
    access: 'sites.read',
    summary: 'PHP versions that are installed or can be',
    response: z.object({
      /** Newest first. */
      items: z.array(phpVersionState),
    }),
  },
} as const satisfies Record<string, Operation>;
