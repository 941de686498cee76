import { Readable } from 'node:stream';
import type { Context } from '../../context.ts';
import type { Actor } from '../../core/actor.ts';

type Asking = { readonly actor: Actor; readonly requestId: string };
type Wanted = { readonly site: { readonly siteId: string; readonly slug: string }; readonly exportId: string };

export type Download = {
  readonly status: 200 | 206 | 416;
  readonly headers: Readonly<Record<string, string>>;
  readonly stream: Readable;
};

/** One range of bytes, as RFC 9110 writes it; undefined: all of it; null: none that the file has. */
export function readRange(header: string | undefined, size: number): { from: number; to: number } | null | undefined {
  const found = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  // Several ranges, other units and what is no range at all: the whole file, as the RFC allows.
  if (found === null || (found[1] === '' && found[2] === '')) return undefined;
  const [, first = '', last = ''] = found;
  if (first === '') return Number(last) === 0 ? null : { from: Math.max(0, size - Number(last)), to: size - 1 };
  const from = Number(first);
  const to = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < from) return undefined;
  return from >= size ? null : { from, to };
}

/** The file of an export, or a range of it, read piece by piece. What is wrong at the beginning is thrown, not streamed. */
export async function openExport(
  ctx: Pick<Context, 'agent'>,
  asking: Asking,
  wanted: Wanted,
  range: string | undefined,
): Promise<Download> {
  const read = (offset: number) => ctx.agent.call('site_files.read', { ...wanted, offset }, asking);
  const head = await read(0);
  const { sizeBytes } = head;
  const part = readRange(range, sizeBytes);
  const common = { 'accept-ranges': 'bytes', 'cache-control': 'private, no-store' };
  if (part === null)
    return {
      status: 416,
      headers: { ...common, 'content-range': `bytes */${sizeBytes}`, 'content-length': '0' },
      stream: Readable.from([]),
    };
  const { from, to } = part ?? { from: 0, to: sizeBytes - 1 };

  async function* pieces(): AsyncGenerator<Buffer> {
    for (let offset = from; offset <= to; ) {
      const { data } = offset === 0 ? head : await read(offset);
      const bytes = Buffer.from(data, 'base64').subarray(0, to - offset + 1);
      if (bytes.length === 0) throw new Error('the agent gave an empty piece before the end of a site file');
      offset += bytes.length;
      yield bytes;
    }
  }

  return {
    status: part === undefined ? 200 : 206,
    headers: {
      ...common,
      'content-type': 'application/x-tar',
      'content-length': String(to - from + 1),
      ...(part === undefined ? {} : { 'content-range': `bytes ${from}-${to}/${sizeBytes}` }),
      'content-disposition': `attachment; filename="${head.fileName.replaceAll(/[^A-Za-z0-9._-]/g, '_')}"`,
    },
    stream: Readable.from(pieces(), { objectMode: false }),
  };
}
