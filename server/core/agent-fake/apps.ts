import { nextTimedRestart } from '#shared/app-restart.ts';
import { AppError } from '#shared/errors.ts';
import type { AppTimedRestart } from '#shared/site-app.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import type { AppStatus } from '#shared/apps.ts';
import type { FakeActions } from '../agent-fake.ts';

type AppActionName = Extract<keyof FakeActions, `apps.${string}`>;

export type FakeApps = {
  readonly installNode: (major: number) => boolean;
  readonly removeNode: (major: number) => void;
  readonly usersOfNode: (major: number) => SiteSpec[];
  /** Throws as the real agent: a secret that is not kept, settings of another kind. */
  readonly check: (spec: SiteSpec) => void;
  readonly actions: Pick<FakeActions, AppActionName>;
};

/** The part of the fake agent that knows applications. A program named `fail` never answers; the port of one named `open` cannot be closed. */
export function createFakeApps(specs: () => readonly SiteSpec[]): FakeApps {
  const secrets = new Map<string, string>();
  /** Sites whose application was started: a new one waits for its files. */
  const started = new Set<string>();
  const startedAt = new Map<string, number>();
  const nodes = new Map<number, string>([[24, '24.11.1']]);
  const usersOfNode = (major: number): SiteSpec[] =>
    specs().filter(({ app }) => app?.nodeVersion?.startsWith(`${major}.`) === true);

  function getApp(site: { siteId: string; slug: string }): { spec: SiteSpec; app: NonNullable<SiteSpec['app']> } {
    const spec = specs().find(({ siteId }) => siteId === site.siteId);
    if (spec === undefined && specs().some(({ slug }) => slug === site.slug)) throw slugTaken(site.slug);
    if (spec === undefined || spec.app === null)
      throw new AppError('not_found', 'The site has no application.', { reason: 'site_unknown' });
    return { spec, app: spec.app };
  }

  function statusOf(site: { siteId: string; slug: string }): AppStatus {
    const { spec, app } = getApp(site);
    const isOn = started.has(spec.siteId);
    const isUp = isOn && spec.isEnabled && !isOver(spec);
    const since = startedAt.get(spec.siteId) ?? Date.now();
    startedAt.set(spec.siteId, since);
    const each = {
      state: isUp ? ('running' as const) : ('stopped' as const),
      since: isUp ? new Date(since).toISOString() : null,
      memoryBytes: isUp ? 61_870_080 : null,
      cpuMs: isUp ? 1_840 : null,
      restarts: 0,
      end: null,
    };
    const listensOn = (number: number): string =>
      app.listen.kind === 'port'
        ? `127.0.0.1:${(app.listen.port ?? 21_000) + number - 1}`
        : `/run/aapanel-apps/${spec.siteId}/s/a${number === 1 ? '' : number}.sock`;
    const times = (value: number | null): number | null => (value === null ? null : value * app.instances);
    return {
      ...each,
      isOn,
      pid: isUp ? 4_242 : null,
      memoryBytes: times(each.memoryBytes),
      cpuMs: times(each.cpuMs),
      tasks: isUp ? 11 * app.instances : null,
      openFiles: isUp ? 24 : null,
      connections: isUp ? 3 : null,
      listensOn: listensOn(1),
      isPortClosed: isUp && app.listen.kind === 'port' ? app.program !== 'open' : null,
      instances: Array.from({ length: app.instances }, (_, index) => ({
        ...each,
        number: index + 1,
        pid: isUp ? 4_242 + index : null,
        listensOn: listensOn(index + 1),
      })),
      missingSecrets: app.environment.flatMap((each) =>
        'secretId' in each && !secrets.has(each.secretId) ? [each.name] : [],
      ),
      workers: app.workers.map(({ name }) => ({
        name,
        state: isUp ? 'running' : 'stopped',
        since: isUp ? new Date(since).toISOString() : null,
        memoryBytes: isUp ? 28_311_552 : null,
        restarts: 0,
        end: null,
      })),
      nextRestartAt: isUp && app.timedRestart !== null ? nextRestart(app.timedRestart) : null,
    };
  }

  return {
    installNode(major) {
      const isNew = !nodes.has(major);
      nodes.set(major, nodes.get(major) ?? `${major}.2.0`);
      return isNew;
    },
    removeNode: (major) => void nodes.delete(major),
    usersOfNode,
    check({ siteId, kind, app }) {
      if ((kind === 'app') !== (app !== null)) {
        const code = kind === 'app' ? 'required' : 'app_not_for_kind';
        throw new AppError('invalid_request', 'The settings of the application are not allowed.', {
          fields: [{ field: 'app', code }],
        });
      }
      const missing = (app?.environment ?? []).flatMap((each) =>
        'secretId' in each && !secrets.has(each.secretId) ? [each.name] : [],
      );
      if (missing.length > 0)
        throw new AppError('invalid_request', 'The value of a secret variable is not on this machine.', {
          reason: 'app_secret_missing',
          params: { names: missing.join(', ') },
        });
      app?.workers.forEach((worker, at) =>
        worker.arguments.forEach((each, index) => {
          if (/\{(?:port|socket)\}/.test(each))
            throw new AppError('invalid_request', 'The settings of the application are not allowed.', {
              fields: [{ field: `app.workers.${at}.arguments.${index}`, code: 'app_worker_placeholder' }],
            });
        }),
      );
      if (app?.program === 'fail' && started.has(siteId)) throw notAnswering();
      const ended = app?.workers.find(({ program }) => program === 'fail');
      if (ended !== undefined && started.has(siteId)) throw workerEnded(ended.name);
    },
    actions: {
      'apps.keep_secrets'({ secrets: given }) {
        for (const { secretId, value } of given) if (!secrets.has(secretId)) secrets.set(secretId, value);
        return Promise.resolve({});
      },
      'apps.node_versions': () =>
        Promise.resolve({
          items: [26, 24, 22].map((major) => {
            const version = nodes.get(major);
            return { major, versions: version === undefined ? [] : [{ version, sites: usersOfNode(major).length }] };
          }),
        }),
      'apps.status': ({ site }) => Promise.resolve().then(() => statusOf(site)),
      async 'apps.switch'({ site, to }) {
        const { spec, app } = getApp(site);
        if (to !== 'stop' && !spec.isEnabled)
          throw new AppError('in_use', 'The site is switched off.', { reason: 'app_site_off' });
        if (to !== 'stop' && isOver(spec))
          throw new AppError('in_use', 'The time of the site is over.', { reason: 'app_site_ended' });
        if (to !== 'stop' && app.program === 'fail') throw notAnswering();
        if (to === 'stop') started.delete(spec.siteId);
        else started.add(spec.siteId);
        startedAt.set(spec.siteId, Date.now());
        return statusOf(site);
      },
    },
  };
}

function nextRestart(restart: AppTimedRestart): string | null {
  const at = nextTimedRestart(restart, Date.now());
  return at === undefined ? null : new Date(at).toISOString();
}

function workerEnded(worker: string): AppError {
  return new AppError('config_rejected', 'A worker of the application does not run; what was before is back.', {
    reason: 'app_worker_ended',
    params: { worker, code: 1, message: 'Error: connect ECONNREFUSED 127.0.0.1:6379' },
  });
}

function isOver({ reach: { endsAt } }: SiteSpec): boolean {
  return endsAt !== null && Date.parse(endsAt) <= Date.now();
}

function notAnswering(): AppError {
  return new AppError('config_rejected', 'The application did not answer; what was before is back.', {
    reason: 'app_exited',
    params: { code: 1, message: "Error: Cannot find module '/www/wwwroot/shop.test/server.js'" },
  });
}

function slugTaken(slug: string): AppError {
  return new AppError('already_exists', 'Another site has this name.', { reason: 'slug_taken', params: { slug } });
}
