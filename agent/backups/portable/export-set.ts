import {
  constants,
  createReadStream,
  createWriteStream,
  fsyncSync,
  openSync,
  closeSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants as zlib, createZstdCompress } from 'node:zlib';
import { AppError } from '#shared/errors.ts';
import { look, openFolder } from '../../core/files.ts';
import { encodeSigned, type Ring } from '../keys.ts';
import { wrapRing } from '../recovery-key.ts';
import { checkSpace } from '../restore/places.ts';
import type { OpenSet } from '../restore/seam.ts';
import { fileHeader, paddingOf, tarEnd } from '../restore/tar-headers.ts';
import { checkFolder } from '../sources/protected.ts';
import type { BackupWork } from '../work.ts';
import { newHead, seal } from './envelope.ts';

/*
 * One file that holds a whole set: tar, compressed, sealed under the recovery key (envelope.ts). In it, in this order:
 *
 *   manifest.json · keyring.json (wrapped by the recovery key, for the signature) · members/<part>.ndjson …
 *   parts/<part>/<piece> …   the tar of a tree or the dump, in pieces, so that nothing has to be stored to know its size
 */

const pieceBytes = 4 * 1024 * 1024;

export type ExportOptions = { readonly targetPaths: readonly string[] };

/** Writes the set into a new file (0600). Throws `backup_key_missing` without a recovery key; nothing stays of a failure. */
export async function exportSet(
  work: BackupWork,
  set: OpenSet,
  ring: Ring,
  path: string,
  { targetPaths }: ExportOptions,
): Promise<void> {
  if (ring.recovery === null)
    throw new AppError('not_allowed', 'An export needs a recovery key.', { reason: 'backup_recovery_missing' });
  checkFolder({ ...work, targets: targetPaths }, path);
  const to = work.prefix + path;
  if (look(to).type !== 'missing')
    throw new AppError('already_exists', 'This exists already.', { reason: 'backup_aside_exists', params: { path } });
  const bytes = set.manifest.parts.reduce((sum, part) => sum + part.bytes, 0);
  checkSpace(dirname(to), Math.ceil(bytes * 1.1));
  const head = newHead({
    setId: set.manifest.setId,
    createdAt: new Date(work.now()).toISOString(),
    recoveryKeyId: ring.recovery.keyId,
  });
  const wrap = Buffer.from(ring.recovery.wrap, 'base64');
  const parent = openFolder(dirname(to));
  const part = `/proc/self/fd/${parent}/.${basename(to)}.part`;
  try {
    rmSync(part, { force: true });
    const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
    const fd = openSync(part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    const compress = createZstdCompress({ params: { [zlib.ZSTD_c_compressionLevel]: 3 } });
    const output = createWriteStream('', { fd, autoClose: false });
    try {
      // Two pipes: a generator between streams cannot be left open by the failure of one.
      const sealing = pipeline(Readable.from(seal(wrap, head, compress)), output, { signal: work.signal });
      await Promise.all([
        pipeline(Readable.from(archive(work, set, ring, bytes)), compress, { signal: work.signal }),
        sealing,
      ]);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(part, `/proc/self/fd/${parent}/${basename(to)}`);
    fsyncSync(parent);
    work.report({ what: 'created', subject: path, reason: 'exported', params: { bytes } });
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  } finally {
    closeSync(parent);
  }
}

async function* archive(work: BackupWork, set: OpenSet, ring: Ring, total: number): AsyncGenerator<Buffer> {
  yield* whole('manifest.json', encodeSigned(set.signed));
  yield* whole('keyring.json', wrapRing(ring));
  const { parts } = set.manifest;
  for (const [index, part] of parts.entries())
    if (part.kind === 'tree')
      yield* pieces(`members/${index}`, createReadStream(await set.membersOf(part), { highWaterMark: 256 * 1024 }));
  let done = 0;
  for (const [index, part] of parts.entries()) {
    const stream =
      part.kind === 'tree'
        ? set.repository.readTar(part.snapshot)
        : set.repository.readFile(part.snapshot, part.fileName);
    for await (const block of pieces(`parts/${index}`, stream)) {
      done += block.length;
      work.phase('exporting', total === 0 ? 0 : Math.min(100, (done / total) * 100));
      yield block;
    }
  }
  yield tarEnd;
}

function* whole(name: string, bytes: Buffer): Generator<Buffer> {
  yield fileHeader(name, bytes.length);
  yield bytes;
  yield paddingOf(bytes.length);
}

async function* pieces(name: string, stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let number = 0;
  let waiting: Buffer[] = [];
  let size = 0;
  const flush = function* (): Generator<Buffer> {
    yield* whole(`${name}/${String(number++).padStart(8, '0')}`, Buffer.concat(waiting));
    waiting = [];
    size = 0;
  };
  for await (const chunk of stream) {
    waiting.push(chunk);
    size += chunk.length;
    if (size >= pieceBytes) yield* flush();
  }
  // Also an empty one: its name says that the part is whole.
  yield* flush();
}
