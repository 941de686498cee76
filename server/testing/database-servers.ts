import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A real database server of the distribution, of this test alone, on 127.0.0.1 and a Unix socket. */
export type DatabaseServer = {
  readonly engine: 'postgresql' | 'mysql';
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** An empty database. */
  readonly name: string;
  /** Runs statements with the engine's own client and gives what it prints. Throws when the client fails. */
  query(sql: string, database?: string): string;
  /** Variables that make the panel use one of its databases (default: the empty one). */
  env(database?: string): Record<string, string>;
  url(database?: string): string;
  /** Stops it and keeps its files; `SIGKILL` as a power cut would. */
  halt(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again at the same place. */
  resume(): Promise<void>;
  /** Stops it and removes its files. */
  stop(): Promise<void>;
};

/** `keyPair`: it speaks TLS with this certificate. Without a port a free one is taken. */
export type DatabaseServerOptions = {
  readonly port?: number;
  readonly password: string;
  readonly keyPair?: { readonly certificate: string; readonly key: string };
  /** More options of the server program. */
  readonly flags?: readonly string[];
};

const postgresBin = globSync('/usr/lib/postgresql/*/bin').sort().at(-1) ?? '';
/** That of /usr/bin is a Perl program around it. */
const psql = join(postgresBin, 'psql');
const mariadbServer = ['/usr/sbin/mariadbd', '/usr/sbin/mysqld'].find((path) => existsSync(path)) ?? '';

/** Which servers this machine can start. A test that needs another one is "not run". */
export const hasPostgres = existsSync(join(postgresBin, 'initdb')) && existsSync(psql);
export const hasMariadb = mariadbServer !== '' && existsSync('/usr/bin/mariadb-install-db');

const name = 'panel';
const user = 'panel';
const secure = { mode: 0o600 } as const;

/** PostgreSQL whose user proves itself by password (SCRAM). Nothing is synced to disk: a killed server may lose rows. */
export async function startPostgres(options: DatabaseServerOptions): Promise<DatabaseServer> {
  const { password, keyPair, flags = [] } = options;
  const port = options.port ?? (await freePort());
  const account = accountOf('postgres');
  const folder = makeFolder(account);
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password, { mode: 0o644 });
  const encoding = ['--encoding=UTF8', '--locale=C'];
  const init = ['-D', data, '-U', user, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '--no-sync', ...encoding];
  run(join(postgresBin, 'initdb'), init, account);
  const tls =
    keyPair === undefined
      ? []
      : ['-c', 'ssl=on', ...sslFiles(folder, keyPair, account, '-c', 'ssl_cert_file', 'ssl_key_file')];
  const args = ['-D', data, '-p', String(port), '-k', folder, '-h', '127.0.0.1', '-F', ...tls, ...flags];
  const query = (sql: string, database = name) =>
    run(psql, ['-h', '127.0.0.1', '-p', String(port), '-U', user, '-d', database, '-Atc', sql], undefined, {
      PGPASSWORD: password,
      PGCONNECT_TIMEOUT: '2',
    });
  const running = keepRunning(
    () => startServer(join(postgresBin, 'postgres'), args, account),
    join(folder, `.s.PGSQL.${port}`),
    () => query('select 1', 'postgres'),
  );
  await running.start();
  query(`create database ${name}`, 'postgres');
  return serverOf({ engine: 'postgresql', port, password, query, folder, running, signal: 'SIGINT' });
}

