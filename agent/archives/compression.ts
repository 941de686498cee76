import { pipeline, Readable } from 'node:stream';
import { constants, crc32, createInflateRaw, createZstdDecompress } from 'node:zlib';
import { ArchiveError } from './archive-error.ts';
import { ByteSource } from './byte-source.ts';
import type { ExtractLimits } from './limits.ts';
import { followZstdFrame } from './zstd-frame.ts';

/*
 * The layer under a tar: plain, gzip or Zstandard, told by its first bytes. One member, one frame, and nothing behind it:
 * what another program would unpack differently is refused.
 */

export type Container = 'tar' | 'gzip' | 'zstd' | 'zip';

const outputChunk = 256 * 1024;

/** What the first bytes of a stream say it is. Throws for compressions that are not taken. */
export async function detectContainer(source: ByteSource): Promise<Container> {
  const head = await source.peek(8);
  if (head.length === 0) throw new ArchiveError('damaged', 'The archive is empty.');
  const starts = (...bytes: number[]): boolean => bytes.every((each, at) => head[at] === each);
  if (starts(0x1f, 0x8b)) return 'gzip';
  if (starts(0x28, 0xb5, 0x2f, 0xfd)) return 'zstd';
  // Also an empty one (end record first) and a spanned one, which the reader refuses.
  if (starts(0x50, 0x4b, 3, 4) || starts(0x50, 0x4b, 5, 6) || starts(0x50, 0x4b, 7, 8)) return 'zip';
  const isSkippable = head.length >= 4 && (head.readUInt32LE(0) & 0xfffffff0) >>> 0 === 0x184d2a50;
  const isOther =
    isSkippable || starts(0x42, 0x5a, 0x68) || starts(0xfd, 0x37, 0x7a, 0x58, 0x5a) || starts(0x37, 0x7a, 0xbc, 0xaf);
  if (isOther) throw new ArchiveError('compression', 'Only gzip and Zstandard are taken as compression.');
  return 'tar';
}

/** The unpacked bytes, limited in total and in ratio while they come. */
export async function* unpack(
  source: ByteSource,
  container: Exclude<Container, 'zip'>,
  limits: ExtractLimits,
): AsyncGenerator<Buffer> {
  const chunks =
    container === 'gzip'
      ? gunzip(source)
      : container === 'zstd'
        ? unzstd(source, limits.decoderMemoryBytes)
        : source.rest();
  let unpacked = 0;
  for await (const chunk of chunks) {
    unpacked += chunk.length;
    if (unpacked > limits.totalBytes) throw new ArchiveError('resources', 'The archive is too large once unpacked.');
    if (container !== 'tar') checkRatio(unpacked, source.position, limits);
    yield chunk;
  }
}

/** Throws when so much came out of so little. */
export function checkRatio(unpacked: number, packed: number, limits: ExtractLimits): void {
  if (unpacked > limits.ratioFreeBytes && unpacked - limits.ratioFreeBytes > packed * limits.ratio)
    throw new ArchiveError('resources', 'The archive unpacks to far more than its own size.');
}

async function* unzstd(source: ByteSource, maxWindowBytes: number): AsyncGenerator<Buffer> {
  const follower = followZstdFrame(maxWindowBytes);
  const followed = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of source.rest()) {
      if (follower.feed(chunk) < chunk.length)
        throw new ArchiveError('compression', 'Something follows the compressed stream.');
      yield chunk;
    }
    follower.finish();
  };
  const windowLog = Math.floor(Math.log2(maxWindowBytes));
  const decoder = createZstdDecompress({
    chunkSize: outputChunk,
    params: { [constants.ZSTD_d_windowLogMax]: windowLog },
  });
  pipeline(Readable.from(followed(), { objectMode: false, highWaterMark: outputChunk }), decoder, () => undefined);
  yield* decoded(decoder);
}

async function* decoded(decoder: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of decoder) yield chunk;
  } catch (error) {
    throw isZlibError(error) ? new ArchiveError('damaged', 'The compressed stream is damaged.', '', error) : error;
  }
}

function isZlibError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(Z_|ZSTD_|ERR_ZLIB|ERR_ZSTD)/.test(code);
}

async function* gunzip(source: ByteSource): AsyncGenerator<Buffer> {
  await skipGzipHeader(source);
  let crc = 0;
  let size = 0;
  for await (const chunk of inflateRaw(source)) {
    crc = crc32(chunk, crc);
    size += chunk.length;
    yield chunk;
  }
  const trailer = await source.exactly(8);
  if (trailer.readUInt32LE(0) !== crc || trailer.readUInt32LE(4) !== size % 2 ** 32)
    throw new ArchiveError('damaged', 'The checksum of the compressed stream is wrong.');
  if (await source.hasMore()) throw new ArchiveError('compression', 'Something follows the compressed stream.');
}

async function skipGzipHeader(source: ByteSource): Promise<void> {
  const header = await source.exactly(10);
  const flags = header[3] ?? 0;
  if (header[2] !== 8 || (flags & 0xe0) !== 0)
    throw new ArchiveError('compression', 'The compressed stream uses an unknown method or flag.');
  if ((flags & 4) !== 0) await source.exactly((await source.exactly(2)).readUInt16LE(0));
  if ((flags & 8) !== 0) await skipText(source);
  if ((flags & 16) !== 0) await skipText(source);
  if ((flags & 2) !== 0) await source.exactly(2);
}

async function skipText(source: ByteSource): Promise<void> {
  for (let count = 0; count < 4096; count++) if ((await source.exactly(1))[0] === 0) return;
  throw new ArchiveError('compression', 'A text in the header of the compressed stream is too long.');
}

/** Inflates one deflate stream and leaves the source right behind it. */
export async function* inflateRaw(source: ByteSource): AsyncGenerator<Buffer> {
  const decoder = createInflateRaw({ chunkSize: outputChunk });
  const ended = new Promise<void>((resolve) => {
    decoder.once('end', resolve);
    decoder.once('close', resolve);
  });
  const feed = async (): Promise<void> => {
    let fed = 0;
    for (;;) {
      const chunk = await source.some(outputChunk);
      if (chunk === undefined) {
        decoder.end();
        return;
      }
      fed += chunk.length;
      await Promise.race([ended, new Promise<void>((resolve) => void decoder.write(chunk, () => resolve()))]);
      if (decoder.destroyed || decoder.errored !== null) return;
      const untouched = fed - decoder.bytesWritten;
      if (untouched === 0) continue;
      source.putBack(chunk.subarray(chunk.length - untouched));
      return;
    }
  };
  const feeding = feed().catch((error: unknown) => void decoder.destroy(error instanceof Error ? error : undefined));
  try {
    yield* decoded(decoder);
  } finally {
    decoder.destroy();
    await feeding;
  }
}
