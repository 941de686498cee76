import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from './world.ts';

/** For tests: a server of repositories over SSH, with a real sshd and real git. */
export type GitServer = {
  readonly folder: string;
  readonly url: (name: string) => string;
  /** As `known_hosts` has it. */
  readonly hostKey: string;
  /** Lets this public key read. */
  allow(publicKey: string): void;
  /** A commit on a branch of a repository, made anew when it is not there; answers its hash. A null removes. */
  commit(name: string, files: Readonly<Record<string, string | null>>, branch?: string): string;
  /** git on the work copy of a repository. */
  git(name: string, ...args: string[]): string;
  copyOf(name: string): string;
  stop(): void;
};

export const hasGitServer =
  process.getuid?.() === 0 &&
  ['/usr/bin/git', '/usr/sbin/sshd', '/usr/bin/ssh-agent'].every((each) => existsSync(each));

export async function startGitServer(): Promise<GitServer> {
  const folder = mkdtempSync(join(tmpdir(), 'aapanel-git-'));
  const path = (name: string): string => join(folder, name);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path('host')]);
  writeFileSync(path('keys'), '');
  const port = await freePort();
  mkdirSync('/run/sshd', { recursive: true });
  const settings = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${path('host')}`,
    `AuthorizedKeysFile ${path('keys')}`,
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    `PidFile ${path('sshd.pid')}`,
  ];
  writeFileSync(path('sshd.conf'), settings.join('\n'));
  const sshd: ChildProcess = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', path('sshd.conf')], { stdio: 'ignore' });
  for (let count = 0; count < 200 && !existsSync(path('sshd.pid')); count++) await wait(25);
  const environment = {
    PATH: '/usr/bin:/bin',
    HOME: folder,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Amal',
    GIT_AUTHOR_EMAIL: 'amal@example.test',
    GIT_COMMITTER_NAME: 'Amal',
    GIT_COMMITTER_EMAIL: 'amal@example.test',
  };
  const run = (cwd: string, args: readonly string[]): string =>
    execFileSync('git', args, { cwd, env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  const copyOf = (name: string): string => path(`copies/${name}`);
  const made = (name: string): void => {
    if (existsSync(copyOf(name))) return;
    mkdirSync(copyOf(name), { recursive: true });
    run(copyOf(name), ['init', '--quiet', '-b', 'main']);
    run(folder, ['init', '--quiet', '--bare', '-b', 'main', path(`${name}.git`)]);
    run(copyOf(name), ['remote', 'add', 'origin', path(`${name}.git`)]);
  };
  return {
    folder,
    url: (name) => `ssh://root@127.0.0.1:${port}${path(`${name}.git`)}`,
    hostKey: readFileSync(path('host.pub'), 'utf8').split(' ').slice(0, 2).join(' ').trim(),
    allow: (publicKey) => writeFileSync(path('keys'), `${publicKey}\n`),
    commit(name, files, branch = 'main') {
      made(name);
      const copy = copyOf(name);
      for (const [file, text] of Object.entries(files)) {
        const at = join(copy, file);
        if (text === null) rmSync(at, { recursive: true, force: true });
        else {
          mkdirSync(dirname(at), { recursive: true });
          writeFileSync(at, text);
        }
      }
      run(copy, ['add', '--all', '--force']);
      run(copy, [
        'commit',
        '--quiet',
        '--allow-empty',
        '-m',
        `change of ${Object.keys(files).join(', ').slice(0, 60)}`,
      ]);
      run(copy, ['push', '--quiet', '--force', 'origin', `HEAD:${branch}`]);
      return run(copy, ['rev-parse', 'HEAD']);
    },
    git: (name, ...args) => (made(name), run(copyOf(name), args)),
    copyOf: (name) => (made(name), copyOf(name)),
    stop() {
      // Not politely: it would take its own file away while the folder is removed, which then stops half way.
      sshd.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
