import type { Deployment } from '#shared/deployments.ts';
import { AppError } from '#shared/errors.ts';
import { parseRepository, type SiteDeploy } from '#shared/site-deploy.ts';
import { look, makeFolder, makeFolders, putFile, removeOwnFolder, Unsynced } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram } from '../core/run.ts';
import { startKeyHolder, type KeyHolder } from '../core/ssh-keys.ts';
import { privateKeyPath, toolMissing } from './deploy-key.ts';
import { runFolder } from './deployment-paths.ts';
import { runAsSite, type SiteIdentity, type SiteTask, type TaskEnd } from './run-as-site.ts';

/*
 * git, as the site's user, with nothing in its configuration that a repository or a machine could have put there: no hooks,
 * no filters, no submodules, one transport. The site's key reaches ssh by way of an ssh-agent that root feeds.
 */

export type Where = Pick<Machine, 'stateFolder' | 'prefix' | 'hasSystemd' | 'isRoot'>;
export type Source = Pick<NonNullable<SiteDeploy['source']>, 'url' | 'hostKey'>;

const settings: Readonly<Record<string, string>> = {
  'advice.detachedHead': 'false',
  'core.attributesFile': '/dev/null',
  'core.excludesFile': '/dev/null',
  'core.fsmonitor': 'false',
  'core.hooksPath': '/dev/null',
  'core.protectHFS': 'true',
  'core.protectNTFS': 'true',
  'credential.helper': '',
  'fetch.fsckObjects': 'true',
  // Old and harmless: many repositories have some.
  'fetch.fsck.badTimezone': 'ignore',
  'fetch.fsck.missingSpaceBeforeDate': 'ignore',
  'fetch.fsck.zeroPaddedFilemode': 'ignore',
  'gc.auto': '0',
  'http.lowSpeedLimit': '1000',
  'http.lowSpeedTime': '60',
  'init.defaultBranch': 'main',
  'maintenance.auto': 'false',
  'protocol.version': '2',
  'submodule.recurse': 'false',
  'transfer.bundleURI': 'false',
};

export type Git = {
  /** Runs git; never throws for what it does. */
  run(
    args: readonly string[],
    more: Pick<SiteTask, 'cwd' | 'timeoutMs' | 'onOutput' | 'unit' | 'signal'>,
  ): Promise<TaskEnd>;
};

export type GitOptions = {
  readonly identity: SiteIdentity;
  readonly siteId: string;
  readonly source: Source;
  /** Folder of the site's user that stands for its home. */
  readonly home: string;
  readonly writable: readonly string[];
  readonly memoryMb: number;
  readonly maxFileBytes: number;
  readonly signal?: AbortSignal;
  /** Names the folder in `/run`. */
  readonly name: string;
  readonly environment?: Readonly<Record<string, string>>;
};

/** Calls `work` with a git that can reach this one repository; what it needed for that is gone afterwards. */
export async function withGit<T>(where: Where, options: GitOptions, work: (git: Git) => Promise<T>): Promise<T> {
  const program = findProgram('git');
  if (program === undefined) throw toolMissing('git');
  const parsed = parseRepository(options.source.url);
  if (!parsed.ok)
    throw new AppError('invalid_request', 'This is no repository.', {
      fields: [{ field: 'url', code: parsed.code }],
    });
  const { transport } = parsed.repository;
  const access = transport === 'ssh' ? await openAccess(where, options, parsed.repository) : undefined;
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const environment = {
    HOME: options.home,
    GIT_ALLOW_PROTOCOL: transport,
    GIT_ASKPASS: '/bin/false',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_LFS_SKIP_SMUDGE: '1',
    GIT_PROTOCOL_FROM_USER: '0',
    GIT_TERMINAL_PROMPT: '0',
    ...access?.environment,
    ...options.environment,
  };
  try {
    return await work({
      run: (args, more) =>
        runAsSite(where, options.identity, {
          program,
          args: [...flags, ...args],
          environment,
          writable: options.writable,
          memoryMb: options.memoryMb,
          maxFileBytes: options.maxFileBytes,
          ...(options.signal === undefined ? {} : { signal: options.signal }),
          ...more,
        }),
    });
  } finally {
    await access?.close();
  }
}

type Access = { readonly environment: Readonly<Record<string, string>>; close(): Promise<void> };

