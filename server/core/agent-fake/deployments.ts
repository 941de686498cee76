import { createHash } from 'node:crypto';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { defaultBuildSettings, type BuildState, type Deployment, type DeployKey } from '#shared/deployments.ts';
import { AppError } from '#shared/errors.ts';
import { parseRepository } from '#shared/site-deploy.ts';
import type { FakeActions, FakeCall } from '../agent-fake.ts';

type DeploymentsAction = Extract<keyof FakeActions, `deployments.${string}`>;
type Ref = { readonly siteId: string; readonly slug: string };
type Run = { readonly deployment: Deployment; readonly siteId: string; readonly beganAt: number; isCancelled: boolean };

const hostKey = `ssh-ed25519 ${'A'.repeat(68)}`;
const lines = [
  'Fetching branch main of the repository',
  'Commit 4f2c9a1be07d by Amal: Say hello',
  '$ npm ci',
  'added 212 packages in 9s',
  'Asking the new release, then switching to it.',
  'Live since now; the switch took 12 ms.',
];

/**
 * The part of the fake agent that deploys: nothing is fetched, and each deployment succeeds after a moment. Repositories
 * with a meaning: `denied` in the path (the key has no access), `fails` (the build fails).
 */
export function createFakeDeployments({
  runMs,
  now,
  specs,
  requireTicket,
}: {
  /** How long a deployment takes. */
  readonly runMs: number;
  readonly now: () => number;
  readonly specs: () => readonly SiteSpec[];
  readonly requireTicket: (call: FakeCall) => void;
}): Pick<FakeActions, DeploymentsAction> {
  const keys = new Map<string, DeployKey>();
  const runs = new Map<string, Run>();
  const current = new Map<string, string>();
  /** Deployments whose release has become the present one. */
  const settled = new Set<string>();

  let settings = defaultBuildSettings;

  function builds(): BuildState {
    const building = [...runs.values()].filter((run) => seen(run).phase === 'build' && seen(run).state === 'running');
    return { ...settings, building: building.length, waiting: 0 };
  }

  function siteOf({ siteId, slug }: Ref): SiteSpec {
    const spec = specs().find((each) => each.siteId === siteId && each.slug === slug);
    if (spec === undefined) throw new AppError('not_found', 'There is no such site.', { reason: 'site_unknown' });
    return spec;
  }

  function sourceOf(ref: Ref): NonNullable<NonNullable<SiteSpec['deploy']>['source']> {
    const source = siteOf(ref).deploy?.source ?? null;
    if (source !== null) return source;
    throw new AppError('in_use', 'The site is connected with no repository.', { reason: 'deploy_not_connected' });
  }

  function seen({ deployment, siteId, beganAt, isCancelled }: Run): Deployment {
    const isOver = now() - beganAt >= runMs || deployment.kind === 'rollback';
    const endedAt = new Date(isOver ? beganAt + runMs : now()).toISOString();
    if (isCancelled) return { ...deployment, state: 'cancelled', releaseId: null, endedAt };
    if (!isOver) return { ...deployment, phase: now() - beganAt < runMs / 2 ? 'fetch' : 'build', releaseId: null };
    const spec = specs().find((each) => each.siteId === siteId);
    if (spec?.deploy?.source?.url.includes('fails') === true && deployment.kind === 'deploy') {
      const failure = { reason: 'deploy_build_failed', params: { step: 'npm run build', code: '1' } };
      return { ...deployment, state: 'failed', phase: 'build', releaseId: null, failure, endedAt };
    }
    if (!settled.has(deployment.id)) {
      settled.add(deployment.id);
      current.set(siteId, deployment.releaseId ?? '');
    }
    const isCurrent = current.get(siteId) === deployment.releaseId;
    return {
      ...deployment,
      state: 'succeeded',
      phase: 'tidy',
      health: 'passed',
      switchMs: 12,
      endedAt,
      isKept: true,
      isCurrent,
    };
  }

  function runsOf(siteId: string): Run[] {
    return [...runs.values()].filter((run) => run.siteId === siteId).sort((a, b) => b.beganAt - a.beganAt);
  }

  function newDeployment(id: string, ref: Ref, given: Partial<Deployment>, actorName: string): Deployment {
    const source = siteOf(ref).deploy?.source;
    const hash = createHash('sha1').update(id).digest('hex');
    const stamp = new Date(now()).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
    return {
      id,
      kind: 'deploy',
      trigger: 'person',
      actorName,
      state: 'running',
      phase: 'fetch',
      isWaiting: false,
      ref: source?.ref.name ?? 'main',
      commit: { hash, author: 'Amal', message: 'Say hello', at: new Date(now()).toISOString() },
      releaseId: `${stamp}-${hash.slice(0, 8)}`,
      isUnchanged: false,
      health: null,
      switchMs: null,
      failure: null,
      startedAt: new Date(now()).toISOString(),
      endedAt: null,
      isKept: false,
      isCurrent: false,
      ...given,
    };
  }

  function start(
    { site, deploymentId }: { readonly site: Ref; readonly deploymentId: string },
    given: Partial<Deployment>,
    actorName: string,
  ): Deployment {
    sourceOf(site);
    const present = runs.get(deploymentId);
    if (present !== undefined) return seen(present);
    if (runsOf(site.siteId).some((run) => seen(run).state === 'running'))
      throw new AppError('busy', 'A deployment of this site is under way.', { reason: 'deploy_under_way' });
    const deployment = newDeployment(deploymentId, site, given, actorName);
    const run = { deployment, siteId: site.siteId, beganAt: now(), isCancelled: false };
    runs.set(deploymentId, run);
    return seen(run);
  }

  return {
    'deployments.builds': () => Promise.resolve(builds()),
    'deployments.put_builds'(wanted) {
      settings = wanted;
      return Promise.resolve(builds());
    },
    async 'deployments.state'({ site }) {
      siteOf(site);
      // Oldest first: each becomes the present one when it has ended.
      for (const run of runsOf(site.siteId).toReversed()) seen(run);
      const items = runsOf(site.siteId).map(seen);
      return {
        isGitInstalled: true,
        key: keys.get(site.siteId) ?? null,
        currentReleaseId: current.get(site.siteId) ?? null,
        items,
      };
    },
    async 'deployments.make_key'({ site, isReplacing }, call) {
      siteOf(site);
      const present = keys.get(site.siteId);
      if (present !== undefined && !isReplacing) return present;
      if (present !== undefined) requireTicket(call);
      const blob = createHash('sha512').update(`${site.siteId}${now()}`).digest('base64').slice(0, 68);
      const fingerprint = `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
      const key = {
        publicKey: `ssh-ed25519 ${blob} aapanel-${site.slug}`,
        fingerprint,
        madeAt: new Date(now()).toISOString(),
      };
      keys.set(site.siteId, key);
      return key;
    },
    async 'deployments.scan_host'({ url }) {
      const parsed = parseRepository(url);
      if (!parsed.ok || parsed.repository.transport !== 'ssh')
        throw new AppError('invalid_request', 'Only servers that are reached over SSH have such keys.', {
          fields: [{ field: 'url', code: 'repository_not_ssh' }],
        });
      return {
        items: [{ hostKey, kind: 'ssh-ed25519', fingerprint: 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU' }],
      };
    },
    async 'deployments.list_refs'({ site, url }) {
      siteOf(site);
      if (url.includes('denied'))
        throw new AppError('in_use', 'git could not read the repository.', { reason: 'deploy_access_denied' });
      return { branches: ['develop', 'main'], tags: ['v1.2.0', 'v1.1.0'], main: 'main', isTruncated: false };
    },
    'deployments.start': async ({ site, deploymentId, trigger }, call) =>
      start({ site, deploymentId }, { trigger }, call.actor.name),
    'deployments.start_of': async ({ site, deploymentId, target }, call) =>
      start({ site, deploymentId }, { ref: target.name }, call.actor.name),
    async 'deployments.follow'({ site, deploymentId, offset }) {
      siteOf(site);
      const run = runs.get(deploymentId);
      if (run === undefined || run.siteId !== site.siteId)
        return { deployment: null, isInterrupted: false, text: '', nextOffset: offset };
      const share = Math.min(1, (now() - run.beganAt) / runMs);
      const text = lines
        .slice(0, Math.ceil(lines.length * share))
        .map((line) => `${line}\n`)
        .join('');
      return { deployment: seen(run), isInterrupted: false, text: text.slice(offset), nextOffset: text.length };
    },
    async 'deployments.cancel'({ site, deploymentId }) {
      siteOf(site);
      const run = runs.get(deploymentId);
      if (run === undefined || run.siteId !== site.siteId) return { deployment: null };
      if (seen(run).state === 'running') run.isCancelled = true;
      return { deployment: seen(run) };
    },
    async 'deployments.rollback'({ site, deploymentId, changeId }, call) {
      siteOf(site);
      const done = runs.get(changeId);
      if (done !== undefined) return seen(done);
      const target = runs.get(deploymentId);
      const release = target === undefined || target.siteId !== site.siteId ? null : seen(target).releaseId;
      if (target === undefined || release === null)
        throw new AppError('not_found', 'This release is not on the machine any more.', {
          reason: 'deploy_release_gone',
        });
      current.set(site.siteId, release);
      const given = { ...target.deployment, id: changeId, kind: 'rollback' as const, trigger: 'person' as const };
      const deployment = newDeployment(
        changeId,
        site,
        { ...given, startedAt: new Date(now()).toISOString() },
        call.actor.name,
      );
      const run = { deployment, siteId: site.siteId, beganAt: now(), isCancelled: false };
      runs.set(changeId, run);
      return seen(run);
    },
    'deployments.settle': () => Promise.resolve({}),
  };
}
