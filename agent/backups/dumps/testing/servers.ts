import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReportLine } from '#shared/backups.ts';
import type { DumpPart } from '../../manifest.ts';
import type { BackupWork } from '../../work.ts';
import { portIn } from '../client.ts';
import { dumps } from '../dumps.ts';

/*
 * Real servers of the distribution on sockets below a root folder of the test's own, as they stand below `/` on a machine:
 * the agent finds them through its prefix.
 */

export const postgresBin = globSync('/usr/lib/postgresql/*/bin').sort().at(-1) ?? '';
/** The one in /usr/bin is a Perl program of the distribution, which takes five times as long as the client that it starts. */
export const psqlProgram = join(postgresBin, 'psql');
export const hasMariadb = existsSync('/usr/sbin/mariadbd') && existsSync('/usr/bin/mariadb-install-db');
export const hasPostgres = existsSync(join(postgresBin, 'initdb'));

export type TestRoot = {
  readonly prefix: string;
  readonly reports: ReportLine[];
  work(more?: Partial<BackupWork>): BackupWork;
  remove(): void;
};

/** A root folder, and runs that work in it. */
export function makeRoot(): TestRoot {
  const prefix = mkdtempSync(join(tmpdir(), 'aad-'));
  chmodSync(prefix, 0o755);
  const scratch = join(prefix, 'scratch');
  const folder = join(prefix, 'state/backups');
  for (const each of [scratch, folder]) mkdirSync(each, { recursive: true, mode: 0o700 });
  const reports: ReportLine[] = [];
  const work = (more: Partial<BackupWork> = {}): BackupWork => ({
    ...workIn(prefix),
    report: (line) => void reports.push(line),
    ...more,
  });
  return { prefix, reports, work, remove: () => rmSync(prefix, { recursive: true, force: true }) };
}

/** A run that works below a root folder. */
export function workIn(prefix: string): BackupWork {
  const stateFolder = join(prefix, 'state');
  const program = ['/bin/false'] as const;
  const settings = { socketPath: '/nowhere', stateFolder, group: 'root', idleMs: 0, rootPrefix: prefix, program };
  return {
    hasSystemd: false,
    isRoot: true,
    prefix,
    settings,
    stateFolder,
    now: Date.now,
    runId: 'run',
    folder: join(stateFolder, 'backups'),
    scratch: join(prefix, 'scratch'),
    signal: new AbortController().signal,
    log: () => undefined,
    phase: () => undefined,
    report: () => undefined,
  };
}

export type TestServer = {
  readonly process: ChildProcess;
  /** Runs SQL as the superuser and answers what the client prints. */
  sql(text: string, database?: string): string;
  start(): Promise<void>;
  kill(): Promise<void>;
  stop(): Promise<void>;
};

type Account = { readonly uid: number; readonly gid: number };

function accountOf(name: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined || gid === undefined) throw new Error(`there is no user ${name}`);
  return { uid: Number(uid), gid: Number(gid) };
}

const env = { LC_ALL: 'C.UTF-8', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };

function call(
  program: string,
  args: string[],
  input = '',
  account?: Account,
  more: Record<string, string> = {},
): string {
  const options = {
    ...account,
    cwd: '/',
    env: { ...env, ...more },
    encoding: 'utf8',
    input,
    timeout: 600_000,
  } as const;
  const result = spawnSync(program, args, { ...options, maxBuffer: 256 * 1024 * 1024 });
  if (result.status !== 0) throw new Error(`${program} failed: ${result.stderr ?? ''}`);
  return result.stdout.trimEnd();
}

/** What a server shows itself with to those who come over TLS. */
export type ServerPair = { readonly certificate: string; readonly key: string };

/** Files of the server's own. */
function pairFiles(folder: string, pair: ServerPair, account: Account | undefined): { cert: string; key: string } {
  const files = { cert: join(folder, 'server.pem'), key: join(folder, 'server.key') };
  writeFileSync(files.cert, pair.certificate);
  writeFileSync(files.key, pair.key, { mode: 0o600 });
  if (account !== undefined) for (const path of Object.values(files)) chownSync(path, account.uid, account.gid);
  return files;
}

