import { queryOptions } from '@tanstack/react-query';
import type { FileEntry } from '#shared/files.ts';
import { readRange } from './file-content.ts';
import { imageSize } from './image-size.ts';

/** Larger ones are shown by their icon: nobody waits for megabytes to see a list. */
const mostBytes = 1_000_000;
const mostPixels = 16_000_000;
/** In pixels of a screen that has two for each. */
const most = { width: 256, height: 152 };
/** What is only scrolled past is not asked for. */
const patienceMs = 150;
const atOnce = 3;

/** Of what a browser draws; its ending says so, and its first bytes must too. */
export function mayHaveThumbnail({ name, type, sizeBytes }: FileEntry): boolean {
  return type === 'file' && sizeBytes > 0 && sizeBytes <= mostBytes && /\.(?:gif|jpe?g|png|webp)$/i.test(name);
}

/** The picture of a file, small. It is drawn from its bytes: nothing of it is ever loaded as a page or a script. */
export function thumbnailQuery(siteId: string, path: string, { sizeBytes, modifiedAt }: FileEntry) {
  return queryOptions({
    queryKey: ['site', siteId, 'file-thumbnail', path, sizeBytes, modifiedAt],
    queryFn: async ({ signal }) => {
      await new Promise((resolve) => setTimeout(resolve, patienceMs));
      return await inTurn(signal, () => thumbnailOf({ siteId, path }, signal));
    },
    staleTime: Infinity,
    gcTime: 60_000,
    retry: false,
    structuralSharing: false,
  });
}

async function thumbnailOf(
  place: { readonly siteId: string; readonly path: string },
  signal: AbortSignal,
): Promise<ImageBitmap> {
  const { bytes, sizeBytes } = await readRange(place, 0, mostBytes, signal);
  const size = imageSize(bytes);
  if (size === undefined || sizeBytes > bytes.length || size.width * size.height > mostPixels)
    throw new Error('no image that is shown small');
  const isWide = size.width * most.height > size.height * most.width;
  const isSmall = size.width <= most.width && size.height <= most.height;
  const options: ImageBitmapOptions = isSmall
    ? {}
    : { resizeQuality: 'medium', ...(isWide ? { resizeWidth: most.width } : { resizeHeight: most.height }) };
  return await createImageBitmap(new Blob([bytes]), options);
}

let running = 0;
const waiting: (() => void)[] = [];

/** A few at a time: the list itself must not wait for them. */
async function inTurn<T>(signal: AbortSignal, act: () => Promise<T>): Promise<T> {
  while (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
  running++;
  try {
    // Scrolled away meanwhile.
    signal.throwIfAborted();
    return await act();
  } finally {
    running--;
    waiting.shift()?.();
  }
}
