import { z } from 'zod';
import { phpInstalled } from '../php.ts';
import type { AgentAction } from './action.ts';

export const phpVersions = {
  name: 'php.versions',
  permission: 'sites.read',
  ticket: 'never',
  params: z.strictObject({}),
  result: z.object({
    /** Newest first. */
    items: z.array(phpInstalled),
  }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 16 * 1024,
  summary: 'Installed versions of PHP-FPM and whether they run',
} as const satisfies AgentAction;
