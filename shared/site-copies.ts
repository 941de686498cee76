import { z } from 'zod';
import { id, line, type Operation } from './http.ts';
import { job } from './jobs.ts';
import type { Site } from './sites.ts';

/*
 * A copy of a site: its settings and its files under other names, as another Linux user. What belongs to the old names
 * or is a secret of the old site stays there, and is said.
 */

/** How far the agent is with the files of a copy. `copied`: everything is there, and the site can be made of it. */
export const copyStates = ['running', 'copied', 'settled', 'failed', 'cancelled'] as const;

export const siteCopyState = z.object({
  state: z.enum(copyStates),
  /** 0 to 100; null while the files are being counted. */
  progress: z.number().min(0).max(100).nullable(),
  failure: z.object({ reason: z.string(), params: z.record(z.string(), z.union([z.string(), z.number()])) }).nullable(),
});
export type SiteCopyState = z.infer<typeof siteCopyState>;

export const siteCopyRequest = z.strictObject({
  domains: z.array(z.string().min(1).max(512)).min(1).max(100),
  name: line(100).optional(),
  /** Values of secret variables of the application go along; needs a confirmation. */
  withSecrets: z.boolean().default(false),
  /** Custom nginx directives go along as they are; needs the permission for them, and a confirmation. */
  withDirectives: z.boolean().default(false),
});

export const copiesApi = {
  /** Needs `sites.write` besides: everything in the site's folder can be read through its copy. 404 for a site of others. */
  start: {
    id: 'copySite',
    method: 'POST',
    path: '/api/v1/sites/{siteId}/copies',
    access: 'sites.create',
    summary: 'Copy a site with its files under other names, as a job',
    params: z.object({ siteId: id }),
    body: siteCopyRequest,
    response: job,
    status: 202,
  },
} as const satisfies Record<string, Operation>;

/** What a copy does not bring along, as keys of `copies.stays`; `paths` is true of every copy. */
export const copyStays = [
  'certificate',
  'deployKey',
  'webhook',
  'secrets',
  'directives',
  'port',
  'logs',
  'paths',
] as const;
export type CopyStay = (typeof copyStays)[number];

/** Whether a certificate stays is known only with the new names: here it counts as staying. */
export function staysOf(
  site: Pick<Site, 'app' | 'customDirectives' | 'deploy' | 'tls'>,
  { withSecrets, withDirectives }: { readonly withSecrets: boolean; readonly withDirectives: boolean },
): CopyStay[] {
  const { app, customDirectives, deploy, tls } = site;
  const stays: Record<CopyStay, boolean> = {
    certificate: tls !== null,
    deployKey: deploy !== null,
    webhook: deploy !== null,
    secrets: !withSecrets && app !== null && app.environment.some((each) => 'secretId' in each),
    directives: !withDirectives && customDirectives.trim() !== '',
    port: app?.listen.kind === 'port' && app.listen.port !== null,
    logs: true,
    paths: true,
  };
  return copyStays.filter((each) => stays[each]);
}
