import { AppError } from '#shared/errors.ts';
import { selfProcess } from '../core/alive.ts';
import { append, closeFile, look } from '../core/files.ts';
import { isGoingDown } from '../core/going-down.ts';
import { launcherOf, type AgentSettings } from '../core/machine.ts';
import { deployOwner, makeOwned } from '../deployments/deploy-owner.ts';
import { runAsSite } from '../deployments/run-as-site.ts';
import { unitOf } from './dependencies.ts';
import { findRun, isCancelWanted, openRunLog, writeRun, type RunPlan, type RunRecord } from './run-records.ts';

const maxLogBytes = 2 * 1024 * 1024;
const cancelLookMs = 150;
const runMs = 30 * 60_000;
/** For all programs of a step together, and for one file that they write. */
const memoryMb = 2_048;
const maxFileBytes = 2 * 1024 ** 3;

const cancelled = new Error('cancelled');
const shutDown = new Error('the machine goes down');

/** One run of a project's tool: `main.ts --dependencies SITE_ID ID`, as a process of its own. */
export async function runDependencies(
  settings: AgentSettings,
  [siteId = '', runId = '']: readonly string[],
): Promise<void> {
  const where = launcherOf(settings);
  const first = findRun(where, siteId, runId);
  if (first?.state !== 'starting' || first.plan === null) return;
  const { plan } = first;
  const log = createLog(openRunLog(where, siteId, runId));
  const stop = new AbortController();
  let record: RunRecord = { ...first, state: 'running', process: selfProcess() };
  const write = async (more: Partial<RunRecord>): Promise<void> => {
    record = await writeRun(where, { ...record, ...more });
  };
  const watch = setInterval(() => {
    if (isCancelWanted(where, siteId, runId)) stop.abort(cancelled);
  }, cancelLookMs);
  const onTerm = (): void => stop.abort(shutDown);
  process.on('SIGTERM', onTerm);
  try {
    await write({});
    await runSteps(plan);
    await write({ state: 'succeeded', plan: null, process: null, endedAt: Date.now() });
  } catch (error) {
    // The next start finds the record as it is and takes the run up again.
    if (stop.signal.reason === shutDown || (await isGoingDown(where))) return;
    const isCancelled = stop.signal.reason === cancelled;
    log.say(isCancelled ? 'Cancelled.' : `Failed: ${error instanceof Error ? error.message : String(error)}`);
    await write({
      state: isCancelled ? 'cancelled' : 'failed',
      failure: isCancelled ? null : failureOf(error),
      plan: null,
      process: null,
      endedAt: Date.now(),
    });
  } finally {
    clearInterval(watch);
    process.off('SIGTERM', onTerm);
    log.close();
  }

  async function runSteps({ own, folder, steps, environment, linuxUser }: RunPlan): Promise<void> {
    const owner = deployOwner(where, linuxUser);
    // A name with a dot: nginx never serves it.
    const home = `${own}/.dependencies`;
    if (look(home).type === 'missing') makeOwned(own, home, { ...owner, folder: { ...owner.folder, mode: 0o700 } });
    const endsAt = Date.now() + runMs;
    for (const [index, { program, args }] of steps.entries()) {
      stop.signal.throwIfAborted();
      const shown = [program, ...args].join(' ').replaceAll(where.prefix === '' ? '\0' : where.prefix, '');
      log.say(`$ ${shown}`);
      const { code, isTimedOut } = await runAsSite(where, owner.identity, {
        program,
        args,
        cwd: folder,
        environment: { HOME: home, ...environment },
        writable: [own],
        unit: `${unitOf(runId)}${index + 1}`,
        timeoutMs: Math.max(1_000, endsAt - Date.now()),
        memoryMb,
        maxFileBytes,
        signal: stop.signal,
        onOutput: log.write,
      });
      stop.signal.throwIfAborted();
      if (isTimedOut)
        throw new AppError('timeout', 'It took too long.', {
          reason: 'dependency_timeout',
          params: { minutes: runMs / 60_000 },
        });
      if (code !== 0)
        throw new AppError('in_use', `${shown}: ${code ?? 'killed'}`, {
          reason: 'dependency_failed',
          params: { step: shown.slice(0, 200), code: code ?? 'killed' },
        });
    }
  }
}

function failureOf(error: unknown): NonNullable<RunRecord['failure']> {
  if (!(error instanceof AppError)) return { reason: 'dependency_failed', params: { step: '', code: '' } };
  const params = Object.fromEntries(Object.entries(error.params).map(([name, value]) => [name, String(value)]));
  return { reason: error.reason ?? 'dependency_failed', params };
}

function createLog(fd: number): {
  readonly say: (line: string) => void;
  readonly write: (chunk: Buffer) => void;
  readonly close: () => void;
} {
  let size = 0;
  return {
    write(chunk) {
      if (size > maxLogBytes) return;
      size += chunk.length;
      append(fd, chunk);
      if (size > maxLogBytes) append(fd, '\nThe log has reached its limit; what follows is not kept.\n');
    },
    // What we say ourselves is short, and always kept.
    say: (line) => append(fd, `${line}\n`),
    close: () => closeFile(fd),
  };
}
