import { statfsSync } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import { extractArchive } from '../archives/extract-archive.ts';
import { foreignLimits } from '../archives/limits.ts';
import { backupsFolder } from '../backups/work-of.ts';
import type { Call } from '../core/call.ts';
import type { Machine } from '../core/machine.ts';
import { dataPath, getUpload, getWholeUpload, type UploadRecord } from '../site-archives/uploads.ts';
import { checkSiteFile, lookAtSiteFile, readSecrets, useContent, type SiteFileLook } from './site-file.ts';

/*
 * Files of sites that people send: uploads as those of archives, but of no site yet. Each is of the person who sent it.
 */

/** In the place of a site's id among uploads; no id looks like it. */
export const siteFilesOwner = 'site-files';

type Where = Pick<Machine, 'stateFolder'>;

/** Throws `archive_unknown` for one of somebody else, as for none. */
export function getOwnUpload(where: Where, uploadId: string, { actor }: Pick<Call, 'actor'>): UploadRecord {
  return checkMine(getUpload(where, siteFilesOwner, uploadId), actor.id);
}

export function getOwnWhole(where: Where, uploadId: string, { actor }: Pick<Call, 'actor'>): UploadRecord {
  getOwnUpload(where, uploadId, { actor });
  return getWholeUpload(where, siteFilesOwner, uploadId);
}

function checkMine(record: UploadRecord, actorId: string): UploadRecord {
  if (record.actor === actorId) return record;
  throw new AppError('not_found', 'There is no such archive.', { reason: 'archive_unknown' });
}

export async function inspectSiteFile(where: Where, uploadId: string): Promise<SiteFileLook> {
  return await lookAtSiteFile(dataPath(where, siteFilesOwner, uploadId), backupsFolder(where.stateFolder));
}

/** Values of secret variables in it, by their ids. */
export async function secretsIn(where: Where, uploadId: string): Promise<Readonly<Record<string, string>>> {
  return await readSecrets(dataPath(where, siteFilesOwner, uploadId), backupsFolder(where.stateFolder));
}

/** Left free on the disk of the sites, whatever a file says of itself. */
const reservedBytes = 512 * 1024 * 1024;

/** The files of a site file in a folder that does not exist yet, in one of the agent's own; by the rules for strangers. */
export async function unpackSiteFile(
  where: Pick<Machine, 'settings' | 'isRoot' | 'hasSystemd' | 'stateFolder'>,
  uploadId: string,
  { into, beside, signal, say }: { into: string; beside: string; signal: AbortSignal; say: (line: string) => void },
): Promise<void> {
  const path = dataPath(where, siteFilesOwner, uploadId);
  const keys = backupsFolder(where.stateFolder);
  const { origin, manifest } = await checkSiteFile(path, keys, signal);
  say(
    origin === 'own'
      ? `Made by this panel on ${manifest.createdAt}; nothing was changed since.`
      : `Made on another panel on ${manifest.createdAt}: its signature cannot be checked here.`,
  );
  const { bavail, bsize } = statfsSync(beside);
  const room = bavail * bsize - reservedBytes;
  if (room < manifest.content.bytes)
    throw new AppError('in_use', 'There is not enough room for a copy.', {
      reason: 'copy_no_space',
      params: { neededBytes: manifest.content.bytes + reservedBytes, freeBytes: bavail * bsize },
    });
  const report = await useContent(
    path,
    keys,
    async (input) =>
      await extractArchive({
        input,
        into,
        mode: 'foreign',
        limits: {
          ...foreignLimits,
          totalBytes: Math.min(foreignLimits.totalBytes, room),
          // Long files of nothing pack well; how much comes out is bounded by the room all the same.
          ...(origin === 'own' ? { ratio: Number.POSITIVE_INFINITY } : {}),
        },
        machine: where,
        signal,
      }),
  );
  say(`Unpacked: ${report.files + report.hardlinks} files in ${report.folders} folders, ${report.bytes} bytes.`);
}
