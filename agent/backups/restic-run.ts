import { randomBytes } from 'node:crypto';
import { pipeline, Transform, type Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import type { TargetLimits } from '#shared/backups.ts';
import { AppError } from '#shared/errors.ts';
import { makeFolders, putFile, removeFile, Unsynced } from '../core/files.ts';
import { findProgram, startProgram, type Program } from '../core/run.ts';
import { toolMissing, unreachable, type Access } from './places.ts';
import type { BackupWork } from './work.ts';

/*
 * One way to start restic. Repository and password lie in files that only root reads, for as long as it runs; what it
 * says becomes a reason of ours, without secrets.
 */

export type ResticOptions = {
  readonly cwd?: string;
  readonly stdin?: 'none' | 'pipe';
  /** Where its output goes instead of `stdout`. */
  readonly outputFd?: number;
  /** Bytes of its complaints that are kept. */
  readonly maxStderrBytes?: number;
};

export type Restic = {
  /** Starts one command; `ended` answers exit code and complaints, and throws nothing for them. */
  start(args: readonly string[], options?: ResticOptions): Program;
  /** Runs a command to its end and answers its output. Throws the reason of what it complained of. */
  run(args: readonly string[], options?: ResticOptions): Promise<string>;
  /**
   * As `run`, for a short look that changes nothing. Without a lock first: after it has put one down restic waits a fifth
   * of a second for others, in every command. What fails so is looked at once more under a lock. `again`: called before.
   */
  look(args: readonly string[], options?: ResticOptions, again?: () => void): Promise<string>;
  /** The same work with another password, for the key slots. */
  withPassword(password: string): Restic;
  /** A root-only file with this text for one command. */
  withFile<T>(content: string | Buffer, use: (path: string) => Promise<T>): Promise<T>;
  /** The reason of what restic complained of; logged without secrets. */
  failure(stderr: string): AppError;
};

/**
 * `slotId`: the key slot that the password fits. Each slot that is tried costs restic half a second of one core; without
 * this it tries them in any order. Throws `backup_tool_missing`.
 */
export function createRestic(
  work: BackupWork,
  access: Access,
  password: string,
  limits: Pick<TargetLimits, 'uploadKibPerSecond' | 'downloadKibPerSecond'>,
  slotId = '',
): Restic {
  const program = findProgram('restic');
  if (program === undefined) throw toolMissing('restic');
  const cache = `${work.folder}/cache`;
  makeFolders(cache);
  makeFolders(work.scratch);
  const repositoryFile = keep(work, access.repository);
  const passwordFile = keep(work, password);
  const limit = (name: string, value: number | null): string[] =>
    value === null ? [] : [`--limit-${name}`, `${value}`];
  const global = [
    ...access.options.flatMap((option) => ['-o', option]),
    ...limit('upload', limits.uploadKibPerSecond),
    ...limit('download', limits.downloadKibPerSecond),
  ];
  const environment = {
    ...access.environment,
    RESTIC_REPOSITORY_FILE: repositoryFile,
    RESTIC_PASSWORD_FILE: passwordFile,
    ...(slotId === '' ? {} : { RESTIC_KEY_HINT: slotId }),
    RESTIC_CACHE_DIR: cache,
    RESTIC_PROGRESS_FPS: '0.5',
    TMPDIR: work.scratch,
    // Less memory for a little more time: it runs behind everything else.
    GOGC: '40',
  };
  const scrub = (words: string): string =>
    access.secrets.filter((each) => each !== '').reduce((kept, secret) => kept.replaceAll(secret, '***'), words);
  const restic: Restic = {
    start(args, options = {}) {
      return startProgram(program, [...global, ...args], {
        environment,
        signal: work.signal,
        isBackground: true,
        diesWithUs: true,
        // Against a full disk it tries for a quarter of an hour.
        isHopeless: (stderr) => fullPattern.test(stderr),
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
        ...(options.outputFd === undefined ? {} : { stdout: options.outputFd }),
        maxStderrBytes: options.maxStderrBytes ?? 64 * 1024,
      });
    },
    async run(args, options) {
      const started = restic.start(args, options);
      const [output, end] = await Promise.all([text(started.stdout), started.ended]);
      work.signal.throwIfAborted();
      if (end.code === 0) return output;
      const failure = restic.failure(end.stderr);
      if (failure.reason !== 'backup_target_locked') throw failure;
      return await runUnlocked(work, restic, args, options);
    },
    async look(args, options, again = () => undefined) {
      const started = restic.start(['--no-lock', ...args], options);
      const [output, end] = await Promise.all([text(started.stdout), started.ended]);
      work.signal.throwIfAborted();
      if (end.code === 0) return output;
      again();
      return await restic.run(args, options);
    },
    withPassword: (other) => createRestic(work, access, other, limits),
    async withFile(content, use) {
      const path = keep(work, content);
      try {
        return await use(path);
      } finally {
        removeFile(path);
      }
    },
    failure(stderr) {
      const words = scrub(stderr).trim();
      if (words !== '') work.log(words.split('\n').slice(-20).join('\n').slice(-4_000));
      return failureOf(words);
    },
  };
  return restic;
}

/** How often a lock is looked at again, a second apart: a process that was killed may still be on its way out. */
const lockTries = 5;

/** A lock of a process that was killed goes; one of a living program stays, and is said. */
async function runUnlocked(
  work: BackupWork,
  restic: Restic,
  args: readonly string[],
  options: ResticOptions | undefined,
): Promise<string> {
  work.log('The repository is locked; removing locks of processes that are gone.');
  for (let tries = 1; ; tries += 1) {
    const unlock = restic.start(['unlock']);
    unlock.stdout.resume();
    await unlock.ended;
    const again = restic.start(args, options);
    const [output, end] = await Promise.all([text(again.stdout), again.ended]);
    work.signal.throwIfAborted();
    if (end.code === 0) return output;
    const failure = restic.failure(end.stderr);
    if (failure.reason !== 'backup_target_locked' || tries === lockTries) throw failure;
    await wait(1_000);
  }
}

function keep({ scratch }: BackupWork, content: string | Buffer): string {
  const path = `${scratch}/${randomBytes(9).toString('hex')}`;
  const unsynced = new Unsynced();
  putFile(path, Buffer.from(content), { mode: 0o600 }, 'given', unsynced);
  unsynced.drop();
  return path;
}

const fullPattern = /no space left on device|disk quota exceeded|insufficient storage|EntityTooLarge/i;

const reasons = [
  [fullPattern, 'backup_target_full'],
  [/wrong password or no key found/i, 'backup_wrong_key'],
  [/unable to create lock|already locked|repository is locked/i, 'backup_target_locked'],
  [
    /is there a repository at|unable to open config|unable to open repository|connection refused|no such host|dial tcp|host key verification|permission denied|access denied|forbidden|invalid credentials|ssh command exited|connection lost|unexpected EOF|i\/o timeout|network is unreachable|connection reset|no route to host|repository does not exist/i,
    'backup_target_unreachable',
  ],
  [
    /ciphertext verification failed|pack .* (damaged|not found)|does not match|invalid data returned|repository contains errors|hash mismatch|is damaged|not found in (index|repository)|load\(<|invalid header|EOF|errors were found|damaged/i,
    'backup_repository_damaged',
  ],
] as const;

function failureOf(words: string): AppError {
  const reason = reasons.find(([pattern]) => pattern.test(words))?.[1];
  if (reason === 'backup_target_unreachable') return unreachable(words.slice(-1_000));
  if (reason === undefined)
    return new AppError('internal', 'restic failed.', {
      reason: 'backup_tool_failed',
      params: { tool: 'restic' },
      cause: words.slice(-1_000),
    });
  const code = reason === 'backup_target_locked' ? 'busy' : 'internal';
  return new AppError(code, 'The backup target could not be used.', { reason, cause: words.slice(-1_000) });
}

/**
 * A stream of what a command that only reads writes. It ends when the command has ended well, and fails when it has not.
 * Without a lock: one that a killed run left would be in its way, and what prunes a target holds the panel's own lock of it.
 */
export function outputOf(restic: Restic, args: readonly string[]): Readable {
  const { stdout, ended, kill } = restic.start(['--no-lock', ...args]);
  const output = new Transform({
    transform: (chunk, _, done) => done(null, chunk),
    flush(done) {
      ended.then(({ code, stderr, isKilled }) => {
        if (code === 0) done();
        else done(isKilled && !fullPattern.test(stderr) ? stopped() : restic.failure(stderr));
      }, done);
    },
  });
  pipeline(stdout, output, () => undefined);
  output.once('close', () => kill());
  return output;
}

export function stopped(): AppError {
  return new AppError('busy', 'It was stopped.', { reason: 'backup_run_cancelled' });
}
