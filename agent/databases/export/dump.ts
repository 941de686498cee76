import { randomBytes } from 'node:crypto';
import { finished, pipeline, Transform, type Duplex, type Readable } from 'node:stream';
import { createGzip, createZstdCompress } from 'node:zlib';
import type { ExportWish } from '#shared/database-exports.ts';
import { AppError } from '#shared/errors.ts';
import { mariadbAccess, postgresAccess, postgresProgram, programOf, type Access } from '../../backups/dumps/client.ts';
import { hasEvents } from '../../backups/dumps/mariadb-events.ts';
import { makeFolders, removeOwnFolder } from '../../core/files.ts';
import { startProgram, type Program } from '../../core/run.ts';
import { scratchOf, serverAway, type Where } from '../engines/engine.ts';
import { engineOf } from '../engines/engines.ts';
import { said } from '../import/import-faults.ts';
import type { DatabaseRecord } from '../records.ts';
import { unseal } from '../seal.ts';

/*
 * The server's own dump program, run as the account of the database: what that account may not read is not exported, and
 * what it writes goes straight to whoever asked. Nothing of it lies on a disk, and no more is held than is on its way.
 */

type Exported = { readonly wish: ExportWish; readonly leftOut: readonly string[] };

export type DumpWatch = {
  readonly onBytes: (count: number) => void;
  /** Once; undefined: the dump came to its end and all of it was taken. */
  readonly onEnd: (error: unknown) => void;
};

/** The stream ends only when the program ended well: a part of a dump never passes for a whole one. */
export async function openDump(
  machine: Where,
  record: DatabaseRecord,
  exported: Exported,
  { onBytes, onEnd }: DumpWatch,
): Promise<Readable> {
  const scratch = scratchOf(machine, `export-${randomBytes(6).toString('hex')}`);
  const stop = new AbortController();
  try {
    makeFolders(scratch);
    const { child, access } = await start(machine, record, exported, { scratch, signal: stop.signal });
    const bytes = new Transform({
      highWaterMark,
      transform(chunk: Buffer, _, done) {
        onBytes(chunk.length);
        done(null, chunk);
      },
    });
    pipeline([child.stdout, wholeOrBroken(child), ...packer(exported.wish.format), bytes], () => undefined);
    finished(bytes, (error) => {
      stop.abort();
      // The program reads its password from there until it has signed in.
      const release = (): void => {
        access.release();
        removeOwnFolder(scratch);
      };
      void child.ended.then(release, release);
      onEnd(error == null ? undefined : error instanceof AppError ? error : letGo(error));
    });
    return bytes;
  } catch (error) {
    removeOwnFolder(scratch);
    throw error;
  }
}

const highWaterMark = 256 * 1024;

const letGo = (cause: unknown): AppError =>
  new AppError('internal', 'Nobody took the export any more.', { reason: 'database_export_let_go', cause });

type Scratch = { readonly scratch: string; readonly signal: AbortSignal };

async function start(
  machine: Where,
  record: DatabaseRecord,
  exported: Exported,
  work: Scratch,
): Promise<{ child: Program; access: Access }> {
  const { engine, name, user, databaseId } = record;
  const address = engineOf(record).asUser(machine, user, await unseal(machine, databaseId, record.password));
  const access = engine === 'mariadb' ? mariadbAccess(work, address) : postgresAccess(work, address, name);
  try {
    const [program, args] =
      engine === 'mariadb'
        ? [
            programOf('mariadb-dump', 'mysqldump'),
            mariadbArguments(name, exported, await hasEvents(work, { engine, database: '', address })),
          ]
        : [postgresProgram('pg_dump', await majorOf(machine)), postgresArguments(exported)];
    const options = { ...access.options, isBackground: true, signal: work.signal };
    return { child: startProgram(program, [...access.args, ...args], options), access };
  } catch (error) {
    access.release();
    throw error;
  }
}

function mariadbArguments(database: string, { wish, leftOut }: Exported, isWithEvents: boolean): string[] {
  const { what, tables } = wish;
  const common = ['--single-transaction', '--quick', '--hex-blob', '--tz-utc', '--no-tablespaces'];
  // Routines and events belong to the database and not to a table.
  const code = tables === null ? ['--routines', ...(isWithEvents ? ['--events'] : [])] : [];
  const flags = {
    all: ['--triggers', ...code],
    structure: ['--triggers', ...code, '--no-data'],
    data: ['--no-create-info', '--skip-triggers'],
  }[what];
  const left = tables === null ? leftOut.map((view) => `--ignore-table=${database}.${view}`) : [];
  return [...common, '--max-allowed-packet=1G', ...flags, ...left, '--', database, ...(tables ?? [])];
}

/** Owners and grants name accounts of this server, ours for the console among them; neither is of use elsewhere. */
function postgresArguments({ wish: { what, tables } }: Exported): string[] {
  const common = ['--format=plain', '--no-password', '--encoding=UTF8', '--no-owner', '--no-acl', '--no-subscriptions'];
  const flags = {
    all: ['--clean', '--if-exists'],
    structure: ['--clean', '--if-exists', '--schema-only'],
    data: ['--data-only'],
  }[what];
  const only = (tables ?? []).map((table) => `--table=${patternOf(table)}`);
  return [...common, '--lock-wait-timeout=30s', ...flags, ...only];
}

/** Names come as the server quotes them, and what stands in quotes is no pattern but the name itself. */
function patternOf(table: string): string {
  return /^(?:"(?:[^"]|"")*"|[^".]+)\./.test(table) ? table : `public.${table}`;
}

async function majorOf(machine: Where): Promise<number> {
  const { version } = await engineOf({ engine: 'postgresql' }).look(machine);
  return Number.parseInt(version ?? '', 10);
}

function wholeOrBroken(child: Program): Duplex {
  return new Transform({
    highWaterMark,
    transform: (chunk: Buffer, _, done) => done(null, chunk),
    flush(done) {
      child.ended.then(
        ({ code, stderr, isKilled }) => done(code === 0 && !isKilled ? null : failureOf(stderr)),
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
      );
    },
  });
}

const isAway =
  /Can't connect|\b(2002|2003|2006|2013)\b|Lost connection|server has gone away|connection to server|server closed the connection|terminating connection|the database system is/i;

function failureOf(stderr: string): AppError {
  const cause = new Error(stderr.slice(-2_000));
  if (isAway.test(stderr)) return serverAway(cause);
  return new AppError('in_use', 'The dump did not come to its end.', {
    reason: 'database_export_refused',
    params: { said: said(stderr.replaceAll(/^(?:mariadb-dump|mysqldump|pg_dump): /gm, '')) },
    cause,
  });
}

function packer(format: ExportWish['format']): Duplex[] {
  if (format === 'sql') return [];
  return [format === 'sql.gz' ? createGzip({ level: 5 }) : createZstdCompress()];
}
