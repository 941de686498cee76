import { z } from 'zod';
import { id } from '../http.ts';
import { logRotation, logRotationState, siteTraffic, trafficRanges } from '../logs.ts';
import type { AgentAction } from './action.ts';
import { slug } from './slug.ts';

export const logsPutRotation = {
  name: 'logs.put_rotation',
  permission: 'settings.write',
  ticket: 'never',
  params: logRotation,
  result: logRotationState,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 4096,
  summary: 'Say when the logs of sites are set aside and how many are kept',
} as const satisfies AgentAction;

export const logsRotation = {
  name: 'logs.rotation',
  permission: 'settings.read',
  ticket: 'never',
  params: z.strictObject({}),
  result: logRotationState,
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 4096,
  summary: 'When the logs of sites are set aside, and what is kept of them',
} as const satisfies AgentAction;

export const logsTraffic = {
  name: 'logs.traffic',
  permission: 'sites.read',
  ticket: 'never',
  params: z.strictObject({ site: z.strictObject({ siteId: id, slug }), range: z.enum(trafficRanges) }),
  result: siteTraffic,
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 256 * 1024,
  summary: "Figures of a site's visitors from its access log, counted on to now",
} as const satisfies AgentAction;
