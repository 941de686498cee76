import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { makeFolder, makeFolders, putFile, removeFile, removeOwnFolder, Unsynced } from '../../core/files.ts';
import type { Account } from '../../core/machine.ts';
import { findProgram, startProgram, type Program } from '../../core/run.ts';
import type { BackupWork } from '../work.ts';
import { ask, postgresFolders, postgresProgram, programOf } from './client.ts';
import { dumpFailed } from './dump-errors.ts';
import { accountOf, type ServerAddress } from './address.ts';

/** A server of this run alone: empty, on a socket in a folder of its own, gone with everything in it at `remove`. */
export type Throwaway = { readonly address: ServerAddress; remove(): Promise<void> };

type Work = Pick<BackupWork, 'scratch' | 'folder' | 'signal'>;

/** Where throw-away servers are noted, so that a crash leaves none behind. */
export const throwawaysFolder = (folder: string): string => `${folder}/dumps-throwaway`;

/**
 * Not as the account of the real server: what a hostile dump may make the server do must not reach that one. Folders of
 * the agent are closed to this account, so the data lies in `/var/tmp`; nobody else can look into it.
 */
export async function startThrowaway(
  work: Work,
  engine: 'mariadb' | 'postgresql',
  major: number | undefined,
): Promise<Throwaway> {
  const account = accountOf('nobody');
  const id = randomBytes(6).toString('hex');
  const folder = `/var/tmp/aapanel-proof-${id}`;
  const note = `${throwawaysFolder(work.folder)}/${id}`;
  makeFolders(throwawaysFolder(work.folder));
  await writeNote(note, folder);
  makeFolder(folder, { mode: 0o700, ...idsOf(account) });
  let server: Program | undefined;
  const remove = async (): Promise<void> => {
    server?.kill();
    await server?.ended.catch(() => undefined);
    removeOwnFolder(folder);
    removeFile(note);
  };
  try {
    const user = engine === 'mariadb' ? 'root' : 'postgres';
    const path = engine === 'mariadb' ? `${folder}/socket` : folder;
    const address: ServerAddress = { kind: 'socket', path, user, account: undefined };
    server =
      engine === 'mariadb'
        ? await startMariadb(work, folder, account)
        : await startPostgres(work, folder, account, major);
    server.stdout.resume();
    await untilItAnswers(work, server, { engine, database: engine === 'mariadb' ? '' : 'postgres', address });
    return { address, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function writeNote(path: string, folder: string): Promise<void> {
  const unsynced = new Unsynced();
  putFile(path, Buffer.from(folder), { mode: 0o600 }, 'note', unsynced);
  await unsynced.flush();
}

const idsOf = (account: Account | undefined): { uid: number; gid: number } | Record<string, never> =>
  account === undefined ? {} : { uid: account.uid, gid: account.gid };

/** Ends with us, however we end, and can gain no rights. */
function startAs(work: Work, account: Account | undefined, program: string, args: readonly string[]): Program {
  const options = { cwd: '/', signal: work.signal, isBackground: true, environment: { HOME: '/nonexistent' } };
  const setpriv = findProgram('setpriv');
  if (setpriv === undefined) return startProgram(program, args, { ...options, ...idsOf(account) });
  const ids = account === undefined ? [] : [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups'];
  return startProgram(setpriv, [...ids, '--no-new-privs', '--pdeathsig=KILL', '--', program, ...args], options);
}

async function finish(child: Program, what: string): Promise<void> {
  child.stdout.resume();
  const { code, stderr } = await child.ended;
  if (code !== 0) throw dumpFailed(what, new Error(stderr.slice(-2000)));
}

async function startMariadb(work: Work, folder: string, account: Account | undefined): Promise<Program> {
  const server = programOf('mariadbd', 'mysqld');
  // A server that starts removes temporary tables of others from a folder that it shares with them.
  const files = ['--no-defaults', `--datadir=${folder}/data`, `--tmpdir=${folder}`];
  const install = ['--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve'];
  await finish(startAs(work, account, programOf('mariadb-install-db'), [...files, ...install]), 'mariadb');
  return startAs(work, account, server, [
    ...files,
    `--socket=${folder}/socket`,
    `--pid-file=${folder}/pid`,
    '--skip-networking',
    '--skip-log-bin',
    '--skip-name-resolve',
    '--skip-external-locking',
    `--secure-file-priv=${folder}/data`,
    '--local-infile=0',
    '--event-scheduler=OFF',
    '--performance-schema=OFF',
    '--max-allowed-packet=1G',
    '--innodb-buffer-pool-size=64M',
    '--innodb-strict-mode=OFF',
    '--innodb-flush-log-at-trx-commit=0',
    '--skip-innodb-doublewrite',
  ]);
}

async function startPostgres(
  work: Work,
  folder: string,
  account: Account | undefined,
  major: number | undefined,
): Promise<Program> {
  const withServer = postgresFolders().filter(({ path }) => existsSync(`${path}/initdb`));
  const chosen = withServer.find((each) => each.major === major) ?? withServer[0];
  const bin = chosen === undefined ? postgresProgram('initdb') : `${chosen.path}/initdb`;
  const data = ['-D', `${folder}/data`];
  const init = [...data, '-U', 'postgres', '-A', 'trust', '--no-sync', '--encoding=UTF8', '--locale=C'];
  await finish(startAs(work, account, bin, init), 'postgresql');
  const settings = {
    listen_addresses: '',
    unix_socket_directories: folder,
    fsync: 'off',
    full_page_writes: 'off',
    synchronous_commit: 'off',
    autovacuum: 'off',
    wal_level: 'minimal',
    max_wal_senders: '0',
    max_connections: '10',
    shared_buffers: '32MB',
    jit: 'off',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return startAs(work, account, bin.replace(/initdb$/, 'postgres'), [...data, ...flags]);
}

async function untilItAnswers(work: Work, server: Program, place: Parameters<typeof ask>[1]): Promise<void> {
  let hasEnded = false;
  void server.ended.then(() => (hasEnded = true));
  const endsAt = Date.now() + 60_000;
  for (;;) {
    work.signal.throwIfAborted();
    try {
      await ask(work, place, place.engine === 'mariadb' ? 'select 1;' : `select json_build_array('1');`);
      return;
    } catch (error) {
      if (hasEnded) throw dumpFailed(place.engine, new Error((await server.ended).stderr.slice(-2000)));
      if (Date.now() > endsAt) throw error;
    }
    await wait(100);
  }
}
