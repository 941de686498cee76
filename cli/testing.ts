import { spawn, spawnSync } from 'node:child_process';
import { cpSync, symlinkSync } from 'node:fs';
import { request, type IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { compileCache } from '../test/compile-cache.ts';
import { programs } from '../test/testing/programs.ts';

/** The real command. */
export const cliMain = programs.cli;

export type Outcome = { readonly code: number | null; readonly out: string; readonly err: string };

/** Runs a command to its end in `cwd` with only the given variables. */
export function runCli(cwd: string, args: readonly string[], env: Record<string, string> = {}, input = ''): Outcome {
  const options = { cwd, env: { ...compileCache, ...env }, input, encoding: 'utf8', timeout: 30_000 } as const;
  const result = spawnSync(process.execPath, [cliMain, ...args], options);
  return { code: result.status, out: result.stdout, err: result.stderr };
}

export type RunningCli = {
  readonly pid: number;
  readonly output: () => string;
  kill(signal: NodeJS.Signals): void;
  /** SIGKILL for it and all that it started. */
  killAll(): void;
  readonly ended: Promise<number | null>;
  /** Resolves once the output matches. Rejects when the command ends first or after 20 s. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
};

/** Starts a command that keeps running; the caller kills it. */
export function startCli(cwd: string, args: readonly string[], env: Record<string, string>): RunningCli {
  return startProgram(process.execPath, [cliMain, ...args], cwd, env);
}

/** `startCli` for any program, such as `unshare` around the command. */
export function startProgram(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string>,
): RunningCli {
  const child = spawn(program, args, {
    cwd,
    env: { ...compileCache, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => (output += text));
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  let hasEnded = false;
  void ended.then(() => (hasEnded = true));
  return {
    pid: child.pid ?? 0,
    output: () => output,
    kill: (signal) => void child.kill(signal),
    killAll() {
      try {
        process.kill(-(child.pid ?? 0), 'SIGKILL');
      } catch {
        // Nothing of it is left.
      }
    },
    ended,
    async waitFor(pattern) {
      for (const started = Date.now(); Date.now() - started < 20_000; ) {
        const match = pattern.exec(output);
        if (match !== null) return match;
        if (hasEnded) break;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error(`${String(pattern)} did not appear in:\n${output}`);
    },
  };
}

/** Copies what the server needs to run into `folder`, as a clone with installed packages would have it. */
export function copyTree(folder: string): void {
  const root = join(import.meta.dirname, '..');
  for (const name of ['cli', 'server', 'shared', 'package.json', '.replit']) {
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
}

/** The answer to a request whose connection is not kept, with everything a test looks at. */
export type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string };

/** One HTTP request on a connection of its own; `Origin` and the panel's header are set as a browser would. */
export function ask(
  base: string,
  method: string,
  path: string,
  { headers = {}, body }: { headers?: Record<string, string>; body?: unknown } = {},
): Promise<Answer> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const sent = {
    ...(method === 'GET' ? {} : { origin: base, 'x-aapanel': '1', 'content-type': 'application/json' }),
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const call = request(`${base}${path}`, { method, headers: sent, agent: false, timeout: 15_000 }, (response) => {
      let received = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (received += part));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: received }),
      );
    });
    call.on('timeout', () => call.destroy(new Error('no answer')));
    call.on('error', reject);
    call.end(text);
  });
}

/** Name and password of the owner that `createOwnerAt` makes. */
export const owner = { name: 'salma', password: 'a long enough password' } as const;

/** Creates the owner with a console link; gives the session cookie as `name=value` and the whole Set-Cookie line. */
export async function createOwnerAt(base: string, link: string): Promise<{ cookie: string; setCookie: string }> {
  const token = /#token=(\S+)/.exec(link)?.[1] ?? '';
  const body = { token, displayName: '', ...owner };
  const answer = await ask(base, 'POST', '/api/v1/first-run', { body });
  const setCookie = answer.headers['set-cookie']?.[0];
  if (answer.status !== 201 || setCookie === undefined) throw new Error(`no owner: ${answer.status} ${answer.body}`);
  return { cookie: setCookie.split(';', 1)[0] ?? '', setCookie };
}
