import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { makeFolder, putFile, removeOwnFolder, Unsynced } from '../../core/files.ts';
import { findProgram, startProgram, type Program, type ProgramOptions } from '../../core/run.ts';
import type { BackupWork } from '../work.ts';
import { clientFailure, toolMissing } from './dump-errors.ts';
import type { ServerAddress, ServerPlace } from './address.ts';

/*
 * How the clients of both servers are started: no user's settings, and credentials only in a file of root's that lives
 * as long as the program. Names of databases are operands or variables, never options.
 */

export type Scratch = Pick<BackupWork, 'scratch' | 'signal'>;

/** What every client of a server gets. `release` removes the file with the password. */
export type Access = {
  readonly args: readonly string[];
  /** A client goes with us: nobody writes on behind a run that was killed. */
  readonly options: Pick<ProgramOptions, 'diesWithUs' | 'environment' | 'gid' | 'uid'>;
  readonly release: () => void;
};

export function mariadbAccess(work: Scratch, address: ServerAddress): Access {
  const common = ['--default-character-set=utf8mb4'];
  if (address.kind === 'socket') {
    const args = [
      '--no-defaults',
      ...common,
      '--protocol=socket',
      `--socket=${address.path}`,
      `--user=${address.user}`,
    ];
    return { args, options: { diesWithUs: true }, release: () => undefined };
  }
  const way =
    address.socketPath === null
      ? ['--protocol=tcp', `--host=${mariadbHost(address)}`, `--port=${address.port}`]
      : ['--protocol=socket', `--socket=${address.socketPath}`];
  const tls = {
    off: ['--skip-ssl'],
    require: ['--ssl', '--skip-ssl-verify-server-cert'],
    verify: ['--ssl', '--ssl-verify-server-cert', `--ssl-ca=${address.caPath ?? authorities}`],
  }[address.tls];
  const file = secretFile(
    work,
    `[client]\nuser="${optionText(address.user)}"\npassword="${optionText(address.password)}"\n`,
  );
  return {
    args: [`--defaults-file=${file.path}`, ...common, ...way, ...tls],
    options: { diesWithUs: true },
    release: file.remove,
  };
}

/** Where the certificate must be for the name, the client has to be given the name: it knows no other way. */
const mariadbHost = ({ host, hostAddress, tls }: Extract<ServerAddress, { kind: 'credentials' }>): string =>
  tls === 'verify' ? host : (hostAddress ?? host);

/** A value between double quotes in an option file. */
const optionText = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"');

export function postgresAccess(work: Scratch, address: ServerAddress, database: string): Access {
  // By variables, because a name in an argument may be read as a whole connection string.
  const common = { PGDATABASE: database, PGCONNECT_TIMEOUT: '10', PGCLIENTENCODING: 'UTF8', PGUSER: address.user };
  if (address.kind === 'socket') {
    const ids = address.account === undefined ? {} : { uid: address.account.uid, gid: address.account.gid };
    const environment = {
      ...common,
      PGHOST: address.path,
      PGPORT: portIn(address.path),
      HOME: '/nonexistent',
      PGPASSFILE: '/dev/null',
    };
    return { args: [], options: { diesWithUs: true, environment, ...ids }, release: () => undefined };
  }
  const secret = address.password.replaceAll('\\', '\\\\').replaceAll(':', '\\:');
  const file = secretFile(work, `*:*:*:*:${secret}\n`);
  const environment = {
    ...common,
    PGHOST: address.socketPath ?? address.host,
    ...(address.hostAddress === undefined ? {} : { PGHOSTADDR: address.hostAddress }),
    PGPORT: String(address.port),
    PGPASSFILE: file.path,
    HOME: '/nonexistent',
    PGSSLMODE: { off: 'prefer', require: 'require', verify: 'verify-full' }[address.tls],
    ...(address.tls === 'verify' ? { PGSSLROOTCERT: address.caPath ?? authorities } : {}),
  };
  return { args: [], options: { diesWithUs: true, environment }, release: file.remove };
}

/** Of the server whose socket is there: the usual one, or the first where there is only another. */
export function portIn(folder: string): string {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const ports = names.flatMap((name) => /^\.s\.PGSQL\.(\d+)$/.exec(name)?.[1] ?? []).sort();
  return ports.includes('5432') ? '5432' : (ports[0] ?? '5432');
}

/** What the system trusts. libpq of Debian 12 does not know the word `system`. */
const authorities = '/etc/ssl/certs/ca-certificates.crt';

