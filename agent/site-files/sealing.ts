import { argon2 } from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';
import { AppError } from '#shared/errors.ts';
import { ByteSource } from '../archives/byte-source.ts';
import { newHead, readHead, seal, unseal } from '../backups/portable/envelope.ts';
import { closeFile, openFile, putFile, readBytes, Unsynced } from '../core/files.ts';
import { filePieces } from '../core/file-pieces.ts';

/*
 * A site file under a passphrase: all of it in the envelope that exports of backups travel in. The key comes from the
 * passphrase by argon2id, bound to the id of this one file; the passphrase itself is kept nowhere.
 */

const runArgon2 = promisify(argon2);
const magic = Buffer.from('aapanel-export/1\n');

async function keyOf(passphrase: string, fileId: string): Promise<Buffer> {
  return await runArgon2('argon2id', {
    message: passphrase.normalize('NFKC'),
    nonce: Buffer.from(`aapanel-site/1 ${fileId}`),
    // RFC 9106 (4), as for the passwords of people.
    memory: 65_536,
    passes: 3,
    parallelism: 1,
    tagLength: 32,
  });
}

/** As the record of an export keeps it until the file is made. */
export type Sealing = { readonly fileId: string; readonly key: string };

export async function sealingOf(passphrase: string, fileId: string): Promise<Sealing> {
  return { fileId, key: (await keyOf(passphrase, fileId)).toString('base64') };
}

/** The sealed file, from the plain one. Each time with a salt of its own: no two files have one key. */
export function sealed({ fileId, key }: Sealing, plain: AsyncIterable<Buffer>, now: number): AsyncGenerator<Buffer> {
  const head = newHead({ setId: fileId, createdAt: new Date(now).toISOString(), recoveryKeyId: fileId });
  return seal(Buffer.from(key, 'base64'), head, plain);
}

/** Where the key of a file waits that somebody has opened; it goes with the file. */
export const keyPathOf = (path: string): string => `${path}.key`;

const kept = z.base64().length(44);

/** The plain bytes of what may be a sealed file. Throws `site_file_locked` for one that nobody has opened. */
export async function openPlain(path: string, source: ByteSource): Promise<{ isSealed: boolean; plain: ByteSource }> {
  if (!(await source.peek(magic.length)).equals(magic)) return { isSealed: false, plain: source };
  const key = readBytes(keyPathOf(path), 100);
  if (key === undefined)
    throw new AppError('not_allowed', 'The file is opened by a passphrase.', { reason: 'site_file_locked' });
  const head = await readHead(source);
  return {
    isSealed: true,
    plain: new ByteSource(unseal(Buffer.from(kept.parse(key.toString()), 'base64'), head, source)),
  };
}

/** Tries the passphrase and keeps what opens the file beside it. Throws `site_file_passphrase`, `site_file_unknown`. */
export async function unlock(path: string, passphrase: string): Promise<void> {
  const file = openFile(path);
  if (file === undefined) throw new AppError('not_found', 'There is no such archive.', { reason: 'archive_unknown' });
  try {
    const source = new ByteSource(filePieces(file.fd));
    const head = await readHead(source).catch((cause: unknown) => {
      throw new AppError('invalid_request', 'This is no sealed file of a site.', {
        reason: 'site_file_unknown',
        cause,
      });
    });
    const key = await keyOf(passphrase, head.head.setId);
    await unseal(key, head, source)
      .next()
      .catch((cause: unknown) => {
        throw new AppError('not_allowed', 'The passphrase does not open the file.', {
          reason: 'site_file_passphrase',
          cause,
        });
      });
    const unsynced = new Unsynced();
    putFile(keyPathOf(path), Buffer.from(key.toString('base64')), { mode: 0o600 }, 'key', unsynced);
    unsynced.drop();
  } finally {
    closeFile(file.fd);
  }
}
