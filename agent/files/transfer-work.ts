import type { Duplex, Readable } from 'node:stream';
import type { FileVersion } from '#shared/file-editing.ts';
import type { FileUpload, UploadConflict } from '#shared/file-transfers.ts';
import { openFile, type DownloadWish, type FileFacts } from './download.ts';
import { saveFile, type Saved, type SaveWish } from './editing.ts';
import { createFrameReader, sendFrames, type FrameReader } from './frames.ts';
import type { ArchiveFacts, StreamWish } from './packing.ts';
import { createUploads, type Uploads } from './uploads.ts';
import { listVersions, openVersion } from './versions.ts';

type Id = { readonly uploadId: string };
/** Number of the way that the bytes take. */
type Way = { readonly way: number };

/** What moves bytes below one folder. Plain data in and out, the bytes on a way of their own. */
export type TransferWork = {
  download(wish: DownloadWish & Way): Promise<FileFacts & { readonly hasBytes: boolean }>;
  archive(
    wish: StreamWish & Way & { readonly withBytes: boolean },
  ): Promise<ArchiveFacts & { readonly hasBytes: boolean }>;
  stopDownload(wish: Way): Promise<Record<never, never>>;
  uploadBegin(
    wish: Id & { readonly path: string; readonly sizeBytes: number; readonly onConflict: UploadConflict },
  ): Promise<FileUpload>;
  uploadState(wish: Parameters<Uploads['state']>[0]): Promise<FileUpload>;
  uploadWrite(wish: Id & Way & { readonly offset: number; readonly lengthBytes: number }): Promise<FileUpload>;
  uploadFinish(wish: Parameters<Uploads['finish']>[0]): Promise<{ path: string }>;
  uploadDrop(wish: Id): Promise<Record<never, never>>;
  save(wish: SaveWish & Way): Promise<Saved>;
  versions(wish: { readonly path: string }): Promise<{ items: FileVersion[] }>;
  version(
    wish: Way & { readonly path: string; readonly versionId: string },
  ): Promise<{ readonly sizeBytes: number; readonly hasBytes: boolean }>;
  tidy(): Promise<Record<never, never>>;
};

export function createTransferWork(root: number, wayOf: (number: number) => Duplex): TransferWork {
  const uploads = createUploads(root);
  const draining = new Map<number, Promise<void>>();
  const sending = new Map<number, AbortController>();

  /** Not waited for: the answer goes first, the bytes while it is read. */
  function give(way: number, stream: Readable, bytes?: number): void {
    const stop = new AbortController();
    sending.set(way, stop);
    void sendFrames(wayOf(way), stream, {
      signal: stop.signal,
      ...(bytes === undefined ? {} : { expected: bytes }),
    }).finally(() => {
      stream.destroy();
      if (sending.get(way) === stop) sending.delete(way);
    });
  }

  async function take<T>(way: number, use: (reader: FrameReader) => Promise<T>): Promise<T> {
    const reader = createFrameReader(wayOf(way));
    await draining.get(way);
    try {
      return await use(reader);
    } finally {
      // What is on the way when it was refused, or given up. The next one on this way comes after it.
      draining.set(way, reader.drain());
    }
  }

  return {
    async download({ way, ...wish }) {
      const { facts, bytes, stream } = await openFile(root, wish);
      if (stream !== null) give(way, stream, bytes);
      return { ...facts, hasBytes: stream !== null };
    },
    async archive({ way, withBytes, ...wish }) {
      const { streamArchive } = await import('./packing.ts');
      const { createProgress } = await import('./work.ts');
      const stop = new AbortController();
      const { facts, stream } = await streamArchive(root, wish, createProgress(stop.signal));
      // Also when whoever reads it goes away: files are no longer packed for nobody.
      stream.once('close', () => stop.abort());
      if (withBytes) give(way, stream);
      else stream.destroy();
      return { ...facts, hasBytes: withBytes };
    },
    async stopDownload({ way }) {
      sending.get(way)?.abort();
      return {};
    },
    uploadBegin: async (wish) => await uploads.begin(wish),
    uploadState: async (wish) => await uploads.state(wish),
    uploadWrite: async ({ way, ...wish }) => await take(way, async (reader) => await uploads.write(wish, reader)),
    uploadFinish: async (wish) => await uploads.finish(wish),
    async uploadDrop(wish) {
      await uploads.drop(wish);
      return {};
    },
    save: async ({ way, ...wish }) => await take(way, async (reader) => await saveFile(root, wish, reader)),
    versions: async ({ path }) => ({ items: await listVersions(root, path) }),
    async version({ way, path, versionId }) {
      const { bytes, stream } = await openVersion(root, path, versionId);
      if (stream !== null) give(way, stream, bytes);
      return { sizeBytes: bytes, hasBytes: stream !== null };
    },
    async tidy() {
      await uploads.tidy();
      return {};
    },
  };
}
