import { z } from 'zod';
import { nginxSettings } from '../nginx-settings.ts';
import type { AgentAction } from './action.ts';

export const nginxFeatures = {
  name: 'nginx.features',
  permission: 'sites.read',
  ticket: 'never',
  params: z.strictObject({}),
  result: z.object({
    /** Sites can answer over QUIC. */
    hasHttp3: z.boolean(),
    /** Sites can pack their answers by brotli. */
    hasBrotli: z.boolean(),
  }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 4 * 1024,
  summary: 'What the installed nginx can do beyond what every nginx can',
} as const satisfies AgentAction;

export const nginxReadSettings = {
  name: 'nginx.read_settings',
  permission: 'services.read',
  ticket: 'never',
  params: z.strictObject({}),
  result: nginxSettings,
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 4 * 1024,
  summary: 'What holds for all of nginx',
} as const satisfies AgentAction;

export const nginxPutSettings = {
  name: 'nginx.put_settings',
  permission: 'services.write',
  ticket: 'never',
  params: nginxSettings,
  result: nginxSettings,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 60_000,
  maxResultBytes: 4 * 1024,
  summary: 'Change what holds for all of nginx',
} as const satisfies AgentAction;
