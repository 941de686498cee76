import { createHmac } from 'node:crypto';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { AppError } from '#shared/errors.ts';
import type { Call } from '../core/call.ts';
import { look } from '../core/files.ts';
import { ownKey } from '../core/keys.ts';
import type { Machine } from '../core/machine.ts';
import type { SiteRecord, SiteRelease } from './site-records.ts';

/** By which nginx is asked for the release that is not live yet: only who reads nginx's files knows it. */
export async function releaseToken({ stateFolder }: Pick<Machine, 'stateFolder'>, siteId: string): Promise<string> {
  const key = await ownKey(stateFolder, 'releases');
  return createHmac('sha256', key).update(siteId).digest('hex').slice(0, 32);
}

/** What a site serves when nobody remembers: a folder that came back from a backup says it by its link. */
export function releaseOf(machine: Machine, spec: SiteSpec, existing: SiteRecord | undefined): SiteRelease | null {
  if (existing !== undefined) return existing.release ?? null;
  if (spec.deploy === null) return null;
  const found = look(`${machine.prefix}${spec.root}/current`);
  const id = found.type === 'link' ? /^releases\/(\d{8}-\d{6}-[0-9a-f]{8})$/.exec(found.target)?.[1] : undefined;
  return id === undefined ? null : { id, folder: spec.deploy.folder };
}

/** Refuses what a deployed site cannot be, and who may not say how it is built. */
export function checkDeploy(
  { kind, deploy, root }: SiteSpec,
  existing: SiteRecord | undefined,
  { may }: Pick<Call, 'may'>,
): void {
  const before = existing?.settings?.deploy ?? null;
  if (deploy !== null && kind === 'proxy')
    throw new AppError('invalid_request', 'Only sites with files of their own are deployed.', {
      fields: [{ field: 'deploy', code: 'deploy_not_for_kind' }],
    });
  if (JSON.stringify(deploy) !== JSON.stringify(before) && !may('deployments.write'))
    throw new AppError('not_allowed', 'This needs the permission deployments.write.');
  if (existing === undefined || (existing.release ?? null) === null) return;
  // Releases and what they share would lie open in the served folder.
  if (deploy === null)
    throw new AppError('in_use', 'The site is served from its releases.', { reason: 'deploy_has_releases' });
  if (root !== existing.root)
    throw new AppError('in_use', 'The releases of the site lie in its folder.', { reason: 'deploy_root_fixed' });
}
