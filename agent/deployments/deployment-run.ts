import { AppError } from '#shared/errors.ts';
import { selfProcess } from '../core/alive.ts';
import { askOrDo } from '../core/ask-or-do.ts';
import { append, closeFile, listNames, look, makeFolder } from '../core/files.ts';
import { isGoingDown } from '../core/going-down.ts';
import { launcherOf, type AgentSettings } from '../core/machine.ts';
import { nameFault } from '../core/transaction.ts';
import { waitForTurn } from './build-line.ts';
import { buildRelease } from './build-release.ts';
import { deployOwner, removeAsSite } from './deploy-owner.ts';
import { deployPaths } from './deployment-paths.ts';
import {
  findDeployment,
  forgetOldDeployments,
  isCancelWanted,
  listDeployments,
  openDeploymentLog,
  writeDeployment,
  type DeploymentRecord,
} from './deployment-records.ts';
import { failureOf, releasePattern, settleDeployment } from './deployments.ts';
import { fetchRelease } from './fetch-release.ts';
import { stopUnits } from './run-as-site.ts';
import { defaultLimits, type DeployLimits, type DeployWork } from './deploy-work.ts';

const maxLogBytes = 2 * 1024 * 1024;
/** Why everything under way was ended. */
const cancelled = new Error('cancelled');
const shutDown = new Error('the machine goes down');

export type DeploymentOptions = {
  readonly limits?: Partial<DeployLimits>;
  /** Makes the agent switch to what was built; by its socket unless said otherwise. */
  readonly settle?: (params: { site: { siteId: string; slug: string }; deploymentId: string }) => Promise<void>;
  /** For tests: called at every named point. */
  readonly checkpoint?: (point: string) => void | Promise<void>;
};

