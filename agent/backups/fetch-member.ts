import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { AppError } from '#shared/errors.ts';
import { append, closeFile, openFile, openForAppend, readAt, removeFile } from '../core/files.ts';
import { treeMember } from './manifest.ts';
import { putJsonFile } from '../core/json-file.ts';
import { readText } from '../core/files.ts';
import { z } from 'zod';
import { readLines } from '../core/lines.ts';
import type { OpenSet } from './restore/seam.ts';
import { runFolder } from './runs.ts';
import type { BackupWork } from './work.ts';

/*
 * One file out of a set into a download, checked against the signed list; it is kept for an hour.
 */

export const downloadMs = 60 * 60 * 1000;
const bytesPath = (folder: string, runId: string): string => `${runFolder(folder, runId)}/download`;
const factsPath = (folder: string, runId: string): string => `${runFolder(folder, runId)}/download.json`;
const factsShape = z.object({ fileName: z.string(), bytes: z.int(), at: z.number() });

type Wanted = { readonly snapshot: string; readonly path: string; readonly bytes: number; readonly sha256: string };

/** Throws `backup_part_unknown`, `backup_member_unknown`, `backup_mismatch`. */
export async function fetchMember(work: BackupWork, set: OpenSet, partName: string, member: string): Promise<void> {
  const wanted = await findWanted(set, partName, member);
  const path = bytesPath(work.folder, work.runId);
  removeFile(path);
  const fd = openForAppend(path);
  try {
    await copyChecked(set.repository.readFile(wanted.snapshot, wanted.path), fd, wanted, work.signal);
  } catch (error) {
    removeFile(path);
    throw error;
  } finally {
    closeFile(fd);
  }
  const fileName = member.slice(member.lastIndexOf('/') + 1);
  await putJsonFile(factsPath(work.folder, work.runId), { fileName, bytes: wanted.bytes, at: work.now() });
}

async function findWanted(set: OpenSet, partName: string, member: string): Promise<Wanted> {
  const part = set.manifest.parts.find(({ name }) => name === partName);
  if (part === undefined)
    throw new AppError('not_found', 'There is no such part.', {
      reason: 'backup_part_unknown',
      params: { part: partName },
    });
  const { snapshot } = part;
  if (part.kind === 'dump') {
    if (member === part.fileName) return { snapshot, path: part.fileName, bytes: part.bytes, sha256: part.sha256 };
    throw memberUnknown(member);
  }
  const list = openFile(await set.membersOf(part));
  const path = Buffer.from(member).toString('base64');
  try {
    for (const line of list === undefined ? [] : readLines(list.fd)) {
      if (!line.includes(path)) continue;
      const found = treeMember.parse(JSON.parse(line.toString('utf8')));
      if (found.path === path && found.type === 'file')
        return { snapshot, path: member, bytes: found.size ?? 0, sha256: found.sha256 ?? '' };
    }
  } finally {
    if (list !== undefined) closeFile(list.fd);
  }
  throw memberUnknown(member);
}

function memberUnknown(member: string): AppError {
  return new AppError('not_found', 'There is no such file in this backup.', {
    reason: 'backup_member_unknown',
    params: { member },
  });
}

async function copyChecked(input: Readable, fd: number, wanted: Wanted, signal: AbortSignal): Promise<void> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of input) {
    const piece = chunk as Buffer;
    signal.throwIfAborted();
    bytes += piece.length;
    if (bytes > wanted.bytes) break;
    hash.update(piece);
    append(fd, piece);
  }
  if (bytes !== wanted.bytes || hash.digest('hex') !== wanted.sha256)
    throw new AppError('internal', 'The file is not what the manifest says.', {
      reason: 'backup_mismatch',
      params: { subject: wanted.path },
    });
}

const pieceBytes = 512 * 1024;

/** A piece of a download. Throws `backup_download_gone`. */
export function readDownload(
  folder: string,
  now: number,
  { runId, offset }: { runId: string; offset: number },
): { fileName: string; bytes: number; base64: string; isEnd: boolean } {
  const text = readText(factsPath(folder, runId));
  const facts = text === undefined ? undefined : factsShape.parse(JSON.parse(text));
  const isOver = facts === undefined || facts.at + downloadMs < now;
  if (isOver && facts !== undefined) removeFile(bytesPath(folder, runId));
  const file = isOver ? undefined : openFile(bytesPath(folder, runId));
  if (file === undefined || facts === undefined)
    throw new AppError('not_found', 'The download is gone.', { reason: 'backup_download_gone' });
  try {
    const piece = readAt(file.fd, offset, pieceBytes);
    const { fileName, bytes } = facts;
    return { fileName, bytes, base64: piece.toString('base64'), isEnd: offset + piece.length >= bytes };
  } finally {
    closeFile(file.fd);
  }
}

/** Removes downloads whose hour is over. */
export function dropOldDownloads(folder: string, now: number, runIds: readonly string[]): void {
  for (const runId of runIds) {
    const text = readText(factsPath(folder, runId));
    if (text !== undefined && factsShape.parse(JSON.parse(text)).at + downloadMs < now)
      removeFile(bytesPath(folder, runId));
  }
}
