import { Readable } from 'node:stream';
import type { Context } from '../../context.ts';
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

/** RFC 6266: a plain name for old clients, the real one percent-encoded. Nothing in a name can end the header. */
export function contentDisposition(fileName: string): string {
  const name = fileName.toWellFormed();
  const plain = name.replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(0, 150);
  const encoded = encodeURIComponent(name).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${plain === '' ? 'file' : plain}"; filename*=UTF-8''${encoded === '' ? 'file' : encoded}`;
}
