import type { Duplex } from 'node:stream';
import type { FileUpload, UploadConflict } from '#shared/file-transfers.ts';
import { openFile, type DownloadWish, type FileFacts } from './download.ts';
import { createFrameReader, sendFrames } from './frames.ts';
import { createUploads } from './uploads.ts';

type Id = { readonly uploadId: string };
/** Number of the way that the bytes take. */
type Way = { readonly way: number };

/** What moves bytes below one folder. Plain data in and out, the bytes on a way of their own. */
export type TransferWork = {
  download(wish: DownloadWish & Way): Promise<FileFacts & { readonly hasBytes: boolean }>;
  stopDownload(wish: Way): Promise<Record<never, never>>;
  uploadBegin(
    wish: Id & { readonly path: string; readonly sizeBytes: number; readonly onConflict: UploadConflict },
  ): Promise<FileUpload>;
  uploadState(wish: Id): Promise<FileUpload>;
  uploadWrite(wish: Id & Way & { readonly offset: number; readonly lengthBytes: number }): Promise<FileUpload>;
  uploadFinish(
    wish: Id & { readonly sha256: string; readonly onConflict: UploadConflict; readonly by: string },
  ): Promise<{ path: string }>;
  uploadDrop(wish: Id): Promise<Record<never, never>>;
  tidy(): Promise<Record<never, never>>;
};

export function createTransferWork(root: number, wayOf: (number: number) => Duplex): TransferWork {
  const uploads = createUploads(root);
  const draining = new Map<number, Promise<void>>();
  const sending = new Map<number, AbortController>();

  return {
    async download({ way, ...wish }) {
      const { facts, bytes, stream } = await openFile(root, wish);
      if (stream === null) return { ...facts, hasBytes: false };
      const stop = new AbortController();
      sending.set(way, stop);
      // Not waited for: the answer goes first, the bytes while it is read.
      void sendFrames(wayOf(way), stream, { signal: stop.signal, expected: bytes }).finally(() => {
        stream.destroy();
        if (sending.get(way) === stop) sending.delete(way);
      });
      return { ...facts, hasBytes: true };
    },
    async stopDownload({ way }) {
      sending.get(way)?.abort();
      return {};
    },
    uploadBegin: async (wish) => await uploads.begin(wish),
    uploadState: async (wish) => await uploads.state(wish),
    async uploadWrite({ way, ...wish }) {
      const reader = createFrameReader(wayOf(way));
      await draining.get(way);
      try {
        return await uploads.write(wish, reader);
      } finally {
        // What is on the way when it was refused, or given up. The next one on this way comes after it.
        draining.set(way, reader.drain());
      }
    },
    uploadFinish: async (wish) => await uploads.finish(wish),
    async uploadDrop(wish) {
      await uploads.drop(wish);
      return {};
    },
    async tidy() {
      await uploads.tidy();
      return {};
    },
  };
}
