import { createReadStream } from 'node:fs';
import { createGunzip, createGzip } from 'node:zlib';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { AppError } from '#shared/errors.ts';
import { id } from '#shared/http.ts';
import {
  closeFile,
  errnoOf,
  listNames,
  look,
  makeFolders,
  openLog,
  readText,
  removeFile,
  removeOwnFolder,
  sync,
  Unsynced,
  writeAt,
} from '../core/files.ts';
import { putJsonFile } from '../core/json-file.ts';
import type { Machine } from '../core/machine.ts';
import { dumps } from '../backups/dumps/dumps.ts';
import { dumpPart } from '../backups/manifest.ts';
import type { BackupWork } from '../backups/work.ts';
import { databaseRecord, databasesFolder, type DatabaseRecord } from './records.ts';

/*
 * What is kept of deleted databases, and of databases before something was loaded into them: a folder of root's for each,
 * with the compressed dump and, written last, a note that says that it is whole and whose it was.
 */

/** `kept`: of deleted databases; `copies`: from before an import. */
export type Shelf = 'kept' | 'copies';

const keptNote = z.strictObject({
  removalId: id,
  record: databaseRecord,
  part: dumpPart,
  /** Compressed. */
  keptBytes: z.number(),
  /** Epoch ms. */
  removedAt: z.number(),
});
export type KeptDatabase = z.infer<typeof keptNote>;

type Where = Pick<Machine, 'stateFolder'>;

const folderOf = (where: Where, removalId: string, shelf: Shelf): string =>
  `${databasesFolder(where)}/${shelf}/${removalId}`;
const notePath = (where: Where, removalId: string, shelf: Shelf): string =>
  `${folderOf(where, removalId, shelf)}/kept.json`;
const dumpPath = (where: Where, removalId: string, shelf: Shelf): string =>
  `${folderOf(where, removalId, shelf)}/dump.sql.gz`;

export function findKept(where: Where, removalId: string, shelf: Shelf = 'kept'): KeptDatabase | undefined {
  const text = readText(notePath(where, removalId, shelf), 32 * 1024 * 1024);
  return text === undefined ? undefined : keptNote.parse(JSON.parse(text));
}

/** Throws `database_removal_unknown`. */
export function getKept(where: Where, removalId: string, shelf: Shelf = 'kept'): KeptDatabase {
  const kept = findKept(where, removalId, shelf);
  if (kept === undefined)
    throw new AppError('not_found', 'Nothing is kept of this deletion.', { reason: 'database_removal_unknown' });
  return kept;
}

/** Newest first; one whose database is still there or there again is not among them. */
export function keptDatabases(where: Where, shelf: Shelf = 'kept'): KeptDatabase[] {
  return listNames(`${databasesFolder(where)}/${shelf}`)
    .filter((name) => /^[a-z2-7]{16}$/.test(name))
    .flatMap((removalId) => findKept(where, removalId, shelf) ?? [])
    .sort((one, other) => other.removedAt - one.removedAt);
}

/** Dumps the database whole. Nothing is kept when this throws. */
export async function keepDump(work: BackupWork, record: DatabaseRecord, shelf: Shelf = 'kept'): Promise<KeptDatabase> {
  const removalId = work.runId;
  dropKept(work, removalId, shelf);
  makeFolders(folderOf(work, removalId, shelf));
  const source = { kind: 'database', engine: record.engine, database: record.name } as const;
  const dump = await dumps.open(work, source);
  const packed = createGzip({ level: 3 });
  dump.stream.once('error', (error) => packed.destroy(error));
  packed.once('close', () => dump.stream.destroy());
  const [keptBytes, facts] = await Promise.all([
    writeAll(dumpPath(work, removalId, shelf), dump.stream.pipe(packed)),
    dump.facts,
  ]);
  const none = '0'.repeat(64);
  const part = { kind: 'dump', name: record.name, source, snapshot: none, fileName: dump.fileName, ...facts } as const;
  const kept: KeptDatabase = { removalId, record, part, keptBytes, removedAt: work.now() };
  await putJsonFile(notePath(work, removalId, shelf), kept);
  return kept;
}

async function writeAll(path: string, input: Readable): Promise<number> {
  const fd = openLog(path);
  let offset = 0;
  try {
    for await (const piece of input) {
      writeAt(fd, piece as Buffer, offset);
      offset += (piece as Buffer).length;
    }
    await sync(fd);
    return offset;
  } catch (error) {
    if (errnoOf(error) !== 'ENOSPC') throw error;
    throw new AppError('internal', 'There is no room left on the disk.', { reason: 'disk_full', cause: error });
  } finally {
    closeFile(fd);
    input.destroy();
  }
}

/** The dump as it was made. */
export function readDump(where: Where, removalId: string, shelf: Shelf = 'kept'): Readable {
  const packed = createReadStream(dumpPath(where, removalId, shelf));
  const plain = createGunzip();
  packed.once('error', (error) => plain.destroy(error));
  return packed.pipe(plain);
}

/** For good. The note goes first: a folder without one counts as nothing. */
export function dropKept(where: Where, removalId: string, shelf: Shelf = 'kept'): void {
  const folder = folderOf(where, removalId, shelf);
  if (look(folder).type !== 'folder') return;
  removeFile(notePath(where, removalId, shelf), new Unsynced());
  removeOwnFolder(folder);
}
