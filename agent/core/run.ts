import { spawn, type StdioOptions } from 'node:child_process';
import { accessSync, constants } from 'node:fs';

/*
 * The only place that starts programs. No shell, no search along a PATH that somebody else set, nothing inherited.
 */

const folders = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/bin', '/bin'] as const;

const environment = {
  PATH: folders.join(':'),
  LC_ALL: 'C.UTF-8',
  LANG: 'C.UTF-8',
  HOME: '/root',
  DEBIAN_FRONTEND: 'noninteractive',
  // Says which services would need a restart, and restarts none.
  NEEDRESTART_MODE: 'l',
} as const;

export type RunResult = {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly isTimedOut: boolean;
};

export type RunOptions = {
  readonly timeoutMs: number;
  /** Bytes kept of each stream; the rest is read and dropped. Default 64 KiB. */
  readonly maxOutputBytes?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Descriptor that the program gets as its fd 3. */
  readonly extraFd?: number;
  readonly signal?: AbortSignal;
};

/** Absolute path of a program in the system's own folders; undefined when it is not installed. */
export function findProgram(name: string, prefix = ''): string | undefined {
  if (!/^[a-z0-9][a-z0-9._+-]*$/i.test(name)) throw new TypeError('a program is named without its folder');
  return folders.map((folder) => `${prefix}${folder}/${name}`).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Runs a program to its end; never throws for what the program does. After the timeout its whole group is killed. */
export async function run(program: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  const child = start(program, args, options);
  return await collect(child, options);
}

export type Started = ReturnType<typeof start>;

function start(program: string, args: readonly string[], options: Pick<RunOptions, 'environment' | 'extraFd'>) {
  if (!program.startsWith('/')) throw new TypeError('programs are started by absolute path');
  if (args.some((each) => each.includes('\0'))) throw new TypeError('no NUL in arguments');
  const stdio: StdioOptions = ['ignore', 'pipe', 'pipe'];
  if (options.extraFd !== undefined) stdio.push(options.extraFd);
  // Detached: a process group of its own, so that the timeout reaches grandchildren too.
  return spawn(program, args, { cwd: '/', env: { ...environment, ...options.environment }, stdio, detached: true });
}

async function collect(child: Started, options: RunOptions): Promise<RunResult> {
  const most = options.maxOutputBytes ?? 64 * 1024;
  const stdout = keepUpTo(most);
  const stderr = keepUpTo(most);
  let isTimedOut = false;
  const end = (): void => {
    isTimedOut = true;
    killGroup(child.pid, 'SIGKILL');
  };
  const timer = setTimeout(end, options.timeoutMs);
  options.signal?.addEventListener('abort', end, { once: true });
  try {
    return await new Promise<RunResult>((resolve, reject) => {
      child.stdout?.on('data', stdout.add);
      child.stderr?.on('data', stderr.add);
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, stdout: stdout.text(), stderr: stderr.text(), isTimedOut }));
    });
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', end);
  }
}

function keepUpTo(maxBytes: number): { add: (chunk: Buffer) => void; text: () => string } {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    add(chunk) {
      if (size >= maxBytes) return;
      chunks.push(chunk.subarray(0, maxBytes - size));
      size += chunk.length;
    },
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has just ended.
  }
}

/** Starts a program that outlives this process: session of its own, output into open files. Answers its process id. */
export async function startDetached(
  program: string,
  args: readonly string[],
  options: { outputFd: number; environment?: Readonly<Record<string, string>> },
): Promise<number> {
  if (!program.startsWith('/')) throw new TypeError('programs are started by absolute path');
  const child = spawn(program, args, {
    cwd: '/',
    env: { ...environment, ...options.environment },
    stdio: ['ignore', options.outputFd, options.outputFd],
    detached: true,
  });
  child.unref();
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => resolve(child.pid ?? 0));
  });
}

/** For what a program wrote just before its end. */
const drainMs = 300;

/** Runs a program whose output goes to a file and whose fd 3 (status lines) comes back line by line. */
export async function runWithStatus(
  program: string,
  args: readonly string[],
  options: {
    outputFd: number;
    onStatus: (line: string) => void;
    onStart: (kill: (signal: NodeJS.Signals) => void) => void;
  },
): Promise<number | null> {
  const stdio: StdioOptions = ['ignore', options.outputFd, options.outputFd, 'pipe'];
  const child = spawn(program, args, { cwd: '/', env: environment, stdio, detached: true });
  options.onStart((signal) => killGroup(child.pid, signal));
  let rest = '';
  const status = child.stdio[3];
  child.once('exit', () => setTimeout(() => status?.destroy(), drainMs).unref());
  status?.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = (lines.pop() ?? '').slice(-4096);
    for (const line of lines) options.onStatus(line);
  });
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
    // A daemon that was started on the way may keep the status pipe open for ever.
    child.once('exit', (code) => setTimeout(() => resolve(code), drainMs).unref());
  });
}
