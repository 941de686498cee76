import type { SiteSpec } from '#shared/agent/sites.ts';
import type { DependencyRun, DependencyWork } from '#shared/dependencies.ts';
import { AppError } from '#shared/errors.ts';
import type { FakeActions } from '../agent-fake.ts';

type DependenciesAction = Extract<keyof FakeActions, `dependencies.${string}`>;
type Ref = { readonly siteId: string; readonly slug: string };
type Run = { readonly run: DependencyRun; readonly siteId: string; readonly beganAt: number; isCancelled: boolean };

/**
 * The part of the fake agent that knows projects: a project of Node with three scripts in each application, one of
 * Composer in each PHP site. The script `lint` fails, pnpm is not installed; everything else succeeds after a moment.
 */
export function createFakeDependencies({
  runMs,
  now,
  specs,
}: {
  /** How long a run takes. */
  readonly runMs: number;
  readonly now: () => number;
  readonly specs: () => readonly SiteSpec[];
}): Pick<FakeActions, DependenciesAction> {
  const runs = new Map<string, Run>();
  const installed = new Set<string>();

  function siteOf({ siteId, slug }: Ref): SiteSpec {
    const spec = specs().find((each) => each.siteId === siteId && each.slug === slug);
    if (spec === undefined) throw new AppError('not_found', 'There is no such site.', { reason: 'site_unknown' });
    return spec;
  }

  function seen({ run, beganAt, isCancelled, siteId }: Run): DependencyRun {
    const isOver = now() - beganAt >= runMs;
    const endedAt = new Date(isOver ? beganAt + runMs : now()).toISOString();
    if (isCancelled) return { ...run, state: 'cancelled', endedAt };
    if (!isOver) return run;
    const { work } = run;
    if (work.kind === 'script' && work.script === 'lint') {
      const failure = { reason: 'dependency_failed', params: { step: 'npm run lint', code: '1' } };
      return { ...run, state: 'failed', failure, endedAt };
    }
    installed.add(siteId);
    return { ...run, state: 'succeeded', endedAt };
  }

  const runsOf = (siteId: string): Run[] =>
    [...runs.values()].filter((run) => run.siteId === siteId).sort((a, b) => b.beganAt - a.beganAt);

  function linesOf(work: DependencyWork): string[] {
    if (work.kind === 'script') return [`$ ${work.manager} run ${work.script}`, '> vite build', 'built in 812ms'];
    return work.kind === 'node'
      ? [`$ ${work.manager} install`, 'added 212 packages in 9s']
      : [work.kind === 'python' ? '$ python3 -m venv venv' : '$ composer install', 'Done'];
  }

  function findOf({ site, runId }: { readonly site: Ref; readonly runId: string }): Run | undefined {
    const { siteId } = siteOf(site);
    const run = runs.get(runId);
    return run?.siteId === siteId ? run : undefined;
  }

  return {
    async 'dependencies.project'({ site }) {
      const { siteId, kind, root, app } = siteOf(site);
      const shown = runsOf(siteId).map(seen);
      const isPython = app !== null && /gunicorn|uvicorn|python/.test(app.program);
      const isInstalled = installed.has(siteId);
      return {
        folder: root,
        node:
          kind === 'app' && !isPython
            ? {
                manager: 'npm',
                scripts: ['build', 'lint', 'start'],
                isLocked: true,
                isInstalled,
                isUnreadable: false,
              }
            : null,
        python: isPython
          ? {
              requirements: ['requirements.txt'],
              hasEnvironment: isInstalled,
              servers: isInstalled ? ['gunicorn'] : [],
            }
          : null,
        composer: kind === 'php' ? { isLocked: true, isInstalled } : null,
        jars: app?.program === 'java' ? ['app.jar'] : [],
        tools: ['npm', 'yarn', 'python3', 'venv', 'composer'],
        runs: shown.slice(0, 5),
      };
    },
    async 'dependencies.start'({ site, runId, work }, call) {
      const { siteId } = siteOf(site);
      const present = findOf({ site, runId });
      if (present !== undefined) return seen(present);
      if ('manager' in work && work.manager === 'pnpm')
        throw new AppError('in_use', 'pnpm is not installed.', {
          reason: 'dependency_tool_missing',
          params: { tool: 'pnpm' },
        });
      if (runsOf(siteId).some((run) => seen(run).state === 'running'))
        throw new AppError('busy', 'Packages of this site are being installed.', { reason: 'dependency_under_way' });
      const run: Run = {
        run: {
          id: runId,
          work,
          actorName: call.actor.name,
          state: 'running',
          failure: null,
          startedAt: new Date(now()).toISOString(),
          endedAt: null,
        },
        siteId,
        beganAt: now(),
        isCancelled: false,
      };
      runs.set(runId, run);
      return seen(run);
    },
    async 'dependencies.follow'({ site, runId, offset }) {
      const run = findOf({ site, runId });
      if (run === undefined) return { run: null, isInterrupted: false, text: '', nextOffset: offset };
      const lines = linesOf(run.run.work);
      const share = Math.min(1, (now() - run.beganAt) / runMs);
      const text = lines
        .slice(0, Math.ceil(lines.length * share))
        .map((line) => `${line}\n`)
        .join('');
      return { run: seen(run), isInterrupted: false, text: text.slice(offset), nextOffset: text.length };
    },
    async 'dependencies.cancel'({ site, runId }) {
      const run = findOf({ site, runId });
      if (run === undefined) return { run: null };
      if (seen(run).state === 'running') run.isCancelled = true;
      return { run: seen(run) };
    },
  };
}
