import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { oneFrame } from './one-frame.ts';

const magic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

function framesIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + 1)) count += 1;
  return count;
}

async function gather(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const found: Buffer[] = [];
  for await (const chunk of chunks) found.push(chunk);
  return Buffer.concat(found);
}

/** As a pipe feeds it, in pieces of ten kibibytes. */
async function compressed(data: Buffer, through: (chunks: AsyncIterable<Buffer>) => AsyncIterable<Buffer>) {
  const compress = createZstdCompress();
  const fed = function* (): Generator<Buffer> {
    for (let at = 0; at < data.length; at += 10_240) yield data.subarray(at, at + 10_240);
  };
  const [found] = await Promise.all([gather(through(compress)), pipeline(Readable.from(fed()), compress)]);
  return found;
}

it('what node’s compressor puts out is one frame, however its end falls', async () => {
  let more = 0;
  // One of them fills the last buffer of the compressor to the byte.
  for (let length = 16_340; length < 16_400; length += 1) {
    const data = randomBytes(length);
    const packed = await compressed(data, oneFrame);
    expect(framesIn(packed), String(length)).toBe(1);
    expect(zstdDecompressSync(packed).equals(data), String(length)).toBe(true);
    more += framesIn(await compressed(data, (chunks) => chunks)) - 1;
  }
  // Node 26.10 puts out more than one for nearly all of them: without that nothing here would have been tried.
  expect(more).toBeGreaterThan(0);
});

it('a second frame with something in it is an error, and one that is cut off too', async () => {
  const frame = zstdCompressSync(Buffer.from('one'));
  await expect(gather(oneFrame(Readable.from([frame, zstdCompressSync(Buffer.from('two'))])))).rejects.toThrow(
    'a second frame',
  );
  await expect(gather(oneFrame(Readable.from([frame.subarray(0, -1)])))).rejects.toThrow('ends too early');
});
