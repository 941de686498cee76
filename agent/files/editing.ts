import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, openSync, write as writeFd } from 'node:fs';
import { promisify } from 'node:util';
import { AppError } from '#shared/errors.ts';
import { maxEditBytes, type FileCondition } from '#shared/file-editing.ts';
import { at, linkAt, renameAt, setGroupOf, setModeOf, unlinkAt } from '../core/below.ts';
import { errnoOf } from '../core/files.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import { etagOf, factsOf } from './download.ts';
import { partsToText, textToParts } from './file-names.ts';
import type { FrameReader } from './frames.ts';
import { forbidden, gone, inFolder, taken, told } from './handles.ts';
import { inVersionsOf, keepVersion, tidyVersions } from './versions.ts';

/*
 * A text that was changed in an editor takes the place of the old one in one step: whoever reads the file meets one or the
 * other, whole. What was there goes into its history.
 */

const { O_CREAT, O_DSYNC, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
const writeBytes = promisify(writeFd);
const ownerMayWrite = 0o200n;

export type SaveWish = {
  readonly path: string;
  readonly condition: FileCondition;
  readonly lengthBytes: number;
  /** Who saves, for the history. */
  readonly by: string;
};
export type Saved = {
  readonly sizeBytes: number;
  readonly etag: string;
  readonly modifiedAt: string;
  readonly sha256: string;
};
type Present = ReturnType<typeof lookClosely>;

/** Writes a file below an open folder. Refuses before it reads any bytes where it can be known. */
export async function saveFile(root: number, wish: SaveWish, bytes: FrameReader): Promise<Saved> {
  const parts = textToParts(wish.path);
  const name = parts.pop();
  if (name === undefined) throw gone(wish.path);
  const path = partsToText([...parts, name]);
  return await inFolder(root, parts, async (folder) => {
    check(lookClosely(folder, name), wish.condition, path);
    return await inVersionsOf(root, path, async (versions) => {
      const ownName = `new-${newChangeId()}`;
      // On the disk before it takes the place of another: Node's permission model has no fsync.
      const fd = openSync(at(versions, ownName), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_DSYNC, 0o600);
      try {
        const sha256 = await take(fd, wish.lengthBytes, bytes);
        // It took its time until here: somebody may have been faster.
        const present = lookClosely(folder, name);
        check(present, wish.condition, path);
        becomeLike(fd, present, path);
        if (present === undefined) {
          linkAt(versions, ownName, folder, name);
        } else {
          keepVersion(versions, { folder, name, present, path, by: wish.by });
          renameAt(versions, ownName, folder, name);
        }
        return { ...factsOf(fd), sha256 };
      } catch (error) {
        throw told(error, path);
      } finally {
        closeSync(fd);
        removeIfThere(versions, ownName);
        tidyVersions(root);
      }
    });
  });
}

function lookClosely(folder: number, name: string) {
  return lstatSync(at(folder, name), { bigint: true, throwIfNoEntry: false });
}

/** Throws unless the file is what the one who writes it takes it for, and may be written. */
function check(present: Present, condition: FileCondition, path: string): void {
  if (condition === 'absent') {
    if (present !== undefined) throw taken(path);
    return;
  }
  if (present?.isFile() !== true) throw gone(path);
  if (condition !== 'present' && etagOf(present) !== condition)
    throw new AppError('changed_meanwhile', 'The file is another one by now.', {
      reason: 'file_changed',
      params: { name: path },
    });
  if (present.size > BigInt(maxEditBytes))
    throw new AppError('too_large', 'The file is too large to be edited.', {
      reason: 'file_edit_large',
      params: { name: path, mostBytes: maxEditBytes },
    });
  // A rename would not ask for this right.
  if ((present.mode & ownerMayWrite) === 0n) throw forbidden(path);
}

/** Answers the SHA-256 of what came. */
async function take(fd: number, lengthBytes: number, bytes: FrameReader): Promise<string> {
  const hash = createHash('sha256');
  let received = 0;
  for (;;) {
    const piece = await bytes.next().catch(() => null);
    if (piece === null) break;
    received += piece.length;
    if (received > lengthBytes) break;
    hash.update(piece);
    for (let done = 0; done < piece.length; ) {
      const { bytesWritten } = await writeBytes(fd, piece, done, piece.length - done, null);
      done += bytesWritten;
    }
  }
  if (received !== lengthBytes)
    throw new AppError('in_use', 'Not all of it was sent.', {
      reason: 'file_upload_not_whole',
      params: { receivedBytes: received, sizeBytes: lengthBytes },
    });
  return hash.digest('hex');
}

/** Mode and group of the one that it replaces. A file of another owner would become the site's: that is refused. */
function becomeLike(fd: number, present: Present, path: string): void {
  if (present === undefined) return setModeOf(fd, 0o644);
  const own = fstatSync(fd, { bigint: true });
  if (present.uid !== own.uid) throw forbidden(path);
  if (present.gid !== own.gid) {
    try {
      setGroupOf(fd, Number(own.uid), Number(present.gid));
    } catch {
      throw forbidden(path);
    }
  }
  setModeOf(fd, Number(present.mode & 0o777n));
}

function removeIfThere(folder: number, name: string): void {
  try {
    unlinkAt(folder, name);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}
