import { copyFileSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { World } from './world.ts';

/*
 * For tests: programs below the prefix of a world, and applications for them. Without root they run as we do, with root as
 * nginx's user, so the program must lie where that user may read.
 */

/** Puts this Node where applications of the world find it by its name. */
export function installNode({ prefix }: Pick<World, 'prefix'>): void {
  mkdirSync(`${prefix}/usr/bin`, { recursive: true });
  copyFileSync(process.execPath, `${prefix}/usr/bin/node`, constants.COPYFILE_FICLONE);
}

/** Answers with what it is asked for: `/env?NAME`, `/leak`, `/end?CODE`, `/pid`; everything else with its version. */
export const serverText = (version: string): string => `
const http = require('node:http');
const where = process.env.SOCKET ?? Number(process.env.PORT);
const kept = [];
const server = http.createServer((request, response) => {
  const { pathname, search } = new URL(request.url, 'http://x');
  if (pathname === '/env') return response.end(String(process.env[search.slice(1)]));
  if (pathname === '/pid') return response.end(String(process.pid));
  if (pathname === '/uid') return response.end(String(process.getuid()) + ' ' + process.cwd());
  if (pathname === '/say') { console.log(decodeURIComponent(search.slice(1))); return response.end('said'); }
  if (pathname === '/end') { response.end('ends', () => process.exit(Number(search.slice(1)))); return; }
  if (pathname === '/leak') { response.end('leaks'); setInterval(() => kept.push(Buffer.alloc(16 * 1024 * 1024, 1)), 5); return; }
  setTimeout(() => response.end('version ${version}'), Number(search.slice(1) || 0));
});
server.listen(where, process.env.HOST, () => console.log('listens ${version}'));
process.on('SIGTERM', () => { server.close(() => process.exit(0)); server.closeIdleConnections(); });
`;

/** Writes files of a site that everybody may read. */
export function writeApp(
  { prefix }: Pick<World, 'prefix'>,
  root: string,
  files: Readonly<Record<string, string>>,
): void {
  mkdirSync(prefix + root, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    const path = `${prefix}${root}/${name}`;
    mkdirSync(path.slice(0, path.lastIndexOf('/')), { recursive: true });
    writeFileSync(path, text, { mode: 0o755 });
  }
}

/** Ends every supervisor and application of a world; call it before the world is destroyed. */
export function stopApps({ folder }: Pick<World, 'folder'>): void {
  for (const round of ['SIGTERM', 'SIGKILL'] as const) {
    const ours = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && belongs(pid, folder));
    for (const pid of ours) kill(Number(pid), round);
    const endsAt = Date.now() + 3_000;
    while (ours.some((pid) => existsSync(`/proc/${pid}/cwd`)) && Date.now() < endsAt)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
  }
}

function belongs(pid: string, folder: string): boolean {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
    const isSupervisor = readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--supervise\0');
    return environment.includes(folder) && (environment.includes('AAPANEL_APP=') || isSupervisor);
  } catch {
    return false;
  }
}

function kill(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended since.
  }
}
