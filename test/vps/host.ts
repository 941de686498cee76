// Runs programs on the test host. Arguments are always a list, never a shell line.
import { spawn } from 'node:child_process';

export type RunResult = { code: number; stdout: string; stderr: string };

export type RunOptions = {
  input?: string;
  timeoutMs?: number;
  env?: Record<string, string>;
  cwd?: string;
};

/** Runs to the end and never throws for an exit code. Ended by SIGKILL after `timeoutMs` (default 120 s, code 124). */
export async function run(program: string, args: string[], options: RunOptions = {}): Promise<RunResult> {
  return await new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.env === undefined ? {} : { env: { ...process.env, ...options.env } }),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    let stdout = '';
    let stderr = '';
    let isTimedOut = false;
    const timer = setTimeout(() => {
      isTimedOut = true;
      child.kill('SIGKILL');
      // Its own children may live on and hold the pipes.
      child.stdout.destroy();
      child.stderr.destroy();
    }, options.timeoutMs ?? 120_000);
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdin.on('error', () => {});
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code: isTimedOut ? 124 : (code ?? 137), stdout, stderr });
    });
    child.stdin.end(options.input ?? '');
  });
}

/** Like `run`, but an exit code other than 0 is an error that carries the end of the output. */
export async function must(program: string, args: string[], options: RunOptions = {}): Promise<string> {
  const result = await run(program, args, options);
  if (result.code !== 0) {
    const output = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-40).join('\n');
    throw new Error(`${program} ${args.join(' ').slice(0, 300)} ended with ${result.code}:\n${output}`);
  }
  return result.stdout;
}

/** Thrown by a probe when asking again is of no use. */
export class GaveUp extends Error {}

/** Asking starts a program or two, and several machines share the processor: the longer it takes, the less often. */
const shortestWaitMs = 100;
const longestWaitMs = 500;

/** Asks again and again (where it matters, `everyMs`) until `probe` answers something other than undefined; its last error ends up in ours. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined>,
  timeoutMs = 30_000,
  everyMs?: number,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  let last: unknown;
  for (let waitMs = shortestWaitMs; ; waitMs = Math.min(waitMs * 1.25, longestWaitMs)) {
    try {
      const answer = await probe();
      if (answer !== undefined) return answer;
    } catch (error) {
      if (error instanceof GaveUp) throw error;
      last = error;
    }
    if (Date.now() > end) throw new Error(`waited ${timeoutMs} ms for: ${what}`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, everyMs ?? waitMs));
  }
}