/** MariaDB at `<prefix>/run/mysqld/mysqld.sock`, root by its Unix account. */
export async function startMariadb(root: Pick<TestRoot, 'prefix'>, port = 0, pair?: ServerPair): Promise<TestServer> {
  const account = accountOf('mysql');
  const folder = serverFolder(root, 'run/mysqld', account);
  const socket = join(folder, 'mysqld.sock');
  // A server that starts removes temporary tables of others from a folder that it shares with them.
  const data = [`--datadir=${folder}/data`, `--tmpdir=${folder}`];
  call('/usr/bin/mariadb-install-db', ['--no-defaults', ...data, '--skip-test-db'], '', account);
  const network = port === 0 ? ['--skip-networking'] : [`--port=${port}`, '--bind-address=127.0.0.1'];
  const files = pair === undefined ? undefined : pairFiles(folder, pair, account);
  const tls = files === undefined ? [] : [`--ssl-cert=${files.cert}`, `--ssl-key=${files.key}`];
  const flags = ['--innodb-flush-log-at-trx-commit=0', '--skip-log-bin', '--max-allowed-packet=1G', ...network, ...tls];
  const args = ['--no-defaults', ...data, `--socket=${socket}`, `--pid-file=${folder}/pid`, ...flags];
  const client = ['--no-defaults', '--default-character-set=utf8mb4', '-N', '--comments', '-S', socket, '-u', 'root'];
  const sql = (text: string, database = ''): string =>
    call(
      '/usr/bin/mariadb',
      [...client, '--max-allowed-packet=1G', ...(database === '' ? [] : ['--', database])],
      text,
    );
  return await serve({ program: '/usr/sbin/mariadbd', args, account, sql, socket });
}

/** PostgreSQL at `<prefix>/run/postgresql`, its superuser by its Unix account. */
export async function startPostgres(root: Pick<TestRoot, 'prefix'>, port = 0, pair?: ServerPair): Promise<TestServer> {
  const account = accountOf('postgres');
  const folder = serverFolder(root, 'run/postgresql', account);
  const init = [
    '-D',
    `${folder}/data`,
    '-U',
    'postgres',
    '--auth-local=peer',
    '--auth-host=scram-sha-256',
    '--no-sync',
  ];
  call(join(postgresBin, 'initdb'), [...init, '--encoding=UTF8', '--locale=C'], '', account);
  // The socket's name has the port in it: the agent looks for the usual one.
  const network = port === 0 ? ['-h', ''] : ['-h', '127.0.0.1', '-p', String(port)];
  const files = pair === undefined ? undefined : pairFiles(folder, pair, account);
  const tls =
    files === undefined ? [] : ['-c', 'ssl=on', '-c', `ssl_cert_file=${files.cert}`, '-c', `ssl_key_file=${files.key}`];
  const args = ['-D', `${folder}/data`, '-k', folder, '-F', ...network, ...tls];
  const sql = (text: string, database = 'postgres'): string =>
    call(psqlProgram, ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-f', '-'], text, account, {
      PGHOST: folder,
      PGDATABASE: database,
      PGUSER: 'postgres',
      ...(port === 0 ? {} : { PGPORT: String(port) }),
    });
  const socket = join(folder, `.s.PGSQL.${port === 0 ? 5432 : port}`);
  return await serve({ program: join(postgresBin, 'postgres'), args, account, sql, socket });
}

function serverFolder(root: Pick<TestRoot, 'prefix'>, name: string, account: Account | undefined): string {
  const folder = join(root.prefix, name);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  if (account !== undefined) chownSync(folder, account.uid, account.gid);
  return folder;
}

type Serving = {
  readonly program: string;
  readonly args: string[];
  readonly account: Account | undefined;
  readonly sql: TestServer['sql'];
  readonly socket: string;
};

async function serve({ program, args, account, sql, socket }: Serving): Promise<TestServer> {
  let child: ChildProcess;
  const start = async (): Promise<void> => {
    child = spawn(program, args, { ...account, cwd: '/', env, stdio: 'ignore' });
    for (let round = 0; ; round += 1) {
      try {
        // A client costs more than a look.
        if (!existsSync(socket)) throw new Error(`${socket} is not there`);
        sql('select 1;');
        return;
      } catch (error) {
        if (round > 200 || child.exitCode !== null) throw error;
        await sleep(100);
      }
    }
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  };
  await start();
  return {
    get process() {
      return child;
    },
    sql,
    start,
    kill: async () => await end('SIGKILL'),
    stop: async () => await end(program.endsWith('postgres') ? 'SIGINT' : 'SIGTERM'),
  };
}

