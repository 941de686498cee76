import { AppError } from '#shared/errors.ts';
import type { BuildStep } from '#shared/site-deploy.ts';
import { look, movePath, putFile, putLink, Unsynced } from '../core/files.ts';
import { findInFolders } from '../apps/apps.programs.ts';
import { findProgram } from '../core/run.ts';
import { readyPhpFolder } from '../php/php-command.ts';
import { allRecords } from '../sites/site-records.ts';
import { makeOwned, removeAsSite } from './deploy-owner.ts';
import type { DeployWork } from './deploy-work.ts';
import { checkLinks } from './release-links.ts';
import { runAsSite, sitePath } from './run-as-site.ts';

/** Shared files and folders are linked in, the steps of the build run, and what is served holds no way out. */
export async function buildRelease(
  work: DeployWork,
  { releaseId, commit }: { readonly releaseId: string; readonly commit: string },
  folder: string,
): Promise<void> {
  const { plan, paths } = work;
  const release = paths.release(releaseId);
  const own = new Map<string, string>();
  for (const path of plan.sharedFolders) await share(work, release, path, 'folder', own);
  for (const path of plan.sharedFiles) await share(work, release, path, 'file', own);
  for (const [index, step] of plan.build.entries()) await runStep(work, { step, index, release, releaseId, commit });
  const served = `${release}${folder}`;
  if (look(served).type !== 'folder')
    throw new AppError('in_use', 'The release does not have the folder that is served.', {
      reason: 'deploy_folder_missing',
      params: { folder: folder.slice(1) },
    });
  const sharedFolders = plan.sharedFolders.map((path) => `${paths.shared}/${path}`);
  await checkLinks(served, { release, current: paths.current, sharedFolders, own });
}

/** The first release brings what is not there yet; from then on the shared one stays, whatever a release has in its place. */
async function share(
  { where, paths, owner, unit, say }: DeployWork,
  release: string,
  path: string,
  kind: 'file' | 'folder',
  own: Map<string, string>,
): Promise<void> {
  const [inRelease, kept] = [`${release}/${path}`, `${paths.shared}/${path}`];
  const parentOf = (each: string): string => each.slice(0, each.lastIndexOf('/'));
  makeOwned(paths.shared, parentOf(kept), owner);
  makeOwned(release, parentOf(inRelease), owner);
  const unsynced = new Unsynced();
  const [there, brought] = [look(kept).type, look(inRelease).type];
  if (there !== 'missing' && there !== kind)
    throw new AppError('in_use', 'What is shared is not what it should be.', {
      reason: 'deploy_shared_kind',
      params: { path },
    });
  if (there === 'missing') {
    if (brought === kind) {
      say(`${path}: the first release brings it; from now on it is shared.`);
      movePath(inRelease, kept, unsynced);
    } else if (kind === 'folder') makeOwned(paths.shared, kept, owner);
    else {
      say(`${path}: an empty file is shared; fill it in ${'shared/'}${path}.`);
      putFile(kept, Buffer.alloc(0), { mode: 0o640, uid: owner.folder.uid, gid: owner.folder.gid }, 'shared', unsynced);
    }
  }
  await removeAsSite(where, owner, inRelease, `${unit}-share`);
  const target = `${'../'.repeat(1 + path.split('/').length)}shared/${path}`;
  putLink(inRelease, target, 'shared', unsynced, owner.folder);
  own.set(inRelease, target);
  await unsynced.flush();
}

async function runStep(
  work: DeployWork,
  {
    step,
    index,
    release,
    releaseId,
    commit,
  }: { step: BuildStep; index: number; release: string; releaseId: string; commit: string },
): Promise<void> {
  const { where, paths, owner, plan, limits, signal, endsAt } = work;
  const [name = '', ...args] = step;
  const shown = step.join(' ');
  const site = [...allRecords(where).values()].find(({ siteId }) => siteId === work.siteId);
  const folders = readyPhpFolder(where, site);
  const program = name.includes('/')
    ? `${release}/${name.replace(/^\.\//, '')}`
    : (findInFolders(folders, name) ?? findProgram(name));
  if (program === undefined || (name.includes('/') && look(program).type === 'missing'))
    throw new AppError('in_use', 'A program of the build is not there.', {
      reason: 'deploy_program_missing',
      params: { program: name },
    });
  work.say(`$ ${shown}`);
  const { code, isTimedOut } = await runAsSite(where, owner.identity, {
    program,
    args,
    cwd: release,
    environment: {
      PATH: [...folders, sitePath].join(':'),
      HOME: paths.home,
      CI: 'true',
      AAPANEL_RELEASE: releaseId,
      AAPANEL_COMMIT: commit,
    },
    writable: [release, paths.shared, paths.work],
    unit: `${work.unit}-step-${index + 1}`,
    timeoutMs: Math.max(1_000, endsAt - Date.now()),
    memoryMb: plan.memoryMb,
    maxFileBytes: limits.maxFileBytes,
    signal,
    onOutput: (chunk) => work.output(chunk),
  });
  signal.throwIfAborted();
  if (code === 0) return;
  if (isTimedOut)
    throw new AppError('timeout', 'The build took too long.', {
      reason: 'deploy_build_timeout',
      params: { minutes: plan.minutes },
    });
  throw new AppError('in_use', `A step of the build failed: ${shown}`, {
    reason: 'deploy_build_failed',
    params: { step: shown.slice(0, 200), code: code ?? 'killed' },
  });
}
