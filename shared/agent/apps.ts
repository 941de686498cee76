import { z } from 'zod';
import { appStatus, appWishes, nodeLine } from '../apps.ts';
import { id } from '../http.ts';
import { appVariableValue } from '../site-app.ts';
import type { AgentAction } from './action.ts';
import { siteSpec } from './sites.ts';

const site = siteSpec.pick({ siteId: true, slug: true });

/** Not part of a change: the change only names the values, and so does everything that is kept of it. */
export const appsKeepSecrets = {
  name: 'apps.keep_secrets',
  permission: 'sites.write',
  ticket: 'never',
  params: z.strictObject({
    site,
    secrets: z.array(z.strictObject({ secretId: id, value: appVariableValue.min(1) })).max(200),
  }),
  result: z.object({}),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 1_024,
  summary: "Keep values of secret variables of a site's application; they are never said again",
} as const satisfies AgentAction;

export const appsNodeVersions = {
  name: 'apps.node_versions',
  permission: 'sites.read',
  ticket: 'never',
  params: z.strictObject({}),
  result: z.object({ items: z.array(nodeLine) }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 16 * 1_024,
  summary: 'Lines of Node for applications, and which versions are in the store',
} as const satisfies AgentAction;

export const appsStatus = {
  name: 'apps.status',
  permission: 'sites.read',
  ticket: 'never',
  params: z.strictObject({ site }),
  result: appStatus,
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 6_000,
  maxResultBytes: 32 * 1_024,
  summary: "What a site's application does now",
} as const satisfies AgentAction;

export const appsSwitch = {
  name: 'apps.switch',
  permission: 'sites.write',
  ticket: 'never',
  params: z.strictObject({ site, to: z.enum(appWishes), changeId: id }),
  result: appStatus,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 120_000,
  maxResultBytes: 32 * 1_024,
  summary: "Start, stop or start anew a site's application; what does not answer is taken back",
} as const satisfies AgentAction;