/** MariaDB whose user proves itself by password. Nothing is synced to disk. */
export async function startMariadb(options: DatabaseServerOptions): Promise<DatabaseServer> {
  const { password, keyPair, flags = [] } = options;
  const port = options.port ?? (await freePort());
  const account = accountOf('mysql');
  const folder = makeFolder(account);
  const data = join(folder, 'data');
  const socket = join(folder, 'socket');
  // Another server that starts clears the temporary tables of a shared folder away.
  const places = ['--no-defaults', `--datadir=${data}`, `--tmpdir=${folder}`];
  const install = [...places, '--auth-root-authentication-method=normal', '--skip-test-db'];
  run('/usr/bin/mariadb-install-db', install, account);
  const durability = ['--innodb-flush-log-at-trx-commit=0', '--innodb-flush-method=nosync', '--skip-log-bin'];
  const size = ['--innodb-buffer-pool-size=64M', '--performance-schema=off'];
  const files = [`--socket=${socket}`, `--pid-file=${join(folder, 'pid')}`];
  const listen = [`--port=${port}`, '--bind-address=127.0.0.1'];
  const tls = keyPair === undefined ? [] : sslFiles(folder, keyPair, account, '', '--ssl-cert', '--ssl-key');
  const args = [...places, ...files, ...listen, ...durability, ...size, ...tls, ...flags];
  const root = (sql: string, database = '') =>
    run('/usr/bin/mysql', [
      '--no-defaults',
      '--default-character-set=utf8mb4',
      '-u',
      'root',
      '-S',
      socket,
      '-Ne',
      sql,
      ...(database === '' ? [] : [database]),
    ]);
  const running = keepRunning(
    () => startServer(mariadbServer, args, account),
    socket,
    () => root('select 1'),
  );
  await running.start();
  root(`create database ${name} character set utf8mb4`);
  root(`create user '${user}'@'%' identified by '${password.replaceAll(/['\\]/g, String.raw`\$&`)}'`);
  root(`grant all on *.* to '${user}'@'%'`);
  const query = (sql: string, database = name) => root(sql, database);
  return serverOf({ engine: 'mysql', port, password, query, folder, running, signal: 'SIGTERM' });
}

type Parts = {
  readonly engine: DatabaseServer['engine'];
  readonly port: number;
  readonly password: string;
  readonly query: (sql: string, database?: string) => string;
  readonly folder: string;
  readonly running: Running;
  readonly signal: NodeJS.Signals;
};

function serverOf({ engine, port, password, query, folder, running, signal }: Parts): DatabaseServer {
  const scheme = engine === 'mysql' ? 'mysql' : 'postgresql';
  return {
    engine,
    port,
    user,
    password,
    name,
    query,
    env: (database = name) => ({
      DATABASE_TYPE: engine,
      DB_HOST: '127.0.0.1',
      DB_PORT: String(port),
      DB_USER: user,
      DB_PASSWORD: password,
      DB_NAME: database,
    }),
    url: (database = name) => `${scheme}://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`,
    halt: (given = signal) => running.stop(given),
    resume: () => running.start(),
    async stop() {
      await running.stop(signal);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type Running = { start(): Promise<void>; stop(signal: NodeJS.Signals): Promise<void> };

/** Tried once its socket is there: a client costs more than a look. */
function keepRunning(launch: () => ChildProcess, socket: string, attempt: () => unknown): Running {
  let child: ChildProcess | undefined;
  return {
    async start() {
      let launches = 1;
      child = launch();
      for (let round = 0; ; round += 1) {
        try {
          if (!existsSync(socket)) throw new Error(`${socket} is not there`);
          attempt();
          return;
        } catch (error) {
          if (round > 600) throw error;
          // The port that was free a moment ago may have become somebody's: once more is enough then.
          if (child.exitCode !== null) {
            if (launches === 3) throw error;
            launches += 1;
            child = launch();
          }
          await sleep(50);
        }
      }
    },
    async stop(signal) {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child?.once('exit', resolve));
      child.kill(signal);
      await ended;
    },
  };
}

function sslFiles(
  folder: string,
  keyPair: { readonly certificate: string; readonly key: string },
  account: Account | undefined,
  flag: '-c' | '',
  certificateOption: string,
  keyOption: string,
): string[] {
  const files = { [certificateOption]: keyPair.certificate, [keyOption]: keyPair.key };
  return Object.entries(files).flatMap(([option, text], index) => {
    const path = join(folder, `tls-${index}.pem`);
    writeFileSync(path, text, secure);
    if (account !== undefined) chownSync(path, account.uid, account.gid);
    return flag === '' ? [`${option}=${path}`] : [flag, `${option}=${path}`];
  });
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

/** A port that nobody listens on at this moment, given by the kernel. */
export async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
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
