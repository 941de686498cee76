import { zstdDecompressSync } from 'node:zlib';
import { foreignLimits } from '../archives/limits.ts';
import { followZstdFrame } from '../archives/zstd-frame.ts';

/**
 * The first frame of what node's compressor puts out. When its last chunk is still on the way as its end is asked for, or
 * the end just fills its buffer, node asks zstd for the end once more and gets an empty frame besides: harmless to most, and
 * refused where archives of strangers are read.
 */
export async function* oneFrame(compressed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const frame = followZstdFrame(foreignLimits.decoderMemoryBytes);
  const behind: Buffer[] = [];
  for await (const chunk of compressed) {
    const length = behind.length > 0 ? 0 : frame.feed(chunk);
    if (length > 0) yield chunk.subarray(0, length);
    if (length < chunk.length) behind.push(chunk.subarray(length));
  }
  frame.finish();
  if (behind.length > 0 && zstdDecompressSync(Buffer.concat(behind)).length > 0)
    throw new Error('the compressor began a second frame');
}