/** An ssh-agent of the site's user that holds the key and gives nobody its private part; known hosts that only root writes. */
async function openAccess(
  where: Where,
  { identity, siteId, source, name }: GitOptions,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Access> {
  const programs = ['ssh', 'ssh-agent', 'ssh-add', 'setpriv'].map((each) => findProgram(each));
  const [ssh, agent, add, setpriv] = programs;
  if (ssh === undefined || agent === undefined || add === undefined || setpriv === undefined) throw toolMissing('ssh');
  if (source.hostKey === null)
    throw new AppError('in_use', 'Nobody has confirmed the key of this server.', {
      reason: 'deploy_host_unknown',
      params: { host },
    });
  if (look(privateKeyPath(where, siteId)).type !== 'file')
    throw new AppError('in_use', 'The site has no deploy key yet.', { reason: 'deploy_key_missing' });
  const parent = `${where.prefix}${runFolder}`;
  makeFolders(parent, 0o711);
  const folder = `${parent}/${name}`;
  if (look(folder).type !== 'missing') removeOwnFolder(folder);
  makeFolder(folder, { mode: 0o711 });
  makeFolder(`${folder}/s`, { mode: 0o700, ...(where.isRoot ? identity : {}) });
  const socket = `${folder}/s/agent`;
  put(`${folder}/hosts`, `${port === 22 ? host : `[${host}]:${port}`} ${source.hostKey}\n`);
  put(`${folder}/config`, sshConfig(`${folder}/hosts`, socket));
  let holder: KeyHolder | undefined;
  const close = async (): Promise<void> => {
    await holder?.close();
    removeOwnFolder(folder);
  };
  try {
    const keyPath = privateKeyPath(where, siteId);
    const owner = where.isRoot ? identity : {};
    holder = await startKeyHolder({ programs: { agent, add, setpriv }, socket, keyPath, owner });
  } catch (error) {
    await close();
    throw error;
  }
  return { environment: { GIT_SSH_COMMAND: `${ssh} -F ${folder}/config`, GIT_SSH_VARIANT: 'ssh' }, close };
}

function put(path: string, text: string): void {
  const unsynced = new Unsynced();
  putFile(path, Buffer.from(text), { mode: 0o644 }, 'new', unsynced);
  unsynced.drop();
}

function sshConfig(hosts: string, socket: string): string {
  const options: Readonly<Record<string, string>> = {
    BatchMode: 'yes',
    CanonicalizeHostname: 'no',
    CheckHostIP: 'no',
    ClearAllForwardings: 'yes',
    ConnectTimeout: '20',
    ForwardAgent: 'no',
    GlobalKnownHostsFile: '/dev/null',
    IdentityAgent: socket,
    IdentityFile: 'none',
    PasswordAuthentication: 'no',
    PermitLocalCommand: 'no',
    ProxyCommand: 'none',
    RequestTTY: 'no',
    ServerAliveCountMax: '4',
    ServerAliveInterval: '15',
    StrictHostKeyChecking: 'yes',
    UpdateHostKeys: 'no',
    UserKnownHostsFile: hosts,
  };
  return Object.entries(options)
    .map(([name, value]) => `${name} ${value}\n`)
    .join('');
}

/** Why git could not read the repository, from its own words. */
export function gitFailure(stderr: string, { isTimedOut = false } = {}): AppError {
  const of = (reason: Parameters<typeof failed>[0], params: Readonly<Record<string, string>> = {}): AppError =>
    failed(reason, params);
  if (isTimedOut) return of('deploy_git_timeout');
  // What the repository holds is refused; ssh then complains of the end, too.
  if (/fsck error|index-pack failed/i.test(stderr) && !/File too large|No space left/i.test(stderr))
    return of('deploy_git_failed', { message: lastWords(stderr) });
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed|No .* host key is known/i.test(stderr))
    return of('deploy_host_key_changed');
  if (
    /Permission denied \(|Authentication failed|could not read Username|terminal prompts disabled|HTTP (?:Basic|401|403)|returned error: 40[13]/i.test(
      stderr,
    )
  )
    return of('deploy_access_denied');
  if (/couldn't find remote ref|not our ref|unadvertised object|Remote branch .* not found/i.test(stderr))
    return of('deploy_ref_missing');
  if (/not found|does not exist|does not appear to be a git repository|returned error: 404/i.test(stderr))
    return of('deploy_repository_missing');
  if (
    /Could not resolve host|Connection (?:refused|timed out|reset|closed)|Network is unreachable|No route to host|unable to access|Operation timed out|kex_exchange/i.test(
      stderr,
    )
  )
    return of('deploy_host_unreachable');
  if (/File too large|file size limit/i.test(stderr)) return of('deploy_too_large');
  if (/No space left on device|Disk quota exceeded/i.test(stderr)) return of('disk_full');
  return of('deploy_git_failed', { message: lastWords(stderr) });
}

type GitReason =
  | 'deploy_git_timeout'
  | 'deploy_host_key_changed'
  | 'deploy_access_denied'
  | 'deploy_ref_missing'
  | 'deploy_repository_missing'
  | 'deploy_host_unreachable'
  | 'deploy_too_large'
  | 'disk_full'
  | 'deploy_git_failed';

function failed(reason: GitReason, params: Readonly<Record<string, string>>): AppError {
  return new AppError('in_use', 'git could not read the repository.', { reason, params });
}

function lastWords(text: string): string {
  const lines = text
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return (lines.findLast((line) => /^(fatal|error):/.test(line)) ?? lines.at(-1) ?? '').slice(0, 300);
}

/** Of `git log -1 --format=%H%x00%an%x00%ct%x00%s`. */
export function readCommit(text: string): NonNullable<Deployment['commit']> {
  const [hash = '', author = '', seconds = '', message = ''] = text.trim().split('\0');
  if (!/^[0-9a-f]{40,64}$/.test(hash))
    throw failed('deploy_git_failed', { message: 'git does not say what it has fetched' });
  const plain = (words: string, most: number): string =>
    words.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, ' ').slice(0, most);
  const at = Number(seconds) * 1_000;
  return {
    hash,
    author: plain(author, 100),
    message: plain(message, 200),
    at: Number.isFinite(at) && Math.abs(at) < 8e15 ? new Date(at).toISOString() : null,
  };
}
