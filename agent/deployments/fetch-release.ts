import { statfsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { Deployment } from '#shared/deployments.ts';
import { AppError } from '#shared/errors.ts';
import type { DeployTarget } from '#shared/site-deploy.ts';
import { makeFolder } from '../core/files.ts';
import type { DeployWork } from './deploy-work.ts';
import { gitFailure, readCommit, withGit, type Git } from './git.ts';

type Commit = NonNullable<Deployment['commit']>;

export type Fetched = {
  readonly commit: Commit;
  /** Writes the files of the commit into a new folder. */
  readonly checkOut: (releaseId: string) => Promise<void>;
};

const fetched = 'refs/aapanel/release';
/** Left free besides the release. */
const spareBytes = 128 * 1024 * 1024;
const reachPausesMs = [1_000, 2_000, 4_000, 8_000, 16_000];

/**
 * Fetches one commit of a branch or tag, or the one that was asked for, without history, into a repository that is thrown away afterwards: a
 * release has no `.git`. What the commit holds is counted before a single file of it is written.
 */
export async function fetchRelease<T>(work: DeployWork, use: (fetched: Fetched) => Promise<T>): Promise<T> {
  const { where, plan, paths, owner, limits, signal, siteId, unit, deploymentId } = work;
  const { url } = plan.source;
  const ref = plan.target ?? plan.source.ref;
  const options = {
    identity: owner.identity,
    siteId,
    source: plan.source,
    home: paths.home,
    writable: [paths.work, paths.releases],
    memoryMb: plan.memoryMb,
    maxFileBytes: limits.maxFileBytes,
    signal,
    name: deploymentId,
  };
  return await withGit(where, options, async (git) => {
    work.say(`Fetching ${ref.kind} ${ref.name} of ${url}`);
    const source = { branch: `refs/heads/${ref.name}`, tag: `refs/tags/${ref.name}`, commit: ref.name }[ref.kind];
    await must(git, work, 'init', ['init', '--quiet', '--bare', '--template=', paths.repository]);
    await untilReached(work, () => fetchOne(git, work, ref.kind, source));
    const format = '--format=%H%x00%an%x00%ct%x00%s';
    const said = await must(git, work, 'log', [`--git-dir=${paths.repository}`, 'log', '-1', format, fetched], false);
    const commit = readCommit(said);
    work.say(`Commit ${commit.hash.slice(0, 12)} by ${commit.author}: ${commit.message}`);
    await count(git, work, unit);
    return await use({
      commit,
      async checkOut(releaseId) {
        const release = paths.release(releaseId);
        makeFolder(release, owner.folder);
        const flags = [`--git-dir=${paths.repository}`, `--work-tree=${release}`];
        await must(
          git,
          work,
          'checkout',
          [...flags, 'checkout', '--force', '--quiet', fetched, '--', '.'],
          true,
          release,
        );
      },
    });
  });
}

/** A deployment that is taken up again may meet a machine that has only just started: names and servers come with time. */
async function untilReached(work: DeployWork, fetch: () => Promise<void>): Promise<void> {
  for (const pauseMs of work.isTakenUp ? reachPausesMs : []) {
    try {
      return await fetch();
    } catch (error) {
      if (!(error instanceof AppError) || error.reason !== 'deploy_host_unreachable') throw error;
      work.say(`The server of the repository is not to be reached; once more in ${pauseMs / 1_000} s.`);
      await wait(pauseMs, undefined, { signal: work.signal }).catch(() => undefined);
      work.signal.throwIfAborted();
    }
  }
  await fetch();
}

async function fetchOne(git: Git, work: DeployWork, kind: DeployTarget['kind'], source: string): Promise<void> {
  const repository = `--git-dir=${work.paths.repository}`;
  const fetch = (flags: readonly string[], wanted: readonly string[]): Promise<string> =>
    must(git, work, 'fetch', [
      repository,
      'fetch',
      ...flags,
      '--no-tags',
      '--no-recurse-submodules',
      '--force',
      '--quiet',
      '--',
      work.plan.source.url,
      ...wanted,
    ]);
  try {
    await fetch(['--depth=1'], [`+${source}:${fetched}`]);
  } catch (error) {
    if (kind !== 'commit' || !(error instanceof AppError) || error.reason !== 'deploy_ref_missing') throw error;
    // Servers may give only what a branch or tag names: then all of those are fetched with their history.
    work.say('The server does not give single commits; fetching all branches and tags.');
    await fetch([], ['+refs/heads/*:refs/aapanel/heads/*', '+refs/tags/*:refs/aapanel/tags/*']);
    const args = [repository, 'cat-file', '-e', `${source}^{commit}`];
    const { code } = await git.run(args, {
      cwd: '/',
      unit: `${work.unit}-look`,
      timeoutMs: 60_000,
      onOutput: () => undefined,
    });
    work.signal.throwIfAborted();
    if (code !== 0) throw error;
    await must(git, work, 'name', [repository, 'update-ref', fetched, source]);
  }
}

/** Runs git; throws the named reason when it fails. Answers what it said. */
async function must(
  git: Git,
  work: DeployWork,
  step: string,
  args: readonly string[],
  isLogged = true,
  cwd = '/',
): Promise<string> {
  const kept: Buffer[] = [];
  const { code, stderr, isTimedOut } = await git.run(args, {
    cwd,
    unit: `${work.unit}-${step}`,
    timeoutMs: Math.max(1_000, work.endsAt - Date.now()),
    onOutput(chunk, stream) {
      if (isLogged) work.output(chunk);
      if (stream === 'out' && kept.length < 64) kept.push(chunk);
    },
  });
  work.signal.throwIfAborted();
  if (code !== 0) throw gitFailure(stderr, { isTimedOut });
  return Buffer.concat(kept).toString('utf8');
}

/** What the commit holds, before it is written anywhere: a small repository can unfold into an endless one. */
async function count(git: Git, work: DeployWork, unit: string): Promise<void> {
  const { limits, paths } = work;
  const stop = new AbortController();
  let rest = '';
  let files = 0;
  let bytes = 0;
  let submodules = 0;
  const onOutput = (chunk: Buffer, stream: 'out' | 'err'): void => {
    if (stream === 'err') return work.output(chunk);
    const parts = (rest + chunk.toString('latin1')).split('\0');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const [, mode = '', size = ''] = /^(\d{6}) \w+ [0-9a-f]+ +(\d+|-)\t/.exec(part) ?? [];
      files++;
      if (mode === '160000') submodules++;
      if (/^\d+$/.test(size)) bytes += Number(size);
    }
    if (files > limits.maxFiles || bytes > limits.maxTreeBytes) stop.abort();
  };
  const args = [`--git-dir=${paths.repository}`, 'ls-tree', '-r', '-l', '-z', '--full-tree', fetched];
  const { code, stderr, isTimedOut } = await git.run(args, {
    cwd: '/',
    unit: `${unit}-count`,
    timeoutMs: 5 * 60_000,
    signal: AbortSignal.any([work.signal, stop.signal]),
    onOutput,
  });
  work.signal.throwIfAborted();
  if (files > limits.maxFiles)
    throw new AppError('too_large', 'The release has too many files.', {
      reason: 'deploy_too_many_files',
      params: { max: limits.maxFiles },
    });
  const free = freeBytes(paths.base);
  if (bytes > limits.maxTreeBytes || bytes + spareBytes > free)
    throw new AppError('too_large', 'The release is too large.', {
      reason: bytes > limits.maxTreeBytes ? 'deploy_too_large' : 'disk_full',
    });
  if (code !== 0) throw gitFailure(stderr, { isTimedOut });
  if (files === 0) throw new AppError('in_use', 'The commit has no files.', { reason: 'deploy_empty' });
  if (submodules > 0) work.say(`${submodules} submodules are not fetched: their folders stay empty.`);
}

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}
