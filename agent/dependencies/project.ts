import {
  nodeManagers,
  pythonServers,
  requirementsFile,
  scriptName,
  type DependencyTool,
  type NodeManager,
  type SiteProject,
} from '#shared/dependencies.ts';
import { wwwroot } from '#shared/site-folders.ts';
import { findInFolders, resolveWithin, searchPathOf } from '../apps/apps.programs.ts';
import { listNames, look, readText } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import type { SiteRecord } from '../sites/site-records.ts';

/*
 * What a site's files say. They are its own user's: read without following a link out of the site's folder, in small
 * pieces, and never believed further than their grammar.
 */

type Where = Pick<Machine, 'prefix'>;

const maxPackageBytes = 1024 * 1024;
const mostNames = 100;

/** The site's own folder, with the prefix: nothing that is worked on lies elsewhere. */
export function ownFolderOf({ prefix }: Where, { slug, root }: Pick<SiteRecord, 'slug' | 'root'>): string {
  const own = `${wwwroot}/${slug}`;
  return prefix + (root.startsWith(`${own}/`) ? own : root);
}

/** The working folder of an application; of other sites the folder that holds their lists of packages. */
export function projectFolderOf(where: Where, record: SiteRecord): string {
  const own = ownFolderOf(where, record);
  const root = where.prefix + record.root;
  const base = record.release == null ? root : `${root}/current`;
  const app = record.settings?.app ?? null;
  const wanted = app === null || app.folder === '' ? [base] : [withFolder(base, app.folder)];
  const places = (app === null ? [...wanted, own] : wanted).flatMap(
    (path) => resolveWithin(own, path.slice(own.length)) ?? [],
  );
  const hasList = (folder: string): boolean => ['composer.json', 'package.json'].some((name) => isFile(folder, name));
  return places.find(hasList) ?? places[0] ?? root;
}

/** Somebody may have written `current` before it or not. */
function withFolder(base: string, folder: string): string {
  return base.endsWith('/current') && (folder === 'current' || folder.startsWith('current/'))
    ? `${base}${folder.slice('current'.length)}`
    : `${base}/${folder}`;
}

function typeAt(folder: string, name: string): string {
  try {
    return look(`${folder}/${name}`).type;
  } catch {
    // A link stands in the path.
    return 'other';
  }
}

const isFile = (folder: string, name: string): boolean => typeAt(folder, name) === 'file';
const isFolder = (folder: string, name: string): boolean => typeAt(folder, name) === 'folder';

export function readProject(where: Where, record: SiteRecord): Omit<SiteProject, 'runs'> {
  const folder = projectFolderOf(where, record);
  const names = isFolder(folder, '.') ? listNames(folder).slice(0, 10_000) : [];
  const requirements = names
    .filter((name) => /^(?:requirements|constraints)[A-Za-z0-9_.-]*\.txt$/.test(name) || name === 'requires.txt')
    .filter((name) => requirementsFile.safeParse(name).success && isFile(folder, name))
    .slice(0, mostNames);
  const hasEnvironment = isFile(folder, 'venv/pyvenv.cfg');
  const isPython =
    requirements.length > 0 || hasEnvironment || names.some((name) => /^pyproject\.toml$|\.py$/.test(name));
  return {
    folder: folder.slice(where.prefix.length),
    node: names.includes('package.json') ? readNode(folder) : null,
    python: isPython
      ? {
          requirements,
          hasEnvironment,
          servers: pythonServers.filter((name) => isFile(folder, `venv/bin/${name}`)),
        }
      : null,
    composer: isFile(folder, 'composer.json')
      ? { isLocked: isFile(folder, 'composer.lock'), isInstalled: isFile(folder, 'vendor/autoload.php') }
      : null,
    jars: names.filter((name) => /^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}\.jar$/.test(name)).slice(0, mostNames),
    tools: toolsFor(where, record),
  };
}

const lockFiles: Readonly<Record<NodeManager, readonly string[]>> = {
  npm: ['package-lock.json', 'npm-shrinkwrap.json'],
  yarn: ['yarn.lock'],
  pnpm: ['pnpm-lock.yaml'],
};

function readNode(folder: string): NonNullable<SiteProject['node']> {
  const file = readPackage(folder);
  const locked = nodeManagers.filter((manager) => lockFiles[manager].some((name) => isFile(folder, name)));
  const named = nodeManagers.find((manager) => file.packageManager.startsWith(`${manager}@`));
  const manager = named ?? locked[0] ?? 'npm';
  return {
    manager,
    scripts: file.scripts,
    isLocked: locked.includes(manager),
    isInstalled: isFolder(folder, 'node_modules'),
    isUnreadable: file.isUnreadable,
  };
}

/** Only names: a command may hold what nobody should read. */
export function readPackage(folder: string): { scripts: string[]; packageManager: string; isUnreadable: boolean } {
  const unreadable = { scripts: [], packageManager: '', isUnreadable: true };
  try {
    const parsed: unknown = JSON.parse(readText(`${folder}/package.json`, maxPackageBytes) ?? '');
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return unreadable;
    const { scripts, packageManager } = parsed as { scripts?: unknown; packageManager?: unknown };
    const isList = typeof scripts === 'object' && scripts !== null && !Array.isArray(scripts);
    const names = isList ? Object.entries(scripts).filter(([, command]) => typeof command === 'string') : [];
    return {
      scripts: names
        .map(([name]) => name)
        .filter((name) => scriptName.safeParse(name).success)
        .slice(0, mostNames),
      packageManager: typeof packageManager === 'string' ? packageManager : '',
      isUnreadable: false,
    };
  } catch {
    return unreadable;
  }
}

/** Programs are looked for where the site's application finds them. */
export function searchPathFor({ prefix }: Where, record: SiteRecord): string[] {
  return searchPathOf(prefix, { nodeVersion: record.settings?.app?.nodeVersion ?? null });
}

function toolsFor(where: Where, record: SiteRecord): DependencyTool[] {
  const folders = searchPathFor(where, record);
  const has = (name: string): boolean => findInFolders(folders, name) !== undefined;
  return [
    ...nodeManagers.filter((manager) => has(manager) || (manager !== 'npm' && has('corepack'))),
    ...(has('python3') ? (['python3'] as const) : []),
    ...(has('python3') && hasEnsurepip(where) ? (['venv'] as const) : []),
    ...(has('composer') ? (['composer'] as const) : []),
  ];
}

/** Debian and Ubuntu have it in a package of its own. */
function hasEnsurepip({ prefix }: Where): boolean {
  return ['/usr/lib', '/usr/local/lib'].some((folder) =>
    listNames(prefix + folder).some(
      (name) => /^python3\.\d+$/.test(name) && isFolder(`${prefix}${folder}/${name}`, 'ensurepip'),
    ),
  );
}
