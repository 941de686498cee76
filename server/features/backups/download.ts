import { Readable } from 'node:stream';
import type { Context } from '../../context.ts';
import { contentDisposition } from '../../core/content-disposition.ts';
import { ask, type Asking } from './backups.logic.ts';

/** The file that a `fetch` run brought, read piece by piece. What is wrong at the beginning is thrown, not streamed. */
export async function openDownload(
  ctx: Pick<Context, 'agent'>,
  asking: Asking,
  runId: string,
): Promise<{ headers: Record<string, string>; stream: Readable }> {
  const read = (offset: number) => ask(ctx, asking, 'backups.read_download', { runId, offset });
  const first = await read(0);

  async function* pieces(): AsyncGenerator<Buffer> {
    let piece = first;
    let offset = 0;
    for (;;) {
      const bytes = Buffer.from(piece.base64, 'base64');
      offset += bytes.length;
      if (bytes.length > 0) yield bytes;
      if (piece.isEnd) return;
      if (bytes.length === 0) throw new Error('the agent gave an empty piece before the end of a download');
      piece = await read(offset);
    }
  }

  return {
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': String(first.bytes),
      'content-disposition': contentDisposition(first.fileName),
      'cache-control': 'private, no-store',
    },
    stream: Readable.from(pieces(), { objectMode: false }),
  };
}
