import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { request, Agent } from 'node:http';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

export type Code = {
  readonly cli: string;
  readonly agent: string;
  readonly isRelease: boolean;
  readonly webDist: string;
};

/** What a server runs: the bundled release when the browser part was built, else the sources. */
export function findCode(folder: string): Code {
  const webDist = join(root, 'dist', 'web');
  const sources = { cli: join(root, 'cli/main.ts'), agent: join(root, 'agent/main.ts'), isRelease: false, webDist };
  if (!existsSync(join(webDist, 'index.html'))) return sources;
  const out = join(folder, 'release');
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/release.ts'), '--out', out], {
    cwd: root,
    encoding: 'utf8',
    timeout: 120_000,
  });
  if (status !== 0) throw new Error(`the release could not be built: ${stderr.slice(-1000)}`);
  return {
    cli: join(out, 'cli/main.js'),
    agent: join(out, 'agent/main.js'),
    isRelease: true,
    webDist: join(out, 'dist/web'),
  };
}

export type AgentProcess = { readonly process: ChildProcess; readonly socket: string; stop(): Promise<void> };

const agentState = '/var/lib/aapanel-agent';

/**
 * The real agent on the real paths: only inside the private machine. `idleMs` 0: never ends by itself. What it knew from an
 * earlier part is gone.
 */
export async function startAgent(code: Code, folder: string, idleMs = 0): Promise<AgentProcess> {
  const socket = join(folder, `agent-${idleMs}.sock`);
  // What it started in an earlier part may be writing its last line.
  for (const path of [socket, agentState])
    rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  const log = openSync(join(folder, 'agent.log'), 'a');
  const child = spawn(process.execPath, [...agentFlags, code.agent], {
    stdio: ['ignore', log, log],
    env: {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      NODE_ENV: 'production',
      MALLOC_ARENA_MAX: '1',
      AAPANEL_AGENT_SOCKET: socket,
      AAPANEL_AGENT_STATE: agentState,
      AAPANEL_AGENT_GROUP: 'root',
      AAPANEL_AGENT_IDLE_MS: String(idleMs),
    },
  });
  await until('the agent', () => {
    if (child.exitCode !== null)
      throw new Error(`the agent ended with ${child.exitCode}: ${endOf(join(folder, 'agent.log'))}`);
    return existsSync(socket) || undefined;
  });
  return {
    process: child,
    socket,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const killing = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(killing);
    },
  };
}

export type Panel = {
  readonly pid: number;
  readonly origin: string;
  readonly cookie: string;
  readonly dataDir: string;
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  stop(): Promise<void>;
};

export type Answer = {
  readonly status: number;
  readonly body: unknown;
  readonly cookies: readonly string[];
  readonly ms: number;
};

export type PanelOptions = {
  readonly port: number;
  /** Folder of the data; kept between two starts on the same folder. */
  readonly dataDir: string;
  /** Undefined: the fake agent. */
  readonly agentSocket?: string;
  /** Core to pin the process to. */
  readonly core?: number;
  /** Addresses whose `X-Forwarded-For` is believed. Undefined: none. */
  readonly trustedProxies?: string;
};

// As in deploy/systemd/aapanel-agent.service and aapanel.service.
const agentFlags = ['--max-semi-space-size=2'];
const runtimeFlags = ['--expose-gc', '--max-semi-space-size=4', '--bytecode-old-age=1', '--no-maglev'];

