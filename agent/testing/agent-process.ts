import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import type { World } from './world.ts';
import { compileCache } from '../../test/compile-cache.ts';

/** The agent as it runs: `main.ts` in a process of its own. */
export type AgentProcess = {
  readonly child: ChildProcess;
  readonly log: () => string;
  readonly ended: Promise<number | null>;
};

export type StartOptions = {
  readonly idleMs?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** Programs that start it, before Node's path: `unshare --net …`. */
  readonly through?: readonly string[];
};

export function startAgent(world: World, options: StartOptions = {}): AgentProcess {
  const { settings } = world;
  const [program = '', ...args] = [...(options.through ?? []), ...settings.program, ...(options.args ?? [])];
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...compileCache,
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      AAPANEL_AGENT_SOCKET: settings.socketPath,
      AAPANEL_AGENT_STATE: settings.stateFolder,
      AAPANEL_AGENT_GROUP: settings.group,
      AAPANEL_AGENT_IDLE_MS: String(options.idleMs ?? 0),
      AAPANEL_AGENT_PREFIX: settings.rootPrefix,
      ...options.environment,
    },
  });
  let log = '';
  child.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  return { child, log: () => log, ended };
}

export async function untilServing(world: World, agent: AgentProcess): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await accepts(world.settings.socketPath))) {
    if (agent.child.exitCode !== null || Date.now() > end) throw new Error(`the agent does not serve: ${agent.log()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A socket that is there is not listened on yet for an instant. */
async function accepts(path: string): Promise<boolean> {
  if (!existsSync(path)) return false;
  return await new Promise((resolve) => {
    const socket = connect({ path }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

export type Answer = { readonly status: number; readonly headers: Record<string, unknown>; readonly json: Reply };
export type Reply = {
  ok?: boolean;
  result?: Record<string, unknown>;
  error?: { code: string; reason?: string; fields?: unknown[] };
};
export type AskOptions = {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

export function envelope(params: unknown = {}, more: object = {}): string {
  const actor = { id: 'tester', name: 'tester' };
  return JSON.stringify({ protocol: 1, params, actor, requestId: 'r-1', deadline: Date.now() + 10_000, ...more });
}

/** One request over the socket; throws when the connection is cut without an answer. */
export async function ask(socketPath: string, action: string, options: AskOptions = {}): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    const sent = request(
      {
        socketPath,
        method: options.method ?? 'POST',
        path: options.path ?? `/v1/actions/${action}`,
        headers: { 'content-type': 'application/json', ...options.headers },
        agent: false,
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, json: JSON.parse(text) as Reply }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(options.body ?? envelope());
  });
}

/** Raw bytes in, raw text out, until the other side closes. */
export async function sendRaw(socketPath: string, bytes: string): Promise<string> {
  return await new Promise((resolve) => {
    let text = '';
    const socket = connect({ path: socketPath }, () => socket.write(bytes));
    socket.setTimeout(15_000, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
  });
}
