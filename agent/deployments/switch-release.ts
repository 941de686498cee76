import { setTimeout as wait } from 'node:timers/promises';
import { siteSpec, type SiteSpec } from '#shared/agent/sites.ts';
import { AppError } from '#shared/errors.ts';
import type { Deployment } from '#shared/deployments.ts';
import type { Call } from '../core/call.ts';
import { look, putLink, readText, removeFile, Unsynced } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import type { Want } from '../core/steps.ts';
import { nginxPaths } from '../nginx/nginx.files.ts';
import { nginxLock } from '../nginx/nginx.process.ts';
import { applySite } from '../sites/sites.apply.ts';
import { findRecord, noteRecord, recordWant, type SiteRecord, type SiteRelease } from '../sites/site-records.ts';
import { releaseToken } from '../sites/site-release.ts';
import { deployOwner, type DeployOwner } from './deploy-owner.ts';
import { deployPaths, releaseTarget } from './deployment-paths.ts';
import { askHealth, canAsk } from './health.ts';

export type Switch = {
  readonly site: SiteRecord;
  readonly release: SiteRelease;
  readonly changeId: string;
  readonly action: string;
  readonly call: Call;
};

export type Switched = { readonly health: NonNullable<Deployment['health']>; readonly switchMs: number };

/** How long the release that is live may take to answer once more before the one before it comes back. */
const afterMs = 20_000;
/** How long an earlier switch of an application may take to end. */
const calmMs = 12_000;

/**
 * Makes a release the one that visitors get. nginx is asked for it first while nobody sees it; then the link, the agent's
 * record and, where the served folder is another one, nginx's text change in one transaction, and the site is asked once
 * more. Whatever is not good leaves the release before it where it was.
 */
export async function switchRelease(machine: Machine, given: Switch): Promise<Switched> {
  const { site, release, changeId, action, call } = given;
  const done = findSwitched(machine, changeId);
  if (done !== undefined) return done;
  const paths = deployPaths(machine.prefix, site.root);
  const owner = deployOwner(machine, site.linuxUser);
  checkPlaces(machine, site, release);
  const healthPath = site.settings?.deploy?.healthPath ?? null;
  const isAsked = healthPath !== null && canAsk(machine, site);
  // An application is asked by itself, on the new port or socket, before nginx sends anybody there.
  const isApp = site.kind === 'app';
  if (isAsked && !isApp && site.adopted === null) await askNext(machine, given, owner, healthPath);
  if (isApp) await untilCalm(machine);
  return await machine.locks.hold(nginxLock, call.deadlineAt, async () => {
    // It may have been changed while the release was asked.
    const present = findRecord(machine, site.slug);
    if (present === undefined || present.siteId !== site.siteId || present.root !== site.root)
      throw new AppError('changed_meanwhile', 'The site was changed in the meantime.', { reason: 'revision_changed' });
    checkPlaces(machine, present, release);
    const startedAt = performance.now();
    let switchMs = 0;
    const health = isAsked ? 'passed' : 'not_run';
    const wants: Want[] = [
      {
        kind: 'link',
        path: paths.current,
        target: releaseTarget(release.id),
        owner: ownerOf(owner),
        shownAs: `${site.root}/current`,
      },
      { kind: 'remove', path: paths.next },
    ];
    const probe = async (): Promise<void> => {
      if (!isAsked) return;
      const endsAt = Math.min(Date.now() + afterMs, call.deadlineAt - 1_000);
      const said = await askHealth(machine, present, { path: healthPath, token: null, endsAt });
      if (!said.isGood) throw unhealthy(healthPath, said.status);
    };
    const facts = (): Switched => ({ health, switchMs: Math.round(switchMs) });
    const noteTime = (): void => void (switchMs ||= performance.now() - startedAt);
    if (present.release?.folder === release.folder && !isApp) {
      const record = { ...present, release };
      await machine.engine.run({
        changeId,
        action,
        actor: call.actor.id,
        wants: [...wants, recordWant(machine, record)],
        activate: () => Promise.resolve(noteTime()),
        probe,
        facts,
      });
      noteRecord(machine, site.slug, record);
    } else {
      const spec = specOfRecord(machine, present);
      const appWish = isApp && present.isEnabled ? ('restart' as const) : undefined;
      const more = {
        ...(appWish === undefined ? {} : { appWish }),
        wantsBefore: wants,
        release,
        probeAfter: async () => (noteTime(), await probe()),
        moreFacts: facts,
      };
      const undo = isApp ? leadFirst(paths.current, release, owner) : undefined;
      try {
        await applySite(machine, { spec, changeId, isNew: false, onDrift: 'refuse', action, ...more }, call);
      } catch (error) {
        undo?.();
        throw error;
      }
    }
    return facts();
  });
}