function secretFile(work: Scratch, content: string): { path: string; remove: () => void } {
  const folder = `${work.scratch}/access-${randomBytes(6).toString('hex')}`;
  makeFolder(folder, { mode: 0o700 });
  const unsynced = new Unsynced();
  putFile(`${folder}/secret`, Buffer.from(content), { mode: 0o600 }, 'secret', unsynced);
  unsynced.drop();
  return { path: `${folder}/secret`, remove: () => removeOwnFolder(folder) };
}

/** First of these programs that is there. Throws `backup_tool_missing`. */
export function programOf(...names: readonly [string, ...string[]]): string {
  for (const name of names) {
    const path = findProgram(name);
    if (path !== undefined) return path;
  }
  throw toolMissing(names[0]);
}

const postgresRoot = '/usr/lib/postgresql';

/** Folders with the programs of each installed version, newest first. */
export function postgresFolders(): { readonly major: number; readonly path: string }[] {
  if (!existsSync(postgresRoot)) return [];
  return readdirSync(postgresRoot)
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ major: Number(name), path: `${postgresRoot}/${name}/bin` }))
    .sort((a, b) => b.major - a.major);
}

/** A tool of the server's version, or of the next newer one: an older pg_dump refuses newer servers. */
export function postgresProgram(name: string, major?: number): string {
  const folders = postgresFolders().filter(({ path }) => existsSync(`${path}/${name}`));
  const exact = folders.find((folder) => folder.major === major);
  const newer = folders.findLast((folder) => major !== undefined && folder.major > major);
  const found = exact ?? newer ?? (major === undefined ? folders[0] : undefined);
  if (found !== undefined) return `${found.path}/${name}`;
  return programOf(name);
}

/** Runs SQL as one session and answers the lines it prints, fields split. Throws a `backup_*` reason. */
export async function ask(work: Scratch, place: ServerPlace, sql: string): Promise<string[][]> {
  const { engine, database, address } = place;
  const access = engine === 'mariadb' ? mariadbAccess(work, address) : postgresAccess(work, address, database);
  try {
    const program = engine === 'mariadb' ? startMariadb(work, access, database) : startPsql(work, access);
    program.stdin.end(sql);
    const [output, { code, stderr, isKilled }] = await Promise.all([textOf(program), program.ended]);
    if (isKilled) work.signal.throwIfAborted();
    if (code !== 0) throw clientFailure(database, stderr);
    const lines = output.split('\n').filter((line) => line !== '');
    return engine === 'mariadb'
      ? lines.map((line) => line.split('\t').map(unescaped))
      : lines.map((line) => JSON.parse(line) as string[]);
  } finally {
    access.release();
  }
}

const mostAnswered = 64 * 1024 * 1024;

/** A server that never ends its answer must not fill our memory. */
async function textOf(program: Program): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of program.stdout as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > mostAnswered) program.kill();
    else pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

const askTimeoutMs = 120_000;

/** An empty database name: none is chosen. */
function startMariadb(work: Scratch, access: Access, database: string): Program {
  // A server may ask its client for any file of the client's machine: this one gives none.
  const flags = [
    '--batch',
    '--skip-column-names',
    '--comments',
    '--binary-mode',
    '--connect-timeout=10',
    '--local-infile=0',
  ];
  const args = [...access.args, ...flags, ...(database === '' ? [] : ['--', database])];
  return startProgram(programOf('mariadb', 'mysql'), args, {
    ...access.options,
    stdin: 'pipe',
    signal: work.signal,
    timeoutMs: askTimeoutMs,
  });
}

function startPsql(work: Scratch, access: Access): Program {
  const args = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1'];
  return startProgram(postgresProgram('psql'), args, {
    ...access.options,
    stdin: 'pipe',
    signal: work.signal,
    timeoutMs: askTimeoutMs,
  });
}

/** As `--batch` writes values. */
function unescaped(value: string): string {
  return value.replaceAll(/\\(.)/g, (_, sign: string) => ({ n: '\n', t: '\t', '0': '\0' })[sign] ?? sign);
}

/** Quoted by the engine's rule. */
export function quoted(engine: ServerPlace['engine'], name: string): string {
  return engine === 'mariadb' ? `\`${name.replaceAll('`', '``')}\`` : `"${name.replaceAll('"', '""')}"`;
}

/** A text in SQL. For MariaDB as bytes, whatever the mode says of backslashes. */
export function literal(engine: ServerPlace['engine'], value: string): string {
  if (engine === 'mariadb') return `_utf8mb4 x'${Buffer.from(value).toString('hex')}'`;
  return `'${value.replaceAll("'", "''")}'`;
}
