import type { ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { ScannedHost } from '#shared/deployments.ts';
import { AppError } from '#shared/errors.ts';
import { gitRefName, parseRepository } from '#shared/site-deploy.ts';
import { findProgram } from '../core/run.ts';
import { scanHostKeys } from '../core/ssh-keys.ts';
import { toolMissing } from './deploy-key.ts';
import { gitFailure, withGit, type GitOptions, type Where } from './git.ts';

/** Most that is listed of each: nobody chooses among more. */
const mostRefs = 1_000;
const mostBytes = 8 * 1024 * 1024;

/** The public keys that a repository's server shows. Nothing is trusted by this: a person compares and confirms. */
export async function scanHost(url: string): Promise<ScannedHost[]> {
  const parsed = parseRepository(url);
  if (!parsed.ok || parsed.repository.transport !== 'ssh')
    throw new AppError('invalid_request', 'Only servers that are reached over SSH have such keys.', {
      fields: [{ field: 'url', code: parsed.ok ? 'repository_not_ssh' : parsed.code }],
    });
  const keyscan = findProgram('ssh-keyscan');
  if (keyscan === undefined) throw toolMissing('ssh');
  const found = await scanHostKeys(keyscan, parsed.repository);
  if (found.length === 0)
    throw new AppError('in_use', 'The server of the repository does not answer over SSH.', {
      reason: 'deploy_host_unreachable',
    });
  return found;
}

type Refs = ActionResult<AgentActions['deployments.list_refs']>;

/** Branches and tags, which proves at once that the repository can be read. */
export async function listRefs(where: Where, options: Omit<GitOptions, 'memoryMb' | 'maxFileBytes'>): Promise<Refs> {
  const limits = { memoryMb: 512, maxFileBytes: 64 * 1024 * 1024 };
  return await withGit(where, { ...options, ...limits }, async (git) => {
    const kept: Buffer[] = [];
    let size = 0;
    const { code, stderr, isTimedOut } = await git.run(
      ['ls-remote', '--heads', '--tags', '--refs', '--', options.source.url],
      {
        cwd: '/',
        timeoutMs: 25_000,
        unit: `aapanel-deploy-${options.name}-refs`,
        onOutput(chunk, stream) {
          if (stream === 'out' && size < mostBytes) kept.push(chunk);
          size += chunk.length;
        },
      },
    );
    if (code !== 0) throw gitFailure(stderr, { isTimedOut });
    const text = Buffer.concat(kept).toString('utf8');
    const named = (kind: 'heads' | 'tags'): string[] =>
      [...text.matchAll(new RegExp(`^[0-9a-f]{40,64}\\trefs/${kind}/(.+)$`, 'gm'))]
        .flatMap(([, name = '']) => (gitRefName.safeParse(name).success ? [name] : []))
        .sort();
    const [branches, tags] = [named('heads'), named('tags').toReversed()];
    const main = ['main', 'master'].find((name) => branches.includes(name)) ?? branches[0] ?? null;
    return {
      branches: branches.slice(0, mostRefs),
      tags: tags.slice(0, mostRefs),
      main,
      isTruncated: branches.length > mostRefs || tags.length > mostRefs || size >= mostBytes,
    };
  });
}
