import { isPhpExtensionName } from '#shared/php-extensions.ts';
import { installableName, isNode, type InstallableName } from '#shared/software.ts';
import { idPattern } from '#shared/http.ts';
import { selfProcess } from '../core/alive.ts';
import { append, closeFile, listNames, look, readText, removeFile } from '../core/files.ts';
import type { AgentSettings } from '../core/machine.ts';
import { findProgram, runWithStatus } from '../core/run.ts';
import { areListsFresh, noteLists } from './lists.ts';
import { runNodeStep } from './node-runner.ts';
import {
  downloadArgs,
  findApt,
  installArgs,
  installedOf,
  packagesOf,
  parseStatus,
  planInstall,
  planRemoval,
  programOf,
  refreshArgs,
  removeArgs,
  type AptStatus,
} from './apt.ts';
import { runSuryStep } from './sury.ts';
import { hasProgram } from './tools.ts';
import { readScope, upgrade } from './upgrade-steps.ts';
import {
  folderOf,
  isCancelled,
  openStepLog,
  putJson,
  readRecord,
  writeRecord,
  type Step,
  type StepRecord,
} from './operations.ts';

/*
 * The process that does one step with the package manager. It outlives agent and panel, so it takes nothing from them
 * but its arguments, and everything about it is read from its files.
 */

export type Run = {
  readonly prefix: string;
  readonly stateFolder: string;
  readonly folder: string;
  readonly apt: string;
  readonly attempt: number;
  readonly logFd: number;
  say(text: string): void;
  /** Runs a program with its output in the log; answers its exit code. `isSafeToStop`: may be ended when asked to. */
  exec(
    program: string,
    args: readonly string[],
    isSafeToStop: boolean,
    share: (status: AptStatus) => number,
  ): Promise<number>;
};

export type Plan = { readonly name: InstallableName; readonly packages: readonly string[] };

const cancelledCode = 130;

export async function runOperation(settings: AgentSettings, args: readonly string[]): Promise<void> {
  const [operationId = '', step = '', attempt = ''] = args;
  const work = jobs[step as Step];
  if (!idPattern.test(operationId) || work === undefined || !/^\d$/.test(attempt)) throw new Error('not an operation');
  const folder = folderOf(settings.stateFolder, operationId);
  const record = readRecord(folder, step as Step);
  // Started too late: the agent has given this attempt up.
  if (record?.state !== 'starting' || record.attempt !== Number(attempt)) return;
  const logFd = openStepLog(folder, step as Step);
  const progress = createProgress(folder, step as Step, { ...record, state: 'running', process: selfProcess() });
  await progress.write();
  try {
    const name = readScope(folder) === undefined ? nameOf({ folder }) : undefined;
    const code =
      name !== undefined && isNode(name)
        ? await runNode(settings, { folder, operationId, name, logFd, progress }, step as Step)
        : await workFor(name, step as Step, work)(createRun(settings, folder, record.attempt, logFd, progress));
    await progress.end(isStopped(folder, step as Step) ? cancelledCode : code);
  } catch (error) {
    append(logFd, `${error instanceof Error ? error.message : String(error)}${detailOf(error)}\n`);
    await progress.end(1);
  } finally {
    closeFile(logFd);
  }
}

/** A source of packages comes as none. */
function workFor(name: InstallableName | undefined, step: Step, work: Work): Work {
  return name === 'sury' ? (run) => runSuryStep(run, step) : work;
}

type NodeGiven = {
  readonly folder: string;
  readonly operationId: string;
  readonly name: InstallableName;
  readonly logFd: number;
  readonly progress: Progress;
};

/** Needs no package manager. */
async function runNode(settings: AgentSettings, given: NodeGiven, step: Step): Promise<number> {
  const { folder, operationId, name, logFd, progress } = given;
  const stopped = new AbortController();
  const timer = setInterval(() => {
    if (isStopped(folder, step)) stopped.abort();
  }, 200);
  try {
    const run = {
      prefix: settings.rootPrefix,
      folder,
      operationId,
      major: Number(name.slice('node'.length)),
      mirror: settings.nodeMirror ?? 'https://nodejs.org/dist',
      signal: stopped.signal,
      say: (text: string) => append(logFd, `${text}\n`),
      progress: (percent: number) => progress.set(percent),
    };
    return await runNodeStep(run, step);
  } finally {
    clearInterval(timer);
  }
}

function detailOf(error: unknown): string {
  const params = error instanceof Error && 'params' in error ? (error.params as { message?: string }) : {};
  return params.message === undefined ? '' : `\n${params.message}`;
}

/** Taking back is what a cancelled operation asks for: it is not stopped itself. */
function isStopped(folder: string, step: Step): boolean {
  return step !== 'uninstall' && isCancelled(folder);
}

