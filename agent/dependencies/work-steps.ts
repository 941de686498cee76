import type { DependencyWork, NodeManager } from '#shared/dependencies.ts';
import { AppError } from '#shared/errors.ts';
import { findInFolders } from '../apps/apps.programs.ts';
import type { RunStep } from './run-records.ts';

/*
 * The words that each tool wants for a task. Pure but for the look which programs are there: the same facts give the same
 * steps.
 */

export type WorkPlace = {
  /** Folders in which programs are looked for. */
  readonly searchPath: readonly string[];
  /** Absolute path of the working folder. */
  readonly folder: string;
  readonly hasEnvironment: boolean;
  /** PHP of the site for the command line; null: it has none. */
  readonly php: string | null;
};

export type WorkSteps = { readonly steps: readonly RunStep[]; readonly environment: Readonly<Record<string, string>> };

export function stepsOf(work: DependencyWork, place: WorkPlace): WorkSteps {
  switch (work.kind) {
    case 'node':
      return {
        steps: [nodeStep(work.manager, place, nodeWords(work))],
        environment: { ...nodeEnvironment, ...mirrorOfNode(work.mirror) },
      };
    case 'script':
      return { steps: [nodeStep(work.manager, place, ['run', work.script])], environment: nodeEnvironment };
    case 'python':
      return pythonSteps(work, place);
    default:
      return composerSteps(work, place);
  }
}

const nodeEnvironment = {
  CI: 'true',
  NO_COLOR: '1',
  npm_config_update_notifier: 'false',
  COREPACK_ENABLE_DOWNLOAD_PROMPT: '0',
  // With CI, Yarn would refuse to write its lock file.
  YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
} as const;

const mirrorOfNode = (mirror: string | null): Record<string, string> =>
  mirror === null
    ? {}
    : { npm_config_registry: mirror, YARN_NPM_REGISTRY_SERVER: mirror, COREPACK_NPM_REGISTRY: mirror };

function nodeWords({ manager, task, hasDevelopment }: Extract<DependencyWork, { kind: 'node' }>): string[] {
  if (manager === 'npm')
    return [
      task === 'exact' ? 'ci' : 'install',
      ...(hasDevelopment ? ['--include=dev'] : ['--omit=dev']),
      '--no-audit',
      '--no-fund',
    ];
  const production = hasDevelopment ? [] : [manager === 'pnpm' ? '--prod' : '--production'];
  // With CI, pnpm would take the lock file as fixed by itself.
  const lock = task === 'exact' ? ['--frozen-lockfile'] : manager === 'pnpm' ? ['--no-frozen-lockfile'] : [];
  return ['install', ...lock, ...production];
}

function nodeStep(manager: NodeManager, { searchPath }: WorkPlace, words: readonly string[]): RunStep {
  const own = findInFolders(searchPath, manager);
  if (own !== undefined) return { program: own, args: words };
  const corepack = manager === 'npm' ? undefined : findInFolders(searchPath, 'corepack');
  if (corepack === undefined) throw toolMissing(manager);
  return { program: corepack, args: [manager, ...words] };
}

function pythonSteps(
  { requirements, servers, isAnew, mirror }: Extract<DependencyWork, { kind: 'python' }>,
  { folder, hasEnvironment, searchPath }: WorkPlace,
): WorkSteps {
  const python = findInFolders(searchPath, 'python3');
  if (python === undefined) throw toolMissing('python3');
  const make = { program: python, args: ['-m', 'venv', ...(isAnew ? ['--clear'] : []), `${folder}/venv`] };
  const wanted = [...(requirements === null ? [] : ['--requirement', requirements]), ...servers];
  const install = {
    program: `${folder}/venv/bin/python`,
    args: ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--no-color', ...wanted],
  };
  return {
    steps: [...(hasEnvironment && !isAnew ? [] : [make]), ...(wanted.length === 0 ? [] : [install])],
    environment: { PYTHONUNBUFFERED: '1', ...(mirror === null ? {} : { PIP_INDEX_URL: mirror }) },
  };
}

function composerSteps(
  { task, hasDevelopment }: Extract<DependencyWork, { kind: 'composer' }>,
  { searchPath, php }: WorkPlace,
): WorkSteps {
  const composer = findInFolders(searchPath, 'composer');
  if (composer === undefined) throw toolMissing('composer');
  if (php === null) throw toolMissing('php');
  const words = ['--no-interaction', '--no-progress', '--no-ansi', ...(hasDevelopment ? [] : ['--no-dev'])];
  return { steps: [{ program: php, args: [composer, task, ...words] }], environment: {} };
}

export function toolMissing(tool: string): AppError {
  return new AppError('in_use', `${tool} is not installed.`, { reason: 'dependency_tool_missing', params: { tool } });
}
