import { createHash } from 'node:crypto';
import { constants, readdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { AppError } from '#shared/errors.ts';

/*
 * Every pack of a local repository against its name, which is its SHA-256: all stored bytes, as fast as the disk gives
 * them, without the keys. Some are read while one is hashed, so that disk and processor both have work.
 */

const { O_NOFOLLOW, O_RDONLY } = constants;
const readers = 3;
const pieceBytes = 2 * 1024 * 1024;

/** Throws `backup_repository_damaged` naming one that differs. Answers how many bytes were read. */
export async function checkPacks(
  repository: string,
  signal: AbortSignal,
  onProgress: (percent: number) => void,
): Promise<number> {
  const packs = listPacks(`${repository}/data`);
  let at = 0;
  let done = 0;
  let bytes = 0;
  const work = async (): Promise<void> => {
    const piece = Buffer.allocUnsafe(pieceBytes);
    for (let pack = packs[at++]; pack !== undefined; pack = packs[at++]) {
      signal.throwIfAborted();
      const read = await checkPack(pack, piece);
      bytes += read;
      onProgress((++done / packs.length) * 100);
    }
  };
  await Promise.all(Array.from({ length: readers }, work));
  return bytes;
}

function listPacks(data: string): string[] {
  return readdirSync(data, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .sort();
}

async function checkPack(path: string, piece: Buffer): Promise<number> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    await using file = await open(path, O_RDONLY | O_NOFOLLOW);
    for (;;) {
      const { bytesRead } = await file.read(piece, 0, piece.length, null);
      if (bytesRead === 0) break;
      hash.update(piece.subarray(0, bytesRead));
      bytes += bytesRead;
    }
  } catch (cause) {
    throw damaged(cause);
  }
  if (hash.digest('hex') !== path.slice(path.lastIndexOf('/') + 1)) throw damaged(path);
  return bytes;
}

function damaged(cause: unknown): AppError {
  return new AppError('internal', 'A pack of the repository is damaged.', {
    reason: 'backup_repository_damaged',
    cause,
  });
}
