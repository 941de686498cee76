import { z } from 'zod';
import { phpVersionState } from '../php.ts';
import type { AgentAction } from './action.ts';

export const phpVersions = {
  name: 'php.versions',
  permission: 'sites.read',
  ticket: 'never',
  params: z.strictObject({}),
  result: z.object({
    /** Newest first. */
    items: z.array(phpVersionState),
  }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 15_000,
  maxResultBytes: 16 * 1024,
  summary: 'Versions of PHP-FPM: which are there, run, are needed, or could be installed',
} as const satisfies AgentAction;