function createRun(settings: AgentSettings, folder: string, attempt: number, logFd: number, progress: Progress): Run {
  const apt = findApt(settings.rootPrefix);
  if (apt === undefined) throw new Error('apt-get is missing: this distribution is not supported');
  return {
    prefix: settings.rootPrefix,
    stateFolder: settings.stateFolder,
    folder,
    apt,
    attempt,
    logFd,
    say: (text) => append(logFd, `${text}\n`),
    async exec(program, args, isSafeToStop, share) {
      let kill: ((signal: NodeJS.Signals) => void) | undefined;
      let asked = 0;
      const stop = (): void => {
        if (!isSafeToStop || !isCancelled(folder)) return;
        // Politely for five seconds: APT leaves its locks in order.
        kill?.(asked++ < 50 ? 'SIGINT' : 'SIGKILL');
      };
      const timer = setInterval(stop, 100);
      // The machine goes down: a download ends, dpkg is let finish. The next start takes the step up again.
      const onTerm = (): void => {
        if (isSafeToStop) kill?.('SIGINT');
      };
      process.on('SIGTERM', onTerm);
      try {
        const code = await runWithStatus(program, args, {
          outputFd: logFd,
          onStart: (each) => (kill = each),
          onStatus(line) {
            const status = parseStatus(line);
            if (status !== undefined) progress.set(share(status));
          },
        });
        return code ?? 1;
      } finally {
        clearInterval(timer);
        process.off('SIGTERM', onTerm);
      }
    },
  };
}

type Work = (run: Run) => Promise<number>;

const jobs: Partial<Record<Step, Work>> = {
  refresh,
  install,
  remove,
  uninstall,
  upgrade: (run) => upgrade(run, () => repairDatabase(run)),
};

async function refresh(run: Run): Promise<number> {
  const isUpgrade = readScope(run.folder) !== undefined;
  if (!isUpgrade && (await isThere(run))) return sayIsThere(run);
  if (!isUpgrade && areListsFresh(run)) {
    await putJson(knownListsPath(run), true);
    run.say('The lists of packages were read within the last hour.');
    return 0;
  }
  const code = await readLists(run);
  // Without fresh lists updates that wait are not known.
  if (code === 0 || isUpgrade || isCancelled(run.folder)) return code;
  // One source of several that is away must not stop us: the lists that are there may do.
  await planInstall(run.apt, nameOf(run));
  run.say('Some sources could not be read; going on with the known lists.');
  return 0;
}

async function readLists(run: Run): Promise<number> {
  const code = await run.exec(run.apt, refreshArgs, true, ({ percent }) => percent);
  if (code === 0) await noteLists(run);
  return code;
}

/** There while this operation stands on lists that another one has read. */
const knownListsPath = ({ folder }: Run): string => `${folder}/known-lists.json`;

/** Of lists that it has not read itself, what an operation needs may be gone: does it once more with new ones. */
async function onKnownLists<T>(run: Run, work: () => Promise<T>, isGood: (result: T) => boolean): Promise<T> {
  const isKnown = look(knownListsPath(run)).type === 'file';
  const first = await work().catch((error: unknown) => {
    if (!isKnown) throw error;
  });
  if (first !== undefined && (!isKnown || isGood(first) || isCancelled(run.folder))) return first;
  run.say('Reading the lists of packages anew.');
  await readLists(run);
  removeFile(knownListsPath(run));
  return await work();
}

function nameOf({ folder }: Pick<Run, 'folder'>): InstallableName {
  const text = JSON.parse(readText(`${folder}/name.json`) ?? '""') as unknown;
  const name = installableName.safeParse(text);
  if (!name.success) throw new Error('the operation does not say what it installs');
  return name.data;
}

async function install(run: Run): Promise<number> {
  const name = nameOf(run);
  // Another make of it (nginx-full, nginx.org's) does as well; a second one beside it would not.
  if (await isThere(run)) return sayIsThere(run);
  await repairDatabase(run);
  const packages = await onKnownLists(
    run,
    () => planInstall(run.apt, name),
    () => true,
  );
  // Kept before anything is unpacked: whatever happens from here on can be taken back.
  const known = readPlan(run.folder)?.packages ?? [];
  await putJson(`${run.folder}/plan.json`, { name, packages: [...new Set([...known, ...packages])] } satisfies Plan);
  if (packages.length === 0) {
    run.say(`${name} is installed already.`);
    return 0;
  }
  const download = () => run.exec(run.apt, downloadArgs(name), true, ({ percent }) => percent / 2);
  const downloaded = await onKnownLists(run, download, (code) => code === 0);
  if (downloaded !== 0 || isCancelled(run.folder)) return downloaded;
  // From here on it is not interrupted: dpkg is never left half way.
  return await run.exec(run.apt, installArgs(name), false, ({ phase, percent }) =>
    phase === 'packages' ? 50 + percent / 2 : 50,
  );
}

