import { z } from 'zod';
import type { AgentAction } from './action.ts';

export const nginxFeatures = {
  name: 'nginx.features',
  permission: 'sites.read',
  ticket: 'never',
  params: z.strictObject({}),
  result: z.object({
    /** Sites can answer over QUIC. */
    hasHttp3: z.boolean(),
  }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 4 * 1024,
  summary: 'What the installed nginx can do beyond what every nginx can',
} as const satisfies AgentAction;
