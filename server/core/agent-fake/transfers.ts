import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { blockSumOf } from '#shared/block-sum.ts';
import { AppError } from '#shared/errors.ts';
import type { FileUpload } from '#shared/file-transfers.ts';
import type { FakeActions } from '../agent-fake.ts';
import type { Thing, Tree } from './folders.ts';

type TransferAction = Extract<keyof FakeActions, 'files.download' | 'files.tidy' | `files.upload_${string}`>;
type Ref = { readonly siteId: string };
type Kept = { readonly siteId: string; readonly upload: FileUpload; readonly pieces: Buffer[] };

type Parts = {
  readonly now: () => number;
  readonly treeOf: (site: Ref) => Tree;
  readonly free: (tree: Tree, path: string) => string;
  readonly toBin: (site: Ref, path: string, by: string) => void;
};

/** What was not sent is made up of these, as much as there shall be. */
const line = 'a line of text of a file that nobody sent to this panel: it is made up\n';
const lines = Buffer.alloc(line.length * 1_000, line);

const sha256Of = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

function* piecesOf({ content }: Thing, from: number, to: number): Generator<Buffer> {
  if (content !== undefined) return yield content.subarray(from, to);
  for (let at = from; at < to; ) {
    const start = at % lines.length;
    const piece = lines.subarray(start, Math.min(lines.length, start + to - at));
    yield piece;
    at += piece.length;
  }
}

export function contentOf(thing: Thing): Buffer {
  return Buffer.concat([...piecesOf(thing, 0, thing.content?.length ?? thing.sizeBytes)]);
}

export function beginningOf(thing: Thing, most: number): Buffer {
  return Buffer.concat([...piecesOf(thing, 0, Math.min(most, thing.content?.length ?? thing.sizeBytes))]);
}

export function etagOf({ content, sizeBytes }: Thing): string {
  return `"${createHash('sha256')
    .update(content ?? `made up ${sizeBytes}`)
    .digest('hex')
    .slice(0, 20)}"`;
}

/** Bytes of files in memory. A file whose name begins with `full` meets a full disk. */
export function createFakeTransfers({ now, treeOf, free, toBin }: Parts): Pick<FakeActions, TransferAction> {
  const uploads = new Map<string, Kept>();

  function get({ siteId }: Ref, uploadId: string): Kept {
    const kept = uploads.get(uploadId);
    if (kept?.siteId !== siteId)
      throw new AppError('not_found', 'There is no such upload.', { reason: 'file_upload_unknown' });
    return kept;
  }

  const shown = ({ upload, pieces }: Kept): FileUpload => ({
    ...upload,
    receivedBytes: pieces.reduce((sum, { length }) => sum + length, 0),
  });

  function check(site: Ref, path: string, onConflict: string): void {
    const present = treeOf(site).get(path);
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (present === undefined || onConflict === 'rename') return;
    if (onConflict === 'refuse' || present.type !== 'file')
      throw new AppError('already_exists', 'Taken.', { reason: 'file_exists', params: { name } });
  }

  function makeFolders(tree: Tree, path: string): void {
    const names = path.split('/').slice(0, -1);
    for (let depth = 1; depth <= names.length; depth++) {
      const folder = names.slice(0, depth).join('/');
      const modifiedAt = new Date(now()).toISOString();
      if (!tree.has(folder))
        tree.set(folder, {
          type: 'folder',
          sizeBytes: 0,
          mode: 0o755,
          owner: 'site-k3v7q2aa',
          modifiedAt,
          target: null,
        });
    }
  }

  return {
    async 'files.download'({ site, path, range, ifRange, withBytes }, { giveBytes }) {
      const file = treeOf(site).get(path);
      if (file?.type !== 'file')
        throw new AppError('not_found', 'There is no such file.', { reason: 'file_gone', params: { name: path } });
      const { modifiedAt, content } = file;
      const size = content?.length ?? file.sizeBytes;
      const etag = etagOf(file);
      let part: { from: number; bytes: number } | null = null;
      let isBeyond = false;
      if (range !== null && (ifRange === null || ifRange === etag)) {
        const from = 'suffix' in range ? Math.max(0, size - range.suffix) : range.first;
        const last = 'suffix' in range ? size - 1 : Math.min(range.last ?? size - 1, size - 1);
        isBeyond = from >= size;
        if (!isBeyond) part = { from, bytes: last - from + 1 };
      }
      const { from, bytes } = part ?? { from: 0, bytes: isBeyond ? 0 : size };
      if (withBytes && bytes > 0) giveBytes?.(Readable.from(piecesOf(file, from, from + bytes), { objectMode: false }));
      return { sizeBytes: size, etag, modifiedAt, part, isBeyond };
    },
    'files.tidy': async () => ({}),
    async 'files.upload_begin'({ site, uploadId, path, sizeBytes, onConflict }) {
      check(site, path, onConflict);
      const startedAt = new Date(now()).toISOString();
      const upload = { id: uploadId, path, sizeBytes, receivedBytes: 0, startedAt };
      uploads.set(uploadId, { siteId: site.siteId, upload, pieces: [] });
      return upload;
    },
    // Nothing of the fake lies on a disk.
    'files.upload_open': async ({ site, uploadId }) => ({ ...shown(get(site, uploadId)), writePath: null }),
    'files.upload_state': async ({ site, uploadId }) => shown(get(site, uploadId)),
    async 'files.upload_write'({ site, uploadId, offset, lengthBytes }, { bytes = Readable.from([]) }) {
      const kept = get(site, uploadId);
      const { receivedBytes, sizeBytes, path } = shown(kept);
      if (receivedBytes !== offset)
        throw new AppError('in_use', 'Another offset.', { reason: 'file_upload_offset', params: { receivedBytes } });
      if (offset + lengthBytes > sizeBytes)
        throw new AppError('too_large', 'Longer than announced.', {
          reason: 'file_upload_longer',
          params: { sizeBytes },
        });
      if (path.slice(path.lastIndexOf('/') + 1).startsWith('full')) {
        uploads.delete(uploadId);
        throw new AppError('internal', 'The disk is full; nothing was kept.', { reason: 'disk_full' });
      }
      try {
        for await (const piece of bytes as AsyncIterable<Buffer>) kept.pieces.push(piece);
      } catch {
        // Broken off: what came is kept.
      }
      return shown(kept);
    },
    async 'files.upload_finish'({ site, uploadId, sum, onConflict }, { actor }) {
      const kept = get(site, uploadId);
      const { receivedBytes, sizeBytes, path } = shown(kept);
      if (receivedBytes !== sizeBytes)
        throw new AppError('in_use', 'Not whole.', {
          reason: 'file_upload_not_whole',
          params: { receivedBytes, sizeBytes },
        });
      const content = Buffer.concat(kept.pieces);
      if (sum !== null && sum !== (sum.startsWith('gmac:') ? blockSumOf(content) : sha256Of(content))) {
        uploads.delete(uploadId);
        throw new AppError('invalid_request', 'Damaged.', { reason: 'file_upload_damaged' });
      }
      check(site, path, onConflict);
      uploads.delete(uploadId);
      const tree = treeOf(site);
      makeFolders(tree, path);
      if (onConflict === 'replace' && tree.has(path)) toBin(site, path, actor.name);
      const to = free(tree, path);
      const modifiedAt = new Date(now()).toISOString();
      tree.set(to, { type: 'file', sizeBytes, mode: 0o644, owner: 'site-k3v7q2aa', modifiedAt, target: null, content });
      return { path: to };
    },
    async 'files.upload_drop'({ uploadId }) {
      uploads.delete(uploadId);
      return {};
    },
  };
}