/** A client that stays open and is given statements; for what goes on beside a backup. */
export function openClient(root: TestRoot, engine: 'mariadb' | 'postgresql', database: string): ChildProcess {
  const account = engine === 'postgresql' ? accountOf('postgres') : undefined;
  const socket = join(root.prefix, 'run/mysqld/mysqld.sock');
  const mariadb = ['--no-defaults', '-N', '-n', '-S', socket, '-u', 'root', '--', database];
  const folder = join(root.prefix, 'run/postgresql');
  const more = { PGHOST: folder, PGPORT: portIn(folder), PGDATABASE: database, PGUSER: 'postgres' };
  const [program, args] =
    engine === 'mariadb' ? ['/usr/bin/mariadb', mariadb] : [psqlProgram, ['-X', '-q', '-A', '-t']];
  const child = spawn(program, args, {
    ...account,
    cwd: '/',
    env: { ...env, ...more },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.stdin?.on('error', () => undefined);
  return child;
}

/** Inserts pairs, each in one transaction, until it is stopped. */
export function writePairs(root: TestRoot, engine: 'mariadb' | 'postgresql', database: string): () => Promise<void> {
  const client = openClient(root, engine, database);
  const closed = new Promise((resolve) => client.once('close', resolve));
  let isOver = false;
  const writing = (async () => {
    for (let id = 1; !isOver; id += 1) {
      const pair = `insert into a_left values (${id}); insert into z_right values (${id});`;
      const hasRoom = client.stdin?.write(`start transaction; ${pair} commit;\n`);
      if (hasRoom === false)
        await Promise.race([closed, new Promise((resolve) => client.stdin?.once('drain', resolve))]);
    }
  })();
  return async () => {
    isOver = true;
    client.kill();
    await writing;
  };
}

/** Command lines and environments of all processes, as root sees them. */
export function everyProcess(): { readonly args: string; readonly environment: string }[] {
  return globSync('/proc/[0-9]*')
    .filter((path) => path !== `/proc/${process.pid}`)
    .map((path) => ({ args: readSafely(`${path}/cmdline`), environment: readSafely(`${path}/environ`) }));
}

/** How often restores are killed; the runs of 50 are asked for by AAPANEL_KILL_ROUNDS. */
export const killRounds = Number(process.env['AAPANEL_KILL_ROUNDS'] ?? 2);

/** Starts a restore in a process of its own and kills it: somewhere on its way, half of the times in the swap. */
export async function killRestore(
  root: TestRoot,
  partPath: string,
  bytesPath: string,
  round: number,
  spreadMs = 500,
): Promise<void> {
  const script = join(import.meta.dirname, 'restore-child.ts');
  let complaint = '';
  const child = execFile(process.execPath, [script, root.prefix, partPath, bytesPath], (_, __, stderr) => {
    complaint = stderr;
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const journal = join(root.prefix, 'state/backups/dumps-journal');
  const wanted = round % 2 === 0 ? '"swapping"' : '"loading"';
  const isThere = (): boolean =>
    globSync(join(journal, '*.json')).some((path) => existsSync(path) && readSafely(path).includes(wanted));
  while (child.exitCode === null && !isThere()) await sleep(2);
  await sleep(Math.random() * spreadMs);
  child.kill('SIGKILL');
  await ended;
  if (child.exitCode !== null && child.exitCode !== 0) throw new Error(`the restore failed by itself: ${complaint}`);
}

function readSafely(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** Dumps a source and answers its bytes with the part of a manifest that belongs to them. */
export async function dumpOf(work: BackupWork, source: DumpPart['source']): Promise<{ part: DumpPart; bytes: Buffer }> {
  const dump = await dumps.open(work, source);
  const bytes = await buffer(dump.stream);
  const facts = await dump.facts;
  const none = '0'.repeat(64);
  const part = {
    kind: 'dump',
    name: 'database',
    source,
    snapshot: none,
    fileName: dump.fileName,
    ...facts,
  } as const;
  return { part, bytes };
}

export const streamOf = (bytes: Buffer): Readable => Readable.from(pieces(bytes));

function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

export const mariadbSource = (database: string): DumpPart['source'] => ({
  kind: 'database',
  engine: 'mariadb',
  database,
});
export const postgresSource = (database: string): DumpPart['source'] => ({
  kind: 'database',
  engine: 'postgresql',
  database,
});

/** Reason of a rejection. */
export async function reasonOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'none';
  } catch (error) {
    return error instanceof Error && 'reason' in error ? String(error.reason) : String(error);
  }
}

/** Places of throw-away servers that are there now; tests beside this one have theirs too. */
export const proofPlaces = (): string[] => readdirSync('/var/tmp').filter((name) => name.startsWith('aapanel-proof-'));

/** What stands there is somebody else's, who ends in a moment; what was left behind stays. Throws then. */
export async function untilPlacesAreGone(places: readonly string[]): Promise<void> {
  const endsAt = performance.now() + 50_000;
  for (;;) {
    const left = proofPlaces().filter((name) => places.includes(name));
    if (left.length === 0) return;
    if (performance.now() > endsAt) throw new Error(`left behind: ${left.join(', ')}`);
    await sleep(200);
  }
}
