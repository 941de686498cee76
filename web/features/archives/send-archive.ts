import { archivesApi, uploadChunkBytes, type ArchiveUpload } from '#shared/archives.ts';
import { call } from '../../api/client.ts';
import { ApiError } from '../../api/errors.ts';

/** Where a file goes: announced first, then piece by piece. */
export type SendTo = {
  readonly begin: (
    body: { readonly fileName: string; readonly sizeBytes: number },
    signal: AbortSignal,
  ) => Promise<ArchiveUpload>;
  readonly write: (
    uploadId: string,
    body: { readonly offset: number; readonly data: string },
    signal: AbortSignal,
  ) => Promise<ArchiveUpload>;
};

/** An archive for a site. */
export const archiveOf = (siteId: string): SendTo => ({
  begin: (body, signal) => call(archivesApi.begin, { params: { siteId }, body, signal }),
  write: (uploadId, body, signal) => call(archivesApi.write, { params: { siteId, uploadId }, body, signal }),
});

type Sending = {
  readonly to: SendTo;
  readonly file: File;
  /** One of the same file that did not come to its end. */
  readonly begun: ArchiveUpload | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (upload: ArchiveUpload) => void;
};

/** How often a piece is tried again while the panel cannot be reached; about two minutes in all. */
const mostTries = 12;
const longestWaitMs = 15_000;

/** Sends a file piece by piece and goes on where the server has it, also after the connection was lost. */
export async function sendArchive({ to, file, begun, signal, onProgress }: Sending): Promise<ArchiveUpload> {
  const body = { fileName: file.name.slice(-200), sizeBytes: file.size };
  let upload = begun ?? (await to.begin(body, signal));
  onProgress(upload);
  let tries = 0;
  while (upload.receivedBytes < upload.sizeBytes) {
    const offset = upload.receivedBytes;
    const data = await base64Of(file.slice(offset, offset + uploadChunkBytes));
    try {
      upload = await to.write(upload.id, { offset, data }, signal);
      tries = 0;
      onProgress(upload);
    } catch (error) {
      const receivedBytes = error instanceof ApiError ? error.params['receivedBytes'] : undefined;
      if (typeof receivedBytes === 'number' && receivedBytes !== offset) upload = { ...upload, receivedBytes };
      else if (!isPassing(error) || tries >= mostTries || signal.aborted) throw error;
      await pause(Math.min(longestWaitMs, 500 * 2 ** tries), signal);
      tries++;
    }
  }
  return upload;
}

/** What may be over in a moment: no connection, a panel or an agent that starts anew. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return ['offline', 'agent_unavailable', 'timeout', 'busy', 'rate_limited'].includes(error.code);
}

async function base64Of(piece: Blob): Promise<string> {
  return await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => {
      const url = typeof reader.result === 'string' ? reader.result : '';
      resolve(url.slice(url.indexOf(',') + 1));
    });
    reader.addEventListener('error', () => reject(reader.error ?? new Error('the file cannot be read')));
    reader.readAsDataURL(piece);
  });
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
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
