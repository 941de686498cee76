import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './panel-process.ts';
import { must } from './private-machine.ts';

/* A MariaDB of the private machine, and what is in it. */

const mib = 1024 * 1024;

/** Where root's client finds it, as on a server. */
export async function startMariadb(folder: string): Promise<{ socket: string; stop: () => Promise<void> }> {
  const data = join(folder, 'mariadb');
  // Of an earlier part.
  rmSync(data, { recursive: true, force: true });
  mkdirSync('/run/mysqld', { recursive: true });
  const socket = '/run/mysqld/mysqld.sock';
  must('/usr/bin/mariadb-install-db', [
    '--no-defaults',
    `--datadir=${data}`,
    '--user=root',
    '--auth-root-authentication-method=socket',
  ]);
  const args = [
    '--no-defaults',
    `--datadir=${data}`,
    `--socket=${socket}`,
    '--skip-networking',
    '--user=root',
    '--innodb-flush-log-at-trx-commit=0',
  ];
  const server = spawn('/usr/sbin/mariadbd', args, { stdio: 'ignore' });
  await until(
    'mariadbd',
    () =>
      spawnSync('/usr/bin/mariadb-admin', ['--no-defaults', `--socket=${socket}`, 'ping']).status === 0 || undefined,
    60_000,
  );
  return {
    socket,
    stop: async () => {
      server.kill('SIGTERM');
      if (server.exitCode === null) await new Promise((resolve) => server.once('exit', resolve));
    },
  };
}

/** One table of rows with 1,000 bytes of hexadecimal noise each, in the database `shop`. */
export function fillDatabase(socket: string, sizeMib: number): void {
  const rows = Math.round((sizeMib * mib) / 1_010);
  const noiseColumn = `concat(${Array.from({ length: 8 }, (_, at) => `sha2(concat(seq, '${at}'), 512)`).join(', ')})`;
  const statements = [
    'create database shop character set utf8mb4',
    'create table shop.item (id int primary key, body text not null)',
    `insert into shop.item select seq, left(${noiseColumn}, 1000) from seq_1_to_${rows}`,
  ];
  for (const statement of statements)
    must('/usr/bin/mariadb', [
      '--no-defaults',
      `--socket=${socket}`,
      '-e',
      statement,
      ...(statement.startsWith('create database') ? [] : ['shop']),
    ]);
}

/** Reads come from the disk, not from memory; without the right to it both sides are measured warm. */
export function dropCaches(): void {
  execFileSync('sync');
  try {
    writeFileSync('/proc/sys/vm/drop_caches', '3');
  } catch {
    // Both sides read from memory then.
  }
}
