import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/*
 * A machine of our own inside this one: mount, network and process namespaces in which /etc, /var and /usr/sbin are copies on
 * write and /www and /run are empty. The agent works on the real paths and nothing of it is left afterwards.
 */

const inside = '--inside-private-machine';

/** Whether this process already runs inside; the flag is taken off the arguments. */
export function isInside(args: string[]): boolean {
  const at = args.indexOf(inside);
  if (at !== -1) args.splice(at, 1);
  return at !== -1;
}

/** Runs this program again inside; answers its exit code. Everything started inside ends with it. */
export async function runInside(program: string, args: readonly string[]): Promise<number> {
  const unshare = ['--mount', '--net', '--pid', '--fork', '--mount-proc', '--kill-child', '--propagation', 'private'];
  const child = spawn('unshare', [...unshare, process.execPath, program, inside, ...args], { stdio: 'inherit' });
  return await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

/** Makes the private file systems; call once, inside. */
export function setUp(): void {
  mount('-t', 'tmpfs', '-o', 'mode=755,size=2g', 'tmpfs', '/mnt');
  for (const folder of ['etc', 'var', 'usr/sbin']) {
    for (const part of ['upper', 'work']) mkdirSync(`/mnt/${folder}/${part}`, { recursive: true });
    const layers = `lowerdir=/${folder},upperdir=/mnt/${folder}/upper,workdir=/mnt/${folder}/work`;
    mount('-t', 'overlay', '-o', layers, 'overlay', `/${folder}`);
  }
  mount('-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', '/run');
  mkdirSync('/mnt/www');
  mkdirSync('/www', { recursive: true });
  mount('--bind', '/mnt/www', '/www');
  must('ip', ['link', 'set', 'lo', 'up']);
  // The distribution's welcome page would answer for names that no site has yet.
  rmSync('/etc/nginx/sites-enabled/default', { force: true });
}

/** Puts a folder of the private machine on the disk that `folder` is on, for what is too much for memory; returns what ends it. */
export function onDisk(folder: string, path: string): () => void {
  const place = join(folder, 'disk', path);
  for (const each of [place, path]) mkdirSync(each, { recursive: true });
  must('cp', ['--archive', `${path}/.`, place]);
  mount('--bind', place, path);
  return () => must('umount', ['--lazy', path]);
}

/** Starts nginx as the distribution does unless it runs. Answers false when there is none. */
export function startNginx(): boolean {
  if (existsSync('/run/nginx.pid')) return true;
  if (spawnSync('/usr/sbin/nginx', ['-v']).status !== 0) return false;
  must('/usr/sbin/nginx', []);
  return true;
}

/** A server that says 404 to names that no site has, unless nginx already has one that is not a site. */
export function addNotFoundServer(): void {
  writeFileSync('/etc/nginx/conf.d/000-nobody.conf', 'server { listen 80 default_server; return 404; }\n');
  if (spawnSync('/usr/sbin/nginx', ['-t']).status !== 0) rmSync('/etc/nginx/conf.d/000-nobody.conf');
  must('/usr/sbin/nginx', ['-s', 'reload']);
}

function mount(...args: string[]): void {
  must('mount', args);
}

export function must(program: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}