/** Starts the web process as in production, but over plain HTTP on loopback, and signs the owner in. */
export async function startPanel(code: Code, options: PanelOptions): Promise<Panel> {
  const { port, dataDir, agentSocket, core, trustedProxies } = options;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const env = {
    PATH: '/usr/bin:/bin',
    NODE_ENV: 'production',
    MALLOC_ARENA_MAX: '1',
    MALLOC_TRIM_THRESHOLD_: '2097152',
    MALLOC_MMAP_THRESHOLD_: '131072',
    MALLOC_TOP_PAD_: '262144',
    ENVIRONMENT: 'production',
    SECRET_KEY: randomBytes(32).toString('hex'),
    DATABASE_TYPE: 'sqlite',
    REQUIRE_HTTPS: 'false',
    HOST: '127.0.0.1',
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    DATA_DIR: dataDir,
    LOG_FILE_PATH: join(dataDir, 'panel.log'),
    WEB_DIST_DIR: code.webDist,
    ...(trustedProxies === undefined ? {} : { TRUSTED_PROXIES: trustedProxies }),
    ...(agentSocket === undefined ? { AGENT: 'fake' } : { AAPANEL_AGENT_SOCKET: agentSocket }),
  };
  const node = [process.execPath, ...runtimeFlags, code.cli];
  const [program = '', ...args] = core === undefined ? node : ['taskset', '-c', String(core), ...node];
  const log = openSync(join(dataDir, 'console.log'), 'a');
  const child = spawn(program, [...args, 'start', '--migrate'], { env, stdio: ['ignore', log, log] });
  const origin = `http://127.0.0.1:${port}`;
  await until(
    'the panel',
    async () => (await send(origin, 'GET', '/health/ready').catch(() => undefined))?.status === 200 || undefined,
  );
  const link = spawnSync(process.execPath, [code.cli, 'link'], { env, encoding: 'utf8' });
  const token = /#token=([\w.~-]+)/.exec(link.stdout)?.[1];
  if (token === undefined) throw new Error(`no link: ${link.stdout}${link.stderr}`);
  const isNew = link.stdout.includes('first-run');
  const signIn = isNew
    ? await send(origin, 'POST', '/api/v1/first-run', {
        token,
        name: 'owner',
        displayName: 'owner',
        password: randomBytes(12).toString('hex'),
      })
    : await send(origin, 'POST', '/api/v1/sign-in/link', { token });
  // The session and the browser's own; one that is taken away has no value.
  const cookie = signIn.cookies
    .map((line) => line.split(';')[0] ?? '')
    .filter((pair) => !pair.endsWith('='))
    .join('; ');
  if (signIn.status >= 300 || cookie === '')
    throw new Error(`sign-in: ${signIn.status} ${JSON.stringify(signIn.body)}`);
  return {
    pid: child.pid ?? 0,
    origin,
    cookie,
    dataDir,
    call: async (method, path, body) => await send(origin, method, path, body, cookie),
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
    },
  };
}

/** What the panel answers; throws when it says no. */
export async function ask<T>(panel: Panel, method: string, path: string, body?: unknown): Promise<T> {
  const { status, body: answer } = await panel.call(method, path, body);
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(answer).slice(0, 500)}`);
  return answer as T;
}

function endOf(path: string): string {
  return readFileSync(path, 'utf8').trim().split('\n').slice(-15).join('\n');
}

const keepAlive = new Agent({ keepAlive: true, maxSockets: 8 });

/** One request as the browser makes it; `ms` from the first byte sent to the last byte received. */
export async function send(
  origin: string,
  method: string,
  path: string,
  body?: unknown,
  cookie?: string,
): Promise<Answer> {
  const from = performance.now();
  return await new Promise((resolve, reject) => {
    const headers: Record<string, string> = { Origin: origin, 'Sec-Fetch-Site': 'same-origin', 'X-Aapanel': '1' };
    if (cookie !== undefined) headers['Cookie'] = cookie;
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    const sent = request(origin + path, { method, headers, agent: keepAlive }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        const isJson = /json/.test(response.headers['content-type'] ?? '') && text !== '';
        const parsed: unknown = isJson ? JSON.parse(text) : text;
        const cookies = response.headers['set-cookie'] ?? [];
        resolve({ status: response.statusCode ?? 0, body: parsed, cookies, ms: performance.now() - from });
      });
    });
    sent.on('error', (error: NodeJS.ErrnoException) => {
      // This program was busy for so long that the panel has closed the idle connection: nothing of it was read.
      if (sent.reusedSocket && error.code === 'ECONNRESET')
        send(origin, method, path, body, cookie).then(resolve, reject);
      else reject(error);
    });
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

export async function until<T>(
  what: string,
  probe: () => T | undefined | Promise<T | undefined>,
  timeoutMs = 20_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
