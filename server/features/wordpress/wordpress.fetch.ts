import { createHash, timingSafeEqual } from 'node:crypto';
import { uploadChunkBytes } from '#shared/archives.ts';
import { AppError } from '#shared/errors.ts';
import type { WordpressSource } from '#shared/wordpress.ts';
import type { Source } from '../../core/download.ts';

type Wanted = Extract<WordpressSource, { kind: 'download' }>;

/** The archive is about 30 MB. */
const maxBytes = 200 * 1024 * 1024;
const makers = 'wordpress.org';

export type Place = { readonly fileName: string; readonly url: string } & Pick<Source, 'isAllowedHost' | 'isOwn'>;

/** Where a release lies. `mirror`: set by the administrator in place of its makers. */
export function placeOf({ version, language }: Wanted, mirror: string | null): Place {
  const end = language === 'en' ? '' : `-${language}`;
  const fileName = version === 'latest' ? `latest${end}.tar.gz` : `wordpress-${version}${end}.tar.gz`;
  if (mirror !== null) {
    const { host } = new URL(mirror);
    return { fileName, url: `${mirror}/${fileName}`, isOwn: true, isAllowedHost: (asked) => asked === host };
  }
  const base = language === 'en' ? `https://${makers}` : `https://${language}.${makers}`;
  return {
    fileName,
    url: `${base}/${fileName}`,
    isOwn: false,
    isAllowedHost: (asked) => asked === makers || asked.endsWith(`.${makers}`),
  };
}

/** The sum that its makers tell of the release; also proves that they can be reached. */
export async function readSum(place: Place, signal: AbortSignal): Promise<string> {
  const { downloadText } = await import('../../core/download.ts');
  const text = await downloadText({ ...place, url: `${place.url}.sha1`, signal }, 1_024);
  const sum = /^\s*([0-9a-f]{40})\b/i.exec(text)?.[1];
  if (sum === undefined)
    throw new AppError('in_use', 'The sum of the release cannot be read.', { reason: 'wordpress_sum_unreadable' });
  return sum.toLowerCase();
}

export type Sink = {
  /** Called once, before the first piece. */
  readonly begin: (sizeBytes: number) => Promise<void>;
  readonly write: (offset: number, piece: Buffer) => Promise<void>;
};

/** Hands the release on piece by piece. Throws `wordpress_sum_differs` after the last one when it is another. */
export async function fetchRelease(place: Place, sum: string, sink: Sink, signal: AbortSignal): Promise<void> {
  const { openDownload } = await import('../../core/download.ts');
  const { stream, sizeBytes } = await openDownload({ ...place, signal });
  if (sizeBytes === null || sizeBytes === 0 || sizeBytes > maxBytes) {
    stream.destroy();
    throw new AppError('in_use', 'The release has an impossible size.', { reason: 'wordpress_size' });
  }
  await sink.begin(sizeBytes);
  const hash = createHash('sha1');
  let offset = 0;
  let rest = Buffer.alloc(0);
  const flush = async (isLast: boolean): Promise<void> => {
    while (rest.length >= uploadChunkBytes || (isLast && rest.length > 0)) {
      const piece = rest.subarray(0, uploadChunkBytes);
      await sink.write(offset, piece);
      offset += piece.length;
      rest = rest.subarray(piece.length);
    }
  };
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    hash.update(chunk);
    rest = Buffer.concat([rest, chunk]);
    if (offset + rest.length > sizeBytes) throw differs();
    await flush(false);
  }
  await flush(true);
  if (offset !== sizeBytes || !timingSafeEqual(hash.digest(), Buffer.from(sum, 'hex'))) throw differs();
}

function differs(): AppError {
  return new AppError('in_use', 'The release is not what its makers say.', { reason: 'wordpress_sum_differs' });
}
