import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileCache } from '../compile-cache.ts';
import { programs } from '../testing/programs.ts';

const root = join(import.meta.dirname, '..', '..');

/** The real panel in a process of its own: real HTTP, SQLite in a temporary folder, the built browser application. */
export type Panel = {
  readonly origin: string;
  readonly dataDir: string;
  /** The link printed at the start; undefined once there is an owner. */
  readonly firstRunLink: string | undefined;
  /** What it printed and logged so far. */
  output(): string;
  /** Ends the process; the data stay. */
  stop(): Promise<void>;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  close(): Promise<void>;
};

export type PanelOptions = {
  /** `fake` by default; `away` is a real agent whose socket does not exist. */
  readonly agent?: 'fake' | 'away';
  readonly port?: number;
  /** Under which name the browser opens it: passkeys need one. `127.0.0.1` by default. */
  readonly host?: 'localhost' | '127.0.0.1';
  readonly dataDir?: string;
  readonly env?: Readonly<Record<string, string>>;
};

export const webDist = process.env['WEB_DIST_DIR'] ?? join(root, 'dist', 'web');

export async function startPanel(options: PanelOptions = {}): Promise<Panel> {
  if (!existsSync(join(webDist, 'index.html'))) throw new Error(`${webDist} is not built: npm run build`);
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'aapanel-e2e-')));
  const port = options.port ?? (await freePort());
  const origin = `http://${options.host ?? '127.0.0.1'}:${port}`;
  const env = {
    ...compileCache,
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    ENVIRONMENT: 'development',
    DEBUG: 'false',
    LOG_LEVEL: 'WARNING',
    LOG_FILE_PATH: join(dataDir, 'panel.log'),
    HOST: '127.0.0.1',
    PUBLIC_URL: origin,
    DATA_DIR: dataDir,
    DATABASE_TYPE: 'sqlite',
    DEV_DATABASE_PATH: join(dataDir, 'panel.db'),
    WEB_DIST_DIR: webDist,
    AAPANEL_AGENT_SOCKET: join(dataDir, 'no-agent.sock'),
    AGENT: options.agent === 'away' ? 'real' : 'fake',
    ...options.env,
  };
  let child: ChildProcess | undefined;
  let printed = '';
  const log = createWriteStream(join(dataDir, 'console.log'), { flags: 'a' });

  async function start(): Promise<void> {
    const from = printed.length;
    const args = [programs.cli, 'start', '--migrate', '--port', String(port)];
    // In the data folder: no `.env` of a developer is read.
    const started = spawn(process.execPath, args, { env, cwd: dataDir, stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    for (const stream of [started.stdout, started.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
        log.write(text);
      });
    }
    for (let tries = 0; ; tries++) {
      if (started.exitCode !== null || tries > 600) throw new Error(`the panel did not start:\n${printed.slice(from)}`);
      const answer = await fetch(`${origin}/health/live`).catch(() => undefined);
      if (answer?.ok === true && printed.slice(from).includes(origin)) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  async function stop(): Promise<void> {
    const ending = child;
    child = undefined;
    if (ending === undefined || ending.exitCode !== null) return;
    const ended = new Promise((resolve) => ending.once('exit', resolve));
    ending.kill('SIGTERM');
    const force = setTimeout(() => ending.kill('SIGKILL'), 3_000);
    await ended;
    clearTimeout(force);
  }

  await start();
  return {
    origin,
    dataDir,
    get firstRunLink() {
      return /http\S+\/first-run#token=\S+/.exec(printed)?.[0];
    },
    output: () => printed,
    stop,
    start,
    async close() {
      await stop();
      log.end();
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
