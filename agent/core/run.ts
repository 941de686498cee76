import { spawn, type StdioOptions } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { constants as systemNumbers } from 'node:os';
import { PassThrough, type Duplex, type Readable, type Writable } from 'node:stream';

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

export type Service = {
  /** Also the number of its session. */
  readonly pid: number;
  /** False: the kernel could not run it. */
  readonly started: Promise<boolean>;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: number | null }>;
  readonly kill: (signal: NodeJS.Signals) => void;
};

/** Starts a program of somebody's as that person's user: its environment is exactly the given one. */
export function startService(
  program: string,
  args: readonly string[],
  options: {
    readonly cwd: string;
    readonly environment: Readonly<Record<string, string>>;
    readonly outputFd: number;
    readonly uid?: number;
    readonly gid?: number;
  },
): Service {
  if (!program.startsWith('/')) throw new TypeError('programs are started by absolute path');
  const { cwd, outputFd, uid, gid } = options;
  const child = spawn(program, args, {
    cwd,
    env: { ...options.environment },
    stdio: ['ignore', outputFd, outputFd],
    detached: true,
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  });
  return {
    pid: child.pid ?? 0,
    started: new Promise((resolve) => {
      child.once('spawn', () => resolve(true));
      child.once('error', () => resolve(false));
    }),
    ended: new Promise((resolve) => {
      child.once('exit', (code, signal) =>
        resolve({ code, signal: signal === null ? null : (systemNumbers.signals[signal] ?? 0) }),
      );
    }),
    kill: (signal) => void child.kill(signal),
  };
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

export type ProgramOptions = {
  /** Default `/`. */
  readonly cwd?: string;
  /** Besides the fixed one. Secrets stand here or in files, never in arguments. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Default none: the program reads nothing. A number is an open file of the caller's. */
  readonly stdin?: 'none' | 'pipe' | number;
  /** A number: an open file that gets the output instead of `stdout`. */
  readonly stdout?: 'pipe' | number;
  readonly uid?: number;
  readonly gid?: number;
  /** Descriptors that the program gets as its fd 3, 4 … */
  readonly extraFds?: readonly number[];
  /** Further descriptors after those: so many ways in both directions, `pipes` here. */
  readonly pipes?: number;
  /** Low processor and disk priority (`nice`, `ionice`). */
  readonly isBackground?: boolean;
  /** The kernel kills it when this process ends, however that happens. */
  readonly diesWithUs?: boolean;
  /** Its whole group is killed then; `ended` says `isKilled`. */
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Sees what it complains of while it runs. */
  readonly onStderr?: (chunk: Buffer) => void;
  /** Bytes kept of what it complains of, from its end. Default 16 KiB. */
  readonly maxStderrBytes?: number;
  /** It is killed when this is true of what it has complained of so far: it would only try again and again. */
  readonly isHopeless?: (stderr: string) => boolean;
};

export type ProgramEnd = {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly stderr: string;
  /** By us: `signal`, `timeoutMs` or `kill`. */
  readonly isKilled: boolean;
};

export type Program = {
  readonly pid: number;
  /** Destroyed at once unless asked for. Errors (the program went away) are swallowed: `ended` tells. */
  readonly stdin: Writable;
  /** Must be read to its end, or destroyed. Ended at once when the output goes to a file. */
  readonly stdout: Readable;
  readonly pipes: readonly Duplex[];
  /** Never rejects for what the program does; rejects when it cannot be started. */
  readonly ended: Promise<ProgramEnd>;
  readonly kill: (signal?: NodeJS.Signals) => void;
};

/** Starts a program whose input and output are streams. The caller waits for `ended`, also after a failure of its own. */
export function startProgram(program: string, args: readonly string[], options: ProgramOptions = {}): Program {
  if (!program.startsWith('/')) throw new TypeError('programs are started by absolute path');
  if (args.some((each) => each.includes('\0'))) throw new TypeError('no NUL in arguments');
  options.signal?.throwIfAborted();
  const [first, ...rest] = [...prefixOf(options), program, ...args];
  const { stdin = 'none', stdout = 'pipe', extraFds = [], pipes = 0 } = options;
  const child = spawn(first ?? program, rest, {
    cwd: options.cwd ?? '/',
    env: { ...environment, ...options.environment },
    stdio: [
      stdin === 'none' ? 'ignore' : stdin,
      stdout,
      'pipe',
      ...extraFds,
      ...Array.from({ length: pipes }, () => 'pipe' as const),
    ],
    detached: true,
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  });
  let isKilled = false;
  const kill = (signal: NodeJS.Signals = 'SIGKILL'): void => {
    isKilled = true;
    killGroup(child.pid, signal);
  };
  const stderr = keepLast(options.maxStderrBytes ?? 16 * 1024);
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr.add(chunk);
    options.onStderr?.(chunk);
    if (options.isHopeless?.(stderr.text()) === true) kill();
  });
  // A program that ends before it read everything: what matters is how it ended.
  child.stdin?.on('error', () => undefined);
  const onAbort = (): void => kill();
  const timer = options.timeoutMs === undefined ? undefined : setTimeout(onAbort, options.timeoutMs);
  options.signal?.addEventListener('abort', onAbort, { once: true });
  const ended = new Promise<ProgramEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stderr: stderr.text(), isKilled }));
  }).finally(() => {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', onAbort);
  });
  // Whoever looks at it later must not make the process end now.
  ended.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    stdin: child.stdin ?? nowhere(),
    stdout: child.stdout ?? nothing(),
    // Node makes each of them a pair of sockets.
    pipes: child.stdio.slice(3 + extraFds.length) as Duplex[],
    ended,
    kill,
  };
}

function prefixOf({ isBackground = false, diesWithUs = false }: ProgramOptions): string[] {
  const setpriv = diesWithUs ? findProgram('setpriv') : undefined;
  const nice = isBackground ? findProgram('nice') : undefined;
  const ionice = isBackground ? findProgram('ionice') : undefined;
  return [
    ...(setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL']),
    ...(nice === undefined ? [] : [nice, '-n', '10']),
    // Idle class; `-t`: where the kernel does not allow it, it runs all the same.
    ...(ionice === undefined ? [] : [ionice, '-c', '3', '-t']),
  ];
}

function keepLast(maxBytes: number): { add: (chunk: Buffer) => void; text: () => string } {
  let kept = Buffer.alloc(0);
  return {
    add(chunk) {
      kept = Buffer.concat([kept, chunk]);
      if (kept.length > maxBytes) kept = kept.subarray(kept.length - maxBytes);
    },
    text: () => kept.toString('utf8'),
  };
}

function nowhere(): Writable {
  const stream = new PassThrough();
  stream.destroy();
  return stream;
}

function nothing(): Readable {
  const stream = new PassThrough();
  stream.end();
  return stream;
}