/** One deployment from the fetch to the tidied site: `main.ts --deployment SITE_ID ID`, as a process of its own. */
export async function runDeployment(
  settings: AgentSettings,
  [siteId = '', deploymentId = '']: readonly string[],
  options: DeploymentOptions = {},
): Promise<void> {
  const where = launcherOf(settings);
  const first = findDeployment(where, siteId, deploymentId);
  if (first?.state !== 'starting' || first.plan === null) return;
  const { plan } = first;
  const settle = options.settle ?? ((params) => settleBySocket(settings, params));
  const paths = deployPaths(where.prefix, plan.root);
  const owner = deployOwner(where, plan.linuxUser);
  const unit = `aapanel-deploy-${deploymentId}`;
  const log = createLog(openDeploymentLog(where, siteId, deploymentId));
  const stop = new AbortController();
  let record: DeploymentRecord = {
    ...first,
    state: 'running',
    phase: 'fetch',
    isWaiting: false,
    process: selfProcess(),
  };
  const write = async (more: Partial<DeploymentRecord>): Promise<void> => {
    record = await writeDeployment(where, { ...record, ...more });
  };
  const watch = setInterval(() => {
    if (isCancelWanted(where, siteId, deploymentId)) stop.abort(cancelled);
  }, 150);
  const onTerm = (): void => stop.abort(shutDown);
  process.on('SIGTERM', onTerm);
  const work: DeployWork = {
    where,
    siteId,
    deploymentId,
    plan,
    paths,
    owner,
    unit,
    limits: { ...defaultLimits, ...options.limits },
    signal: stop.signal,
    isTakenUp: first.attempt > 1,
    endsAt: Date.now() + plan.minutes * 60_000,
    say: log.say,
    output: log.write,
  };
  try {
    await write({});
    await stopUnits(where, `${unit}-`);
    await prepare();
    await options.checkpoint?.('prepared');
    const made = await fetchRelease(work, async ({ commit, checkOut }) => {
      await write({ commit });
      // The same push told twice is one deployment.
      if (first.trigger === 'webhook' && commit.hash === liveCommit()) return null;
      const releaseId = `${stampOf(new Date())}-${commit.hash.slice(0, 8)}`;
      await write({ releaseId });
      await checkOut(releaseId);
      return { releaseId, commit: commit.hash };
    });
    if (made === null) {
      log.say('This commit is live already; nothing to do.');
      await removeAsSite(where, owner, paths.repository, `${unit}-tidy`);
      await write({ isUnchanged: true, releaseId: currentId() });
      return await finish();
    }
    await options.checkpoint?.('checked out');
    await write({ phase: 'build' });
    await buildInTurn(made);
    await options.checkpoint?.('built');
    stop.signal.throwIfAborted();
    await write({ state: 'built', phase: 'switch' });
    clearInterval(watch);
    log.say('Asking the new release, then switching to it.');
    await settle({ site: { siteId, slug: first.slug }, deploymentId });
    await options.checkpoint?.('switched');
    record = findDeployment(where, siteId, deploymentId) ?? record;
    log.say(`Live since now; the switch took ${record.switchMs ?? 0} ms.`);
    await tidy();
    await finish();
  } catch (error) {
    // The next start finds the record as it is and takes the deployment up again.
    if (stop.signal.reason === shutDown || (await isGoingDown(where))) return;
    record = findDeployment(where, siteId, deploymentId) ?? record;
    await fail(error);
  } finally {
    clearInterval(watch);
    process.off('SIGTERM', onTerm);
    log.close();
  }

  /** What waits does not use up its time. */
  async function buildInTurn(made: { releaseId: string; commit: string }): Promise<void> {
    if (plan.build.length === 0) return await buildRelease(work, made, record.folder);
    const from = Date.now();
    const { leave } = await waitForTurn(where, deploymentId, {
      signal: stop.signal,
      async onWait(ahead) {
        log.say(`Waiting for other builds of this machine; before this one: ${ahead}.`);
        await write({ isWaiting: true });
      },
    });
    try {
      if (record.isWaiting === true) {
        log.say('It is the turn of this build.');
        await write({ isWaiting: false });
      }
      await buildRelease({ ...work, endsAt: work.endsAt + Date.now() - from }, made, record.folder);
    } finally {
      leave();
    }
  }

  async function prepare(): Promise<void> {
    for (const folder of [paths.releases, paths.shared, paths.work, paths.home])
      if (look(folder).type === 'missing')
        makeFolder(
          folder,
          folder === paths.releases || folder === paths.shared ? owner.folder : { ...owner.folder, mode: 0o700 },
        );
    await removeAsSite(where, owner, paths.repository, `${unit}-old`);
    if (first?.releaseId != null && first.releaseId !== currentId())
      await removeAsSite(where, owner, paths.release(first.releaseId), `${unit}-old`);
  }

  function currentId(): string | null {
    const found = look(paths.current);
    return found.type === 'link' ? (/^releases\/([^/]+)$/.exec(found.target)?.[1] ?? null) : null;
  }

  function liveCommit(): string | undefined {
    const current = currentId();
    return listDeployments(where, siteId).find(({ releaseId }) => releaseId !== null && releaseId === current)?.commit
      ?.hash;
  }

  /** Never the reason why a deployment fails: the release is live. */
  async function tidy(): Promise<void> {
    try {
      await removeAsSite(where, owner, paths.repository, `${unit}-tidy`);
      const present = new Set([currentId(), record.previousReleaseId]);
      const good = new Set(
        listDeployments(where, siteId).flatMap(({ releaseId, state }) =>
          releaseId !== null && (state === 'succeeded' || state === 'switched') ? [releaseId] : [],
        ),
      );
      const there = listNames(paths.releases).filter((name) => releasePattern.test(name));
      const newest = there
        .filter((name) => good.has(name))
        .toReversed()
        .slice(0, plan.keep);
      for (const name of there) {
        if (present.has(name) || newest.includes(name)) continue;
        log.say(`Removing the release ${name}.`);
        await removeAsSite(where, owner, paths.release(name), `${unit}-tidy`);
      }
      forgetOldDeployments(where, siteId, new Set(newest));
    } catch (error) {
      log.say(`Not everything old could be removed: ${wordsOf(error)}`);
    }
  }

  async function finish(): Promise<void> {
    await write({ state: 'succeeded', phase: 'tidy', plan: null, process: null, endedAt: Date.now() });
  }

  async function fail(error: unknown): Promise<void> {
    const isCancelled = stop.signal.reason === cancelled;
    const failure = isCancelled ? null : (record.failure ?? failureOf(nameFault(error)));
    log.say(isCancelled ? 'Cancelled; the release before it stays.' : `Failed: ${wordsOf(error)}`);
    try {
      await stopUnits(where, `${unit}-`);
      if (record.releaseId !== null && record.releaseId !== currentId())
        await removeAsSite(where, owner, paths.release(record.releaseId), `${unit}-back`);
      await removeAsSite(where, owner, paths.repository, `${unit}-back`);
    } catch (fault) {
      log.say(`What was made could not be removed: ${wordsOf(fault)}`);
    }
    await write({
      state: isCancelled ? 'cancelled' : 'failed',
      failure,
      releaseId: null,
      plan: null,
      process: null,
      endedAt: Date.now(),
    });
  }
}

async function settleBySocket(
  settings: AgentSettings,
  params: { site: { siteId: string; slug: string }; deploymentId: string },
): Promise<void> {
  await askOrDo(settings, 'deployments.settle', params, (machine) =>
    settleDeployment(machine, params, {
      actor: { id: 'agent', name: 'agent' },
      requestId: 'deployment',
      deadlineAt: Date.now() + 90_000,
      isElevated: false,
      may: () => true,
    }),
  );
}

function createLog(fd: number): {
  readonly say: (line: string) => void;
  readonly write: (chunk: Buffer) => void;
  readonly close: () => void;
} {
  let size = 0;
  const write = (chunk: Buffer): void => {
    if (size > maxLogBytes) return;
    size += chunk.length;
    append(fd, chunk);
    if (size > maxLogBytes) append(fd, '\nThe log has reached its limit; what follows is not kept.\n');
  };
  return {
    write,
    // What we say ourselves is short, and always kept.
    say: (line) => append(fd, `${line}\n`),
    close: () => closeFile(fd),
  };
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = error instanceof AppError ? error.params['message'] : undefined;
  return typeof message === 'string' && message !== '' ? `${error.message} ${message}` : error.message;
}

/** `20261127-201501`, in UTC: names sort as they were made. */
function stampOf(at: Date): string {
  return at.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
}
