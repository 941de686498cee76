import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import type { World } from './world.ts';

/*
 * For tests: PHP-FPM below the prefix of a world, as Debian lays it out. The one program of this machine stands for
 * several versions: each has files, a master and sockets of its own.
 */

const programs = existsSync('/usr/sbin')
  ? readdirSync('/usr/sbin').filter((name) => /^php-fpm\d+\.\d+$/.test(name))
  : [];
const program = programs.at(-1);
/** Whether the distribution's PHP-FPM is installed here. */
export const hasPhp = program !== undefined;

export function installPhp({ prefix }: Pick<World, 'prefix'>, version: string): void {
  if (program === undefined) throw new Error('PHP-FPM is not installed');
  const etc = `${prefix}/etc/php/${version}/fpm`;
  for (const folder of [`${etc}/pool.d`, `${prefix}/run/php`, `${prefix}/var/log`])
    mkdirSync(folder, { recursive: true });
  symlinkSync(`/usr/sbin/${program}`, `${prefix}/usr/sbin/php-fpm${version}`);
  writeFileSync(`${etc}/php.ini`, '; as the distribution left it\n');
  writeFileSync(
    `${etc}/php-fpm.conf`,
    [
      '[global]',
      `pid = ${prefix}/run/php/php${version}-fpm.pid`,
      `error_log = ${prefix}/var/log/php${version}-fpm.log`,
      `include=${etc}/pool.d/*.conf`,
      '',
    ].join('\n'),
  );
}

/** Ends the masters of a world; call it before the world is destroyed. */
export function stopPhp({ prefix }: Pick<World, 'prefix'>): void {
  const folder = `${prefix}/run/php`;
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.pid'))) {
    const pid = Number(readFileSync(`${folder}/${name}`, 'utf8'));
    const isMaster =
      existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(prefix);
    if (!(pid > 1) || !isMaster) continue;
    process.kill(pid, 'SIGTERM');
    const end = Date.now() + 5_000;
    while (existsSync(`/proc/${pid}/cwd`) && Date.now() < end)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
  }
}
