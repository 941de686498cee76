import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A real database server of the distribution, of this test alone, on 127.0.0.1 and a Unix socket. */
export type DatabaseServer = {
  readonly engine: 'postgresql' | 'mysql';
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly name: string;
  /** Runs one statement with the engine's own client and gives what it prints. Throws when the client fails. */
  query(sql: string): string;
  stop(): Promise<void>;
};

export type DatabaseServerOptions = { readonly port: number; readonly password: string };

const postgresBin = globSync('/usr/lib/postgresql/*/bin').sort().at(-1) ?? '';
const mariadbServer = ['/usr/sbin/mariadbd', '/usr/sbin/mysqld'].find((path) => existsSync(path)) ?? '';

/** Which servers this machine can start. A test that needs another one is "not run". */
export const hasPostgres = existsSync(join(postgresBin, 'initdb')) && existsSync('/usr/bin/psql');
export const hasMariadb = mariadbServer !== '' && existsSync('/usr/bin/mariadb-install-db');

const name = 'panel';
const user = 'panel';

/** PostgreSQL with a user whose password is checked (SCRAM) and an empty database. Stop it with `stop()`. */
export async function startPostgres({ port, password }: DatabaseServerOptions): Promise<DatabaseServer> {
  const account = accountOf('postgres');
  const folder = makeFolder(account);
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password, { mode: 0o644 });
  const encoding = ['--encoding=UTF8', '--locale=C'];
  const init = ['-D', data, '-U', user, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '--no-sync', ...encoding];
  run(join(postgresBin, 'initdb'), init, account);
  const flags = ['-D', data, '-p', String(port), '-k', folder, '-h', '127.0.0.1', '-F'];
  const server = startServer(join(postgresBin, 'postgres'), flags, account);
  const client = (database: string) => (sql: string) =>
    run('/usr/bin/psql', ['-h', '127.0.0.1', '-p', String(port), '-U', user, '-d', database, '-Atc', sql], undefined, {
      PGPASSWORD: password,
      PGCONNECT_TIMEOUT: '2',
    });
  await waitFor(() => client('postgres')('select 1'), server);
  client('postgres')(`create database ${name}`);
  const stop = () => stopServer(server, folder, 'SIGINT');
  return { engine: 'postgresql', port, user, password, name, query: client(name), stop };
}

/** MariaDB with a user whose password is checked and an empty database. Stop it with `stop()`. */
export async function startMariadb({ port, password }: DatabaseServerOptions): Promise<DatabaseServer> {
  const account = accountOf('mysql');
  const folder = makeFolder(account);
  const data = join(folder, 'data');
  const socket = join(folder, 'socket');
  const install = ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db'];
  run('/usr/bin/mariadb-install-db', install, account);
  const durability = ['--innodb-flush-log-at-trx-commit=0', '--skip-log-bin'];
  const files = [`--datadir=${data}`, `--socket=${socket}`, `--pid-file=${join(folder, 'pid')}`];
  const listen = [`--port=${port}`, '--bind-address=127.0.0.1'];
  const server = startServer(mariadbServer, ['--no-defaults', ...files, ...listen, ...durability], account);
  const root = (sql: string) => run('/usr/bin/mysql', ['--no-defaults', '-u', 'root', '-S', socket, '-e', sql]);
  await waitFor(() => root('select 1'), server);
  root(`create database ${name} character set utf8mb4`);
  root(`create user '${user}'@'%' identified by '${password.replaceAll(/['\\]/g, String.raw`\$&`)}'`);
  root(`grant all on ${name}.* to '${user}'@'%'`);
  const address = ['--no-defaults', '-h', '127.0.0.1', '-P', String(port), '-u', user, '-D', name];
  const query = (sql: string) =>
    run('/usr/bin/mysql', [...address, '--default-character-set=utf8mb4', '-Ne', sql], undefined, {
      MYSQL_PWD: password,
    });
  const stop = () => stopServer(server, folder, 'SIGTERM');
  return { engine: 'mysql', port, user, password, name, query, stop };
}

type Account = { readonly uid: number; readonly gid: number };

/** The servers refuse to run as root: they run as their own user then. Undefined for an ordinary user. */
function accountOf(userName: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${userName}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined || gid === undefined) throw new Error(`there is no user ${userName}`);
  return { uid: Number(uid), gid: Number(gid) };
}

function makeFolder(account: Account | undefined): string {
  const folder = mkdtempSync(join(tmpdir(), 'aapanel-db-'));
  if (account !== undefined) chownSync(folder, account.uid, account.gid);
  chmodSync(folder, 0o755);
  return folder;
}

const locale = { LC_ALL: 'C.UTF-8', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };

function run(program: string, args: string[], account?: Account, env: Record<string, string> = {}): string {
  const options = { ...account, cwd: '/', env: { ...locale, ...env }, encoding: 'utf8', timeout: 60_000 } as const;
  const result = spawnSync(program, args, options);
  if (result.status !== 0) throw new Error(`${program} failed: ${result.stderr ?? ''}`);
  return result.stdout;
}

function startServer(program: string, args: string[], account: Account | undefined): ChildProcess {
  return spawn(program, args, { ...account, cwd: '/', env: locale, stdio: 'ignore' });
}

async function waitFor(attempt: () => unknown, server: ChildProcess): Promise<void> {
  for (let round = 0; ; round += 1) {
    try {
      attempt();
      return;
    } catch (error) {
      if (round > 150 || server.exitCode !== null) throw error;
      await sleep(200);
    }
  }
}

async function stopServer(server: ChildProcess, folder: string, signal: NodeJS.Signals): Promise<void> {
  const ended = new Promise((resolve) => server.once('exit', resolve));
  if (server.exitCode === null && server.signalCode === null) {
    server.kill(signal);
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
}
