import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What comes out of a compressor into which `pieces` go. Throws what goes wrong on either side. */
export async function* through(
  pieces: AsyncIterable<Buffer>,
  compressor: Transform,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const sent = pipeline(Readable.from(pieces, { highWaterMark: 4 }), compressor, { signal });
  // It is thrown below; until then somebody must have asked for it.
  sent.catch(() => undefined);
  yield* compressor as AsyncIterable<Buffer>;
  await sent;
}