/** It was there before this operation did anything. */
async function isThere(run: Run): Promise<boolean> {
  if (run.attempt !== 1 || readPlan(run.folder) !== undefined) return false;
  const name = nameOf(run);
  if (isPhpExtensionName(name)) return (await installedOf([name], run.prefix)).length > 0;
  return hasProgram(programOf(name), run.prefix);
}

function sayIsThere(run: Run): number {
  run.say(`${nameOf(run)} is installed already.`);
  return 0;
}

export function readPlan(folder: string): Plan | undefined {
  const text = readText(`${folder}/plan.json`);
  return text === undefined ? undefined : (JSON.parse(text) as Plan);
}

/** After a power cut in the middle of dpkg nothing can be installed until it has finished its own work. */
async function repairDatabase(run: Run): Promise<void> {
  const isInterrupted = listNames(`${run.prefix}/var/lib/dpkg/updates`).some((name) => /^\d+$/.test(name));
  const dpkg = findProgram('dpkg', run.prefix);
  if (dpkg === undefined || (!isInterrupted && run.attempt === 1)) return;
  run.say('Finishing an interrupted installation: dpkg --configure -a');
  await run.exec(dpkg, ['--configure', '-a', '--force-confdef', '--force-confold'], false, () => 0);
}

/** Packages that come and go with a version of PHP, and the empty ones that only point to it; of an extension only itself. */
const isOfPhp = (name: string, version: InstallableName): boolean =>
  name === version || name.startsWith(`${version}-`) || /^php(-[a-z0-9]+)?$/.test(name);

async function remove(run: Run): Promise<number> {
  const name = nameOf(run);
  await repairDatabase(run);
  const wanted = isPhpExtensionName(name) ? [name] : [...packagesOf(name), `${name}-common`];
  const ours = await installedOf(wanted, run.prefix);
  if (ours.length === 0) {
    run.say(`${name} is not installed.`);
    return 0;
  }
  const others = (await planRemoval(run.apt, ours)).filter((each) => !isOfPhp(each, name));
  if (others.length > 0) {
    run.say(`Needed by: ${others.join(' ')}. Nothing is removed.`);
    return 2;
  }
  return await run.exec(run.apt, removeArgs(ours), false, ({ percent }) => percent);
}

async function uninstall(run: Run): Promise<number> {
  await repairDatabase(run);
  const ours = await installedOf(readPlan(run.folder)?.packages ?? [], run.prefix);
  if (ours.length === 0) {
    await putJson(`${run.folder}/removed.json`, readRemoved(run.folder));
    run.say('Nothing to take back.');
    return 0;
  }
  const others = (await planRemoval(run.apt, ours)).filter((name) => !ours.includes(name));
  if (others.length > 0) {
    run.say(`Needed by now: ${others.join(' ')}. Nothing is removed.`);
    return 2;
  }
  const code = await run.exec(run.apt, removeArgs(ours), false, ({ percent }) => percent);
  const left = await installedOf(ours, run.prefix);
  await putJson(
    `${run.folder}/removed.json`,
    ours.filter((name) => !left.includes(name)),
  );
  return code;
}

export function readRemoved(folder: string): string[] {
  const text = readText(`${folder}/removed.json`);
  return text === undefined ? [] : (JSON.parse(text) as string[]);
}

type Progress = { write(): Promise<void>; set(percent: number): void; end(exitCode: number): Promise<void> };

/** At most four times a second, and never back. */
function createProgress(folder: string, step: Step, first: StepRecord): Progress {
  let record = first;
  let waiting: NodeJS.Timeout | undefined;
  const writeSoon = (): void => {
    waiting ??= setTimeout(() => {
      waiting = undefined;
      void writeRecord(folder, step, record, true).catch(() => undefined);
    }, 250);
  };
  return {
    write: async () => await writeRecord(folder, step, record),
    set(percent) {
      const rounded = Math.round(percent * 10) / 10;
      if (rounded <= (record.progress ?? -1)) return;
      record = { ...record, progress: rounded };
      writeSoon();
    },
    async end(exitCode) {
      clearTimeout(waiting);
      const isGood = exitCode === 0;
      record = {
        ...record,
        state: isGood ? 'succeeded' : 'failed',
        exitCode,
        progress: isGood ? 100 : record.progress,
      };
      await writeRecord(folder, step, record);
    },
  };
}
