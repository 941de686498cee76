import { statfsSync } from 'node:fs';
import { maxArchiveBytes, type ArchiveUpload } from '#shared/archives.ts';
import { AppError } from '#shared/errors.ts';
import {
  append,
  closeFile,
  cutFile,
  listNames,
  look,
  makeFolders,
  openForAppend,
  putFile,
  readText,
  removeFile,
  sync,
  Unsynced,
} from '../core/files.ts';
import type { Machine } from '../core/machine.ts';

/*
 * Archives that people send, piece by piece, into the agent's own state: nobody else can read or change one between the
 * look at it and the unpacking. What nobody goes on with is thrown away.
 */

type Where = Pick<Machine, 'stateFolder'>;

export type UploadRecord = {
  readonly uploadId: string;
  readonly siteId: string;
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly actor: string;
  readonly startedAt: number;
};

const mostPerSite = 5;
const keptMs = 24 * 60 * 60 * 1_000;
/** Always left free: the agent's own journal lies there too. */
const reservedBytes = 512 * 1024 * 1024;

const folderOf = ({ stateFolder }: Where, siteId: string): string => `${stateFolder}/uploads/${siteId}`;
const recordPath = (where: Where, siteId: string, id: string): string => `${folderOf(where, siteId)}/${id}.json`;
/** The archive itself. */
export const dataPath = (where: Where, siteId: string, id: string): string => `${folderOf(where, siteId)}/${id}.data`;
/** Folder for a moment, while it is looked at. */
export const lookPath = (where: Where, siteId: string, id: string): string => `${folderOf(where, siteId)}/${id}.look`;

function findUpload(where: Where, siteId: string, uploadId: string): UploadRecord | undefined {
  const text = readText(recordPath(where, siteId, uploadId));
  return text === undefined ? undefined : (JSON.parse(text) as UploadRecord);
}

function shown(where: Where, record: UploadRecord): ArchiveUpload {
  const { uploadId, siteId, fileName, sizeBytes, startedAt } = record;
  const data = look(dataPath(where, siteId, uploadId));
  return {
    id: uploadId,
    fileName,
    sizeBytes,
    receivedBytes: data.type === 'file' ? data.size : 0,
    startedAt: new Date(startedAt).toISOString(),
  };
}

function listRecords(where: Where, siteId: string): UploadRecord[] {
  return listNames(folderOf(where, siteId))
    .flatMap((name) => /^([a-z2-7]{16})\.json$/.exec(name)?.[1] ?? [])
    .flatMap((id) => findUpload(where, siteId, id) ?? [])
    .sort((one, other) => other.startedAt - one.startedAt);
}

/** Newest first. */
export function listUploads(where: Where, siteId: string): ArchiveUpload[] {
  return listRecords(where, siteId).map((record) => shown(where, record));
}

export async function beginUpload(
  machine: Pick<Machine, 'stateFolder' | 'now'>,
  given: Omit<UploadRecord, 'startedAt'>,
): Promise<ArchiveUpload> {
  const { siteId, uploadId, sizeBytes } = given;
  makeFolders(folderOf(machine, siteId));
  const present = findUpload(machine, siteId, uploadId);
  if (present !== undefined) return shown(machine, present);
  dropOld(machine);
  if (listRecords(machine, siteId).length >= mostPerSite)
    throw new AppError('busy', 'Too many archives wait for this site.', {
      reason: 'archive_too_many',
      params: { most: mostPerSite },
    });
  const { bavail, bsize } = statfsSync(machine.stateFolder);
  const freeBytes = bavail * bsize;
  // What others have announced and not sent yet will be needed too.
  const announced = listNames(`${machine.stateFolder}/uploads`)
    .flatMap((id) => listUploads(machine, id))
    .reduce((sum, each) => sum + each.sizeBytes - each.receivedBytes, 0);
  if (freeBytes - reservedBytes - announced < sizeBytes)
    throw new AppError('in_use', 'There is not enough room for the archive.', {
      reason: 'archive_no_room',
      params: { neededBytes: sizeBytes, freeBytes },
    });
  const record: UploadRecord = { ...given, startedAt: machine.now() };
  const unsynced = new Unsynced();
  putFile(
    recordPath(machine, siteId, uploadId),
    Buffer.from(JSON.stringify(record)),
    { mode: 0o600 },
    'upload',
    unsynced,
  );
  await unsynced.flush();
  return shown(machine, record);
}

/** Called under the lock of the site's archives: two at once must not write behind each other. */
export async function writePiece(
  machine: Where,
  { siteId, uploadId, offset, bytes }: { siteId: string; uploadId: string; offset: number; bytes: Buffer },
): Promise<ArchiveUpload> {
  const record = getUpload(machine, siteId, uploadId);
  const { receivedBytes } = shown(machine, record);
  if (offset > receivedBytes)
    throw new AppError('in_use', 'The piece before this one is missing.', {
      reason: 'archive_piece_gap',
      params: { receivedBytes },
    });
  if (offset + bytes.length > record.sizeBytes)
    throw new AppError('too_large', 'The archive is longer than announced.', { reason: 'archive_longer' });
  const news = bytes.subarray(receivedBytes - offset);
  if (news.length === 0) return shown(machine, record);
  const fd = openForAppend(dataPath(machine, siteId, uploadId));
  try {
    append(fd, news);
    if (receivedBytes + news.length === record.sizeBytes) await sync(fd);
  } catch (error) {
    // What reached the disk of it counts for nothing.
    cutFile(fd, receivedBytes);
    throw error;
  } finally {
    closeFile(fd);
  }
  return shown(machine, record);
}

export function getUpload(where: Where, siteId: string, uploadId: string): UploadRecord {
  const record = findUpload(where, siteId, uploadId);
  if (record === undefined) throw new AppError('not_found', 'There is no such archive.', { reason: 'archive_unknown' });
  return record;
}

/** One that was received to its last byte. */
export function getWholeUpload(where: Where, siteId: string, uploadId: string): UploadRecord {
  const record = getUpload(where, siteId, uploadId);
  const { receivedBytes, sizeBytes } = shown(where, record);
  if (receivedBytes !== sizeBytes || sizeBytes > maxArchiveBytes)
    throw new AppError('in_use', 'The archive was not sent to its end.', {
      reason: 'archive_not_whole',
      params: { receivedBytes, sizeBytes },
    });
  return record;
}

export function dropUpload(where: Where, siteId: string, uploadId: string): void {
  const data = dataPath(where, siteId, uploadId);
  // What opens the file of a site goes first.
  removeFile(`${data}.key`);
  removeFile(data);
  removeFile(recordPath(where, siteId, uploadId));
}

function dropOld(machine: Pick<Machine, 'stateFolder' | 'now'>): void {
  for (const siteId of listNames(`${machine.stateFolder}/uploads`))
    for (const { uploadId, startedAt } of listRecords(machine, siteId))
      if (machine.now() - startedAt > keptMs) dropUpload(machine, siteId, uploadId);
}