/** The application of the switch before this one may still answer what nginx's old processes ask: it is left to end. */
async function untilCalm(machine: Machine): Promise<void> {
  await Promise.race([machine.settled(), wait(calmMs, undefined, { ref: false })]);
}

/** What an application is started from is looked for before anything is changed: a first release must be there by then. */
function leadFirst(current: string, { id }: SiteRelease, owner: DeployOwner): (() => void) | undefined {
  if (look(current).type !== 'missing') return undefined;
  const unsynced = new Unsynced();
  putLink(current, releaseTarget(id), 'first', unsynced, ownerOf(owner));
  unsynced.drop();
  return () => removeFile(current);
}

function findSwitched(machine: Machine, changeId: string): Switched | undefined {
  const done = machine.engine.find(changeId);
  if (done === undefined || done === 'open' || done.state !== 'committed') return undefined;
  return { health: 'not_run', switchMs: 0, ...done.facts } as Switched;
}

const ownerOf = ({ folder }: DeployOwner): { uid: number; gid: number } => ({ uid: folder.uid, gid: folder.gid });

/** What nginx would serve is there, and nothing of somebody's stands where the link goes. */
function checkPlaces(machine: Machine, { root }: SiteRecord, { id, folder }: SiteRelease): void {
  const paths = deployPaths(machine.prefix, root);
  if (look(paths.release(id)).type !== 'folder')
    throw new AppError('not_found', 'This release is not on the machine any more.', { reason: 'deploy_release_gone' });
  if (look(`${paths.release(id)}${folder}`).type !== 'folder')
    throw new AppError('in_use', 'The release does not have the folder that is served.', {
      reason: 'deploy_folder_missing',
      params: { folder: folder.slice(1) },
    });
  for (const path of [paths.current, paths.next]) {
    const found = look(path).type;
    if (found === 'missing' || found === 'link') continue;
    throw new AppError('in_use', 'Something stands where the link to the release goes.', {
      reason: 'path_occupied',
      params: { path: path.slice(machine.prefix.length) },
    });
  }
}

/** Through nginx and PHP as they serve the site, under a header that only root can read: no visitor meets it. */
async function askNext(
  machine: Machine,
  { site, release, call }: Switch,
  owner: DeployOwner,
  path: string,
): Promise<void> {
  const { next } = deployPaths(machine.prefix, site.root);
  const unsynced = new Unsynced();
  putLink(next, `${releaseTarget(release.id)}${release.folder}`, 'next', unsynced, ownerOf(owner));
  unsynced.drop();
  try {
    const token = await releaseToken(machine, site.siteId);
    const said = await askHealth(machine, site, {
      path,
      token,
      endsAt: Math.min(Date.now() + 60_000, call.deadlineAt - 10_000),
    });
    if (!said.isGood) throw unhealthy(path, said.status);
  } finally {
    removeFile(next);
  }
}

function unhealthy(path: string, status: number): AppError {
  return new AppError('config_rejected', 'The new release did not answer as it should; the one before it stays.', {
    reason: status === 0 ? 'deploy_no_answer' : 'deploy_health_failed',
    params: status === 0 ? { path } : { path, status },
  });
}

/** A site as it was last applied, from the agent's own record. */
export function specOfRecord({ prefix }: Machine, record: SiteRecord): SiteSpec {
  const { siteId, slug, domains, isEnabled, root, kind, upstream, settings } = record;
  const customDirectives = readText(nginxPaths(prefix).customOf(slug)) ?? '';
  return siteSpec.parse({
    siteId,
    slug,
    kind,
    domains,
    isEnabled,
    root,
    upstream: upstream ?? null,
    customDirectives,
    ...settings,
  });
}
