import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { defaultSettings } from '#shared/site-defaults.ts';
import type { Call } from '../core/call.ts';
import { logTo, type AgentSettings, type Machine } from '../core/machine.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import { programs } from '../../test/testing/programs.ts';

/** For tests: a machine of our own below one folder, with a real nginx on a port of its own where it is installed. */
export type World = {
  readonly folder: string;
  readonly prefix: string;
  readonly settings: AgentSettings;
  /** Free port that sites of this world listen on. */
  readonly port: number;
  /** Free port for the HTTPS of sites. */
  readonly tlsPort: number;
  readonly path: (path: string) => string;
  startNginx(): void;
  destroy(): void;
};

const nginxProgram = '/usr/sbin/nginx';
export const hasNginx = existsSync(nginxProgram);
const isRoot = process.getuid?.() === 0;

// What the agent says to its log is not for who reads the tests.
logTo(() => undefined);

export type WorldOptions = { readonly nginx?: 'running' | 'stopped' | 'missing' };

export async function makeWorld({ nginx = 'missing' }: WorldOptions = {}): Promise<World> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'aapanel-world-'));
  // Workers of nginx run as another user.
  chmodSync(folder, 0o755);
  const prefix = join(folder, 'root');
  for (const part of ['etc', 'run', 'var/log/nginx', 'var/lib/nginx', 'usr/sbin', 'www'])
    mkdirSync(join(prefix, part), { recursive: true, mode: 0o755 });
  const [port, tlsPort] = [await freePort(), await freePort()];
  const world: World = {
    folder,
    prefix,
    settings: {
      socketPath: join(folder, 'agent.sock'),
      stateFolder: join(folder, 'state'),
      group: 'root',
      idleMs: 0,
      rootPrefix: prefix,
      program: [process.execPath, programs.agent],
      webPorts: { http: port, https: tlsPort },
    },
    port,
    tlsPort,
    path: (path) => prefix + path,
    startNginx() {
      const { status, stderr } = spawnSync(nginxProgram, ['-c', `${prefix}/etc/nginx/nginx.conf`], {
        encoding: 'utf8',
      });
      if (status !== 0) throw new Error(`nginx did not start: ${stderr}`);
    },
    destroy() {
      stopNginx(prefix);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  if (nginx !== 'missing') installNginx(world);
  if (nginx === 'running') world.startNginx();
  return world;
}

/** After the last test: `stops` end what runs below the world besides nginx. */
export async function endWorld(
  world: World,
  machine: Pick<Machine, 'settled' | 'close'>,
  ...stops: readonly ((world: World) => void)[]
): Promise<void> {
  await machine.settled();
  machine.close();
  for (const stop of stops) stop(world);
  world.destroy();
}

/** As the distribution lays it out, with everything below the prefix. */
export function installNginx({ prefix, port }: Pick<World, 'prefix' | 'port'>): void {
  symlinkSync(nginxProgram, `${prefix}/usr/sbin/nginx`);
  mkdirSync(`${prefix}/etc/nginx/conf.d`, { recursive: true });
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `    ${name}_temp_path ${prefix}/var/lib/nginx/${name};`,
  );
  writeFileSync(
    `${prefix}/etc/nginx/nginx.conf`,
    [
      ...(isRoot ? ['user www-data;'] : []),
      'worker_processes 1;',
      `pid ${prefix}/run/nginx.pid;`,
      `error_log ${prefix}/var/log/nginx/error.log;`,
      'events {',
      '    worker_connections 256;',
      '}',
      'http {',
      ...temporary,
      `    access_log ${prefix}/var/log/nginx/access.log;`,
      '    include conf.d/*.conf;',
      '}',
      '',
    ].join('\n'),
  );
  writeFileSync(
    `${prefix}/etc/nginx/conf.d/000-nobody.conf`,
    `server {\n    listen ${port} default_server;\n    return 404 "nobody";\n}\n`,
  );
}

function stopNginx(prefix: string): void {
  const pid = Number(existsSync(`${prefix}/run/nginx.pid`) ? readFileSync(`${prefix}/run/nginx.pid`, 'utf8') : '0');
  if (!(pid > 1) || !readFileSafe(`/proc/${pid}/cmdline`).startsWith('nginx: master')) return;
  process.kill(pid, 'SIGTERM');
  const end = Date.now() + 5_000;
  while (existsSync(`/proc/${pid}/cwd`) && Date.now() < end)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
}

function readFileSafe(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

export async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error()),
      );
    });
  });
}

/** As handlers get it, with a ticket that was taken. */
export function call(seconds = 20): Call {
  return {
    actor: { id: 'tester', name: 'tester' },
    requestId: 'test',
    deadlineAt: Date.now() + seconds * 1_000,
    isElevated: true,
    may: () => true,
  };
}

export function specOf(world: Pick<World, 'port'>, name: string, more: Partial<SiteSpec> = {}): SiteSpec {
  return {
    siteId: newChangeId(),
    slug: name,
    kind: 'static',
    domains: [{ host: name, port: world.port }],
    isEnabled: true,
    root: `/www/wwwroot/${name}`,
    upstream: null,
    customDirectives: '',
    ...defaultSettings,
    ...more,
  };
}

export type Visit = { readonly status: number; readonly body: string };

/** As a visitor asks; status 0 when nobody listens. */
export async function visit(port: number, host: string, path = '/'): Promise<Visit> {
  return await new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port, path, headers: { host }, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    sent.on('error', () => resolve({ status: 0, body: '' }));
    sent.end();
  });
}

/** Every file below the folders: type, mode, sum or target. Equal texts mean equal trees. */
export function snapshot(root: string, folders: readonly string[], without = /^$/): string {
  const lines: string[] = [];
  const walk = (path: string): void => {
    const stats = lstatSync(root + path, { throwIfNoEntry: false });
    if (stats === undefined || without.test(path)) return;
    const mode = (stats.mode & 0o7777).toString(8);
    if (stats.isSymbolicLink()) lines.push(`${path} -> ${readlinkSync(root + path)}`);
    else if (stats.isDirectory()) {
      lines.push(`${path}/ ${mode}`);
      for (const name of readdirSync(root + path).sort()) walk(`${path}/${name}`);
    } else
      lines.push(
        `${path} ${mode} ${createHash('sha256')
          .update(readFileSync(root + path))
          .digest('hex')}`,
      );
  };
  for (const folder of folders) walk(folder);
  return lines.join('\n');
}

export { newChangeId };

/** For so long and a little more nginx lets old workers accept after a reload. */
const oldWorkersMs = 125;

/**
 * Asks until the answer is as wanted, for long enough to be no old worker's any more. For a tenth of a second after a
 * reload nginx lets old workers accept beside the new ones, and an idle one takes every single connection: several are
 * asked at once.
 */
export async function visitUntil(
  port: number,
  host: string,
  isWanted: (seen: Visit) => boolean,
  path = '/',
): Promise<Visit> {
  const end = Date.now() + 3_000;
  for (let since = Number.POSITIVE_INFINITY; ; ) {
    const seen = await Promise.all(Array.from({ length: 6 }, async () => await visit(port, host, path)));
    const other = seen.find((one) => !isWanted(one));
    since = other === undefined ? Math.min(since, Date.now()) : Number.POSITIVE_INFINITY;
    if (Date.now() - since > oldWorkersMs || Date.now() > end) return other ?? seen[0] ?? { status: 0, body: '' };
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
