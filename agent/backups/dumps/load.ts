import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createInterface } from 'node:readline';
import { closeFile, openFile } from '../../core/files.ts';
import { startProgram } from '../../core/run.ts';
import { mariadbAccess, postgresAccess, postgresProgram, programOf, type Scratch } from './client.ts';
import { clientFailure, dumpFailed } from './dump-errors.ts';
import { MariadbFilter, type MariadbPieces } from './mariadb-filter.ts';
import type { ServerPlace } from './address.ts';
import { parseHead } from './stream.ts';

/** Loads pieces of a spooled dump into a database that exists. Stops at the first error. */
export async function loadMariadb(
  work: Scratch,
  place: ServerPlace,
  path: string,
  pieces: MariadbPieces,
): Promise<void> {
  const access = mariadbAccess(work, place.address);
  try {
    // Comments stay inside routines; `--binary-mode`: line ends stay as they are, and no command of the client works.
    const flags = ['--batch', '--comments', '--binary-mode', '--max-allowed-packet=1G', '--connect-timeout=10'];
    const args = [...access.args, ...flags, '--', place.database];
    const child = startProgram(programOf('mariadb', 'mysql'), args, {
      ...access.options,
      stdin: 'pipe',
      signal: work.signal,
      isBackground: true,
    });
    child.stdout.resume();
    const filter = new MariadbFilter(pieces, place.database);
    const sent = pipeline(createReadStream(path, { highWaterMark: 256 * 1024 }), filter, child.stdin).catch(
      (error: unknown) => {
        // A client that stopped says why itself.
        const isPipe = error instanceof Error && 'code' in error && String(error.code).startsWith('E');
        if (!isPipe) child.kill();
        return isPipe ? undefined : error;
      },
    );
    const [problem, { code, stderr, isKilled }] = await Promise.all([sent, child.ended]);
    work.signal.throwIfAborted();
    if (problem !== undefined) throw dumpFailed(place.database, problem);
    if (code !== 0 || isKilled) throw clientFailure(place.database, stderr);
  } finally {
    access.release();
  }
}

/** Loads a spooled dump into a database that exists. Stops at the first error. */
export async function loadPostgres(work: Scratch, place: ServerPlace, path: string): Promise<void> {
  const file = openFile(path);
  if (file === undefined) throw dumpFailed(place.database, new Error('the spooled dump is gone'));
  const access = postgresAccess(work, place.address, place.database);
  try {
    const child = startProgram(postgresProgram('psql'), ['-X', '-q', '-v', 'ON_ERROR_STOP=1'], {
      ...access.options,
      stdin: file.fd,
      signal: work.signal,
      isBackground: true,
    });
    child.stdout.resume();
    const { code, stderr, isKilled } = await child.ended;
    work.signal.throwIfAborted();
    if (code !== 0 || isKilled) throw clientFailure(place.database, stderr);
  } finally {
    access.release();
    closeFile(file.fd);
  }
}

/** What stands in the first line of a spooled dump. */
export async function headOf(path: string): Promise<unknown> {
  const stream = createReadStream(path, { end: 1024 * 1024 });
  try {
    for await (const line of createInterface({ input: stream })) return parseHead(line);
    return undefined;
  } finally {
    stream.destroy();
  }
}
