import { AppError } from '#shared/errors.ts';
import { ByteSource } from '../archives/byte-source.ts';
import { detectContainer, unpack } from '../archives/compression.ts';
import { backupsFolder } from '../backups/work-of.ts';
import type { Machine } from '../core/machine.ts';
import { engineOf } from '../databases/engines/engines.ts';
import { loadStatements, sayLoaded } from '../databases/import/load.ts';
import { connectAs, untilStopped, watchRoom } from '../databases/import/server.ts';
import { dumpLimits, plain } from '../databases/import/source.ts';
import type { DatabaseRecord } from '../databases/records.ts';
import { unseal } from '../databases/seal.ts';
import { dataPath } from '../site-archives/uploads.ts';
import { takenBy, takeOffServer, type Bringing, type BroughtDatabase } from './file-databases.ts';
import { siteFilesOwner } from './incoming.ts';
import { lookAtSiteFile, useDump } from './site-file.ts';

/*
 * Makes the databases of a site file anew and puts their rows in: everything of the dump is said by the new account, which
 * has rights on its own database and on nothing else. Commands of clients are refused, and a stranger's words that the
 * account may not say are refused by the server itself.
 */

type Where = Pick<Machine, 'prefix' | 'stateFolder'>;

export type Loading = {
  readonly uploadId: string;
  /** Aborted when the disk of the server runs full. */
  readonly stop: AbortController;
  readonly say: (line: string) => void;
  /** Written down before anything of the dump is sent. */
  readonly onMade: (made: BroughtDatabase) => Promise<void>;
};

/** Throws `database_import_*`, `database_server_*`, `site_file_damaged`; what was made is for whoever asked. */
export async function loadDatabases(where: Where, bringing: Bringing, loading: Loading): Promise<void> {
  for (const each of bringing.databases ?? []) {
    const record = takenBy(where, bringing, each);
    if (record === undefined) throw new AppError('in_use', 'It was cut off.', { reason: 'database_run_interrupted' });
    // What an attempt before this one left.
    await takeOffServer(where, record, each);
    loading.stop.signal.throwIfAborted();
    await loadOne(where, record, each, loading);
  }
}

async function loadOne(where: Where, record: DatabaseRecord, each: BroughtDatabase, loading: Loading): Promise<void> {
  const { uploadId, stop, say } = loading;
  const { signal } = stop;
  const server = engineOf(record);
  const password = await unseal(where, record.databaseId, record.password);
  const path = dataPath(where, siteFilesOwner, uploadId);
  const folder = backupsFolder(where.stateFolder);
  const { manifest } = await lookAtSiteFile(path, folder);
  const room = await watchRoom(where, record.engine);
  room.check(manifest.databases?.[each.index]?.bytes ?? 0);
  await server.make(where, record, password);
  await loading.onMade({ ...each, isMade: true });
  await server.tryUser(where, record, password);
  const link = await connectAs(where, record, password);
  say(`${record.name}: loading as ${record.user}.`);
  const timer = setInterval(() => {
    try {
      room.check(0);
    } catch (error) {
      stop.abort(error);
    }
  }, 500);
  try {
    const loaded = await untilStopped({ ...where, signal }, link, record, () =>
      useDump(path, folder, each.index, async (content) => {
        const source = new ByteSource(content);
        const container = await detectContainer(source);
        if (container === 'zip') throw new AppError('invalid_request', 'No dump.', { reason: 'site_file_damaged' });
        return await loadStatements(link, record.engine, plain(unpack(source, container, dumpLimits)), signal);
      }),
    );
    sayLoaded(say, record.user, loaded);
  } finally {
    clearInterval(timer);
    link.close();
  }
  // What the dump may have said of the database itself, and of the account, does not count.
  await server.setPassword(where, record, password);
  await server.adopt(where, record, password);
  await server.tryUser(where, record, password);
}
