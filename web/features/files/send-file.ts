import { maxUploadPieceBytes, type FileUpload, type UploadConflict } from '#shared/file-transfers.ts';
import { filesApi } from '#shared/files.ts';
import { asSignedIn, call, errorOf, urlOf } from '../../api/client.ts';
import { ApiError } from '../../api/errors.ts';
import { blockSumOf } from './block-sum.ts';

export type Sending = {
  readonly siteId: string;
  readonly file: File;
  readonly path: string;
  readonly onConflict: UploadConflict;
  readonly signal: AbortSignal;
  /** Of an earlier try. */
  readonly uploadId: string | undefined;
  readonly onBegun: (uploadId: string) => void;
  readonly onProgress: (sentBytes: number) => void;
  /** The connection is lost and tried again. */
  readonly onBreak: (isBroken: boolean) => void;
  readonly onCheck: () => void;
};

const firstPieceBytes = 4 * 1024 ** 2;
/** What a proxy in between may take at least. */
const leastPieceBytes = 512 * 1024;
/** A piece shall take about so long: the panel takes none that is longer than a minute on its way. */
const pieceMs = 4_000;
/** How often it is tried again while the panel cannot be reached; about five minutes in all. */
const mostTries = 24;
const longestWaitMs = 15_000;

/** Sends a file and answers where it is now. Throws ApiError, and the signal's reason when it is stopped. */
export async function sendFile(sending: Sending): Promise<string> {
  const { siteId, file, path, onConflict, signal } = sending;
  const sum = blockSumOf(file, signal);
  // Looked at when it is needed.
  sum.catch(() => undefined);
  const upload = await begun(sending);
  sending.onBegun(upload.id);
  sending.onProgress(upload.receivedBytes);
  const params = { siteId, uploadId: upload.id };
  let offset = upload.receivedBytes;
  let pieceBytes = firstPieceBytes;
  while (offset < file.size) {
    const startedAt = performance.now();
    const piece = file.slice(offset, offset + pieceBytes);
    try {
      const url = urlOf(filesApi.writeUpload, { params, query: { offset } });
      const received = await asSignedIn(() => put(url, piece, signal, (sent) => sending.onProgress(offset + sent)));
      offset = received.receivedBytes;
      pieceBytes = nextSize(pieceBytes, performance.now() - startedAt);
    } catch (error) {
      if (error instanceof ApiError && error.code === 'too_large' && error.reason === undefined) {
        // A proxy that takes less.
        if (pieceBytes <= leastPieceBytes) throw error;
        pieceBytes = Math.max(leastPieceBytes, pieceBytes / 2);
        continue;
      }
      const isElsewhere = error instanceof ApiError && error.reason === 'file_upload_offset';
      if (!isElsewhere && !isPassing(error)) throw error;
      pieceBytes = Math.max(leastPieceBytes, Math.min(pieceBytes, firstPieceBytes) / 2);
      offset = (await again(sending, async () => await call(filesApi.upload, { params, signal }))).receivedBytes;
    }
    sending.onProgress(offset);
  }
  sending.onCheck();
  const body = { sum: await sum, onConflict };
  return (await again(sending, async () => await call(filesApi.finishUpload, { params, body, signal }))).path;

  async function begun({ uploadId }: Sending): Promise<FileUpload> {
    const before = uploadId === undefined ? undefined : { siteId, uploadId };
    return await again(sending, async () => {
      if (before !== undefined) return await call(filesApi.upload, { params: before, signal });
      const body = { path, sizeBytes: file.size, onConflict };
      return await call(filesApi.beginUpload, { params: { siteId }, body, signal });
    });
  }
}

/** Tries until the panel answers. */
async function again<T>({ signal, onBreak }: Sending, work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++)
    try {
      const result = await work();
      if (tries > 0) onBreak(false);
      return result;
    } catch (error) {
      if (!isPassing(error) || tries >= mostTries || signal.aborted) throw error;
      onBreak(true);
      await pause(Math.min(longestWaitMs, 500 * 2 ** tries), signal);
    }
}

function nextSize(bytes: number, tookMs: number): number {
  const wanted = (bytes * pieceMs) / Math.max(50, tookMs);
  return Math.round(Math.min(maxUploadPieceBytes, bytes * 2, Math.max(leastPieceBytes, wanted)));
}

/** What may be over in a moment: no connection, a panel or an agent that starts anew. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  if (error.reason === 'files_failed' || error.reason === 'file_upload_twice') return true;
  return ['offline', 'agent_unavailable', 'timeout', 'busy', 'rate_limited'].includes(error.code);
}

/** `fetch` does not say how much of a body has gone. */
async function put(
  url: string,
  piece: Blob,
  signal: AbortSignal,
  onSent: (bytes: number) => void,
): Promise<FileUpload> {
  signal.throwIfAborted();
  const request = new XMLHttpRequest();
  const onAbort = (): void => request.abort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await new Promise<FileUpload>((resolve, reject) => {
      request.open('PUT', url);
      request.setRequestHeader('content-type', 'application/octet-stream');
      request.setRequestHeader('accept', 'application/json');
      request.setRequestHeader('x-aapanel', '1');
      request.upload.addEventListener('progress', ({ loaded }) => onSent(Math.min(loaded, piece.size)));
      request.addEventListener('load', () => {
        if (request.status === 200) return resolve(JSON.parse(request.responseText) as FileUpload);
        const response = new Response(request.responseText, { status: request.status });
        if (request.status === 413 && !request.responseText.startsWith('{'))
          return reject(new ApiError({ code: 'too_large' }));
        void errorOf(response).then(reject);
      });
      request.addEventListener('error', () => reject(new ApiError({ code: 'offline' })));
      request.addEventListener('timeout', () => reject(new ApiError({ code: 'offline' })));
      request.addEventListener('abort', () => reject(signal.reason as Error));
      request.send(piece);
    });
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    window.addEventListener('online', () => resolve(), { once: true, signal });
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
  signal.throwIfAborted();
}
